"""How much each shopper has to do, and who could take a visit. A shopper is a code here, never a name."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from audits.fieldwork.models import BlockedUnit, Visit
from audits.fieldwork.planning import eligibility
from audits.fieldwork.planning.eligibility import Obstacle, Obstacles
from audits.fieldwork.planning.queries import monday_of, overdue
from audits.fieldwork.states import CARRIED_OUT, VisitState
from outlets.dates import month_bounds
from outlets.models import User

OPEN = frozenset({VisitState.ASSIGNED, VisitState.IN_PROGRESS, VisitState.RETURNED})
WEEKS_BACK, WEEKS_AHEAD = 4, 8


@dataclass(frozen=True)
class WeekLoad:
    """A shopper's week, Monday to Sunday: visits still open that are due in it, and visits made in it."""

    monday: date
    sunday: date
    is_current: bool
    open: int
    done: int


@dataclass(frozen=True)
class Candidate:
    """A shopper to whom visits could be given: `open` visits now, `near` of them due in the weeks in question.

    `kept_from` is how many of the visits in question the rules keep from this shopper.
    """

    shopper: User
    open: int
    near: int
    kept_from: int

    @property
    def code(self) -> str:
        return self.shopper.shown_name


@dataclass(frozen=True)
class Choice:
    """Who may be given one visit, the least busy first, and how many may not, by reason.

    Nobody may while `is_closed`, which the outlet then is.
    """

    free: tuple[Candidate, ...]
    is_closed: bool
    blocked: int
    again: int


def with_load(today: date) -> QuerySet[User]:
    """Every shopper account with open_visits, overdue_visits, done_this_month, blocked and is_available. A queryset."""
    first, last = month_bounds(today)
    blocks = BlockedUnit.objects.current().filter(shopper=OuterRef("pk")).order_by().values("shopper")
    return User.objects.filter(kind=User.Kind.SHOPPER).annotate(
        open_visits=_number(Q(state__in=OPEN)),
        overdue_visits=_number(overdue(today)),
        done_this_month=_number(Q(state__in=CARRIED_OUT, visited_on__range=(first, last))),
        blocked=Coalesce(Subquery(blocks.annotate(number=Count("pk")).values("number")), 0),
        is_available=Exists(eligibility.shoppers().filter(pk=OuterRef("pk"))),
    )


def _number(condition: Q) -> Coalesce:
    visits = Visit.objects.filter(condition, shopper=OuterRef("pk")).order_by().values("shopper")
    return Coalesce(Subquery(visits.annotate(number=Count("pk")).values("number")), 0)


def weeks_of(shopper: User, today: date) -> tuple[WeekLoad, ...]:
    """The shopper's weeks from four back to eight ahead, empty ones included. Two queries."""
    this_monday = monday_of(today)
    mondays = [this_monday + timedelta(weeks=number) for number in range(-WEEKS_BACK, WEEKS_AHEAD + 1)]
    days = (mondays[0], mondays[-1] + timedelta(days=6))
    visits = Visit.objects.filter(shopper=shopper).order_by()
    open_by = _by_week(visits.filter(state__in=OPEN, due_on__range=days), "due_on")
    done_by = _by_week(visits.filter(state__in=CARRIED_OUT, visited_on__range=days), "visited_on")
    return tuple(
        WeekLoad(
            monday, monday + timedelta(days=6), monday == this_monday, open_by.get(monday, 0), done_by.get(monday, 0)
        )
        for monday in mondays
    )


def _by_week(visits: QuerySet[Visit], column: str) -> dict[date, int]:
    weeks: dict[date, int] = {}
    for day, number in visits.values_list(column).annotate(number=Count("pk")):
        weeks[monday_of(day)] = weeks.get(monday_of(day), 0) + number
    return weeks


def candidates(visits: list[Visit]) -> list[Candidate]:
    """Every shopper who can be given visits, the least busy in those weeks first.

    Three queries, and three more for each 500 outlets.
    """
    return _candidates(visits)[0] if visits else []


def _candidates(visits: list[Visit]) -> tuple[list[Candidate], Obstacles]:
    first = monday_of(min(visit.opens_on for visit in visits))
    last = monday_of(max(visit.due_on for visit in visits)) + timedelta(days=6)
    shoppers = list(
        eligibility.shoppers().annotate(
            open_visits=_number(Q(state__in=OPEN)), near_visits=_number(Q(state__in=OPEN, due_on__range=(first, last)))
        )
    )
    found = eligibility.obstacles(visits, [user.pk for user in shoppers])
    kept_from = found.kept_from(visits)
    rows = [Candidate(user, user.open_visits, user.near_visits, kept_from[user.pk]) for user in shoppers]
    return sorted(rows, key=lambda each: (each.near, each.open, each.code)), found


def choice(visit: Visit) -> Choice:
    """Who may be given `visit`. At most six queries."""
    everybody, found = _candidates([visit])
    against = {each.shopper.pk: found.of(each.shopper.pk, visit) for each in everybody}
    return Choice(
        is_closed=visit.outlet_id in found.closed,
        free=tuple(each for each in everybody if against[each.shopper.pk] is None),
        blocked=sum(1 for obstacle in against.values() if obstacle is Obstacle.BLOCKED),
        again=sum(1 for obstacle in against.values() if obstacle is Obstacle.AGAIN),
    )


def blocks_of(shopper: User) -> QuerySet[BlockedUnit]:
    """The shopper's blocks in force, by name of the unit, each with who made it. A queryset."""
    blocks = BlockedUnit.objects.current().filter(shopper=shopper).select_related("unit", "added_by")
    return blocks.order_by(F("unit__sort_key"), "pk")
