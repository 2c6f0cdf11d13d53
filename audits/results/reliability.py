"""How well an outlet's score tells it from the others, and how many visits that takes. Pure.

Visits of one outlet differ by chance, and outlets differ from each other. Of the spread among scores that rest on n
visits each, the reliability is the part that is between the outlets: 0 says that the scores are noise, 1 that they
would come out the same again. Units as in `statistics`: variances in (per cent x `scoring.SCALE`) squared.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from audits.results.statistics import Pooled, Sums, pooled

# From which differences between outlets are worth speaking of, as with tests of persons (Nunnally 1978, Psychometric
# Theory, 2nd ed., p. 245: 0.70 in early research, 0.80 where groups are compared).
GOOD = Fraction(4, 5)


@dataclass(frozen=True, slots=True)
class Components:
    """The two parts of the spread: between outlets, and between the visits of one.

    Raises ValueError for a negative variance.
    """

    between: Fraction | int
    within: Fraction | int

    def __post_init__(self) -> None:
        if self.between < 0 or self.within < 0:
            raise ValueError(f"no spread has the variances {self.between} and {self.within}")

    def of_mean(self, n: int) -> Fraction | None:
        """The reliability of a mean of n visits, between / (between + within / n), from 0 to 1.

        It is the intraclass correlation ICC(1, n), by the formula of Spearman and Brown (Shrout and Fleiss 1979,
        doi:10.1037/0033-2909.86.2.420). None where nothing varies at all. Raises ValueError for n < 1.
        """
        if n < 1:
            raise ValueError("a mean needs a visit")
        spread = self.between + Fraction(self.within) / n
        return Fraction(self.between) / spread if spread else None

    def visits_for(self, reliability: Fraction) -> int | None:
        """How many visits an outlet needs for this reliability: n >= R / (1 - R) x within / between.

        None where outlets do not differ at all: no number of visits tells them apart.
        Raises ValueError unless 0 < reliability < 1.
        """
        if not 0 < reliability < 1:
            raise ValueError(f"{reliability} is not a reliability that can be reached")
        if not self.between:
            return None
        return max(1, ceil(reliability / (1 - reliability) * Fraction(self.within) / Fraction(self.between)))


def components(outlets: Iterable[Sums], within: Pooled | None = None) -> Components | None:
    """The parts of the spread, from outlets' sums. None with fewer than two outlets, or none with two visits.

    One-way analysis of variance with random effects and unequal numbers: within = the error mean square, between =
    (MS between - within) / n0, n0 = (N - sum of n^2 / N) / (k - 1), and 0 where that is negative (Snedecor and Cochran,
    Statistical Methods, 8th ed. 1989, chapter 13). `within` is given where no squares of visits are kept.
    """
    kept = [each for each in outlets if each.n]
    spread = within or pooled(kept)
    if spread is None or len(kept) < 2:
        return None
    n = sum(each.n for each in kept)
    whole = Fraction(sum(each.total for each in kept) ** 2, n)
    squares = sum((Fraction(each.total**2, each.n) for each in kept), Fraction(0))
    mean_square = (squares - whole) / (len(kept) - 1)
    usual = (n - Fraction(sum(each.n**2 for each in kept), n)) / (len(kept) - 1)
    return Components(max(Fraction(0), (mean_square - spread.variance) / usual), spread.variance)
