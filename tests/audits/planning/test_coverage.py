"""Coverage of waves, units and weeks, counted against visits laid out by hand."""

from datetime import date, timedelta

import pytest

from audits.fieldwork.models import Visit
from audits.fieldwork.planning import queries
from audits.fieldwork.planning.queries import NOTHING, Coverage, UnitCount, UnitCoverage
from audits.fieldwork.states import VisitState
from outlets.models import Channel, UnitParent
from outlets.organisation import tree
from tests import plans, worlds
from tests.worlds import TODAY

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def every_state(at, people, wave):
    """One visit in each state at the first counter, all open until after today."""
    for state in VisitState:
        plans.visit_in(state, wave, at.counter, people.shopper)


def one_query(assert_num, number, ask):
    with assert_num(number):
        return ask()


def test_coverage_counts_each_state_once(wave, every_state, django_assert_num_queries):
    found = one_query(django_assert_num_queries, 1, lambda: queries.coverage_of(Visit.objects.in_wave(wave), TODAY))
    assert found == Coverage(planned=1, assigned=1, in_progress=1, carried_out=4, not_possible=1, voided=1, overdue=0)
    assert (found.total, found.done, found.under_way, found.percent) == (8, 5, 2, 62)


def test_only_what_is_not_submitted_becomes_overdue(wave, every_state):
    later = TODAY + timedelta(days=30)
    assert queries.coverage_of(Visit.objects.in_wave(wave), later).overdue == 3


def test_visit_is_not_overdue_on_its_last_day(at, wave):
    plans.planned_visit(wave, at.counter, due_on=TODAY)
    visits = Visit.objects.in_wave(wave)
    assert [queries.coverage_of(visits, day).overdue for day in (TODAY, TODAY + timedelta(days=1))] == [0, 1]


def test_percent_reaches_100_only_when_nothing_is_left():
    assert Coverage(planned=1, carried_out=299).percent == 99
    assert Coverage(carried_out=300, voided=5).percent == 100
    assert Coverage(voided=5).percent is None


def test_coverage_by_wave_has_an_entry_for_a_wave_without_visits(at, wave, every_state, django_assert_num_queries):
    empty = plans.wave(at.group, name="Đợt khác")
    found = one_query(django_assert_num_queries, 1, lambda: queries.coverage_by_wave([wave, empty], TODAY))
    assert (found[wave.pk].total, found[empty.pk]) == (8, NOTHING)


def row(unit, is_outlet=False, **counts):
    return UnitCoverage(unit.public_id, unit.code, unit.name, is_outlet, Coverage(**counts))


def test_wave_coverage_divides_the_group_into_its_provinces(at, people, wave, django_assert_num_queries):
    plans.planned_visit(wave, at.counter, due_on=YESTERDAY)
    plans.assigned_visit(wave, at.hotline, people.shopper)
    plans.visit_in(VisitState.APPROVED, wave, at.far_counter, people.shopper)
    found = one_query(django_assert_num_queries, 4, lambda: queries.wave_coverage(wave, at.group, TODAY))
    assert found == queries.WaveCoverage(
        whole=Coverage(planned=1, assigned=1, carried_out=1, overdue=1),
        below=Coverage(planned=1, assigned=1, carried_out=1, overdue=1),
        units=(row(at.an_giang, planned=1, assigned=1, overdue=1), row(at.ha_noi, carried_out=1)),
        here=NOTHING,
        elsewhere=NOTHING,
        above=(),
    )


def test_wave_coverage_of_a_unit_below_shows_the_way_to_it(at, wave):
    plans.planned_visit(wave, at.counter)
    plans.planned_visit(wave, at.far_counter)
    found = queries.wave_coverage(wave, at.long_xuyen, TODAY)
    assert (found.whole.total, found.below.total) == (2, 1)
    assert found.units == (row(at.counter.unit, is_outlet=True, planned=1),)
    assert found.above == (at.group, at.an_giang)


def test_wave_coverage_at_an_outlet_is_its_own(at, wave):
    plans.planned_visit(wave, at.counter)
    found = queries.wave_coverage(wave, at.counter.unit, TODAY)
    assert (found.units, found.here) == ((), Coverage(planned=1))


def test_outlet_moved_out_of_the_wave_unit_still_counts_for_the_whole(at):
    wave = plans.wave(at.an_giang)
    plans.planned_visit(wave, at.counter)
    plans.planned_visit(wave, at.hotline)
    UnitParent.objects.filter(unit=at.hotline.unit).update(parent=at.ha_noi)
    tree.write_closure()
    found = queries.wave_coverage(wave, at.an_giang, TODAY)
    assert (found.whole.total, found.below.total, found.elsewhere) == (2, 1, Coverage(planned=1))


def test_coverage_by_week_runs_from_monday_to_sunday(at, wave, django_assert_num_queries):
    for due_on in (date(2026, 11, 16), date(2026, 11, 22), date(2026, 11, 23)):
        plans.planned_visit(wave, at.counter, opens_on=TODAY, due_on=due_on)
    found = one_query(django_assert_num_queries, 1, lambda: queries.coverage_by_week(wave, TODAY))
    assert [(each.monday, each.sunday, each.coverage.planned) for each in found] == [
        (date(2026, 11, 16), date(2026, 11, 22), 2),
        (date(2026, 11, 23), date(2026, 11, 29), 1),
    ]


def test_outlets_of_a_new_wave_are_counted_by_unit(at, django_assert_num_queries):
    def ask():
        return queries.outlets_by_unit(at.group, Channel.COUNTER)

    assert one_query(django_assert_num_queries, 3, ask) == (
        UnitCount("VNPT An Giang", "AGG", 2),
        UnitCount("VNPT Hà Nội", "HNI", 1),
    )


def test_new_wave_over_one_outlet_counts_it(at):
    assert queries.outlets_by_unit(at.counter.unit, Channel.COUNTER) == (UnitCount("ĐGD Long Xuyên", "AGG-LX-01", 1),)


def test_neighbours_stand_beside_each_other_in_the_order_of_a_wave(at):
    another = worlds.outlet("HNI-DD-02", "ĐGD An Khánh", at.dong_da)
    order = queries.outlets_in_order(at.group, Channel.COUNTER)
    assert order == [another.pk, at.far_counter.pk, at.other_counter.pk, at.counter.pk]
