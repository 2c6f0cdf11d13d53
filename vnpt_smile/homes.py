"""What each role's home shows. Counts only; no figure of a visit that has not been published (DESIGN §8)."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from audits.checklists.models import Checklist, ChecklistVersion
from audits.checklists.queries import checklists
from audits.fieldwork.models import Visit, Wave
from audits.fieldwork.planning.queries import Coverage, coverage_by_wave, overdue
from audits.fieldwork.states import VisitState
from audits.review.queries import readable_by
from outlets.models import Channel, Outlet, Placement, StaffMember, Unit, UnitEvent, User
from outlets.people.permissions import Scope


@dataclass(frozen=True)
class WaveRow:
    wave: Wave
    coverage: Coverage


@dataclass(frozen=True)
class Plan:
    """What a coordinator looks at first."""

    running: tuple[WaveRow, ...]
    to_assign: int
    overdue: int


def plan(today: date) -> Plan:
    """The running waves with their coverage. Three queries."""
    running = list(
        Wave.objects.filter(starts_on__lte=today, ends_on__gte=today)
        .select_related("checklist", "unit")
        .order_by("ends_on", "sort_key", "pk")
    )
    coverage = coverage_by_wave(running, today)
    counts = Visit.objects.aggregate(
        to_assign=Count("pk", filter=Q(state=VisitState.PLANNED, due_on__gte=today)),
        overdue=Count("pk", filter=overdue(today)),
    )
    return Plan(tuple(WaveRow(wave, coverage[wave.pk]) for wave in running), counts["to_assign"], counts["overdue"])


@dataclass(frozen=True)
class Queue:
    """What a reviewer looks at first: visits that wait, the longest waiting first."""

    waiting: int
    returned: int
    oldest: tuple[Visit, ...]


def queue(user: User) -> Queue:
    """Two queries."""
    visits = readable_by(user)
    counts = visits.order_by().aggregate(
        waiting=Count("pk", filter=Q(state=VisitState.SUBMITTED)),
        returned=Count("pk", filter=Q(state=VisitState.RETURNED)),
    )
    oldest = visits.filter(state=VisitState.SUBMITTED).order_by("submitted_at", "pk")[:5]
    return Queue(counts["waiting"], counts["returned"], tuple(oldest))


@dataclass(frozen=True)
class ChannelCount:
    label: str
    outlets: int


@dataclass(frozen=True)
class OwnUnits:
    """The units a manager or observer answers for, and what they hold."""

    units: tuple[Unit, ...]
    channels: tuple[ChannelCount, ...]
    outlets: int


def own_units(scope: Scope) -> OwnUnits:
    """Two queries."""
    units = Unit.objects.open()
    named = units.filter(pk__in=scope.unit_ids) if not scope.is_everything else units.none()
    counts = dict(
        Outlet.objects.open().visible_to(scope).order_by().values_list("channel").annotate(number=Count("pk"))
    )
    channels = tuple(ChannelCount(str(c.label), counts[c.value]) for c in Channel if counts.get(c.value))
    return OwnUnits(tuple(named.select_related("unit_type")), channels, sum(channel.outlets for channel in channels))


def running_checklists(channel: str = "") -> QuerySet[Checklist]:
    """The checklists with a running version and their number of drafts; of one channel when it is given."""
    drafts = Count("versions", filter=Q(versions__state=ChecklistVersion.State.DRAFT))
    rows = checklists(only_running=True).annotate(drafts=drafts).order_by("position", "code")
    return rows.filter(channel=channel) if channel else rows


def own_placement(user: User) -> Placement | None:
    """Where a staff member works now. One query."""
    return (
        Placement.objects.filter(staff__user=user, valid_to__isnull=True)
        .select_related("unit__outlet", "job_role", "staff")
        .first()
    )


@dataclass(frozen=True)
class Organisation:
    """What a system administrator keeps."""

    units: int
    outlets: int
    staff: int
    accounts: int
    changes: tuple[UnitEvent, ...]


def organisation() -> Organisation:
    """Five queries."""
    return Organisation(
        units=Unit.objects.open().filter(outlet__isnull=True).count(),
        outlets=Outlet.objects.open().count(),
        staff=StaffMember.objects.filter(left_on__isnull=True).count(),
        accounts=User.objects.filter(is_active=True).count(),
        changes=tuple(UnitEvent.objects.select_related("unit", "by").order_by("-at", "-pk")[:6]),
    )
