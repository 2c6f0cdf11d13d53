"""How criteria go: sums of what is published, and nothing concluded from few visits."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse

from audits.models import Answer, Checklist, Criterion
from audits.results import health
from outlets.models import Role
from tests import pages, plans, published, worlds
from tests.kept import kept

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


@kept
def october(at, people):
    for outlet in (at.counter, at.far_counter):
        for number, answers in enumerate(("yy", "ny", "ny")):
            shopper = people.shopper2 if number == 2 else people.shopper
            published.approved(outlet, shopper, date(2026, 10, 5) + timedelta(days=number), answers)
    published.closed(OCTOBER)


@pytest.fixture
def version(october):
    return Checklist.objects.get(code="TQ").versions.get()


def by_code(version):
    return {each.code: each for each in health.of_version(version, OCTOBER, OCTOBER)}


def test_shares_are_those_of_published_visits(version):
    found = by_code(version)
    assert (found["A1"].visits, found["A1"].met_share, found["A1"].na_share) == (6, 33, 0)
    assert (found["A2"].met_share, found["A2"].relation, found["A2"].reasons) == (100, None, ())
    assert found["A2"].is_few


def test_with_enough_visits_what_never_varies_is_named(version, monkeypatch):
    monkeypatch.setattr(health, "ENOUGH", 6)
    assert by_code(version)["A2"].hints == 1
    assert by_code(version)["A1"].hints == 0


def test_waived_photos_and_remarks_are_counted_where_a_photo_is_asked_for(version, monkeypatch):
    monkeypatch.setattr(health, "ENOUGH", 6)
    criterion = Criterion.objects.get(version=version, code="A1")
    Answer.objects.filter(criterion=criterion, visit__in=list(version.visits.all()[:3])).update(photo_waiver="Tối")
    found = by_code(version)["A1"]
    assert (found.waived, found.waived_share) == (3, None)
    asked = replace(found, criterion=replace(found.criterion, photo=Criterion.Photo.REQUIRED))
    assert asked.waived_share == 50


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([(number, number) for number in range(10)], 1.0),
        ([(number, -number) for number in range(10)], -1.0),
        ([(number, number) for number in range(9)], None),
        ([(1, number) for number in range(10)], None),
    ],
)
def test_a_relation_needs_outlets_that_differ(pairs, expected):
    found = health._correlation(pairs)
    assert found == (None if expected is None else pytest.approx(expected))


def test_the_page_says_few_and_takes_the_same_queries_for_any_number(client, version, django_assert_num_queries):
    client.force_login(worlds.user("bientap", Role.EDITOR))
    address = reverse("audits:version_health", args=[version.public_id])
    client.get(address)
    with django_assert_num_queries(9):
        shown = pages.words(client.get(address))
    assert "ít lượt" in shown
    assert "0/2 tiêu chí nên xem lại" in shown
    assert client.get(address, {"months": "x", "sort": "-met", "q": "tieu chi 1"}).context["listing"].total == 1


def test_before_the_first_closing_the_page_says_so(client, at):
    client.force_login(worlds.user("bientap", Role.EDITOR))
    version = plans.checklist().versions.get()
    shown = pages.words(client.get(reverse("audits:version_health", args=[version.public_id])))
    assert "tính từ các lượt đã công bố" in shown
