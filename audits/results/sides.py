"""A reorganised unit as organised then and as organised today, side by side, and which units make the difference.

Both sides are sums over whole blocks, so what lies between them is one, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q

from audits.checklists.models import Checklist
from audits.results import comparing, reading
from audits.results.kept import Kept, Stamp
from audits.results.models import PeriodUnit
from audits.results.months import Span
from audits.results.reading import Months
from audits.results.statistics import Pooled, Range
from outlets.models import Unit, UnitClosure
from outlets.people.permissions import Scope


@dataclass(frozen=True)
class Side:
    """One checklist seen both ways; a side without visits has no range. `difference`: today's mean less the other."""

    checklist: Checklist
    then: Range | None
    then_visits: int
    today: Range | None
    today_visits: int

    @property
    def difference(self) -> int | None:
        return self.today.mean - self.then.mean if self.then and self.today else None

    @property
    def adds_up(self) -> bool:
        if self.then is None or self.today is None or self.difference is None:
            return True
        return comparing.adds_up(self.then.mean, self.today.mean, self.difference)


@dataclass(frozen=True)
class Sides:
    """`joined` came from elsewhere, `left` stand elsewhere today, `within` stand under another unit of this one.

    `unseen` counts those that left for where the reader may not look.
    """

    rows: tuple[Side, ...]
    joined: tuple[Unit, ...]
    left: tuple[Unit, ...]
    within: tuple[Unit, ...]
    unseen: int

    @property
    def add_up(self) -> bool:
        """Whether all differences are, as printed, those of the means as printed."""
        return all(row.adds_up for row in self.rows)


_kept: Kept[Mapping[str, Any]] = Kept(64)


def read(
    unit: Unit,
    span: Span,
    then: Months,
    today: Months,
    checklists: Sequence[tuple[Checklist, Pooled | None]],
    scope: Scope,
    as_of: Stamp,
) -> Sides:
    """Of figures read already. Two queries where this process has not read which units moved since then."""
    moves = _kept.get((unit.pk, span, scope, as_of), lambda: _moves(unit, span, scope))
    return Sides(tuple(_side(span, then, today, *each) for each in checklists), **moves)


def _moves(unit: Unit, span: Span, scope: Scope) -> Mapping[str, Any]:
    joined, left, within = _moved(unit, span)
    units = Unit.objects.visible_to(scope).filter(pk__in=left) | Unit.objects.filter(pk__in=joined | within)
    seen = list(units.distinct().order_by("sort_key", "pk"))
    return {
        "joined": tuple(each for each in seen if each.pk in joined),
        "left": tuple(each for each in seen if each.pk in left),
        "within": tuple(each for each in seen if each.pk in within),
        "unseen": len(left - {each.pk for each in seen}),
    }


def _side(span: Span, then: Months, today: Months, checklist: Checklist, spread: Pooled | None) -> Side:
    figures = [
        reading.total([side.get((checklist.pk, month), comparing.NOTHING) for month in span]) for side in (then, today)
    ]
    before, after = (comparing.range_of(each, spread) for each in figures)
    return Side(checklist, before, figures[0].visits, after, figures[1].visits)


def _moved(unit: Unit, span: Span) -> tuple[set[int], set[int], set[int]]:
    """Units of which a link of the span is none of today's, by which of its ends stand below `unit` today. One query.

    Of a move the topmost unit alone: what stands below it kept its link.
    """
    today = UnitClosure.objects.filter(descendant=OuterRef("unit"), ancestor=OuterRef("parent"), depth=1)
    gone = PeriodUnit.objects.filter(
        ~Exists(today), period__month__gte=span.first, period__month__lte=span.last, parent__isnull=False
    )
    below = UnitClosure.objects.filter(ancestor=unit)
    is_below, was_below = (Exists(below.filter(descendant=OuterRef(end))) for end in ("unit", "parent"))
    moved: Mapping[tuple[bool, bool], set[int]] = {(True, False): set(), (False, True): set(), (True, True): set()}
    found = gone.annotate(is_below=is_below, was_below=was_below).filter(Q(is_below=True) | Q(was_below=True))
    for key, *ends in found.values_list("unit_id", "is_below", "was_below").distinct():
        moved[bool(ends[0]), bool(ends[1])].add(key)
    joined = moved[True, False] - {unit.pk}  # that it stands under another one itself changes nothing below it
    return joined, moved[False, True], moved[True, True] - joined
