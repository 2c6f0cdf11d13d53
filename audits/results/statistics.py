"""How sure a figure is: ranges of means and shares, differences between periods, and who stands out. Pure.

Units. A percentage is an integer or an exact fraction in stored units, per cent x `scoring.SCALE` (80 % is 800,000),
a variance is in their square. Sums, means and variances are exact; floats appear where a root or a quantile does.
The ends of every range are rounded outwards to a stored unit, so a range always holds the figure it belongs to.

A spread of zero is never believed: nine visits that all scored 100 % do not prove that the tenth will, and shoppers'
scores pile up at 100 %. A unit's own variance therefore counts as at least 4 / n of the usual (pooled) variance of the
checklist, or all of it for n < 4: what it would be had one of the n visits strayed. For where a share q of all visits
stray by a distance D, the usual variance is q (1 - q) D^2 <= D^2 / 4, and one such stray among n gives D^2 / n. The
half-width of a range cannot then fall faster than 1 / n, as with the "rule of three" for what was not seen in n tries
(Hanley and Lippman-Hand 1983, doi:10.1001/jama.1983.03330370053031). Where no usual spread is known, or it is zero
itself, the widest that percentages can have stands in for it (`WIDEST`). Published figures always have a usual spread
(`ASSUMED`), most of their variance is that (`comparing.sums`), and the floor is far below.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from math import exp, floor, lgamma, log, log1p, pi, sqrt
from statistics import NormalDist, fmean, quantiles

from audits.scoring import SCALE, WHOLE

ENOUGH = 9  # visits from which a unit's own spread is used, and it is placed among others
LEAST_DEGREES = 9  # from which a usual spread is taken from the blocks themselves
CONFIDENCE = 0.975  # upper end of the middle 95 %
Z_RANGE = NormalDist().inv_cdf(CONFIDENCE)  # 1.9600
Z_FUNNEL = NormalDist().inv_cdf(0.999)  # 3.0902, the upper end of the middle 99.8 %
# No percentages vary more than half of them at 0 and half at 100 (Popoviciu 1935: variance <= (most - least)^2 / 4).
WIDEST = Fraction(WHOLE * WHOLE, 4)


@dataclass(frozen=True, slots=True)
class Sums:
    """Of a set of visits how many, the sum of their percentages and the sum of the squares, exact or as usual.

    Of published figures no squares of visits are kept: `comparing.sums` says what stands for them. They add: the sums
    of a unit are those of the units below it.
    Raises ValueError for sums that no visits can have.
    """

    n: int = 0
    total: int = 0
    squares: int = 0

    def __post_init__(self) -> None:
        # Cauchy and Schwarz: total^2 <= n x squares. It is what keeps every variance from being negative.
        if self.n < 0 or self.total**2 > self.n * self.squares or (self.n == 0 and self.squares != 0):
            raise ValueError(f"no visits can have these sums: {self.n}, {self.total}, {self.squares}")

    @classmethod
    def of(cls, percents: Iterable[int]) -> "Sums":
        """The sums of these visits' percentages."""
        each = tuple(percents)
        return cls(len(each), sum(each), sum(percent * percent for percent in each))

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(self.n + other.n, self.total + other.total, self.squares + other.squares)

    @property
    def mean(self) -> Fraction | None:
        """total / n; None without visits."""
        return Fraction(self.total, self.n) if self.n else None

    @property
    def deviation(self) -> Fraction:
        """Sum of squared deviations from the mean, squares - total^2 / n; 0 without visits."""
        return Fraction(self.n * self.squares - self.total**2, self.n) if self.n else Fraction(0)

    @property
    def variance(self) -> Fraction | None:
        """Of the sample: deviation / (n - 1), never negative; None below two visits."""
        return Fraction(self.n * self.squares - self.total**2, self.n * (self.n - 1)) if self.n > 1 else None


@dataclass(frozen=True, slots=True)
class Pooled:
    """The usual spread within a unit: a variance and the degrees of freedom it was estimated with.

    Raises ValueError for a negative variance or fewer than one degree.
    """

    variance: Fraction | int
    df: int

    def __post_init__(self) -> None:
        if self.variance < 0 or self.df < 1:
            raise ValueError(f"no spread has variance {self.variance} with {self.df} degrees of freedom")


# What stands for the usual spread of a checklist until its outlets have shown it: half as much again as the eight
# points that are common.
ASSUMED = Pooled((25 * SCALE // 2) ** 2, 10**6)


@dataclass(frozen=True, slots=True)
class Range:
    """A mean and the range in which, 95 times of 100, the true one lies; in stored units, the mean rounded half up."""

    mean: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Change:
    """After minus before with its 95 % range, in stored units. `is_clear`: the range leaves out 0.

    A difference of few visits is never called clear (`comparing.change`), even where its range leaves out 0.
    """

    difference: int
    low: int
    high: int
    is_clear: bool

    @property
    def is_for_reference(self) -> bool:
        return not self.is_clear and (self.low > 0 or self.high < 0)


class Pile(StrEnum):
    """Where a unit stands among those beside it: below what chance explains, within it, or above."""

    LOW = "low"
    WITHIN = "within"
    HIGH = "high"


class Rung(StrEnum):
    """Where a unit stands, as every page and file says it in a word: its pile, and on either side a milder rung.

    LOWER and HIGHER are those within what chance and the usual differences explain whose range leaves out the mean.
    """

    LOW = "low"
    LOWER = "lower"
    WITHIN = "within"
    HIGHER = "higher"
    HIGH = "high"


def rung_of(pile: Pile | None, value: Range | None, centre: int) -> Rung | None:
    """The rung of a unit with this pile and range, held against the mean `centre` of its kind; None without either."""
    if pile is None or value is None:
        return None
    if pile is Pile.WITHIN and value.high < centre:
        return Rung.LOWER
    if pile is Pile.WITHIN and value.low > centre:
        return Rung.HIGHER
    return Rung(pile)


@dataclass(frozen=True, slots=True)
class Funnel:
    """The limits between the piles, and the pile of each child, None where it has too few visits.

    `variance` is the spread within the children, `inflation` (phi) the factor that over-dispersion puts on it,
    1 for none.
    """

    centre: Fraction
    variance: Fraction
    inflation: float
    piles: tuple[Pile | None, ...]

    def limits(self, n: int) -> tuple[int, int]:
        """Between which a mean of n visits is nothing unusual: centre -+ 3.0902 x sqrt(phi x variance / n), clipped.

        Raises ValueError for n < 1.
        """
        if n < 1:
            raise ValueError("limits need a visit")
        return _around(self.centre, Z_FUNNEL * sqrt(self.inflation * self.variance / n), 0)

    def pile(self, unit: Sums) -> Pile | None:
        """The pile of a unit; None below nine visits, for reference only."""
        if unit.mean is None or unit.n < ENOUGH:
            return None
        low, high = self.limits(unit.n)
        if unit.mean < low:
            return Pile.LOW
        return Pile.HIGH if unit.mean > high else Pile.WITHIN


def pooled(groups: Iterable[Sums]) -> Pooled | None:
    """The spread within groups: sum of deviations / sum of (n - 1). None if no group has two visits.

    It is the error mean square of a one-way analysis of variance (Snedecor and Cochran, Statistical Methods, 8th ed.
    1989, chapter 12). Give the smallest units there are: differences between them are not part of it.
    """
    kept = [group for group in groups if group.n > 1]
    degrees = sum(group.n - 1 for group in kept)
    return Pooled(sum((group.deviation for group in kept), Fraction(0)) / degrees, degrees) if kept else None


def of_blocks(outlets: Iterable[tuple[Sums, int]]) -> Pooled | None:
    """The usual spread of visits, as the means of an outlet's blocks show it: each outlet's sums, and its blocks.

    The squares are those of the blocks' means, once for each visit. Were visits of a block no more alike than others,
    sum of n_b (mean_b - mean)^2 / (blocks - 1) would be the variance of visits; where months differ it is more. At
    least a point squared, with `LEAST_DEGREES`; None with fewer.
    """
    kept = [(sums, blocks) for sums, blocks in outlets if blocks > 1]
    degrees = sum(blocks - 1 for _sums, blocks in kept)
    if degrees < LEAST_DEGREES:
        return None
    # Each block's square was rounded up: where all are alike nothing must be left.
    deviation = sum((max(Fraction(0), sums.deviation - blocks) for sums, blocks in kept), Fraction(0))
    return Pooled(max(deviation / degrees, Fraction(SCALE**2)), degrees)


def range_of(sums: Sums, pooled: Pooled | None) -> Range | None:
    """The mean and its 95 % range, mean -+ t(0.975, df) x sqrt(variance / n), clipped to 0 and 100 %. None if n = 0.

    From nine visits the unit's own variance with n - 1 degrees (Student 1908, doi:10.1093/biomet/6.1.1); below that
    the pooled one with its degrees. Where there is no pooled spread the own variance serves from two visits, and one
    visit says nothing: 0 to 100 %. The own variance has the floor of the module's docstring.
    """
    mean = sums.mean
    if mean is None:
        return None
    spread = used_spread(sums, pooled)
    low, high = _around(mean, WHOLE if spread is None else half_width(spread, sums.n), 0)
    return Range(floor(mean + Fraction(1, 2)), low, high)


def used_spread(sums: Sums, pooled: Pooled | None) -> Pooled | None:
    """The variance that a range rests on, with its degrees; None where a single visit stands alone. `sums.n` >= 1."""
    usual = _believed(pooled)
    if usual is not None and sums.n < ENOUGH:
        return usual
    return Pooled(_with_floor(sums, usual), sums.n - 1) if sums.n > 1 else None


def half_width(spread: Pooled, n: int) -> float:
    """Half the range of a mean of n visits: t(0.975, df) x sqrt(variance / n), in stored units."""
    return t_quantile(CONFIDENCE, spread.df) * sqrt(Fraction(spread.variance) / n)


def usual_range(sums: Sums, pooled: Pooled | None) -> Range | None:
    """The same from the pooled spread alone, however many visits there are; without one 0 to 100 %."""
    mean, usual = sums.mean, _believed(pooled)
    if mean is None:
        return None
    low, high = _around(mean, WHOLE if usual is None else half_width(usual, sums.n), 0)
    return Range(floor(mean + Fraction(1, 2)), low, high)


def change(before: Sums, after: Sums, pooled: Pooled | None) -> Change | None:
    """The difference of two means and its 95 % range, clipped to -100 % and 100 %. None if either has no visits.

    The two must not share visits. With nine visits on both sides, each with its own variance v (Welch 1947,
    doi:10.1093/biomet/34.1-2.28; degrees by Satterthwaite 1946, doi:10.2307/3002019):
    t(0.975, df) x sqrt(v1/n1 + v2/n2), df = (v1/n1 + v2/n2)^2 / ((v1/n1)^2 / (n1 - 1) + (v2/n2)^2 / (n2 - 1)).
    Otherwise with the pooled variance v and its degrees: t(0.975, df) x sqrt(v/n1 + v/n2). Without a pooled spread
    Welch's serves from two visits on both sides, and below that nothing is known: -100 % to 100 %. Own variances have
    the floor of the module's docstring. The difference is rounded half to even, so that swapping the two sides only
    turns the signs.
    """
    if before.mean is None or after.mean is None:
        return None
    usual, fewest = _believed(pooled), min(before.n, after.n)
    if usual is not None and fewest < ENOUGH:
        half = _usual_half_between(usual, before.n, after.n)
    elif fewest > 1:
        # In integers, both over the same denominator: reducing fractions of so many digits takes most of the time.
        one, other = _with_floor(before, usual), _with_floor(after, usual)
        first = one.numerator * other.denominator * after.n
        second = other.numerator * one.denominator * before.n
        below = one.denominator * before.n * other.denominator * after.n
        weighed = first**2 * (after.n - 1) + second**2 * (before.n - 1)
        degrees = (first + second) ** 2 * (before.n - 1) * (after.n - 1) / weighed
        half = t_quantile(CONFIDENCE, degrees) * sqrt((first + second) / below)
    else:
        half = 2.0 * WHOLE
    difference = after.mean - before.mean
    low, high = _around(difference, half, -WHOLE)
    return Change(round(difference), low, high, low > 0 or high < 0)


def wilson(successes: int, n: int) -> tuple[float, float] | None:
    """95 % range of a share, as fractions of 1, by Wilson's score method without correction. None if n = 0.

    (p + z^2/2n -+ z x sqrt(p(1 - p)/n + z^2/4n^2)) / (1 + z^2/n), p = successes / n, z = 1.9600 (Wilson 1927,
    doi:10.1080/01621459.1927.10502953; recommended by Newcombe 1998, Statistics in Medicine 17, 857-872). It stays
    within 0 and 1 and is not empty at either end. Raises ValueError unless 0 <= successes <= n.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is not a share")
    if n == 0:
        return None
    share, square = successes / n, Z_RANGE * Z_RANGE
    middle = share + square / (2 * n)
    half = Z_RANGE * sqrt(share * (1 - share) / n + square / (4 * n * n))
    scale = 1 + square / n
    # At 0 and n the two terms are equal; the difference of their floats is not.
    return (
        0.0 if successes == 0 else max(0.0, (middle - half) / scale),
        1.0 if successes == n else min(1.0, (middle + half) / scale),
    )


def funnel(children: Sequence[Sums], centre: Fraction | int) -> Funnel:
    """Places each child with nine visits or more against the others, at 99.8 % limits around `centre`, their parent's
    mean (Spiegelhalter 2005, doi:10.1002/sim.1970).

    A child's z is (mean - centre) / sqrt(variance / n), with the variance within all children pooled. As a rule units
    differ by more than chance, for reasons that nobody is to be blamed or thanked for, and the limits widen by how much
    they do. For that the z-scores are winsorised (those beyond the first and last decile, found by linear
    interpolation, are set to it) and phi is the mean of their squares. The variance is multiplied by phi where
    phi > 1 + 2 sqrt(2 / number of scores), which chance alone hardly reaches.
    Raises ValueError for a centre outside 0 to 100 %.
    """
    if not 0 <= centre <= WHOLE:
        raise ValueError(f"{centre} is not a percentage")
    spread = _believed(pooled(children))
    variance = Fraction(spread.variance) if spread else WIDEST
    scores = [
        float(child.mean - centre) / sqrt(variance / child.n)
        for child in children
        if child.mean is not None and child.n >= ENOUGH
    ]
    limits = Funnel(Fraction(centre), variance, _inflation(scores), ())
    return Funnel(limits.centre, limits.variance, limits.inflation, tuple(limits.pile(child) for child in children))


@lru_cache(maxsize=4096)
def t_quantile(p: float, df: float) -> float:
    """The p-quantile of Student's t with `df` degrees of freedom, not necessarily whole. 0.5 < p < 1, df >= 1.

    Within 1e-8 of its value for p in 0.5001 to 0.9999 and df up to 10^6. Our own, since the standard library has none
    and the product needs no other part of SciPy. Newton's method on the upper tail, from the normal quantile: that is
    never above the answer, and the tail falls ever more slowly, so each step stops short of the answer and the steps
    cannot miss it. Raises ValueError outside the domain.
    """
    if not (0.5 < p < 1 and df >= 1):
        raise ValueError(f"no t-quantile for p = {p} with {df} degrees of freedom")
    t = NormalDist().inv_cdf(p)
    for _ in range(100):
        step = (_t_tail(t, df) - (1 - p)) / _t_density(t, df)
        t += step
        if abs(step) <= 1e-10 * t:
            break
    return t


def _t_density(t: float, df: float) -> float:
    return exp(lgamma((df + 1) / 2) - lgamma(df / 2) - (df + 1) / 2 * log1p(t * t / df)) / sqrt(df * pi)


def _t_tail(t: float, df: float) -> float:
    """P(T > t) for t > 0, half the regularised incomplete beta I_x(df/2, 1/2) at x = df / (df + t^2).

    Of the two continued fractions, for x and for 1 - x, the one that converges fast is taken (Abramowitz and Stegun,
    Handbook of Mathematical Functions, 1964, 26.5.2, 26.5.8 and 26.7.1).
    """
    a, b, x = df / 2, 0.5, df / (df + t * t)
    rest = t * t / (df + t * t)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) - a * log1p(t * t / df) + b * log(rest))
    if x < (a + 1) / (a + b + 2):
        return front / a * _beta_fraction(a, b, x) / 2
    return (1 - front / b * _beta_fraction(b, a, rest)) / 2


def _beta_fraction(a: float, b: float, x: float) -> float:
    """1/(1 + d1/(1 + d2/(1 + ...))), Abramowitz and Stegun 26.5.8, by Lentz's method (1976, doi:10.1364/AO.15.000668).

    No denominator comes near 0 on the side of the mean where it is used.
    """
    above, below = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    value = below
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        before = value
        for term in (even, odd):
            above, below = 1 + term / above, 1 / (1 + term * below)
            value *= above * below
        if abs(value - before) <= 1e-15 * value:
            break
    return value


@lru_cache(maxsize=4096)
def _usual_half_between(usual: Pooled, before: int, after: int) -> float:
    """Half the range of the difference of two means with the usual spread: many units have as few visits."""
    error = Fraction(usual.variance) / before + Fraction(usual.variance) / after
    return t_quantile(CONFIDENCE, usual.df) * sqrt(error)


def _believed(spread: Pooled | None) -> Pooled | None:
    """The pooled spread, unless it is missing or zero."""
    return spread if spread is not None and spread.variance > 0 else None


def _with_floor(sums: Sums, usual: Pooled | None) -> Fraction:
    """A unit's own variance, at least that of one stray among its visits. For two visits or more."""
    least = Fraction(4 * (usual.variance if usual else WIDEST), max(4, sums.n))
    own = sums.variance
    return least if own is None else max(own, least)


def _inflation(scores: Sequence[float]) -> float:
    """phi of z-scores, or 1 where chance explains it. One score cannot be compared with anything."""
    if len(scores) < 2:
        return 1.0
    deciles = quantiles(scores, n=10, method="inclusive")
    phi = fmean(min(max(score, deciles[0]), deciles[-1]) ** 2 for score in scores)
    return phi if phi > 1 + 2 * sqrt(2 / len(scores)) else 1.0


def _around(middle: Fraction, half: float, least: int) -> tuple[int, int]:
    """middle -+ half in whole stored units, rounded outwards, clipped to `least` and 100 %. Exact: in integers."""
    above, below = middle.numerator, middle.denominator
    part, whole = float(half).as_integer_ratio()
    low = (above * whole - part * below) // (below * whole)
    high = -((-above * whole - part * below) // (below * whole))
    return max(least, low), min(WHOLE, high)
