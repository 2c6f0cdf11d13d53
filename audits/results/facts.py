"""What a scorecard tells of a unit, figure by figure, and what follows from these. No query.

All percentages are per cent x `scoring.SCALE`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import accumulate

from audits import scoring
from audits.checklists.models import Checklist
from audits.fieldwork.models import Submission
from audits.results import comparing, statistics
from audits.results.below import ChildRow
from audits.results.beside import Against, Held
from audits.results.months import Span, SpanKind
from audits.results.peers import Peers
from audits.results.reliability import GOOD, Components
from audits.results.shared import Shared
from audits.results.statistics import Change, Pooled, Range
from audits.results.tallies import OTHERS, CriterionFigure, Figure, Kind
from audits.scoring import Bands

LISTED = 6  # criteria of each kind that stand open on a page; the rest is folded


@dataclass(frozen=True)
class Quarter:
    """The quarter of the calendar up to the last month shown, against the whole one before. Ranges are never None."""

    span: Span
    visits: int
    range: Range
    before: Span
    visits_before: int
    range_before: Range
    change: Change

    @property
    def adds_up(self) -> bool:
        return comparing.adds_up(self.range_before.mean, self.range.mean, self.change.difference)


@dataclass(frozen=True)
class Headline:
    """A checklist's figure in a span, with all that must travel with it. `range` is None without a scored visit."""

    checklist: Checklist
    figure: Figure
    range: Range | None
    grade: str
    of_group: Held | None
    change: Change | None
    before: Span
    visits_before: int
    rest: Against | None = None  # of the group
    beside: Against | None = None  # the units that stand under the same one
    quarter: Quarter | None = None  # none without visits on both sides

    @property
    def visits(self) -> int:
        return self.figure.visits

    @property
    def group(self) -> int | None:
        return self.of_group.mean if self.of_group else None

    @property
    def adds_up(self) -> bool:
        """Whether its differences from others are, as printed, those of the means as printed."""
        others = [each for each in (self.rest, self.beside) if each and self.range]
        return all(
            self.range and comparing.adds_up(each.mean, self.range.mean, each.change.difference) for each in others
        )

    @property
    def is_for_reference(self) -> bool:
        """Too few visits to be placed among others."""
        return self.visits < statistics.ENOUGH

    @property
    def grade_label(self) -> str:
        return str(Submission.Grade(self.grade).label) if self.grade else ""

    @property
    def lost(self) -> int:
        """What is missing to 100 from the mean as printed, so that the two add up on paper."""
        return 0 if self.range is None else scoring.WHOLE - comparing.tenths(self.range.mean) * comparing.TENTH


@dataclass(frozen=True)
class QuarterAnswer:
    """Whether the quarter is better than the whole one before, over a unit's channels.

    `better` and `worse` are those that clearly changed, the one that is shown first, then by visits. `told` are those
    whose figures belong to the answer: these, or where there is none the one that is shown; empty where nothing
    compares. `compared` counts the channels with figures in both quarters.
    """

    span: Span
    before: Span
    better: tuple[Headline, ...]
    worse: tuple[Headline, ...]
    told: tuple[Headline, ...]
    channels: int
    compared: int

    @property
    def direction(self) -> str:
        """Which way all that clearly changed went: up, down, or same where there is none or they differ."""
        if bool(self.better) == bool(self.worse):
            return "same"
        return "up" if self.better else "down"

    @property
    def is_of_some(self) -> bool:
        """Of other channels that compare nothing can be concluded."""
        return len(self.better) + len(self.worse) < self.compared

    @property
    def is_of_channels(self) -> bool:
        """There are several, so each figure says of which it is."""
        return self.channels > 1


def quarter_answer(headlines: Sequence[Headline], shown: Headline | None, span: Span) -> QuarterAnswer:
    """The answer for the quarter `span`, to be told of `shown` first."""
    told = [(each, each.quarter) for each in headlines if each.quarter]
    told.sort(key=lambda pair: (pair[0] is not shown, -pair[1].visits))
    clear = [(each, quarter.change.difference > 0) for each, quarter in told if quarter.change.is_clear]
    return QuarterAnswer(
        span=span,
        before=span.before(),
        better=tuple(each for each, is_better in clear if is_better),
        worse=tuple(each for each, is_better in clear if not is_better),
        told=tuple(each for each, _is_better in clear) or tuple(each for each, _quarter in told[:1]),
        channels=len(headlines),
        compared=len(told),
    )


@dataclass(frozen=True)
class Point:
    """One month of a trend. `is_new_version`: the first month under another version of the checklist.

    `published_on` is None where nothing was.
    """

    month: date
    figure: Figure
    range: Range | None
    of_group: Held | None
    version: int | None
    is_new_version: bool
    published_on: date | None = None

    @property
    def group(self) -> int | None:
        return self.of_group.mean if self.of_group else None


@dataclass(frozen=True)
class PartRow:
    """A section or theme beside the group's, or what is lost besides. `lost` is what it takes from 100; all add up.

    `range` is None where there is no figure.
    """

    code: str
    name: str
    visits: int
    range: Range | None
    of_group: Held | None
    lost: int
    total: int = 0  # of the visits' percentages

    @property
    def percent(self) -> int | None:
        return self.range.mean if self.range else None

    @property
    def group(self) -> int | None:
        return self.of_group.mean if self.of_group else None

    @property
    def is_for_reference(self) -> bool:
        return self.visits < statistics.ENOUGH

    @property
    def is_told(self) -> bool:
        """Otherwise its criteria were seen too rarely, and stand with the others."""
        return self.percent is not None or self.lost > 0


@dataclass(frozen=True)
class CriterionRow:
    """A criterion: how often it was met, and what it costs (mean lost share per visit).

    `weights` are those that the versions of the span gave it, the earliest first, each once.
    """

    code: str
    short_code: str
    section: str
    theme: str | None
    text: str
    is_critical: bool
    figure: CriterionFigure
    lost: int
    weights: tuple[Decimal, ...] = ()

    @property
    def is_rest(self) -> bool:
        """Of several criteria together, of which the lost points alone are told."""
        return self.code == OTHERS

    def part(self, kind: Kind) -> str | None:
        """Its section or theme."""
        return self.section if kind is Kind.SECTION else self.theme

    @property
    def met_share(self) -> int:
        """Met of all visits in which it counted, in whole per cent, half up."""
        return (200 * self.figure.met + self.figure.visits) // (2 * self.figure.visits) if self.figure.visits else 0


@dataclass(frozen=True)
class Loss:
    """A criterion among what costs most; `together` with all before it, in whole per cent of what is missing to 100."""

    row: CriterionRow
    together: int


@dataclass(frozen=True)
class Detail:
    """Everything below the headlines, for one checklist."""

    headline: Headline
    trend: tuple[Point, ...]
    sections: tuple[PartRow, ...]
    themes: tuple[PartRow, ...]
    criteria: tuple[CriterionRow, ...]
    children: tuple[ChildRow, ...]
    peers: tuple[Peers, ...]  # by what the units below are placed, the commonest kind first
    bands: Bands
    elsewhere: int  # units that stood here then and that the reader may not see today
    weights: tuple[Decimal, ...] = ()  # of all criteria that count, by the versions of the span, each once
    shared: Shared | None = None  # of a trend with more than one version
    parts: Components | None = None  # of the spread of outlets' visits
    spread: Pooled | None = None  # within outlets, as usual

    @property
    def adds_up(self) -> bool:
        """Whether the differences are, as printed, those of the means as printed beside them."""
        now, change = self.headline.range, self.headline.change
        last = self.trend[-2].range if self.headline.before.kind is SpanKind.MONTH else None
        is_next = not (now and change and last) or comparing.adds_up(last.mean, now.mean, change.difference)
        return is_next and self.headline.adds_up

    @property
    def visits_needed(self) -> int | None:
        """Visits that an outlet needs to be told from others; None where none would do, or nothing is known."""
        return self.parts.visits_for(GOOD) if self.parts else None

    @property
    def reliability(self) -> int | None:
        """How well the unit's figure would tell it from others if it is an outlet, in whole per cent."""
        found = self.parts.of_mean(self.headline.visits) if self.parts else None
        return None if found is None else round(100 * found)

    @cached_property
    def to_improve(self) -> tuple[CriterionRow, ...]:
        """What costs most, the costliest first, and last what is not told one by one."""
        return tuple(sorted((row for row in self.criteria if row.lost > 0), key=lambda row: (row.is_rest, -row.lost)))

    @cached_property
    def losses(self) -> tuple[Loss, ...]:
        """The same, each with its share of all losses and of those before it."""
        sums = accumulate(row.lost for row in self.to_improve)
        whole = self.headline.lost
        return tuple(
            Loss(row, (200 * some + whole) // (2 * whole)) for row, some in zip(self.to_improve, sums, strict=True)
        )

    @cached_property
    def published_below(self) -> tuple[ChildRow, ...]:
        return tuple(row for row in self.children if row.range)

    @cached_property
    def waiting_below(self) -> tuple[ChildRow, ...]:
        """Units below of which nothing was published in the span."""
        return tuple(row for row in self.children if not row.range)

    @cached_property
    def strengths(self) -> tuple[CriterionRow, ...]:
        """What is met most often, critical criteria first among equals; at least four times of five, of nine visits.

        A unit with fewer visits than that has its own, each with its count. What stands open among the losses is
        none, however often it is met.
        """
        least = max(1, min(statistics.ENOUGH, self.headline.visits))
        costly = {row.code for row in self.to_improve[:LISTED]}
        well = (
            row
            for row in self.criteria
            if row.figure.visits >= least and row.met_share >= 80 and row.code not in costly
        )
        return tuple(sorted(well, key=lambda row: (-row.met_share, not row.is_critical, row.lost)))
