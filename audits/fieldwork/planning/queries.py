"""Reads of planning: what a wave covers, unit by unit, and what a new one would. Set-based, over today's tree.

Every docstring says its number of queries; none depends on the number of rows.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from audits.checklists.models import Checklist
from audits.fieldwork.models import AnswerCard, Scenario, Visit, Wave
from audits.fieldwork.states import BEFORE_SUBMISSION, CARRIED_OUT, VisitState
from outlets.models import Channel, Outlet, Unit, UnitClosure
from outlets.organisation import tree


@dataclass(frozen=True)
class Coverage:
    """How far visits have come, in counts. Voided ones stand apart and belong to no total.

    A visit that could not be carried out counts as done: the plan was kept, though there is no score.
    """

    planned: int = 0  # not given to anybody yet
    assigned: int = 0
    in_progress: int = 0
    carried_out: int = 0  # submitted, returned, approved, published
    not_possible: int = 0
    voided: int = 0
    overdue: int = 0  # planned, assigned or in progress after the last day

    @property
    def total(self) -> int:
        return self.planned + self.assigned + self.in_progress + self.carried_out + self.not_possible

    @property
    def done(self) -> int:
        return self.carried_out + self.not_possible

    @property
    def under_way(self) -> int:
        return self.assigned + self.in_progress

    @property
    def percent(self) -> int | None:
        """Done of all, in whole percent rounded down: 100 only when nothing is left. None without visits."""
        return 100 * self.done // self.total if self.total else None

    @property
    def counts(self) -> tuple[int, ...]:
        """The fields, in order."""
        return (
            self.planned,
            self.assigned,
            self.in_progress,
            self.carried_out,
            self.not_possible,
            self.voided,
            self.overdue,
        )

    def __sub__(self, other: "Coverage") -> "Coverage":
        return Coverage(*(mine - theirs for mine, theirs in zip(self.counts, other.counts, strict=True)))


NOTHING = Coverage()


def total(coverages: Iterable[Coverage]) -> Coverage:
    """The sum of some coverages; NOTHING of none."""
    return Coverage(*map(sum, zip(*(each.counts for each in coverages), strict=True)))


@dataclass(frozen=True)
class UnitCoverage:
    """One row of a coverage table. Below an outlet there is nothing more to open."""

    public_id: UUID
    code: str
    name: str
    is_outlet: bool
    coverage: Coverage


@dataclass(frozen=True)
class WaveCoverage:
    """A wave's coverage at one unit: the whole wave, this unit with all below it, and each unit right below it.

    `here` are visits at the unit itself; `elsewhere` visits of the wave that are no longer below the wave's unit
    (only asked for at the wave's own unit). `above` leads from the wave's unit down to this one's parent.
    """

    whole: Coverage
    below: Coverage
    units: tuple[UnitCoverage, ...]
    here: Coverage
    elsewhere: Coverage
    above: tuple[Unit, ...]


@dataclass(frozen=True)
class WeekCoverage:
    """Visits due in one week, Monday to Sunday."""

    monday: date
    sunday: date
    coverage: Coverage


@dataclass(frozen=True)
class UnitCount:
    """How many outlets a wave would visit below one unit."""

    name: str
    code: str
    outlets: int


def _counts(today: date) -> dict[str, Count]:
    """The aggregates that fill a Coverage."""

    def those(condition: Q) -> Count:
        return Count("pk", filter=condition)

    return {
        "planned": those(Q(state=VisitState.PLANNED)),
        "assigned": those(Q(state=VisitState.ASSIGNED)),
        "in_progress": those(Q(state=VisitState.IN_PROGRESS)),
        "carried_out": those(Q(state__in=CARRIED_OUT)),
        "not_possible": those(Q(state=VisitState.NOT_POSSIBLE)),
        "voided": those(Q(state=VisitState.VOIDED)),
        "overdue": those(overdue(today)),
    }


def overdue(today: date) -> Q:
    """Visits whose last day has passed and that have not been submitted."""
    return Q(state__in=BEFORE_SUBMISSION, due_on__lt=today)


def at_closed_outlets() -> Q:
    """Visits not submitted whose outlet has been closed: they cannot be given to anybody any more."""
    return Q(state__in=BEFORE_SUBMISSION, outlet__unit__closed_on__isnull=False)


def heirs_of(outlet: Outlet) -> QuerySet[Unit]:
    """The open units that merges and splits made of a closed outlet, by name. A queryset."""
    itself = Unit.objects.filter(pk=outlet.pk).values("pk")
    return Unit.objects.open().filter(pk__in=tree.heirs(itself)).order_by("sort_key", "pk")


def _coverage(row: Mapping[str, Any]) -> Coverage:
    return Coverage(**{each.name: row[each.name] for each in fields(Coverage)})


def coverage_of(visits: QuerySet[Visit], today: date) -> Coverage:
    """The coverage of any visits. One query."""
    return _coverage(visits.order_by().aggregate(**_counts(today)))


def coverage_by_wave(waves: Iterable[Wave], today: date) -> dict[int, Coverage]:
    """The coverage of each of some waves, by primary key. One query."""
    ids = [wave.pk for wave in waves]
    rows = Visit.objects.filter(wave__in=ids).order_by().values("wave").annotate(**_counts(today))
    return dict.fromkeys(ids, NOTHING) | {row["wave"]: _coverage(row) for row in rows}


def wave_coverage(wave: Wave, unit: Unit, today: date) -> WaveCoverage:
    """The wave's coverage at `unit` and at each unit right below it in today's tree. Four queries.

    Counted by outlet in the database and added up along the tree here: a join of visits with two ends of the
    closure is planned badly by SQLite once it has thousands of outlets.
    """
    rows = Visit.objects.in_wave(wave).order_by().values("outlet").annotate(**_counts(today))
    by_outlet = {row["outlet"]: _coverage(row) for row in rows}
    child_of = _child_above(unit)
    by_child: dict[int, list[Coverage]] = {}
    for outlet_id, coverage in by_outlet.items():
        if outlet_id in child_of:
            by_child.setdefault(child_of[outlet_id], []).append(coverage)
    units = tuple(
        UnitCoverage(child.public_id, child.code, child.name, child.is_outlet, total(by_child[child.pk]))
        for child in _children(unit)
        if child.pk in by_child
    )
    whole, here = total(by_outlet.values()), by_outlet.get(unit.pk, NOTHING)
    below = total([here, *(row.coverage for row in units)])
    return WaveCoverage(
        whole=whole,
        below=below,
        units=units,
        here=here,
        elsewhere=whole - below if unit.pk == wave.unit_id else NOTHING,
        above=tuple(_path(wave.unit_id, unit.pk)),
    )


def _children(unit: Unit) -> QuerySet[Any]:
    """The units right below `unit` in today's tree, by name, each with is_outlet. A queryset."""
    links = UnitClosure.objects.filter(ancestor=unit, depth=1)
    is_outlet = Exists(Outlet.objects.filter(pk=OuterRef("pk")))
    children = Unit.objects.filter(pk__in=links.values("descendant")).annotate(is_outlet=is_outlet)
    return children.only("public_id", "code", "name").order_by("sort_key", "pk")


def _child_above(unit: Unit) -> dict[int, int]:
    """For every unit below `unit`, the one right below `unit` on the way down to it. One query."""
    children = UnitClosure.objects.filter(ancestor=unit, depth=1)
    links = UnitClosure.objects.filter(ancestor__in=children.values("descendant"))
    return dict(links.values_list("descendant_id", "ancestor_id"))


def _path(top_id: int, unit_id: int) -> list[Unit]:
    """The units from `top_id` down to the parent of `unit_id`. One query."""
    return list(
        Unit.objects.filter(
            ancestor_links__ancestor=top_id, descendant_links__descendant=unit_id, descendant_links__depth__gt=0
        ).order_by("ancestor_links__depth")
    )


def coverage_by_week(wave: Wave, today: date) -> tuple[WeekCoverage, ...]:
    """The wave's visits by the week they are due in, earliest first. One query."""
    weeks: dict[date, list[Coverage]] = {}
    rows = Visit.objects.in_wave(wave).order_by("due_on").values("due_on").annotate(**_counts(today))
    for row in rows:
        weeks.setdefault(monday_of(row["due_on"]), []).append(_coverage(row))
    return tuple(WeekCoverage(monday, monday + timedelta(days=6), total(each)) for monday, each in weeks.items())


def monday_of(day: date) -> date:
    """The Monday of the week of `day`."""
    return day - timedelta(days=day.weekday())


def names_above(outlet_ids: Iterable[int]) -> dict[int, str]:
    """The name of the unit right above each of these outlets today. One query."""
    links = UnitClosure.objects.filter(descendant__in=list(outlet_ids), depth=1)
    return dict(links.values_list("descendant_id", "ancestor__name"))


# --- What a new wave would visit --------------------------------------------------------------


def outlets_to_visit(
    unit: Unit, channel: Channel | str, outlets: QuerySet[Outlet] | None = None, without: Wave | None = None
) -> QuerySet[Outlet]:
    """Open outlets of `channel` at or below `unit`; without those that `without` already visits. A queryset."""
    rows = Outlet.objects.open().filter(channel=channel, unit__in=Unit.objects.within([unit.pk]))
    if outlets is not None:
        rows = rows.filter(pk__in=outlets.values("pk"))
    if without is not None:
        visited = Visit.objects.in_wave(without).exclude(state=VisitState.VOIDED).filter(outlet=OuterRef("pk"))
        rows = rows.exclude(Exists(visited))
    return rows


def outlets_in_order(
    unit: Unit, channel: Channel | str, outlets: QuerySet[Outlet] | None = None, without: Wave | None = None
) -> list[int]:
    """The ids of `outlets_to_visit`, neighbours beside each other: by the unit above, then by name. Two queries."""
    rows = list(outlets_to_visit(unit, channel, outlets, without).values_list("pk", "unit__sort_key"))
    parents = UnitClosure.objects.filter(depth=1, descendant__outlet__channel=channel)
    above = dict(parents.values_list("descendant_id", "ancestor__sort_key"))
    return [pk for pk, _ in sorted(rows, key=lambda row: (above.get(row[0], ""), row[1], row[0]))]


def outlets_by_unit(unit: Unit, channel: Channel | str, without: Wave | None = None) -> tuple[UnitCount, ...]:
    """How many of `outlets_to_visit` stand below each unit right below `unit`, by name. Three queries.

    When `unit` is an outlet, it stands under its own name.
    """
    chosen = outlets_to_visit(unit, channel, without=without).values_list("pk", flat=True)
    child_of = _child_above(unit)
    number = Counter(child_of.get(pk, unit.pk) for pk in chosen)
    rows = [unit, *_children(unit)]
    return tuple(UnitCount(each.name, each.code, number[each.pk]) for each in rows if number[each.pk])


def name_is_taken(name: str, *, checklist: Checklist, unit: Unit, besides: Wave | None = None) -> bool:
    """Whether a wave of this checklist and unit, not wholly voided, has this name already. One query."""
    alive = Visit.objects.filter(wave=OuterRef("pk")).exclude(state=VisitState.VOIDED)
    waves = Wave.objects.filter(Exists(alive), name=name, checklist=checklist, unit=unit)
    return (waves if besides is None else waves.exclude(pk=besides.pk)).exists()


# --- Scenarios --------------------------------------------------------------------------------


def card_on(scenario: Scenario | int | None, day: date) -> AnswerCard | None:
    """The answer card of a scenario in force on `day`: the latest whose first day has come.

    Of no scenario, none. One query.
    """
    return AnswerCard.objects.filter(scenario=scenario, valid_from__lte=day).order_by("-valid_from").first()


def without_card(scenarios: Collection[Scenario], day: date) -> list[Scenario]:
    """Those of `scenarios` that have no answer card in force on `day`. One query."""
    cards = AnswerCard.objects.filter(scenario__in=scenarios, valid_from__lte=day)
    having = set(cards.values_list("scenario_id", flat=True))
    return [scenario for scenario in scenarios if scenario.pk not in having]


def scenarios_in_use(channel: Channel | str) -> QuerySet[Scenario]:
    """Scenarios that can be chosen for a wave of `channel`. A queryset."""
    return Scenario.objects.filter(channel=channel, is_active=True)


@dataclass(frozen=True)
class DatedCard:
    """An answer card and its place in time. `can_change` while no visit has been measured against it."""

    card: AnswerCard
    is_in_force: bool
    is_to_come: bool
    can_change: bool


def cards_of(scenario: Scenario, today: date) -> tuple[DatedCard, ...]:
    """All cards of a scenario, the latest first. One query."""
    cards = list(scenario.answer_cards.annotate(uses=Count("visits")).order_by("-valid_from"))
    now = next((card.pk for card in cards if card.valid_from <= today), None)
    return tuple(DatedCard(card, card.pk == now, card.valid_from > today, card.uses == 0) for card in cards)


def with_card(today: date) -> QuerySet[Scenario]:
    """Scenarios with `card_from`, the first day of the answer card in force (None without one). A queryset."""
    cards = AnswerCard.objects.filter(scenario=OuterRef("pk"), valid_from__lte=today).order_by("-valid_from")
    return Scenario.objects.annotate(card_from=Subquery(cards.values("valid_from")[:1]))
