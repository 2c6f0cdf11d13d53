"""Published figures for a program: who gets in, what is told, how often, and that each answer is kept."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audits.models import Export
from audits.results import scorecard
from audits.results.exports import api
from audits.results.exports import rows as source
from audits.results.exports.card import scorecard_csv
from audits.results.months import SpanKind
from outlets.models import AccessToken, AccountEvent, User
from outlets.people import tokens
from tests import plans, published, worlds
from tests.access_table import EVERYBODY, FOREIGN, OF_UNITS, OWN, SIBLING
from tests.audits.results.exports.worlds import publish
from tests.kept import kept

pytestmark = pytest.mark.django_db


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


@kept
def figures(at, people):
    publish(at, people)


def key_of(user, name="Power BI"):
    return tokens.make(user=user, name=name, at=timezone.now())


def get(key, name="api_scorecard", unit=None, **query):
    address = reverse(f"audits:{name}", args=[unit.public_id] if unit else [], query=query)
    return Client().get(address, headers={"authorization": f"Bearer {key}"} if key else {})


@pytest.mark.parametrize("role", EVERYBODY)
def test_a_token_opens_what_its_owner_may_open_and_nothing_else(figures, at, people, role):
    key = key_of(people.all[role])
    units = {OWN: at.counter.unit, SIBLING: at.other_counter.unit, FOREIGN: at.far_counter.unit}
    for relation, unit in units.items():
        wanted = 403 if role not in OF_UNITS else 200 if relation in OF_UNITS[role] else 404
        for name in ("api_scorecard", "api_rows"):
            answer = get(key, name, unit)
            assert answer.status_code == wanted, (name, relation)
            assert answer["Content-Type"] == "application/json"
    assert get(key, "api_results").status_code == (200 if role in OF_UNITS else 403)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer smile_x", "Basic c21pbGU6eA==", "Token {key}", "{key}"]
)
def test_without_a_key_nothing_is_told_whoever_is_logged_in(client, figures, at, people, header):
    key = key_of(people.office)
    client.force_login(people.office)
    for name, arguments in (
        ("api_results", []),
        ("api_scorecard", [at.group.public_id]),
        ("api_rows", [at.group.public_id]),
    ):
        answer = client.get(
            reverse(f"audits:{name}", args=arguments), headers={"authorization": header.format(key=key)}
        )
        assert (answer.status_code, answer.json()) == (401, {"refused": "token"})
        assert answer["WWW-Authenticate"] == "Bearer"
    assert not Export.objects.exists()


def test_a_key_is_not_kept_and_its_token_says_when_it_was_used(figures, at, people):
    key = key_of(people.manager)
    token = AccessToken.objects.get()
    assert key not in str(vars(token))
    assert (token.used_at, len(token.key_hash)) == (None, 64)
    get(key, "api_results")
    token.refresh_from_db()
    assert timezone.now() - token.used_at < timedelta(minutes=1)


def test_rights_are_those_of_the_moment(figures, at, people):
    key = key_of(people.manager)
    assert get(key, unit=at.an_giang).status_code == 200
    people.manager.memberships.update(ended_at=timezone.now() + timedelta(days=365 * 9))
    assert get(key, unit=at.an_giang).status_code == 403


def test_a_revoked_key_and_one_of_a_disabled_account_open_nothing(figures, at, people):
    key, other = key_of(people.manager), key_of(people.observer)
    assert tokens.revoke(token=AccessToken.objects.get(user=people.manager), at=timezone.now())
    assert not tokens.revoke(token=AccessToken.objects.get(user=people.manager), at=timezone.now())
    User.objects.filter(pk=people.observer.pk).update(is_active=False)
    assert [get(each, unit=at.an_giang).status_code for each in (key, other)] == [401, 401]
    kinds = AccountEvent.objects.filter(user=people.manager).values_list("kind", flat=True)
    assert sorted(kinds) == ["token_ended", "token_made"]


def test_so_many_answers_a_minute_and_no_more(figures, at, people, monkeypatch):
    monkeypatch.setattr(api, "AT_MOST", 3)
    key, other = key_of(people.manager), key_of(people.manager, "Other")
    assert [get(key, unit=at.an_giang).status_code for _turn in range(4)] == [200, 200, 200, 429]
    refused = get(key, unit=at.an_giang)
    assert (refused["Retry-After"], refused.json()) == ("60", {"refused": "too_many"})
    assert get(other, unit=at.an_giang).status_code == 200
    Export.objects.update(begun_at=timezone.now() - api.A_MINUTE)
    assert get(key, unit=at.an_giang).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {"month": "2026-13"},
        {"month": "2024-01"},
        {"span": "week"},
        {"checklist": "XX"},
        {"tree": "once"},
        {"trend": "7"},
    ],
)
def test_what_is_not_there_is_refused_by_name_and_nothing_else_told_for_it(figures, at, people, query):
    """Whoever asks for one month after the other would store the latest again and again."""
    key = key_of(people.manager)
    for name in ("api_scorecard", "api_rows"):
        answer = get(key, name, at.an_giang, **query)
        assert (answer.status_code, answer.json()) == (400, {"refused": "not_there", "parameters": list(query)})
    assert get(key, "api_rows", at.an_giang, of="visits", months="all").json()["parameters"] == ["of", "months"]
    assert not Export.objects.exists()


def test_where_nothing_was_published_no_failures_are_counted_in_any_file(figures, at, people):
    """Nought would say that somebody looked."""
    november, other = date(2026, 11, 1), plans.checklist("KT")
    for number in range(3):
        shopper = people.shopper2 if number == 2 else people.shopper
        published.approved(at.counter, shopper, date(2026, 11, 5) + timedelta(days=number), of=other)
    published.closed(november)
    told = get(key_of(people.manager), unit=at.an_giang, span="month").json()["headlines"]
    names = ("checklist", "visits", "failures", "is_for_reference")
    assert [[each[name] for name in names] for each in told] == [["KT", 3, 0, True], ["TQ", 0, None, None]]
    card = scorecard.read(at.an_giang, november, kind=SpanKind.MONTH, top=at.group)
    lines = list(csv.reader(io.StringIO(scorecard_csv(card)[1:]), delimiter=";"))
    failures = lines[2].index("Số lần chưa đạt tiêu chí trọng yếu")
    assert {line[0]: line[failures] for line in lines[3:5]} == {"Bảng kiểm TQ": "", "Bảng kiểm KT": "0"}


def test_each_answer_is_kept(figures, at, people):
    key = key_of(people.manager)
    get(key, unit=at.an_giang, span="12-months", tree="then")
    get(key, "api_rows", at.an_giang, of="outlets", months="each")
    first, second = Export.objects.order_by("pk")
    assert (first.unit, first.made_by, first.format, first.token) == (
        at.an_giang,
        people.manager,
        "json",
        AccessToken.objects.get(),
    )
    assert (first.of, f"{first.first:%Y-%m}", first.as_then, first.state) == ("scorecard", "2025-11", True, "done")
    assert (second.of, second.by_month, second.state) == ("outlets", True, "done")


def test_nothing_can_be_changed_with_a_token(figures, at, people):
    key = key_of(people.manager)
    client = Client()
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(client, method)(
            reverse("audits:api_scorecard", args=[at.an_giang.public_id]), headers={"authorization": f"Bearer {key}"}
        )
        assert answer.status_code == 405
    assert client.get(reverse("home"), headers={"authorization": f"Bearer {key}"}).status_code == 302


def test_it_begins_with_the_units_of_the_owner(figures, at, people):
    begins = get(key_of(people.manager), "api_results").json()
    assert [each["code"] for each in begins["units"]] == ["AGG"]
    assert begins["months"] == ["2026-10", "2026-09"]
    assert [each["code"] for each in get(key_of(people.office), "api_results").json()["units"]] == ["VNPT"]
    assert get(key_of(people.observer), "api_results").status_code == 200


def test_outlets_come_in_pages_that_lead_on(figures, at, people, monkeypatch):
    monkeypatch.setattr(source, "TOGETHER", 1)
    key = key_of(people.office)
    whole, address, turns = [], reverse("audits:api_rows", args=[at.group.public_id]) + "?of=outlets&span=month", 0
    while address:
        told = Client().get(address, headers={"authorization": f"Bearer {key}"}).json()
        whole += told["rows"]
        address, turns = told["next"], turns + 1
    assert len({row["code"] for row in whole}) == turns > 2
    assert get(key, "api_rows", at.group, of="outlets", page="99999").json()["rows"] == []


@pytest.mark.parametrize(("name", "most"), [("api_scorecard", 25), ("api_rows", 31)])
def test_an_answer_takes_a_constant_number_of_queries(figures, at, people, name, most, django_assert_max_num_queries):
    key = key_of(people.office)
    for unit in (at.far_counter.unit, at.dong_da, at.group):
        for of in ("units", "outlets"):
            with django_assert_max_num_queries(most):
                assert get(key, name, unit, of=of, months="each", span="12-months").status_code == 200


def test_an_owner_makes_names_and_revokes_tokens_and_sees_the_key_once(client, figures, people):
    client.force_login(people.manager)
    made = client.post(reverse("outlets:token_list"), {"name": "Power BI"})
    key = made.context["key"]
    assert key.startswith("smile_")
    assert key in made.content.decode()
    assert get(key, "api_results").status_code == 200
    again = client.get(reverse("outlets:token_list"))
    assert key not in again.content.decode()
    assert "Power BI" in again.content.decode()
    assert client.post(reverse("outlets:token_list"), {"name": "Power BI"}).status_code == 422
    client.post(reverse("outlets:token_revoke", args=[AccessToken.objects.get().public_id]))
    assert get(key, "api_results").status_code == 401


def test_nobody_has_more_than_ten(people):
    for number in range(tokens.AT_MOST):
        key_of(people.manager, str(number))
    with pytest.raises(tokens.TooMany):
        key_of(people.manager)
