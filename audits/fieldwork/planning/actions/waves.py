"""Waves: planned with all their visits at once, extended, renamed, called off."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from audits.checklists.models import Checklist, ChecklistVersion
from audits.fieldwork.models import Scenario, Visit, VisitEvent, Wave
from audits.fieldwork.planning import queries, refusals, schedule
from audits.fieldwork.planning.schedule import Window
from audits.fieldwork.states import VisitState
from audits.fieldwork.transitions import CHUNK, move_many
from outlets.models import Outlet, Unit, User

LONGEST_DAYS = 366
FARTHEST_DAYS = 731
NOT_BEGUN = frozenset({VisitState.PLANNED, VisitState.ASSIGNED})


@dataclass(frozen=True)
class Cancelled:
    """What calling off a wave did: visits voided, and visits left because a shopper had begun them or was done."""

    voided: int
    kept: int


def plan(
    *,
    name: str,
    checklist: Checklist,
    unit: Unit,
    visits_per_outlet: int,
    starts_on: date,
    ends_on: date,
    scenarios: Iterable[Scenario] = (),
    outlets: QuerySet[Outlet] | None = None,
    note: str = "",
    public_id: UUID | None = None,
    by: User | None,
    at: datetime,
) -> Wave:
    """Creates a wave with `visits_per_outlet` planned visits at each open outlet of the checklist's channel below
    `unit`, spread over its weeks, the scenarios in turn. `outlets` narrows the choice.

    `public_id` makes a form that arrives twice create one wave. Raises AlreadyPlanned, NoRunningVersion, NoOutlet,
    DatesReversed, InThePast, TooFar, TooShort, TooLong, WrongScenario, NameTaken (`refusals`).
    """
    chosen = list(scenarios)
    check(checklist=checklist, starts_on=starts_on, ends_on=ends_on, visits_per_outlet=visits_per_outlet, at=at)
    check_scenarios(checklist, chosen)
    with transaction.atomic():
        # In this order: when the same form has just been written by another connection, its name is taken too.
        is_taken = queries.name_is_taken(name, checklist=checklist, unit=unit)
        if again := Wave.objects.filter(public_id=public_id).first() if public_id else None:
            raise refusals.AlreadyPlanned(again)
        if is_taken:
            raise refusals.NameTaken
        places = queries.outlets_in_order(unit, checklist.channel, outlets)
        if not places:
            raise refusals.NoOutlet
        try:
            with transaction.atomic():
                wave = Wave.objects.create(
                    public_id=public_id or uuid4(),
                    name=name,
                    checklist=checklist,
                    unit=unit,
                    visits_per_outlet=visits_per_outlet,
                    starts_on=starts_on,
                    ends_on=ends_on,
                    note=note,
                    created_at=at,
                    created_by=by,
                )
        except IntegrityError:
            if public_id is None:
                raise
            # The same form on another connection was faster by less than this transaction.
            raise refusals.AlreadyPlanned(Wave.objects.get(public_id=public_id)) from None
        wave.scenarios.set(chosen)
        _add_visits(wave, places, Window(starts_on, ends_on), visits_per_outlet, chosen, by=by, at=at)
    return wave


def extend(
    *,
    wave: Wave,
    unit: Unit,
    visits_per_outlet: int,
    only_new: bool,
    seen: int | None = None,
    by: User | None,
    at: datetime,
) -> int:
    """Adds visits to a wave, from today to its last day, at outlets below `unit`: at those that have none in it
    (`only_new`) or at all. Returns how many.

    `seen` is the number of visits the coordinator's page showed: a form sent twice raises WaveChanged the second time.
    Raises NoRunningVersion, NoOutlet, InThePast, TooShort.
    """
    with transaction.atomic():
        wave = Wave.objects.select_for_update(no_key=True).get(pk=wave.pk)
        window = Window(max(wave.starts_on, timezone.localdate(at)), wave.ends_on)
        check(
            checklist=wave.checklist,
            starts_on=window.opens_on,
            ends_on=window.due_on,
            visits_per_outlet=visits_per_outlet,
            at=at,
        )
        if seen is not None and seen != wave.visits.count():
            raise refusals.WaveChanged
        places = queries.outlets_in_order(unit, wave.checklist.channel, without=wave if only_new else None)
        if not places:
            raise refusals.NoOutlet
        scenarios = list(wave.scenarios.order_by("pk"))
        return _add_visits(wave, places, window, visits_per_outlet, scenarios, by=by, at=at)


def edit(*, wave: Wave, name: str, note: str, ends_on: date, by: User | None, at: datetime) -> Wave:
    """Renames a wave, changes its note or its last day. Raises NameTaken, DatesReversed, TooLong, VisitsBeyondEnd."""
    if ends_on < wave.starts_on:
        raise refusals.DatesReversed
    if Window(wave.starts_on, ends_on).days > LONGEST_DAYS:
        raise refusals.TooLong
    with transaction.atomic():
        wave = Wave.objects.select_for_update(no_key=True).get(pk=wave.pk)
        check_name(name, checklist=wave.checklist, unit=wave.unit, besides=wave)
        if ends_on < wave.ends_on and wave.visits.filter(due_on__gt=ends_on).exclude(state=VisitState.VOIDED).exists():
            raise refusals.VisitsBeyondEnd
        wave.name, wave.note, wave.ends_on = name, note, ends_on
        wave.save(update_fields=["name", "note", "ends_on"])
    return wave


def cancel(*, wave: Wave, reason: str, by: User | None, at: datetime) -> Cancelled:
    """Voids every visit of the wave that no shopper has begun, with `reason`; the others stay. Raises ReasonMissing."""
    if not reason:
        raise refusals.ReasonMissing
    with transaction.atomic():
        visits = Visit.objects.in_wave(wave).exclude(state=VisitState.VOIDED).only("state", "shopper")
        standing = list(visits.select_for_update(of=("self",)).order_by("pk"))
        voided = move_many(
            standing,
            VisitState.VOIDED,
            kind=VisitEvent.Kind.VOIDED,
            by=by,
            at=at,
            only_from=NOT_BEGUN,
            note=reason,
            void_reason=reason,
        )
    return Cancelled(voided=len(voided), kept=len(standing) - len(voided))


def check(*, checklist: Checklist, starts_on: date, ends_on: date, visits_per_outlet: int, at: datetime) -> None:
    """Refuses what can be refused before any outlet is counted; the preview asks the same. One query.

    Raises NoRunningVersion, DatesReversed, InThePast, TooFar, TooShort, TooLong.
    """
    days, today = Window(starts_on, ends_on).days, timezone.localdate(at)
    if ends_on < today:
        raise refusals.InThePast
    if days < 1:
        raise refusals.DatesReversed
    if starts_on < today:
        raise refusals.InThePast
    if (starts_on - today).days > FARTHEST_DAYS:
        raise refusals.TooFar
    if days > LONGEST_DAYS:
        raise refusals.TooLong
    if days < visits_per_outlet:
        raise refusals.TooShort
    if not checklist.versions.filter(state=ChecklistVersion.State.PUBLISHED).exists():
        raise refusals.NoRunningVersion


def check_name(name: str, *, checklist: Checklist, unit: Unit, besides: Wave | None = None) -> None:
    """Raises NameTaken when a wave of this checklist and unit, not wholly voided, has this name. One query."""
    if queries.name_is_taken(name, checklist=checklist, unit=unit, besides=besides):
        raise refusals.NameTaken


def check_scenarios(checklist: Checklist, scenarios: Iterable[Scenario]) -> None:
    """Raises WrongScenario unless all are in use and of the checklist's channel."""
    if any(not scenario.is_active or scenario.channel != checklist.channel for scenario in scenarios):
        raise refusals.WrongScenario


def _add_visits(
    wave: Wave,
    places: Sequence[int],
    window: Window,
    visits_per_outlet: int,
    scenarios: Sequence[Scenario],
    *,
    by: User | None,
    at: datetime,
) -> int:
    """Writes the planned visits, each with its event; returns their number."""
    slots = schedule.slots(window, outlets=len(places), visits_per_outlet=visits_per_outlet, scenarios=len(scenarios))
    visits = Visit.objects.bulk_create(
        [
            Visit(
                wave=wave,
                outlet_id=places[slot.outlet],
                scenario=None if slot.scenario is None else scenarios[slot.scenario],
                opens_on=slot.window.opens_on,
                due_on=slot.window.due_on,
            )
            for slot in slots
        ],
        batch_size=CHUNK,
    )
    VisitEvent.objects.bulk_create(
        [
            VisitEvent(visit=visit, kind=VisitEvent.Kind.PLANNED, to_state=VisitState.PLANNED, at=at, by=by)
            for visit in visits
        ],
        batch_size=CHUNK,
    )
    return len(visits)
