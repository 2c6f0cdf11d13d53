"""What each role's home shows. Counts only; no figure of a visit that has not been published (DESIGN §8)."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet
from django.utils.translation import get_language

from audits.checklists.models import Checklist, ChecklistVersion
from audits.checklists.queries import add_drafts, add_sent_back, checklists, unpublished
from audits.fieldwork.models import Visit, Wave
from audits.fieldwork.planning.queries import Coverage, coverage_by_wave, overdue
from audits.fieldwork.states import VisitState
from audits.results import early_topics
from audits.results.briefing import Briefing, last_closed
from audits.results.briefing import read as read_briefing
from audits.results.charts import least_of
from audits.results.kept import Kept, stamp
from audits.results.models import EarlyTopic
from audits.review.queries import readable_by
from audits.review.queue import INCOMPLETE, waiting
from outlets.models import Channel, Outlet, Placement, StaffMember, Unit, UnitEvent, User
from outlets.organisation import queries as organisation_queries
from outlets.organisation.queries import paths
from outlets.people.permissions import Scope

WAVES_SHOWN = 12
WEEKS_SHOWN = 3


@dataclass(frozen=True)
class WaveRow:
    """A wave that wants to be watched. `is_over`: its days have passed, some of its visits are still open."""

    wave: Wave
    coverage: Coverage
    is_over: bool


@dataclass(frozen=True)
class Plan:
    """What a coordinator looks at first.

    `to_assign` counts the running waves alone; `coming_to_assign` those that have not begun. `waves` are the first
    WAVES_SHOWN to watch, those that are over before those that end next; `assign_next` is the running wave that ends
    first among those with visits to assign.
    """

    waves: tuple[WaveRow, ...]
    running: int
    to_assign: int
    overdue: int
    coming: int
    coming_to_assign: int
    assign_next: Wave | None


def plan(today: date) -> Plan:
    """Waves that run, that are over with visits still open, and that are to come. Two queries."""
    has_overdue = Q(pk__in=Visit.objects.filter(overdue(today)).order_by().values("wave"))
    waves = list(
        Wave.objects.filter(Q(ends_on__gte=today) | has_overdue)
        .select_related("checklist", "unit")
        .order_by("ends_on", "sort_key", "pk")
    )
    coverage = coverage_by_wave(waves, today)
    begun = [wave for wave in waves if wave.starts_on <= today]
    running = [wave for wave in begun if wave.ends_on >= today]
    coming = [wave for wave in waves if wave.starts_on > today]
    return Plan(
        waves=tuple(WaveRow(wave, coverage[wave.pk], wave.ends_on < today) for wave in begun[:WAVES_SHOWN]),
        running=len(running),
        to_assign=sum(coverage[wave.pk].planned for wave in running),
        overdue=sum(coverage[wave.pk].overdue for wave in waves),
        coming=len(coming),
        coming_to_assign=sum(coverage[wave.pk].planned for wave in coming),
        assign_next=next((wave for wave in running if coverage[wave.pk].planned), None),
    )


@dataclass(frozen=True)
class Queue:
    """What a reviewer looks at first: visits that wait, of those that can be decided the longest waiting first."""

    waiting: int
    returned: int
    oldest: tuple[Visit, ...]


def queue(user: User, *, at: datetime) -> Queue:
    """Two queries."""
    visits = readable_by(user)
    counts = (
        visits.filter(state__in=(VisitState.SUBMITTED, VisitState.RETURNED))
        .order_by()
        .aggregate(
            waiting=Count("pk", filter=Q(state=VisitState.SUBMITTED)),
            returned=Count("pk", filter=Q(state=VisitState.RETURNED)),
        )
    )
    oldest = waiting(user, at=at).exclude(urgency=INCOMPLETE).order_by("submitted_at", "pk")[:5]
    return Queue(counts["waiting"], counts["returned"], tuple(oldest))


@dataclass(frozen=True)
class OwnUnit:
    """A unit that a manager or observer answers for. `above` is what it stands under, the top first."""

    name: str
    code: str
    unit_type: str
    above: tuple[str, ...]
    is_outlet: bool = False


@dataclass(frozen=True)
class ChannelCount:
    channel: Channel
    label: str
    outlets: int


@dataclass(frozen=True)
class OwnUnits:
    """A reader's own units and the open outlets they hold; `units` is empty for who reads the whole organisation."""

    units: tuple[OwnUnit, ...]
    channels: tuple[ChannelCount, ...]
    outlets: int

    @property
    def name(self) -> str:
        return ", ".join(unit.name for unit in self.units)

    @property
    def is_one_outlet(self) -> bool:
        return len(self.units) == 1 and self.units[0].is_outlet


def own_units(scope: Scope) -> OwnUnits:
    """Three queries."""
    units = list(Unit.objects.open().filter(pk__in=scope.unit_ids).select_related("unit_type", "outlet"))
    above = paths(units)
    counts = dict(
        Outlet.objects.open().visible_to(scope).order_by().values_list("channel").annotate(number=Count("pk"))
    )
    return OwnUnits(
        units=tuple(
            OwnUnit(
                unit.name,
                unit.code,
                unit.unit_type.name,
                tuple(step.name for step in above[unit.pk]),
                is_outlet=hasattr(unit, "outlet"),
            )
            for unit in units
        ),
        channels=tuple(ChannelCount(c, str(c.label), counts[c.value]) for c in Channel if counts.get(c.value)),
        outlets=sum(counts.values()),
    )


@dataclass(frozen=True)
class Week:
    """A unit's briefing after the latest closing. `least`: where the tracks of its ranges begin.

    `early` are the topics of an outlet of which nothing was published then.
    """

    unit: Unit
    briefing: Briefing
    least: int
    early: tuple[EarlyTopic, ...] = ()
    has_evidence: bool = False  # that its reader may open


def weeks(scope: Scope, *, may_see_evidence: bool) -> tuple[Week, ...]:
    """The weeks of a reader's own units, the first WEEKS_SHOWN by name; none while no month is closed.

    Two queries, and for each unit those of a briefing, and one where it is an outlet.
    """
    month = last_closed()
    if month is None:
        return ()
    rows = Unit.objects.open().filter(pk__in=scope.unit_ids).select_related("outlet")
    units = rows.order_by("sort_key", "pk")[:WEEKS_SHOWN]
    briefings = [(unit, read_briefing(unit, month)) for unit in units]
    return tuple(
        Week(
            unit=unit,
            briefing=each,
            least=least_of([headline.range.low for headline in each.card.headlines if headline.range]),
            early=early_topics.of_outlet(unit.pk) if may_see_evidence and hasattr(unit, "outlet") else (),
            has_evidence=may_see_evidence,
        )
        for unit, each in briefings
    )


_group: Kept[Briefing] = Kept(4)


def group_briefing() -> Briefing | None:
    """The briefing of the top unit after the latest closing; None while no month is closed.

    One query then; else three, and those of a briefing once for each process and language.
    """
    month = last_closed()
    if month is None or (top := organisation_queries.top()) is None:
        return None
    key = (top.pk, month, get_language(), stamp())
    found = _group.get(key, lambda: read_briefing(top, month))
    return found if found.card.headlines else None


def running_checklists(*channels: str) -> QuerySet[Checklist]:
    """The checklists with a running version; of these channels when some are given. One query when read."""
    rows = checklists(only_running=True).order_by("position", "code")
    return rows.filter(channel__in=channels) if channels else rows


def edited_checklists() -> list[Checklist]:
    """The checklists that run or have run, each with its `drafts`. Two queries."""
    rows = checklists(only_running=False).order_by("position", "code")
    ran = [each for each in rows if each.last_id]  # type: ignore[attr-defined]  # of the annotation
    add_drafts(ran)
    return ran


def drafts() -> list[ChecklistVersion]:
    """What of all checklists has not run yet, the newest first, with the words it was sent back with. Two queries."""
    rows = list(unpublished().select_related("checklist", "created_by").order_by("-created_at", "-pk"))
    add_sent_back(rows)
    return rows


def proposals() -> QuerySet[ChecklistVersion]:
    """The versions that wait for approval, the oldest first. One query when read."""
    rows = ChecklistVersion.objects.filter(state=ChecklistVersion.State.PROPOSED)
    return rows.select_related("checklist", "proposed_by").order_by("proposed_at", "pk")


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
