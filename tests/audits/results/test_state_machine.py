"""Whatever happens in whatever order, the figures of closed months are what the answers give, after every step."""

import os
import random
from collections import Counter
from collections.abc import Collection
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.db.models import Model, Sum

from audits.checklists.models import ChecklistVersion, Criterion, Section, Theme
from audits.fieldwork.planning.actions import assignments
from audits.fieldwork.states import VisitState
from audits.fieldwork.visits import actions as visits
from audits.fieldwork.visits.actions import Entry
from audits.models import Answer, Checklist, Period, PublishedVisit, Visit
from audits.results import actions as results
from audits.results import closing, kept, months, reading, regrouped
from audits.results.actions import CorrectedValue
from audits.results.figures import CRITERION_COLUMNS, FIGURE_COLUMNS
from audits.results.models import UnitCriterionScore, UnitScore
from audits.results.months import Span, SpanKind
from audits.results.recount import Recount, of_period
from audits.results.tallies import CriterionFigure, Figure, Kind
from audits.review import actions as review
from outlets.models import Outlet, Unit, UnitClosure
from outlets.organisation import actions as organisation
from outlets.organisation import refusals, tree
from outlets.organisation.actions import NewUnit
from tests import plans, published, worlds

pytestmark = pytest.mark.django_db

START = date(2026, 9, 1)
FIRST, LAST = date(2026, 1, 1), date(2030, 12, 1)
# Each kind as often as it takes for months to have blocks, and blocks to have corrections.
OFTEN = {"submit": 20, "approve": 8, "close": 3, "correct": 7, "return": 3, "fix": 5, "void": 2}
OFTEN |= {"move": 3, "merge": 3, "split": 2, "fuse": 2, "shut": 1}
GIVEN = {"A1": ("yes", "no"), "A2": ("yes", "no"), "B1": ("met", "partly", "not_met", "na")}
WORDS = {"note": "Quầy đông khách.", "na_reason": "Không có dịp"}
# About 50 ms for a step, half of them for the check, so a run of everything walks 320 steps on SQLite and 160 on
# PostgreSQL. WALKS=50 in the environment walks 2,000 on each.
STEPS, WALKS = 40, {"sqlite": range(8), "postgresql": (3, 5, 9, 14)}


def checklist(code: str) -> Checklist:
    """A1 and A2 yes/no; B1 in three steps, critical and of a theme, which may not apply."""
    made = plans.checklist(code, is_running=False)
    version = made.versions.get()
    names = {"name_vi": "Nụ cười", "name_en": "Smile", "position": 1}
    theme = Theme.objects.get_or_create(code="smile", defaults=names)[0]
    section = Section.objects.create(version=version, code="B", name_vi="Phục vụ", position=2)
    Criterion.objects.create(
        version=version,
        section=section,
        code="B1",
        position=1,
        text_vi="Tiêu chí 3",
        kind=Criterion.Kind.THREE_STEP,
        weight=2,
        critical=True,
        allows_na=True,
        theme=theme,
    )
    ChecklistVersion.objects.filter(pk=version.pk).update(
        state=ChecklistVersion.State.PUBLISHED, published_at=worlds.NOW - timedelta(days=365)
    )
    return made


class NothingToDo(Exception):
    """There is no visit or unit that this could be done with."""


class Walk:
    """A world and its clock; each method does one thing at whatever the two numbers point at."""

    def __init__(self) -> None:
        self.places = worlds.places()
        self.people = worlds.people(self.places)
        self.shoppers = [self.people.shopper, self.people.shopper2]
        self.waves = [plans.wave(self.places.group, checklist(code)) for code in ("TQ", "TH")]
        self.at = published.moment(START)
        self.made = 0

    def again(self) -> "Walk":
        """The same world at its beginning, once what a walk did has been taken back."""
        self.at, self.made = published.moment(START), 0
        return self

    def do(self, kind: str, one: int, other: int) -> bool:
        """Whether it was possible. A reorganisation also proves that the parts make the same sums before and after."""
        self.at += timedelta(hours=20)
        self.made += 1
        try:
            with transaction.atomic():
                getattr(self, f"do_{kind}")(one, other)
        except (NothingToDo, results.NothingCorrected, results.TooFewLeft, refusals.ReorganisationRefused):
            return False
        return True

    def visit_in(self, state: VisitState, one: int) -> Visit:
        return self.one_of(Visit.objects.filter(state=state).select_related("wave", "outlet__unit"), one)

    def one_of(self, rows, number: int):
        rows = list(rows.order_by("pk"))
        if not rows:
            raise NothingToDo
        return rows[number % len(rows)]

    def do_submit(self, one, other):
        outlets = list(Outlet.objects.filter(unit__closed_on__isnull=True).order_by("pk")[:2])
        today = self.at.date()
        visit = plans.visit_in(
            VisitState.IN_PROGRESS,
            self.waves[other % 10 == 0],
            outlets[one % len(outlets)],
            self.shoppers[one // 7 % 2],
            opens_on=today,
            due_on=today,
            started_at=self.at,
            visited_on=today,
            met_description="Quầy số 2",
        )
        criteria = Criterion.objects.filter(version=visit.version)
        Answer.objects.bulk_create(
            Answer(visit=visit, criterion=each, value=pick(each.code, one // prime), changed_at=self.at, **WORDS)
            for each, prime in zip(criteria, (3, 5, 7), strict=True)
        )
        visits.submit(visit=visit, by=visit.shopper, at=self.at)

    def do_return(self, one, other):
        visit = self.visit_in(VisitState.SUBMITTED, one)
        remarks = dict.fromkeys(list(GIVEN)[: 1 + other % 3], "Nhờ xem lại")
        review.return_visit(visit=visit, remarks=remarks, by=self.people.reviewer, at=self.at)

    def do_fix(self, one, other):
        visit = self.visit_in(VisitState.RETURNED, one)
        codes = set(visit.remarks.filter(resolved_at__isnull=True).values_list("criterion__code", flat=True))
        entries = [
            Entry(answer.criterion.code, value=another(answer), seen=answer.revision, **WORDS)
            for answer in visit.answers.select_related("criterion")
            if answer.criterion.code in codes
        ]
        visits.save_answers(visit=visit, entries=entries, by=visit.shopper, at=self.at)
        visits.submit(visit=visit, by=visit.shopper, at=self.at)

    def do_approve(self, one, other):
        """Nearly all that waits, as a reviewer does on a morning."""
        waiting = list(Visit.objects.filter(state=VisitState.SUBMITTED).order_by("pk"))
        if len(waiting) <= other % 2:
            raise NothingToDo
        for visit in waiting[other % 2 :]:
            review.approve(visit=visit, by=self.people.reviewer, at=self.at)

    def do_void(self, one, other):
        visit = self.visit_in((VisitState.SUBMITTED, VisitState.RETURNED)[other % 2], one)
        assignments.void(visit=visit, reason="Trùng lượt", by=self.people.office, at=self.at)

    def do_close(self, one, other):
        month = closing.next_month()
        if month is None:
            raise NothingToDo
        self.at = max(self.at, published.moment(months.later(month, 1)))
        results.close_month(month=month, by=self.people.office, at=self.at)

    def do_correct(self, one, other):
        row = self.one_of(PublishedVisit.objects.select_related("visit"), one)
        values = {code: CorrectedValue(pick(code, other)) for code in list(GIVEN)[other % 3 :]}
        results.correct(visit=row.visit, values=values, reason="Ảnh cho thấy", by=self.people.office, at=self.at)

    # --- Reorganisations: those that take part, and what becomes of them --------------------------

    def units(self, one, other):
        """Any two, and one that the first could be merged with: outlets with outlets, others with others."""
        units = Unit.objects.open().exclude(pk=self.places.group.pk)
        unit = self.one_of(units, one)
        alike = units.filter(outlet__isnull=not hasattr(unit, "outlet")).exclude(pk=unit.pk)
        return unit, self.one_of(units, other), self.one_of(alike, other)

    def reorganised(self, other):
        day = self.at.date() - timedelta(days=other % 40 if other % 3 == 0 else 0)
        return {"effective_on": day, "by": None, "at": self.at}

    def do_move(self, one, other):
        unit, target, _ = self.units(one, other)
        before = sums_of([unit])
        organisation.move(unit=unit, parent=target if other % 5 else self.places.group, **self.reorganised(other))
        assert sums_of([unit]) == before

    def do_merge(self, one, other):
        unit, _, successor = self.units(one, other)
        before = sums_of([successor] if unit.pk in descendants(successor) else [unit, successor])
        organisation.merge(predecessors=[unit], successor=successor, **self.reorganised(other))
        assert sums_of([successor]) == before

    def do_fuse(self, one, other):
        unit, _, second = self.units(one, other)
        if second.pk in descendants(unit) or unit.pk in descendants(second):
            raise NothingToDo
        before = sums_of([unit, second])
        new = NewUnit(f"F{self.made}", f"Hợp nhất {self.made}")
        made = organisation.merge(predecessors=[unit, second], successor=new, **self.reorganised(other))
        assert sums_of([made]) == before

    def do_split(self, one, other):
        unit, _, _ = self.units(one, other)
        before = sums_of([unit])
        codes = [f"S{self.made}a", f"S{self.made}b"]
        children = Unit.objects.filter(parent_rows__parent=unit, parent_rows__valid_to__isnull=True)
        made = organisation.split(
            unit=unit,
            into=[(code, code) for code in codes],
            assign={child: codes[child.pk % 2] for child in children},
            heir=codes[one % 2],
            **self.reorganised(other),
        )
        assert sums_of(made) == before

    def do_shut(self, one, other):
        unit, _, _ = self.units(one, other)
        if Outlet.objects.filter(unit__closed_on__isnull=True).count() < 3:
            raise NothingToDo
        organisation.close_unit(unit=unit, closed_on=self.at.date(), by=None, at=self.at)


def pick(code: str, number: int) -> str:
    return GIVEN[code][number % len(GIVEN[code])]


def another(answer: Answer) -> str:
    given = GIVEN[answer.criterion.code]
    return given[(given.index(answer.value) + 1) % len(given)]


def descendants(unit: Unit) -> set[int]:
    return set(UnitClosure.objects.filter(ancestor=unit).values_list("descendant_id", flat=True))


Sums = dict[int, dict[tuple[object, ...], tuple[int, ...]]]


def of_outlets(model: type[Model], *by: str) -> Sums:
    """For each unit what the rows of all outlets that stand at or below it today add up to."""
    columns = FIGURE_COLUMNS if model is UnitScore else CRITERION_COLUMNS
    rows = model._default_manager.filter(unit__outlet__isnull=False).order_by()
    found: Sums = {unit: {} for unit in Unit.objects.values_list("pk", flat=True)}
    for unit, *row in rows.values_list("unit__ancestor_links__ancestor", *by).annotate(*map(Sum, columns)):
        found[unit][tuple(row[: len(by)])] = tuple(row[len(by) :])
    return found


def sums_of(units: Collection[Unit]) -> dict[tuple[int, date], Figure]:
    """The units' figures together, by checklist and month, as organised today."""
    every = of_outlets(UnitScore, "kind", "checklist_id", "period__month")
    sums: dict[tuple[int, date], Figure] = {}
    for unit in units:
        for (kind, checklist, month), columns in every[unit.pk].items():
            if kind == Kind.TOTAL:
                sums[checklist, month] = sums.get((checklist, month), Figure()) + Figure(*columns)
    return sums


def pieces_differ() -> set[tuple[int, date]]:
    """Units whose pieces, from some month on, do not add up to what their outlets of today do."""
    kept.forget()
    closed = list(Period.objects.order_by("month").values_list("month", flat=True))
    every = of_outlets(UnitScore, "kind", "checklist_id", "period__month")
    found = set()
    for first in {closed[0], closed[-1]} if closed else ():
        told = reading.by_month(list(every), first, LAST, pieces=regrouped.pieces(first, LAST))
        for unit, rows in every.items():
            totals = {place[1:]: Figure(*row) for place, row in rows.items() if place[0] == Kind.TOTAL}
            if told[unit] != {place: figure for place, figure in totals.items() if place[1] >= first}:
                found.add((unit, first))
    return found


def parts_differ(top: Unit) -> set[int]:
    """Units whose pieces' criteria, sections and themes of all months are not those of their outlets of today."""
    span, pieces = Span(SpanKind.TWELVE, FIRST, LAST), regrouped.pieces(FIRST, LAST)
    parts = of_outlets(UnitScore, "checklist_id", "kind", "code")
    criteria = of_outlets(UnitCriterionScore, "checklist_id", "code")
    found = set()
    for unit in parts:
        own = pieces.get(unit, (unit,))
        for checklist in Checklist.objects.values_list("pk", flat=True):
            told = reading.parts(own, top, checklist, span)[0], reading.criteria(own, checklist, span)
            today = (
                {place[1:]: Figure(*row) for place, row in parts[unit].items() if place[0] == checklist},
                {place[1]: CriterionFigure(*row) for place, row in criteria[unit].items() if place[0] == checklist},
            )
            today[0].pop((Kind.TOTAL, ""), None)
            if told != today:
                found.add(unit)
    return found


def check(walk: Walk, told: str) -> None:
    """No drift in any month, the closure is today's tree, and the whole is the same under both trees."""
    assert [drift for period in Period.objects.all() for drift in of_period(period, Recount())] == [], told
    closure = set(UnitClosure.objects.values_list("ancestor_id", "descendant_id", "depth"))
    assert closure == tree.closure_today(), told
    assert not pieces_differ(), told
    top = walk.places.group
    assert sums_of([top]) == reading.monthly_then([top], FIRST, LAST)[top.pk], told


def test_after_every_step_of_any_walk_the_figures_are_what_the_answers_give(db, database):
    world, done, published_visits = Walk(), Counter(), 0
    seeds = range(int(os.environ["WALKS"])) if "WALKS" in os.environ else WALKS[database]
    for seed in seeds:
        with transaction.atomic():
            walk, rng, steps = world.again(), random.Random(seed), 0
            while steps < STEPS:
                (kind,) = rng.choices(list(OFTEN), OFTEN.values())
                if walk.do(kind, rng.randrange(10_000), rng.randrange(10_000)):
                    steps += 1
                    done[kind] += 1
                    check(walk, f"walk {seed}, step {steps}: {kind}")
            assert not parts_differ(walk.places.group), f"walk {seed}"
            published_visits += PublishedVisit.objects.count()
            transaction.set_rollback(True)
    assert set(done) == set(OFTEN)
    assert published_visits > 5 * len(seeds)
