"""What the server did not take is shown with its text or picture, and stops nobody from submitting the rest."""

import pytest
from django.urls import reverse
from django.utils import timezone

from audits.fieldwork.visits import actions as visits
from audits.models import Change, Photo, Visit
from tests import sheets
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
    photos_say,
    put_away,
    says,
    stored,
)
from tests.sheets import entry

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

LATER = "Phần này vừa được đổi ở trang hoặc điện thoại khác"


def check(visit):
    return reverse("audits:visit_check", args=[visit.public_id])


def returned_elsewhere(visit, shopper):
    """Another phone submits the visit; it comes back with a remark on A2, and that is seen to."""
    visits.submit(visit=visit, by=shopper, at=timezone.now())
    sheets.returned(visit, "A2")
    seen = stored(visit, "A2").revision
    visits.save_answers(visit=visit, entries=[entry("A2", "met", seen=seen)], by=shopper, at=timezone.now())


def leftovers(page):
    return page.locator("[data-leftovers] li")


def submit(page, visit):
    page.goto(check(visit))
    page.click(".submit .btn-primary")
    page.wait_for_url("**/receipt/")


@pytest.fixture
def done(visit, people):
    """The visit with every answer there, ready to be submitted."""
    return complete(visit, people.shopper)


def test_a_photo_that_came_too_late_is_shown_and_stops_no_submission(phone, done, people, tmp_path):
    context = phone()
    page = opened(context, done)
    context.set_offline(True)
    choose(page, tmp_path, "gold")
    photos_say(page, KEPT)
    returned_elsewhere(done, people.shopper)
    context.set_offline(False)
    photos_say(page, "Ảnh chỉ còn ở trên máy này")
    page.goto(check(done))
    expect(leftovers(page)).to_contain_text("Câu này không nhận ảnh nữa")
    assert page.evaluate("document.querySelector('[data-leftovers] img').naturalWidth") == 1600
    with page.expect_download() as given:
        page.click("[data-leftovers] a:has-text('Tải ảnh về máy')")
    assert given.value.suggested_filename == "TK-A1.jpg"
    assert page.locator("[data-outbox] a").count() == 0
    page.click(".submit .btn-primary")
    page.wait_for_url("**/receipt/")
    assert Photo.objects.filter(visit=done).count() == 1


def test_a_photo_goes_away_by_its_owners_word_alone(phone, done, people, tmp_path):
    context = phone()
    page = opened(context, done)
    context.set_offline(True)
    choose(page, tmp_path, "gold")
    photos_say(page, KEPT)
    returned_elsewhere(done, people.shopper)
    context.set_offline(False)
    page.goto(check(done))
    expect(leftovers(page)).to_have_count(1)
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.click("[data-leftovers] button:has-text('Bỏ')")
    page.wait_for_timeout(300)
    expect(leftovers(page)).to_have_count(1)
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("[data-leftovers] button:has-text('Bỏ')")
    expect(leftovers(page)).to_have_count(0)
    assert page.locator("[data-leftovers]").is_hidden()
    page.reload()
    page.wait_for_timeout(300)
    expect(leftovers(page)).to_have_count(0)


def test_a_refused_photo_can_go_once_its_question_is_open_again(phone, done, people, tmp_path):
    context = phone()
    page = opened(context, done)
    context.set_offline(True)
    choose(page, tmp_path, "gold")
    photos_say(page, KEPT)
    returned_elsewhere(done, people.shopper)
    context.set_offline(False)
    photos_say(page, "Ảnh chỉ còn ở trên máy này")
    sheets.returned(done, "A1")
    page.goto(check(done))
    page.click("[data-leftovers] button:has-text('Gửi lại')")
    expect(leftovers(page)).to_have_count(0)
    eventually(page, lambda: Photo.objects.filter(visit=done).count() == 2)


def conflicted(phone, visit, people):
    """A page on which A1 was typed over what another phone wrote."""
    page = opened(phone(), visit)
    other = entry("A1", "yes", note="Máy khác.", seen=1)
    visits.save_answers(visit=visit, entries=[other], by=people.shopper, at=timezone.now())
    page.check("#TK-A1-no")
    page.fill("#TK-A1-note", "Không có biển.")
    says(page, "A1", LATER)
    return page


def test_a_conflict_on_a_question_that_is_closed_is_shown_and_stops_no_submission(phone, done, people):
    page = conflicted(phone, done, people)
    returned_elsewhere(done, people.shopper)
    page.goto(check(done))
    for text in ("TK-A1", "Không · Không có biển.", "Máy khác."):
        expect(leftovers(page)).to_contain_text(text)
    submit(page, done)
    assert stored(done, "A1").note == "Máy khác."
    assert Change.objects.latest("pk").content["TK-A1-note"] == "Không có biển."


def test_a_conflict_on_an_open_question_wants_its_writers_word_and_takes_it_here(phone, done, people):
    page = conflicted(phone, done, people)
    page.goto(check(done))
    page.click(".submit .btn-primary")
    bar_says(page, "Câu trả lời chưa gửi: 1.")
    expect(page.locator("[data-outbox] a")).to_have_text("A1")
    page.click("[data-leftovers] button:has-text('Để người duyệt xem')")
    expect(leftovers(page)).to_have_count(0)
    page.click(".submit .btn-primary")
    page.wait_for_url("**/receipt/")
    assert Change.objects.latest("pk").outcome == "aside"


def test_an_unsound_number_of_a_closed_question_can_be_left_to_the_reviewer(phone, done, people):
    page = opened(phone(), done, "B")
    page.fill("#TK-B1-number", "bảy phút rưỡi")
    page.wait_for_selector("#TK-B1 .kept.is-invalid")
    returned_elsewhere(done, people.shopper)
    page.goto(check(done))
    expect(leftovers(page)).to_contain_text("bảy phút rưỡi")
    page.click("[data-leftovers] button:has-text('Để người duyệt xem')")
    expect(leftovers(page)).to_have_count(0)
    eventually(page, Change.objects.filter(outcome="aside").exists)
    assert Change.objects.get().content["TK-B1-number"] == "bảy phút rưỡi"
    submit(page, done)


def test_a_text_that_is_too_large_is_shown_and_stops_no_submission_once_its_question_is_closed(phone, done, people):
    page = opened(phone(), done, "B")
    page.route("**/sync/**/changes/", lambda route: route.fulfill(status=413, body='{"refused": "too_large"}'))
    page.fill("#TK-B1-number", "8")
    says(page, "B1", "quá dài")
    page.unroute("**/sync/**/changes/")
    page.goto(check(done))
    page.click(".submit .btn-primary")
    bar_says(page, "Câu trả lời chưa gửi: 1.")
    returned_elsewhere(done, people.shopper)
    page.goto(check(done))
    expect(leftovers(page)).to_contain_text("quá dài")
    submit(page, done)


def test_a_text_kept_for_the_reviewer_is_not_laid_over_the_answer_when_its_question_opens_again(phone, done, people):
    context = phone()
    page = opened(context, done)
    context.set_offline(True)
    page.check("#TK-A1-no")
    page.fill("#TK-A1-note", "Muộn.")
    says(page, "A1", KEPT)
    returned_elsewhere(done, people.shopper)
    context.set_offline(False)
    says(page, "A1", "giữ lại để người duyệt xem")
    sheets.returned(done, "A1")
    page.reload()
    page.wait_for_timeout(500)
    assert page.is_checked("#TK-A1-yes")
    assert page.locator("#TK-A1 [data-state]").is_hidden()
    page.goto(check(done))
    expect(leftovers(page)).to_contain_text("Không · Muộn.")


def test_an_unsound_text_of_another_tab_is_not_lost_to_what_is_typed_here(phone, done):
    context = phone()
    first, second = opened(context, done, "B"), opened(context, done, "B")
    first.fill("#TK-B1-number", "bảy phút rưỡi")
    first.wait_for_selector("#TK-B1 .kept.is-invalid")
    second.fill("#TK-B1-number", "8")
    says(second, "B1", SENT)
    second.goto(check(done))
    expect(leftovers(second)).to_contain_text("bảy phút rưỡi")
    second.click("[data-leftovers] button:has-text('Để người duyệt xem')")
    eventually(second, Change.objects.filter(outcome="aside").exists)
    second.click(".submit .btn-primary")
    second.wait_for_url("**/receipt/")
    assert stored(done, "B1").number == 8


# --- After the receipt, after a log-out, and of visits that went to somebody else -----------------


def refused_text(phone, visit, people):
    """A page whose text for A1 came when the visit was submitted and only A2 could be changed."""
    context = phone()
    page = opened(context, visit)
    context.set_offline(True)
    page.check("#TK-A1-no")
    says(page, "A1", KEPT)
    returned_elsewhere(visit, people.shopper)
    context.set_offline(False)
    says(page, "A1", "giữ lại để người duyệt xem")
    return page


def test_after_the_receipt_the_phone_holds_nothing_that_the_server_has(phone, done, people):
    page = refused_text(phone, done, people)
    assert held(page) == 2  # and how much the server had
    submit(page, done)
    eventually(page, lambda: held(page) == 0)


def test_after_the_receipt_the_phone_does_not_hold_a_conflict_that_is_over(phone, done, people):
    page = conflicted(phone, done, people)
    returned_elsewhere(done, people.shopper)
    submit(page, done)
    eventually(page, lambda: held(page) == 0)


def test_after_the_receipt_a_photo_that_the_server_has_not_is_still_shown(phone, done, people, tmp_path):
    context = phone()
    page = opened(context, done)
    context.set_offline(True)
    choose(page, tmp_path, "gold")
    photos_say(page, KEPT)
    returned_elsewhere(done, people.shopper)
    context.set_offline(False)
    photos_say(page, "Ảnh chỉ còn ở trên máy này")
    submit(page, done)
    page.goto("/visits/")
    expect(leftovers(page)).to_contain_text("TK-A1")
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("[data-leftovers] button:has-text('Bỏ')")
    eventually(page, lambda: held(page) == 0)


def logged_out(page):
    """What the page asks when its owner logs out."""
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    log_out(page)
    page.wait_for_url("**/login/**")
    return asked


def test_a_log_out_asks_nothing_for_what_the_server_keeps(phone, done, people):
    page = refused_text(phone, done, people)
    assert (logged_out(page), held(page)) == ([], 0)


def gone(phone, visit, people):
    """A page whose text came when the visit had gone to somebody else."""
    context = phone()
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = opened(context, visit)
    Visit.objects.update(shopper=people.shopper2)
    page.check("#TK-A2-not_met")
    page.fill("#TK-A2-note", "Không ai chào tôi.")
    says(page, "A2", "Lượt này không còn giao cho Anh/Chị")
    return page


def test_the_text_of_a_visit_that_went_to_another_is_shown_copied_and_discarded(phone, visit, people):
    page = gone(phone, visit, people)
    page.goto("/visits/")
    expect(leftovers(page)).to_contain_text("Chưa đạt · Không ai chào tôi.")
    page.click("[data-leftovers] button:has-text('Chép nội dung')")
    assert page.evaluate("navigator.clipboard.readText()") == "Chưa đạt · Không ai chào tôi."
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("[data-leftovers] button:has-text('Bỏ')")
    expect(leftovers(page)).to_have_count(0)
    assert held(page) == 0


def test_a_log_out_does_not_say_that_the_text_of_such_a_visit_will_be_sent(phone, visit, people):
    page = gone(phone, visit, people)
    assert (logged_out(page), held(page)) == ([], 1)


def test_the_text_of_a_visit_that_comes_back_goes_from_its_page(phone, visit, people):
    page = gone(phone, visit, people)
    Visit.objects.update(shopper=people.shopper)
    page.reload()
    says(page, "A2", SENT)
    assert stored(visit, "A2").note == "Không ai chào tôi."


def test_my_visits_sends_what_waits_and_lists_nothing_of_it(phone, visit):
    context = phone()
    page = opened(context, visit)
    context.set_offline(True)
    page.check("#TK-A2-met")
    says(page, "A2", KEPT)
    put_away(page)
    context.set_offline(False)
    page = context.new_page()
    page.goto("/visits/")
    eventually(page, lambda: stored(visit, "A2") is not None)
    assert page.locator("[data-leftovers]").is_hidden()
