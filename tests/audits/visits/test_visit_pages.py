"""The shopper's pages over HTTP: what works, what is refused, and how many queries each takes."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from audits.fieldwork.states import VisitState
from audits.fieldwork.visits import actions as visits
from audits.fieldwork.visits import sheet
from audits.models import Answer, Photo, Submission, Visit
from outlets.models import HeldForm, Role
from tests import sheets, worlds
from tests.kept import kept
from tests.pages import essence, words

pytestmark = pytest.mark.django_db


@kept
def places():
    return worlds.places()


@pytest.fixture
def shopper(places):
    return worlds.user("shopper", Role.SHOPPER)


@pytest.fixture
def other(places):
    return worlds.user("shopper2", Role.SHOPPER)


@pytest.fixture
def page(client, shopper):
    client.force_login(shopper)
    return client


@pytest.fixture(autouse=True)
def today(monkeypatch):
    """The pages' clock stands at worlds.NOW."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: worlds.NOW)


def url(name, visit, **kwargs):
    return reverse(f"audits:{name}", kwargs={"visit_id": visit.public_id, **kwargs})


def section(visit, code="A"):
    return url("section_edit", visit, section=code)


def answers(visit):
    return dict(Answer.objects.filter(visit=visit).values_list("criterion__code", "value"))


def test_my_visits_stand_in_the_order_in_which_they_want_attention(page, places, shopper):
    late = sheets.assigned(
        places.counter, shopper, opens_on=worlds.TODAY - timedelta(9), due_on=worlds.TODAY - timedelta(2)
    )
    now = sheets.started(places.other_counter, shopper)
    agenda = page.get(reverse("audits:visit_list")).context["agenda"]
    assert [item.visit for item in agenda.overdue] == [late]
    assert [(item.visit, item.answered, item.asked) for item in agenda.started] == [(now, 0, 6)]
    assert agenda.now == 2


def test_an_empty_list_says_so(page):
    body = page.get(reverse("audits:visit_list")).content.decode()
    assert '<div class="empty' in body


@pytest.mark.parametrize("number", [1, 3])
def test_my_visits_take_the_same_queries_for_any_number(page, places, shopper, number, django_assert_num_queries):
    for _ in range(number):
        sheets.submitted(places.counter, shopper)
        sheets.started(places.counter, shopper)
        sheets.assigned(places.counter, shopper)
    with django_assert_num_queries(7):
        assert page.get(reverse("audits:visit_list")).status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_done_visits_take_the_same_queries_for_any_number(page, places, shopper, number, django_assert_num_queries):
    for _ in range(number):
        sheets.submitted(places.counter, shopper)
    with django_assert_num_queries(5):
        response = page.get(reverse("audits:visit_history"))
    assert response.context["listing"].total == number


def test_a_section_page_takes_the_same_queries_for_any_answers(page, places, shopper, django_assert_num_queries):
    visit = sheets.started(places.counter, shopper)
    page.get(section(visit))
    with django_assert_num_queries(7):
        page.get(section(visit))
    sheets.complete(visit, shopper)
    with django_assert_num_queries(7):
        page.get(section(visit))


@pytest.mark.parametrize(
    "name", ["visit_detail", "visit_met", "visit_check", "visit_receipt", "visit_not_possible", "follow_up_edit"]
)
def test_another_shoppers_visit_is_missing(page, places, other, name):
    visit = sheets.submitted(places.counter, other)
    missing = page.get(reverse(f"audits:{name}", kwargs={"visit_id": uuid4()}))
    foreign = page.get(url(name, visit))
    assert foreign.status_code == 404
    assert essence(missing) == essence(foreign)


def test_starting_leads_to_the_sections(page, places, shopper):
    visit = sheets.assigned(places.counter, shopper)
    response = page.post(url("visit_start", visit), follow=True)
    assert response.templates[0].name == "audits/visits/visit_tasks.html"
    assert page.post(url("visit_start", visit)).status_code == 302  # a double tap


def test_a_section_saves_and_leads_to_the_next(page, places, shopper):
    visit = sheets.started(places.counter, shopper)
    data = {
        "TK-A1": "yes",
        "TK-A1-note": "",
        "TK-A2": "not_met",
        "TK-A2-note": "Không chào",
        "TK-A1-photos": sheets.picture(),
    }
    response = page.post(section(visit), data)
    assert response.url == section(visit, "B")
    assert answers(visit) == {"TK-A1": "yes", "TK-A2": "not_met"}
    assert Photo.objects.get().criterion.code == "TK-A1"


def test_a_wrong_number_keeps_the_rest_of_the_section(page, places, shopper):
    visit = sheets.started(places.counter, shopper)
    response = page.post(section(visit, "B"), {"TK-B1-number": "bảy phút", "TK-B2": "a"})
    assert response.status_code == 422
    assert answers(visit) == {"TK-B2": "a"}
    assert "bảy phút" in response.content.decode()


@pytest.mark.parametrize(
    ("typed", "stored"), [("7,5", "7.50"), ("7.5", "7.50"), (" 12 ", "12.00"), ("0", "0.00"), ("1.234,5", "1234.50")]
)
def test_numbers_are_read_as_typed_in_vietnam(page, places, shopper, typed, stored):
    visit = sheets.started(places.counter, shopper)
    page.post(section(visit, "B"), {"TK-B1-number": typed})
    assert str(Answer.objects.get(visit=visit).number) == stored


@pytest.mark.parametrize(
    "typed", ["-1", "1e9", "NaN", "Infinity", "999999999", "1.234", "7,123", "٣", "０", "x" * 100_000]
)
def test_what_is_no_number_gets_a_message_and_is_not_stored(page, places, shopper, typed):
    visit = sheets.started(places.counter, shopper)
    response = page.post(section(visit, "B"), {"TK-B1-number": typed})
    if response.status_code == 302:
        assert Answer.objects.get(visit=visit).number >= 0
    else:
        assert (response.status_code, answers(visit)) == (422, {})


def test_an_unknown_choice_is_not_stored(page, places, shopper):
    visit = sheets.started(places.counter, shopper)
    response = page.post(section(visit), {"TK-A1": "perhaps", "TK-A2": "met"})
    assert (response.status_code, answers(visit)) == (422, {"TK-A2": "met"})


def test_a_note_of_a_megabyte_is_refused_with_its_length(page, places, shopper):
    visit = sheets.started(places.counter, shopper)
    response = page.post(section(visit), {"TK-A1": "yes", "TK-A1-note": "ế" * 600_000, "TK-A2": "met"})
    assert (response.status_code, answers(visit)) == (422, {"TK-A2": "met"})
    assert "600000" in response.content.decode()


def test_control_characters_are_cleaned_alike_on_both_databases(page, places, shopper):
    visit = sheets.started(places.counter, shopper)
    page.post(section(visit), {"TK-A1": "yes", "TK-A1-note": "a\x00b\x07 Đa\u0300 \u202eNẵng"})
    assert Answer.objects.get(visit=visit).note == "ab Đà Nẵng"


def test_a_bad_photo_gets_a_message_and_the_rest_is_kept(page, places, shopper):
    visit = sheets.started(places.counter, shopper)
    half = sheets.picture(size=(800, 600))
    half.file.truncate(2000)
    half.size = 2000
    response = page.post(section(visit), {"TK-A1": "yes", "TK-A1-photos": [half, sheets.picture("gold")]})
    assert (response.status_code, answers(visit), Photo.objects.count()) == (422, {"TK-A1": "yes"}, 1)
    assert response.context["form"].photo_errors["TK-A1"] != []


def test_a_photo_is_removed_and_brought_back_without_losing_what_is_typed(page, places, shopper):
    visit = sheets.started(places.counter, shopper)
    page.post(section(visit), {"TK-A1-photos": sheets.picture()})
    photo = Photo.objects.get()
    gone = page.post(section(visit), {"TK-A1": "no", "TK-A1-note": "Bẩn", "remove": str(photo.public_id)})
    assert gone.url == f"{section(visit)}#TK-A1"
    assert (Photo.objects.kept().count(), answers(visit)) == (0, {"TK-A1": "no"})
    data = {"TK-A1": "no", "TK-A1-note": "Bẩn", "TK-A1-seen": 1, "restore": str(photo.public_id)}
    assert page.post(section(visit), data).url == f"{section(visit)}#TK-A1"
    assert Photo.objects.kept().count() == 1


def test_two_tabs_show_both_texts_and_overwrite_nothing(page, places, shopper):
    visit = sheets.started(places.counter, shopper)
    page.post(section(visit), {"TK-A1": "no", "TK-A1-note": "Kính bẩn"})
    response = page.post(section(visit), {"TK-A1": "no", "TK-A1-note": "Sàn bẩn"})
    body = response.content.decode()
    assert response.status_code == 422
    assert "Kính bẩn" in body
    assert "Sàn bẩn" in body
    assert Answer.objects.get(visit=visit).note == "Kính bẩn"


def test_the_rest_is_marked_not_applicable_with_one_reason(page, places, shopper):
    visit = sheets.started(places.counter, shopper)
    refused = page.post(section(visit), {"TK-A1": "yes", "rest_na": "1", "rest_na_reason": ""})
    assert (refused.status_code, answers(visit)) == (422, {"TK-A1": "yes"})
    assert b'href="#rest-na"' in refused.content
    page.post(section(visit), {"TK-A1": "yes", "TK-A1-seen": 1, "rest_na": "1", "rest_na_reason": "Điểm đóng sớm"})
    assert answers(visit) == {"TK-A1": "yes", "TK-A2": "na"}


def test_a_question_without_a_score_takes_the_note_that_it_always_needs(page, places, shopper):
    visit = sheets.started(places.counter, shopper, sheets.every_kind(note_of_rating="always"))
    page.post(section(visit, "Z"), {"TK-Z1": "4", "TK-Z2-text": "Vắng khách"})
    assert [gap.missing for gap in sheet.read(visit).tasks[-1].gaps] == ["note"]
    assert '<textarea class="form-control" id="TK-Z1-note"' in page.get(section(visit, "Z")).content.decode()
    page.post(section(visit, "Z"), {"TK-Z1": "4", "TK-Z1-note": "Vui vẻ", "TK-Z1-seen": 1})
    assert sheet.read(visit).tasks[-1].gaps == ()


def test_submitting_too_early_leads_to_the_gaps(page, places, shopper):
    visit = sheets.started(places.counter, shopper)
    response = page.post(url("visit_submit", visit), follow=True)
    assert response.templates[0].name == "audits/visits/visit_check.html"
    assert len(response.context["sheet"].gaps) == 7


def test_a_double_submit_gives_the_same_receipt(page, places, shopper):
    visit = sheets.complete(sheets.started(places.counter, shopper), shopper)
    first = page.post(url("visit_submit", visit), follow=True)
    second = page.post(url("visit_submit", visit), follow=True)
    receipt = Submission.objects.get().receipt
    assert receipt in first.content.decode()
    assert receipt in second.content.decode()


@pytest.mark.parametrize("open_follow_ups", [0, 1])
def test_saving_into_a_submitted_visit_says_so_and_shows_what_was_typed(page, places, shopper, open_follow_ups):
    visit = sheets.submitted(places.counter, shopper)
    Submission.objects.update(open_follow_ups=open_follow_ups)
    response = page.post(section(visit), {"TK-A1": "no", "TK-A1-note": "Chữ vừa gõ"})
    assert (response.status_code, response.context["typed"]) == (409, [("A1", "Chữ vừa gõ")])
    assert answers(visit)["TK-A1"] == "yes"


@pytest.mark.parametrize(
    "sent", [{"TK-A1": "no"}, {"TK-A1-note": "x" * 5000}, {"rest_na": "1", "rest_na_reason": "Đóng cửa"}]
)
def test_whatever_a_submitted_visit_cannot_take_is_not_passed_over(page, places, shopper, sent):
    visit = sheets.submitted(places.counter, shopper)
    assert page.post(section(visit), {"TK-A1": "yes", "TK-A1-seen": 1} | sent).status_code == 409


def test_saving_into_a_submitted_visit_what_it_holds_already_just_goes_on(page, places, shopper):
    visit = sheets.submitted(places.counter, shopper)
    response = page.post(section(visit), {"TK-A1": "yes", "TK-A1-seen": 1, "TK-A1-photos": sheets.picture()})
    assert response.status_code == 302


def test_a_photo_that_comes_too_late_is_named(page, places, shopper, media_root):
    visit = sheets.submitted(places.counter, shopper)
    files = {"TK-A1-photos": [sheets.picture("gold"), sheets.picture("olive")]}
    response = page.post(section(visit), {"TK-A1": "yes"} | files)
    assert (response.status_code, response.context["photos"], Photo.objects.count()) == (409, 2, 1)


def test_removing_a_photo_of_a_submitted_visit_says_that_it_stays(page, places, shopper):
    visit = sheets.submitted(places.counter, shopper)
    response = page.post(section(visit), {"remove": str(Photo.objects.get().public_id)})
    assert (response.status_code, Photo.objects.kept().count()) == (409, 1)


def test_after_a_return_the_open_question_is_saved_and_the_others_text_is_shown(page, places, shopper):
    visit = sheets.submitted(places.counter, shopper)
    sheets.returned(visit, "A2")
    data = {"TK-A1": "no", "TK-A1-note": "Kính vỡ", "TK-A2": "met", "TK-A2-note": "Có chào", "TK-A2-seen": 1}
    response = page.post(section(visit), data)
    assert (response.status_code, response.context["typed"]) == (409, [("A1", "Kính vỡ")])
    assert (answers(visit)["TK-A1"], answers(visit)["TK-A2"]) == ("yes", "met")


def test_text_kept_from_before_a_log_in_is_shown_though_its_page_has_closed(page, places, shopper):
    visit = sheets.submitted(places.counter, shopper)
    held = {"TK-A1": ["no"], "TK-A1-note": ["Chữ còn giữ"]}
    HeldForm.objects.create(owner=shopper, path=section(visit), data=held, held_at=worlds.NOW)
    response = page.get(section(visit))
    assert (response.status_code, response.context["typed"]) == (409, [("A1", "Chữ còn giữ")])


def test_the_receipt_shows_no_score(page, places, shopper):
    visit = sheets.submitted(places.counter, shopper)
    for name in ("visit_receipt", "visit_detail", "visit_check"):
        body = page.get(url(name, visit)).content.decode()
        assert "65,0" not in body
        assert "65.0" not in body


def test_text_typed_before_the_log_in_ended_is_back_after_it(client, places, shopper):
    visit = sheets.started(places.counter, shopper)
    client.force_login(shopper)
    form = client.get(section(visit)).content.decode()
    owner = form.split('name="form-owner" value="')[1].split('"')[0]
    client.logout()
    response = client.post(section(visit), {"form-owner": owner, "TK-A1": "no", "TK-A1-note": "Biển bị che"})
    assert response.status_code == 302
    assert answers(visit) == {}
    client.force_login(shopper)
    assert "Biển bị che" in client.get(section(visit)).content.decode()
    client.post(section(visit), {"TK-A1": "no", "TK-A1-note": "Biển bị che"})
    assert (answers(visit), HeldForm.objects.count()) == ({"TK-A1": "no"}, 0)


def hold(shopper, visit, **fields):
    data = {name.replace("_", "-"): [str(value)] for name, value in fields.items()}
    HeldForm.objects.create(owner=shopper, path=section(visit), data=data, held_at=worlds.NOW)


def seen(response):
    return {card.criterion.short_code: int(card.seen) for card in response.context["form"].cards}


def save_elsewhere(visit, shopper, *entries):
    visits.save_answers(visit=visit, entries=entries, by=shopper, at=worlds.NOW)


def test_text_from_before_a_log_in_overwrites_nothing_that_came_since(page, places, shopper):
    visit = sheets.started(places.counter, shopper)
    save_elsewhere(visit, shopper, sheets.entry("A1", "yes"))
    hold(shopper, visit, TK_A1="no", TK_A1_note="Kính bẩn", TK_A1_seen=0)
    form = page.get(section(visit))
    assert seen(form) == {"A1": 0, "A2": 0}
    response = page.post(section(visit), {"TK-A1": "no", "TK-A1-note": "Kính bẩn", "TK-A1-seen": seen(form)["A1"]})
    assert (response.status_code, response.context["form"].conflicts, seen(response)["A1"]) == (422, ("TK-A1",), 1)
    assert answers(visit) == {"TK-A1": "yes"}


def test_a_page_that_comes_back_with_an_error_overwrites_nothing_that_came_since(page, places, shopper):
    visit = sheets.started(places.counter, shopper)
    save_elsewhere(visit, shopper, sheets.entry("A1", "yes"))
    data = {"TK-A1": "no", "TK-A1-note": "ế" * 5000, "TK-A1-seen": 0, "TK-A2": "met", "TK-A2-seen": 0}
    assert seen(page.post(section(visit), data)) == {"A1": 0, "A2": 1}


def test_text_sent_twice_is_no_conflict_with_itself(page, places, shopper):
    visit = sheets.started(places.counter, shopper)
    save_elsewhere(visit, shopper, sheets.entry("A1", "no", note="Bẩn"))
    data = {"TK-A1": "no", "TK-A1-note": "Bẩn", "TK-A1-seen": 0, "TK-A2": "perhaps", "TK-A2-seen": 0}
    assert seen(page.post(section(visit), data)) == {"A1": 1, "A2": 0}


def test_the_rest_is_not_marked_beside_a_question_that_wants_attention(page, places, shopper):
    visit = sheets.started(places.counter, shopper)
    save_elsewhere(visit, shopper, sheets.entry("A1", "yes"))
    data = {"TK-A1": "no", "TK-A1-seen": 0, "rest_na": "1", "rest_na_reason": "Đóng sớm"}
    assert (page.post(section(visit), data).status_code, answers(visit)) == (422, {"TK-A1": "yes"})


def test_photos_are_served_to_their_shopper_only(page, client, places, shopper, other):
    visit = sheets.started(places.counter, shopper)
    page.post(section(visit), {"TK-A1-photos": sheets.picture()})
    address = url("visit_thumbnail", visit, photo_id=Photo.objects.get().public_id)
    response = page.get(address)
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    client.force_login(other)
    assert client.get(address).status_code == 404


def test_a_visit_that_was_not_possible_leaves_the_list(page, places, shopper):
    visit = sheets.assigned(places.counter, shopper)
    assert page.post(url("visit_not_possible", visit), {"reason": "closed"}).status_code == 422
    page.post(url("visit_not_possible", visit), {"reason": "closed", "note": "Cửa khóa lúc 9 giờ"})
    visit.refresh_from_db()
    assert visit.state == VisitState.NOT_POSSIBLE
    assert page.get(reverse("audits:visit_list")).context["agenda"].is_empty


def test_not_possible_before_the_first_day_is_refused_with_the_day_and_the_text(page, places, shopper):
    visit = sheets.assigned(places.counter, shopper, opens_on=worlds.TODAY + timedelta(1))
    response = page.post(url("visit_not_possible", visit), {"reason": "closed", "note": "Cửa khóa"})
    assert (response.status_code, Visit.objects.get().state) == (422, VisitState.ASSIGNED)
    assert "13/11/2026" in words(response)
    assert "Cửa khóa" in response.content.decode()


def test_a_voided_visit_is_gone_for_its_shopper(page, places, shopper):
    visit = sheets.assigned(places.counter, shopper)
    Visit.objects.update(state=VisitState.VOIDED, void_reason="Trùng")
    assert page.get(url("visit_detail", visit)).status_code == 404


@pytest.mark.parametrize("name", ["section_edit", "follow_up_edit", "visit_met", "visit_not_possible"])
def test_text_typed_into_a_visit_that_was_voided_meanwhile_is_shown(page, places, shopper, name):
    visit = sheets.started(places.counter, shopper)
    Visit.objects.update(state=VisitState.VOIDED, void_reason="Trùng")
    address = section(visit) if name == "section_edit" else url(name, visit)
    data = {"TK-A1-note": "Vừa gõ", "TK-B3-note": "Vừa gõ", "description": "Vừa gõ", "note": "Vừa gõ"}
    response = page.post(address, data | {"reason": "closed"})
    assert response.status_code == 409
    assert "Vừa gõ" in [words for _, words in response.context["typed"]]
    assert page.get(address).status_code == 404


@pytest.mark.parametrize("name", ["visit_submit", "visit_start", "follow_up_submit"])
def test_a_button_of_a_visit_that_was_voided_meanwhile_says_so(page, places, shopper, name):
    visit = sheets.started(places.counter, shopper)
    Visit.objects.update(state=VisitState.VOIDED, void_reason="Trùng")
    assert page.post(url(name, visit)).status_code == 409


@pytest.mark.parametrize(("name", "typed"), [("visit_met", "description"), ("visit_not_possible", "note")])
def test_text_typed_into_a_visit_that_was_submitted_meanwhile_is_shown(page, places, shopper, name, typed):
    visit = sheets.submitted(places.counter, shopper)
    response = page.post(url(name, visit), {typed: "Vừa gõ"})
    assert (response.status_code, response.context["typed"]) == (409, [("", "Vừa gõ")])
    assert page.get(url(name, visit)).status_code == 302


def test_text_typed_into_a_visit_given_to_another_is_shown_and_waits_for_its_return(page, places, shopper, other):
    visit = sheets.assigned(places.counter, shopper)
    form = page.get(url("visit_not_possible", visit)).content.decode()
    owner = form.split('name="form-owner" value="')[1].split('"')[0]
    Visit.objects.update(shopper=other)
    response = page.post(url("visit_not_possible", visit), {"form-owner": owner, "note": "Cửa khóa"})
    assert (response.status_code, response.context["typed"]) == (404, [("", "Cửa khóa")])
    missing = page.post(reverse("audits:visit_not_possible", kwargs={"visit_id": uuid4()}), {"note": "Cửa khóa"})
    assert (missing.status_code, missing.templates[0].name) == (404, response.templates[0].name)
    Visit.objects.update(shopper=shopper)
    assert "Cửa khóa" in page.get(url("visit_not_possible", visit)).content.decode()


def test_reporting_a_visit_twice_by_a_double_tap_is_one_report(page, places, shopper):
    visit = sheets.assigned(places.counter, shopper)
    data = {"reason": "closed", "note": "Cửa khóa lúc 9 giờ"}
    assert [page.post(url("visit_not_possible", visit), data).status_code for _ in range(2)] == [302, 302]
    assert page.post(url("visit_not_possible", visit), data | {"note": "Khác"}).status_code == 409


def test_follow_up_is_answered_and_submitted_later(page, places, shopper):
    visit = sheets.submitted(places.counter, shopper)
    [waiting] = page.get(reverse("audits:visit_list")).context["agenda"].follow_up
    assert not waiting.is_to_submit
    page.post(url("follow_up_edit", visit), {"TK-B3": "yes"})
    [answered] = page.get(reverse("audits:visit_list")).context["agenda"].follow_up
    assert answered.is_to_submit
    assert "Đã trả lời, chưa nộp" in page.get(url("visit_detail", visit)).content.decode()
    response = page.post(url("follow_up_submit", visit), follow=True)
    assert response.templates[0].name == "audits/visits/visit_receipt.html"
    assert Submission.objects.filter(visit=visit).count() == 2


def test_the_follow_up_page_submits_what_stands_on_it_once(page, places, shopper):
    visit = sheets.submitted(places.counter, shopper)
    save_elsewhere(visit, shopper, sheets.entry("B3", "yes"))
    data = {"TK-B3": "no", "TK-B3-note": "Không gọi lại", "TK-B3-seen": 1}
    for _ in range(2):  # a double tap
        response = page.post(url("follow_up_submit", visit), data)
        assert (response.status_code, response.url) == (302, url("visit_receipt", visit))
    assert answers(visit)["TK-B3"] == "no"
    assert Submission.objects.filter(visit=visit).count() == 2


@pytest.mark.parametrize("data", [{"TK-B3": "perhaps"}, {"TK-B3": "no", "TK-B3-seen": 0, "TK-B3-note": "Khác"}])
def test_follow_up_answers_that_want_attention_are_not_submitted(page, places, shopper, data):
    visit = sheets.submitted(places.counter, shopper)
    save_elsewhere(visit, shopper, sheets.entry("B3", "yes"))
    response = page.post(url("follow_up_submit", visit), data)
    assert (response.status_code, Submission.objects.filter(visit=visit).count()) == (422, 1)
    assert f'action="{url("follow_up_edit", visit)}"' in response.content.decode()  # saving again does not submit


def test_follow_up_answers_are_taken_after_their_last_day_too(page, places, shopper, monkeypatch):
    visit = sheets.submitted(places.counter, shopper)
    monkeypatch.setattr("django.utils.timezone.now", lambda: worlds.NOW + timedelta(days=9))
    page.force_login(shopper)
    item = page.get(reverse("audits:visit_list")).context["agenda"].follow_up
    assert [each.visit for each in item] == [visit]
    page.post(url("follow_up_submit", visit), {"TK-B3": "yes"})
    assert Submission.objects.filter(visit=visit).count() == 2
    assert page.get(reverse("audits:visit_list")).context["agenda"].is_empty
