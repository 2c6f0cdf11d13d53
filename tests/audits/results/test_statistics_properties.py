"""What holds for all visits, tried on random ones: many at 0 and at 100 %, many alike."""

from fractions import Fraction

import pytest

from audits.results.statistics import Change, Pooled, Sums, change, funnel, pooled, range_of, t_quantile, wilson
from audits.scoring import WHOLE

hypothesis = pytest.importorskip("hypothesis", reason="property tests need hypothesis (requirements-dev.txt)")
st = pytest.importorskip("hypothesis.strategies", reason="property tests need hypothesis (requirements-dev.txt)")

pytestmark = pytest.mark.once

# No deadline: on a busy machine a slow example says nothing about the arithmetic.
many = hypothesis.settings(deadline=None, max_examples=200)

PERCENTS = st.one_of(st.integers(0, WHOLE), st.sampled_from([0, 500_000, WHOLE - 1, WHOLE]))
UNITS = st.one_of(
    st.lists(PERCENTS, max_size=25).map(Sums.of),
    st.builds(lambda percent, n: Sums.of([percent] * n), PERCENTS, st.integers(0, 25)),
)
USUAL = st.one_of(st.none(), st.builds(Pooled, st.integers(0, WHOLE**2 // 4), st.integers(1, 10**6)))


@many
@hypothesis.given(UNITS, UNITS, UNITS)
def test_sums_add_in_any_grouping_and_order(a, b, c):
    assert (a + b) + c == a + (b + c) == c + (b + a)


@many
@hypothesis.given(st.lists(st.lists(PERCENTS, max_size=6), max_size=6))
def test_sums_of_parts_are_the_sums_of_the_whole(parts):
    assert sum(map(Sums.of, parts), Sums()) == Sums.of(percent for part in parts for percent in part)


@many
@hypothesis.given(UNITS, USUAL)
def test_range_holds_the_mean_and_is_never_certain(sums, usual):
    found = range_of(sums, usual)
    hypothesis.assume(found is not None)
    assert 0 <= found.low <= sums.mean <= found.high <= WHOLE
    assert found.low <= found.mean <= found.high
    assert found.low < found.high


@many
@hypothesis.given(PERCENTS, st.integers(1, 7), USUAL.filter(lambda usual: usual is not None and usual.variance > 0))
def test_more_visits_never_widen_a_range_of_the_usual_spread(mean, n, usual):
    fewer, more = (range_of(Sums.of([mean] * count), usual) for count in (n, n + 1))
    assert fewer.low <= more.low <= more.high <= fewer.high


@many
@hypothesis.given(PERCENTS, st.integers(9, 200), USUAL)
def test_more_visits_alike_never_widen_a_range(mean, n, usual):
    fewer, more = (range_of(Sums.of([mean] * count), usual) for count in (n, n + 1))
    assert fewer.low <= more.low <= more.high <= fewer.high


@many
@hypothesis.given(UNITS, UNITS, USUAL)
def test_change_backwards_is_the_change_with_its_signs_turned(before, after, usual):
    there, back = change(before, after, usual), change(after, before, usual)
    hypothesis.assume(there is not None)
    assert back == Change(-there.difference, -there.high, -there.low, there.is_clear)


@many
@hypothesis.given(UNITS, UNITS, USUAL)
def test_change_lies_within_its_range_and_is_clear_on_one_side_of_zero(before, after, usual):
    found = change(before, after, usual)
    hypothesis.assume(found is not None)
    assert -WHOLE <= found.low <= after.mean - before.mean <= found.high <= WHOLE
    assert found.low <= found.difference <= found.high
    assert found.is_clear == (not found.low <= 0 <= found.high)


@many
@hypothesis.given(UNITS, USUAL)
def test_nothing_changes_clearly_from_itself(sums, usual):
    found = change(sums, sums, usual)
    hypothesis.assume(found is not None)
    assert (found.difference, found.is_clear) == (0, False)


@many
@hypothesis.given(st.lists(UNITS, max_size=8))
def test_pooled_spread_does_not_depend_on_the_order_and_lies_between_those_of_its_units(units):
    found = pooled(units)
    hypothesis.assume(found is not None)
    variances = [unit.variance for unit in units if unit.variance is not None]
    assert found == pooled(reversed(units))
    assert min(variances) <= found.variance <= max(variances)


@many
@hypothesis.given(st.integers(0, 300), st.integers(1, 300))
def test_range_of_a_share_holds_it(successes, n):
    hypothesis.assume(successes <= n)
    low, high = wilson(successes, n)
    assert 0 <= low <= successes / n <= high <= 1
    assert low < high


@many
@hypothesis.given(st.floats(0.5001, 0.9999), st.floats(1, 1e6), st.floats(1, 100))
def test_quantile_falls_with_the_degrees_of_freedom(p, df, more):
    assert t_quantile(p, df + more) <= t_quantile(p, df) * (1 + 1e-8)


@many
@hypothesis.given(st.lists(UNITS, max_size=12), PERCENTS, st.randoms(use_true_random=False))
def test_piles_follow_the_children_whatever_their_order(units, centre, chance):
    order = chance.sample(range(len(units)), len(units))
    found, shuffled = funnel(units, centre), funnel([units[i] for i in order], centre)
    assert [(each is None) for each in found.piles] == [unit.n < 9 for unit in units]
    assert shuffled.limits(9) == pytest.approx(found.limits(9), abs=1)
    assert 0 <= found.limits(9)[0] <= Fraction(centre) <= found.limits(9)[1] <= WHOLE
