"""Two reviewers, or a reviewer and the shopper, at the same moment: one outcome, and the slower one is told so."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest

from audits.fieldwork.states import VisitState
from audits.fieldwork.transitions import StaleState
from audits.fieldwork.visits import actions as visits
from audits.models import Claim, Remark, Submission, Visit, VisitEvent
from audits.review import actions as review
from audits.review.models import CLAIMED_FOR
from outlets.models import Role
from tests import races, sheets, worlds
from tests.sheets import entry
from tests.worlds import NOW

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOW + timedelta(days=8)
DECISIONS, CLAIMS, CORRECTIONS = 100 * races.TIMES, 20 * races.TIMES, 20 * races.TIMES


@pytest.fixture
def places(transactional_db):
    return worlds.places()


@pytest.fixture
def people(places):
    return worlds.people(places)


@pytest.fixture
def visit(places, people):
    return sheets.submitted(places.counter, people.shopper)


# The slower of two is told: these are what it may be told with.
rounds = partial(races.rounds, refusals=(StaleState, review.Claimed))


def test_of_approving_and_returning_at_once_exactly_one_happens(visit, people):
    as_read = {who: Visit.objects.get(pk=visit.pk) for who in ("reviewer", "office")}
    first = VisitEvent.objects.latest("pk").pk
    outcomes: Counter[str] = Counter()

    def approve():
        return review.approve(visit=as_read["reviewer"], by=people.reviewer, at=LATER, seen=1)

    def send_back():
        remarks = {"TK-A2": "Nhờ nói rõ"}
        return review.return_visit(visit=as_read["office"], remarks=remarks, by=people.office, at=LATER, seen=1)

    def settle(results):
        events = VisitEvent.objects.filter(pk__gt=first)
        (event,) = events
        (refused,) = [each for each in results if isinstance(each, StaleState)]
        # Who lost is told what the visit is now; who did it, and when, stands on its last event.
        assert refused.visit.state == event.to_state == Visit.objects.get(pk=visit.pk).state
        approved = event.kind == "approved"
        assert (event.by, event.at) == (people.reviewer if approved else people.office, LATER)
        assert Remark.objects.count() == (0 if approved else 1)
        outcomes[event.kind] += 1
        Remark.objects.all().delete()
        events.delete()
        Visit.objects.update(state=VisitState.SUBMITTED, approved_at=None, approved_by=None)
        for each in as_read.values():
            each.state = VisitState.SUBMITTED

    rounds(DECISIONS, [approve, send_back], settle)
    assert outcomes.total() == DECISIONS


def test_a_correction_during_approval_is_never_approved_unseen(visit, people):
    visits.save_answers(visit=visit, entries=[entry("B3", "yes")], by=people.shopper, at=NOW)
    first = VisitEvent.objects.latest("pk").pk
    outcomes: Counter[str] = Counter()

    def approve():
        return review.approve(visit=Visit.objects.get(pk=visit.pk), by=people.reviewer, at=LATER, seen=1)

    def correct():
        return visits.submit_follow_up(visit=Visit.objects.get(pk=visit.pk), by=people.shopper, at=LATER)

    def settle(results):
        (refused,) = [each for each in results if isinstance(each, StaleState)]
        state, latest = Visit.objects.get(pk=visit.pk).state, Submission.objects.order_by("number").last()
        if isinstance(refused, review.NewerSubmission):
            assert (state, latest.number, latest.open_follow_ups) == (VisitState.SUBMITTED, 2, 0)
        else:
            assert (state, latest.number) == (VisitState.APPROVED, 1)
        outcomes[type(refused).__name__] += 1
        Submission.objects.filter(number=2).delete()
        VisitEvent.objects.filter(pk__gt=first).delete()
        visit.answers.filter(criterion__code="TK-B3").update(value="yes", na_reason="", result=None, lost=None)
        Visit.objects.update(state=VisitState.SUBMITTED, approved_at=None, approved_by=None)

    rounds(CORRECTIONS, [approve, correct], settle)
    assert outcomes.total() == CORRECTIONS


@pytest.mark.parametrize("is_stale", [False, True])
def test_of_two_reviewers_one_takes_the_visit_and_the_other_learns_who(visit, people, is_stale):
    third = worlds.user("third", Role.REVIEWER)

    def prepare():
        Claim.objects.all().delete()
        if is_stale:  # somebody left it open long ago: both may take it over
            Claim.objects.create(visit=visit, by=third, at=NOW - CLAIMED_FOR)

    def settle(results):
        (refused,) = [each for each in results if isinstance(each, review.Claimed)]
        (taken,) = [each for each in results if isinstance(each, Claim)]
        assert Claim.objects.get() == taken == refused.claim
        assert (refused.claim.by, refused.claim.at) == (taken.by, NOW)
        prepare()

    prepare()
    rounds(
        CLAIMS,
        [
            lambda: review.claim(visit=visit, by=people.reviewer, at=NOW),
            lambda: review.claim(visit=visit, by=people.office, at=NOW),
        ],
        settle,
    )


def test_the_queue_gives_each_visit_to_one_reviewer(places, people):
    waiting = [sheets.submitted(places.counter, people.shopper) for _ in range(6)]
    reviewers = [people.reviewer, people.office, worlds.user("third", Role.REVIEWER)]
    given: list[int] = []

    def settle(results):
        given.extend(result.pk for result in results)

    takers = [
        lambda by=by: review.claim_next(visits=[each for each in waiting if each.pk not in given], by=by, at=NOW)
        for by in reviewers
    ]
    rounds(2, takers, settle)
    assert sorted(given) == sorted(each.pk for each in waiting)
