"""Reads over staff and where they work. Every docstring states the number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import FilteredRelation, Q, QuerySet

from outlets import text
from outlets.columns import search_rank
from outlets.organisation import queries as organisation
from outlets.organisation.models import Unit
from outlets.people.models import JobRole, Placement, StaffEvent, StaffMember


@dataclass(frozen=True)
class StaffRow:
    """Somebody in a list. Many share a name, so the number and the outlet always stand beside it."""

    staff: StaffMember
    unit: Unit | None
    job: str


def everybody() -> QuerySet[StaffMember]:
    """All staff, with `current`, the placement that has not ended, to sort and filter by. No query until it is read."""
    open_row = FilteredRelation("placements", condition=Q(placements__valid_to__isnull=True))
    found: QuerySet[StaffMember] = StaffMember.objects.annotate(current=open_row)
    return found


def matching(staff: QuerySet[StaffMember], query: str) -> QuerySet[StaffMember]:
    """Those of `everybody()` with every word in their name, their number or the name or code of their outlet.

    In the order of `search_rank`. No query until it is read.
    """
    for word in text.search_words(query):
        staff = staff.filter(Q(search_text__contains=word) | Q(current__unit__search_text__contains=word))
    return staff.annotate(_rank=search_rank(query)).order_by("_rank", "sort_key", "staff_number")


def staff_rows(staff: Iterable[StaffMember]) -> tuple[StaffRow, ...]:
    """The rows of one page, each with where the person works or last worked. One query."""
    staff = list(staff)
    placed: dict[int, Placement] = {}
    rows = Placement.objects.filter(staff__in=staff).select_related("unit", "job_role")
    for row in rows.order_by("valid_from", "pk"):
        placed[row.staff_id] = row
    return tuple(
        StaffRow(each, placed[each.pk].unit, placed[each.pk].job_role.name)
        if each.pk in placed
        else StaffRow(each, None, "")
        for each in staff
    )


@dataclass(frozen=True)
class PlacementRow:
    """Where somebody worked, as what, from one day until another; `until` is the first day no longer, or None."""

    unit: organisation.Step
    job: str
    since: date
    until: date | None


def placements(staff: StaffMember) -> tuple[PlacementRow, ...]:
    """Where the person works and worked, the newest first. One query."""
    rows = staff.placements.select_related("unit", "job_role").order_by("-valid_from", "-pk")
    return tuple(
        PlacementRow(
            organisation.Step(row.unit.public_id, row.unit.code, row.unit.name),
            row.job_role.name,
            row.valid_from,
            row.valid_to,
        )
        for row in rows
    )


def last_place(staff: StaffMember) -> dict[str, Any]:
    """Outlet and job where the person works or last worked, as a form starts from them. No closed outlet. One query."""
    row = staff.placements.select_related("unit", "job_role").order_by("-valid_from", "-pk").first()
    if row is None:
        return {}
    return {"unit": row.unit if row.unit.closed_on is None else None, "job_role": row.job_role}


@dataclass(frozen=True)
class StaffEventRow:
    """Who recorded what of a staff member, and when."""

    at: datetime
    by: str
    label: str
    detail: str


def events(staff: StaffMember, number: int = 20) -> tuple[StaffEventRow, ...]:
    """The last changes recorded, the newest first. One query."""
    rows = StaffEvent.objects.filter(staff=staff).select_related("by").order_by("-at", "-pk")[:number]
    return tuple(
        StaffEventRow(
            row.at, row.by.shown_name if row.by else "", row.get_kind_display(), str(row.detail.get("unit", ""))
        )
        for row in rows
    )


def jobs() -> list[tuple[str, str]]:
    """Code and name of every job, for a filter. One query."""
    return [(job.code, job.name) for job in JobRole.objects.all()]
