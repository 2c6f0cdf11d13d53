"""Two things at once on one phone: taps while its disk is busy, pages closed in the middle, work of other tabs."""

import time

import pytest
from django.urls import reverse

from audits.models import Photo
from tests.browser.phones import (
    KEPT,
    SENT,
    bar_says,
    choose,
    complete,
    eventually,
    expect,
    held,
    log_out,
    opened,
    says,
    section,
    stored,
)
from tests.browser.test_kept_forms import met, until
from tests.browser.test_offline import opened_whole, tasks

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

# As when another tab works on the same store, or the disk is slow: what is asked of it waits so many milliseconds.
SLOW_DISK = """(ms) => new Promise((resolve, reject) => {
    const asked = indexedDB.open("smile");
    asked.onerror = () => reject(asked.error);
    asked.onsuccess = () => {
        const store = asked.result.transaction("forms", "readwrite").objectStore("forms");
        const end = Date.now() + ms;
        const spin = () => { if (Date.now() < end) store.count().onsuccess = spin; else asked.result.close(); };
        spin();
        resolve();
    };
})"""
SETTLED = 500  # milliseconds in which a page has shown what the phone holds


def settled(context, address):
    page = context.new_page()
    page.goto(address)
    page.wait_for_timeout(SETTLED)
    return page


def type_and_close(page, text):
    """Leaves before the pause after which a page keeps what was typed."""
    page.wait_for_timeout(SETTLED)
    page.focus("#TK-B1-number")
    page.keyboard.press("Control+A")
    page.keyboard.type(text)
    page.close(run_before_unload=True)
    time.sleep(0.5)


def test_two_taps_while_the_disk_is_busy_are_kept(phone, visit):
    page = opened_whole(phone(), visit)
    page.goto(f"{tasks(visit)}not-possible/")
    page.wait_for_timeout(SETTLED)
    page.evaluate(
        """async () => {
            const tap = (value) => document.querySelector(`[value=${value}]`).click();
            tap("closed");
            await new Promise((resolve) => setTimeout(resolve, 2));
            tap("moved");
        }"""
    )
    bar_says(page, "Đã giữ trên máy, bấm nút để gửi")
    page.reload()
    expect(page.locator("[value=moved]")).to_be_checked()


def test_a_button_pressed_while_the_phone_still_writes_sends(phone, visit):
    context = phone()
    page = opened_whole(context, visit)
    context.set_offline(True)
    page.goto(f"{tasks(visit)}met/")
    page.wait_for_timeout(SETTLED)
    page.fill("#id_description", "Quầy số 2")
    page.wait_for_timeout(350)
    page.evaluate(SLOW_DISK, 300)
    page.wait_for_timeout(120)
    page.click(".dock .btn-primary")
    bar_says(page, KEPT)
    context.set_offline(False)
    until(lambda: met(visit) == "Quầy số 2", page)


def test_a_log_out_takes_nothing_that_another_tab_left(phone, visit):
    context = phone()
    first, second = opened(context, visit), opened(context, visit, "B")
    first.wait_for_timeout(SETTLED)
    first.route("**/sync/**", lambda route: route.fulfill(status=503))
    type_and_close(second, "7")
    assert held(first) == 1
    asked = []
    first.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    log_out(first)
    first.wait_for_url("**/login/**")
    assert len(asked) == held(first) == 1


def test_two_tabs_that_are_closed_in_the_middle_of_typing_lose_nothing(phone, visit):
    context = phone()
    first, second = opened(context, visit, "B"), opened(context, visit, "B")
    type_and_close(first, "7")
    type_and_close(second, "8")
    third = opened(context, visit, "B")
    says(third, "B1", "Phần này vừa được đổi")
    assert third.input_value("#TK-B1-number") == "8"
    expect(third.locator("#TK-B1 [data-state] q")).to_contain_text("7")
    assert stored(visit, "B1").number == 7


def test_a_submission_takes_along_what_another_tab_left(phone, visit, people):
    complete(visit, people.shopper)
    context = phone()
    first = settled(context, reverse("audits:visit_check", args=[visit.public_id]))
    type_and_close(opened(context, visit, "B"), "9")
    first.click(".submit .btn-primary")
    first.wait_for_url("**/receipt/")
    assert stored(visit, "B1").number == 9


def test_a_page_that_came_back_has_the_last_word(phone, visit):
    """It goes, comes back and is typed on, as the browser's own copy of a page is. Headless Chromium keeps none."""
    page = opened(phone(), visit, "B")
    page.wait_for_timeout(SETTLED)
    page.fill("#TK-B1-number", "7")
    says(page, "B1", SENT)
    page.press("#TK-B1-number", "End")
    page.keyboard.type("8")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    page.wait_for_timeout(200)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    page.keyboard.type("9")
    eventually(page, lambda: stored(visit, "B1").number == 789)
    page.goto(section(visit, "B"))
    page.wait_for_timeout(SETTLED)
    assert page.input_value("#TK-B1-number") == "789"
    expect(page.locator("#TK-B1 [data-state] button")).to_have_count(0)


def test_photos_chosen_one_after_the_other_are_all_waited_for(phone, visit, tmp_path, settings):
    settings.PHOTO_GRACE_SECONDS = 1
    page = opened(phone(), visit)
    page.wait_for_timeout(SETTLED)
    page.evaluate(
        """() => {
            const { photos } = smile.store, keep = photos.keep;
            photos.keep = async (record) => (await new Promise((resolve) => setTimeout(resolve, 500)), keep(record));
        }"""
    )
    choose(page, tmp_path, "red", "green", "blue", "gold", size=(300, 200))
    choose(page, tmp_path, "pink", size=(300, 200))
    page.click(".dock .btn-primary")
    page.wait_for_url("**/sections/B/**")
    eventually(page, lambda: Photo.objects.count() == 5)


def test_a_clock_that_is_put_right_holds_no_photo_back(phone, visit, tmp_path, settings):
    settings.PHOTO_GRACE_SECONDS = 1
    page = opened(phone(), visit)
    page.wait_for_timeout(SETTLED)
    page.evaluate("globalThis.real = Date.now; Date.now = () => real() + 86_400_000")
    choose(page, tmp_path, "red")
    page.wait_for_timeout(700)
    page.evaluate("Date.now = real")
    page.reload()
    eventually(page, lambda: Photo.objects.exists())


def test_a_store_that_fails_once_leaves_the_button_alive(phone, visit, people):
    complete(visit, people.shopper)
    page = settled(phone(), reverse("audits:visit_check", args=[visit.public_id]))
    page.evaluate(
        """() => {
            const { photos } = smile.store, of = photos.of;
            photos.of = () => ((photos.of = of), Promise.reject(new Error("no answer")));
        }"""
    )
    page.click(".submit .btn-primary")
    bar_says(page, "bấm lại")
    page.click(".submit .btn-primary")
    page.wait_for_url("**/receipt/")


@pytest.mark.parametrize("status", [403, 413])
def test_a_text_that_a_filter_on_the_way_turns_away_stops_no_other(phone, visit, status):
    """It answers with a page of its own to one text, and to nothing else."""
    page = opened(phone(), visit)
    page.wait_for_timeout(SETTLED)

    def turn_away(route):
        if "UNION SELECT" in (route.request.post_data or ""):
            route.fulfill(status=status, content_type="text/html", body="<h1>Blocked</h1>")
        else:
            route.continue_()

    page.route("**/sync/**", turn_away)
    page.check("#TK-A2-not_met")
    says(page, "A2", SENT)
    page.fill("#TK-A2-note", "Trên màn hình: UNION SELECT")
    page.wait_for_timeout(SETTLED)
    page.check("#TK-A1-yes")
    until(lambda: stored(visit, "A1"), page)
    assert not stored(visit, "A2").note


def test_a_report_that_was_cancelled_does_not_come_back(phone, visit):
    page = opened_whole(phone(), visit)
    page.goto(f"{tasks(visit)}not-possible/")
    page.wait_for_timeout(SETTLED)
    page.focus("#id_note")
    page.keyboard.type("Nhầm")
    page.click("[data-cancel]")
    page.wait_for_timeout(SETTLED)
    page.goto(f"{tasks(visit)}not-possible/")
    page.wait_for_timeout(SETTLED)
    assert page.input_value("#id_note") == ""


def test_no_error_is_left_uncaught_when_the_network_goes_after_the_last_thing_was_sent(phone, visit):
    context = phone()
    page = opened(context, visit)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.wait_for_timeout(SETTLED)
    page.check("#TK-A2-met")
    says(page, "A2", SENT)
    context.set_offline(True)
    page.wait_for_timeout(6000)
    assert errors == []
