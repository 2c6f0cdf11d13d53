"""Many shoppers at once, against real server processes: 2 workers of 4 threads, as in production."""

import http.client
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
from django.test.client import Client
from django.urls import reverse

from audits.fieldwork.states import VisitState
from audits.models import Answer, Submission, VisitEvent
from outlets.models import Role
from tests import sheets, worlds

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]

CLIENTS, SAVES_EACH = 100, 5
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


def test_500_section_saves_by_100_clients_all_succeed(places, live_process):
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
            for turn in range(SAVES_EACH)
        ]

    headers_by_client = [headers_of(shopper) for shopper in shoppers]
    with ThreadPoolExecutor(CLIENTS) as pool:
        statuses = Counter(status for each in pool.map(save_all, range(CLIENTS)) for status in each)
    assert statuses == {302: CLIENTS * SAVES_EACH}
    last = Counter(Answer.objects.filter(criterion__code="TK-A1").values_list("value", "note", "revision"))
    assert last == {("no", f"Lần {SAVES_EACH - 1}", SAVES_EACH): CLIENTS}


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
