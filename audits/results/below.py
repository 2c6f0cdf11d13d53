"""The units directly below one, each with what it brought to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from audits.results import months, reading, statistics
from audits.results.comparing import NOTHING, change, mean, sums
from audits.results.models import PeriodUnit
from audits.results.months import Span
from audits.results.reading import Tree
from audits.results.statistics import Change, Pile, Pooled, Range
from audits.results.tallies import Figure
from outlets.models import Unit
from outlets.organisation import queries as organisation
from outlets.people.permissions import Scope

RECENT = 6  # months of the small trend beside each unit


@dataclass(frozen=True)
class ChildRow:
    """A unit directly below. `pile` is None below nine visits."""

    unit: Unit
    name: str
    figure: Figure
    range: Range | None
    change: Change | None
    pile: Pile | None
    months: tuple[int | None, ...]

    @property
    def is_for_reference(self) -> bool:
        return self.figure.visits < statistics.ENOUGH


@dataclass(frozen=True)
class Below:
    """A unit directly below, as it was called there; `months` are those in which it stood there, None for always."""

    unit: Unit
    name: str
    months: frozenset[date] | None


def children(unit: Unit, span: Span, tree: Tree, scope: Scope) -> tuple[list[Below], int]:
    """The units directly below, and how many more there were that the reader may not see. One query, then two.

    As organised then: every unit that stood here on the last day of some month of the span.
    """
    if tree is Tree.TODAY:
        open_now = organisation.children(unit).order_by("sort_key", "pk")
        return [Below(child, child.name, None) for child in open_now], 0
    rows = PeriodUnit.objects.filter(parent=unit, period__month__gte=_earliest(span), period__month__lte=span.last)
    found: dict[int, list[tuple[date, str]]] = {}
    for child, month, name in rows.order_by("period__month").values_list("unit_id", "period__month", "name"):
        found.setdefault(child, []).append((month, name))
    here = {pk for pk, stood in found.items() if any(month in span for month, _name in stood)}
    seen = Unit.objects.visible_to(scope).filter(pk__in=here).order_by("sort_key", "pk")
    below = [Below(each, found[each.pk][-1][1], frozenset(month for month, _name in found[each.pk])) for each in seen]
    return below, len(here) - len(below)


def have_moved(unit: Unit, span: Span) -> bool:
    """Whether what stands directly below today differs from what stood there in some month of the span. One query."""
    today = organisation.children(unit).values("pk")
    elsewhere = Q(parent=unit) & ~Q(unit__in=today) | Q(unit__in=today) & ~Q(parent=unit)
    return PeriodUnit.objects.filter(elsewhere, period__month__gte=span.first, period__month__lte=span.last).exists()


def rows(
    children: Sequence[Below], checklist: int, spread: Pooled | None, span: Span, tree: Tree, above: Range | None
) -> tuple[ChildRow, ...]:
    """The units directly below, in the order of their names, each with what it brought to this unit. One query."""
    figures = reading.of_units([each.unit.pk for each in children], [checklist], _earliest(span), span.last, tree)
    found = []
    for each in children:
        child, name = each.unit, each.name
        by_month = {
            month: figure
            for month, figure in figures.get((child.pk, checklist), {}).items()
            if each.months is None or month in each.months
        }
        figure = reading.total([by_month.get(month, NOTHING) for month in span])
        before = reading.total([by_month.get(month, NOTHING) for month in span.before()])
        found.append((child, name, figure, before, by_month))
    funnel = statistics.funnel([sums(row[2]) for row in found], above.mean if above else 0)
    recent = [months.later(span.last, by) for by in range(1 - RECENT, 1)]
    return tuple(
        ChildRow(
            unit=child,
            name=name,
            figure=figure,
            range=statistics.range_of(sums(figure), spread),
            change=change(before, figure, spread),
            pile=pile,
            months=tuple(mean(by_month.get(month, NOTHING)) for month in recent),
        )
        for (child, name, figure, before, by_month), pile in zip(found, funnel.piles, strict=True)
    )


def _earliest(span: Span) -> date:
    """The first month that a row of a unit below speaks of: of the span before, or of its small trend."""
    return min(span.before().first, months.later(span.last, 1 - RECENT))
