"""Reads of planning: what a wave covers, unit by unit, and what a new one would. Set-based, over today's tree.

Every docstring says its number of queries; none depends on the number of rows.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from audits.checklists.models import Checklist
from audits.fieldwork.models import AnswerCard, Scenario, Visit, Wave
from audits.fieldwork.states import BEFORE_SUBMISSION, CARRIED_OUT, VisitState
from outlets.models import Channel, Outlet, Unit, UnitClosure

_ABOVE_OUTLET = "outlet__unit__ancestor_links__ancestor"


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
    def left(self) -> int:
        return self.total - self.done

    @property
    def percent(self) -> int | None:
        """Done of all, in whole percent rounded down: 100 only when nothing is left. None without visits."""
        return 100 * self.done // self.total if self.total else None

    def __add__(self, other: "Coverage") -> "Coverage":
        return Coverage(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    def __sub__(self, other: "Coverage") -> "Coverage":
        return Coverage(*(getattr(self, each.name) - getattr(other, each.name) for each in fields(self)))


NOTHING = Coverage()


@dataclass(frozen=True)
class UnitCoverage:
    """One row of a coverage table. `public_id` is None for what belongs to no unit of the table."""

    public_id: UUID | None
    code: str
    name: str
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


def _coverage(row: Mapping[str, object]) -> Coverage:
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
    """The wave's coverage at `unit` and at each unit right below it in today's tree. Four queries."""
    visits = Visit.objects.in_wave(wave)
    whole = coverage_of(visits, today)
    below = coverage_of(visits.filter(**{_ABOVE_OUTLET: unit}), today)
    links = f"{_ABOVE_OUTLET}__ancestor_links"
    rows = (
        visits.filter(**{f"{links}__ancestor": unit, f"{links}__depth": 1})
        .values(*(f"{_ABOVE_OUTLET}__{name}" for name in ("public_id", "code", "name", "sort_key", "pk")))
        .annotate(**_counts(today))
        .order_by(f"{_ABOVE_OUTLET}__sort_key", f"{_ABOVE_OUTLET}__pk")
    )
    units = tuple(
        UnitCoverage(*(row[f"{_ABOVE_OUTLET}__{name}"] for name in ("public_id", "code", "name")), _coverage(row))
        for row in rows
    )
    return WaveCoverage(
        whole=whole,
        below=below,
        units=units,
        here=below - sum((row.coverage for row in units), NOTHING),
        elsewhere=whole - below if unit.pk == wave.unit_id else NOTHING,
        above=tuple(_path(wave.unit_id, unit.pk)),
    )


def _path(top_id: int, unit_id: int) -> list[Unit]:
    """The units from `top_id` down to the parent of `unit_id`. One query."""
    return list(
        Unit.objects.filter(
            ancestor_links__ancestor=top_id, descendant_links__descendant=unit_id, descendant_links__depth__gt=0
        ).order_by("ancestor_links__depth")
    )


def coverage_by_week(wave: Wave, today: date) -> tuple[WeekCoverage, ...]:
    """The wave's visits by the week they are due in, earliest first. One query."""
    weeks: dict[date, Coverage] = {}
    rows = Visit.objects.in_wave(wave).order_by("due_on").values("due_on").annotate(**_counts(today))
    for row in rows:
        monday = monday_of(row["due_on"])
        weeks[monday] = weeks.get(monday, NOTHING) + _coverage(row)
    return tuple(WeekCoverage(monday, monday + timedelta(days=6), each) for monday, each in weeks.items())


def monday_of(day: date) -> date:
    """The Monday of the week of `day`."""
    return day - timedelta(days=day.weekday())


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
    """How many of `outlets_to_visit` stand below each unit right below `unit`, by name. Two queries.

    When `unit` is an outlet, or has outlets of its own right below, those stand under their own names.
    """
    chosen = outlets_to_visit(unit, channel, without=without)
    links = UnitClosure.objects.filter(ancestor__ancestor_links__ancestor=unit, ancestor__ancestor_links__depth=1)
    rows = (
        links.filter(descendant__in=chosen.values("pk"))
        .values("ancestor__name", "ancestor__code", "ancestor__sort_key", "ancestor")
        .annotate(outlets=Count("descendant"))
        .order_by("ancestor__sort_key", "ancestor")
    )
    counts = tuple(UnitCount(row["ancestor__name"], row["ancestor__code"], row["outlets"]) for row in rows)
    if chosen.filter(pk=unit.pk).exists():
        return (UnitCount(unit.name, unit.code, 1), *counts)
    return counts


def name_is_taken(name: str, *, checklist: Checklist, unit: Unit, besides: Wave | None = None) -> bool:
    """Whether a wave of this checklist and unit, not wholly voided, has this name already. One query."""
    alive = Visit.objects.filter(wave=OuterRef("pk")).exclude(state=VisitState.VOIDED)
    waves = Wave.objects.filter(Exists(alive), name=name, checklist=checklist, unit=unit)
    return waves.exclude(pk=besides.pk if besides else None).exists()


# --- Scenarios --------------------------------------------------------------------------------


def card_on(scenario: Scenario | int, day: date) -> AnswerCard | None:
    """The answer card of a scenario in force on `day`: the latest whose first day has come. One query."""
    return AnswerCard.objects.filter(scenario=scenario, valid_from__lte=day).order_by("-valid_from").first()


def without_card(scenarios: Collection[Scenario], day: date) -> list[Scenario]:
    """Those of `scenarios` that have no answer card in force on `day`. One query."""
    cards = AnswerCard.objects.filter(scenario__in=scenarios, valid_from__lte=day)
    having = set(cards.values_list("scenario_id", flat=True))
    return [scenario for scenario in scenarios if scenario.pk not in having]


def scenarios_in_use(channel: Channel | str) -> QuerySet[Scenario]:
    """Scenarios that can be chosen for a wave of `channel`. A queryset."""
    return Scenario.objects.filter(channel=channel, is_active=True)
