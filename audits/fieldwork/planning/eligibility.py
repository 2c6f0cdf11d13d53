"""Who may be given which visit: an open shopper account and outlet, no blocked unit above it, no return too soon.

The rules are read here once for one visit or ten thousand; the actions ask again inside their transaction.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from django.conf import settings
from django.db.models import QuerySet

from audits.fieldwork.models import BlockedUnit, Visit
from audits.fieldwork.planning.schedule import months_apart
from audits.fieldwork.states import VisitState
from outlets.models import Membership, Role, Unit, UnitClosure, User
from outlets.organisation import tree

CHUNK = 500  # outlets named in one statement


class Obstacle(StrEnum):
    """Why a shopper cannot be given a visit."""

    CLOSED = "closed"  # the outlet is, so nobody can be given it
    BLOCKED = "blocked"
    AGAIN = "again"  # another visit of the same shopper at the same outlet, too close in time


@dataclass(frozen=True)
class Stay:
    """Another visit of a shopper at an outlet: the first and the last day on which it was, or may be, made."""

    visit_id: int
    first: date
    last: date


@dataclass(frozen=True)
class Obstacles:
    """What stands between some shoppers and some visits. `stays` grows while many visits are given out."""

    months: int
    shoppers: frozenset[int]  # those who were asked about
    closed: frozenset[int]  # outlets
    blocked: frozenset[tuple[int, int]]  # (shopper, outlet)
    stays: dict[tuple[int, int], list[Stay]] = field(default_factory=dict)

    def of(self, shopper_id: int, visit: Visit) -> Obstacle | None:
        """What keeps this shopper from this visit, if anything."""
        if visit.outlet_id in self.closed:
            return Obstacle.CLOSED
        if (shopper_id, visit.outlet_id) in self.blocked:
            return Obstacle.BLOCKED
        stays = self.stays.get((shopper_id, visit.outlet_id))
        if not stays or not self.months:
            return None
        earliest, latest = months_apart(visit.opens_on, -self.months), months_apart(visit.due_on, self.months)
        for stay in stays:
            if stay.visit_id != visit.pk and stay.last > earliest and stay.first < latest:
                return Obstacle.AGAIN
        return None

    def kept_from(self, visits: Sequence[Visit]) -> Counter[int]:
        """By shopper, how many of `visits` something keeps them from. Looks at nothing where nothing is."""
        at_outlet = defaultdict(list)
        for visit in visits:
            at_outlet[visit.outlet_id].append(visit)
        closed = sum(visit.outlet_id in self.closed for visit in visits)
        number: Counter[int] = Counter(dict.fromkeys(self.shoppers, closed))
        for shopper_id, outlet_id in self.blocked | self.stays.keys():
            if outlet_id in self.closed:
                continue
            number[shopper_id] += sum(self.of(shopper_id, visit) is not None for visit in at_outlet[outlet_id])
        return number

    def note(self, shopper_id: int, visit: Visit) -> None:
        """Counts `visit` among the shopper's own from now on."""
        stay = Stay(visit.pk, visit.opens_on, visit.due_on)
        self.stays.setdefault((shopper_id, visit.outlet_id), []).append(stay)


def same_shopper_months() -> int:
    """How many months must lie between two visits of one shopper at one outlet. 0: no such rule."""
    return settings.SAME_SHOPPER_MONTHS


def shoppers() -> QuerySet[User]:
    """Everybody who can be given a visit: active accounts of the kind, with an open membership as shopper."""
    memberships = Membership.objects.current().filter(role=Role.SHOPPER)
    return User.objects.filter(kind=User.Kind.SHOPPER, is_active=True, pk__in=memberships.values("user"))


def obstacles(visits: Sequence[Visit], shopper_ids: Iterable[int]) -> Obstacles:
    """What keeps any of these shoppers from any of these visits.

    Who is blocked at a unit is blocked at what merges and splits made of it. Two queries, and three more for each 500
    outlets (one, and two more, when nothing is blocked).
    """
    wanted, months = frozenset(shopper_ids), same_shopper_months()
    outlets = sorted({visit.outlet_id for visit in visits})
    shoppers_of = defaultdict(list)
    blocks = BlockedUnit.objects.current().filter(shopper__in=wanted).order_by()
    for unit_id, shopper_id in blocks.values_list("unit", "shopper"):
        shoppers_of[unit_id].append(shopper_id)
    if shoppers_of:
        for unit_id, heir_ids in tree.heirs_by_unit(blocks.values("unit")).items():
            for heir_id in heir_ids:
                shoppers_of[heir_id] += shoppers_of[unit_id]
    closed: set[int] = set()
    blocked: set[tuple[int, int]] = set()
    stays: dict[tuple[int, int], list[Stay]] = {}
    for start in range(0, len(outlets), CHUNK):
        some = outlets[start : start + CHUNK]
        closed.update(Unit.objects.filter(pk__in=some, closed_on__isnull=False).values_list("pk", flat=True))
        if shoppers_of:
            below = UnitClosure.objects.filter(ancestor__in=list(shoppers_of), descendant__in=some)
            for unit_id, outlet_id in below.values_list("ancestor", "descendant"):
                blocked |= {(shopper_id, outlet_id) for shopper_id in shoppers_of[unit_id]}
        for shopper_id, outlet_id, visit_id, opens_on, due_on, visited_on in _near(visits, some, wanted, months):
            stay = Stay(visit_id, visited_on or opens_on, visited_on or due_on)
            stays.setdefault((shopper_id, outlet_id), []).append(stay)
    return Obstacles(months, wanted, frozenset(closed), frozenset(blocked), stays)


def _near(
    visits: Sequence[Visit], outlets: list[int], shopper_ids: frozenset[int], months: int
) -> Iterable[tuple[int, int, int, date, date, date | None]]:
    """Other visits of these shoppers at these outlets that may come too close to any of `visits`.

    Each as (shopper, outlet, visit, first day, last day, day of the visit): rows of models would take twice as long.
    """
    if not months:
        return []
    rows = (
        Visit.objects.filter(
            shopper__in=shopper_ids,
            outlet__in=outlets,
            due_on__gt=months_apart(min(visit.opens_on for visit in visits), -months - 1),
            opens_on__lt=months_apart(max(visit.due_on for visit in visits), months + 1),
        )
        .exclude(state=VisitState.VOIDED)
        .order_by()
    )
    return rows.values_list("shopper", "outlet", "pk", "opens_on", "due_on", "visited_on")
