"""Closing a month: what is published, what waits, and the figures of every unit."""

from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from audits.fieldwork.states import VisitState
from audits.models import Block, Period, PeriodUnit, PublishedVisit, UnitCriterionScore, UnitScore, Visit, VisitEvent
from audits.results import actions as results
from audits.results import closing
from audits.results.tallies import Kind
from outlets.organisation import actions as organisation
from tests import published, worlds
from tests.kept import kept

pytestmark = pytest.mark.django_db

SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
DAY = date(2026, 10, 14)
SQUARES = 1_333_333_333_334  # of the mean of those three, three times, rounded up


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


@kept
def three(at, people):
    """A block at the first counter: 100, 75 and 25 %, by two shoppers."""
    return [
        published.approved(at.counter, people.shopper, DAY, "yy"),
        published.approved(at.counter, people.shopper, DAY + timedelta(days=1), "ny"),
        published.approved(at.counter, people.shopper2, DAY + timedelta(days=2), "yn"),
    ]


def totals(unit):
    rows = UnitScore.objects.filter(unit=unit, kind=Kind.TOTAL)
    return [(row.visits, row.outlets, row.total, row.squares) for row in rows.order_by("period__month")]


def test_a_block_is_published_with_its_events(three, people):
    closed = published.closed(OCTOBER, by=people.office)
    assert (closed.blocks, closed.visits, closed.late, closed.waiting) == (1, 3, 0, 0)
    assert set(Visit.objects.values_list("state", flat=True)) == {VisitState.PUBLISHED}
    assert Block.objects.get().visits == 3
    events = VisitEvent.objects.filter(kind=VisitEvent.Kind.PUBLISHED)
    assert {(event.from_state, event.to_state, event.by) for event in events} == {
        ("approved", "published", people.office)
    }


def test_every_unit_above_has_the_sum_of_what_is_below(three, at):
    published.closed(OCTOBER)
    expected = [(3, 1, 2_000_000, SQUARES)]
    for unit in (at.counter.unit, at.long_xuyen, at.an_giang, at.group):
        assert totals(unit) == expected
    assert totals(at.ha_noi) == []


def test_criteria_are_counted_with_what_they_cost(three, at):
    published.closed(OCTOBER)
    rows = UnitCriterionScore.objects.filter(unit=at.an_giang).order_by("code")
    assert [(row.code, row.met, row.not_met, row.not_applicable, row.results, row.lost) for row in rows] == [
        ("A1", 2, 1, 0, 200, 250_000),
        ("A2", 2, 1, 0, 200, 750_000),
    ]


def test_lost_shares_and_the_mean_make_one_hundred(three, at):
    published.closed(OCTOBER)
    total = UnitScore.objects.get(unit=at.group, kind=Kind.TOTAL)
    lost = sum(UnitCriterionScore.objects.filter(unit=at.group).values_list("lost", flat=True))
    assert total.total + lost == total.visits * 1_000_000


def test_fewer_than_the_rule_asks_wait_and_come_in_a_later_month(at, people):
    early = published.approved(at.counter, people.shopper, date(2026, 9, 3))
    published.approved(at.counter, people.shopper2, date(2026, 9, 4))
    first = published.closed(SEPTEMBER)
    assert (first.visits, first.waiting, UnitScore.objects.count()) == (0, 2, 0)
    published.approved(at.counter, people.shopper2, DAY)
    second = published.closed(OCTOBER)
    assert (second.visits, second.late, second.waiting) == (3, 0, 0)
    assert (early.published.is_late, early.published.block.period.month) == (False, OCTOBER)


def test_a_visit_that_is_not_approved_joins_a_later_month(three, at, people):
    late = published.approved(at.counter, people.shopper2, DAY)
    Visit.objects.filter(pk=late.pk).update(state=VisitState.SUBMITTED)
    published.closed(OCTOBER)
    after = published.moment(NOVEMBER.replace(day=5))
    Visit.objects.filter(pk=late.pk).update(state=VisitState.APPROVED, approved_at=after)
    for day in (3, 4):
        published.approved(at.counter, people.shopper, NOVEMBER.replace(day=day))
    assert published.closed(NOVEMBER).late == 1
    assert totals(at.group) == [(3, 1, 2_000_000, SQUARES), (3, 1, 3_000_000, 3 * 10**12)]


def test_the_last_moment_of_a_month_belongs_to_it_and_the_next_does_not(at, people):
    """The stored local day decides, so 23:59 and 00:00 in Vietnam lie in two months."""
    for shopper in (people.shopper, people.shopper2, people.shopper2):
        published.approved(at.counter, shopper, date(2026, 10, 31))
    after = published.approved(at.counter, people.shopper, NOVEMBER)
    assert published.closed(OCTOBER).visits == 3
    assert Visit.objects.get(pk=after.pk).state == VisitState.APPROVED


def test_nothing_that_could_be_scored_is_counted_apart(three, at, people):
    published.approved(at.counter, people.shopper2, DAY, "--")
    published.closed(OCTOBER)
    row = UnitScore.objects.get(unit=at.group, kind=Kind.TOTAL)
    assert (row.visits, row.unscored, row.total) == (3, 1, 2_000_000)


def test_a_month_is_closed_once_in_its_order_and_after_its_end(three, people):
    with pytest.raises(results.NotTheNextMonth) as refused:
        published.closed(SEPTEMBER)
    assert refused.value.expected == OCTOBER
    with pytest.raises(results.MonthNotOver):
        results.close_month(month=OCTOBER, by=None, at=published.moment(date(2026, 10, 31), 23))
    published.closed(OCTOBER, by=people.office)
    with pytest.raises(results.AlreadyClosed) as again:
        published.closed(OCTOBER)
    assert again.value.period.closed_by == people.office
    assert Period.objects.count() == 1


def test_before_anything_is_approved_no_month_is_next(at):
    assert closing.next_month() is None
    with pytest.raises(results.NotTheNextMonth):
        published.closed(OCTOBER)


def test_a_closed_month_keeps_its_tree_whatever_moves_later(three, at, people):
    published.closed(OCTOBER)
    organisation.move(
        unit=at.long_xuyen,
        parent=at.ha_noi,
        effective_on=date(2026, 11, 2),
        by=None,
        at=published.moment(NOVEMBER, 9) + timedelta(days=2),
    )
    assert PeriodUnit.objects.get(unit=at.long_xuyen).parent == at.an_giang
    assert totals(at.an_giang) == [(3, 1, 2_000_000, SQUARES)]


def test_an_outlet_that_went_into_another_is_counted_beside_it(three, at, people):
    moment = published.moment(date(2026, 10, 25))
    organisation.merge(
        predecessors=[at.counter.unit],
        successor=at.other_counter.unit,
        effective_on=date(2026, 10, 25),
        by=None,
        at=moment,
    )
    published.closed(OCTOBER)
    assert (totals(at.other_counter.unit), totals(at.counter.unit), totals(at.long_xuyen)) == (
        [],
        [(3, 1, 2_000_000, SQUARES)],
        [(3, 1, 2_000_000, SQUARES)],
    )


def merge_into_the_other(at, day):
    organisation.merge(
        predecessors=[at.counter.unit],
        successor=at.other_counter.unit,
        effective_on=day,
        by=None,
        at=published.moment(day),
    )


def test_too_few_visits_of_an_outlet_that_went_into_another_join_the_others(at, people):
    """Alone they would wait for ever."""
    published.approved(at.counter, people.shopper, DAY, "yy")
    published.approved(at.counter, people.shopper, DAY + timedelta(days=1), "ny")
    merge_into_the_other(at, date(2026, 10, 25))
    assert published.closed(OCTOBER).waiting == 2
    published.approved(at.other_counter, people.shopper2, date(2026, 11, 5), "yn")
    closed = published.closed(date(2026, 11, 1))
    assert (closed.blocks, closed.visits, closed.late, closed.waiting) == (1, 3, 0, 0)
    assert totals(at.other_counter.unit) == [(3, 1, 2_000_000, SQUARES)]
    assert totals(at.counter.unit) == []
    assert Block.objects.get().outlet == at.other_counter


def test_visits_of_outlets_that_stand_for_themselves_never_join(at, people):
    published.approved(at.counter, people.shopper, DAY)
    published.approved(at.counter, people.shopper, DAY + timedelta(days=1))
    published.approved(at.other_counter, people.shopper2, DAY)
    merge_into_the_other(at, date(2026, 11, 1))
    assert published.closed(OCTOBER).waiting == 3


def test_closing_from_a_shell(three, capsys):
    call_command("close_month", "2026-10")
    assert "2026-10 is closed: 3 visits in 1 blocks published, 0 of them late" in capsys.readouterr().out
    assert PublishedVisit.objects.count() == 3


@pytest.mark.parametrize(
    ("month", "reason"),
    [
        ("10/2026", "Write it as 2026-10"),
        ("2099-01", "is not over yet"),
        ("2026-09", "The next one is 2026-10"),
    ],
)
def test_a_shell_is_told_why_a_month_is_not_closed(three, month, reason):
    with pytest.raises(CommandError, match=reason):
        call_command("close_month", month)
    assert not Period.objects.exists()
