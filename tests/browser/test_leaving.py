"""A page that is left in the middle of typing: what stood there is on the phone, whatever takes the page away."""

import pytest

from tests.browser.phones import KEPT, SENT, bar_says, eventually, expect, held, log_out, opened, says, section, stored
from tests.browser.test_kept_forms import met, until
from tests.browser.test_offline import opened_whole, tasks

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

WAYS = {
    "a link": lambda page: page.click(".back a"),
    "a reload": lambda page: page.reload(),
    "back": lambda page: page.go_back(),
}


def type_and_leave(page, where, text, way, wait):
    """Types without the pause in which a page keeps what was typed, and leaves `wait` milliseconds later."""
    page.wait_for_function("async () => (await indexedDB.databases()).length > 0")  # the page has begun to keep
    page.wait_for_timeout(200)
    page.focus(where)
    page.keyboard.type(text, delay=20)
    page.wait_for_timeout(wait)
    WAYS[way](page)
    page.wait_for_timeout(300)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("is_offline", [False, True])
def test_a_number_outlives_its_page(phone, visit, way, is_offline):
    context = phone()
    page = opened_whole(context, visit)
    for wait, number in ((0, 7), (120, 8), (300, 9)):
        context.set_offline(is_offline)
        page.goto(section(visit, "B"))
        page.press("#TK-B1-number", "Control+A")
        type_and_leave(page, "#TK-B1-number", str(number), way, wait)
        page.goto(section(visit, "B"))
        expect(page.locator("#TK-B1-number")).to_have_value(str(number))
        context.set_offline(False)
        eventually(page, lambda number=number: stored(visit, "B1") and stored(visit, "B1").number == number)


@pytest.mark.parametrize("way", WAYS)
def test_who_was_met_outlives_its_page(phone, visit, way):
    page = opened_whole(phone(), visit)
    for wait in (0, 120, 300):
        page.goto(f"{tasks(visit)}met/")
        page.fill("#id_description", "")
        type_and_leave(page, "#id_description", f"Quầy {wait}", way, wait)
        page.goto(f"{tasks(visit)}met/")
        expect(page.locator("#id_description")).to_have_value(f"Quầy {wait}")
    page.click(".dock .btn-primary")
    until(lambda: met(visit) == "Quầy 300", page)


def test_a_page_that_comes_back_meets_no_conflict_with_itself(phone, visit):
    page = opened_whole(phone(), visit)
    page.goto(section(visit, "B"))
    type_and_leave(page, "#TK-B1-number", "7", "a link", 0)
    page.go_back()
    page.fill("#TK-B1-number", "8")
    says(page, "B1", SENT)
    assert stored(visit, "B1").number == 8


def test_who_types_on_and_on_is_kept_too(phone, visit):
    page = opened(phone(), visit)
    page.check("#TK-A2-not_met")
    page.focus("#TK-A2-note")
    text = "Không ai chào tôi khi tôi bước vào. "
    for _ in range(3):
        page.keyboard.type(text, delay=40)
    assert len(stored(visit, "A2").note) > len(text)


def test_what_was_just_typed_is_asked_about_at_log_out(phone, visit):
    context = phone()
    page = opened(context, visit)
    says(page, "A2", "")
    page.route("**/sync/**", lambda route: route.abort())
    page.check("#TK-A2-not_met")
    says(page, "A2", KEPT)
    page.focus("#TK-A2-note")
    page.keyboard.type("Không ai chào.")
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    log_out(page)
    page.wait_for_url("**/login/**")
    assert asked and held(page) == 1


def test_the_last_letters_of_a_report_go_along(phone, visit):
    context = phone()
    page = opened_whole(context, visit)
    context.set_offline(True)
    page.goto(f"{tasks(visit)}not-possible/")
    page.check("[value=closed]")
    page.fill("#id_note", "Cửa khóa lúc 9 giờ")
    page.click("main button:has-text('Gửi báo cáo')")
    bar_says(page, KEPT)
    page.focus("#id_note")
    page.keyboard.press("End")
    page.keyboard.type(", không có thông báo.")
    page.goto("/visits/")
    context.set_offline(False)
    eventually(page, lambda: type(visit).objects.get(pk=visit.pk).state == "not_possible")
    assert type(visit).objects.get(pk=visit.pk).not_possible_note == "Cửa khóa lúc 9 giờ, không có thông báo."
