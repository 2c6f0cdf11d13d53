"""Published months under another version: the same figures as visit by visit, and nothing of a single one."""

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audits import scoring
from audits.checklists import actions as checklists
from audits.checklists.drafts import actions as drafts
from audits.checklists.outline import outline
from audits.fieldwork.states import VisitState
from audits.fieldwork.visits import actions as visits
from audits.fieldwork.visits import sheet
from audits.models import Answer, Criterion, Visit
from audits.results import actions as results
from audits.results import rescoring
from audits.results.models import PublishedVisit, UnitCriterionScore, UnitScore
from audits.results.tallies import Kind
from audits.results.whatif import rescored as module
from audits.results.whatif.rescored import Progress, Rescored, rescore
from tests import plans, published, sheets, worlds
from tests.kept import kept
from tests.worlds import NOW

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


def result(version, *, whole=True) -> Rescored:
    *progress, last = rescore(version, OCTOBER, OCTOBER, whole=whole)
    assert all(isinstance(each, Progress) for each in progress)
    assert isinstance(last, Rescored)
    return last


def draft_of(checklist, **changes):
    """A draft of the running version; `A1={"weight": "5"}` changes that criterion."""
    draft = checklists.draft_from(version=checklist.versions.get(state="published"), by=None, at=NOW)
    for short, changed in changes.items():
        code = next(each.code for each in outline(draft).criteria if each.short_code == short)
        if changed is None:
            drafts.delete_criterion(version=draft, code=code, by=None, at=NOW)
        else:
            drafts.edit_criterion(version=draft, code=code, changed=changed, seen=99, by=None, at=NOW)
    return draft


@pytest.fixture
def october(at, people):
    for outlet in (at.counter, at.far_counter):
        for number, answers in enumerate(("yy", "ny", "yn")):
            shopper = people.shopper2 if number == 2 else people.shopper
            published.approved(outlet, shopper, date(2026, 10, 5) + timedelta(days=number), answers)
    published.closed(OCTOBER)
    return PublishedVisit.objects.first().visit.version.checklist


class TestFigures:
    def test_other_weights_give_another_mean_and_name_its_cause(self, october, at):
        found = result(draft_of(october, A2={"weight": "1"}))
        unit = found.units[at.counter.pk]
        assert (unit.visits, unit.mean_before, unit.mean_after) == (3, 666_667, 666_667)
        found = result(draft_of(october, A1={"weight": "3"}))
        assert found.units[at.counter.pk].mean_after == 666_667
        found = result(draft_of(october, A1={"weight": "6"}))
        unit = found.units[at.counter.pk]
        assert (unit.before, unit.after) == (2_000_000, 1_000_000 + 333_333 + 666_667)

    def test_units_above_hold_the_sum_of_their_outlets(self, october, at):
        found = result(draft_of(october, A1={"weight": "6"}))
        whole = found.units[at.group.pk]
        assert whole.visits == 6
        assert whole.after == sum(found.units[each.pk].after for each in (at.counter, at.far_counter))
        assert found.outlets == {at.counter.pk, at.far_counter.pk}

    def test_a_criterion_that_is_not_shared_counts_on_neither_side(self, october, at):
        found = result(draft_of(october, A1=None))
        unit = found.units[at.counter.pk]
        assert (unit.before, unit.after) == (2_000_000, 2_000_000)
        assert (len(found.shared), found.used) == (1, 6)

    def test_a_correction_counts_as_it_counts_on_scorecards(self, october, at, people):
        one = PublishedVisit.objects.filter(block__outlet=at.counter, percent=1_000_000).get()
        values = {"A2": results.CorrectedValue(value="no")}
        moment = published.moment(date(2026, 11, 5))
        results.correct(visit=one.visit, values=values, reason="Ảnh cho thấy khác.", by=people.office, at=moment)
        assert result(draft_of(october)).units[at.counter.pk].before == 250_000 + 750_000 + 250_000


def answered(rng: random.Random, criterion: Criterion) -> dict[str, object]:
    if criterion.allows_na and rng.random() < 0.3:
        return {"value": "na", "na_reason": "Không có"}
    if criterion.kind == "measured":
        return {"number": Decimal(rng.randrange(0, 15))}
    values = {"yes_no": ("yes", "no"), "three_step": ("met", "partly", "not_met"), "choice": ("a", "b")}
    return {"value": rng.choice(values.get(criterion.kind, ("3",)))}


@kept
def mixed(at, people):
    """Thirty published visits of every kind of criterion, with all that may not apply."""
    rng = random.Random(20261101)
    checklist = sheets.every_kind()
    version = checklist.versions.get()
    criteria = list(Criterion.objects.filter(version=version).exclude(kind="text"))
    wave = plans.wave(at.counter.unit, checklist)
    for number in range(30):
        outlet = (at.counter, at.far_counter, at.other_counter)[number % 3]
        day = date(2026, 10, 2) + timedelta(days=number % 20)
        moment = published.moment(day)
        visit = plans.visit_in(
            VisitState.APPROVED,
            wave,
            outlet,
            (people.shopper, people.shopper2)[number // 3 % 2],
            opens_on=day,
            due_on=day,
            started_at=moment,
            visited_on=day,
            submitted_at=moment,
            approved_at=moment,
        )
        Answer.objects.bulk_create(
            Answer(visit=visit, criterion=each, changed_at=moment, **answered(rng, each)) for each in criteria
        )
        visits.record_submission(sheet.read(visit), at=moment)
    published.closed(OCTOBER)
    return checklist


CHANGES = {
    "weights": {"A1": {"weight": "7.5"}, "B1": {"weight": "0.125"}, "B2": {"weight": "3"}},
    "bounds": {"B1": {"thresholds": [{"upper": "3", "result": 100}, {"upper": None, "result": 20}]}},
    "options": {
        "B2": {"options": [{"code": "a", "label_vi": "A", "result": 10}, {"code": "b", "label_vi": "B", "result": 90}]}
    },
    "fewer": {"A2": None, "B3": {"weight": "9"}},
    "same": {},
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_the_figures_are_those_of_scoring_each_visit_by_itself(mixed, changes):
    draft = draft_of(mixed, **changes)
    before, after = outline(mixed.versions.get(state="published")), outline(draft)
    shared = [each.code for each in after.criteria if each.is_scored and each.code in before.by_code]
    rules = [[side.by_code[code].rule for code in shared] for side in (before, after)]
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    moved: dict[int, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    rows = list(PublishedVisit.objects.select_related("block", "visit__version"))
    given = rescoring.given_answers(rows)
    for row in rows:
        answers = [answer for code, answer in given[row.pk].items() if code in shared]
        one, other = (scoring.score(each, answers) for each in rules)
        for place, value in enumerate((1, one.percent, other.percent)):
            sums[row.block.outlet_id][place] += value
        for line, later in zip(one.lines, other.lines, strict=True):
            moved[row.block.outlet_id][line.code] += line.lost - later.lost
    found = result(draft)
    assert {unit: [each.visits, each.before, each.after] for unit, each in found.units.items() if unit in sums} == dict(
        sums
    )
    for unit, by_code in moved.items():
        change = found.units[unit]
        for index, criterion in enumerate(after.criteria):
            # Each visit's parts are rounded: by at most one unit of the last place, on either side.
            assert abs(change.by_criterion[index] - by_code[criterion.code]) <= 2 * change.visits


def test_it_is_counted_alike_in_small_batches(mixed, monkeypatch):
    draft = draft_of(mixed, **CHANGES["bounds"])
    at_once = result(draft)
    monkeypatch.setattr(module, "BATCH", 4)
    in_parts = result(draft)
    assert in_parts.units == at_once.units
    assert len(list(rescore(draft, OCTOBER, OCTOBER, whole=True))) > 3


def test_for_who_reads_no_visits_each_figure_follows_from_published_sums(mixed):
    """Whatever the weights: of a block with mixed patterns only what applied in all its visits is used."""
    draft = draft_of(mixed, A2={"weight": "1000"}, B1={"weight": "0.001"})
    found, whole = result(draft, whole=False), result(draft)
    assert 0 < found.used < whole.used
    asked = outline(draft)
    for outlet in found.outlets:
        cells = {row.code: row for row in UnitCriterionScore.objects.filter(unit=outlet)}
        visits = UnitScore.objects.get(unit=outlet, kind=Kind.TOTAL).visits
        told = [
            each
            for each in asked.criteria
            if each.is_scored and (cell := cells.get(each.code)) and cell.met + cell.partly + cell.not_met == visits
        ]
        weight = sum(each.weight for each in told)
        earned = sum(each.weight * cells[each.code].results for each in told)
        exact = Fraction(earned) * scoring.SCALE / Fraction(weight)
        assert abs(found.units[outlet].after - exact) <= visits


class TestMixedVersions:
    """A block of one visit on the first version and three on the second, in which something of A1 differs."""

    @staticmethod
    def second(first, changed):
        draft = checklists.draft_from(version=first, by=None, at=NOW)
        drafts.edit_criterion(version=draft, code="A1", changed=changed, seen=9, by=None, at=NOW)
        return draft

    @staticmethod
    def tried(version):
        """A draft that asks A1 alone."""
        spy = checklists.draft_from(version=version, by=None, at=NOW)
        drafts.delete_criterion(version=spy, code="A2", by=None, at=NOW)
        return spy

    @pytest.fixture
    def made(self, at, people):
        """Approved visits of a draft of the first version, by what it changes in A1; then October is closed."""

        def make(changed, value="yes"):
            first = plans.checklist().versions.get()
            published.approved(at.counter, people.shopper, date(2026, 10, 2), "ny")
            days = (date(2026, 10, 3), date(2026, 10, 4), date(2026, 10, 5))
            begun = [
                plans.visit_in(
                    VisitState.APPROVED,
                    first.checklist.waves.get(),
                    at.counter,
                    people.shopper2,
                    opens_on=day,
                    due_on=day,
                    started_at=published.moment(day),
                    visited_on=day,
                    submitted_at=published.moment(day),
                    approved_at=published.moment(day),
                )
                for day in days
            ]
            second = checklists.publish(version=self.second(first, changed), by=None, at=NOW)
            for visit in begun:
                Visit.objects.filter(pk=visit.pk).update(version=second)
                visit.refresh_from_db()
                for code, given in (("A1", value), ("A2", "yes")):
                    criterion = second.criteria.get(code=code)
                    Answer.objects.create(visit=visit, criterion=criterion, value=given, changed_at=visit.submitted_at)
                visits.record_submission(sheet.read(visit), at=visit.submitted_at)
            published.closed(OCTOBER)
            assert UnitScore.objects.get(unit=at.counter.pk, kind=Kind.TOTAL).visits == 4
            return first, second

        return make

    def test_a_criterion_of_another_kind_enters_for_none_of_the_visits(self, made):
        first, second = made({"kind": "three_step"}, "met")
        for version in (first, second):
            assert result(self.tried(version), whole=False).units == {}
            assert result(self.tried(version)).visits in (1, 3)

    def test_one_of_another_weight_does_not_enter_and_the_rest_does_for_all(self, made, at):
        first, _second = made({"weight": "2"})
        assert result(self.tried(first), whole=False).units == {}
        found = result(checklists.draft_from(version=first, by=None, at=NOW), whole=False)
        assert (found.visits, found.used, found.units[at.counter.pk].before) == (4, 4, 4_000_000)
        assert result(checklists.draft_from(version=first, by=None, at=NOW)).used == 8

    def test_one_that_says_the_same_in_both_enters_for_all(self, made, at):
        first, _second = made({"text_vi": "Được chào"})
        found = result(self.tried(first), whole=False)
        assert (found.visits, found.units[at.counter.pk].after) == (4, 3_000_000)


def test_nothing_is_written(mixed):
    draft = draft_of(mixed, **CHANGES["bounds"])
    with CaptureQueriesContext(connection) as queries:
        result(draft)
    assert {query["sql"].split()[0] for query in queries.captured_queries} <= {"SELECT", "DECLARE", "FETCH", "CLOSE"}
