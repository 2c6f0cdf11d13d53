"""Who makes which visit, and when. One visit, or all that a list shows.

Every assignment locks the shopper's account first, so that two coordinators, or a block made at the same
moment, see each other; the visit's own row decides the rest (`transitions`).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from audits.fieldwork.models import Visit, VisitEvent
from audits.fieldwork.planning import eligibility, refusals
from audits.fieldwork.planning.eligibility import Obstacle, Obstacles
from audits.fieldwork.states import BEFORE_SUBMISSION, VisitState
from audits.fieldwork.transitions import StaleState, move, move_many
from outlets.models import User

BEFORE_APPROVAL = frozenset({*BEFORE_SUBMISSION, VisitState.SUBMITTED, VisitState.RETURNED, VisitState.NOT_POSSIBLE})


class Skipped(StrEnum):
    """Why a visit of a bulk act was left as it is."""

    MOVED_ON = "moved_on"  # its state does not allow the act, or somebody was faster
    CLOSED = "closed"  # the outlet has been closed
    BLOCKED = "blocked"  # every chosen shopper is blocked there
    AGAIN = "again"  # every chosen shopper is at the same outlet too close in time
    NOBODY = "nobody"  # each for one of the two


@dataclass(frozen=True)
class Outcome:
    """What a bulk act did: the visits changed, for each shopper their number, and those left with the reason."""

    changed: int
    by_shopper: tuple[tuple[User, int], ...] = ()
    skipped: dict[Skipped, int] = field(default_factory=dict)


def assign(*, visit: Visit, shopper: User, by: User | None, at: datetime) -> Visit:
    """Gives a visit to a shopper; one already given, and not begun, changes hands in the same step.

    Raises NotAShopper, OutletClosed, Blocked, SameShopperAgain, AlreadyBegun (`refusals`); StaleState when the visit
    has moved on.
    """
    if visit.state == VisitState.ASSIGNED and visit.shopper_id == shopper.pk:
        return visit
    with transaction.atomic():
        hold([shopper])
        if not eligibility.shoppers().filter(pk=shopper.pk).exists():
            raise refusals.NotAShopper
        if visit.state == VisitState.NOT_POSSIBLE and (visit.started_at or visit.photos.exists()):
            raise refusals.AlreadyBegun
        obstacle = eligibility.obstacles([visit], [shopper.pk]).of(shopper.pk, visit)
        if obstacle is Obstacle.CLOSED:
            raise refusals.OutletClosed
        if obstacle is Obstacle.BLOCKED:
            raise refusals.Blocked
        if obstacle is Obstacle.AGAIN:
            raise refusals.SameShopperAgain(eligibility.same_shopper_months())
        move(
            visit,
            VisitState.ASSIGNED,
            kind=VisitEvent.Kind.ASSIGNED,
            by=by,
            at=at,
            note=shopper.shown_name,
            shopper=shopper,
            visited_on=None,
            not_possible_reason="",
            not_possible_note="",
        )
    return visit


def assign_many(*, visits: QuerySet[Visit], shoppers: Iterable[User], by: User | None, at: datetime) -> Outcome:
    """Gives every visit that nobody has yet to one of `shoppers`, evenly, the earliest first.

    A visit goes to the shopper with the fewest so far who may make it; one that none of them may make is skipped.
    Raises NotAShopper. The number of queries grows with 500 visits at a time, not with each.
    """
    chosen = sorted(set(shoppers), key=lambda user: user.shown_name)
    with transaction.atomic():
        hold(chosen)
        if eligibility.shoppers().filter(pk__in=[user.pk for user in chosen]).count() != len(chosen) or not chosen:
            raise refusals.NotAShopper
        locked = _locked(visits)
        waiting = [visit for visit in locked if visit.state == VisitState.PLANNED]
        shares, skipped = _share_out(waiting, [user.pk for user in chosen])
        given = []
        for user in chosen:
            moved = move_many(
                shares[user.pk],
                VisitState.ASSIGNED,
                kind=VisitEvent.Kind.ASSIGNED,
                by=by,
                at=at,
                only_from={VisitState.PLANNED},
                note=user.shown_name,
                shopper=user,
            )
            given.append((user, len(moved)))
    changed = sum(number for _, number in given)
    skipped[Skipped.MOVED_ON] = len(locked) - changed - skipped.total()
    return Outcome(changed, tuple(given), +skipped)


def withdraw(*, visit: Visit, by: User | None, at: datetime) -> Visit:
    """Takes back an assignment that has not been begun. Raises StaleState."""
    with transaction.atomic():
        move(visit, VisitState.PLANNED, kind=VisitEvent.Kind.UNASSIGNED, by=by, at=at, shopper=None, visited_on=None)
    return visit


def withdraw_many(*, visits: QuerySet[Visit], by: User | None, at: datetime, note: str = "") -> Outcome:
    """Takes back the assignments among `visits` that have not been begun; the others are left."""
    with transaction.atomic():
        locked = _locked(visits)
        moved = move_many(
            locked,
            VisitState.PLANNED,
            kind=VisitEvent.Kind.UNASSIGNED,
            by=by,
            at=at,
            note=note,
            shopper=None,
            visited_on=None,
        )
    return _outcome(locked, moved)


def reschedule(*, visit: Visit, opens_on: date, due_on: date, by: User | None, at: datetime) -> Visit:
    """Changes the days of a visit that has not been submitted, within its wave.

    Raises DatesReversed, InThePast, OutsideWave (`refusals`); StaleState when the visit has moved on.
    """
    if due_on < opens_on:
        raise refusals.DatesReversed
    if (opens_on, due_on) == (visit.opens_on, visit.due_on):
        return visit
    if due_on < timezone.localdate(at):
        raise refusals.InThePast
    if opens_on < visit.wave.starts_on or due_on > visit.wave.ends_on:
        raise refusals.OutsideWave
    with transaction.atomic():
        as_read = Visit.objects.filter(
            pk=visit.pk, state=visit.state, opens_on=visit.opens_on, due_on=visit.due_on, state__in=BEFORE_SUBMISSION
        )
        if not as_read.update(opens_on=opens_on, due_on=due_on):
            visit.refresh_from_db()
            raise StaleState(visit)
        VisitEvent.objects.create(
            visit=visit,
            kind=VisitEvent.Kind.RESCHEDULED,
            from_state=visit.state,
            to_state=visit.state,
            at=at,
            by=by,
            note=f"{_days(visit.opens_on, visit.due_on)} → {_days(opens_on, due_on)}",
        )
        visit.opens_on, visit.due_on = opens_on, due_on
    return visit


def void(*, visit: Visit, reason: str, by: User | None, at: datetime) -> Visit:
    """Takes a visit out of the plan, up to its approval. Nothing of it is deleted. Raises ReasonMissing, StaleState."""
    if not reason:
        raise refusals.ReasonMissing
    with transaction.atomic():
        move(
            visit,
            VisitState.VOIDED,
            kind=VisitEvent.Kind.VOIDED,
            by=by,
            at=at,
            only_from=BEFORE_APPROVAL,
            note=reason,
            void_reason=reason,
        )
    return visit


def void_many(*, visits: QuerySet[Visit], reason: str, by: User | None, at: datetime) -> Outcome:
    """Voids those of `visits` that no shopper has begun; what is begun is voided one by one. Raises ReasonMissing."""
    if not reason:
        raise refusals.ReasonMissing
    with transaction.atomic():
        locked = _locked(visits)
        moved = move_many(
            locked,
            VisitState.VOIDED,
            kind=VisitEvent.Kind.VOIDED,
            by=by,
            at=at,
            only_from={VisitState.PLANNED, VisitState.ASSIGNED},
            note=reason,
            void_reason=reason,
        )
    return _outcome(locked, moved)


def hold(shoppers: Sequence[User]) -> None:
    """Holds the shoppers' accounts until the transaction ends; on SQLite the transaction itself does."""
    list(User.objects.select_for_update(no_key=True).filter(pk__in=[user.pk for user in shoppers]).order_by("pk"))


def _locked(visits: QuerySet[Visit]) -> list[Visit]:
    """The visits, earliest first, held until the transaction ends; always taken in the same order."""
    rows = Visit.objects.select_for_update().filter(pk__in=visits.order_by().values("pk")).order_by("pk")
    return sorted(
        rows.only("state", "shopper", "outlet", "opens_on", "due_on"), key=lambda visit: (visit.due_on, visit.pk)
    )


def _share_out(visits: Sequence[Visit], shopper_ids: Sequence[int]) -> tuple[dict[int, list[Visit]], Counter[Skipped]]:
    """Each visit to the shopper with the fewest so far who may make it; the rest counted by reason."""
    found: Obstacles = eligibility.obstacles(visits, shopper_ids)
    shares: dict[int, list[Visit]] = {pk: [] for pk in shopper_ids}
    skipped: Counter[Skipped] = Counter()
    for visit in visits:
        against = {pk: found.of(pk, visit) for pk in shopper_ids}
        free = [pk for pk in shopper_ids if against[pk] is None]
        if free:
            taker = min(free, key=lambda pk: len(shares[pk]))
            shares[taker].append(visit)
            found.note(taker, visit)
        else:
            reasons = {reason for reason in against.values() if reason is not None}
            skipped[Skipped(reasons.pop()) if len(reasons) == 1 else Skipped.NOBODY] += 1
    return shares, skipped


def _outcome(asked: Sequence[Visit], moved: Sequence[Visit]) -> Outcome:
    left = len(asked) - len(moved)
    return Outcome(len(moved), skipped={Skipped.MOVED_ON: left} if left else {})


def _days(first: date, last: date) -> str:
    return f"{date_format(first, 'd/m/Y')}–{date_format(last, 'd/m/Y')}"
