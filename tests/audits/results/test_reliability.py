"""How well scores tell outlets apart, against published values and against a simulation."""

import random
from fractions import Fraction

import pytest

from audits.results.reliability import GOOD, Components, components
from audits.results.statistics import Sums

pytestmark = pytest.mark.once

# Six targets rated by four judges each: Shrout and Fleiss 1979, table 2; their table 4 gives ICC(1,1) and ICC(1,4).
PUBLISHED = [(9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7)]


def of_published():
    return components(Sums.of(row) for row in PUBLISHED)


def test_the_parts_are_those_of_the_published_table():
    """Its mean squares are 11.24 between and 6.26 within: (11.24 - 6.26) / 4 = 1.24."""
    found = of_published()
    assert (float(found.between), float(found.within)) == pytest.approx((1.244, 6.264), abs=0.001)


@pytest.mark.parametrize(("n", "published"), [(1, 0.17), (4, 0.44)])
def test_the_reliability_is_the_published_one(n, published):
    assert round(float(of_published().of_mean(n)), 2) == published


def test_the_visits_needed_are_the_fewest_that_reach_the_reliability():
    found = of_published()
    n = found.visits_for(GOOD)
    assert n == 21
    assert found.of_mean(n) >= GOOD > found.of_mean(n - 1)


@pytest.mark.parametrize("seed", range(5))
def test_unequal_numbers_of_visits_give_the_true_parts(seed):
    """Outlets with a spread of 6 points between them and 9 within, and 2 to 12 visits each."""
    rng = random.Random(seed)
    outlets = []
    for _ in range(3000):
        own = rng.gauss(80, 6)
        outlets.append(Sums.of(round(10_000 * rng.gauss(own, 9)) for _ in range(rng.randint(2, 12))))
    found = components(outlets)
    assert float(found.between) ** 0.5 / 10_000 == pytest.approx(6, rel=0.05)
    assert float(found.within) ** 0.5 / 10_000 == pytest.approx(9, rel=0.05)


def test_outlets_that_differ_less_than_chance_are_not_told_apart_by_any_number_of_visits():
    found = components([Sums.of([70, 90]), Sums.of([71, 89])])
    assert found.between == 0
    assert found.of_mean(50) == 0
    assert found.visits_for(GOOD) is None


def test_where_nothing_varies_there_is_no_reliability():
    found = components([Sums.of([80, 80]), Sums.of([80, 80])])
    assert found == Components(0, 0)
    assert found.of_mean(3) is None


@pytest.mark.parametrize(
    "outlets", [[], [Sums.of([80, 90])], [Sums.of([80]), Sums.of([90])], [Sums(), Sums.of([1, 2])]]
)
def test_one_outlet_or_no_repeated_visit_tells_nothing(outlets):
    assert components(outlets) is None


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="no spread"):
        Components(-1, 1)
    with pytest.raises(ValueError, match="needs a visit"):
        Components(1, 1).of_mean(0)
    for reliability in (Fraction(0), Fraction(1)):
        with pytest.raises(ValueError, match="not a reliability"):
            Components(1, 1).visits_for(reliability)
