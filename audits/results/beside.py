"""A unit held against others: the rest of the group, and the units beside it under the same one.

The others never include the unit itself: the two sides share no visit, so that their difference has a range.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count

from audits.results import comparing
from audits.results.models import UnitScore
from audits.results.months import Span
from audits.results.statistics import Change, Pooled, Range
from audits.results.tallies import Figure, Kind
from outlets.models import Unit, UnitClosure

FEWEST = 3  # units beside it: of fewer the sum would tell a reader what a single other unit has


@dataclass(frozen=True, slots=True)
class Held:
    """The mean that a figure is held against, as sure as the figure itself: with its range and visits."""

    range: Range
    visits: int

    @property
    def mean(self) -> int:
        return self.range.mean


@dataclass(frozen=True, slots=True)
class Against(Held):
    """The mean of others' visits, and how far the unit's lies from it (the unit's less theirs)."""

    change: Change


def held(whole: Figure, spread: Pooled | None) -> Held | None:
    """What a figure of the same is held against. None without visits."""
    found = comparing.range_of(whole, spread)
    return Held(found, whole.visits) if found else None


def against(own: Figure, whole: Figure, spread: Pooled | None) -> Against | None:
    """The unit against the rest of a whole that it is part of. None without visits on either side."""
    if not whole.visits:
        return None
    others = whole + -own
    found, change = held(others, spread), comparing.change(others, own, spread)
    return None if found is None or change is None else Against(found.range, found.visits, change)


def units_beside(above: Unit, span: Span) -> Mapping[int, int]:
    """How many units directly below `above` have figures in the span, by checklist. One query."""
    below = UnitClosure.objects.filter(ancestor=above, depth=1).values("descendant")
    rows = UnitScore.objects.filter(
        kind=Kind.TOTAL, unit__in=below, visits__gt=0, period__month__gte=span.first, period__month__lte=span.last
    ).order_by()
    return dict(rows.values_list("checklist_id").annotate(Count("unit", distinct=True)))
