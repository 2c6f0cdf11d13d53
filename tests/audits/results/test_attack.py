"""Somebody who reads every published cell, of all months, units and trees, cannot single a visit out.

Visit number i scores 2^i here, so a cell's sum spells out which visits are in it: the product's own splitting and
rolling up is attacked, not a description of it. With all cells as rows of a matrix over visits, a visit can be told if
and only if its own row lies in their span.
"""

import random
from datetime import date

import pytest

from audits.results import blocks, tallies
from audits.results.blocks import Candidate, Rule
from audits.results.tallies import Figure, Kind, Tally

pytestmark = pytest.mark.once

numpy = pytest.importorskip("numpy", reason="NumPy comes with SciPy in requirements-dev.txt")

MONTHS, OUTLETS, OFFICES, PROVINCES = 6, 12, 5, 2
TOP, DAY = 0, date(2026, 1, 1)


def random_tree(rng, outlets, offices):
    """Outlets under offices, offices under provinces, provinces under the top."""
    provinces = range(1, 1 + PROVINCES)
    tree = dict.fromkeys(provinces, TOP)
    tree |= {office: rng.choice(list(provinces)) for office in offices}
    return tree | {outlet: rng.choice(offices) for outlet in outlets}


def cells_of(published, tree):
    """The totals of every unit, of blocks counted under `tree`."""
    outlets = {}
    for place, some in published.items():
        visits = [Tally({(Kind.TOTAL, ""): Figure(visits=1, total=1 << each.visit_id)}) for each in some]
        outlets[place] = tallies.of_outlet(visits)
    return {tally.figures[Kind.TOTAL, ""].total for tally in tallies.roll_up(outlets, tree).values()}


def world(seed):
    """Every cell that is ever published, the blocks, and how many visits there are."""
    rng = random.Random(seed)
    offices = list(range(1 + PROVINCES, 1 + PROVINCES + OFFICES))
    outlets = list(range(100, 100 + OUTLETS))
    tree, waiting, number, published_by_month, cells, made = random_tree(rng, outlets, offices), [], 0, [], set(), []
    for _month in range(MONTHS):
        for outlet in outlets:
            for _visit in range(rng.choice([0, 0, 1, 1, 2, 3, 4])):
                waiting.append(Candidate(number, outlet, 1, rng.randrange(4), DAY, number, rng.choice([None, 1, 1, 1])))
                number += 1
        split = blocks.split(waiting, Rule(visits=3, shoppers=2))
        scored = {place: [each for each in some if each.percent is not None] for place, some in split.published.items()}
        waiting = [each for some in split.waiting.values() for each in some]
        made += scored.values()
        published_by_month.append(scored)
        cells |= cells_of(scored, tree)
        for outlet in rng.sample(outlets, 3):  # some move before the next month
            tree[outlet] = rng.choice(offices)
        tree[rng.choice(offices)] = rng.choice(range(1, 1 + PROVINCES))
        for earlier in published_by_month:  # as organised today
            cells |= cells_of(earlier, tree)
    return cells, made, number


def rows(cells, number):
    return numpy.array([[cell >> index & 1 for index in range(number)] for cell in sorted(cells)], dtype=float)


@pytest.mark.parametrize("seed", range(25))
def test_no_cell_nor_any_sum_of_cells_tells_one_visit_or_two(seed):
    cells, made, number = world(seed)
    matrix = rows(cells, number)
    rank = numpy.linalg.matrix_rank(matrix)
    for some in made:
        for size in (1, 2):
            told = numpy.zeros(number)
            told[[each.visit_id for each in some[:size]]] = 1
            assert numpy.linalg.matrix_rank(numpy.vstack([matrix, told])) == rank + 1


@pytest.mark.parametrize("seed", range(25))
def test_visits_that_wait_are_in_no_cell(seed):
    cells, made, number = world(seed)
    seen = {each.visit_id for some in made for each in some}
    assert {index for index in range(number) if any(cell >> index & 1 for cell in cells)} == seen


def test_the_attack_finds_a_visit_where_blocks_are_too_small():
    """Without the rule, an outlet's only visit is told at once."""
    alone = {(100, 1): [Candidate(0, 100, 1, 1, DAY, 0, 1)]}
    matrix = rows(cells_of(alone, {100: TOP}), 1)
    assert numpy.linalg.matrix_rank(numpy.vstack([matrix, [1.0]])) == numpy.linalg.matrix_rank(matrix)
