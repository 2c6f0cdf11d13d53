"""The units directly below one, each with what it brought to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from audits.results import comparing, months, peers, reading, regrouped, statistics
from audits.results.comparing import NOTHING, change
from audits.results.kept import Stamp
from audits.results.models import PeriodUnit
from audits.results.months import Span
from audits.results.peers import Peers
from audits.results.reading import Tree, Windows
from audits.results.statistics import Change, Pile, Pooled, Range, Rung
from audits.results.tallies import Figure
from outlets.models import Unit, UnitClosure
from outlets.organisation import queries as organisation
from outlets.people.permissions import Scope

RECENT = 6  # months of the small trend beside each unit


@dataclass(frozen=True)
class ChildRow:
    """A unit below. `pile` and `rung` are None below nine visits; `months` are the means of the last six."""

    unit: Unit
    name: str
    figure: Figure
    range: Range | None
    change: Change | None
    pile: Pile | None
    rung: Rung | None
    months: tuple[int | None, ...]
    above: str = ""

    @property
    def is_for_reference(self) -> bool:
        return self.figure.visits < statistics.ENOUGH


@dataclass(frozen=True)
class Below:
    """A unit below, as it was called there; `above` names what it stands under, where that is not the same for all."""

    unit: Unit
    name: str
    above: str = ""


def children(unit: Unit, span: Span, tree: Tree, scope: Scope) -> tuple[list[Below], int]:
    """The units directly below, and how many more there were that the reader may not see. One query, then two.

    As organised then: every unit that stood here on the last day of some month of the span.
    """
    if tree is Tree.TODAY:
        open_now = organisation.children(unit).select_related("outlet", "unit_type").order_by("sort_key", "pk")
        return [Below(child, child.name) for child in open_now], 0
    rows = PeriodUnit.objects.filter(parent=unit, period__month__gte=span.first, period__month__lte=span.last)
    names: dict[int, str] = dict(rows.order_by("period__month").values_list("unit_id", "name"))
    visible = Unit.objects.visible_to(scope).filter(pk__in=names)
    seen = visible.select_related("outlet", "unit_type").order_by("sort_key", "pk")
    below = [Below(each, names[each.pk]) for each in seen]
    return below, len(names) - len(below)


def outlets(unit: Unit) -> list[Below]:
    """All outlets at or below the unit as organised today, closed ones included, by their names. Two queries.

    One that went into another is summed there, as on that one's scorecard.
    """
    inside = UnitClosure.objects.filter(depth__gt=0, ancestor__outlet__isnull=False).values("descendant")
    found = organisation.outlets_below(unit).exclude(pk__in=inside).select_related("outlet", "unit_type")
    links = UnitClosure.objects.filter(depth=1, descendant__in=found.order_by().values("pk"))
    above = dict(links.values_list("descendant_id", "ancestor__name"))
    return [Below(each, each.name, above.get(each.pk, "")) for each in found.order_by("sort_key", "pk")]


def rows(
    unit: Unit,
    children: Sequence[Below],
    checklist: int,
    spread: Pooled | None,
    span: Span,
    tree: Tree,
    as_of: Stamp | None = None,
) -> tuple[tuple[ChildRow, ...], tuple[Peers, ...]]:
    """The units below in their order, each with what it brought to this unit; and by what units they are placed.

    No query without units below, else one, and those of `regrouped.pieces` and `peers.read`.
    """
    if not children:
        return (), ()
    keys = [each.unit.pk for each in children]
    recent = [months.later(span.last, by) for by in range(1 - RECENT, 1)]
    is_today = tree is Tree.TODAY
    found = reading.in_windows(
        keys,
        checklist,
        span,
        recent,
        pieces=regrouped.pieces(reading.earliest(span, recent), span.last, as_of) if is_today else reading.AS_THEN,
        under=unit if tree is Tree.THEN else None,
    )
    nothing = Windows(NOTHING, NOTHING, (None,) * RECENT)
    windows = [found.get(key, nothing) for key in keys]
    every, kinds = peers.read([checklist], span, as_of), [peers.kind_of(each.unit) for each in children]
    found_rows = tuple(
        ChildRow(
            unit=child.unit,
            name=child.name,
            figure=each.figure,
            range=value,
            change=change(each.before, each.figure, spread),
            pile=every.pile(checklist, kind, each.figure),
            rung=every.rung(checklist, kind, each.figure, value),
            months=each.months,
            above=child.above,
        )
        for child, each, kind in zip(children, windows, kinds, strict=True)
        for value in [comparing.range_of(each.figure, spread)]
    )
    with_figures = (kind for kind, each in zip(kinds, windows, strict=True) if each.figure.visits)
    return found_rows, every.used(checklist, with_figures)
