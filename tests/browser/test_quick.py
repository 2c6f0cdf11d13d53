"""In the outlet: marks and a clock, with one hand."""

from datetime import timedelta

import pytest
from django.utils import timezone

from audits.models import Answer
from tests.browser.phones import SENT, bar_says, expect, says, stored

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


def test_marks_and_the_clock_are_kept_at_once_and_through_a_reload(phone, visit):
    page = phone().new_page()
    page.goto(f"/visits/{visit.public_id}/quick/")
    assert not page.locator(".topbar").is_visible()
    page.check("#TK-A2-met")
    says(page, "A2", SENT)
    page.click("#TK-B1 button:has-text('Bấm giờ')")
    expect(page.locator("#TK-B1 output")).to_have_text("00:02", timeout=10_000)
    page.reload()
    expect(page.locator("#TK-B1 output")).to_be_visible()
    page.goto(f"/visits/{visit.public_id}/sections/B/")  # the same clock, wherever the question is shown
    expect(page.locator("#TK-B1 output")).to_be_visible()
    page.clock.set_fixed_time(timezone.now() + timedelta(minutes=7, seconds=42))
    page.click("#TK-B1 button:has-text('Dừng')")
    says(page, "B1", SENT)
    expect(page.locator("#TK-B1 output")).to_be_hidden()
    assert page.input_value("#TK-B1-number") in ("7,7", "7,8")  # a few seconds had passed before
    assert f"{stored(visit, 'B1').number:.1f}".replace(".", ",") == page.input_value("#TK-B1-number")
    assert Answer.objects.get(criterion__code="TK-A2").value == "met"


def test_the_note_does_not_say_sent_while_a_mark_wants_its_writer(phone, visit):
    first, second = phone().new_page(), phone().new_page()
    for page in (first, second):
        page.goto(f"/visits/{visit.public_id}/quick/")
    first.check("#TK-A2-met")
    says(first, "A2", SENT)
    second.check("#TK-A2-not_met")
    says(second, "A2", "Phần này vừa được đổi")
    bar_says(second, "Vui lòng xem các câu được đánh dấu.")
