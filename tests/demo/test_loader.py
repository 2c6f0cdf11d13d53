"""The demo's bulk loader writes what the actions write, column by column."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest

from audits.checklists import actions as checklists
from audits.checklists.models import Checklist
from audits.fieldwork.planning.actions import scenarios, waves
from audits.fieldwork.planning.schedule import Window
from audits.models import Answer, Photo, Remark, Submission, Visit, VisitEvent
from outlets.models import Channel, JobRole, Outlet, Placement, StaffMember
from tests import worlds
from tests.demo.acting import act_out
from tests.kept import kept
from vnpt_smile.demo import lives, pictures
from vnpt_smile.demo.chance import dice
from vnpt_smile.demo.dates import local
from vnpt_smile.demo.lives import Course, Errand, Staging
from vnpt_smile.demo.loader import Impossible, Life, Loader
from vnpt_smile.demo.quality import Worker
from vnpt_smile.demo.scenarios import Questions

DAY = date(2026, 11, 4)
OPENS, DUE = date(2026, 11, 2), date(2026, 11, 7)
PLANNED_AT = local(date(2026, 10, 22), 9)


@dataclass
class Stage:
    """A wave of one visit, planned by the action, and what a second, loaded visit like it needs."""

    planned: Visit
    errand: Errand
    staging: Staging
    loader: Loader

    def life(self, course: Course, name: str = "visit") -> Life:
        asked = self.loader.outline_of(self.errand.wave)
        return lives.live(dice(name), self.errand, course, asked, self.staging)


@pytest.fixture(scope="module")
def pool(tmp_path_factory):
    return pictures.pool(tmp_path_factory.mktemp("pool"))


@kept
def company() -> tuple[worlds.Places, worlds.People]:
    at = worlds.places()
    people = worlds.people(at)
    checklists.install_defaults(by=people.editor, at=local(date(2026, 9, 1)))
    return at, people


@pytest.fixture
def stage(company, pool, request) -> Stage:
    channel = getattr(request, "param", Channel.COUNTER)
    at, people = company
    outlet = at.counter
    if channel != Channel.COUNTER:
        outlet = worlds.outlet("AGG-X-01", "Tổ thử", at.long_xuyen, channel)
    checklist = Checklist.objects.get(channel=channel)
    asked_for = scenarios.create(
        title="Kịch bản", channel=channel, service="Di động", brief="Hỏi giá.", by=people.coordinator, at=PLANNED_AT
    )
    card = scenarios.add_answer_card(
        scenario=asked_for, valid_from=date(2026, 10, 1), content="Giá", by=people.coordinator, at=PLANNED_AT
    )
    wave = waves.plan(
        name="Đợt thử",
        checklist=checklist,
        unit=at.group,
        visits_per_outlet=1,
        starts_on=OPENS,
        ends_on=DUE,
        scenarios=[asked_for],
        outlets=Outlet.objects.filter(pk=outlet.pk),
        by=people.coordinator,
        at=PLANNED_AT,
    )
    worker = StaffMember.objects.create(staff_number="NV1", full_name="Kim Ngọc")
    job = JobRole.objects.create(code="job", name_vi="Việc", name_en="Job", channel=channel)
    Placement.objects.create(staff=worker, unit=outlet.unit, job_role=job, valid_from=worlds.FOUNDED)
    loader = Loader({checklist.pk: checklist.versions.get()})
    code, window = outlet.unit.code, Window(OPENS, DUE)
    staging = Staging(
        coordinator=people.coordinator,
        reviewers=[people.reviewer],
        pictures=pool,
        questions=Questions(cards={asked_for.pk: [card]}),
        crews={outlet.pk: [Worker(worker.pk, "NV1", worlds.FOUNDED, None)]},
        today=worlds.TODAY,
    )
    errand = Errand("test", wave, outlet.pk, code, channel, window, asked_for, people.shopper)
    return Stage(wave.visits.get(), errand, staging, loader)


def columns(visit: Visit) -> dict[str, list[dict[str, object]]]:
    """Every column of the visit and of all below it, but for keys, receipts and paths."""
    left_out = {"id", "public_id", "visit", "receipt", "file", "thumbnail"}

    def plain(row) -> dict[str, object]:
        names = [field.attname for field in row._meta.concrete_fields if field.name not in left_out]
        found = {name: getattr(row, name) for name in names}
        return found | {"met_stamp": bool(found["met_stamp"])} if "met_stamp" in found else found

    return {
        "visit": [plain(visit)],
        "events": [plain(row) for row in VisitEvent.objects.filter(visit=visit).order_by("pk")],
        "answers": [plain(row) for row in Answer.objects.filter(visit=visit).order_by("criterion")],
        "photos": [plain(row) for row in Photo.objects.filter(visit=visit).order_by("criterion", "sha256")],
        "submissions": [plain(row) for row in Submission.objects.filter(visit=visit).order_by("number")],
        "remarks": [plain(row) for row in Remark.objects.filter(visit=visit).order_by("criterion")],
    }


def load(stage: Stage, life: Life) -> Visit:
    before = set(Visit.objects.values_list("pk", flat=True))
    stage.loader.write([life])
    return Visit.objects.exclude(pk__in=before).get()


COURSES = {
    "approved": (Channel.COUNTER, Course(DAY)),
    "overnight": (Channel.COUNTER, Course(DAY, is_overnight=True)),
    "returned": (Channel.COUNTER, Course(DAY, is_returned=True)),
    "nothing_applies": (Channel.COUNTER, Course(DAY, all_not_applicable=True)),
    "not_possible": (Channel.COUNTER, Course(DAY, ends="not_possible")),
    "voided": (Channel.COUNTER, Course(DAY, ends="voided")),
    "late": (Channel.COUNTER, Course(DUE + timedelta(days=2))),
    "hotline": (Channel.HOTLINE, Course(DAY, follow_up="later")),
    "technician_later": (Channel.TECHNICIAN, Course(DAY, follow_up="later")),
    "technician_now": (Channel.TECHNICIAN, Course(DAY, follow_up="now")),
    "technician_lapsed": (Channel.TECHNICIAN, Course(DAY, follow_up="never")),
    "sales": (Channel.SALES, Course(DAY, follow_up="later")),
}


@pytest.mark.parametrize(("stage", "course"), list(COURSES.values()), ids=list(COURSES), indirect=["stage"])
def test_a_loaded_visit_equals_one_made_through_the_actions(stage, course):
    life = stage.life(course)
    acted = act_out(life, stage.planned)  # first: the actions would refuse a second visit of the shopper here
    assert columns(load(stage, life)) == columns(acted)


def test_a_life_cut_short_equals_the_same_actions_so_far(stage):
    life = stage.life(Course(DAY, is_overnight=True)).until(local(DAY + timedelta(days=1)))
    acted = act_out(life, stage.planned)
    loaded = load(stage, life)
    assert (loaded.state, 0 < loaded.answers.count() < 35) == ("in_progress", True)
    assert columns(loaded) == columns(acted)


def test_a_visit_submitted_with_gaps_is_refused(stage):
    life = stage.life(Course(DAY))
    with pytest.raises(Impossible, match="1 gaps"):
        stage.loader.write([replace(life, said=life.said[1:])])


def test_a_visit_that_skips_a_state_is_refused(stage):
    life = stage.life(Course(DAY))
    with pytest.raises(Impossible, match="after assigned"):
        stage.loader.write([replace(life, steps=(*life.steps[:2], *life.steps[3:]))])


def test_every_loaded_row_has_ids_of_its_own(stage):
    life = stage.life(Course(DAY))
    stage.loader.write([life, replace(life, key="another")])
    for model, name in ((Visit, "public_id"), (Photo, "public_id"), (Submission, "receipt")):
        ids = list(model.objects.values_list(name, flat=True))
        assert len(ids) == len(set(ids)) > 1
