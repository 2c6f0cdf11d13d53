"""Ranges tell nothing of how far the visits of a block lie apart: that is kept nowhere, and no two ranges give it.

Anybody who knew the sum of squares of a block's visits, too, would nearly know the visits of a small one. So a range
follows from the means of blocks, which are told anyway, and from a usual spread of nine blocks or more at a time.
"""

import random
from datetime import date
from itertools import combinations

import pytest
from django.db import transaction

from audits.checklists.models import ChecklistVersion
from audits.checklists.outline import outline
from audits.models import PublishedVisit
from audits.results import blocks, closing, folding, kept, months
from audits.results.months import SpanKind
from audits.results.statistics import ENOUGH, Sums
from tests import plans, worlds
from tests.attacks import checklist, numpy, random_block, tells, visits_of
from tests.audits.results.scorecards import OCTOBER, four_months, read, spread_of_three
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


def test_nothing_that_is_taken_along_or_opened_changes_with_how_far_visits_of_a_block_lie_apart(at, monkeypatch):
    """Two counters have each other's visits of October; all else is the same."""
    people = worlds.people(at)
    plans.checklist()
    spread_of_three(monkeypatch)
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


# How many blocks a month has: in large channels, in small ones, where hardly anything is published.
DENSITIES = {
    "large": (0, 5, 9, 12, 20),
    "middling": (0, 0, 1, 1, 2, 3, 5),
    "small": (0, 0, 0, 1, 1, 2),
    "every month or none": (0, 1),
    "rare": (*[0] * 6, 1, 1, 2),
    "very rare": (*[0] * 9, 1),
    "one every month": (1,),
}


def month_of(number):
    return months.later(date(2020, 1, 1), number)


def spreads(counts):
    """Which months each usual spread rests on: a matrix of months by spreads."""
    numbered = [(month_of(number), count) for number, count in enumerate(counts) if count]
    told = [last for last in range(len(numbered)) if blocks.renews_spread(numbered[: last + 1])]
    ends = [numbered[last][0] for last in told]
    return numpy.array(
        [[float(months.later(end, -blocks.SPREAD_MONTHS) < month <= end) for end in ends] for month, _count in numbered]
    ).reshape(len(numbered), len(ends))


def told_of_few(counts):
    """Months that together have fewer blocks than the rule says, and of which sums of spreads speak alone."""
    here = [count for count in counts if count]
    places = [place for place, count in enumerate(here) if count < blocks.SPREAD_BLOCKS]
    few = [set(some) for size in (1, 2, 3) for some in combinations(places, size)]
    few = [some for some in few if sum(here[place] for place in some) < blocks.SPREAD_BLOCKS]
    matrix = spreads(counts)
    return [some for some in few if tells(matrix, range(len(here)), some)]


def drawn(name, seed):
    rng = random.Random(f"{name} {seed}")
    return [rng.choice(DENSITIES[name]) for _ in range(40)]


@pytest.mark.parametrize("name", DENSITIES)
def test_no_sum_or_difference_of_usual_spreads_is_of_few_blocks(name):
    assert [(seed, found) for seed in range(4) if (found := told_of_few(drawn(name, seed)))] == []


@pytest.mark.parametrize("name", DENSITIES)
def test_the_attack_finds_blocks_where_every_month_has_its_own_spread(name, monkeypatch):
    monkeypatch.setattr(blocks, "renews_spread", lambda numbered: True)
    assert name == "large" or told_of_few(drawn(name, 0))


def test_the_attack_finds_blocks_where_those_count_that_have_gone_from_the_year(monkeypatch):
    """A block twenty months ago, one fifteen months ago and one now: the spread would be of the last alone."""

    def of_all_time(numbered):
        return sum(count for _month, count in numbered) >= blocks.SPREAD_BLOCKS

    monkeypatch.setattr(blocks, "SPREAD_BLOCKS", 3)
    counts = [1, *[0] * 4, 1, *[0] * 14, 1]
    assert told_of_few(counts) == []
    monkeypatch.setattr(blocks, "renews_spread", of_all_time)
    assert {2} in told_of_few(counts)
