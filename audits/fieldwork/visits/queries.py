"""What a shopper reads over several models."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from audits.checklists.models import Checklist, Criterion
from audits.fieldwork.models import Answer, Submission, Visit
from audits.fieldwork.states import VisitState
from outlets.models import Placement, StaffMember, User


@dataclass(frozen=True)
class Item:
    """One visit in the shopper's list, with how far it is and why it stands where it stands."""

    visit: Visit
    answered: int = 0
    asked: int = 0
    remarks: int = 0
    days_left: int = 0
    is_to_submit: bool = False  # all follow-up answers are there, and not submitted


@dataclass(frozen=True)
class Agenda:
    """A shopper's open visits in the order in which they want attention."""

    returned: tuple[Item, ...] = ()
    started: tuple[Item, ...] = ()
    overdue: tuple[Item, ...] = ()
    follow_up: tuple[Item, ...] = ()
    today: tuple[Item, ...] = ()
    this_week: tuple[Item, ...] = ()
    later: tuple[Item, ...] = ()
    submitted_this_week: int = 0

    @property
    def is_empty(self) -> bool:
        return not (
            self.returned
            or self.started
            or self.overdue
            or self.follow_up
            or self.today
            or self.this_week
            or self.later
        )

    @property
    def to_check(self) -> list[Visit]:
        """The visits that have a page to check and submit them."""
        return [item.visit for item in (*self.returned, *self.started)]

    @property
    def now(self) -> int:
        """How many visits want something today."""
        return len(self.returned) + len(self.started) + len(self.overdue) + len(self.today)


def own_visits(user: User, *, with_voided: bool = False) -> QuerySet[Visit]:
    """A shopper's visits with all that a page names."""
    visits = Visit.objects.filter(shopper=user) if with_voided else Visit.objects.of_shopper(user)
    return visits.select_related(
        "outlet__unit", "outlet__province", "wave__checklist", "scenario", "version__checklist", "answer_card"
    )


def visits_to_fill_in(user: User, *, with_voided: bool = False) -> QuerySet[Visit]:
    """A shopper's visits with what the pages of the form name: less than others, since they are opened most."""
    visits = own_visits(user, with_voided=with_voided)
    return visits.select_related(None).select_related("outlet__unit", "wave__checklist", "version")


def agenda(user: User, today: date) -> Agenda:
    """The open visits of a shopper, sorted into groups. Four queries, whatever their number."""
    latest = Submission.objects.filter(visit=OuterRef("pk")).order_by("-number")
    open_visits = (
        own_visits(user)
        .annotate(open_follow_ups=Subquery(latest.values("open_follow_ups")[:1]))
        .filter(
            Q(state__in=[VisitState.ASSIGNED, VisitState.IN_PROGRESS, VisitState.RETURNED])
            | Q(state=VisitState.SUBMITTED, open_follow_ups__gt=0)
        )
        .annotate(open_remarks=Count("remarks", filter=Q(remarks__resolved_at__isnull=True), distinct=True))
        .order_by("due_on", "opens_on", "outlet__unit__sort_key", "pk")
    )
    visits = list(open_visits)
    started = [visit for visit in visits if visit.state == VisitState.IN_PROGRESS]
    awaiting = [visit for visit in visits if visit.state == VisitState.SUBMITTED]
    is_later = Q(criterion__stage=Criterion.Stage.FOLLOW_UP)
    answered = dict(
        Answer.objects.filter(Q(visit__in=started) & ~is_later | Q(visit__in=awaiting) & is_later)
        .exclude(value="", text="", number__isnull=True)
        .order_by()
        .values_list("visit")
        .annotate(Count("pk"))
    )
    asked = dict(
        Criterion.objects.filter(version__in={visit.version_id for visit in started})
        .exclude(stage=Criterion.Stage.FOLLOW_UP)
        .order_by()
        .values_list("version")
        .annotate(Count("pk"))
    )
    week_ends = today + timedelta(days=6 - today.weekday())
    groups: dict[str, list[Item]] = defaultdict(list)
    for visit in visits:
        item = Item(
            visit,
            answered=answered.get(visit.pk, 0),
            asked=asked.get(visit.version_id, 0),
            remarks=visit.open_remarks,
            days_left=(visit.due_on - today).days,
            is_to_submit=0 < (visit.open_follow_ups or 0) <= answered.get(visit.pk, 0) and visit in awaiting,
        )
        groups[_group(visit, today, week_ends)].append(item)
    since = today - timedelta(days=today.weekday())
    return Agenda(
        **{name: tuple(items) for name, items in groups.items()},
        submitted_this_week=Submission.objects.filter(
            visit__shopper=user, number=1, submitted_at__date__gte=since
        ).count(),
    )


def _group(visit: Visit, today: date, week_ends: date) -> str:
    if visit.state == VisitState.RETURNED:
        return "returned"
    if visit.state == VisitState.IN_PROGRESS:
        return "started"
    if visit.state == VisitState.SUBMITTED:
        return "follow_up"
    if visit.due_on < today:
        return "overdue"
    if visit.opens_on <= today:
        return "today"
    return "this_week" if visit.opens_on <= week_ends else "later"


def history(user: User) -> QuerySet[Visit]:
    """A shopper's visits that are over for them, for a listing; each with its latest receipt. No scores."""
    latest = Submission.objects.filter(visit=OuterRef("pk")).order_by("-number")
    return (
        own_visits(user)
        .filter(
            state__in=[
                VisitState.SUBMITTED,
                VisitState.APPROVED,
                VisitState.PUBLISHED,
                VisitState.NOT_POSSIBLE,
            ]
        )
        .annotate(receipt=Subquery(latest.values("receipt")[:1]))
    )


def next_visit(user: User, today: date) -> Visit | None:
    """The visit that wants attention next. One query."""
    waiting = own_visits(user).filter(
        Q(state__in=[VisitState.RETURNED, VisitState.IN_PROGRESS]) | Q(state=VisitState.ASSIGNED, opens_on__lte=today)
    )
    return waiting.order_by("due_on", "pk").first()


def staff_at(visit: Visit) -> QuerySet[StaffMember]:
    """Who worked at the visited outlet on the day of the visit, by given name."""
    day = visit.visited_on
    here = Placement.objects.filter(unit=visit.outlet_id, valid_from__lte=day).exclude(valid_to__lte=day)
    return StaffMember.objects.filter(pk__in=here.values("staff")).order_by("sort_key", "staff_number")


@dataclass(frozen=True)
class UnderWay:
    """Visits with a checklist that are neither published nor given up: begun, with a version, or still to begin."""

    begun: int
    to_begin: int


def under_way(checklist: Checklist) -> UnderWay:
    """How many visits with a checklist a new version meets. One query."""
    begun = (VisitState.IN_PROGRESS, VisitState.SUBMITTED, VisitState.RETURNED, VisitState.APPROVED)
    counts = Visit.objects.filter(wave__checklist=checklist).aggregate(
        begun=Count("pk", filter=Q(state__in=begun)),
        to_begin=Count("pk", filter=Q(state__in=(VisitState.PLANNED, VisitState.ASSIGNED))),
    )
    return UnderWay(**counts)
