"""Nothing moves under the finger: where the next button stands, it stands after the tap before it."""

import pytest
from django.urls import reverse

from tests.browser.phones import KEPT, SENT, complete, expect, opened, says

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

PLACES = """[...document.querySelectorAll(".choice, .measure button")]
  .map((each) => each.getBoundingClientRect().top + scrollY)"""


def test_the_questions_stay_where_they_are_while_one_is_answered_and_sent(phone, visit):
    context = phone()
    page = opened(context, visit)
    before = page.evaluate(PLACES)
    page.check("#TK-A1-yes")
    says(page, "A1", SENT)
    assert page.evaluate(PLACES) == before
    context.set_offline(True)
    page.check("#TK-A2-met")
    says(page, "A2", KEPT)
    assert page.evaluate(PLACES) == before


def test_the_marks_of_the_note_stay_where_they_are(phone, visit):
    context = phone()
    page = context.new_page()
    page.goto(f"/visits/{visit.public_id}/quick/")
    page.wait_for_selector("#TK-B1 .measure button")
    before = page.evaluate(PLACES)
    page.check("#TK-A1-yes")
    says(page, "A1", SENT)
    assert page.evaluate(PLACES) == before
    context.set_offline(True)
    page.check("#TK-A2-na")
    says(page, "A2", "Trên máy")
    page.click("#TK-B1 .measure button")
    expect(page.locator("#TK-B1 output")).to_be_visible()
    assert page.evaluate(PLACES) == before


def test_the_note_opens_the_question_counts_and_takes_not_applicable(phone, visit):
    context = phone()
    page = context.new_page()
    page.goto(f"/visits/{visit.public_id}/quick/")
    assert page.title() == "Ghi chú"
    expect(page.locator("[data-count]")).to_have_text("0/3")
    question = page.locator("#TK-A2 details p")
    assert not question.is_visible()
    page.click("#TK-A2 summary")
    assert question.inner_text() == "Tiêu chí A2"
    context.set_offline(True)
    page.check("#TK-A2-na")
    page.fill("#TK-B1-number", "7")
    expect(page.locator("[data-count]")).to_have_text("2/3")
    says(page, "B1", "Trên máy")
    context.set_offline(False)
    says(page, "B1", SENT)
    page.click("text=Điền tiếp: điều dễ quên trước")
    expect(page.locator("h1")).to_have_text("Những câu còn thiếu")
    assert page.locator("fieldset.criterion").first.get_attribute("id") == "TK-Z2"


def test_the_panel_that_submits_does_not_begin_with_an_empty_line(phone, visit, people):
    complete(visit, people.shopper)
    page = phone().new_page()
    page.goto(reverse("audits:visit_check", args=[visit.public_id]))
    panel = page.locator("form.submit")
    first = panel.locator("p:not([data-outbox]):visible").first
    padding = panel.evaluate("(each) => parseFloat(getComputedStyle(each).paddingTop)")
    assert first.bounding_box()["y"] - panel.bounding_box()["y"] <= padding + 2
