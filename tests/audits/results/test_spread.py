"""The usual spread of a checklist, and what ranges rest on: blocks' means and that (decision 0019)."""

import random
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from audits.models import Checklist, PeriodChecklist, UnitScore, Visit
from audits.results import actions as results
from audits.results import comparing, months, peers, statistics
from audits.results.actions import CorrectedValue
from audits.results.months import SpanKind, span
from audits.results.reliability import components
from audits.results.statistics import ASSUMED, Pile, Pooled, Sums, of_blocks
from audits.results.tallies import Figure, Kind
from audits.scoring import SCALE, WHOLE
from outlets.organisation import actions as organisation
from tests import plans, published, worlds
from tests.audits.results.scorecards import APART, MONTHS, NEAR, OCTOBER, USUAL, block, read

PERCENTS = {"yy": WHOLE, "ny": 750_000, "yn": 250_000, "nn": 0}


@pytest.fixture
def at():
    return worlds.places()


def kept_spreads(**of):
    rows = PeriodChecklist.objects.filter(**of).order_by("period__month")
    return [(row.variance, row.degrees, row.between) for row in rows]


def shown_by(*outlets):
    """What outlets' blocks show, each as its visits' answers."""
    figures = [figure_of(*[[PERCENTS[each] for each in some] for some in blocks]) for blocks in outlets]
    sums = [Sums(figure.visits, figure.total, figure.squares) for figure in figures]
    spread = of_blocks([(each, figure.outlets) for each, figure in zip(sums, figures, strict=True)])
    return round(spread.variance), spread.df, round(components(sums, spread).between)


@pytest.mark.django_db
def test_a_usual_spread_comes_with_the_blocks_that_show_it_and_with_corrections(at):
    """Two counters, one of them better; ten degrees in the sixth month."""
    people = worlds.people(at)
    here, there = [], []
    for number in range(-5, 1):
        month = months.later(OCTOBER, number)
        here.append(("yy", "ny", "yy") if number % 2 else ("yy", "ny", "yn"))
        there.append(("nn", "ny", "yn"))
        block(at.counter, people, month, *here[-1])
        block(at.far_counter, people, month, *there[-1])
        published.closed(month)
    *before, last = kept_spreads()
    assert before == [(None, 0, None)] * 5
    assert last == shown_by(here, there)
    assert last[1] == 10
    assert last[2] > 0
    assert {row.spread for row in PeriodChecklist.objects.all()} == {ASSUMED, Pooled(*last[:2])}
    visit = Visit.objects.filter(outlet=at.counter).order_by("-visited_on").last()  # the first, of "yy"
    no = {"A2": CorrectedValue(value="no")}
    results.correct(
        visit=visit, values=no, reason="Ảnh khác.", by=people.office, at=published.moment(date(2026, 11, 4))
    )
    assert kept_spreads()[-1] == last
    november = date(2026, 11, 1)
    block(at.counter, people, november, *USUAL)
    published.closed(november)
    corrected = [("yn", *here[0][1:]), *here[1:], USUAL]
    assert kept_spreads()[-1] == shown_by(corrected, there) != shown_by([*here, USUAL], there)


@pytest.mark.django_db
def test_a_spread_is_of_one_checklist_and_of_twelve_months(at):
    """Eleven blocks a year at one counter, one of them two years ago; another checklist has but one."""
    people = worlds.people(at)
    other = plans.checklist("DT")
    first = date(2024, 10, 1)
    here = []
    for number in range(25):
        month = months.later(first, number)
        if number == 0 or number > 13:
            here.append(("nn", "nn", "nn") if number == 0 else USUAL if number % 2 else NEAR)
            block(at.counter, people, month, *here[-1])
        if month == OCTOBER:
            for day, who in enumerate([people.shopper, people.shopper, people.shopper2]):
                published.approved(at.far_counter, who, month + timedelta(days=day), "yn", of=other)
        published.closed(month)
    variance, degrees, between = kept_spreads(checklist__code="TQ")[-1]
    figure = figure_of(*[[PERCENTS[each] for each in some] for some in here[1:]])
    spread = of_blocks([(Sums(figure.visits, figure.total, figure.squares), 11)])
    assert (variance, degrees, between) == (round(spread.variance), 10, None)
    assert kept_spreads(checklist=other) == [(None, 0, None)]


@pytest.mark.django_db
def test_without_a_usual_spread_one_is_assumed_and_few_differences_are_clear(at):
    """Ten visits of 65 % and three of 92."""
    people = worlds.people(at)
    block(at.counter, people, OCTOBER, *["yy", "yy", "yn", "yn", "ny"] * 2)
    block(at.far_counter, people, OCTOBER, "yy", "yy", "ny")
    published.closed(OCTOBER)
    assert kept_spreads() == [(None, 0, None)]
    checklist = Checklist.objects.get().pk
    every = peers.read([checklist], span(SpanKind.MONTH, OCTOBER))
    shown = read(at.counter.unit).shown
    assert shown.visits == 10
    assert every.pile(checklist, peers.OUTLETS, shown.figure) is Pile.WITHIN
    assert width(shown.range) > 16 * SCALE


@pytest.mark.django_db
@pytest.mark.parametrize("deviation", [None, 5])
def test_the_limits_among_peers_rest_on_the_usual_spread(at, deviation):
    people = worlds.people(at)
    for outlet in (at.counter, at.other_counter, at.far_counter):
        block(outlet, people, OCTOBER, *USUAL * 3)
    published.closed(OCTOBER)
    if deviation:
        PeriodChecklist.objects.update(variance=(deviation * SCALE) ** 2, degrees=40)
    checklist = Checklist.objects.get().pk
    held = peers.read([checklist], span(SpanKind.MONTH, OCTOBER)).of(checklist, peers.OUTLETS)
    by_month = peers.read_months([checklist], span(SpanKind.MONTH, OCTOBER))[OCTOBER].of(checklist, peers.OUTLETS)
    usual = PeriodChecklist.objects.get().spread.variance
    assert held.limits.variance == by_month.limits.variance
    assert abs(held.limits.variance - usual) < 1 + usual / 10**9


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
    """Two months on either side of a reorganisation, and a correction. Spreads were those of visits."""
    at = worlds.places()
    people = worlds.people(at)
    *earlier, september, _october = MONTHS
    for month in earlier:
        three_blocks(at, people, month)
    moment = published.moment(date(2026, 9, 4))
    organisation.move(unit=at.long_xuyen, parent=at.ha_noi, effective_on=date(2026, 9, 2), by=None, at=moment)
    three_blocks(at, people, september, NEAR)
    visit = Visit.objects.filter(outlet=at.far_counter).order_by("visited_on").first()  # of "yy"
    no = {"A2": CorrectedValue(value="no")}
    results.correct(visit=visit, values=no, reason="Ảnh cho thấy khác.", by=people.office, at=worlds.NOW)
    three_blocks(at, people, OCTOBER, APART, NEAR)
    rows = list(UnitScore.objects.order_by("pk").values_list())
    told = kept_spreads()
    executor = MigrationExecutor(connection)
    leaves = executor.loader.graph.leaf_nodes()
    try:
        executor.migrate([("audits", "0030_narrow_figures")])
        totals = UnitScore.objects.filter(kind=Kind.TOTAL, period__month=OCTOBER)
        before = {unit: totals.get(unit=unit).squares for unit in (at.counter.unit, at.ha_noi, at.group)}
        PeriodChecklist.objects.update(variance=4, degrees=5, between=6)
    finally:
        MigrationExecutor(connection).migrate(leaves)
    squares = [sum(PERCENTS[each] ** 2 for each in some) for some in (APART, NEAR, USUAL)]
    assert before == {at.counter.unit: squares[0], at.ha_noi: sum(squares), at.group: sum(squares)}
    assert list(UnitScore.objects.order_by("pk").values_list()) == rows
    assert kept_spreads() == told
    assert told[:3] == [(None, 0, None)] * 3
    assert told[3][1] == 9
    call_command("recount")


def three_blocks(at, people, month, here=USUAL, other=USUAL):
    for outlet, answers in ((at.counter, here), (at.other_counter, other), (at.far_counter, USUAL)):
        block(outlet, people, month, *answers)
    published.closed(month)
