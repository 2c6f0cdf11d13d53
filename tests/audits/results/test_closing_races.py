"""Closings, approvals and corrections at the same instant: every visit in one month, every figure what it should be."""

import time
from collections import Counter
from datetime import date, timedelta
from functools import partial
from itertools import cycle

import pytest

from audits.fieldwork.states import VisitState
from audits.models import (
    Block,
    Correction,
    Period,
    PeriodChecklist,
    PeriodUnit,
    PublishedVisit,
    Revision,
    UnitCriterionScore,
    UnitScore,
    Visit,
    VisitEvent,
)
from audits.results import actions as results
from audits.results.actions import CorrectedValue
from audits.results.recount import Recount, of_period
from audits.results.tallies import Kind
from audits.review import actions as review
from outlets.models import Role
from tests import published, worlds
from tests.races import TIMES, rounds

pytestmark = pytest.mark.django_db(transaction=True)

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
DAY = date(2026, 10, 14)
AT = published.moment(date(2026, 11, 3))
CLOSINGS, APPROVALS, CORRECTIONS = 20 * TIMES, 5 * TIMES, 5 * TIMES
FIGURES = (Correction, Revision, PublishedVisit, Block, UnitScore, UnitCriterionScore, PeriodChecklist, PeriodUnit)


@pytest.fixture
def at(transactional_db):
    return worlds.places()


@pytest.fixture
def people(at):
    return worlds.people(at)


@pytest.fixture
def three(at, people):
    """A block at the first counter: 100, 75 and 25 %, by two shoppers."""
    answers = {"yy": people.shopper, "ny": people.shopper, "yn": people.shopper2}
    return [
        published.approved(at.counter, shopper, DAY + timedelta(days=number), given)
        for number, (given, shopper) in enumerate(answers.items())
    ]


def opened_again(*months):
    """Takes closings back, as nobody can but a test."""
    for model in FIGURES:
        of = {Correction: "revision__published__block", Revision: "published__block", PublishedVisit: "block"}
        period = f"{of[model]}__period" if model in of else "period"
        model.objects.filter(**{f"{period}__month__in": months}).delete()
    Period.objects.filter(month__in=months).delete()
    VisitEvent.objects.filter(kind=VisitEvent.Kind.PUBLISHED, visit__published__isnull=True).delete()
    Visit.objects.filter(state=VisitState.PUBLISHED, published__isnull=True).update(state=VisitState.APPROVED)


def drifts():
    return [drift for period in Period.objects.all() for drift in of_period(period, Recount())]


def test_of_two_closings_at_once_one_closes_and_the_other_learns_who_and_when(three, people, at):
    second = worlds.user("office2", Role.OFFICE)
    whose = {people.office: AT, second: AT + timedelta(minutes=1)}
    winners: Counter[str] = Counter()

    def settle(outcomes):
        (closed,) = [each for each in outcomes if isinstance(each, results.Closed)]
        (refused,) = [each for each in outcomes if isinstance(each, results.AlreadyClosed)]
        period = Period.objects.get()
        assert (closed.period, refused.period, closed.visits) == (period, period, 3)
        assert refused.period.closed_at == whose[refused.period.closed_by] == closed.period.closed_at
        assert PublishedVisit.objects.count() == VisitEvent.objects.filter(kind=VisitEvent.Kind.PUBLISHED).count() == 3
        assert UnitScore.objects.get(unit=at.group, kind=Kind.TOTAL).total == 2_000_000
        winners[period.closed_by.username] += 1
        opened_again(OCTOBER)

    acts = [partial(results.close_month, month=OCTOBER, by=by, at=moment) for by, moment in whose.items()]
    rounds(CLOSINGS, acts, settle, (results.AlreadyClosed, results.NotTheNextMonth))
    assert winners.total() == CLOSINGS


def test_a_visit_approved_during_a_closing_is_published_in_one_month(at, people):
    visits = [
        published.approved(outlet, shopper, DAY)
        for outlet in (at.counter, at.far_counter)
        for shopper in (people.shopper, people.shopper2) * 3
    ]
    published.approved(at.other_counter, people.shopper, DAY)  # October is next, whoever is first; this one waits
    for outlet in (at.counter, at.far_counter):  # so that November's block takes what October left
        for shopper in (people.shopper, people.shopper, people.shopper2):
            published.approved(outlet, shopper, NOVEMBER)
    keys = [visit.pk for visit in visits]
    early: Counter[int] = Counter()

    def submitted_again():
        opened_again(OCTOBER, NOVEMBER)
        VisitEvent.objects.filter(kind=VisitEvent.Kind.APPROVED).delete()
        Visit.objects.filter(pk__in=keys).update(state=VisitState.SUBMITTED, approved_at=None, approved_by=None)

    def approve(some):
        for pk in some:
            review.approve(visit=Visit.objects.get(pk=pk), by=people.reviewer, at=AT, seen=1)

    def settle(outcomes):
        (closed,) = [each for each in outcomes if isinstance(each, results.Closed)]
        months = dict(PublishedVisit.objects.values_list("visit_id", "block__period__month"))
        states = dict(Visit.objects.filter(pk__in=keys).values_list("pk", "state"))
        assert states == {pk: VisitState.PUBLISHED if pk in months else VisitState.APPROVED for pk in keys}
        assert closed.visits == len(months)
        early[len(months)] += 1
        published.closed(NOVEMBER)
        after = dict(PublishedVisit.objects.filter(visit__in=keys).values_list("visit_id", "block__period__month"))
        assert after == {pk: months.get(pk, NOVEMBER) for pk in keys}
        late = PublishedVisit.objects.filter(is_late=True).values_list("visit_id", flat=True)
        assert set(late) == {pk for pk, month in after.items() if month == NOVEMBER}
        assert VisitEvent.objects.filter(kind=VisitEvent.Kind.PUBLISHED, visit__in=keys).count() == len(keys)
        assert drifts() == []
        submitted_again()

    def close():
        time.sleep(next(pauses))
        return results.close_month(month=OCTOBER, by=people.office, at=AT)

    submitted_again()
    pauses = cycle([0, 0.03, 0.06, 0.09, 0.12])  # so that the closing finds now nothing, now a block or two
    rounds(APPROVALS, [*(partial(approve, keys[number::3]) for number in range(3)), close], settle)
    assert early.total() == APPROVALS


def correction(visit, people, **values):
    corrected = {code: CorrectedValue(value) for code, value in values.items()}
    return results.correct(visit=visit, values=corrected, reason="Ảnh cho thấy khác", by=people.office, at=AT)


def test_a_correction_during_a_closing_moves_its_own_month_alone(three, people, at):
    for shopper in (people.shopper, people.shopper, people.shopper2):
        published.approved(at.counter, shopper, NOVEMBER, "nn")
    values = ["yes", "no"]
    published.closed(OCTOBER)

    def correct():
        return correction(three[2], people, A2=values[0])

    def settle(outcomes):
        (closed,) = [each for each in outcomes if isinstance(each, results.Closed)]
        (revision,) = [each for each in outcomes if isinstance(each, Revision)]
        expected = 2_750_000 if values[0] == "yes" else 2_000_000
        totals = UnitScore.objects.filter(unit=at.group, kind=Kind.TOTAL).order_by("period__month")
        assert list(totals.values_list("total", flat=True)) == [expected, 0]
        assert (closed.visits, revision.published.block.period.month) == (3, OCTOBER)
        assert drifts() == []
        values.reverse()
        opened_again(NOVEMBER)

    close = partial(results.close_month, month=NOVEMBER, by=people.office, at=published.moment(date(2026, 12, 3)))
    rounds(CORRECTIONS, [correct, close], settle)
    assert Revision.objects.count() == CORRECTIONS


def test_of_two_corrections_at_once_each_tells_what_it_moved_itself(three, people, at):
    published.closed(OCTOBER)
    values = ["no", "yes"]

    def settle(outcomes):
        moved = {each.published_id: each for each in outcomes}
        for visit, by in ((three[0], 750_000), (three[1], 750_000)):
            effects = {unit: after - before for unit, _visits, before, after in moved[visit.pk].effects}
            sign = -1 if values[0] == "no" else 1
            assert effects == {unit.pk: sign * by for unit in (at.counter.unit, at.long_xuyen, at.an_giang, at.group)}
        assert drifts() == []
        values.reverse()

    acts = [lambda visit=visit: correction(visit, people, A2=values[0]) for visit in three[:2]]
    rounds(CORRECTIONS, acts, settle)
    assert Revision.objects.count() == 2 * CORRECTIONS


def test_of_two_corrections_of_one_visit_both_are_kept_in_order(three, people):
    published.closed(OCTOBER)

    def settle(outcomes):
        numbers = sorted(each.number for each in outcomes)
        assert numbers == [1, 2]
        assert PublishedVisit.objects.get(pk=three[0].pk).percent == 0
        assert drifts() == []
        opened_again(OCTOBER)
        published.closed(OCTOBER)

    acts = [partial(correction, three[0], people, A1="no"), partial(correction, three[0], people, A2="no")]
    rounds(2 * TIMES, acts, settle)
