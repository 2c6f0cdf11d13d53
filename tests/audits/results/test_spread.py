"""The usual spread of a checklist, and what ranges rest on: blocks' means and that. decision 0019."""

import random

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from audits.models import Checklist, PeriodChecklist, PublishedVisit, UnitScore
from audits.results import closing, comparing, months, statistics
from audits.results.statistics import Pooled, Sums, pooled
from audits.results.tallies import Figure, Kind
from audits.scoring import SCALE, WHOLE
from tests import published, worlds
from tests.audits.results.scorecards import APART, NEAR, OCTOBER, USUAL, block, four_months

PERCENTS = {"yy": WHOLE, "ny": 750_000, "yn": 250_000, "nn": 0}


@pytest.fixture
def at():
    return worlds.places()


@pytest.mark.django_db
def test_a_spread_stays_until_three_new_blocks_have_come(at):
    people = worlds.people(at)
    answers = [("yy", "yy", "nn"), ("yy", "ny", "yy"), ("yn", "yn", "yy"), ("nn", "yy", "yy"), ("yy", "yy", "yy")]
    months_of = [months.later(OCTOBER, number) for number in range(-4, 1)]
    for number, (month, some) in enumerate(zip(months_of, answers, strict=True)):
        block(at.counter, people, month, *some)
        if number == 4:
            block(at.far_counter, people, month, *some)
        published.closed(month)
    found = [row.spread for row in PeriodChecklist.objects.order_by("period__month")]
    everything = [value for some in answers[:3] for value in map(PERCENTS.get, some)]
    third = pooled([Sums.of(everything)])
    assert found[:4] == [None, None, Pooled(round(third.variance), third.df), found[2]]
    own = Sums.of([value for some in answers for value in map(PERCENTS.get, some)])
    last = pooled([own, Sums.of(map(PERCENTS.get, answers[4]))])
    assert found[4] == Pooled(round(last.variance), last.df)


@pytest.mark.django_db
def test_a_correction_reaches_the_next_usual_spread(at):
    people = worlds.people(at)
    for outlet in (at.counter, at.other_counter, at.far_counter):
        block(outlet, people, OCTOBER, *USUAL)
    published.closed(OCTOBER)
    before = PeriodChecklist.objects.get().spread
    PublishedVisit.objects.update(percent=800_000)
    assert pooled(closing.outlet_sums(Checklist.objects.get().pk, OCTOBER)) == Pooled(0, before.df)


# --- What a range rests on instead --------------------------------------------------------------------


def figure_of(*groups):
    """A total over blocks of these percentages."""
    made = [Sums.of(percents) for percents in groups]
    squares = sum(-(-(each.total**2) // each.n) for each in made)
    return Figure(
        visits=sum(each.n for each in made), outlets=len(made), total=sum(each.total for each in made), squares=squares
    )


def test_visits_that_lie_apart_as_usual_give_the_squares_that_they_have():
    """Within each block 200 points squared over two degrees: where 100 is usual, nothing is lost."""
    groups = [[700_000, 800_000, 900_000], [600_000, 700_000, 800_000], [500_000, 600_000, 700_000]]
    usual = Pooled(100 * SCALE**2, 60)
    every = Sums.of([percent for some in groups for percent in some])
    assert comparing.sums(figure_of(*groups), usual) == every
    assert comparing.range_of(figure_of(*groups), usual) == statistics.range_of(every, usual)


def test_blocks_that_lie_apart_widen_the_range_and_their_visits_do_not():
    usual = Pooled(100 * SCALE**2, 60)
    alike, wild = [[800_000] * 3] * 3, [[700_000, 800_000, 900_000]] * 3
    assert comparing.range_of(figure_of(*alike), usual) == comparing.range_of(figure_of(*wild), usual)
    apart = figure_of([600_000] * 3, [800_000] * 3, [WHOLE] * 3)
    assert width(comparing.range_of(apart, usual)) > 1.5 * width(comparing.range_of(figure_of(*alike), usual))


def width(found):
    return found.high - found.low


def test_a_range_holds_the_true_mean_19_times_of_20():
    """Four blocks of three visits, 8 points apart as usual; also where what is usual was found from 40 outlets."""
    rng, held = random.Random(17), 0
    for _ in range(2000):
        true = rng.uniform(60, 80)
        groups = [[round(SCALE * rng.gauss(true, 8)) for _ in range(3)] for _ in range(4)]
        found = comparing.range_of(figure_of(*groups), Pooled(64 * SCALE**2, 440))
        held += found.low <= true * SCALE <= found.high
    assert 0.94 <= held / 2000 <= 0.975


# --- Rows written before -------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_older_rows_come_over_and_go_back(transactional_db):
    at = worlds.places()
    people = worlds.people(at)
    four_months(at, people, at.counter, at.other_counter)
    rows = list(UnitScore.objects.order_by("pk").values_list())
    told = list(PeriodChecklist.objects.order_by("pk").values_list())
    executor = MigrationExecutor(connection)
    leaves = executor.loader.graph.leaf_nodes()
    try:
        executor.migrate([("audits", "0030_narrow_figures")])
        before = {
            unit: UnitScore.objects.get(unit=unit, kind=Kind.TOTAL, period__month=OCTOBER).squares
            for unit in (at.counter.unit, at.group)
        }
        # As it was told: every month anew.
        PeriodChecklist.objects.filter(period__month=OCTOBER).update(variance=4, degrees=5, between=6)
    finally:
        MigrationExecutor(connection).migrate(leaves)
    squares = [sum(PERCENTS[each] ** 2 for each in some) for some in (APART, NEAR, USUAL)]
    assert before == {at.counter.unit: squares[0], at.group: sum(squares)}
    assert list(UnitScore.objects.order_by("pk").values_list()) == rows
    assert [row[:3] for row in PeriodChecklist.objects.order_by("pk").values_list()] == [row[:3] for row in told]
    assert PeriodChecklist.objects.get(period__month=OCTOBER).variance == 4
