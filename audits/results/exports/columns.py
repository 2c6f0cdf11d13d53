"""What the rows of a file say, column by column: one list for a workbook, a text file and a script alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from audits.fieldwork.models import Submission
from audits.results import wording
from audits.results.exports.rows import Row
from audits.results.statistics import Change


class Holds(StrEnum):
    """What stands in a column: figures are per cent x 10,000 until they are written."""

    TEXT = "text"
    COUNT = "count"
    FIGURE = "figure"
    MONTH = "month"


@dataclass(frozen=True)
class Column:
    """`key` names it for a script; `says` is what the reader of a workbook is told of it."""

    key: str
    heading: str | Promise
    holds: Holds
    width: int
    says: str | Promise


Cell = str | int | date | None

_UNIT = (
    Column("unit", _("Unit"), Holds.TEXT, 38, _("As it was called there.")),
    Column("code", _("Code"), Holds.TEXT, 16, _("The organisation's own; it never changes.")),
    Column("above", _("Stands under"), Holds.TEXT, 32, _("The unit directly above it.")),
    Column("checklist", _("Checklist"), Holds.TEXT, 30, _("Figures of different checklists are never mixed.")),
)
_SPAN = Column("span", _("Span"), Holds.TEXT, 22, _("Months are those of publication."))
_MONTH = Column("month", _("Month"), Holds.MONTH, 11, _("The month of publication."))
_FIGURES = (
    Column("visits", _("Visits"), Holds.COUNT, 9, _("The visits with a score that the figure rests on.")),
    Column("score", _("Score, %"), Holds.FIGURE, 10, _("The mean of the visits' percentages.")),
    Column(
        "low",
        _("Score from"),
        Holds.FIGURE,
        10,
        _("Where the range of the score begins: 95 times of 100 the true score lies in it."),
    ),
    Column("high", _("Score to"), Holds.FIGURE, 10, _("Where the range of the score ends.")),
    Column(
        "grade", _("Grade"), Holds.TEXT, 16, _("By the score with one decimal, with the bounds of the version in use.")
    ),
    Column(
        "change",
        _("Change, points"),
        Holds.FIGURE,
        12,
        _("Against the span just before; against the month before, month by month."),
    ),
    Column(
        "change_low",
        _("Change from"),
        Holds.FIGURE,
        11,
        _(
            "Where the range of the change begins; the change is clear where 0 lies outside it and both sides have "
            "nine visits."
        ),
    ),
    Column("change_high", _("Change to"), Holds.FIGURE, 11, _("Where the range of the change ends.")),
    Column("reading", _("Reading"), Holds.TEXT, 24, _("Whether the change can be told from chance.")),
    Column(
        "failures",
        _("Critical failures"),
        Holds.COUNT,
        12,
        _("How often a critical criterion was not met; they lower no unit's grade."),
    ),
    Column(
        "version",
        _("Version of the checklist"),
        Holds.COUNT,
        12,
        _("The version of the checklist at the end of the months."),
    ),
    Column(
        "group",
        _("Group of units"),
        Holds.TEXT,
        22,
        format_lazy(
            "{} {}",
            _(
                "Help first, deserves thanks: the unit differs from all of its kind in the group by more than chance "
                "and the usual differences explain. As expected: no difference that can be told. "
                "None below nine visits."
            ),
            _(
                "To keep an eye on, worth a word of praise: the whole range lies below or above the mean, by no more "
                "than units usually differ."
            ),
        ),
    ),
)


def columns(*, by_month: bool) -> tuple[Column, ...]:
    return (*_UNIT, _MONTH if by_month else _SPAN, *_FIGURES)


class Cells:
    """Rows to cells in the order of `columns`, in the language in use."""

    def __init__(self, span_label: str, *, by_month: bool) -> None:
        self._by_month = by_month  # its column holds dates alone
        self._span = span_label
        self._grades = {grade: str(Submission.Grade(grade).label) for grade in Submission.Grade.values}
        self._rungs = {rung: str(label) for rung, label in wording.RUNGS.items()}
        self._readings: dict[tuple[bool, bool, bool], str] = {}
        self._reference = str(_("For reference only"))
        self._nothing = str(_("Nothing published"))

    def of(self, row: Row) -> Sequence[Cell]:
        listed, figure, change = row.listed, row.figure, row.change
        when: Cell = row.month or (None if self._by_month else self._span)
        if row.checklist is None or row.range is None:
            return listed.name, listed.code, listed.above, None, when, *(None,) * 11, self._nothing
        return (
            listed.name,
            listed.code,
            listed.above,
            row.checklist.name,
            when,
            figure.visits,
            row.range.mean,
            row.range.low,
            row.range.high,
            self._grades[row.grade] if row.grade else None,
            *((change.difference, change.low, change.high, self._reading(change)) if change else (None,) * 4),
            figure.failures,
            row.version,
            self._reference if row.is_for_reference else self._rungs[row.rung] if row.rung else None,
        )

    def _reading(self, change: Change) -> str:
        key = change.is_clear, change.is_for_reference, change.difference > 0
        if key not in self._readings:
            self._readings[key] = wording.change_label(change)
        return self._readings[key]
