"""The units directly below one, each with what it brought to it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Q

from audits.results import months, reading, statistics
from audits.results.comparing import NOTHING, change, sums
from audits.results.models import PeriodUnit
from audits.results.months import Span
from audits.results.reading import Tree, Windows
from audits.results.statistics import Change, Funnel, Pile, Pooled, Range
from audits.results.tallies import Figure
from outlets.models import Unit
from outlets.organisation import queries as organisation
from outlets.people.permissions import Scope

RECENT = 6  # months of the small trend beside each unit


@dataclass(frozen=True)
class ChildRow:
    """A unit directly below. `pile` is None below nine visits; `months` are the means of the last six."""

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
    """A unit directly below, as it was called there."""

    unit: Unit
    name: str


def children(unit: Unit, span: Span, tree: Tree, scope: Scope) -> tuple[list[Below], int]:
    """The units directly below, and how many more there were that the reader may not see. One query, then two.

    As organised then: every unit that stood here on the last day of some month of the span.
    """
    if tree is Tree.TODAY:
        open_now = organisation.children(unit).order_by("sort_key", "pk")
        return [Below(child, child.name) for child in open_now], 0
    rows = PeriodUnit.objects.filter(parent=unit, period__month__gte=span.first, period__month__lte=span.last)
    names: dict[int, str] = dict(rows.order_by("period__month").values_list("unit_id", "name"))
    seen = Unit.objects.visible_to(scope).filter(pk__in=names).order_by("sort_key", "pk")
    below = [Below(each, names[each.pk]) for each in seen]
    return below, len(names) - len(below)


def have_moved(unit: Unit, span: Span) -> bool:
    """Whether what stands directly below today differs from what stood there in some month of the span. One query."""
    today = organisation.children(unit).values("pk")
    elsewhere = Q(parent=unit) & ~Q(unit__in=today) | Q(unit__in=today) & ~Q(parent=unit)
    return PeriodUnit.objects.filter(elsewhere, period__month__gte=span.first, period__month__lte=span.last).exists()


def rows(
    unit: Unit,
    children: Sequence[Below],
    checklist: int,
    spread: Pooled | None,
    span: Span,
    tree: Tree,
    above: Range | None,
    touched: Collection[int],
) -> tuple[tuple[ChildRow, ...], Funnel]:
    """The units directly below, in the order of their names, each with what it brought to this unit; and their funnel.

    `touched` are the units of which today's sums differ from their own rows. One query, two with such children.
    """
    keys = [each.unit.pk for each in children]
    found = reading.in_windows(
        keys,
        checklist,
        span,
        [months.later(span.last, by) for by in range(1 - RECENT, 1)],
        today=[key for key in keys if key in touched] if tree is Tree.TODAY else (),
        under=unit if tree is Tree.THEN else None,
    )
    nothing = Windows(NOTHING, NOTHING, (None,) * RECENT)
    windows = [found.get(key, nothing) for key in keys]
    funnel = statistics.funnel([sums(each.figure) for each in windows], above.mean if above else 0)
    found_rows = tuple(
        ChildRow(
            unit=child.unit,
            name=child.name,
            figure=each.figure,
            range=statistics.range_of(sums(each.figure), spread),
            change=change(each.before, each.figure, spread),
            pile=pile,
            months=each.months,
        )
        for child, each, pile in zip(children, windows, funnel.piles, strict=True)
    )
    return found_rows, funnel
