"""What a what-if page prints of a span that was scored anew."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from django.utils import formats

from audits import scoring
from audits.checklists.models import ChecklistVersion
from audits.checklists.outline import CriterionOutline, outline
from audits.fieldwork.models import Submission
from audits.results import charts, statistics
from audits.results.charts import Strip
from audits.results.models import PeriodChecklist
from audits.results.whatif.plan import Change
from audits.results.whatif.rescored import Rescored
from audits.scoring import Bands, Grade, shown
from outlets.models import Unit

LARGEST = 8  # criteria whose part in the change is drawn, and units whose change is
TOLD = scoring.SCALE // 200  # a part in the change below half a hundredth of a point would be printed as none
TENTH = scoring.WHOLE // 10  # tracks begin at whole tens
OUTLETS = "all-outlets"  # the level of all that is counted as changing its grade


@dataclass(frozen=True)
class Row:
    """A unit before and after. Percentages are x 10,000."""

    unit: Unit
    level: str
    visits: int
    before: int
    after: int
    grade_before: Grade
    grade_after: Grade
    cause: CriterionOutline | None
    cause_share: int

    @property
    def name(self) -> str:
        return self.unit.name

    @property
    def code(self) -> str:
        return self.unit.code

    @property
    def sort_key(self) -> str:
        return self.unit.sort_key

    @property
    def difference(self) -> int:
        return self.after - self.before

    @property
    def size(self) -> int:
        """How large the change is, whichever way it goes."""
        return abs(self.difference)

    @property
    def is_tiny(self) -> bool:
        """There is a difference, and as shown, with one decimal, it would be none."""
        return bool(self.difference) and not shown(self.size)

    @property
    def has_other_grade(self) -> bool:
        return self.grade_before is not self.grade_after

    @property
    def is_for_reference(self) -> bool:
        return self.visits < statistics.ENOUGH

    @property
    def grade_before_label(self) -> str:
        return str(Submission.Grade(self.grade_before).label)

    @property
    def grade_after_label(self) -> str:
        return str(Submission.Grade(self.grade_after).label)


@dataclass(frozen=True)
class Moved:
    """What a criterion does to the mean of all visits. The bar lies on a track 100 wide with zero in its middle."""

    criterion: CriterionOutline
    share: int
    left: str
    width: str

    @property
    def points(self) -> str:
        """How much it is, whichever way it goes, as printed: points with two decimals."""
        size = (Decimal(abs(self.share)) / scoring.SCALE).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return formats.number_format(size, 2)


@dataclass(frozen=True)
class Shift:
    """A unit's change on a track 100 wide: a band from before to after, a black line before, a blue one after."""

    row: Row
    strip: Strip


@dataclass(frozen=True)
class Shifts:
    """The units that change most, on tracks that begin at `least` per cent."""

    least: int
    units: Sequence[Shift]


@dataclass(frozen=True)
class Found:
    """All of it, as the page reads it."""

    version: ChecklistVersion
    rescored: Rescored
    rows: Sequence[Row]
    whole: Change | None  # all visits together
    published: int | None

    @property
    def is_rounded_apart(self) -> bool:
        """The difference of all visits, as shown, is not that of the two figures beside it, which are rounded too."""
        if self.whole is None:
            return False
        between = shown(self.whole.mean_after) - shown(self.whole.mean_before)
        return abs(between) != shown(self.whole.size)

    @cached_property
    def outlets(self) -> list[Row]:
        return [row for row in self.rows if row.unit.pk in self.rescored.outlets]

    @cached_property
    def regraded(self) -> list[Row]:
        """The outlets that would have another grade."""
        return [row for row in self.outlets if row.has_other_grade]

    @property
    def risen(self) -> int:
        return sum(row.after > row.before for row in self.regraded)

    @property
    def fallen(self) -> int:
        return len(self.regraded) - self.risen

    @property
    def main_cause(self) -> CriterionOutline | None:
        """The criterion that moved most of them."""
        causes = Counter(row.cause.code for row in self.regraded if row.cause)
        if not causes:
            return None
        return self.rescored.after.by_code[causes.most_common(1)[0][0]]

    @property
    def usual_level(self) -> str:
        """That of the outlets, or all of them where they are of several; empty without any."""
        levels = {row.level for row in self.outlets}
        return OUTLETS if len(levels) > 1 else next(iter(levels), "")

    def of_level(self, level: str) -> list[Row]:
        """The units of a type, by its code; with OUTLETS every outlet, of whatever type."""
        return self.outlets if level == OUTLETS else [row for row in self.rows if row.level == level]

    @property
    def shared(self) -> int:
        return len(self.rescored.shared)

    @property
    def scored(self) -> int:
        return sum(each.is_scored for each in self.rescored.after.criteria)

    @cached_property
    def left_out(self) -> list[CriterionOutline]:
        """Scored criteria of the version that nothing was re-scored on, at least in part of the span."""
        shared = self.rescored.shared
        return [
            each for index, each in enumerate(self.rescored.after.criteria) if each.is_scored and index not in shared
        ]

    @property
    def used_share(self) -> int:
        """Whole per cent of the published visits that a criterion of the version is scored on, on average."""
        possible = self.rescored.published_visits * self.scored
        return 100 * self.rescored.used // possible if possible else 0

    @cached_property
    def moved(self) -> list[Moved]:
        """The criteria that move the mean of all visits most."""
        if self.whole is None:
            return []
        pairs = [(self.whole.share_of(index), each) for index, each in enumerate(self.rescored.after.criteria)]
        largest = sorted((pair for pair in pairs if abs(pair[0]) >= TOLD), key=lambda pair: -abs(pair[0]))[:LARGEST]
        most = max((abs(share) for share, _each in largest), default=1)
        return [
            Moved(each, share, f"{50 + min(0, 48 * share / most):.1f}", f"{max(48 * abs(share) / most, 0.6):.1f}")
            for share, each in largest
        ]


def largest(rows: Iterable[Row]) -> Shifts:
    """Of these units those that change most, the largest change first. What does not change is left out."""
    most = sorted((row for row in rows if row.difference), key=lambda row: (-row.size, row.sort_key))[:LARGEST]
    lowest = min((min(row.before, row.after) for row in most), default=0)
    least = lowest // TENTH * TENTH
    return Shifts(least // scoring.SCALE, [Shift(row, _strip(row, least)) for row in most])


def _strip(row: Row, least: int) -> Strip:
    low, high = sorted((row.before, row.after))
    return charts.strip(low, row.after, high, row.before, least)


def found(version: ChecklistVersion, rescored: Rescored, last: date) -> Found:
    """The units of a re-scored span with their grades. Three queries, besides the outlines'.

    Grades before are those of the version that month `last` was closed with.
    """
    closed_with = PeriodChecklist.objects.filter(checklist=version.checklist, period__month__lte=last)
    basis = closed_with.select_related("version").order_by("-period__month").first()
    bands = (outline(basis.version).bands if basis else rescored.after.bands, rescored.after.bands)
    units = Unit.objects.filter(pk__in=list(rescored.units)).select_related("unit_type").order_by("sort_key", "pk")
    rows = [_row(unit, unit.unit_type.code, rescored.units[unit.pk], rescored, bands) for unit in units]
    whole = _sum(rescored) if rescored.outlets else None
    published = None
    if rescored.visits:
        published = (2 * rescored.published + rescored.visits) // (2 * rescored.visits)
    return Found(version, rescored, rows, whole, published)


def _sum(rescored: Rescored) -> Change:
    whole = Change(by_criterion=[0] * len(rescored.after.criteria))
    for outlet in rescored.outlets:
        whole.add(rescored.units[outlet])
    return whole


def _row(unit: Unit, level: str, change: Change, rescored: Rescored, bands: tuple[Bands, Bands]) -> Row:
    cause = change.cause
    return Row(
        unit=unit,
        level=level,
        visits=change.visits,
        before=change.mean_before,
        after=change.mean_after,
        grade_before=scoring.grade_of(change.mean_before, bands[0]),
        grade_after=scoring.grade_of(change.mean_after, bands[1]),
        cause=None if cause is None else rescored.after.criteria[cause],
        cause_share=0 if cause is None else change.share_of(cause),
    )
