"""Approving and returning."""

from datetime import timedelta

import pytest

from audits.fieldwork.states import VisitState
from audits.fieldwork.transitions import StaleState
from audits.fieldwork.visits import actions as visits
from audits.fieldwork.visits import sheet
from audits.fieldwork.visits.completeness import Missing
from audits.models import Answer, Submission
from audits.review import actions as review
from outlets.models import Role
from tests import sheets, worlds
from tests.sheets import entry
from tests.worlds import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def places():
    return worlds.places()


@pytest.fixture
def shopper(places):
    return worlds.user("shopper", Role.SHOPPER)


@pytest.fixture
def reviewer(places):
    return worlds.user("reviewer", Role.REVIEWER)


@pytest.fixture
def visit(places, shopper):
    return sheets.submitted(places.counter, shopper)


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
    with pytest.raises(visits.Incomplete) as refused:
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
