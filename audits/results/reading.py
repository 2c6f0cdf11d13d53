"""Figures of a unit over months, as organised then or as organised today. Every function says its queries.

Then: the unit's own rows, as written when each month was closed. Today: the rows of the outlets that stand at or below
it in today's tree. Both sum the same visits, so before and after a reorganisation the sums are equal.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import chain
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum

from audits.results import comparing
from audits.results.figures import CRITERION_COLUMNS, FIGURE_COLUMNS
from audits.results.models import PeriodUnit, UnitCriterionScore, UnitScore
from audits.results.months import Span
from audits.results.tallies import OTHERS, CriterionFigure, Figure, Kind
from outlets.models import Outlet, Unit


class Tree(StrEnum):
    """Which organisation figures follow."""

    TODAY = "today"
    THEN = "then"


def _rows(model: type[Any], unit: Unit, tree: Tree, first: date, last: date) -> QuerySet[Any]:
    rows = _of_months(model, first, last)
    return rows.filter(unit=unit) if tree is Tree.THEN else rows.filter(unit__in=_outlets_below(unit))


def _of_months(model: type[Any], first: date, last: date) -> QuerySet[Any]:
    return model.objects.filter(period__month__gte=first, period__month__lte=last).order_by()


def _outlets_below(unit: Unit) -> QuerySet[Any, Any]:
    return Outlet.objects.filter(unit__ancestor_links__ancestor=unit).values("pk")


def _summed(rows: QuerySet[Any], by: Collection[str], columns: Collection[str]) -> list[tuple[Any, ...]]:
    """Rows of the values of `by`, then the sum of each column. One query."""
    sums = {f"sum_{column}": Sum(column) for column in columns}
    return list(rows.values(*by).annotate(**sums).values_list(*by, *sums))


Months = dict[tuple[int, date], Figure]  # by checklist and month
Parts = dict[tuple[Kind, str], Figure]


def monthly_then(units: Collection[Unit], first: date, last: date) -> dict[int, Months]:
    """Each unit's totals by checklist and month, as organised then. One query."""
    found: dict[int, Months] = {unit.pk: {} for unit in units}
    rows = _of_months(UnitScore, first, last).filter(unit__in=list(found), kind=Kind.TOTAL)
    for unit, checklist, month, *columns in rows.values_list(
        "unit_id", "checklist_id", "period__month", *FIGURE_COLUMNS
    ):
        found[unit][checklist, month] = Figure(*columns)
    return found


def monthly_today(unit: Unit, first: date, last: date) -> Months:
    """The unit's totals by checklist and month, as organised today. One query."""
    rows = _rows(UnitScore, unit, Tree.TODAY, first, last).filter(kind=Kind.TOTAL)
    found = _summed(rows, ("checklist_id", "period__month"), FIGURE_COLUMNS)
    return {(checklist, month): Figure(*sums) for checklist, month, *sums in found}


def by_month(unit_ids: Collection[int], first: date, last: date, *, today: Collection[int] = ()) -> dict[int, Months]:
    """Totals of several units by checklist and month; `today` as with `in_windows`. One query, or two."""
    found: dict[int, Months] = {unit: {} for unit in unit_ids}
    own, below = _own_and_below(_of_months(UnitScore, first, last).filter(kind=Kind.TOTAL), unit_ids, today)
    by = ("of", "checklist_id", "period__month")
    rows = own.values_list(*by, *FIGURE_COLUMNS).iterator()
    for unit, checklist, month, *columns in chain(rows, _summed(below, by, FIGURE_COLUMNS) if today else ()):
        found[unit][checklist, month] = Figure(*columns)
    return found


def parts(unit: Unit, top: Unit, checklist_id: int, span: Span, tree: Tree) -> tuple[Parts, Parts]:
    """Sections and themes over a span, the unit's and the top unit's. One query, or two as organised today."""
    rows = _of_months(UnitScore, span.first, span.last).filter(checklist=checklist_id).exclude(kind=Kind.TOTAL)
    found: dict[int, Parts] = {unit.pk: {}, top.pk: {}}
    then = [top.pk, unit.pk] if tree is Tree.THEN else [top.pk]
    for of, kind, code, *sums in _summed(rows.filter(unit__in=then), ("unit_id", "kind", "code"), FIGURE_COLUMNS):
        found[of][Kind(kind), code] = Figure(*sums)
    if tree is Tree.TODAY:
        below = _summed(rows.filter(unit__in=_outlets_below(unit)), ("kind", "code"), FIGURE_COLUMNS)
        found[unit.pk] = {(Kind(kind), code): Figure(*sums) for kind, code, *sums in below}
    return found[unit.pk], found[top.pk]


def criteria(unit: Unit, checklist_id: int, span: Span, tree: Tree) -> dict[str, CriterionFigure]:
    """Criteria over a span, by code. One query."""
    rows = _rows(UnitCriterionScore, unit, tree, span.first, span.last).filter(checklist=checklist_id)
    return {code: CriterionFigure(*sums) for code, *sums in _summed(rows, ("code",), CRITERION_COLUMNS)}


def criteria_by_month(
    unit: Unit, checklist_id: int, first: date, last: date, tree: Tree
) -> dict[date, dict[str, CriterionFigure]]:
    """Criteria by month and code, without what is told of several together. One query."""
    rows = _rows(UnitCriterionScore, unit, tree, first, last).filter(checklist=checklist_id).exclude(code=OTHERS)
    found: dict[date, dict[str, CriterionFigure]] = defaultdict(dict)
    for month, code, *sums in _summed(rows, ("period__month", "code"), CRITERION_COLUMNS):
        found[month][code] = CriterionFigure(*sums)
    return dict(found)


@dataclass(frozen=True)
class Windows:
    """A unit's totals in a span, in the span before, and (mean, None where there is none) in some months one by one."""

    figure: Figure
    before: Figure
    months: tuple[int | None, ...]


def in_windows(
    unit_ids: Collection[int],
    checklist_id: int,
    span: Span,
    recent: Sequence[date],
    *,
    today: Collection[int] = (),
    under: Unit | None = None,
) -> dict[int, Windows]:
    """Totals of units over a span, the one before and the months of `recent`, which all end with the span.

    Of `today`, some of the units, the outlets that stand there now are summed; of all others their own rows. With
    `under`, months in which a unit did not stand directly below that one are left out. One query, or two.
    """
    first = min(span.before().first, *recent)
    rows = _of_months(UnitScore, first, span.last).filter(kind=Kind.TOTAL, checklist=checklist_id)
    if under is not None:
        stood = PeriodUnit.objects.filter(unit=OuterRef("unit"), period=OuterRef("period"), parent=under)
        rows = rows.filter(Exists(stood))
    own, below = _own_and_below(rows, unit_ids, today)
    found = _windows(own, span, recent)
    return found | _windows(below, span, recent) if today else found


def _windows(rows: QuerySet[Any], span: Span, recent: Sequence[date]) -> dict[int, Windows]:
    sums: dict[str, Sum] = {}
    for name, within in (("now", span), ("before", span.before())):
        inside = Q(period__month__gte=within.first, period__month__lte=within.last)
        sums |= {f"{name}_{column}": Sum(column, filter=inside, default=0) for column in FIGURE_COLUMNS}
    for index, month in enumerate(recent):
        of_month = Q(period__month=month)
        sums[f"total_{index}"] = Sum("total", filter=of_month, default=0)
        sums[f"visits_{index}"] = Sum("visits", filter=of_month, default=0)
    width = len(FIGURE_COLUMNS)
    found = {}
    for of, *columns in rows.values("of").annotate(**sums).values_list("of", *sums):
        months = columns[2 * width :]
        found[of] = Windows(
            Figure(*columns[:width]),
            Figure(*columns[width : 2 * width]),
            tuple(
                comparing.mean(Figure(visits=visits, total=total))
                for total, visits in zip(months[::2], months[1::2], strict=True)
            ),
        )
    return found


def of_units(
    unit_ids: Collection[int], checklist_ids: Collection[int], span: Span, *, today: Collection[int] = ()
) -> dict[tuple[int, int], Figure]:
    """Totals of several units over a span, by (unit, checklist); `today` as with `in_windows`. One query, or two."""
    rows = _of_months(UnitScore, span.first, span.last).filter(kind=Kind.TOTAL, checklist__in=checklist_ids)
    return _by_unit(rows, "checklist_id", unit_ids, today)


def sections_of_units(
    unit_ids: Collection[int], checklist_id: int, span: Span, *, today: Collection[int] = ()
) -> dict[tuple[int, str], Figure]:
    """Sections of several units over a span, by (unit, code); `today` as with `in_windows`. One query, or two."""
    rows = _of_months(UnitScore, span.first, span.last).filter(kind=Kind.SECTION, checklist=checklist_id)
    return _by_unit(rows, "code", unit_ids, today)


def _by_unit(
    rows: QuerySet[Any], column: str, unit_ids: Collection[int], today: Collection[int]
) -> dict[tuple[int, Any], Figure]:
    """The sums of rows by (unit, value of the column)."""
    own, below = _own_and_below(rows, unit_ids, today)
    found = _summed(own, ("of", column), FIGURE_COLUMNS)
    if today:
        found += _summed(below, ("of", column), FIGURE_COLUMNS)
    return {(of, value): Figure(*sums) for of, value, *sums in found}


def _own_and_below(
    rows: QuerySet[Any], unit_ids: Collection[int], today: Collection[int]
) -> tuple[QuerySet[Any], QuerySet[Any]]:
    """Units' own rows, and those of the outlets that stand below the ones in `today`; `of` is the unit's key."""
    own = rows.filter(unit__in=[pk for pk in unit_ids if pk not in set(today)]).annotate(of=F("unit_id"))
    below = rows.filter(unit__outlet__isnull=False, unit__ancestor_links__ancestor__in=today)
    return own, below.annotate(of=F("unit__ancestor_links__ancestor"))


def total(figures: Collection[Figure]) -> Figure:
    """The sum of some figures."""
    whole = Figure()
    for figure in figures:
        whole += figure
    return whole
