"""Many shoppers at once, against real server processes: 2 workers of 4 threads, as in production."""

import http.client
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test.client import Client
from django.urls import reverse

from audits.fieldwork.states import VisitState
from audits.models import Answer, Photo, Submission, Visit, VisitEvent
from outlets.models import Role, User
from tests import sheets, worlds
from tests.races import TIMES

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]

CLIENTS, EACH = 100, TIMES
TOKEN = "a" * 32


def headers_of(user) -> dict[str, str]:
    client = Client()
    client.force_login(user)
    cookies = {name: morsel.value for name, morsel in client.cookies.items()} | {"csrftoken": TOKEN}
    return {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "Content-Type": "application/x-www-form-urlencoded",
    }


def post(port: int, address: str, headers: dict[str, str], fields: dict[str, object]) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    body = urlencode({"csrfmiddlewaretoken": TOKEN, **fields})
    connection.request("POST", address, body, headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status, response.headers.get("Location", "")


@pytest.fixture
def places(transactional_db):
    return worlds.places()


def test_section_saves_by_100_clients_at_once_all_succeed(places, live_process):
    shoppers = [worlds.user(f"shopper{number}", Role.SHOPPER) for number in range(CLIENTS)]
    visits = [sheets.started(places.counter, shopper) for shopper in shoppers]

    def save_all(number: int) -> list[int]:
        address = reverse("audits:section_edit", kwargs={"visit_id": visits[number].public_id, "section": "A"})
        headers = headers_by_client[number]
        return [
            post(
                live_process.port,
                address,
                headers,
                {"TK-A1": "yes" if turn % 2 else "no", "TK-A1-note": f"Lần {turn}", "TK-A1-seen": turn},
            )[0]
            for turn in range(EACH)
        ]

    headers_by_client = [headers_of(shopper) for shopper in shoppers]
    with ThreadPoolExecutor(CLIENTS) as pool:
        statuses = Counter(status for each in pool.map(save_all, range(CLIENTS)) for status in each)
    assert statuses == {302: CLIENTS * EACH}
    last = Counter(Answer.objects.filter(criterion__code="TK-A1").values_list("value", "note", "revision"))
    assert last == {("no", f"Lần {EACH - 1}", EACH): CLIENTS}


def test_ten_taps_on_submit_give_one_submission_and_the_same_receipt(places, live_process):
    shopper = worlds.user("shopper", Role.SHOPPER)
    visits = [sheets.complete(sheets.started(places.counter, shopper), shopper) for _ in range(10)]
    headers = headers_of(shopper)

    def tap(visit) -> tuple[int, str]:
        return post(
            live_process.port, reverse("audits:visit_submit", kwargs={"visit_id": visit.public_id}), headers, {}
        )

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(tap, [visit for visit in visits for _ in range(10)]))
    receipts = {reverse("audits:visit_receipt", kwargs={"visit_id": visit.public_id}) for visit in visits}
    assert Counter(answers) == {(302, receipt): 10 for receipt in receipts}
    assert Submission.objects.count() == 10
    assert VisitEvent.objects.filter(to_state=VisitState.SUBMITTED).count() == 10


def test_submits_by_100_clients_at_once_all_get_their_receipt(places, live_process):
    shoppers = [worlds.user(f"shopper{number}", Role.SHOPPER) for number in range(CLIENTS)]
    headers = [headers_of(shopper) for shopper in shoppers]
    pattern = sheets.complete(sheets.started(places.counter, shoppers[0]), shoppers[0])
    visits = [pattern, *copies(pattern, [shoppers[number % CLIENTS] for number in range(1, CLIENTS * EACH)])]

    def submit_all(number: int) -> list[tuple[int, str]]:
        mine = visits[number::CLIENTS]
        addresses = [reverse("audits:visit_submit", kwargs={"visit_id": visit.public_id}) for visit in mine]
        return [post(live_process.port, address, headers[number], {}) for address in addresses]

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = Counter(answer for each in pool.map(submit_all, range(CLIENTS)) for answer in each)
    receipts = {reverse("audits:visit_receipt", kwargs={"visit_id": visit.public_id}) for visit in visits}
    assert answers == {(302, receipt): 1 for receipt in receipts}
    assert Submission.objects.values("receipt").distinct().count() == len(visits)
    assert VisitEvent.objects.filter(to_state=VisitState.SUBMITTED).count() == len(visits)


def copies(pattern: Visit, shoppers: list[User]) -> list[Visit]:
    """The same visit, answers and photo again for each of these shoppers; the photos share their files."""

    def again(row, **changed):
        values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
        values.pop("id")
        if "public_id" in values:
            values["public_id"] = uuid4()
        return type(row)(**values | changed)

    visits = Visit.objects.bulk_create(again(pattern, shopper_id=shopper.pk) for shopper in shoppers)
    for model in (Answer, Photo):
        rows = list(model.objects.filter(visit=pattern))
        model.objects.bulk_create(again(row, visit_id=visit.pk) for visit in visits for row in rows)
    return visits
