"""Ranges tell nothing of how far the visits of a block lie apart: that is kept nowhere, and nothing follows from it.

Anybody who knew the sum of squares of a block's visits, too, would nearly know the visits of a small one. So ranges,
and the usual spread behind them, follow from the means of blocks, which are told anyway (decision 0019).
"""

import random

import pytest
from django.db import transaction

from audits.checklists.models import ChecklistVersion
from audits.checklists.outline import outline
from audits.models import PeriodChecklist, PublishedVisit
from audits.results import closing, folding, kept
from audits.results.months import SpanKind
from audits.results.statistics import ENOUGH, LEAST_DEGREES, Sums
from tests import plans, published, worlds
from tests.attacks import checklist, random_block, visits_of
from tests.audits.results.scorecards import APART, MONTHS, NEAR, OCTOBER, USUAL, block, read
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
    """One counter's visits of October lie far apart or near each other; every criterion and the sum are the same."""
    people = worlds.people(at)
    plans.checklist()
    found, squares = [], []
    for here in (APART, NEAR):
        with transaction.atomic():
            for month in MONTHS:
                block(at.counter, people, month, *(here if month == OCTOBER else USUAL))
                block(at.other_counter, people, month, *NEAR)
                block(at.far_counter, people, month, *(USUAL if month.month % 2 else NEAR))
                published.closed(month)
            kept.forget()
            shown = read(at.counter.unit, kind=SpanKind.TWELVE).shown
            assert shown.visits >= ENOUGH
            assert shown.range.low < shown.range.mean < shown.range.high
            assert PeriodChecklist.objects.get(period__month=OCTOBER).degrees == LEAST_DEGREES
            found.append([*everything_taken(people, at.an_giang), *everything_opened(people, at)])
            of_visits = PublishedVisit.objects.filter(block__outlet=at.counter, block__period__month=OCTOBER)
            squares.append(Sums.of(of_visits.values_list("percent", flat=True)).squares)
            transaction.set_rollback(True)
    assert squares[0] > squares[1]
    assert found[0] == found[1]
