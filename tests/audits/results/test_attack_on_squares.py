"""Ranges tell nothing of how far the visits of a block lie apart: that is kept nowhere, and no two ranges give it.

Anybody who knew the sum of squares of a block's visits, too, would nearly know the visits of a small one. So a range
follows from the means of blocks, which are told anyway, and from a usual spread of at least three blocks at a time.
"""

import random
from itertools import combinations

import pytest
from django.db import transaction

from audits.checklists.models import ChecklistVersion
from audits.checklists.outline import outline
from audits.models import PublishedVisit
from audits.results import blocks, closing, folding, kept
from audits.results.months import SpanKind
from audits.results.statistics import ENOUGH, Sums
from tests import plans, worlds
from tests.attacks import checklist, numpy, random_block, tells, visits_of
from tests.audits.results.scorecards import OCTOBER, four_months, read
from tests.audits.results.test_attack_on_pages import everything_opened, everything_taken

pytestmark = [pytest.mark.django_db, pytest.mark.once]  # as test_attack.py


@pytest.fixture
def at():
    return worlds.places()


def test_a_block_adds_no_more_than_the_square_of_its_mean(at):
    asked = outline(ChecklistVersion.objects.select_related("checklist").get(checklist=checklist()))
    rng, rule = random.Random(5), closing.rule()
    for _ in range(60):
        words, shoppers = random_block(rng, rule)
        answers = [[rng.choice("yn") if x != "-" else "-" for x in word] for word in words]
        for figure in folding.of_block(visits_of(asked, answers, shoppers), rule).figures.values():
            assert 0 <= figure.squares * figure.visits - figure.total**2 < max(1, figure.visits)


def test_nothing_that_is_taken_along_or_opened_changes_with_how_far_visits_of_a_block_lie_apart(at):
    """Two counters have each other's visits of October; all else is the same."""
    people = worlds.people(at)
    plans.checklist()
    found, squares = [], []
    for apart, near in ((at.counter, at.other_counter), (at.other_counter, at.counter)):
        with transaction.atomic():
            four_months(at, people, apart, near)
            kept.forget()
            shown = read(at.counter.unit, kind=SpanKind.TWELVE).shown
            assert shown.visits >= ENOUGH
            assert shown.range.low < shown.range.mean < shown.range.high
            found.append([*everything_taken(people, at.an_giang), *everything_opened(people, at)])
            of_visits = PublishedVisit.objects.filter(block__outlet=at.counter, block__period__month=OCTOBER)
            squares.append(Sums.of(of_visits.values_list("percent", flat=True)).squares)
            transaction.set_rollback(True)
    assert squares[0] > squares[1]
    assert found[0] == found[1]


def spreads(counts):
    """Which months each usual spread rests on: a matrix of months by spreads."""
    told = [last for last in range(len(counts)) if blocks.renews_spread(counts[: last + 1])]
    return numpy.array(
        [[float(0 <= last - month < closing.SPREAD_MONTHS) for last in told] for month in range(len(counts))]
    )


def some_months(rng):
    return [rng.choice((0, 0, 1, 1, 2, 3, 5)) for _ in range(40)]


def too_few(counts):
    """Months that together have one block or two."""
    with_blocks = [month for month, count in enumerate(counts) if 0 < count < blocks.SPREAD_BLOCKS]
    some = [{month} for month in with_blocks] + [set(pair) for pair in combinations(with_blocks, 2)]
    return [each for each in some if sum(counts[month] for month in each) < blocks.SPREAD_BLOCKS]


def told_of_few(counts):
    matrix, months_of = spreads(counts), list(range(len(counts)))
    counted = numpy.array(counts) > 0
    matrix, months_of = matrix[counted], [month for month in months_of if counted[month]]
    return [some for some in too_few(counts) if tells(matrix, months_of, some)]


@pytest.mark.parametrize("seed", range(12))
def test_no_sum_or_difference_of_usual_spreads_is_of_fewer_than_three_blocks(seed):
    counts = some_months(random.Random(seed))
    assert too_few(counts)
    assert told_of_few(counts) == []


def test_the_attack_finds_blocks_where_every_month_has_its_own_spread(monkeypatch):
    monkeypatch.setattr(blocks, "renews_spread", lambda counts: counts[-1] > 0)
    assert all(told_of_few(some_months(random.Random(seed))) for seed in range(12))
