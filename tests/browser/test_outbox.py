"""The phone form with a script: nothing typed is lost, whatever becomes of the network, the page or the log-in."""

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from audits.fieldwork.visits import actions as visits
from audits.models import Change, Photo
from tests import sheets, worlds
from tests.browser.phones import (
    KEPT,
    SENT,
    bar_says,
    choose,
    complete,
    held,
    log_in,
    log_out,
    opened,
    photos_say,
    put_away,
    says,
    section,
    stored,
)
from tests.sheets import entry

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


def test_an_answer_is_on_the_server_without_a_button(phone, visit):
    page = opened(phone(), visit)
    page.check("#TK-A2-partly")
    says(page, "A2", SENT)
    assert stored(visit, "A2").value == "partly"
    bar_says(page, "Đã gửi 1/6 câu")


def test_typing_without_a_network_waits_and_goes_by_itself(phone, visit):
    context = phone()
    page = opened(context, visit)
    context.set_offline(True)
    page.check("#TK-A2-not_met")
    page.fill("#TK-A2-note", "Không ai chào tôi.")
    says(page, "A2", KEPT)
    bar_says(page, KEPT)
    assert stored(visit, "A2") is None
    context.set_offline(False)
    says(page, "A2", SENT)
    assert (stored(visit, "A2").value, stored(visit, "A2").note) == ("not_met", "Không ai chào tôi.")


def test_a_page_that_was_killed_finds_its_work_again(phone, visit):
    context = phone()
    page = opened(context, visit)
    context.set_offline(True)
    page.check("#TK-A2-met")
    says(page, "A2", KEPT)
    put_away(page)
    context.set_offline(False)
    page = opened(context, visit, "B")  # another page of the same visit sends it
    bar_says(page, "1/6")
    assert stored(visit, "A2").value == "met"


def test_a_log_in_that_ended_loses_nothing(phone, visit, people, live_server):
    context = phone()
    page = opened(context, visit)
    Session.objects.all().delete()
    page.check("#TK-A2-met")
    page.wait_for_selector("[data-outbox] a")
    assert "Phiên đăng nhập đã hết hạn. Nội dung vẫn ở trên máy." in page.inner_text(".dock")
    says(page, "A2", KEPT)
    page.click("[data-outbox] a")
    page.fill("#id_username", "shopper")
    page.fill("#id_password", "mật khẩu thử nghiệm")
    page.press("#id_password", "Enter")
    page.wait_for_url(f"**{section(visit)}")
    says(page, "A2", SENT)
    assert stored(visit, "A2").value == "met"
    assert page.is_checked("#TK-A2-met")


WRONG_ANSWERS = pytest.mark.parametrize(
    "answer",
    [
        {"status": 500, "body": "<h1>Server Error</h1>"},
        {"status": 503, "body": '{"refused": "busy"}'},
        {"status": 200, "body": "<h1>Wi-Fi: please log in</h1>"},
    ],
    ids=["500", "503", "portal"],
)


@WRONG_ANSWERS
def test_an_answer_that_takes_nothing_loses_nothing(phone, visit, answer):
    page = opened(phone(), visit)
    asked = []

    def refuse(route):
        asked.append(route)
        route.fulfill(**answer) if len(asked) < 3 else route.continue_()

    page.route("**/sync/**", refuse)
    page.check("#TK-A2-met")
    says(page, "A2", KEPT)
    says(page, "A2", SENT)
    assert stored(visit, "A2").value == "met"
    assert len(asked) == 3


def test_an_answer_that_is_lost_on_its_way_back_is_kept_once(phone, visit):
    page = opened(phone(), visit)
    asked = []

    def lose(route):
        asked.append(route)
        if len(asked) < 3:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/sync/**", lose)
    page.check("#TK-A2-met")
    says(page, "A2", SENT)
    assert (Change.objects.count(), stored(visit, "A2").revision) == (1, 1)


@pytest.mark.parametrize(("choice", "kept"), [("Giữ nội dung của tôi", "not_met"), ("Dùng nội dung kia", "met")])
def test_what_another_phone_wrote_stands_beside_ones_own(phone, visit, people, choice, kept):
    page = opened(phone(), visit)
    visits.save_answers(visit=visit, entries=[entry("A2", "met")], by=people.shopper, at=timezone.now())
    page.check("#TK-A2-not_met")
    says(page, "A2", "Đạt")
    assert stored(visit, "A2").value == "met"
    page.click(f"#TK-A2 [data-state] button:has-text('{choice}')")
    expect(page.locator("#TK-A2 [data-state] button")).to_have_count(0)
    if kept == "not_met":
        says(page, "A2", SENT)
    page.click(".dock .btn-primary")
    page.wait_for_url(f"**{section(visit, 'B')}")
    assert stored(visit, "A2").value == kept
    page.goto(section(visit))
    assert page.is_checked(f"#TK-A2-{kept}")


def test_another_user_of_the_phone_neither_sees_nor_sends(phone, visit, people, live_server):
    context = phone()
    page = opened(context, visit)
    context.set_offline(True)
    with page.expect_event("requestfailed"):  # else it may still go out while the page is being closed
        page.check("#TK-A2-met")
    says(page, "A2", KEPT)
    put_away(page)
    context.set_offline(False)
    other = sheets.started(worlds.Outlet.objects.get(unit__code="AGG-LX-02"), people.shopper2, at=visit.started_at)
    log_in(context, people.shopper2, live_server.url)
    page = opened(context, other)
    page.check("#TK-A2-partly")
    says(page, "A2", SENT)
    assert stored(visit, "A2") is None
    log_in(context, people.shopper, live_server.url)
    page = opened(context, visit)
    says(page, "A2", SENT)
    assert stored(visit, "A2").value == "met"


def test_a_wrong_number_says_so_where_it_stands(phone, visit):
    page = opened(phone(), visit, "B")
    page.fill("#TK-B1-number", "bảy")
    page.wait_for_selector("#TK-B1 .kept.is-invalid")
    page.fill("#TK-B1-number", "7")
    says(page, "B1", SENT)
    assert stored(visit, "B1").number == 7


def test_saving_and_going_on_needs_no_network(phone, visit):
    context = phone()
    page = opened(context, visit)
    page.check("#TK-A2-met")
    page.click(".dock .btn-primary")
    page.wait_for_url(f"**{section(visit, 'B')}")
    page.goto(section(visit))
    assert page.is_checked("#TK-A2-met")


# --- Photos -------------------------------------------------------------------------------------


def test_photos_are_made_small_and_go_by_themselves(phone, visit, tmp_path):
    page = opened(phone(), visit)
    choose(page, tmp_path, "gold", "teal")
    photos_say(page, SENT, SENT)
    assert sorted(Photo.objects.values_list("width", "height")) == [(1600, 1200)] * 2
    page.reload()
    assert page.locator("#TK-A1 .photos:not([data-photos]) img").count() == 2
    assert page.locator("#TK-A1 [data-photos] li").count() == 0


def test_a_photo_without_a_network_outlives_the_page_and_goes_after_the_answers(phone, visit, tmp_path):
    context = phone()
    page = opened(context, visit)
    context.set_offline(True)
    choose(page, tmp_path, "gold")
    photos_say(page, KEPT)
    page.check("#TK-A1-yes")
    says(page, "A1", KEPT)
    put_away(page)
    context.set_offline(False)
    page = opened(context, visit)
    photos_say(page, SENT)
    assert stored(visit, "A1").value == "yes"
    assert Photo.objects.count() == 1


def test_a_photo_that_is_cut_or_whose_answer_is_lost_is_kept_once(phone, visit, tmp_path):
    page = opened(phone(), visit)
    asked = []

    def spoil(route):
        asked.append(route)
        if len(asked) == 1:
            route.abort()
        elif len(asked) == 2:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/sync/**/photos/", spoil)
    choose(page, tmp_path, "gold")
    photos_say(page, SENT)
    assert (Photo.objects.count(), len(asked)) == (1, 3)


@WRONG_ANSWERS
def test_an_answer_that_takes_no_photo_loses_none(phone, visit, tmp_path, answer):
    page = opened(phone(), visit)
    asked = []

    def refuse(route):
        asked.append(route)
        route.fulfill(**answer) if len(asked) < 3 else route.continue_()

    page.route("**/sync/**/photos/", refuse)
    choose(page, tmp_path, "gold")
    photos_say(page, KEPT)
    photos_say(page, SENT)
    assert (Photo.objects.count(), len(asked)) == (1, 3)


def test_a_photo_can_be_left_out_before_and_after_it_is_sent(phone, visit, tmp_path):
    context = phone()
    page = opened(context, visit)
    context.set_offline(True)
    choose(page, tmp_path, "gold")
    photos_say(page, KEPT)
    page.click("#TK-A1 [data-photos] button:has-text('Gỡ ảnh')")
    expect(page.locator("#TK-A1 [data-photos] li")).to_have_count(0)
    context.set_offline(False)
    choose(page, tmp_path, "teal")
    photos_say(page, SENT)
    page.click("#TK-A1 [data-photos] button:has-text('Gỡ ảnh')")
    expect(page.locator("#TK-A1 .photo-gone")).to_have_count(1)
    assert (Photo.objects.count(), Photo.objects.kept().count()) == (1, 0)


def test_submitting_waits_for_what_is_still_on_the_phone(phone, visit, people):
    complete(visit, people.shopper)
    context = phone()
    page = opened(context, visit)
    check = context.new_page()
    check.goto(reverse("audits:visit_check", kwargs={"visit_id": visit.public_id}))
    context.set_offline(True)
    page.check("#TK-A2-met")
    says(page, "A2", KEPT)
    check.click(".submit .btn-primary")
    bar_says(check, "Câu trả lời chưa gửi: 1.")
    bar_says(check, KEPT)  # its try has ended
    context.set_offline(False)
    says(page, "A2", SENT)
    check.click(".submit .btn-primary")
    check.wait_for_url("**/receipt/")
    assert stored(visit, "A2").value == "met"
    assert visit.submissions.count() == 1


def test_two_taps_on_submit_give_one_receipt(phone, visit, people):
    complete(visit, people.shopper)
    page = phone().new_page()
    page.goto(reverse("audits:visit_check", kwargs={"visit_id": visit.public_id}))
    page.dblclick(".submit .btn-primary")
    page.wait_for_url("**/receipt/")
    assert visit.submissions.count() == 1
    assert visit.submissions.get().receipt in page.inner_text("main")


def test_after_the_receipt_the_phone_holds_nothing_of_the_visit(phone, visit, people, tmp_path):
    complete(visit, people.shopper)
    page = opened(phone(), visit)
    page.check("#TK-A2-met")
    choose(page, tmp_path, "gold")
    says(page, "A2", SENT)
    photos_say(page, SENT)
    assert held(page) == 3  # and how much the server had
    page.goto(reverse("audits:visit_check", kwargs={"visit_id": visit.public_id}))
    page.click(".submit .btn-primary")
    page.wait_for_url("**/receipt/")
    page.wait_for_timeout(500)
    assert held(page) == 0


def test_logging_out_warns_of_what_is_not_sent_and_leaves_nothing_else(phone, visit):
    context = phone()
    page = opened(context, visit)
    page.check("#TK-A2-met")
    says(page, "A2", SENT)
    page.route("**/sync/**", lambda route: route.abort())
    page.check("#TK-A1-yes")
    says(page, "A1", KEPT)
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    log_out(page)
    page.wait_for_timeout(500)
    assert asked == ["Chưa gửi: 1. Nội dung này ở lại máy đến khi Anh/Chị đăng nhập lại tại đây. Vẫn đăng xuất?"]
    assert "/sections/" in page.url
    page.unroute("**/sync/**")
    page.once("dialog", lambda dialog: dialog.accept())
    log_out(page)
    page.wait_for_url("**/login/**")
    assert held(page) == 1
