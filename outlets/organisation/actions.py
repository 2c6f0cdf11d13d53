"""Every change of the organisation. Called as `from outlets.organisation import actions as organisation`.

A change takes effect on a day, today or earlier: dated rows end on it and begin on it, half-open, so what was on
any earlier day is never touched. Each function runs in one transaction, writes its events and successions, and
leaves UnitClosure equal to `tree.closure_today()`. What a rule forbids raises a ReorganisationRefused of
`refusals`, and nothing is written.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from outlets import text
from outlets.organisation import refusals, tree
from outlets.organisation.models import (
    Channel,
    Outlet,
    Province,
    Unit,
    UnitClosure,
    UnitEvent,
    UnitName,
    UnitParent,
    UnitSuccession,
    UnitType,
)

P = ParamSpec("P")
R = TypeVar("R")
Actor = Any  # a User, or None for the installer; accounts stand above this package

OUTLET_FACTS = (
    *("province", "former_province", "commune", "address", "phone", "opening_hours"),
    *("latitude", "longitude"),
)


@dataclass(frozen=True)
class NewUnit:
    """The unit that a merge opens. Without a type or a parent it takes those of the first predecessor."""

    code: str
    name: str
    unit_type: UnitType | None = None
    parent: Unit | None = None


def _one_at_a_time(action: Callable[P, R]) -> Callable[P, R]:
    """One transaction, and one reorganisation at a time: each computes the tree from what the one before it left.

    The first unit's row is the lock. On SQLite it locks nothing, and needs not: a write transaction is alone there.
    """

    @wraps(action)
    def locked(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic():
            list(Unit.objects.select_for_update(no_key=True).order_by("pk").values_list("pk")[:1])
            return action(*args, **kwargs)

    return locked


@_one_at_a_time
def open_unit(
    *, code: str, name: str, unit_type: UnitType, parent: Unit | None, opened_on: date, by: Actor, at: datetime
) -> Unit:
    """Opens a unit under `parent`; without one it is the top unit, of which there is one.

    Raises CodeUsed, ParentMissing, ParentClosed, UnderOutlet, BeforeOpened (of the parent), InFuture.
    """
    _check_day(opened_on, at)
    if parent is None and Unit.objects.exists():
        raise refusals.ParentMissing
    return _open(code, name, unit_type, parent and _again(parent), opened_on, by, at)


@_one_at_a_time
def open_outlet(
    *,
    code: str,
    name: str,
    unit_type: UnitType,
    parent: Unit,
    channel: Channel,
    province: Province,
    opened_on: date,
    by: Actor,
    at: datetime,
    former_province: Province | None = None,
    commune: str = "",
    address: str = "",
    phone: str = "",
    opening_hours: str = "",
    latitude: Decimal | None = None,
    longitude: Decimal | None = None,
) -> Outlet:
    """Opens an outlet, a leaf with one channel that stays, under `parent`. Raises as `open_unit` does."""
    _check_day(opened_on, at)
    unit = _open(code, name, unit_type, _again(parent), opened_on, by, at)
    return Outlet.objects.create(
        unit=unit,
        channel=channel,
        province=province,
        former_province=former_province,
        commune=text.clean(commune, multiline=False),
        address=text.clean(address, multiline=False),
        phone=phone,
        opening_hours=text.clean(opening_hours, multiline=False),
        latitude=latitude,
        longitude=longitude,
    )


@_one_at_a_time
def edit_outlet(*, outlet: Outlet, by: Actor, at: datetime, **facts: Any) -> Outlet:
    """Changes some of OUTLET_FACTS. The event holds what each was and became; no event when nothing changes.

    Raises UnitClosed, and TypeError for any other fact: the channel stays, name and place in the tree have actions.
    """
    if unknown := set(facts) - set(OUTLET_FACTS):
        raise TypeError(f"not facts of an outlet: {sorted(unknown)}")
    outlet = Outlet.objects.select_related("unit", "province", "former_province").get(pk=outlet.pk)
    _check_open(outlet.unit)
    changed = {name: [getattr(outlet, name), new] for name, new in facts.items() if getattr(outlet, name) != new}
    if changed:
        for name, (_old, new) in changed.items():
            setattr(outlet, name, new)
        outlet.save(update_fields=list(changed))
        detail = {name: [_written(old), _written(new)] for name, (old, new) in changed.items()}
        _event(outlet.unit, UnitEvent.Kind.EDITED, by, at, detail)
    return outlet


@_one_at_a_time
def rename(*, unit: Unit, name: str, effective_on: date, by: Actor, at: datetime) -> Unit:
    """Gives the unit another name from that day on; a name that began on the same day is replaced.

    Raises SameName, UnitClosed, InFuture, BeforeOpened, LaterChange.
    """
    unit, name = _again(unit), text.clean(name, multiline=False)
    _check_day(effective_on, at)
    _check_open(unit)
    _check_existed(unit, effective_on)
    if name == unit.name:
        raise refusals.SameName
    was = unit.name
    row = unit.names.get(valid_to__isnull=True)
    if effective_on < row.valid_from:
        raise refusals.LaterChange(unit=unit, day=row.valid_from)
    if effective_on == row.valid_from:
        row.name = name
        row.save(update_fields=["name"])
    else:
        row.valid_to = effective_on
        row.save(update_fields=["valid_to"])
        UnitName.objects.create(unit=unit, name=name, valid_from=effective_on)
    unit.name = name
    unit.save(update_fields=["name"])
    _succeed(UnitSuccession.Kind.RENAME, unit, unit, effective_on, by, at, was=was, became=name)
    _event(unit, UnitEvent.Kind.RENAMED, by, at, {"from": was, "to": name, "effective_on": effective_on.isoformat()})
    return unit


@_one_at_a_time
def move(*, unit: Unit, parent: Unit, effective_on: date, by: Actor, at: datetime) -> Unit:
    """Puts the unit, with all below it, under another from that day on; a move of the same day is replaced.

    Raises SameParent, Circle, UnderOutlet, UnitClosed, ParentClosed, InFuture, BeforeOpened, LaterChange.
    """
    unit, parent = _again(unit), _again(parent)
    _check_day(effective_on, at)
    _check_open(unit)
    _check_existed(unit, effective_on)
    _check_parent(parent, effective_on)
    row = unit.parent_rows.select_related("parent").filter(valid_to__isnull=True).first()
    if row is None or unit == parent or unit.pk in tree.above_since(parent.pk, effective_on):
        raise refusals.Circle
    if row.parent == parent:
        raise refusals.SameParent(unit=parent)
    was = row.parent.name
    _put_under(unit, row, parent, effective_on, by, at)
    _succeed(UnitSuccession.Kind.MOVE, unit, unit, effective_on, by, at, was=was, became=parent.name)
    tree.write_closure()
    return unit


@_one_at_a_time
def close_unit(*, unit: Unit, closed_on: date, by: Actor, at: datetime) -> Unit:
    """Closes a unit without an heir; `closed_on` is the first day without it. In today's tree it stays where it was.

    Raises HasChildren, TopUnit, UnitClosed, InFuture, BeforeOpened, ChangedToday, LaterChange.
    """
    unit = _again(unit)
    _check_day(closed_on, at)
    _check_open(unit)
    if unit.child_rows.filter(valid_to__isnull=True).exists():
        raise refusals.HasChildren(unit=unit)
    _end(unit, closed_on, at)
    _event(unit, UnitEvent.Kind.CLOSED, by, at, {"effective_on": closed_on.isoformat()})
    return unit


@_one_at_a_time
def merge(
    *, predecessors: Sequence[Unit], successor: Unit | NewUnit, effective_on: date, by: Actor, at: datetime
) -> Unit:
    """Closes the predecessors; what stood under them goes to the successor, which may be opened by the merge.

    In today's tree each predecessor hangs under the successor. A new outlet takes the first predecessor's address.
    Raises SameUnitTwice, IntoItself, PredecessorAbove, OutletsApart, TopUnit, UnitClosed, CodeUsed, UnderOutlet,
    ParentClosed, InFuture, BeforeOpened, ChangedToday, LaterChange. Returns the successor.
    """
    old = [_again(unit) for unit in predecessors]
    _check_day(effective_on, at)
    for unit in old:
        _check_open(unit)
        _check_existed(unit, effective_on)
        if unit == successor:
            raise refusals.IntoItself
        if old.count(unit) > 1:
            raise refusals.SameUnitTwice(unit=unit)
    if isinstance(successor, NewUnit):
        heir = _open_heir(successor, old[0], effective_on, by, at)
    else:
        heir = _again(successor)
        _check_open(heir)
        _check_existed(heir, effective_on)
    if Outlet.objects.filter(unit__in=[*old, heir]).count() not in (0, len(old) + 1):
        raise refusals.OutletsApart
    above = tree.above_since(heir.pk, effective_on)
    for unit in old:
        if unit.pk in above:
            raise refusals.PredecessorAbove(unit=unit)
    for row in _children_rows(old, effective_on):
        if row.unit not in old:
            _put_under(row.unit, row, heir, effective_on, by, at)
    for unit in old:
        _end(unit, effective_on, at)
        _succeed(UnitSuccession.Kind.MERGE, unit, heir, effective_on, by, at, was=unit.name, became=heir.name)
        _event(unit, UnitEvent.Kind.MERGED, by, at, {"into": heir.code, "effective_on": effective_on.isoformat()})
    detail = {"from": [unit.code for unit in old], "effective_on": effective_on.isoformat()}
    _event(heir, UnitEvent.Kind.MERGED, by, at, detail)
    tree.write_closure()
    return heir


@_one_at_a_time
def split(
    *,
    unit: Unit,
    into: Sequence[tuple[str, str]],
    assign: Mapping[Unit, str],
    heir: str,
    effective_on: date,
    by: Actor,
    at: datetime,
) -> list[Unit]:
    """Closes the unit and opens several in its place, of its type and under its parent.

    `into` holds their (code, name); `assign` gives each open child the code of its new parent; in today's tree the
    closed unit hangs under the new one whose code is `heir`. Parts of an outlet are outlets with its channel.
    Raises TooFewParts, HeirUnknown, ChildUnassigned, NotAChild, CodeUsed, TopUnit, UnitClosed, InFuture,
    BeforeOpened, ChangedToday, LaterChange. Returns the new units in the order of `into`.
    """
    unit = _again(unit)
    _check_day(effective_on, at)
    _check_open(unit)
    _check_existed(unit, effective_on)
    codes = [text.clean(code, multiline=False) for code, _name in into]
    if len(codes) < 2 or len({code.casefold() for code in codes}) < len(codes):
        raise refusals.TooFewParts
    if heir not in codes:
        raise refusals.HeirUnknown
    rows = _children_rows([unit], effective_on)
    _check_assigned(assign, {row.unit for row in rows}, codes)
    parts = {
        code: _open_heir(NewUnit(code, name), unit, effective_on, by, at)
        for code, (_code, name) in zip(codes, into, strict=True)
    }
    for row in rows:
        _put_under(row.unit, row, parts[assign[row.unit]], effective_on, by, at)
    _end(unit, effective_on, at)
    for code, part in parts.items():
        kind = UnitSuccession.Kind.SPLIT
        _succeed(kind, unit, part, effective_on, by, at, was=unit.name, became=part.name, is_heir=code == heir)
    _event(unit, UnitEvent.Kind.SPLIT, by, at, {"into": codes, "heir": heir, "effective_on": effective_on.isoformat()})
    tree.write_closure()
    return list(parts.values())


# --- Checks -----------------------------------------------------------------------------------


def _again(unit: Unit) -> Unit:
    """The unit as it is now that nobody else can change it; the caller's may be old."""
    again: Unit = Unit.objects.select_related("unit_type").get(pk=unit.pk)
    return again


def _check_day(day: date, at: datetime) -> None:
    if day > timezone.localdate(at):
        raise refusals.InFuture


def _check_open(unit: Unit) -> None:
    if unit.closed_on is not None:
        raise refusals.UnitClosed(unit=unit, day=unit.closed_on)


def _check_existed(unit: Unit, day: date) -> None:
    if day < unit.opened_on:
        raise refusals.BeforeOpened(unit=unit, day=unit.opened_on)


def _check_parent(parent: Unit, day: date) -> None:
    if parent.closed_on is not None:
        raise refusals.ParentClosed(unit=parent, day=parent.closed_on)
    if Outlet.objects.filter(unit=parent).exists():
        raise refusals.UnderOutlet(unit=parent)
    _check_existed(parent, day)


def _check_assigned(assign: Mapping[Unit, str], children: set[Unit], codes: Sequence[str]) -> None:
    for child in sorted(children, key=lambda unit: unit.sort_key):
        if assign.get(child) not in codes:
            raise refusals.ChildUnassigned(unit=child)
    for unit in assign:
        if unit not in children:
            raise refusals.NotAChild(unit=unit)


# --- Writing ----------------------------------------------------------------------------------


def _open(code: str, name: str, unit_type: UnitType, parent: Unit | None, day: date, by: Actor, at: datetime) -> Unit:
    """A new unit with its rows; the closure gains only its own links."""
    code, name = text.clean(code, multiline=False), text.clean(name, multiline=False)
    if taken := Unit.objects.filter(code__iexact=code).first():
        raise refusals.CodeUsed(unit=taken)
    if parent is not None:
        _check_parent(parent, day)
    unit = Unit.objects.create(code=code, name=name, unit_type=unit_type, opened_on=day)
    UnitName.objects.create(unit=unit, name=name, valid_from=day)
    links = [UnitClosure(ancestor=unit, descendant=unit, depth=0)]
    if parent is not None:
        UnitParent.objects.create(unit=unit, parent=parent, valid_from=day)
        for ancestor_id, depth in parent.ancestor_links.values_list("ancestor_id", "depth"):
            links.append(UnitClosure(ancestor_id=ancestor_id, descendant=unit, depth=depth + 1))
    UnitClosure.objects.bulk_create(links)
    detail = {"code": code, "name": name, "parent": parent.code if parent else "", "effective_on": day.isoformat()}
    _event(unit, UnitEvent.Kind.OPENED, by, at, detail)
    return unit


def _open_heir(new: NewUnit, first: Unit, day: date, by: Actor, at: datetime) -> Unit:
    """The new unit that takes the place of `first`; an outlet when that is one."""
    parent = new.parent
    if parent is None:
        row = first.parent_rows.select_related("parent").filter(valid_to__isnull=True).first()
        if row is None:
            raise refusals.TopUnit
        parent = row.parent
    unit = _open(new.code, new.name, new.unit_type or first.unit_type, _again(parent), day, by, at)
    outlet = Outlet.objects.filter(unit=first).first()
    if outlet is not None:
        facts = {name: getattr(outlet, name) for name in OUTLET_FACTS}
        Outlet.objects.create(unit=unit, channel=outlet.channel, **facts)
    return unit


def _children_rows(units: Iterable[Unit], day: date) -> list[UnitParent]:
    """The open rows of what stands under `units`. Raises LaterChange when a child has left since `day`."""
    since = Q(valid_to__isnull=True) | Q(valid_to__gt=day)
    rows = list(
        UnitParent.objects.filter(since, parent__in=units).select_related("unit", "parent").order_by("unit__sort_key")
    )
    for row in rows:
        if row.valid_to is not None:
            raise refusals.LaterChange(unit=row.unit, day=row.valid_to)
    return rows


def _put_under(unit: Unit, row: UnitParent, parent: Unit, day: date, by: Actor, at: datetime) -> None:
    """Ends `row`, the unit's open one, on `day`, or replaces it if it began on that day."""
    if day < row.valid_from:
        raise refusals.LaterChange(unit=unit, day=row.valid_from)
    was = row.parent
    if day == row.valid_from:
        row.parent = parent
        row.save(update_fields=["parent"])
    else:
        row.valid_to = day
        row.save(update_fields=["valid_to"])
        UnitParent.objects.create(unit=unit, parent=parent, valid_from=day)
    detail = {"from": was.code, "to": parent.code, "effective_on": day.isoformat()}
    _event(unit, UnitEvent.Kind.MOVED, by, at, detail)


def _end(unit: Unit, day: date, at: datetime) -> None:
    """Closes the unit and its open rows. Raises LaterChange when anything about it is recorded from `day` on.

    ChangedToday instead when no day that has come would do: its open rows must last a day at least.
    """
    row = unit.parent_rows.filter(valid_to__isnull=True).first()
    name = unit.names.get(valid_to__isnull=True)
    if row is None:
        raise refusals.TopUnit
    today = timezone.localdate(at)
    if today in (row.valid_from, name.valid_from):
        raise refusals.ChangedToday(unit=unit, day=today + timedelta(days=1))
    if day <= unit.opened_on:
        raise refusals.BeforeOpened(unit=unit, day=unit.opened_on)
    recorded = [each.valid_from for each in (row, name) if each.valid_from >= day]
    recorded += [child.valid_to for child in unit.child_rows.filter(valid_to__gt=day) if child.valid_to]
    later = UnitSuccession.objects.filter(Q(predecessor=unit) | Q(successor=unit), effective_on__gt=day)
    recorded += later.values_list("effective_on", flat=True)
    if recorded:
        raise refusals.LaterChange(unit=unit, day=max(recorded))
    for each in (row, name):
        each.valid_to = day
        each.save(update_fields=["valid_to"])
    unit.closed_on = day
    unit.save(update_fields=["closed_on"])


def _succeed(
    kind: UnitSuccession.Kind,
    predecessor: Unit,
    successor: Unit,
    day: date,
    by: Actor,
    at: datetime,
    *,
    was: str,
    became: str,
    is_heir: bool = True,
) -> None:
    UnitSuccession.objects.create(
        kind=kind,
        predecessor=predecessor,
        successor=successor,
        carries_history=is_heir,
        effective_on=day,
        was=was,
        became=became,
        recorded_at=at,
        recorded_by=by,
    )


def _event(unit: Unit, kind: UnitEvent.Kind, by: Actor, at: datetime, detail: dict[str, Any]) -> None:
    UnitEvent.objects.create(unit=unit, kind=kind, by=by, at=at, detail=detail)


def _written(fact: Any) -> str:
    """A fact of an outlet as the event keeps it. Nothing known and nothing given read alike."""
    return f"{fact.code} {fact.name}" if isinstance(fact, Province) else str(fact or "")
