"""Reads over units, outlets and provinces. Every docstring states the number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Count, Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from outlets import text
from outlets.organisation import tree
from outlets.organisation.models import (
    Channel,
    Outlet,
    Province,
    Unit,
    UnitClosure,
    UnitEvent,
    UnitName,
    UnitParent,
    UnitQuerySet,
    UnitSuccession,
)

# --- Searching --------------------------------------------------------------------------------

Row = TypeVar("Row", bound=Model)
# What `of_units_matching` looks through, for the empty search box.
UNIT_HINT = _("Outlet, or a unit above it")


def of_units_matching(rows: QuerySet[Row], query: str) -> QuerySet[Row]:
    """Rows with an `outlet` whose unit matches `query`, or stands below one that does. No query of its own."""
    return rows.filter(outlet__unit__in=Unit.objects.within(Unit.objects.matching(query).order_by().values("pk")))


# --- Choosing a unit --------------------------------------------------------------------------

# So many units are offered when what was typed fits several.
CANDIDATES = 10


@dataclass(frozen=True)
class Candidate:
    """A unit that may be meant: its code, its name, and the name of the unit above it."""

    code: str
    name: str
    above: str


@dataclass(frozen=True)
class Found:
    """The unit that was meant or, when it is not clear, up to CANDIDATES that may be."""

    unit: Unit | None = None
    candidates: tuple[Candidate, ...] = ()
    has_more: bool = False


def find_unit(units: UnitQuerySet, typed: str) -> Found:
    """The one among `units` with this code, with exactly this name, or that alone has the words in its name.

    A unit that only its code's beginning fits is offered, never taken: the code may be that of a unit not among
    `units`. One query for a code or a whole name, two when words have to be searched, three when several fit.
    """
    plain = text.clean(typed, multiline=False)
    named = list(units.filter(Q(code__iexact=plain) | Q(name=plain)).order_by("pk")[: CANDIDATES + 1])
    with_code = [unit for unit in named if unit.code.casefold() == plain.casefold()]
    fitting = with_code or named or list(units.matching(plain)[: CANDIDATES + 1])
    if not text.search_words(plain) or not fitting:
        return Found()
    if len(fitting) == 1 and (named or _holds_words(fitting[0].name, plain)):
        return Found(unit=fitting[0])
    shown = fitting[:CANDIDATES]
    above = dict(
        UnitClosure.objects.filter(descendant__in=shown, depth=1).values_list("descendant_id", "ancestor__name")
    )
    return Found(
        candidates=tuple(Candidate(unit.code, unit.name, above.get(unit.pk, "")) for unit in shown),
        has_more=len(fitting) > CANDIDATES,
    )


def _holds_words(name: str, typed: str) -> bool:
    folded = text.fold(name)
    return all(word in folded for word in text.search_words(typed))


# --- The tree ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """A unit as a page names it and links to it."""

    public_id: UUID
    code: str
    name: str


def path(unit: Unit, day: date | None = None) -> tuple[Step, ...]:
    """What stands above the unit, the top first: in today's tree (one query) or as it was on `day` (two queries).

    A closed unit stands below its heir today; on a day when the unit did not exist the path is empty.
    """
    if day is None:
        return paths([unit])[unit.pk]
    parents = tree.parents_on(day)
    above = []
    at = unit.pk
    while at in parents:
        at = parents[at]
        above.append(at)
    called = UnitName.objects.filter(unit__in=above, valid_from__lte=day).exclude(valid_to__lte=day)
    steps = {name.unit_id: _step(name.unit, name.name) for name in called.select_related("unit")}
    return tuple(steps[pk] for pk in reversed(above))


def top() -> Unit | None:
    """The unit that stands above every other in today's tree; None before any was opened. One query."""
    some = Unit.objects.order_by("pk").values("pk")[:1]
    link = UnitClosure.objects.filter(descendant=some).select_related("ancestor").order_by("-depth").first()
    return link.ancestor if link else None


def paths(units: Iterable[Unit]) -> dict[int, tuple[Step, ...]]:
    """The path in today's tree of each unit of a page, by primary key. One query."""
    found: dict[int, list[Step]] = {unit.pk: [] for unit in units}
    links = UnitClosure.objects.filter(descendant__in=list(found), depth__gt=0).select_related("ancestor")
    for link in links.order_by("-depth"):
        found[link.descendant_id].append(_step(link.ancestor, link.ancestor.name))
    return {pk: tuple(steps) for pk, steps in found.items()}


def children(unit: Unit) -> UnitQuerySet:
    """The open units directly below. No query until it is read."""
    return Unit.objects.filter(parent_rows__parent=unit, parent_rows__valid_to__isnull=True)


def outlets_below(unit: Unit) -> UnitQuerySet:
    """The outlets at or below the unit in today's tree, closed ones included, as units. One query when read."""
    return Unit.objects.within([unit.pk]).filter(outlet__isnull=False)


@dataclass(frozen=True)
class OutletCount:
    """How many outlets stand at or below a unit in today's tree."""

    open: int = 0
    closed: int = 0


def outlet_counts(units: Iterable[Unit]) -> dict[int, OutletCount]:
    """The outlets at or below each unit, by its primary key. One query."""
    pks = [unit.pk for unit in units]
    is_open = Q(descendant__closed_on__isnull=True)
    rows = (
        UnitClosure.objects.filter(ancestor__in=pks, descendant__outlet__isnull=False)
        .values("ancestor_id")
        .annotate(open=Count("pk", filter=is_open), closed=Count("pk", filter=~is_open))
    )
    counted = {row["ancestor_id"]: OutletCount(row["open"], row["closed"]) for row in rows}
    return {pk: counted.get(pk, OutletCount()) for pk in pks}


def open_outlets_by_channel(unit: Unit) -> tuple[tuple[Channel, int], ...]:
    """The open outlets of each channel at or below the unit; channels without one are left out. One query."""
    below = Outlet.objects.filter(unit__in=Unit.objects.within([unit.pk]).open())
    counted = dict(below.values_list("channel").annotate(Count("pk")))
    return tuple((channel, counted[channel]) for channel in Channel if channel in counted)


@dataclass(frozen=True)
class UnitRow:
    """A unit in a list: what stands above it (the top unit is left out, it stands above all), its open outlets."""

    unit: Unit
    above: str
    open_outlets: int


def unit_rows(units: Iterable[Unit]) -> tuple[UnitRow, ...]:
    """The rows of one page of units. Two queries."""
    units = list(units)
    above, counts = paths(units), outlet_counts(units)
    return tuple(
        UnitRow(unit, " › ".join(step.name for step in above[unit.pk][1:]), counts[unit.pk].open) for unit in units
    )


# --- Then and now -----------------------------------------------------------------------------


@dataclass(frozen=True)
class NamedRow:
    """What a unit was called from one day until another; `until` is the first day no longer, or None."""

    name: str
    since: date
    until: date | None


@dataclass(frozen=True)
class ParentRow:
    """Under whom a unit stood from one day until another, by the name that one then had."""

    parent: Step
    since: date
    until: date | None


@dataclass(frozen=True)
class SuccessionRow:
    """What a unit became or came from. A rename or a move has no other unit: `was` and `became` tell it."""

    kind: str
    label: str
    on: date
    was: str
    became: str
    predecessor: Step | None
    successor: Step | None
    is_heir: bool


@dataclass(frozen=True)
class History:
    """A unit then and now, each part from the newest to the oldest."""

    names: tuple[NamedRow, ...]
    parents: tuple[ParentRow, ...]
    successions: tuple[SuccessionRow, ...]


def history(unit: Unit) -> History:
    """Its names, the units it stood under, and what it became or came from. Four queries."""
    names = unit.names.order_by("-valid_from")
    stood = list(UnitParent.objects.filter(unit=unit).select_related("parent").order_by("-valid_from"))
    called = defaultdict(list)
    for name in UnitName.objects.filter(unit__in=[row.parent_id for row in stood]).order_by("valid_from"):
        called[name.unit_id].append(name)
    kept = UnitSuccession.objects.filter(Q(predecessor=unit) | Q(successor=unit))
    return History(
        names=tuple(NamedRow(name.name, name.valid_from, name.valid_to) for name in names),
        parents=tuple(
            ParentRow(_step(row.parent, _name_on(called[row.parent_id], row)), row.valid_from, row.valid_to)
            for row in stood
        ),
        successions=tuple(
            _succession(row, unit)
            for row in kept.select_related("predecessor", "successor").order_by("-effective_on", "-pk")
        ),
    )


def _name_on(names: list[UnitName], row: UnitParent) -> str:
    """What the parent was called when the unit came under it."""
    earlier = [name.name for name in names if name.valid_from <= row.valid_from]
    return earlier[-1] if earlier else row.parent.name


def _succession(row: UnitSuccession, unit: Unit) -> SuccessionRow:
    return SuccessionRow(
        kind=row.kind,
        label=row.get_kind_display(),
        on=row.effective_on,
        was=row.was,
        became=row.became,
        predecessor=_step(row.predecessor, row.was) if row.predecessor_id != unit.pk else None,
        successor=_step(row.successor, row.became) if row.successor_id != unit.pk else None,
        is_heir=row.carries_history,
    )


@dataclass(frozen=True)
class EventRow:
    """Who recorded what, and when."""

    at: datetime
    by: str
    label: str
    detail: str


def latest_events(unit: Unit, number: int = 20) -> tuple[EventRow, ...]:
    """The last changes recorded of a unit, the newest first. One query."""
    return tuple(
        EventRow(event.at, event.by.shown_name if event.by else "", event.get_kind_display(), _told(event.detail))
        for event in UnitEvent.objects.filter(unit=unit).select_related("by").order_by("-at", "-pk")[:number]
    )


def _told(detail: dict[str, Any]) -> str:
    """The detail of an event in one line: codes, names and what each fact was, without its day.

    PostgreSQL keeps the keys of JSON in an order of its own, so the order is given here.
    """
    if {"from", "to"} <= detail.keys():
        return f"{detail['from']} → {detail['to']}"
    if "from" in detail or "into" in detail:
        codes = detail.get("from") or detail["into"]
        return codes if isinstance(codes, str) else ", ".join(codes)
    changes = [value for _key, value in sorted(detail.items()) if isinstance(value, list)]
    return "; ".join(f"{was or '–'} → {became or '–'}" for was, became in changes)


def _step(unit: Unit, name: str) -> Step:
    return Step(unit.public_id, unit.code, name)


# --- Provinces --------------------------------------------------------------------------------


def province_on(outlet: Outlet, day: date) -> Province | None:
    """The province in which the outlet lay on that day. One query.

    None when that cannot be known: a province joined from several, and no former province given for the outlet.
    """
    every = {province.pk: province for province in Province.objects.all()}
    before = defaultdict(list)
    for province in every.values():
        before[province.successor_id].append(province)
    at = every[outlet.province_id]
    while at.valid_to is not None and day >= at.valid_to:
        if at.successor_id is None:
            return None
        at = every[at.successor_id]
    while day < at.valid_from:
        earlier = before[at.pk]
        if len(earlier) > 1:
            earlier = [province for province in earlier if province.pk == outlet.former_province_id]
        if not earlier:
            return None
        at = earlier[0]
    return at
