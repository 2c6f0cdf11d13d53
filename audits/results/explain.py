"""How a unit's figure came about, step by step, each of which adds up to four decimals. Pure, but for the visits.

Everything is summed in stored units (per cent x 10,000), as it is kept; it is divided once, at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, sqrt

from audits import scoring
from audits.fieldwork.models import Submission
from audits.results import comparing, statistics
from audits.results.facts import CriterionRow, Detail, PartRow
from audits.results.models import PublishedVisit
from audits.results.scorecard import Scorecard
from audits.results.statistics import Range
from audits.scoring import WHOLE
from outlets.models import Unit


@dataclass(frozen=True)
class MonthStep:
    """What a month brought: so many visits, and the sum of their percentages."""

    month: date
    version: int | None
    outlets: int
    visits: int
    total: int
    range: Range

    @property
    def mean(self) -> int:
        return (2 * self.total + self.visits) // (2 * self.visits)


@dataclass(frozen=True)
class UnitStep:
    """What a unit below brought; without a unit: those that the reader may not see."""

    unit: Unit | None
    name: str
    visits: int
    total: int

    @property
    def mean(self) -> int:
        return (2 * self.total + self.visits) // (2 * self.visits)


@dataclass(frozen=True)
class LossStep:
    """A criterion: the sum of what it cost, and its part of what is missing to 100."""

    row: CriterionRow
    lost: int
    share: int


@dataclass(frozen=True)
class RangeStep:
    """Mean -+ half, half = t x deviation / root of n, of the spread of `blocks` and what is `usual` (decision 0019).

    All but `t`, its `degrees` and `blocks` are in per cent x 10,000. `is_own`: from nine visits on; below that the
    deviation is the usual one. `is_assumed`: that is not known yet. `is_cut`: 0 or 100 ends the range. `half` is 0 of
    a single visit.
    """

    deviation: int
    usual: int
    blocks: int
    t: float
    degrees: int
    half: int
    is_own: bool
    is_assumed: bool
    is_cut: bool
    low: int
    high: int


@dataclass(frozen=True)
class GradeStep:
    """A grade, the figure from which it is given, and below which; the best has no such end."""

    label: str
    bound: Decimal
    below: Decimal | None
    is_given: bool


@dataclass(frozen=True)
class Explained:
    """Every step. `mean` is total / visits to four decimals, half up; `missing` is 100 less that."""

    visits: int
    unscored: int
    total: int
    mean: int
    months: tuple[MonthStep, ...]
    units: tuple[UnitStep, ...]
    sections: tuple[PartRow, ...]
    themes: tuple[PartRow, ...]
    losses: tuple[LossStep, ...]
    range: RangeStep
    grades: tuple[GradeStep, ...]
    weights: tuple[Decimal, ...]  # of all criteria that count, by the versions of the span

    @property
    def is_reweighed(self) -> bool:
        """Versions of the span weigh some criterion differently, or all of them together."""
        return len(self.weights) > 1 or any(len(step.row.weights) > 1 for step in self.losses)

    @property
    def has_gaps(self) -> bool:
        """Some criterion is not told of every visit: a version did not ask it, or it is folded in some block."""
        told = (step.row for step in self.losses)
        return any(row.is_rest or row.figure.visits + row.figure.not_applicable < self.visits for row in told)

    @property
    def missing(self) -> int:
        return WHOLE - self.mean

    @property
    def lost(self) -> int:
        """The sum of all losses: 100 for each visit, less what was reached."""
        return WHOLE * self.visits - self.total


def explained(card: Scorecard, detail: Detail) -> Explained:
    """The steps of the channel that a scorecard shows. No query."""
    headline = detail.headline
    figure = headline.figure
    mean = comparing.mean(figure) or 0
    inside = [point for point in detail.trend if point.month in set(card.span) and point.figure.outlets]
    return Explained(
        visits=figure.visits,
        unscored=figure.unscored,
        total=figure.total,
        mean=mean,
        months=tuple(
            MonthStep(each.month, each.version, each.figure.outlets, each.figure.visits, each.figure.total, each.range)
            for each in inside
            if each.range
        ),
        units=_units(detail),
        sections=tuple(part for part in detail.sections if part.visits),
        themes=tuple(part for part in detail.themes if part.visits),
        losses=_losses(detail.criteria, WHOLE - mean),
        range=_range(detail),
        grades=_grades(detail),
        weights=detail.weights,
    )


def _units(detail: Detail) -> tuple[UnitStep, ...]:
    figure = detail.headline.figure
    told = [
        UnitStep(each.unit, each.name, each.figure.visits, each.figure.total)
        for each in detail.children
        if each.figure.visits
    ]
    visits, total = figure.visits - sum(each.visits for each in told), figure.total - sum(each.total for each in told)
    return tuple(told) + ((UnitStep(None, "", visits, total),) if told and visits else ())


def _losses(rows: Sequence[CriterionRow], missing: int) -> tuple[LossStep, ...]:
    if not rows:
        return ()
    shares = scoring.apportion(missing, [Fraction(max(row.figure.lost, 0)) for row in rows])
    return tuple(LossStep(row, row.figure.lost, share) for row, share in zip(rows, shares, strict=True))


def _range(detail: Detail) -> RangeStep:
    figure, shown, usual = detail.headline.figure, detail.headline.range, detail.spread
    low, high = (shown.low, shown.high) if shown else (0, WHOLE)
    sums = comparing.sums(figure, usual)
    spread = statistics.used_spread(sums, usual) if shown else None
    half = ceil(statistics.half_width(spread, sums.n)) if spread else 0
    mean = comparing.mean(figure) or 0
    return RangeStep(
        deviation=round(sqrt(spread.variance)) if spread else 0,
        usual=round(sqrt(usual.variance)) if usual else 0,
        blocks=figure.outlets,
        t=statistics.t_quantile(statistics.CONFIDENCE, spread.df) if spread else 0.0,
        degrees=spread.df if spread else 0,
        half=half,
        is_assumed=usual == statistics.ASSUMED,
        is_own=sums.n >= statistics.ENOUGH,
        is_cut=mean - half < 0 or mean + half > WHOLE,
        low=low,
        high=high,
    )


def _grades(detail: Detail) -> tuple[GradeStep, ...]:
    bands = detail.bands
    bounds = (bands.excellent, bands.good, bands.fair, bands.to_improve, Decimal(0))
    return tuple(
        GradeStep(str(Submission.Grade(grade).label), bound, below, grade == detail.headline.grade)
        for grade, bound, below in zip(scoring.Grade, bounds, (None, *bounds), strict=False)
    )


def visits_of(card: Scorecard, checklist_id: int) -> list[PublishedVisit]:
    """An outlet's published visits in the span, for readers of visits; the latest corrections counted. One query."""
    return list(
        PublishedVisit.objects.filter(
            block__outlet__unit__in=Unit.objects.within([card.unit.pk]),
            block__checklist=checklist_id,
            block__period__month__gte=card.span.first,
            block__period__month__lte=card.span.last,
        )
        .select_related("visit", "block__period")
        .order_by("block__period__month", "visit__visited_on", "pk")
    )
