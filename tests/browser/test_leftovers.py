"""What the server did not take is shown with its text or picture, and stops nobody from submitting the rest."""

import pytest
from django.urls import reverse
from django.utils import timezone

from audits.fieldwork.visits import actions as visits
from audits.models import Change, Photo
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
    stored,
)
from tests.sheets import entry

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

LATER = "Câu này vừa được đổi ở trang hoặc điện thoại khác"


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
    expect(page.locator("[data-outbox] a")).to_have_text("TK-A1")
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
