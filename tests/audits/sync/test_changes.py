"""What a phone sends in the background: each change kept once, none over another, every refusal in JSON."""

import json
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audits.fieldwork.sync import actions as sync
from audits.fieldwork.visits import actions as visits
from audits.models import Answer, Change, Photo, Visit
from tests import pages, races, sheets, worlds
from tests.worlds import NOW

pytestmark = pytest.mark.django_db

FIRST = UUID("11111111-1111-4111-8111-111111111111")
WORDS = {"TK-A2": "not_met", "TK-A2-note": "Không ai chào tôi."}


def change(code="TK-A2", *, id=None, seen=0, after=(), **fields):
    given = {name.replace("_", "-"): value for name, value in fields.items()} or WORDS
    sent = {"id": str(id or uuid4()), "code": code, "fields": {**given, f"{code}-seen": str(seen)}}
    return sent | {"after": [str(each) for each in after]} if after else sent


def send(phone, visit, *changes, user=None, body=None):
    """The status and the body of the answer."""
    sent = {"user": str(user or visit.shopper.public_id), "changes": changes} if body is None else body
    address = reverse("audits:changes_receive", args=[visit.public_id])
    answer = phone.post(address, sent, content_type="application/json")
    assert answer["Content-Type"] == "application/json"
    return answer.status_code, answer.json()


def stored(visit, short="A2"):
    return Answer.objects.get(visit=visit, criterion__code=f"TK-{short}")


# --- Kept ---------------------------------------------------------------------------------------


def test_a_change_is_kept_and_its_revision_told(phone, visit):
    status, told = send(phone, visit, change(id=FIRST))
    assert status == 200
    assert told == {
        "changes": [{"id": str(FIRST), "code": "TK-A2", "outcome": "saved", "revision": 1}],
        "received": {"at": int(NOW.timestamp()), "answers": 1, "asked": 6, "photos": 0},
    }
    assert (stored(visit).value, stored(visit).note) == ("not_met", "Không ai chào tôi.")


def test_a_change_sent_again_is_answered_alike_and_changes_nothing(phone, visit):
    first = send(phone, visit, change(id=FIRST))
    later = send(phone, visit, change(seen=1, TK_A2="met"))
    again = send(phone, visit, change(id=FIRST))
    assert (first[0], later[0], again[0]) == (200, 200, 200)
    assert again[1]["changes"] == first[1]["changes"]  # of the revision that it made, not of what came since
    assert (stored(visit).value, stored(visit).revision, Change.objects.count()) == ("met", 2, 2)


def test_several_criteria_travel_together(phone, visit):
    status, told = send(
        phone, visit, change(), change("TK-B1", TK_B1_number="7,5"), change("TK-Z2", TK_Z2_text="Vắng.")
    )
    assert (status, [each["outcome"] for each in told["changes"]]) == (200, ["saved"] * 3)
    assert (float(stored(visit, "B1").number), stored(visit, "Z2").text) == (7.5, "Vắng.")


def test_a_field_of_another_criterion_is_not_looked_at(phone, visit):
    send(phone, visit, change(**WORDS | {"TK-B1-number": "3"}))
    assert not Answer.objects.filter(criterion__code="TK-B1").exists()


def test_what_is_there_already_is_kept_whatever_had_been_seen(phone, visit):
    send(phone, visit, change())
    status, told = send(phone, visit, change(seen=0))
    assert (status, told["changes"][0]["outcome"], stored(visit).revision) == (200, "saved", 1)


# --- Not over another ---------------------------------------------------------------------------


def test_a_change_over_something_unseen_is_a_conflict_with_both_texts(phone, visit):
    send(phone, visit, change(TK_A2="met"))
    status, told = send(phone, visit, change(id=FIRST, seen=0))
    (met,) = told["changes"]
    assert status == 409
    assert (met["outcome"], met["revision"], met["fields"]["TK-A2"]) == ("conflict", 1, "met")
    assert "Đạt" in met["theirs"]
    assert stored(visit).value == "met"
    assert Change.objects.get(public_id=FIRST).content["TK-A2-note"] == WORDS["TK-A2-note"]
    assert send(phone, visit, change(id=FIRST, seen=0))[1]["changes"] == [met]


def test_after_a_conflict_what_was_seen_can_be_replaced(phone, visit):
    send(phone, visit, change(TK_A2="met"))
    assert send(phone, visit, change(seen=1))[0] == 200
    assert stored(visit).value == "not_met"


def test_the_same_id_with_another_content_is_parked(phone, visit):
    send(phone, visit, change(id=FIRST))
    status, told = send(phone, visit, change(id=FIRST, seen=1, TK_A2="met"))
    assert (status, told["changes"][0]["outcome"], stored(visit).value) == (409, "conflict", "not_met")
    assert Change.objects.get(public_id=FIRST).parked["TK-A2"] == "met"


def test_an_id_of_another_visit_does_nothing_here(phone, visit, places, people):
    other = sheets.started(places.other_counter, people.shopper)
    send(phone, visit, change(id=FIRST))
    status, told = send(phone, other, change(id=FIRST))
    assert (status, told["changes"][0]["outcome"]) == (409, "refused")
    assert not Answer.objects.filter(visit=other).exists()


# --- Left to the reviewer -----------------------------------------------------------------------


def test_what_is_left_to_the_reviewer_does_not_become_the_answer(phone, visit):
    status, told = send(phone, visit, change(id=FIRST) | {"aside": True})
    assert (status, told["changes"][0]["outcome"]) == (200, "aside")
    assert not Answer.objects.exists()
    assert Change.objects.get(public_id=FIRST).content["TK-A2-note"] == WORDS["TK-A2-note"]
    assert send(phone, visit, change(id=FIRST) | {"aside": True})[1]["changes"] == told["changes"]


def test_what_cannot_be_read_as_an_answer_can_be_left_to_the_reviewer(phone, visit):
    assert send(phone, visit, change("TK-B1", TK_B1_number="bảy") | {"aside": True})[0] == 200
    assert Change.objects.get().content["TK-B1-number"] == "bảy"


def test_a_conflict_can_be_left_to_the_reviewer(phone, visit):
    send(phone, visit, change(TK_A2="met"))
    assert send(phone, visit, change(id=FIRST))[0] == 409
    assert send(phone, visit, change(id=FIRST) | {"aside": True})[0] == 200
    assert Change.objects.get(public_id=FIRST).outcome == "aside"
    assert stored(visit).value == "met"


def test_what_is_the_answer_cannot_be_put_aside_under_its_id(phone, visit):
    send(phone, visit, change(id=FIRST))
    assert send(phone, visit, change(id=FIRST) | {"aside": True})[1]["changes"][0]["outcome"] == "saved"
    assert stored(visit).value == "not_met"


# --- Refused, and kept on the phone -------------------------------------------------------------


def test_a_number_that_is_none_says_why_and_the_rest_is_kept(phone, visit):
    status, told = send(phone, visit, change("TK-B1", TK_B1_number="bảy"), change())
    assert (status, [each["outcome"] for each in told["changes"]]) == (422, ["invalid", "saved"])
    assert told["changes"][0]["errors"]
    assert Change.objects.count() == 1
    assert stored(visit).value == "not_met"


def test_what_comes_after_submitting_is_refused_and_kept_to_be_looked_at(phone, places, people, visit):
    done = sheets.submitted(places.other_counter, people.shopper)
    status, told = send(phone, done, change(id=FIRST, seen=1))
    assert (status, told["changes"][0]["outcome"], stored(done).value) == (409, "refused", "partly")
    assert Change.objects.get(public_id=FIRST).content["TK-A2"] == "not_met"


def test_only_what_was_remarked_on_can_be_changed_in_a_returned_visit(phone, places, people, visit):
    back = sheets.returned(sheets.submitted(places.other_counter, people.shopper), "A2")
    status, told = send(phone, back, change(seen=1), change("TK-B2", seen=1, TK_B2="b"))
    assert (status, [each["outcome"] for each in told["changes"]]) == (409, ["saved", "refused"])


def test_a_question_that_is_not_in_the_checklist_is_refused(phone, visit):
    assert send(phone, visit, change("TQ-A1", TQ_A1="yes"))[1]["changes"][0]["outcome"] == "refused"


def test_a_visit_that_has_not_begun_takes_nothing(phone, places, people, visit):
    waiting = sheets.assigned(places.other_counter, people.shopper)
    assert send(phone, waiting, change()) == (409, {"refused": "not_started"})


def test_another_users_work_is_neither_taken_nor_told(phone, visit, people):
    assert send(phone, visit, change(), user=people.shopper2.public_id) == (403, {"refused": "another_user"})
    other = Client()
    other.force_login(people.shopper2)
    assert send(other, visit, change(), user=people.shopper2.public_id) == (404, {"refused": "gone"})
    # A page of its owner's still open while another is logged in: the visit is not gone, it waits for its owner.
    assert send(other, visit, change(), user=people.shopper.public_id) == (403, {"refused": "another_user"})
    assert not Answer.objects.exists()


def test_a_log_in_that_has_ended_is_told_and_leads_nowhere(visit):
    assert send(Client(), visit, change()) == (401, {"refused": "log_in"})


def test_a_token_that_is_out_of_date_is_told(visit, people):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people.shopper)
    assert send(strict, visit, change()) == (403, {"refused": "token"})


def test_an_endpoint_is_no_page(phone, visit):
    answer = phone.get(reverse("audits:changes_receive", args=[visit.public_id]))
    assert (answer.status_code, answer.json(), answer["Allow"]) == (405, {"refused": "method"}, "POST")


def test_a_fault_of_ours_is_told_in_json(visit, people, monkeypatch):
    monkeypatch.setattr(sync, "receive", lambda **_given: 1 / 0)
    client = Client(raise_request_exception=False)
    client.force_login(people.shopper)
    assert send(client, visit, change()) == (500, {"refused": "failed"})


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"user": 1, "changes": []}',
        "null",
        "[" * 100_000,
        '{"user": "x", "changes": []}',
        '{"user": "x", "changes": [1]}',
        '{"user": "x", "changes": [{"id": "x", "code": "TK-A2", "fields": {}}]}',
        f'{{"user": "x", "changes": [{{"id": "{FIRST}", "code": "TK-A2", "fields": []}}]}}',
        f'{{"user": "x", "changes": [{{"id": "{FIRST}", "code": "TK-A2", "fields": {{"TK-A2-note": "\\ud800"}}}}]}}',
        f'{{"user": "x", "changes": [{{"id": "{FIRST}", "code": "TK-A2", "fields": {{"TK-A2": 1}}}}]}}',
    ],
)
def test_what_no_phone_sends_is_unreadable(phone, visit, body):
    assert send(phone, visit, body=body) == (400, {"refused": "unreadable"})
    assert not Change.objects.exists()


def test_two_changes_of_one_criterion_in_one_body_are_unreadable(phone, visit):
    assert send(phone, visit, change(), change())[0] == 400


def test_a_note_longer_than_the_form_takes_is_told_by_its_length(phone, visit):
    status, told = send(phone, visit, change(**WORDS | {"TK-A2-note": "a" * 4001}))
    assert status == 422
    assert "4.001" in told["changes"][0]["errors"][0] or "4001" in told["changes"][0]["errors"][0]


def test_a_body_over_the_limit_is_told(phone, visit):
    assert send(phone, visit, body=json.dumps({"user": "x" * 20_000_000}))[0] == 413


def test_nul_reads_alike_on_both_databases(phone, visit):
    status, _told = send(phone, visit, change(**WORDS | {"TK-A2-note": "Không\0ai chào."}))
    assert status in (200, 422)
    assert "\0" not in "".join(Answer.objects.values_list("note", flat=True))


# --- At once --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_change_that_arrives_twice_at_once_is_kept_once(transactional_db):
    places = worlds.places()
    people = worlds.people(places)
    visit = sheets.started(places.counter, people.shopper)
    sent = sync.Sent(FIRST, "TK-A2", WORDS)
    fetched = Visit.objects.select_related("wave", "outlet").get(pk=visit.pk)

    def arrive():
        return sync.receive(visit=fetched, changes=[sent], by=people.shopper, at=NOW)

    def settle(results):
        assert [each.changes[0].outcome for each in results] == ["saved", "saved"]
        assert (Change.objects.count(), stored(visit).revision) == (1, 1)
        Change.objects.all().delete()
        Answer.objects.all().delete()

    races.rounds(50, [arrive, arrive], settle, (visits.StaleState,))


# --- Submitting -----------------------------------------------------------------------------------


def submit(phone, visit, declared):
    address = reverse("audits:visit_submit", args=[visit.public_id])
    return phone.post(
        address, {"declared": declared if isinstance(declared, str) else json.dumps({"changes": declared})}
    )


def test_a_visit_is_not_submitted_without_what_the_phone_says_it_sent(phone, visit, people):
    sheets.complete(visit, people.shopper)
    send(phone, visit, change(id=FIRST, seen=1))
    answer = submit(phone, visit, [[str(FIRST), "TK-A2"], [str(uuid4()), "TK-B1"]])
    page = pages.words(answer)
    assert (answer.status_code, "B1" in page, "A2" in page) == (409, True, False)
    assert not visit.submissions.exists()
    assert submit(phone, visit, [[str(FIRST), "TK-A2"]]).status_code == 302
    assert visit.submissions.count() == 1


@pytest.mark.parametrize("outcome", Change.Outcome.values)
def test_a_change_is_there_whatever_became_of_it(phone, visit, people, outcome):
    """What stands beside the answer can be sent again and again, and nothing more would come of it."""
    sheets.complete(visit, people.shopper)
    assert send(phone, visit, change(id=FIRST, seen=0))[0] == 409
    Change.objects.update(outcome=outcome)
    assert submit(phone, visit, [[str(FIRST), "TK-A2"]]).status_code == 302


def test_after_the_receipt_a_second_tap_gets_it_whatever_it_declares(phone, visit, people):
    sheets.complete(visit, people.shopper)
    submit(phone, visit, [])
    assert submit(phone, visit, [[str(FIRST), "TK-A2"]]).status_code == 302


@pytest.mark.parametrize(
    "declared", ["", "x", "{}", "[1]", '{"changes": [["x", "y"]]}', '{"photos": 1}', "[" * 10_000, "null"]
)
def test_a_declaration_that_no_phone_makes_is_none(phone, visit, people, declared):
    sheets.complete(visit, people.shopper)
    assert submit(phone, visit, declared).status_code == 302


def test_a_visit_is_not_submitted_without_the_photos_that_the_phone_says_it_sent(phone, visit, people):
    sheets.complete(visit, people.shopper)
    kept = Photo.objects.get(visit=visit)
    there = [str(kept.public_id), "TK-A1", kept.sha256]
    answer = submit(phone, visit, json.dumps({"photos": [there, [str(uuid4()), "TK-B2", kept.sha256]]}))
    page = pages.words(answer)
    assert (answer.status_code, "B2" in page, "A1" in page) == (409, True, False)
    assert submit(phone, visit, json.dumps({"photos": [there]})).status_code == 302


def test_another_picture_under_the_same_id_is_not_the_photo_that_was_sent(phone, visit, people):
    sheets.complete(visit, people.shopper)
    kept = Photo.objects.get(visit=visit)
    answer = submit(phone, visit, json.dumps({"photos": [[str(kept.public_id), "TK-A1", "0" * 64]]}))
    assert (answer.status_code, answer.context["differs"]) == (409, {"missing": [str(kept.public_id)], "removed": []})


def test_a_photo_that_was_removed_elsewhere_is_told_before_anything_is_submitted(phone, visit, people):
    sheets.complete(visit, people.shopper)
    kept = Photo.objects.get(visit=visit)
    Photo.objects.update(removed_at=timezone.now())
    declared = json.dumps({"photos": [[str(kept.public_id), "TK-A1", kept.sha256]]})
    answer = submit(phone, visit, declared)
    assert (answer.status_code, answer.context["differs"]) == (409, {"missing": [], "removed": [str(kept.public_id)]})
    assert not visit.submissions.exists()


def test_a_proof_that_is_not_there_is_named_with_the_way_to_its_page(phone, visit, people):
    sheets.complete(visit, people.shopper)
    answer = submit(phone, visit, json.dumps({"photos": [[str(uuid4()), "proof", "0" * 64]]}))
    assert answer.status_code == 409
    assert reverse("audits:visit_proof", args=[visit.public_id]) in answer.text


# --- Typed over what no answer came for ------------------------------------------------------------


def test_what_is_typed_over_ones_own_unconfirmed_text_meets_no_other(phone, visit):
    """The first change has arrived, its answer has not: the phone still says revision 0, and what it typed over."""
    send(phone, visit, change(id=FIRST, TK_A2="not_met", TK_A2_note="Không ai chào."))
    status, told = send(phone, visit, change(TK_A2="not_met", TK_A2_note="Không ai chào tôi.", seen=0, after=[FIRST]))
    assert (status, stored(visit).note) == (200, "Không ai chào tôi.")
    assert told["changes"][0]["revision"] == 2


def test_what_another_wrote_since_is_not_typed_over(phone, visit):
    send(phone, visit, change(id=FIRST, TK_A2="not_met", TK_A2_note="Không ai chào."))
    send(phone, visit, change(TK_A2="not_met", TK_A2_note="Có người chào.", seen=1))
    assert send(phone, visit, change(TK_A2="not_met", TK_A2_note="Không ai chào tôi.", seen=0, after=[FIRST]))[0] == 409
    assert stored(visit).note == "Có người chào."


def test_the_change_of_another_question_says_nothing_of_this_one(phone, visit):
    send(phone, visit, change("TK-B1", id=FIRST, TK_B1_number="7"))
    send(phone, visit, change(TK_A2="not_met", TK_A2_note="Có người chào."))
    assert send(phone, visit, change(TK_A2="not_met", TK_A2_note="Không ai chào tôi.", seen=0, after=[FIRST]))[0] == 409


def test_a_change_sent_again_over_a_newer_revision_is_the_same_change(phone, visit):
    """Between two tries the phone may learn what it was typed over; that makes no other change of it."""
    first = send(phone, visit, change(id=FIRST, TK_A2="not_met", TK_A2_note="Không ai chào.", seen=0))
    assert send(phone, visit, change(id=FIRST, TK_A2="not_met", TK_A2_note="Không ai chào.", seen=1)) == first
