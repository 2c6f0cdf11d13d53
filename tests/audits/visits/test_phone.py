"""The shopper's pages on a phone of 390 pixels, without a script."""

import pytest
from django.test import Client
from django.urls import reverse

from audits.models import Answer, Submission
from outlets.models import Role
from tests import sheets, worlds

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

LONG = "Điểm giao dịch VNPT VinaPhone Trung tâm Hành chính – Thương mại – Dịch vụ khu vực cửa khẩu quốc tế Tịnh Biên"


@pytest.fixture
def shopper():
    return worlds.user("shopper", Role.SHOPPER)


@pytest.fixture
def counter():
    found = worlds.places().counter
    found.unit.name = LONG
    found.unit.save()
    return found


@pytest.fixture
def phone(chromium, live_server, shopper):
    client = Client()
    client.force_login(shopper)
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=False, base_url=live_server.url
    )
    cookie = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    yield context.new_page()
    context.close()


def box(page, selector: str) -> dict[str, float]:
    return page.locator(selector).first.bounding_box()


def test_a_long_outlet_takes_two_lines_above_a_section_and_is_whole_on_its_own_page(phone, counter, shopper):
    visit = sheets.started(counter, shopper)
    phone.goto(reverse("audits:section_edit", args=[visit.public_id, "A"]))
    assert box(phone, ".whose")["height"] < 3 * 14 * 1.5
    phone.goto(reverse("audits:visit_detail", args=[visit.public_id]))
    assert phone.inner_text("h1") == LONG


def test_the_answers_fill_the_width_of_the_phone(phone, counter, shopper):
    visit = sheets.started(counter, shopper)
    phone.goto(reverse("audits:section_edit", args=[visit.public_id, "A"]))
    assert box(phone, ".choices")["width"] == 390 - 2 * 16


def test_the_sorting_of_the_visits_done_takes_one_line(phone, counter, shopper):
    sheets.submitted(counter, shopper)
    phone.goto(reverse("audits:visit_history"))
    assert {each.bounding_box()["y"] for each in phone.locator("thead a").all()} == {box(phone, "thead a")["y"]}
    assert box(phone, "thead tr")["height"] < 2 * 44


def test_what_is_chosen_on_the_follow_up_page_is_what_its_button_submits(phone, counter, shopper):
    visit = sheets.submitted(counter, shopper)
    page = reverse("audits:follow_up_edit", args=[visit.public_id])
    phone.goto(page)
    phone.check("#TK-B3-yes")
    phone.click(".dock .btn-quiet")
    phone.goto(page)
    phone.check("#TK-B3-no")
    phone.fill("#TK-B3-note", "Không gọi lại")
    phone.click(".dock .btn-primary")
    assert Submission.objects.get(number=2).receipt in phone.inner_text("main")
    assert Answer.objects.get(criterion__code="TK-B3").value == "no"
