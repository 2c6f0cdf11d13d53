"""Figures of a unit over months, as organised then or as organised today. Every function says its queries.

Then: the unit's own rows, as written when each month was closed. Today: the rows of the outlets that stand at or below
it in today's tree. Both sum the same visits, so before and after a reorganisation the sums are equal.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import F, QuerySet, Sum

from audits.results.figures import CRITERION_COLUMNS, FIGURE_COLUMNS
from audits.results.models import UnitCriterionScore, UnitScore
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


def of_units(
    unit_ids: Collection[int], checklist_ids: Collection[int], first: date, last: date, tree: Tree
) -> dict[tuple[int, int], dict[date, Figure]]:
    """Totals of several units by (unit, checklist), month by month. One query."""
    rows = UnitScore.objects.filter(
        kind=Kind.TOTAL, checklist__in=checklist_ids, period__month__gte=first, period__month__lte=last
    ).order_by()
    if tree is Tree.THEN:
        rows = rows.filter(unit__in=unit_ids).annotate(of=F("unit_id"))
    else:
        rows = rows.filter(unit__outlet__isnull=False, unit__ancestor_links__ancestor__in=unit_ids).annotate(
            of=F("unit__ancestor_links__ancestor")
        )
    found: dict[tuple[int, int], dict[date, Figure]] = defaultdict(dict)
    for of, checklist, month, *sums in _summed(rows, ("of", "checklist_id", "period__month"), FIGURE_COLUMNS):
        found[of, checklist][month] = Figure(*sums)
    return found


def total(figures: Collection[Figure]) -> Figure:
    """The sum of some figures."""
    whole = Figure()
    for figure in figures:
        whole += figure
    return whole
