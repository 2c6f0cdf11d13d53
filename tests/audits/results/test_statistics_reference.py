"""The same figures from SciPy and NumPy, over a grid and over random visits."""

import random

import pytest

from audits.results.statistics import Sums, change, funnel, pooled, range_of, t_quantile, wilson
from audits.scoring import SCALE, WHOLE

np = pytest.importorskip("numpy", reason="the reference is NumPy, which SciPy brings (requirements-dev.txt)")
stats = pytest.importorskip("scipy.stats", reason="the reference is SciPy (requirements-dev.txt)")

pytestmark = pytest.mark.once

QUANTILES = [0.5001, 0.51, 0.6, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995, 0.999, 0.9999]
DEGREES = [1, 1.3, 2, 2.9, 3, 4, 5.5, 8, 12, 16.7, 30, 47.1, 99, 250, 1e3, 12_345.6, 1e5, 1e6]
SEEDS = range(20)


def some(seed: int, n: int, mean: int = 75, deviation: int = 12) -> list[int]:
    """Percentages of n visits, not cut off at 0 and 100 so that no floor and no end is met."""
    rng = random.Random(seed * 1000 + n)
    return [round(rng.gauss(mean, deviation) * SCALE) for _ in range(n)]


def rounded_outwards(low: float, high: float, least: int) -> tuple:
    return pytest.approx(max(low, least), abs=1.001), pytest.approx(min(high, WHOLE), abs=1.001)


@pytest.mark.parametrize("df", DEGREES)
def test_quantile_is_scipys(df):
    assert [t_quantile(p, df) for p in QUANTILES] == pytest.approx(list(stats.t.ppf(QUANTILES, df)), rel=1e-8)


@pytest.mark.parametrize("seed", SEEDS)
def test_mean_and_variance_are_numpys(seed):
    visits = some(seed, n=2 + 7 * seed)
    sums = Sums.of(visits)
    assert (float(sums.mean), float(sums.variance)) == pytest.approx((np.mean(visits), np.var(visits, ddof=1)))


@pytest.mark.parametrize("seed", SEEDS)
def test_own_range_is_scipys(seed):
    visits = some(seed, n=9 + 5 * seed)
    found = range_of(Sums.of(visits), pooled([Sums.of(visits)]))
    low, high = stats.ttest_1samp(visits, 0).confidence_interval(0.95)
    assert (found.low, found.high) == rounded_outwards(low, high, 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_welchs_change_is_scipys(seed):
    before, after = some(seed, n=9 + seed), some(seed, n=40 - seed, mean=80, deviation=5)
    sums = [Sums.of(before), Sums.of(after)]
    found = change(*sums, pooled(sums))
    low, high = stats.ttest_ind(after, before, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == rounded_outwards(low, high, -WHOLE)


@pytest.mark.parametrize("seed", SEEDS)
def test_pooled_change_is_scipys(seed):
    """With the two sides themselves as the groups it is Student's test of two samples."""
    before, after = some(seed, n=8), some(seed, n=3 + seed, mean=60, deviation=20)
    sums = [Sums.of(before), Sums.of(after)]
    found = change(*sums, pooled(sums))
    low, high = stats.ttest_ind(after, before, equal_var=True).confidence_interval(0.95)
    assert (found.low, found.high) == rounded_outwards(low, high, -WHOLE)


@pytest.mark.parametrize("seed", SEEDS)
def test_pooled_spread_is_that_of_an_analysis_of_variance(seed):
    """F = between / within, so within = between / F."""
    groups = [some(seed, n, mean=60 + n) for n in (2, 3, 9, 20)]
    everyone = np.concatenate(groups)
    between = sum(len(each) * (np.mean(each) - np.mean(everyone)) ** 2 for each in groups) / (len(groups) - 1)
    found = pooled(Sums.of(each) for each in groups)
    assert (float(found.variance), found.df) == pytest.approx((between / stats.f_oneway(*groups).statistic, 30))


@pytest.mark.parametrize("n", [1, 2, 5, 9, 30, 313])
def test_range_of_a_share_is_scipys(n):
    ranges = [stats.binomtest(k, n).proportion_ci(0.95, method="wilson") for k in range(n + 1)]
    found = [wilson(k, n) for k in range(n + 1)]
    assert np.array(found) == pytest.approx(np.array([(each.low, each.high) for each in ranges]), abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_inflation_is_numpys(seed):
    rng = random.Random(seed)
    children = [Sums.of(some(seed * 50 + i, rng.randint(9, 60), rng.randint(60, 80))) for i in range(3 + 2 * seed)]
    found = funnel(children, 70 * SCALE)
    errors = [(float(found.variance) / child.n) ** 0.5 for child in children]
    scores = np.array([float(child.mean - 70 * SCALE) for child in children]) / np.array(errors)
    phi = np.mean(np.clip(scores, np.quantile(scores, 0.1), np.quantile(scores, 0.9)) ** 2)
    assert found.inflation == pytest.approx(phi if phi > 1 + 2 * (2 / len(children)) ** 0.5 else 1)
    limit = stats.norm.ppf(0.999) * found.inflation**0.5
    assert found.piles == tuple("low" if z < -limit else "high" if z > limit else "within" for z in scores)


# Populations of visits, in per cent: the true mean, the share that scored 100, and what the others scored.
BELL = (75, 0.0, lambda rng: rng.gauss(75, 8))
PILED = (90, 0.5, lambda rng: rng.uniform(60, 100))
NEARLY_ALL = (96.5, 0.9, lambda rng: rng.uniform(40, 90))


@pytest.mark.parametrize("n", [3, 8, 9, 12])
@pytest.mark.parametrize("population", [BELL, PILED, NEARLY_ALL], ids=["bell", "piled", "nearly all"])
def test_ranges_hold_the_true_mean_more_than_nine_times_of_ten(population, n):
    """Scores pile up at 100 %: Student's range alone holds the mean of `nearly all` 62 times of 100 at nine visits."""
    true_mean, at_the_top, others = population
    rng = random.Random(7)
    units = [
        Sums.of(WHOLE if rng.random() < at_the_top else round(others(rng) * SCALE) for _ in range(n))
        for _ in range(1000)
    ]
    usual = pooled(units)
    ranges = [range_of(each, usual) for each in units]
    assert sum(each.low <= true_mean * SCALE <= each.high for each in ranges) / len(ranges) > 0.9
