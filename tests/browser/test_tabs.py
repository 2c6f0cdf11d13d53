"""Two tabs of one phone: nothing is overwritten unseen, and a new log-in in one does not stop the other."""

import pytest
from django.urls import reverse
from django.utils import timezone

from audits.fieldwork.visits import actions as visits
from tests.browser.phones import KEPT, SENT, complete, expect, opened, says, stored
from tests.sheets import entry

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


def test_two_tabs_overwrite_nothing_unseen(phone, visit):
    context = phone()
    first, second = opened(context, visit), opened(context, visit)
    first.check("#TK-A2-met")
    says(first, "A2", SENT)
    second.check("#TK-A2-partly")
    says(second, "A2", "Phần này vừa được đổi ở trang hoặc điện thoại khác")
    assert stored(visit, "A2").value == "met"
    second.click("#TK-A2 [data-state] button >> nth=0")  # mine
    says(second, "A2", SENT)
    assert stored(visit, "A2").value == "partly"


def test_different_questions_in_two_tabs_are_both_kept(phone, visit):
    context = phone()
    first, second = opened(context, visit), opened(context, visit, "B")
    context.set_offline(True)
    first.check("#TK-A2-met")
    second.fill("#TK-B1-number", "7")
    context.set_offline(False)
    for page, short in ((first, "A2"), (second, "B1")):
        says(page, short, SENT)
    assert (stored(visit, "A2").value, stored(visit, "B1").number) == ("met", 7)


def test_a_log_in_in_another_tab_changes_the_token_and_stops_nothing(phone, visit):
    context = phone()
    first = opened(context, visit)
    token = [each["value"] for each in context.cookies() if each["name"] == "csrftoken"]
    second = context.new_page()
    second.goto("/visits/")
    second.evaluate("document.querySelector('.menu-form button').closest('form').submit()")  # no word of the script's
    second.wait_for_url("**/login/**")
    first.check("#TK-A2-met")
    first.wait_for_selector("[data-outbox] a")
    second.fill("#id_username", "shopper")
    second.fill("#id_password", "mật khẩu thử nghiệm")
    second.press("#id_password", "Enter")
    second.wait_for_url("**/visits/")
    assert token != [each["value"] for each in context.cookies() if each["name"] == "csrftoken"]
    first.evaluate("dispatchEvent(new Event('online'))")
    says(first, "A2", SENT)
    assert stored(visit, "A2").value == "met"
    first.click("#TK-A2 .extra.note")
    first.fill("#TK-A2-note", "Không ai chào.")
    first.click(".dock .btn-primary")
    first.wait_for_url("**/sections/B/**")
    expect(first.locator("h1")).to_have_text("Mục B")
    assert stored(visit, "A2").note == "Không ai chào."


def test_a_text_put_aside_for_another_tabs_does_not_stop_the_submission(phone, visit, people):
    complete(visit, people.shopper)
    context = phone()
    first, second = opened(context, visit), opened(context, visit)
    context.set_offline(True)
    first.check("#TK-A2-met")
    says(first, "A2", KEPT)
    second.check("#TK-A2-not_met")
    second.fill("#TK-A2-note", "Không ai chào tôi.")
    says(second, "A2", KEPT)
    visits.save_answers(
        visit=visit, entries=[entry("A2", "met", note="Máy khác.", seen=1)], by=people.shopper, at=timezone.now()
    )
    context.set_offline(False)
    says(second, "A2", "Máy khác.")
    second.click("#TK-A2 [data-state] button:has-text('Giữ nội dung của tôi')")
    says(second, "A2", SENT)
    says(first, "A2", "Đã giữ lại để người duyệt xem")
    second.goto(reverse("audits:visit_check", args=[visit.public_id]))
    second.click(".submit .btn-primary")
    second.wait_for_url("**/receipt/")
    assert stored(visit, "A2").note == "Không ai chào tôi."
