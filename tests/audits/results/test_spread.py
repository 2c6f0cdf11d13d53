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
from audits.results.statistics import Pile, Pooled, Sums, in_steps, pooled
from audits.results.tallies import Figure, Kind
from audits.scoring import SCALE, WHOLE
from outlets.organisation import actions as organisation
from tests import plans, published, worlds
from tests.audits.results.scorecards import APART, MONTHS, NEAR, OCTOBER, USUAL, block, read, spread_of_three

PERCENTS = {"yy": WHOLE, "ny": 750_000, "yn": 250_000, "nn": 0}


@pytest.fixture
def at():
    return worlds.places()


def told(groups):
    """The usual spread as it is told, and how far outlets lie apart, of each outlet's answers."""
    sums = [Sums.of(PERCENTS[each] for each in some) for some in groups]
    spread = in_steps(pooled(sums))
    return spread, round(components(sums, spread).between) if len(sums) > 1 else None


def kept_spreads(**of):
    rows = PeriodChecklist.objects.filter(**of).order_by("period__month")
    return [(row.spread, row.between) for row in rows]


@pytest.mark.django_db
def test_a_spread_stays_until_enough_new_blocks_have_come(at, monkeypatch):
    """Three: in September at one counter, and in November with a second one."""
    spread_of_three(monkeypatch)
    people = worlds.people(at)
    answers = [("yy", "yy", "nn"), ("yy", "ny", "yy"), ("yn", "yn", "yy"), ("nn", "yy", "yy"), ("yy", "yy", "yy")]
    for number, some in enumerate(answers):
        month = months.later(date(2026, 7, 1), number)
        block(at.counter, people, month, *some)
        if number == 4:
            block(at.far_counter, people, month, *some)
        published.closed(month)
    third = told([sum(answers[:3], ())])
    last = told([sum(answers, ()), answers[4]])
    assert third != last
    assert last[1] > 0
    assert kept_spreads() == [(None, None), (None, None), third, third, last]


@pytest.mark.django_db
def test_blocks_that_have_gone_from_the_year_do_not_make_a_spread(at, monkeypatch):
    """A block twenty months ago, one fifteen months ago and one now: the spread would be of the last alone."""
    spread_of_three(monkeypatch)
    people = worlds.people(at)
    with_blocks = {date(2025, 2, 1), date(2025, 7, 1), OCTOBER}
    for number in range(21):
        month = months.later(date(2025, 2, 1), number)
        if month in with_blocks:
            block(at.counter, people, month, *USUAL)
        published.closed(month)
    assert kept_spreads() == [(None, None)] * 3


@pytest.mark.django_db
def test_a_spread_is_of_one_checklist_and_of_twelve_months(at, monkeypatch):
    """Of three blocks and more in October, beside a year-old one and one of another checklist."""
    spread_of_three(monkeypatch)
    people = worlds.people(at)
    block(at.counter, people, date(2025, 10, 1), "nn", "nn", "nn")
    published.closed(date(2025, 10, 1))
    for number in range(1, 12):
        published.closed(months.later(date(2025, 10, 1), number))
    here = {at.counter: ("yy", "ny", "yy"), at.other_counter: USUAL, at.far_counter: USUAL}
    for outlet, answers in here.items():
        block(outlet, people, OCTOBER, *answers)
    other = plans.checklist("DT")
    for number, who in enumerate([people.shopper, people.shopper, people.shopper2]):
        published.approved(at.counter, who, OCTOBER + timedelta(days=number), "yn", of=other)
    published.closed(OCTOBER)
    assert kept_spreads(checklist__code="TQ") == [(None, None), told(here.values())]
    assert kept_spreads(checklist=other) == [(None, None)]


@pytest.mark.django_db
def test_a_correction_reaches_the_next_usual_spread_and_none_before(at, monkeypatch):
    spread_of_three(monkeypatch)
    people = worlds.people(at)
    places = (at.counter, at.other_counter, at.far_counter)
    for outlet in places:
        block(outlet, people, OCTOBER, *USUAL)
    published.closed(OCTOBER)
    before = kept_spreads()
    visit = Visit.objects.filter(outlet=at.counter).order_by("visited_on").first()  # of "yy"
    moment = published.moment(date(2026, 11, 4))
    no = {"A2": CorrectedValue(value="no")}
    results.correct(visit=visit, values=no, reason="Ảnh cho thấy khác.", by=people.office, at=moment)
    assert kept_spreads() == before
    november = date(2026, 11, 1)
    for outlet in places:
        block(outlet, people, november, *USUAL)
    published.closed(november)
    assert kept_spreads()[1] == told([("yn", "ny", "yn", *USUAL), USUAL * 2, USUAL * 2])


@pytest.mark.django_db
def test_without_a_usual_spread_nobody_stands_out(at):
    """Ten visits of 60 % and three of 92: the blocks alone would lie within nothing of their own means."""
    people = worlds.people(at)
    block(at.counter, people, OCTOBER, *["yy", "yy", "yn", "yn", "ny"] * 2)
    block(at.far_counter, people, OCTOBER, "yy", "yy", "ny")
    published.closed(OCTOBER)
    assert kept_spreads() == [(None, None)]
    checklist = Checklist.objects.get()
    every = peers.read([checklist.pk], span(SpanKind.MONTH, OCTOBER))
    card = read(at.counter.unit)
    figure = card.shown.figure
    assert figure.visits == 10
    assert every.pile(checklist.pk, peers.OUTLETS, figure) is Pile.WITHIN
    assert width(card.shown.range) > 60 * SCALE


@pytest.mark.django_db
def test_the_limits_among_peers_rest_on_the_usual_spread(at, monkeypatch):
    spread_of_three(monkeypatch)
    people = worlds.people(at)
    for outlet in (at.counter, at.other_counter, at.far_counter):
        block(outlet, people, OCTOBER, *USUAL * 3)
    published.closed(OCTOBER)
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
    """Two months on either side of a reorganisation, and a correction. Every month had a spread of its own."""
    at = worlds.places()
    people = worlds.people(at)
    *earlier, september, _october = MONTHS
    for month in earlier:
        three_blocks(at, people, month)
    moment = published.moment(date(2026, 9, 4))
    organisation.move(unit=at.long_xuyen, parent=at.ha_noi, effective_on=date(2026, 9, 2), by=None, at=moment)
    three_blocks(at, people, september)
    three_blocks(at, people, OCTOBER, APART, NEAR)
    visit = Visit.objects.filter(outlet=at.far_counter).order_by("visited_on").first()  # of "yy"
    no = {"A2": CorrectedValue(value="no")}
    results.correct(visit=visit, values=no, reason="Ảnh cho thấy khác.", by=people.office, at=worlds.NOW)
    rows = list(UnitScore.objects.order_by("pk").values_list())
    executor = MigrationExecutor(connection)
    leaves = executor.loader.graph.leaf_nodes()
    of_month = PeriodChecklist.objects.filter
    try:
        executor.migrate([("audits", "0030_narrow_figures")])
        totals = UnitScore.objects.filter(kind=Kind.TOTAL, period__month=OCTOBER)
        before = {unit: totals.get(unit=unit).squares for unit in (at.counter.unit, at.ha_noi, at.group)}
        assert of_month(period__month=september).update(variance=4, degrees=5, between=10**12)
        assert of_month(period__month=OCTOBER).update(variance=9, degrees=8, between=7)
    finally:
        MigrationExecutor(connection).migrate(leaves)
    squares = [sum(PERCENTS[each] ** 2 for each in some) for some in (APART, NEAR, USUAL)]
    assert before == {at.counter.unit: squares[0], at.ha_noi: sum(squares), at.group: sum(squares)}
    assert list(UnitScore.objects.order_by("pk").values_list()) == rows
    ninth = 10**12 - round((2500**2 - 4) / 9)  # nine visits at each outlet
    told = PeriodChecklist.objects.order_by("period__month").values_list("variance", "degrees", "between")
    assert list(told) == [(None, 0, None)] * 2 + [(2500**2, 5, ninth)] * 2
    call_command("recount")


def three_blocks(at, people, month, here=USUAL, other=USUAL):
    for outlet, answers in ((at.counter, here), (at.other_counter, other), (at.far_counter, USUAL)):
        block(outlet, people, month, *answers)
    published.closed(month)
