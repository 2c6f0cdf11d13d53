"""Forms besides the questions that a phone sends in the background: taken in once, refused with words."""

import json
from uuid import UUID, uuid4

import pytest
from django.urls import reverse

from audits.fieldwork.states import VisitState
from audits.fieldwork.visits import actions as visits
from audits.models import PostedForm, Screening, Visit, VisitEvent
from tests import sheets
from tests.sheets import entry
from tests.worlds import NOW, TODAY

pytestmark = pytest.mark.django_db

FIRST = UUID("11111111-1111-4111-8111-111111111111")
MET = {"visited_on": TODAY.strftime("%d/%m/%Y"), "description": "Quầy số 2"}
CLOSED = {"reason": "closed", "note": "Cửa khóa lúc 9 giờ."}


def send(phone, visit, name, fields, *, part=None, **changed):
    """The status and the body of the answer. `changed` and `part` are what differs from a phone's."""
    body = {"user": str(visit.shopper.public_id), "id": str(uuid4()), "fields": fields} | changed | (part or {})
    address = reverse(f"audits:{name}_receive", args=[visit.public_id])
    answer = phone.post(address, json.dumps(body), content_type="application/json")
    assert answer["Content-Type"] == "application/json"
    return answer.status_code, answer.json()


def now(visit):
    return Visit.objects.get(pk=visit.pk)


def test_who_was_met_is_kept_once(phone, visit):
    first = send(phone, visit, "met", MET, id=str(FIRST))
    assert first == (200, {"form": {"id": str(FIRST)}})
    visits.save_met(visit=visit, visited_on=TODAY, staff=None, description="Quầy số 3", by=visit.shopper, at=NOW)
    assert send(phone, visit, "met", MET, id=str(FIRST)) == first
    assert now(visit).met_description == "Quầy số 3"  # what was written since is not undone by a late repetition
    assert PostedForm.objects.count() == 1


def test_who_was_met_is_not_told_over_what_its_writer_has_not_seen(phone, visit):
    send(phone, visit, "met", MET | {"seen": ""}, id=str(FIRST))
    other = MET | {"description": "Quầy số 3"}
    status, told = send(phone, visit, "met", other | {"seen": str(uuid4())})
    assert (status, told["refused"]) == (409, "conflict")
    assert told["theirs"] == f"{TODAY:%d/%m/%Y} · Quầy số 2"
    assert told["fields"] == MET | {"arrived": "", "left": "", "seen": str(FIRST)}
    assert now(visit).met_description == "Quầy số 2"
    assert PostedForm.objects.count() == 1
    assert send(phone, visit, "met", other | {"seen": f"x {FIRST}"})[0] == 200  # both texts have been seen
    assert now(visit).met_description == "Quầy số 3"


def test_the_same_told_twice_is_no_conflict(phone, visit):
    for _ in range(2):
        assert send(phone, visit, "met", MET | {"seen": ""})[0] == 200


def told_by(phone, visit, text, *seen, **changed):
    """The status of who was met as `text`, from a phone that has seen these told."""
    fields = MET | {"description": text, "seen": " ".join(map(str, seen))}
    return send(phone, visit, "met", fields, **changed)[0]


def test_the_same_told_again_takes_nobodys_sight_of_it(phone, visit):
    assert told_by(phone, visit, "Quầy số 2", id=str(FIRST)) == 200
    assert told_by(phone, visit, "Quầy số 2", FIRST) == 200
    assert now(visit).met_stamp == FIRST
    assert told_by(phone, visit, "Quầy số 3", FIRST) == 200  # on the phone that had seen the first


def test_two_phones_that_told_the_same_have_both_seen_it(phone, visit):
    theirs, mine = uuid4(), uuid4()
    assert told_by(phone, visit, "Quầy số 2", id=str(theirs)) == 200
    assert told_by(phone, visit, "Quầy số 2", id=str(mine)) == 200
    assert told_by(phone, visit, "Quầy số 3", mine) == 200
    assert told_by(phone, visit, "Quầy số 4", theirs) == 409  # but not what came of it since
    assert told_by(phone, visit, "Quầy số 4", mine) == 409
    assert now(visit).met_description == "Quầy số 3"


def test_a_page_of_before_that_names_no_stamps_is_taken(phone, visit):
    for text in ("Quầy số 2", "Quầy số 3"):
        assert send(phone, visit, "met", MET | {"description": text})[0] == 200
    assert now(visit).met_description == "Quầy số 3"


def test_the_page_shows_both_texts_and_takes_the_second_press(phone, visit):
    page = reverse("audits:visit_met", args=[visit.public_id])
    seen = phone.get(page).context["form"]["seen"].value()
    send(phone, visit, "met", MET, id=str(FIRST))
    mine = MET | {"description": "Cô tóc ngắn"}
    shown = phone.post(page, mine | {"seen": seen or "", "form-owner": str(visit.shopper.public_id)})
    assert shown.status_code == 422
    assert "Quầy số 2" in shown.text and "Cô tóc ngắn" in shown.text
    assert now(visit).met_description == "Quầy số 2"
    again = {name: shown.context["form"][name].value() for name in ("visited_on", "description", "seen")}
    assert phone.post(page, again | {"form-owner": str(visit.shopper.public_id)}).status_code == 302
    assert now(visit).met_description == "Cô tóc ngắn"


def test_another_text_under_the_same_id_is_refused(phone, visit):
    send(phone, visit, "met", MET, id=str(FIRST))
    assert send(phone, visit, "met", MET | {"description": "Khác"}, id=str(FIRST))[0] == 409
    assert now(visit).met_description == "Quầy số 2"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        (MET | {"description": ""}, "Mô tả nhân viên: "),
        (MET | {"visited_on": "31/12/2031"}, "Ngày thực hiện: "),
        (MET | {"arrived": "23:59"}, "Giờ đến"),
        ({}, "Ngày thực hiện: "),
    ],
)
def test_what_cannot_be_taken_is_told_by_its_label(phone, visit, fields, says):
    status, told = send(phone, visit, "met", fields)
    assert (status, told["refused"]) == (422, "invalid")
    assert any(error.startswith(says) for error in told["errors"]), told
    assert not PostedForm.objects.exists()


def test_a_visit_that_was_not_possible_ends_once(phone, visit):
    assert send(phone, visit, "not_possible", CLOSED, id=str(FIRST))[0] == 200
    assert send(phone, visit, "not_possible", CLOSED, id=str(FIRST))[0] == 200
    assert send(phone, visit, "not_possible", CLOSED)[0] == 200  # as a double tap on the page
    assert (now(visit).state, now(visit).not_possible_note) == (VisitState.NOT_POSSIBLE, CLOSED["note"])
    assert VisitEvent.objects.filter(to_state=VisitState.NOT_POSSIBLE).count() == 1
    assert send(phone, visit, "met", MET)[0] == 409
    assert send(phone, visit, "not_possible", CLOSED | {"note": "Khác"})[0] == 409
    assert send(phone, visit, "not_possible", {})[0] == 409


def test_before_its_first_day_a_visit_cannot_be_reported(phone, visit):
    Visit.objects.update(state=VisitState.ASSIGNED, started_at=None, opens_on="2026-12-31", due_on="2026-12-31")
    status, told = send(phone, visit, "not_possible", CLOSED)
    assert (status, told["errors"][0][:22]) == (422, "Từ ngày 31/12/2026 mới")


def test_answers_given_later_are_submitted_once(phone, visit):
    sheets.complete(visit, visit.shopper)
    visits.submit(visit=visit, by=visit.shopper, at=NOW)
    status, told = send(phone, visit, "follow_up", {})
    assert (status, told["errors"]) == (422, ["Phiếu chưa nộp: còn chỗ cần bổ sung. Mọi câu trả lời vẫn được giữ."])
    visits.save_answers(visit=visit, entries=[entry("B3", "yes")], by=visit.shopper, at=NOW)
    for _ in range(2):
        assert send(phone, visit, "follow_up", {}, id=str(FIRST))[0] == 200
    assert send(phone, visit, "follow_up", {})[0] == 200  # another tab was faster
    assert visit.submissions.count() == 2
    assert Screening.objects.filter(submission=visit.submissions.first()).exists()


def test_before_anything_was_submitted_there_is_nothing_to_follow(phone, visit):
    assert send(phone, visit, "follow_up", {})[0] == 409


@pytest.mark.parametrize(
    ("changed", "status", "refused"),
    [
        ({"user": str(FIRST)}, 403, "another_user"),
        ({"user": ""}, 400, "unreadable"),
        ({"id": "1"}, 400, "unreadable"),
        ({"fields": {"description": 1}}, 400, "unreadable"),
        ({"fields": ["a"]}, 400, "unreadable"),
        ({"fields": {"description": "\ud800"}}, 400, "unreadable"),
        ({"fields": {"description": "a" * 120_000}}, 413, "too_large"),
    ],
)
def test_what_no_phone_sends_is_refused_in_a_word(phone, visit, changed, status, refused):
    assert send(phone, visit, "met", MET, part=changed) == (status, {"refused": refused})


def test_somebody_elses_visit_is_none(phone, visit, people, places):
    other = sheets.started(sheets.Outlet.objects.get(unit__code="AGG-LX-02"), people.shopper2)
    own = str(visit.shopper.public_id)
    assert send(phone, other, "met", MET, user=own) == (404, {"refused": "gone"})
