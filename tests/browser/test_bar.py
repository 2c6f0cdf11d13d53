"""What the bar at the foot of the form says: one count, of the visit, and never more than the server has said."""

import pytest
from django.utils import timezone

from audits.fieldwork.visits import actions as visits
from audits.models import Photo, Visit
from tests import sheets
from tests.browser.phones import KEPT, bar_says, choose, complete, expect, opened, photos_say, put_away, says
from tests.sheets import entry

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


def bar(page):
    return page.locator("[data-outbox]")


def test_it_counts_the_visit_from_the_first_and_on_every_page(phone, visit, people):
    visits.save_answers(visit=visit, entries=[entry("B2", "a")], by=people.shopper, at=timezone.now())
    context = phone()
    page = opened(context, visit)
    assert page.locator(".dock .saved").text_content() == "1/6 câu đã lưu"
    expect(bar(page)).to_have_text("Đã gửi 1/6 câu")
    page.check("#TK-A2-met")
    expect(bar(page)).to_have_text("Đã gửi 2/6 câu")
    expect(bar(opened(context, visit, "B"))).to_have_text("Đã gửi 2/6 câu")


def test_it_counts_photos_that_the_server_has_among_all_there_are(phone, visit, tmp_path):
    context = phone()
    page = opened(context, visit)
    choose(page, tmp_path, "gold")
    expect(bar(page)).to_have_text("Đã gửi 0/6 câu, 1/1 ảnh", timeout=15_000)
    context.set_offline(True)
    choose(page, tmp_path, "teal")
    photos_say(page, "Đã gửi", KEPT)
    bar_says(page, KEPT)
    page.route("**/sync/**/photos/", lambda route: None)  # on its way, and not there
    context.set_offline(False)
    expect(bar(page)).to_have_text("Đang gửi… Đã gửi 0/6 câu, 1/2 ảnh")
    assert Photo.objects.count() == 1


def test_it_does_not_go_on_sending_after_a_photo_was_refused(phone, visit, people, tmp_path):
    complete(visit, people.shopper)
    context = phone()
    page = opened(context, visit)
    context.set_offline(True)
    choose(page, tmp_path, "gold")
    photos_say(page, KEPT)
    visits.submit(visit=visit, by=people.shopper, at=timezone.now())
    sheets.returned(visit, "A2")
    context.set_offline(False)
    photos_say(page, "Câu này không nhận ảnh nữa")
    expect(bar(page)).to_have_text("Đã gửi 6/6 câu, 1/1 ảnh")


def test_it_says_that_the_visit_is_gone(phone, visit, people):
    page = opened(phone(), visit)
    Visit.objects.update(shopper=people.shopper2)
    page.check("#TK-A2-met")
    says(page, "A2", "Lượt này không còn giao cho Anh/Chị")
    expect(bar(page)).to_have_text("Lượt này không còn giao cho Anh/Chị. Những gì chưa gửi vẫn ở trên máy.")


def test_it_tells_what_another_tab_has_sent(phone, visit):
    context = phone()
    first, second = opened(context, visit), opened(context, visit, "B")
    first.check("#TK-A2-met")
    expect(bar(second)).to_have_text("Đã gửi 1/6 câu")


def test_it_does_not_count_another_visit(phone, visit, people):
    other = sheets.started(sheets.Outlet.objects.get(unit__code="AGG-LX-02"), people.shopper, at=visit.started_at)
    complete(other, people.shopper)
    context = phone()
    page = opened(context, visit)
    context.set_offline(True)
    page.check("#TK-A2-met")
    says(page, "A2", KEPT)
    put_away(page)
    page = opened_offline_then_online(context, other)
    expect(bar(page)).to_have_text("Đã gửi 6/6 câu, 1/1 ảnh")


def opened_offline_then_online(context, visit):
    """A page of a visit that sends what was typed for another, and has done so."""
    context.set_offline(False)
    page = context.new_page()
    with page.expect_response("**/sync/**/changes/"):
        page.goto(f"/visits/{visit.public_id}/sections/A/")
    page.wait_for_timeout(300)
    return page


def test_after_submitting_it_counts_what_is_answered_later(phone, visit, people):
    complete(visit, people.shopper)
    visits.submit(visit=visit, by=people.shopper, at=timezone.now())
    page = phone().new_page()
    page.goto(f"/visits/{visit.public_id}/follow-up/")
    expect(bar(page)).to_have_text("Đã gửi 0/1 câu, 1/1 ảnh")
    page.check("#TK-B3-yes")
    expect(bar(page)).to_have_text("Đã gửi 1/1 câu, 1/1 ảnh")
