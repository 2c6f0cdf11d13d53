"""What cannot be kept or counted in what phones and pages send: dropped or refused in a word, and never a fault."""

import json
from uuid import uuid4

import pytest
from django.urls import reverse

from audits.models import Answer, Change, Photo
from tests import sheets
from tests.audits.sync import test_forms_received as forms
from tests.audits.sync.test_changes import FIRST, WORDS, change, send, stored
from tests.audits.sync.test_photos_received import send as send_photo
from tests.audits.sync.test_photos_received import take_back

pytestmark = pytest.mark.django_db

NUL = "Không\0 ai chào."
SAID = "Không ai chào."
TYPED = WORDS | {"TK-A2-note": NUL, "TK-A2-\0": "\0"}


def row():
    return Change.objects.get(public_id=FIRST)


# --- NUL, which no field keeps and PostgreSQL's JSON cannot hold -----------------------------------


def test_nul_is_dropped_from_what_becomes_the_answer(phone, visit):
    assert send(phone, visit, change(id=FIRST, **TYPED))[0] == 200
    assert stored(visit).note == SAID


def test_nul_is_dropped_from_what_is_left_to_the_reviewer(phone, visit):
    assert send(phone, visit, change(id=FIRST, **TYPED) | {"aside": True})[0] == 200
    assert row().content["TK-A2-note"] == SAID


def test_nul_is_dropped_from_what_meets_another_text(phone, visit):
    send(phone, visit, change(TK_A2="met"))
    assert send(phone, visit, change(id=FIRST, **TYPED))[0] == 409
    assert row().content["TK-A2-note"] == SAID


def test_nul_is_dropped_from_what_comes_too_late(phone, places, people, visit):
    done = sheets.submitted(places.other_counter, people.shopper)
    assert send(phone, done, change(id=FIRST, **TYPED))[0] == 409
    assert row().content["TK-A2-note"] == SAID


def test_nul_is_dropped_from_what_comes_again_with_another_text(phone, visit):
    send(phone, visit, change(id=FIRST))
    assert send(phone, visit, change(id=FIRST, **TYPED))[0] == 409
    assert row().parked["TK-A2-note"] == SAID
    assert send(phone, visit, change(id=FIRST, **TYPED))[0] == 409


def test_nul_in_one_text_stops_no_other_of_its_batch(phone, visit):
    send(phone, visit, change(TK_A2="met"))
    status, told = send(phone, visit, change(**TYPED), change("TK-B1", **{"TK-B1-number": "7"}))
    assert (status, [each["outcome"] for each in told["changes"]]) == (409, ["conflict", "saved"])


def test_nul_in_a_code_or_a_choice_is_dropped(phone, visit):
    assert send(phone, visit, change("TK-\0A2", **{"TK-A2": "me\0t"}))[0] == 200
    assert stored(visit).value == "met"


@pytest.mark.parametrize("code", ["TK-\0A1", "\0", "", "TK-X9", "TQ-A1"])
def test_a_photo_of_no_question_of_the_checklist_is_not_taken(phone, visit, code):
    assert send_photo(phone, visit, code=code) == (409, {"refused": "changed"})
    assert not Photo.objects.exists()


@pytest.mark.parametrize(
    ("changed", "refused"),
    [({"id": "\0"}, "unreadable"), ({"sha256": "\0"}, "not_whole"), ({"user": "\0"}, "another_user")],
)
def test_nul_in_what_comes_with_a_photo_is_refused(phone, visit, changed, refused):
    assert send_photo(phone, visit, **changed)[1] == {"refused": refused}


def test_nul_in_the_kind_of_a_proof_is_refused(phone, visit):
    assert send_photo(phone, visit, code="proof", kind="si\0gn")[0] == 422


def test_nul_in_whose_a_removal_is(phone, visit):
    assert take_back(phone, visit, uuid4(), user="\0") == (400, {"refused": "unreadable"})


def test_nul_is_dropped_from_a_form(phone, visit):
    fields = {name: f"\0{value}" for name, value in forms.MET.items()} | {"\0": "\0", "seen": "\0", "staff": "\0"}
    assert forms.send(phone, visit, "met", fields)[0] == 200
    assert forms.now(visit).met_description == forms.MET["description"]


def test_nul_is_dropped_from_a_report(phone, visit):
    fields = {"reason": "closed\0", "note": NUL}
    assert forms.send(phone, visit, "not_possible", fields)[0] == 200
    assert forms.now(visit).not_possible_note == SAID


# --- The same on pages, without a script -----------------------------------------------------------


def post(phone, visit, name, fields, *more):
    return phone.post(reverse(f"audits:{name}", args=[visit.public_id, *more]), fields)


def test_nul_in_a_section_is_dropped(phone, visit):
    fields = {"TK-A2": "not_met", "TK-A2-note": NUL, "TK-A2-seen": "0"}
    assert post(phone, visit, "section_edit", fields, "A").status_code == 302
    assert stored(visit).note == SAID
    odd = {"TK-A2": "me\0t", "TK-A2-seen": "\0", "TK-B1-number": "\0", "remove": "\0", "restore": "\0", "stay": "\0"}
    assert post(phone, visit, "section_edit", odd, "A").status_code == 422


def test_nul_in_who_was_met_is_dropped_or_told(phone, visit):
    fields = forms.MET | {"description": "Quầy\0 số 2"}
    assert post(phone, visit, "visit_met", fields).status_code == 302
    assert forms.now(visit).met_description == "Quầy số 2"
    assert post(phone, visit, "visit_met", {**fields, "seen": "\0", "staff": "\0", "arrived": "\0"}).status_code == 422


def test_nul_in_a_report_is_dropped(phone, visit):
    assert post(phone, visit, "visit_not_possible", {"reason": "\0", "note": NUL}).status_code == 422
    assert post(phone, visit, "visit_not_possible", {"reason": "closed", "note": NUL}).status_code == 302
    assert forms.now(visit).not_possible_note == SAID


def test_nul_in_what_is_submitted_with(phone, people, visit):
    sheets.complete(visit, people.shopper)
    declared = json.dumps({"changes": [[str(uuid4()), "TK-\0A2"]], "photos": [[str(uuid4()), "\0", "\0"]]})
    assert post(phone, visit, "visit_submit", {"declared": declared}).status_code == 409
    assert post(phone, visit, "visit_submit", {"declared": "\0"}).status_code == 302


def test_nul_in_what_comes_too_late_is_shown_without_a_fault(phone, places, people, visit):
    done = sheets.submitted(places.other_counter, people.shopper)
    fields = {"TK-A2": "not_met", "TK-A2-note": NUL}
    assert post(phone, done, "section_edit", fields, "A").status_code == 409


# --- Counted, and not more than once ---------------------------------------------------------------


def test_one_id_of_two_changes_in_one_body_is_unreadable(phone, visit):
    two = change(id=FIRST), change("TK-B1", id=FIRST, **{"TK-B1-number": "7"})
    assert send(phone, visit, *two) == (400, {"refused": "unreadable"})
    assert not (Answer.objects.exists() or Change.objects.exists())


@pytest.mark.parametrize("seen", ["9" * 5000, "0" * 5000, "9" * 11])
@pytest.mark.parametrize("after", [(), (FIRST,)])
def test_a_revision_of_more_digits_than_any_has_is_invalid(phone, visit, seen, after):
    send(phone, visit, change(id=FIRST))
    status, told = send(phone, visit, change(seen=seen, after=after, TK_A2="met"))
    assert (status, told["changes"][0]["outcome"]) == (422, "invalid")
    assert (stored(visit).value, Change.objects.count()) == ("not_met", 1)


def test_a_revision_of_many_digits_on_a_page_is_told(phone, visit):
    fields = {"TK-A2": "met", "TK-A2-seen": "9" * 5000}
    assert post(phone, visit, "section_edit", fields, "A").status_code == 422
    assert not Answer.objects.exists()
