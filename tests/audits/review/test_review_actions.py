"""Claiming, preparing, approving and returning."""

from datetime import timedelta

import pytest

from audits.fieldwork.states import VisitState
from audits.fieldwork.transitions import StaleState
from audits.fieldwork.visits import actions as visits
from audits.fieldwork.visits import refusals, sheet
from audits.fieldwork.visits.completeness import Missing
from audits.models import Answer, Claim, DraftRemark, ShownNote, Submission, Visit
from audits.review import actions as review
from audits.review.actions import Marks, fingerprint
from audits.review.models import CLAIMED_FOR
from tests import sheets
from tests.sheets import entry
from tests.worlds import NOW

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=8)  # the follow-up's last day has passed


def test_approval_waits_for_open_follow_ups(visit, reviewer):
    with pytest.raises(review.FollowUpsOpen):
        review.approve(visit=visit, by=reviewer, at=NOW)
    visit.refresh_from_db()
    assert visit.state == VisitState.SUBMITTED


def test_after_their_last_day_open_follow_ups_lapse_and_the_score_stands(visit, reviewer):
    review.approve(visit=visit, by=reviewer, at=NOW + timedelta(days=8))
    visit.refresh_from_db()
    assert (visit.state, visit.approved_by) == (VisitState.APPROVED, reviewer)
    assert Answer.objects.get(criterion__code="TK-B3").value == "na"
    assert Submission.objects.get().percent == 650_000


def test_returned_opens_only_the_remarked_criteria(visit, reviewer, shopper):
    review.return_visit(visit=visit, remarks={"TK-A2": "Nhờ nói rõ hơn"}, by=reviewer, at=NOW)
    later = NOW + timedelta(hours=1)
    saved = visits.save_answers(
        visit=visit,
        entries=[entry("A2", "met", seen=1), entry("B2", "b", seen=1)],
        by=shopper,
        at=later,
    )
    assert saved.saved == ("TK-A2",)


def test_a_returned_visit_is_submitted_again_only_when_each_remark_was_acted_on(visit, reviewer, shopper):
    review.return_visit(visit=visit, remarks={"TK-A2": "Nhờ nói rõ hơn"}, by=reviewer, at=NOW)
    later = NOW + timedelta(hours=1)
    with pytest.raises(refusals.Incomplete) as refused:
        visits.submit(visit=visit, by=shopper, at=later)
    assert [gap.missing for gap in refused.value.gaps] == [Missing.REMARK]
    visits.save_answers(visit=visit, entries=[entry("A2", "met", seen=1)], by=shopper, at=later)
    again = visits.submit(visit=visit, by=shopper, at=later)
    assert (again.number, again.percent) == (2, 800_000)
    visit.refresh_from_db()
    assert sheet.read(visit).remarks == {}


def test_returning_without_a_remark_is_refused(visit, reviewer):
    with pytest.raises(review.NothingRemarked):
        review.return_visit(visit=visit, remarks={}, by=reviewer, at=NOW)


def test_what_is_approved_cannot_be_returned(visit, reviewer):
    review.approve(visit=visit, by=reviewer, at=NOW + timedelta(days=8))
    with pytest.raises(StaleState):
        review.return_visit(visit=visit, remarks={"TK-A2": "?"}, by=reviewer, at=NOW + timedelta(days=9))


# --- Claims ---------------------------------------------------------------------------------------


def test_a_colleague_is_told_who_has_the_visit_and_since_when(visit, reviewer, colleague):
    review.claim(visit=visit, by=reviewer, at=NOW)
    with pytest.raises(review.Claimed) as refused:
        review.claim(visit=visit, by=colleague, at=NOW + CLAIMED_FOR - timedelta(seconds=1))
    assert (refused.value.claim.by, refused.value.claim.at) == (reviewer, NOW)


def test_an_old_claim_may_be_taken_over(visit, reviewer, colleague):
    review.claim(visit=visit, by=reviewer, at=NOW)
    review.claim(visit=visit, by=colleague, at=NOW + CLAIMED_FOR)
    assert Claim.objects.get().by == colleague


def test_working_on_a_visit_holds_its_claim_longer(visit, reviewer, colleague):
    review.claim(visit=visit, by=reviewer, at=NOW)
    review.save(visit=visit, marks=[], by=reviewer, at=NOW + CLAIMED_FOR)
    with pytest.raises(review.Claimed):
        review.claim(visit=visit, by=colleague, at=NOW + CLAIMED_FOR)


def test_only_the_reviewer_puts_a_visit_back(visit, reviewer, colleague):
    review.claim(visit=visit, by=reviewer, at=NOW)
    assert not review.release(visit=visit, by=colleague)
    assert review.release(visit=visit, by=reviewer)
    assert not Claim.objects.exists()


def test_what_is_not_waiting_cannot_be_claimed(visit, reviewer):
    review.return_visit(visit=visit, remarks={"TK-A2": "?"}, by=reviewer, at=NOW)
    with pytest.raises(StaleState):
        review.claim(visit=visit, by=reviewer, at=NOW)


def test_the_next_visit_is_the_first_that_nobody_has(places, visit, shopper, reviewer, colleague):
    other = sheets.submitted(places.other_counter, shopper)
    review.claim(visit=visit, by=colleague, at=NOW)
    assert review.claim_next(visits=[visit, other], by=reviewer, at=NOW) == other
    assert review.claim_next(visits=[visit], by=reviewer, at=NOW) is None


@pytest.mark.parametrize("decide", ["approve", "return"])
def test_a_colleagues_visit_is_not_decided_and_a_decision_ends_the_claim(visit, reviewer, colleague, decide):
    def act(by, at):
        if decide == "approve":
            return review.approve(visit=visit, by=by, at=at)
        return review.return_visit(visit=visit, remarks={"TK-A2": "?"}, by=by, at=at)

    review.claim(visit=visit, by=reviewer, at=LATER)
    with pytest.raises(review.Claimed):
        act(colleague, LATER)
    act(reviewer, LATER)
    assert not Claim.objects.exists()


# --- What is prepared -----------------------------------------------------------------------------


def test_a_remark_and_the_units_wording_are_kept_changed_and_taken_away(visit, reviewer):
    def save(remark, words, remark_seen="", words_seen=""):
        marks = [Marks("TK-A2", remark, fingerprint(remark_seen), words, fingerprint(words_seen))]
        assert review.save(visit=visit, marks=marks, by=reviewer, at=NOW) == ()
        return review.drafted(visit=visit), list(ShownNote.objects.values_list("criterion__code", "text"))

    assert save("Nhờ nói rõ", "Chưa chào") == ({"TK-A2": "Nhờ nói rõ"}, [("TK-A2", "Chưa chào")])
    assert save("Nhờ nói rõ hơn", "Chưa chào", "Nhờ nói rõ", "Chưa chào")[0] == {"TK-A2": "Nhờ nói rõ hơn"}
    assert save("", "", "Nhờ nói rõ hơn", "Chưa chào") == ({}, [])


def test_a_text_changed_in_another_tab_is_left_as_it_is_there_and_named(visit, reviewer):
    review.save(visit=visit, marks=[Marks("TK-A2", "Một")], by=reviewer, at=NOW)
    conflicts = review.save(visit=visit, marks=[Marks("TK-A2", "Hai"), Marks("TK-B2", "Ba")], by=reviewer, at=NOW)
    assert conflicts == ("TK-A2",)
    assert review.drafted(visit=visit) == {"TK-A2": "Một", "TK-B2": "Ba"}


def test_nothing_is_prepared_on_a_colleagues_visit(visit, reviewer, colleague):
    review.claim(visit=visit, by=reviewer, at=NOW)
    with pytest.raises(review.Claimed):
        review.save(visit=visit, marks=[Marks("TK-A2", "Hai")], by=colleague, at=NOW)
    assert not DraftRemark.objects.exists()


def test_a_visit_is_not_approved_over_a_remark_that_was_not_sent(visit, reviewer):
    review.save(visit=visit, marks=[Marks("TK-A2", "Nhờ nói rõ")], by=reviewer, at=LATER)
    with pytest.raises(review.RemarksWaiting):
        review.approve(visit=visit, by=reviewer, at=LATER)
    visit.refresh_from_db()
    assert visit.state == VisitState.SUBMITTED


def test_returning_uses_up_the_drafts(visit, reviewer):
    review.save(visit=visit, marks=[Marks("TK-A2", "Nhờ nói rõ")], by=reviewer, at=NOW)
    review.return_visit(visit=visit, remarks=review.drafted(visit=visit), by=reviewer, at=NOW)
    assert review.drafted(visit=visit) == {}
    assert [(remark.criterion.code, remark.text) for remark in visit.remarks.all()] == [("TK-A2", "Nhờ nói rõ")]


# --- What the reviewer has not seen ---------------------------------------------------------------


def test_a_newer_submission_than_the_one_seen_is_not_decided(visit, reviewer, shopper):
    visits.save_answers(visit=visit, entries=[entry("B3", "yes")], by=shopper, at=NOW)
    visits.submit_follow_up(visit=visit, by=shopper, at=NOW)
    with pytest.raises(review.NewerSubmission):
        review.approve(visit=visit, by=reviewer, at=NOW, seen=1)
    with pytest.raises(review.NewerSubmission):
        review.return_visit(visit=visit, remarks={"TK-A2": "?"}, by=reviewer, at=NOW, seen=1)
    review.approve(visit=visit, by=reviewer, at=NOW, seen=2)


def test_a_follow_up_that_was_answered_and_never_sent_lapses(visit, reviewer, shopper):
    visits.save_answers(visit=visit, entries=[entry("B3", "yes")], by=shopper, at=NOW)
    with pytest.raises(review.FollowUpsOpen):
        review.approve(visit=visit, by=reviewer, at=NOW)
    review.approve(visit=visit, by=reviewer, at=LATER)
    answer = Answer.objects.get(criterion__code="TK-B3")
    assert (answer.value, answer.result) == ("na", None)


# --- Taking a decision back -----------------------------------------------------------------------


def test_an_approval_is_taken_back_until_it_is_published(visit, reviewer, colleague):
    review.approve(visit=visit, by=reviewer, at=LATER)
    with pytest.raises(StaleState):
        review.take_back(visit=visit, by=colleague, at=LATER)
    review.take_back(visit=visit, by=reviewer, at=LATER)
    visit.refresh_from_db()
    assert (visit.state, visit.approved_at, visit.approved_by) == (VisitState.SUBMITTED, None, None)
    assert (visit.events.last().kind, visit.claim.by) == ("taken_back", reviewer)
    review.approve(visit=visit, by=reviewer, at=LATER)
    Visit.objects.filter(pk=visit.pk).update(state=VisitState.PUBLISHED)
    with pytest.raises(StaleState):
        review.take_back(visit=visit, by=reviewer, at=LATER)


def test_a_return_is_taken_back_with_its_remarks_as_drafts(visit, reviewer):
    review.return_visit(visit=visit, remarks={"TK-A2": "Nhờ nói rõ"}, by=reviewer, at=NOW)
    review.take_back(visit=visit, by=reviewer, at=NOW + timedelta(minutes=1))
    visit.refresh_from_db()
    assert (visit.state, visit.events.last().kind) == (VisitState.SUBMITTED, "taken_back")
    assert review.drafted(visit=visit) == {"TK-A2": "Nhờ nói rõ"}
    assert sheet.read(visit).remarks == {}
    assert visit.claim.by == reviewer


def test_a_return_is_not_taken_back_once_the_shopper_has_begun(visit, reviewer, shopper):
    review.return_visit(visit=visit, remarks={"TK-A2": "Nhờ nói rõ"}, by=reviewer, at=NOW)
    visits.save_answers(visit=visit, entries=[entry("A2", "met", seen=1)], by=shopper, at=NOW + timedelta(minutes=1))
    with pytest.raises(review.AlreadyBegun):
        review.take_back(visit=visit, by=reviewer, at=NOW + timedelta(minutes=2))


def test_a_colleagues_return_stays(visit, reviewer, colleague):
    review.return_visit(visit=visit, remarks={"TK-A2": "Nhờ nói rõ"}, by=reviewer, at=NOW)
    with pytest.raises(StaleState):
        review.take_back(visit=visit, by=colleague, at=NOW)
