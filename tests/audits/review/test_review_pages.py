"""The reviewer's pages, without a script."""

import errno
from datetime import timedelta

import pytest
from django.urls import reverse

from audits import photos
from audits.fieldwork.states import VisitState
from audits.fieldwork.visits import actions as visits
from audits.models import Claim, DraftRemark, Photo, Screening, ShownNote, ShownPhoto, Visit
from audits.review import actions as review
from audits.review import queries, screening
from audits.review.actions import Marks, fingerprint
from outlets.models import Channel, HeldForm, Role, User
from outlets.people import held
from tests import pages, sheets, worlds
from tests.sheets import entry
from tests.worlds import NOW

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=8)  # nothing waits for follow-ups any more


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)


@pytest.fixture
def page(client, reviewer):
    client.force_login(reviewer)
    return client


def url(name, visit=None, **kwargs):
    return reverse(f"audits:{name}", kwargs={"visit_id": visit.public_id, **kwargs} if visit else None)


def posted(do, *, submission=1, **fields) -> dict[str, str]:
    """The review form with one button pressed; `remark_A2="…"` fills the field of TK-A2, over nothing."""
    named = {f"{name.rpartition('_')[0].replace('_', '-')}-TK-{name[-2:]}": value for name, value in fields.items()}
    return {"do": do, "submission": submission} | named


def refused(page, visit, fields):
    """The page that a refused decision leads to: asked for anew, so that a reload sends nothing."""
    owner = held.owner_token(User.objects.get(username="reviewer"))
    answer = page.post(url("review_detail", visit), fields | {held.OWNER_FIELD: owner}, follow=True)
    assert answer.redirect_chain == [(url("review_detail", visit), 302)]
    assert state_of(visit) == VisitState.SUBMITTED
    return answer


def state_of(visit) -> str:
    return Visit.objects.get(pk=visit.pk).state


# --- The queue ------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_takes_the_same_queries_for_any_number(page, places, shopper, count, django_assert_num_queries):
    for _ in range(count):
        sheets.submitted(places.counter, shopper)
    with django_assert_num_queries(7):
        response = page.get(url("review_list"))
    assert response.context["listing"].total == count
    assert response.content.decode().count("VNPT An Giang · ") == count


def test_flagged_visits_come_first_then_the_oldest_and_incomplete_ones_last(page, places, shopper):
    def submitted(day, minutes=20):
        visit = sheets.complete(sheets.started(places.counter, shopper, at=NOW + day), shopper, at=NOW + day)
        Photo.objects.filter(visit=visit).update(sha256=str(visit.pk))
        visits.submit(visit=visit, by=shopper, at=NOW + day + timedelta(minutes=minutes))
        return visit

    day = timedelta(days=1)
    oldest, calm, fast = submitted(-day), submitted(0 * day), submitted(0.5 * day, minutes=2)
    incomplete = submitted(7 * day, minutes=1)
    screening.screen([oldest, calm, fast, incomplete], at=LATER)
    assert list(page.get(url("review_list")).context["listing"].page) == [fast, oldest, calm, incomplete]
    flagged = page.get(url("review_list"), {"flagged": "yes"}).context["listing"].page
    assert set(flagged) == {fast, incomplete}


def test_the_queue_is_searched_and_filtered_by_who_has_it(page, places, visit, shopper, reviewer, colleague):
    mine, theirs = sheets.submitted(places.other_counter, shopper), sheets.submitted(places.far_counter, shopper)
    review.claim(visit=mine, by=reviewer, at=LATER)
    review.claim(visit=theirs, by=colleague, at=LATER)
    found = {
        value: list(page.get(url("review_list"), {"claim": value}).context["listing"].page)
        for value in ("mine", "others", "nobody")
    }
    assert found == {"mine": [mine], "others": [theirs], "nobody": [visit]}
    assert list(page.get(url("review_list"), {"q": "dong da"}).context["listing"].page) == [theirs]
    assert "Người colleague" in page.get(url("review_list")).content.decode()
    nothing = page.get(url("review_list"), {"q": "khong co o dau"}).content.decode()
    assert ("Không tìm thấy lượt nào" in nothing, "Không có phiếu nào chờ" in nothing) == (True, False)


def test_own_units_and_what_does_not_wait_are_not_in_the_queue(page, places, visit, shopper, reviewer):
    returned = sheets.submitted(places.other_counter, shopper)
    review.return_visit(visit=returned, remarks={"TK-A2": "?"}, by=reviewer, at=NOW)
    worlds.staff_member("NV1", "Lê Thị Thu Hà", places.counter, user=reviewer)
    assert page.get(url("review_list")).context["listing"].total == 0
    assert page.get(url("review_detail", visit)).status_code == 404


def test_the_next_visit_is_taken_screened_and_opened(page, visit, reviewer):
    response = page.post(url("review_next"))
    assert response.url == url("review_detail", visit)
    assert Claim.objects.get().by == reviewer
    assert Screening.objects.get().submission.visit == visit


def test_an_empty_queue_says_so(page, places):
    response = page.post(url("review_next"), follow=True)
    assert response.redirect_chain == [(url("review_list"), 302)]
    assert "Hiện không còn phiếu nào chờ" in response.content.decode()


# --- One visit ------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_a_visit_takes_the_same_queries_for_any_photos_and_marks(
    page, visit, reviewer, count, django_assert_num_queries
):
    photo = Photo.objects.get()
    for number in range(count):
        photo.pk, photo.public_id, photo.sha256 = None, None, str(number)
        photo.public_id = Photo._meta.get_field("public_id").get_default()
        photo.save()
    marks = [Marks(f"TK-{short}", "Nhờ nói rõ") for short in ("A1", "A2", "B1")[:count]]
    review.save(visit=visit, marks=marks, by=reviewer, at=LATER)
    page.get(url("review_detail", visit))
    with django_assert_num_queries(18):
        assert page.get(url("review_detail", visit)).status_code == 200


def test_what_lost_points_or_was_flagged_stands_first(page, visit):
    screening.screen([visit], at=LATER)
    desk = page.get(url("review_detail", visit)).context["desk"]
    assert [item.code for item in desk.to_look_at] == ["TK-B1", "TK-A2"]
    assert [flag.kind for flag in desk.visit_flags] == ["too_fast"]
    assert desk.rest_count == 5


def test_earlier_results_of_the_outlet_stand_beside(page, places, visit, shopper, reviewer):
    for day in range(7):
        earlier = sheets.submitted(places.counter, shopper, at=NOW - timedelta(hours=day))
        review.approve(visit=earlier, by=reviewer, at=LATER)
    elsewhere = sheets.submitted(places.other_counter, shopper)
    review.approve(visit=elsewhere, by=reviewer, at=LATER)
    desk = page.get(url("review_detail", visit)).context["desk"]
    assert len(desk.earlier) == 5
    assert {each.visit.outlet for each in desk.earlier} == {places.counter}
    assert desk.earlier[0].percent == 650_000


def test_an_earlier_grade_that_was_capped_says_so_beside_it(page, places, visit, shopper, reviewer):
    for day, capped in enumerate((False, True)):
        earlier = sheets.submitted(places.counter, shopper, at=NOW - timedelta(hours=day))
        review.approve(visit=earlier, by=reviewer, at=LATER)
        earlier.submissions.update(is_capped=capped)
    visit.submissions.update(is_capped=False)
    response = page.get(url("review_detail", visit))
    assert [each.is_capped for each in response.context["desk"].earlier] == [True, False]
    assert response.content.decode().count("bị giới hạn do tiêu chí trọng yếu") == 1


def test_a_clean_visit_is_approved_in_two_actions_and_the_next_opens(page, places, visit, shopper, reviewer):
    following = sheets.submitted(places.other_counter, shopper)
    opened = page.post(url("review_next")).url
    response = page.post(opened, posted("approve"))
    assert state_of(visit) == VisitState.APPROVED
    assert response.url == f"{url('review_detail', following)}?decided={visit.public_id}"
    assert Claim.objects.get().visit == following
    assert url("review_take_back", visit) in page.get(response.url).content.decode()
    assert url("review_take_back", visit) in page.get(url("received_detail", visit)).content.decode()
    assert page.post(url("review_take_back", visit)).url == url("review_detail", visit)
    assert state_of(visit) == VisitState.SUBMITTED


def test_a_visit_is_returned_with_its_remarks_and_can_be_taken_back(page, visit, reviewer):
    response = page.post(url("review_detail", visit), posted("return", remark_A2="Nhờ nói rõ", remark_B1=""))
    assert state_of(visit) == VisitState.RETURNED
    assert list(visit.remarks.values_list("criterion__code", "text")) == [("TK-A2", "Nhờ nói rõ")]
    assert response.url == reverse("audits:review_list", query={"decided": visit.public_id})
    body = page.get(url("received_detail", visit)).content.decode()
    assert body.index("Nhờ nói rõ") < body.index("Tất cả câu trả lời")
    assert page.post(url("review_take_back", visit)).url == url("review_detail", visit)
    assert state_of(visit) == VisitState.SUBMITTED
    assert "Nhờ nói rõ" in page.get(url("review_detail", visit)).content.decode()


def test_the_next_page_offers_to_take_the_return_back(page, places, visit, shopper):
    sheets.submitted(places.other_counter, shopper)
    page.post(url("review_claim", visit))
    response = page.post(url("review_detail", visit), posted("return", remark_A2="Nhờ nói rõ"), follow=True)
    assert response.context["decided"] == visit
    assert url("review_take_back", visit) in response.content.decode()


def test_a_return_that_the_shopper_has_begun_to_answer_stays(page, visit, reviewer, shopper):
    review.return_visit(visit=visit, remarks={"TK-A2": "?"}, by=reviewer, at=NOW)
    visits.save_answers(visit=visit, entries=[entry("A2", "met", seen=1)], by=shopper, at=LATER)
    response = page.post(url("review_take_back", visit), follow=True)
    assert "đã bắt đầu bổ sung" in response.content.decode()
    assert state_of(visit) == VisitState.RETURNED


def test_what_was_written_is_kept_by_every_button(page, visit, reviewer):
    photo = Photo.objects.get()
    for number, do in enumerate(("save", f"show:{photo.public_id}", f"edit:{photo.public_id}", "release", "?")):
        text, before = f"Lần {number}", f"Lần {number - 1}" if number else ""
        fields = posted(do, remark_A2=text, remark_seen_A2=fingerprint(before))
        assert page.post(url("review_detail", visit), fields).status_code == 302
        assert DraftRemark.objects.get().text == text


def test_a_visit_is_not_approved_over_remarks_that_were_written(page, visit):
    response = refused(page, visit, posted("approve", remark_A2="Nhờ nói rõ"))
    assert "nhận xét trả lại" in response.content.decode()
    assert DraftRemark.objects.get().text == "Nhờ nói rõ"


def test_returning_without_a_remark_says_what_to_do(page, visit):
    assert "ít nhất một nhận xét" in refused(page, visit, posted("return")).content.decode()


def test_approval_waits_for_follow_ups_with_a_clear_page(page, visit, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    assert "Phiếu còn chờ câu trả lời sau" in refused(page, visit, posted("approve")).content.decode()


def test_two_tabs_show_both_texts_and_the_second_press_decides(page, visit):
    page.post(url("review_detail", visit), posted("save", remark_A2="Một"))
    response = refused(page, visit, posted("return", remark_A2="Hai", remark_seen_A2=""))
    assert "ở thẻ khác" in response.context["problem"]
    body = response.content.decode()
    assert "Một" in body
    assert "Hai" in body
    item = next(item for item in response.context["desk"].items if item.code == "TK-A2")
    page.post(url("review_detail", visit), posted("save", remark_A2="Hai", remark_seen_A2=item.remark_seen))
    assert DraftRemark.objects.get().text == "Hai"


LONG = "ă" * 1003


def test_a_text_over_its_limit_keeps_all_others_and_says_by_how_much(page, visit):
    fields = posted("return", remark_A2=LONG, remark_B1="Khác", words_Z2="Vắng khách", show_Z2="on")
    response = refused(page, visit, fields)
    items = {item.code: item for item in response.context["desk"].items}
    assert (items["TK-A2"].remark, items["TK-B1"].remark) == (LONG, "Khác")
    assert (items["TK-Z2"].words, items["TK-Z2"].is_shown) == ("Vắng khách", True)
    [error] = items["TK-A2"].errors
    assert error.startswith("Nhận xét trả lại: Nội dung có 1003 ký tự, thừa 3 ký tự")
    assert "Chưa lưu gì" in response.context["problem"]
    assert (DraftRemark.objects.count(), ShownNote.objects.count()) == (0, 0)


def test_a_refused_decision_is_neither_sent_again_nor_lost_by_a_reload(page, visit):
    refused(page, visit, posted("approve", remark_A2=LONG, remark_B1="Khác"))
    for _reload in range(2):
        again = page.get(url("review_detail", visit))
        assert [item.remark for item in again.context["desk"].items if item.remark] == [LONG, "Khác"]
        assert "Chưa lưu gì" in again.context["problem"]
    assert (state_of(visit), DraftRemark.objects.count()) == (VisitState.SUBMITTED, 0)
    assert "no-store" in again["Cache-Control"]  # Back asks for the page as well
    page.post(url("review_detail", visit), posted("save", remark_A2="Ngắn", remark_B1="Khác"))
    saved = page.get(url("review_detail", visit))
    assert [item.remark for item in saved.context["desk"].items if item.remark] == ["Ngắn", "Khác"]
    assert (saved.context["problem"], HeldForm.objects.count()) == ("", 0)


def test_what_is_too_much_to_be_kept_is_shown_at_once(page, visit, monkeypatch):
    monkeypatch.setattr("outlets.people.held.LARGEST", 1000)
    response = page.post(url("review_detail", visit), posted("approve", remark_A2=LONG))
    assert (response.status_code, state_of(visit)) == (422, VisitState.SUBMITTED)
    assert LONG in response.content.decode()


def test_a_text_typed_while_the_log_in_ended_stands_on_the_page_again(client, page, visit, reviewer):
    body = page.get(url("review_detail", visit)).content.decode()
    owner = body.split('name="form-owner" value="')[1].split('"')[0]
    page.logout()
    page.post(url("review_detail", visit), posted("return", remark_A2="Nhờ nói rõ") | {"form-owner": owner})
    page.force_login(reviewer)
    assert "Nhờ nói rõ" in page.get(url("review_detail", visit)).content.decode()
    assert state_of(visit) == VisitState.SUBMITTED


def test_a_text_from_before_the_log_in_is_shown_though_the_visit_was_decided_meanwhile(
    page, visit, reviewer, colleague
):
    body = page.get(url("review_detail", visit)).content.decode()
    owner = body.split('name="form-owner" value="')[1].split('"')[0]
    page.logout()
    page.post(url("review_detail", visit), posted("return", remark_A2="Nhờ nói rõ") | {"form-owner": owner})
    review.approve(visit=visit, by=colleague, at=LATER)
    page.force_login(reviewer)
    shown = page.get(url("review_detail", visit))
    assert (shown.status_code, "Nhờ nói rõ" in shown.content.decode()) == (409, True)
    assert page.get(url("review_detail", visit)).status_code == 302


# --- Somebody was faster --------------------------------------------------------------------------


def test_a_colleagues_visit_can_be_read_and_not_decided(page, visit, reviewer, colleague):
    review.claim(visit=visit, by=colleague, at=LATER)
    body = page.get(url("review_detail", visit)).content.decode()
    assert "Người colleague" in body
    assert 'value="approve"' not in body
    for act in (
        lambda: page.post(url("review_claim", visit)),
        lambda: page.post(url("review_detail", visit), posted("approve", remark_A2="Của tôi")),
    ):
        refused = act()
        assert refused.status_code == 409
        assert "Người colleague" in refused.content.decode()
    assert "Của tôi" in refused.content.decode()
    assert state_of(visit) == VisitState.SUBMITTED


def test_who_decided_and_when_is_told_to_the_slower_one(page, visit, colleague):
    review.approve(visit=visit, by=colleague, at=LATER)
    refused = page.post(url("review_detail", visit), posted("return", remark_A2="Nhờ nói rõ"))
    body = refused.content.decode()
    assert refused.status_code == 409
    for words in ("Người colleague", "Đã duyệt", "20/11/2026", "Nhờ nói rõ"):
        assert words in body
    assert page.get(url("review_detail", visit)).url == url("received_detail", visit)


def test_pressing_approve_twice_leads_on(page, visit):
    page.post(url("review_detail", visit), posted("approve"))
    again = page.post(url("review_detail", visit), posted("approve"), follow=True)
    assert again.status_code == 200
    assert visit.events.filter(kind="approved").count() == 1


def test_answers_that_came_meanwhile_are_looked_at_first(page, visit, shopper):
    visits.save_answers(visit=visit, entries=[entry("B3", "yes")], by=shopper, at=NOW)
    visits.submit_follow_up(visit=visit, by=shopper, at=NOW)
    refused = page.post(url("review_detail", visit), posted("approve", submission=1))
    assert (refused.status_code, state_of(visit)) == (409, VisitState.SUBMITTED)
    assert "10:00 12/11/2026" in refused.content.decode()
    page.post(url("review_detail", visit), posted("approve", submission=2))
    assert state_of(visit) == VisitState.APPROVED


# --- What the unit may see ------------------------------------------------------------------------


def test_a_note_is_shown_only_when_ticked_and_in_the_words_given(page, places, shopper):
    visit = sheets.complete(sheets.started(places.counter, shopper), shopper)
    visits.save_answers(
        visit=visit, entries=[entry("A2", "partly", note="Chị Ánh chưa chào", seen=1)], by=shopper, at=NOW
    )
    visits.submit(visit=visit, by=shopper, at=NOW)
    as_it_stands = posted("save", words_A2="Chị Ánh chưa chào", words_Z2="Tôi vào lúc vắng khách.")
    page.post(url("review_detail", visit), as_it_stands)
    assert not ShownNote.objects.exists()
    refused(page, visit, posted("save", words_A2="Chưa chào khách"))
    assert not ShownNote.objects.exists()
    refused(page, visit, posted("save", words_A2="", show_A2="on"))
    page.post(url("review_detail", visit), posted("save", words_A2="Chưa chào khách", show_A2="on"))
    assert list(ShownNote.objects.values_list("criterion__code", "text")) == [("TK-A2", "Chưa chào khách")]
    seen = fingerprint("Chưa chào khách")
    page.post(url("review_detail", visit), posted("save", words_A2="Chưa chào khách", words_seen_A2=seen))
    assert not ShownNote.objects.exists()


def test_a_photo_is_shown_cut_and_withdrawn(page, visit, media_root):
    photo = Photo.objects.get()
    page.post(url("review_detail", visit), posted(f"show:{photo.public_id}"))
    whole = ShownPhoto.objects.get()
    assert (whole.width, whole.height) == (photo.width, photo.height)
    address = url("review_photo", visit, photo_id=photo.public_id)
    assert page.post(address, {"left": "50", "cells": ["0-0", "8-11"], "do": "show"}).url == address
    copy = ShownPhoto.objects.get()
    assert (copy.width, copy.height) == (photo.width // 2, photo.height)
    assert page.get(url("review_shown_photo", visit, shown_id=copy.public_id))["Content-Type"] == "image/jpeg"
    assert page.get(url("review_shown_photo", visit, shown_id=whole.public_id)).status_code == 404
    page.post(url("review_detail", visit), posted(f"hide:{photo.public_id}"))
    assert not ShownPhoto.objects.exists()


@pytest.mark.parametrize(
    "fields", [{"left": "60", "right": "40"}, {"left": "-1"}, {"top": "x"}, {"cells": "99-0"}, {"cells": "a"}]
)
def test_a_cut_that_cannot_be_is_refused(page, visit, fields):
    address = url("review_photo", visit, photo_id=Photo.objects.get().public_id)
    assert page.post(address, fields).status_code == 422
    assert not ShownPhoto.objects.exists()


def test_a_copy_that_is_edited_again_keeps_what_was_blurred_and_cut(page, visit):
    address = url("review_photo", visit, photo_id=Photo.objects.get().public_id)
    page.post(address, {"do": "show", "left": "10", "cells": ["0-0", "4-7"]})
    shown = page.get(address)
    assert shown.context["ticked"] == ["0-0", "4-7"]
    assert shown.content.decode().count(" checked>") == 2
    assert (shown.context["form"]["left"].value(), shown.context["form"]["right"].value()) == (10, 0)


def test_a_copy_for_which_there_is_no_room_is_refused_in_words(page, visit, monkeypatch, media_root):
    def full(path, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(photos, "_write", full)
    photo, before = Photo.objects.get(), set(media_root.rglob("*.*"))
    answer = page.post(url("review_photo", visit, photo_id=photo.public_id), {"do": "show"})
    assert answer.status_code == 422
    assert "Máy chủ tạm hết chỗ lưu ảnh" in pages.words(answer)
    again = refused(page, visit, posted(f"show:{photo.public_id}"))
    assert "Máy chủ tạm hết chỗ lưu ảnh" in pages.words(again)
    assert (ShownPhoto.objects.count(), set(media_root.rglob("*.*"))) == (0, before)


def test_papers_are_neither_offered_nor_shown(page, places, shopper):
    sheets.every_kind(papers=True)
    visit = sheets.submitted(places.counter, shopper)
    photo = Photo.objects.get(visit=visit)
    body = page.get(url("review_detail", visit)).content.decode()
    assert f"show:{photo.public_id}" not in body
    assert page.get(url("review_photo", visit, photo_id=photo.public_id)).status_code == 404
    assert "không bao giờ" in refused(page, visit, posted(f"show:{photo.public_id}")).content.decode()
    assert not ShownPhoto.objects.exists()


def test_an_approved_visit_lists_what_is_shown_and_withdraws_it(page, visit, reviewer):
    photo = Photo.objects.get()
    source = next(line.source for line in queries.read(visit).lines if line.criterion.code == "TK-Z2")
    marked = posted(f"show:{photo.public_id}", words_Z2="Vắng khách", show_Z2="on", source_Z2=source)
    page.post(url("review_detail", visit), marked)
    review.approve(visit=visit, by=reviewer, at=LATER)
    assert "Vắng khách" in page.get(url("received_detail", visit)).content.decode()
    page.post(url("review_hide", visit), {"what": "note:TK-Z2"})
    page.post(url("review_hide", visit), {"what": f"photo:{photo.public_id}"})
    assert (ShownNote.objects.count(), ShownPhoto.objects.count()) == (0, 0)
    assert visit.events.filter(kind="hidden").count() == 2


def test_nonsense_to_withdraw_changes_nothing(page, visit):
    for what in ("", "note:", "photo:x", "note:TK-Q9", "visit:1"):
        assert page.post(url("review_hide", visit), {"what": what}).status_code == 302
    assert state_of(visit) == VisitState.SUBMITTED


@pytest.mark.parametrize(("channel", "is_said"), [(Channel.TECHNICIAN, True), (Channel.COUNTER, False)])
def test_where_the_order_names_the_customer_the_page_says_so(page, places, shopper, channel, is_said):
    outlet = worlds.outlet("AGG-K", "Tổ kỹ thuật", places.an_giang, channel)
    body = page.get(url("review_detail", sheets.submitted(outlet, shopper))).content.decode()
    assert ("qua đơn hàng" in body) is is_said


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.EDITOR, Role.SHOPPER, Role.MANAGER])
def test_other_roles_are_refused(client, places, visit, role):
    unit = places.group if role == Role.MANAGER else None
    client.force_login(worlds.user("somebody", role, unit))
    assert client.get(url("review_detail", visit)).status_code == 403
    assert client.post(url("review_next")).status_code == 403
