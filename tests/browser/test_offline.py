"""Visits that were opened once, without a network: through a reload, another page and a restart of the browser."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from audits.checklists import actions as checklists
from tests import sheets, worlds
from tests.browser.phones import KEPT, PHONE, SENT, bar_says, complete, expect, log_in, log_out, says, section, stored
from vnpt_smile import middleware

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

KEPT_PAGES = (
    """async () => (await (await caches.open("smile-pages")).keys()).map((page) => new URL(page.url).pathname)"""
)


def tasks(visit):
    return reverse("audits:visit_detail", args=[visit.public_id])


def opened_whole(context, visit):
    """The visit's first page, once all the others are on the phone."""
    page = context.new_page()
    page.goto(tasks(visit))
    stamp = page.get_attribute("[data-stamp]", "data-stamp")
    for _ in range(100):
        if stamp in page.evaluate(KEPT_PAGES):
            break
        page.wait_for_timeout(100)
    else:
        pytest.fail(f"not all pages are on the phone: {page.evaluate(KEPT_PAGES)}")
    return page


def test_an_opened_visit_is_filled_in_without_a_network(phone, visit):
    context = phone()
    page = opened_whole(context, visit)
    context.set_offline(True)
    page.reload()
    page.click(f"a[href='{section(visit)}']")
    page.check("#TK-A2-met")
    says(page, "A2", KEPT)
    page.reload()
    assert page.is_checked("#TK-A2-met")
    says(page, "A2", KEPT)
    page.click("button:has-text('Lưu và tiếp tục')")
    page.wait_for_url(f"**{section(visit, 'B')}")
    page.fill("#TK-B1-number", "7")
    says(page, "B1", KEPT)
    assert stored(visit, "A2") is None
    context.set_offline(False)
    says(page, "B1", SENT)
    bar_says(page, "Đã gửi 2/6 câu")
    assert (stored(visit, "A2").value, stored(visit, "B1").number) == ("met", 7)


def kill(profile):
    """Ends the browser that runs on this profile as an empty battery does."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            arguments = (process / "cmdline").read_bytes().decode().split("\0")
            if f"--user-data-dir={profile}" in arguments and not any(each.startswith("--type=") for each in arguments):
                os.kill(int(process.name), signal.SIGKILL)
                return
    pytest.fail(f"no browser runs on {profile}")


def test_a_browser_that_was_killed_opens_the_visit_again(
    chromium, chromium_options, live_server, visit, people, tmp_path
):
    def browser():
        context = chromium.browser_type.launch_persistent_context(
            tmp_path / "phone",
            **chromium_options,
            viewport=PHONE,
            locale="vi-VN",
            base_url=live_server.url,
        )
        context.set_default_timeout(10_000)
        return context

    context = browser()
    log_in(context, people.shopper, live_server.url)
    page = opened_whole(context, visit)
    context.set_offline(True)
    page.goto(section(visit))
    page.check("#TK-A2-partly")
    says(page, "A2", KEPT)
    kill(tmp_path / "phone")
    with suppress(Exception):  # it is gone already
        context.close()
    context = browser()
    context.set_offline(True)
    page = context.new_page()
    page.goto(section(visit))
    expect(page.locator("#TK-A2-partly")).to_be_checked()
    says(page, "A2", KEPT)
    log_in(context, people.shopper, live_server.url)  # the browser had the log-in for as long as it ran
    context.set_offline(False)
    says(page, "A2", SENT)
    assert stored(visit, "A2").value == "partly"
    context.close()


def test_an_example_picture_is_loaded_when_it_is_unfolded_and_is_there_without_a_network(phone, people):
    draft = checklists.draft_from(version=sheets.every_kind().versions.get(), by=None, at=sheets.NOW)
    sheets.example(draft, "TK-A1")
    checklist = checklists.publish(version=draft, by=None, at=sheets.NOW).checklist
    counter = worlds.Outlet.objects.get(unit__code="AGG-LX-01")
    visit = sheets.started(counter, people.shopper, checklist, at=max(timezone.now(), sheets.NOW))
    context = phone()
    page = opened_whole(context, visit)
    context.set_offline(True)
    page.goto(section(visit))
    picture = page.locator("#TK-A1 details img")
    width = "picture => picture.naturalWidth"
    page.wait_for_timeout(300)
    assert picture.evaluate(width) == 0
    page.click("#TK-A1 summary")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate(width) == 320


def test_a_page_that_is_not_on_the_phone_says_so(phone, visit):
    context = phone()
    page = opened_whole(context, visit)
    context.set_offline(True)
    page.goto("/visits/done/")
    expect(page.locator("h1")).to_have_text("Không có mạng")
    page.click("main a.btn")
    page.click(f"a[href='{tasks(visit)}']")
    expect(page.locator("h1")).to_have_text(visit.outlet.unit.name)


@pytest.mark.parametrize("answer", ["error", "portal"])
def test_a_page_that_has_a_copy_is_shown_when_what_comes_is_not_ours(phone, visit, monkeypatch, answer):
    context = phone()
    page = opened_whole(context, visit)

    def wrong(*args, **kwargs):
        if answer == "error":
            return HttpResponse("<h1>Server Error</h1>", status=500)
        return HttpResponse("<h1>Wi-Fi: please log in</h1>")

    with monkeypatch.context() as patched:
        patched.setattr("audits.fieldwork.visits.views.render", wrong)
        patched.setattr("audits.fieldwork.visits.views.keepable", lambda request, response: response)
        patched.delitem(middleware._HEADERS, "X-Smile")
        page.goto(section(visit))
        expect(page.locator("h1")).to_have_text("Mục A")
        page.check("#TK-A2-met")
        says(page, "A2", SENT)
    assert stored(visit, "A2").value == "met"


def test_a_page_with_a_message_is_shown_as_it_is_now_and_not_kept(phone, visit):
    context = phone()
    page = opened_whole(context, visit)
    context.set_geolocation({"latitude": 10.3866, "longitude": 105.4351})
    context.grant_permissions(["geolocation"])
    page.goto(f"{tasks(visit)}proof/")
    page.check("[data-place] [name=is_agreed]")
    page.click("[data-place] button")
    expect(page.locator(".messages")).to_contain_text("Đã ghi")
    expect(page.locator("main")).to_contain_text("Rút lại đồng ý và xóa")
    kept = page.evaluate(
        "async (name) => await (await (await caches.open('smile-pages')).match(name)).text()", f"{tasks(visit)}proof/"
    )
    assert "Đã ghi" not in kept


def test_nobody_else_who_logs_in_on_the_phone_sees_the_pages(phone, visit, people, live_server):
    context = phone()
    page = opened_whole(context, visit)
    log_in(context, people.shopper2, live_server.url)
    page.goto("/visits/")
    assert page.evaluate(KEPT_PAGES) == ["/owner-of-the-pages", "/visits/"]
    context.set_offline(True)
    page.goto(section(visit))
    expect(page.locator("h1")).to_have_text("Không có mạng")


def test_what_only_another_account_may_see_is_not_shown_to_who_is_signed_in(phone, visit, people, live_server):
    """With a network the server decides, whatever the phone has."""
    context = phone()
    page = opened_whole(context, visit)
    log_in(context, people.shopper2, live_server.url)
    assert page.goto(section(visit)).status == 404


@pytest.mark.parametrize("name", ["shopper", "shopper2"])
def test_after_a_log_in_no_copy_is_shown_before_a_page_says_whose_they_are(phone, visit, monkeypatch, name):
    context = phone()
    page = opened_whole(context, visit)
    Session.objects.all().delete()
    page.goto(f"/login/?next={section(visit)}")
    with monkeypatch.context() as patched:
        patched.setattr("audits.fieldwork.visits.views._form_visit", lambda *_: 1 / 0)  # as when no answer comes
        page.fill("#id_username", name)
        page.fill("#id_password", "mật khẩu thử nghiệm")
        page.press("#id_password", "Enter")
        page.wait_for_url(lambda url: "/login/" not in url)
        expect(page.locator("h1")).not_to_have_text("Mục A")
    page.goto("/visits/")
    assert (section(visit) in page.evaluate(KEPT_PAGES)) is (name == "shopper")
    assert "/unsure" not in page.evaluate(KEPT_PAGES)


def logs_in(page, password="mật khẩu thử nghiệm"):
    page.fill("#id_username", "shopper")
    page.fill("#id_password", password)
    page.press("#id_password", "Enter")


@pytest.mark.parametrize("fails_for", ["network", "password"])
def test_a_log_in_that_fails_takes_no_page_away(phone, visit, fails_for):
    context = phone()
    page = opened_whole(context, visit)
    Session.objects.all().delete()
    page.goto(f"/login/?next={section(visit)}")
    if fails_for == "network":
        context.set_offline(True)
        logs_in(page)
        expect(page.locator("h1")).to_have_text("Không có mạng")
    else:
        logs_in(page, "sai mật khẩu")
        expect(page.locator("main")).to_contain_text("mật khẩu")
        expect(page.locator("#id_password")).to_have_value("")
        context.set_offline(True)
    page.goto(section(visit))
    expect(page.locator("h1")).to_have_text("Mục A")
    page.check("#TK-A2-met")
    says(page, "A2", KEPT)
    context.set_offline(False)
    page.click("[data-outbox] a")
    logs_in(page)
    page.wait_for_url(f"**{section(visit)}")
    says(page, "A2", SENT)


def test_after_the_receipt_no_page_of_the_visit_is_left_and_after_the_log_out_none_at_all(phone, visit, people):
    complete(visit, people.shopper)
    context = phone()
    page = opened_whole(context, visit)
    page.goto(f"{tasks(visit)}check/")
    page.click(".submit .btn-primary")
    page.wait_for_url("**/receipt/")
    of_the_visit = [name for name in page.evaluate(KEPT_PAGES) if str(visit.public_id) in name]
    assert of_the_visit == []
    log_out(page)
    page.wait_for_url("**/login/**")
    assert page.evaluate(KEPT_PAGES) == []


def test_nothing_is_submitted_into_the_void(phone, visit, people):
    complete(visit, people.shopper)
    context = phone()
    page = opened_whole(context, visit)
    page.goto(f"{tasks(visit)}check/")
    context.set_offline(True)
    page.click(".submit .btn-primary")
    bar_says(page, "Việc này cần có mạng")
    context.set_offline(False)
    page.click(".submit .btn-primary")
    page.wait_for_url("**/receipt/")
