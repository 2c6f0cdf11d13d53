"""Figures of a unit over months, as organised then or as organised today. Every function says its queries.

Then: the unit's own rows, as written when each month was closed. Today: the visits of the outlets that stand at or
below it in today's tree, summed from the own rows of its pieces (see `regrouped`). Both sum the same visits, so before
and after a reorganisation the sums are equal.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Sum

from audits.results import comparing
from audits.results.figures import CRITERION_COLUMNS, FIGURE_COLUMNS
from audits.results.models import Period, PeriodUnit, UnitCriterionScore, UnitScore
from audits.results.months import Span
from audits.results.regrouped import Pieces
from audits.results.tallies import OTHERS, CriterionFigure, Figure, Kind
from outlets.models import Unit


class Tree(StrEnum):
    """Which organisation figures follow."""

    TODAY = "today"
    THEN = "then"


AS_THEN: Pieces = MappingProxyType({})  # every unit's own rows


def _of_months(model: type[Any], first: date, last: date) -> QuerySet[Any]:
    # Not through a join: SQLite, which has no statistics, would sometimes read all months in the order of their groups.
    return model.objects.filter(period__in=Period.objects.filter(month__gte=first, month__lte=last)).order_by()


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


def monthly_of(pieces: Collection[int], first: date, last: date) -> Months:
    """The totals of some units together, by checklist and month. One query."""
    rows = _of_months(UnitScore, first, last).filter(unit__in=pieces, kind=Kind.TOTAL)
    found = _summed(rows, ("checklist_id", "period__month"), FIGURE_COLUMNS)
    return {(checklist, month): Figure(*sums) for checklist, month, *sums in found}


def by_month(unit_ids: Collection[int], first: date, last: date, *, pieces: Pieces = AS_THEN) -> dict[int, Months]:
    """Totals of several units by checklist and month; `pieces` as with `in_windows`. One query."""
    rows = _of_months(UnitScore, first, last).filter(kind=Kind.TOTAL)
    return _by_month(rows, ("checklist_id", "period__month"), unit_ids, pieces)


def _by_month(rows: QuerySet[Any], by: Sequence[str], unit_ids: Collection[int], pieces: Pieces) -> dict[int, Any]:
    """Of each unit the rows of its pieces together, by the values of `by`, which tell its rows apart. One query."""
    found: dict[int, dict[tuple[Any, ...], Figure]] = {unit: {} for unit in unit_ids}
    used, width = _used(unit_ids, pieces), len(by)
    read = rows.filter(unit__in=used).values_list("unit_id", *by, *FIGURE_COLUMNS)
    for piece, *columns in read.iterator():
        place, figure = tuple(columns[:width]), Figure(*columns[width:])
        for unit in used[piece]:
            places = found[unit]
            places[place] = places[place] + figure if place in places else figure
    return found


def parts(pieces: Collection[int], top: Unit, checklist_id: int, span: Span) -> tuple[Parts, Parts]:
    """Sections and themes over a span, of some units together and of the top unit. One query, or two.

    One where there is but one unit.
    """
    kinds = (Kind.SECTION, Kind.THEME)  # named, for the index has them before the unit
    rows = _of_months(UnitScore, span.first, span.last).filter(checklist=checklist_id, kind__in=kinds)
    own = {top.pk, *pieces} if len(pieces) == 1 else {top.pk}
    found: dict[int, Parts] = {unit: {} for unit in own}
    for unit, kind, code, *sums in _summed(rows.filter(unit__in=own), ("unit_id", "kind", "code"), FIGURE_COLUMNS):
        found[unit][Kind(kind), code] = Figure(*sums)
    if len(pieces) == 1:
        return found[next(iter(pieces))], found[top.pk]
    together = _summed(rows.filter(unit__in=pieces), ("kind", "code"), FIGURE_COLUMNS)
    return {(Kind(kind), code): Figure(*sums) for kind, code, *sums in together}, found[top.pk]


def criteria(pieces: Collection[int], checklist_id: int, span: Span) -> dict[str, CriterionFigure]:
    """Criteria of some units together over a span, by code. One query."""
    rows = _of_months(UnitCriterionScore, span.first, span.last).filter(unit__in=pieces, checklist=checklist_id)
    return {code: CriterionFigure(*sums) for code, *sums in _summed(rows, ("code",), CRITERION_COLUMNS)}


def criteria_by_month(
    pieces: Collection[int], checklist_id: int, first: date, last: date
) -> dict[date, dict[str, CriterionFigure]]:
    """Criteria of some units together by month and code, without what is told of several together. One query."""
    rows = _of_months(UnitCriterionScore, first, last).filter(unit__in=pieces, checklist=checklist_id)
    found: dict[date, dict[str, CriterionFigure]] = defaultdict(dict)
    for month, code, *sums in _summed(rows.exclude(code=OTHERS), ("period__month", "code"), CRITERION_COLUMNS):
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
    pieces: Pieces = AS_THEN,
    under: Unit | None = None,
) -> dict[int, Windows]:
    """Totals of units over a span, the one before and the months of `recent`, which all end with the span.

    Of a unit with `pieces` those are summed; of all others their own rows. With `under`, months in which a unit did not
    stand directly below that one are left out. One query.
    """
    rows = _of_months(UnitScore, earliest(span, recent), span.last).filter(kind=Kind.TOTAL, checklist=checklist_id)
    if under is not None:
        stood = PeriodUnit.objects.filter(unit=OuterRef("unit"), period=OuterRef("period"), parent=under)
        rows = rows.filter(Exists(stood))
    found = _by_month(rows, ("period__month",), unit_ids, pieces)
    return {unit: _windows(months, span, recent) for unit, months in found.items() if months}


def earliest(span: Span, recent: Sequence[date]) -> date:
    """The first month that `in_windows` reads."""
    return min(span.before().first, *recent)


def _windows(figures: Mapping[tuple[date], Figure], span: Span, recent: Iterable[date]) -> Windows:
    before = span.before()
    return Windows(
        total([figure for (month,), figure in figures.items() if span.first <= month <= span.last]),
        total([figure for (month,), figure in figures.items() if before.first <= month <= before.last]),
        tuple(comparing.mean(figures.get((month,), comparing.NOTHING)) for month in recent),
    )


def of_units(
    unit_ids: Collection[int], checklist_ids: Collection[int], span: Span, *, pieces: Pieces = AS_THEN
) -> dict[tuple[int, int], Figure]:
    """Totals of several units over a span, by (unit, checklist); `pieces` as with `in_windows`. One query."""
    rows = _of_months(UnitScore, span.first, span.last).filter(kind=Kind.TOTAL, checklist__in=checklist_ids)
    return _by_unit(rows, "checklist_id", unit_ids, pieces)


def sections_of_units(
    unit_ids: Collection[int], checklist_id: int, span: Span, *, pieces: Pieces = AS_THEN
) -> dict[tuple[int, str], Figure]:
    """Sections of several units over a span, by (unit, code); `pieces` as with `in_windows`. One query."""
    rows = _of_months(UnitScore, span.first, span.last).filter(kind=Kind.SECTION, checklist=checklist_id)
    return _by_unit(rows, "code", unit_ids, pieces)


def _by_unit(
    rows: QuerySet[Any], column: str, unit_ids: Collection[int], pieces: Pieces
) -> dict[tuple[int, Any], Figure]:
    """The sums of rows by (unit, value of the column). One query."""
    used = _used(unit_ids, pieces)
    found: dict[tuple[int, Any], Figure] = {}
    for piece, value, *sums in _summed(rows.filter(unit__in=used), ("unit_id", column), FIGURE_COLUMNS):
        figure = Figure(*sums)
        for unit in used[piece]:
            found[unit, value] = found[unit, value] + figure if (unit, value) in found else figure
    return found


def _used(unit_ids: Iterable[int], pieces: Pieces) -> dict[int, list[int]]:
    """The units of which the rows are read, each with those that it is a piece of."""
    used: dict[int, list[int]] = defaultdict(list)
    for unit in unit_ids:
        for piece in pieces.get(unit, (unit,)):
            used[piece].append(unit)
    return dict(used)


def total(figures: Collection[Figure]) -> Figure:
    """The sum of some figures."""
    whole = Figure()
    for figure in figures:
        whole += figure
    return whole
