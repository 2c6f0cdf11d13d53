"""Pages that are copies of before, and pages that count what the server has: what they say of what the phone holds."""

import time

import pytest
from django.urls import reverse
from django.utils import timezone

from audits.fieldwork.transitions import StaleState
from audits.fieldwork.visits import actions as visits
from audits.fieldwork.visits import kept_pages
from audits.models import Photo, TakenBack
from audits.review import receiving
from tests import sheets
from tests.browser.phones import (
    KEPT,
    SENT,
    bar_says,
    choose,
    complete,
    eventually,
    expect,
    opened,
    photos_say,
    says,
    section,
    stored,
)
from tests.browser.test_offline import KEPT_PAGES, opened_whole, tasks

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

COPY_SAYS = """async ([address, text]) => {
    const copy = await (await caches.open("smile-pages")).match(address);
    return !!copy && (await copy.text()).includes(text);
}"""


def answered_offline(context, visit):
    page = opened_whole(context, visit)
    context.set_offline(True)
    page.goto(section(visit))
    page.check("#TK-A2-met")
    says(page, "A2", KEPT)
    return page


def test_the_sections_say_what_waits_on_this_phone_and_count_it_once_it_has_gone(phone, visit):
    context = phone()
    page = answered_offline(context, visit)
    page.goto(tasks(visit))
    expect(page.locator("[data-waits]")).to_contain_text("Đã giữ trên máy, chưa gửi: 1.")
    line = page.locator(".task", has=page.locator(f"a[href='{section(visit)}']"))
    expect(line.locator("[data-codes]")).to_be_visible()
    assert page.locator("[data-codes]:visible").count() == 1
    context.set_offline(False)
    expect(page.locator(".panel-head .quiet").first).to_contain_text("1/6")
    expect(page.locator("[data-waits]")).to_be_hidden()
    assert stored(visit, "A2").value == "met"


def test_the_checking_page_marks_what_is_missing_there_and_on_this_phone(phone, visit):
    context = phone()
    page = answered_offline(context, visit)
    page.goto(f"{tasks(visit)}check/")
    gap = page.locator(".gaps li", has_text="A2")
    expect(gap).to_contain_text("đã có trên máy, chưa gửi")
    assert page.locator(".gaps [data-codes]:visible").count() == 1
    context.set_offline(False)
    expect(gap).to_have_count(0)


def test_what_is_missing_leads_to_the_checking_page_without_a_network(phone, visit):
    context = phone()
    page = opened_whole(context, visit)
    context.set_offline(True)
    page.goto(f"{tasks(visit)}missing/")
    page.check("#TK-A2-met")
    page.click(".dock .btn-primary")
    page.wait_for_url("**/check/")
    expect(page.locator(".gaps li", has_text="A2")).to_contain_text("đã có trên máy, chưa gửi")


def test_the_copies_that_count_are_fetched_anew_after_sending(phone, visit):
    context = phone()
    page = opened_whole(context, visit)
    page.goto(section(visit))
    page.check("#TK-A2-met")
    says(page, "A2", SENT)
    for address in (tasks(visit), f"{tasks(visit)}check/"):
        eventually(
            page, lambda there=address: page.evaluate(COPY_SAYS, [there, "1</b>/6" if "check" in there else "1/6"])
        )
    context.set_offline(True)
    page.goto(tasks(visit))
    expect(page.locator(".panel-head .quiet").first).to_contain_text("1/6")


def test_a_page_is_no_copy_any_more_when_its_address_leads_on(phone, visit, people):
    context = phone()
    page = opened_whole(context, visit)
    complete(visit, people.shopper)
    missing = f"{tasks(visit)}missing/"
    assert missing in page.evaluate(KEPT_PAGES)
    page.evaluate("(address) => fetch(address)", missing)
    eventually(page, lambda: missing not in page.evaluate(KEPT_PAGES))


def test_a_copy_of_before_shows_the_photos_and_the_count_of_now(phone, visit, tmp_path):
    context = phone()
    page = opened_whole(context, visit)
    page.goto(section(visit))
    page.check("#TK-A2-met")
    choose(page, tmp_path, "gold")
    photos_say(page, SENT)
    expect(page.locator("[data-outbox]")).to_have_text("Đã gửi 1/6 câu, 1/1 ảnh")
    context.set_offline(True)
    page.reload()
    photos_say(page, SENT)
    expect(page.locator("[data-outbox]")).to_have_text("Đã gửi 1/6 câu, 1/1 ảnh")
    context.set_offline(False)
    page.reload()
    expect(page.locator("#TK-A1 .photo img:visible")).to_have_count(1)


def test_a_photo_that_its_owner_has_removed_elsewhere_is_not_shown_as_sent(phone, visit, tmp_path):
    context = phone()
    page = opened(context, visit)
    context.set_offline(True)
    choose(page, tmp_path, "gold")
    photos_say(page, KEPT)
    id_ = page.get_attribute("#TK-A1 [data-photos] [data-id]", "data-id")
    TakenBack.objects.create(public_id=id_, visit=visit, at=timezone.now())
    context.set_offline(False)
    expect(page.locator("#TK-A1 [data-photos] li")).to_have_count(0)
    expect(page.locator("[data-outbox]")).to_have_text("Đã gửi 0/6 câu")
    assert not Photo.objects.exists()


def test_a_page_that_is_nobodys_is_taken_for_none_of_the_visit(phone, visit, monkeypatch):
    own = kept_pages.pages
    monkeypatch.setattr(kept_pages, "pages", lambda now: [*own(now), reverse("offline")])
    page = phone().new_page()
    page.goto(tasks(visit))
    eventually(page, lambda: section(visit, "B") in page.evaluate(KEPT_PAGES))
    page.wait_for_timeout(1000)
    assert page.get_attribute("[data-stamp]", "data-stamp") not in page.evaluate(KEPT_PAGES)


def test_a_visit_cannot_be_started_without_a_network_and_says_so(phone, visit, people):
    day = timezone.localdate()
    other = sheets.Outlet.objects.get(unit__code="AGG-LX-02")
    assigned = sheets.assigned(other, people.shopper, opens_on=day, due_on=day)
    context = phone()
    page = opened_whole(context, assigned)
    context.set_offline(True)
    page.click(".dock .btn-primary")
    expect(page.locator("h1")).to_have_text("Không có mạng")
    context.set_offline(False)
    page.go_back()
    page.click(".dock .btn-primary")
    expect(page.locator("#tasks")).to_be_visible()


def test_a_submission_that_the_browser_stopped_can_be_pressed_again(phone, visit, people, monkeypatch):
    complete(visit, people.shopper)
    real, calls = receiving.submit, []

    def slow(**given):
        calls.append(given)
        if len(calls) == 1:
            time.sleep(5)
            raise StaleState(visit)
        return real(**given)

    monkeypatch.setattr(receiving, "submit", slow)
    page = phone().new_page()
    page.goto(f"{tasks(visit)}check/")
    page.evaluate("() => void setTimeout(() => stop(), 2000)")
    page.click(".submit .btn-primary", no_wait_after=True)
    page.wait_for_timeout(6000)
    assert (len(calls), page.url.endswith("/check/")) == (1, True)
    page.click(".submit .btn-primary")
    page.wait_for_url("**/receipt/")


def test_a_change_that_the_server_fails_over_stops_nothing_behind_it(phone, visit, monkeypatch, tmp_path):
    real = visits.save_entries

    def failing(now, entries, *, at):
        if any(each.code == "TK-A2" for each in entries):
            raise RuntimeError
        return real(now, entries, at=at)

    monkeypatch.setattr(visits, "save_entries", failing)
    context = phone()
    page = opened(context, visit)
    context.set_offline(True)
    page.check("#TK-A2-met")
    says(page, "A2", KEPT)
    page.check("#TK-A1-yes")
    choose(page, tmp_path, "gold")
    context.set_offline(False)
    says(page, "A1", SENT)
    photos_say(page, SENT)
    says(page, "A2", KEPT)
    assert stored(visit, "A2") is None
    monkeypatch.setattr(visits, "save_entries", real)
    page.evaluate("smile.outbox.drain()")
    says(page, "A2", SENT)
    bar_says(page, "Đã gửi 2/6 câu, 1/1 ảnh")


def test_whoever_comes_straight_to_a_section_has_the_whole_visit_on_the_phone(phone, visit):
    context = phone()
    page = opened(context, visit, "B")
    page.wait_for_timeout(5000)
    eventually(page, lambda: section(visit, "A") in page.evaluate(KEPT_PAGES))
    eventually(page, lambda: any("in_progress-" in each for each in page.evaluate(KEPT_PAGES)))
    context.set_offline(True)
    page.goto(section(visit, "A"))
    page.check("#TK-A2-met")
    says(page, "A2", KEPT)
