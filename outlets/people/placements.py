"""Who works where: hiring, moving, renaming, leaving; and the reorganisations that take staff along.

Days are half-open, as in the organisation: a placement ends on the first day on which the person is no longer
there. What a rule forbids raises a PlacementRefused and nothing is written. Events hold codes, never names.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from outlets import text
from outlets.organisation import actions as organisation
from outlets.organisation.actions import NewUnit
from outlets.organisation.models import Unit
from outlets.organisation.refusals import ReorganisationRefused
from outlets.people.models import JobRole, Placement, StaffEvent, StaffMember, User


class PlacementRefused(Exception):
    """A change that a rule forbids. `str()` of it is a sentence; `field` names the argument that has to change."""

    sentence: Any = ""
    field = "effective_on"

    def __init__(self, *, day: date | None = None, **facts: object) -> None:
        self.day = day
        self.facts = facts
        super().__init__()

    def __str__(self) -> str:
        day = formats.date_format(self.day, "SHORT_DATE_FORMAT") if self.day else ""
        return str(self.sentence) % {**self.facts, "day": day}


class InFuture(PlacementRefused):
    sentence = _("This day has not come yet. Record the change on the day it takes effect, or later.")


class LaterChange(PlacementRefused):
    sentence = _("A change is already recorded for %(day)s. Choose a later day.")


class OutletNotThere(PlacementRefused):
    sentence = _("Choose an outlet that is open, and was on that day.")
    field = "unit"


class SamePlace(PlacementRefused):
    sentence = _("The person already works there in this job.")
    field = "unit"


class NumberUsed(PlacementRefused):
    sentence = _("Another person has this staff number.")
    field = "staff_number"


class AlreadyLeft(PlacementRefused):
    sentence = _("The person has already left.")
    field = "staff"


class AccountNotFree(PlacementRefused):
    """It is a shopper's, somebody else's, closed, or that of the administrator who does this."""

    sentence = _("This account cannot be linked: it must be an employee's, enabled, not yet linked, and not your own.")
    field = "user"


class StillStaffed(ReorganisationRefused):
    sentence = _("People still work at “%(name)s”. Move them to another outlet first.")
    field = "unit"


class StaffMovedLater(ReorganisationRefused):
    sentence = _("Somebody came to “%(name)s” after that day. Choose %(day)s or a later day.")


@transaction.atomic
def hire(
    *, staff_number: str, full_name: str, unit: Unit, job_role: JobRole, effective_on: date, by: User, at: datetime
) -> StaffMember:
    """A new staff member at an outlet from that day on. Raises NumberUsed, OutletNotThere, InFuture."""
    number = text.clean(staff_number, multiline=False)
    _check(unit, effective_on, at)
    if StaffMember.objects.filter(staff_number__iexact=number).exists():
        raise NumberUsed
    try:
        with transaction.atomic():
            staff = StaffMember.objects.create(staff_number=number, full_name=text.clean(full_name, multiline=False))
    except IntegrityError:  # somebody was faster
        raise NumberUsed from None
    Placement.objects.create(staff=staff, unit=unit, job_role=job_role, valid_from=effective_on)
    _event(staff, StaffEvent.Kind.HIRED, by, at, _where(unit, job_role, effective_on))
    return staff


@transaction.atomic
def move(
    *, staff: StaffMember, unit: Unit, job_role: JobRole, effective_on: date, by: User, at: datetime
) -> StaffMember:
    """To another outlet or job from that day on; a placement that began on that day is replaced.

    Somebody who has left is back at work. Raises SamePlace, OutletNotThere, InFuture, LaterChange.
    """
    staff = _again(staff)
    _check(unit, effective_on, at)
    last = staff.placements.order_by("-valid_from").first()
    if staff.left_on is not None:
        if effective_on < staff.left_on:
            raise LaterChange(day=staff.left_on)
        kind = StaffEvent.Kind.RETURNED
        staff.left_on = None
        staff.save(update_fields=["left_on"])
    else:
        kind = StaffEvent.Kind.MOVED
        if last is not None and (last.unit_id, last.job_role_id) == (unit.pk, job_role.pk):
            raise SamePlace
        if last is not None and effective_on < last.valid_from:
            raise LaterChange(day=last.valid_from)
    if last is not None and last.valid_to is None and last.valid_from == effective_on:
        last.unit, last.job_role = unit, job_role
        last.save(update_fields=["unit", "job_role"])
    else:
        staff.placements.filter(valid_to__isnull=True).update(valid_to=effective_on)
        Placement.objects.create(staff=staff, unit=unit, job_role=job_role, valid_from=effective_on)
    _event(staff, kind, by, at, _where(unit, job_role, effective_on))
    return staff


@transaction.atomic
def edit(*, staff: StaffMember, full_name: str, user: User | None, by: User, at: datetime) -> StaffMember:
    """Corrects the name and links, or unlinks, the account with which the person reads their own results.

    Raises AccountNotFree. No event when nothing changes.
    """
    staff, full_name = _again(staff), text.clean(full_name, multiline=False)
    if full_name != staff.full_name:
        staff.full_name = full_name
        staff.save(update_fields=["full_name"])
        _event(staff, StaffEvent.Kind.RENAMED, by, at, {})
    if user != staff.user:
        if user is not None:
            is_free = not StaffMember.objects.filter(user=user).exists()
            if user.kind != User.Kind.EMPLOYEE or not user.is_active or not is_free or user == by:
                raise AccountNotFree
        staff.user = user
        staff.save(update_fields=["user"])
        _event(staff, StaffEvent.Kind.LINKED, by, at, {"account": str(user.public_id) if user else ""})
    return staff


@transaction.atomic
def leave(*, staff: StaffMember, left_on: date, by: User, at: datetime) -> StaffMember:
    """Ends the person's work; `left_on` is the first day without them. Raises AlreadyLeft, InFuture, LaterChange."""
    staff = _again(staff)
    if left_on > timezone.localdate(at):
        raise InFuture
    if staff.left_on is not None:
        raise AlreadyLeft
    for placement in staff.placements.filter(valid_to__isnull=True):
        if left_on <= placement.valid_from:
            raise LaterChange(day=placement.valid_from)
        placement.valid_to = left_on
        placement.save(update_fields=["valid_to"])
    staff.left_on = left_on
    staff.save(update_fields=["left_on"])
    _event(staff, StaffEvent.Kind.LEFT, by, at, {"effective_on": left_on.isoformat()})
    return staff


# --- Reorganisations that people are part of --------------------------------------------------


@transaction.atomic
def merge_units(
    *, predecessors: Sequence[Unit], successor: Unit | NewUnit, effective_on: date, by: User, at: datetime
) -> Unit:
    """As `organisation.merge`; whoever works at a merged outlet works at the successor from that day on.

    Raises StaffMovedLater besides.
    """
    heir = organisation.merge(predecessors=predecessors, successor=successor, effective_on=effective_on, by=by, at=at)
    _take_along(predecessors, heir, effective_on, by, at)
    return heir


@transaction.atomic
def split_unit(
    *,
    unit: Unit,
    into: Sequence[tuple[str, str]],
    assign: Mapping[Unit, str],
    heir: str,
    effective_on: date,
    by: User,
    at: datetime,
) -> list[Unit]:
    """As `organisation.split`; whoever works at a split outlet works at the part that carries on its history.

    Raises StaffMovedLater besides.
    """
    parts = organisation.split(unit=unit, into=into, assign=assign, heir=heir, effective_on=effective_on, by=by, at=at)
    _take_along([unit], next(part for part in parts if part.code == heir), effective_on, by, at)
    return parts


@transaction.atomic
def close_unit(*, unit: Unit, closed_on: date, by: User, at: datetime) -> Unit:
    """As `organisation.close_unit`. Raises StillStaffed while people work there."""
    unit = organisation.close_unit(unit=unit, closed_on=closed_on, by=by, at=at)
    if Placement.objects.filter(unit=unit).exclude(valid_to__lte=closed_on).exists():
        raise StillStaffed(unit=unit)
    return unit


def _take_along(old: Sequence[Unit], heir: Unit, day: date, by: User, at: datetime) -> None:
    """Runs under the organisation's lock, so nobody else reorganises meanwhile."""
    rows = Placement.objects.select_for_update().filter(unit__in=old).exclude(valid_to__lte=day)
    for row in rows.order_by("-valid_from", "-pk"):
        if row.valid_to is not None or row.valid_from > day:
            raise StaffMovedLater(
                unit=next(unit for unit in old if unit.pk == row.unit_id), day=row.valid_to or row.valid_from
            )
        if row.valid_from == day:
            row.unit = heir
            row.save(update_fields=["unit"])
        else:
            row.valid_to = day
            row.save(update_fields=["valid_to"])
            Placement.objects.create(staff_id=row.staff_id, unit=heir, job_role_id=row.job_role_id, valid_from=day)
        detail = {"unit": heir.code, "effective_on": day.isoformat()}
        StaffEvent.objects.create(staff_id=row.staff_id, kind=StaffEvent.Kind.MOVED, by=by, at=at, detail=detail)


def _again(staff: StaffMember) -> StaffMember:
    """The person as they are now, locked until the end of the transaction."""
    return StaffMember.objects.select_for_update(of=("self",), no_key=True).select_related("user").get(pk=staff.pk)


def _check(unit: Unit, day: date, at: datetime) -> None:
    if day > timezone.localdate(at):
        raise InFuture
    there = Unit.objects.open().filter(pk=unit.pk, outlet__isnull=False, opened_on__lte=day)
    # Locked, so that a reorganisation that closes it waits and takes the new placement along.
    if not there.select_for_update(of=("self",), no_key=True).exists():
        raise OutletNotThere


def _where(unit: Unit, job_role: JobRole, day: date) -> dict[str, str]:
    return {"unit": unit.code, "job": job_role.code, "effective_on": day.isoformat()}


def _event(staff: StaffMember, kind: StaffEvent.Kind, by: User, at: datetime, detail: dict[str, str]) -> None:
    StaffEvent.objects.create(staff=staff, kind=kind, by=by, at=at, detail=detail)
