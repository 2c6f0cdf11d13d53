"""How one visit of the demo goes: planned, given out, made, submitted, reviewed; or not. Plain data, no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random

from django.utils import timezone
from django.utils.translation import gettext as _

from audits.checklists.models import Criterion
from audits.checklists.outline import Outline
from audits.fieldwork.planning.schedule import Window
from audits.fieldwork.visits import sheet
from audits.models import Scenario, Wave
from audits.scoring import NOT_APPLICABLE
from outlets.models import User
from vnpt_smile.demo import answers, words
from vnpt_smile.demo.answers import Service
from vnpt_smile.demo.dates import is_served, local, served_between
from vnpt_smile.demo.loader import Kind, Life, Note, Said, Shot, Step
from vnpt_smile.demo.pictures import Picture
from vnpt_smile.demo.quality import Crew, Worker, chances
from vnpt_smile.demo.scenarios import Questions

FORGOTTEN_DAYS = 12  # after that somebody has seen to it
# Why a visit could not be made, with how often.
REASONS = {"closed": 50, "refused": 15, "unsafe": 15, "moved": 10, "recognised": 10}


@dataclass(frozen=True)
class Errand:
    """One visit as planned: where, when, with which question, by whom (None: nobody yet)."""

    key: str
    wave: Wave
    outlet_id: int
    code: str
    channel: str
    window: Window
    scenario: Scenario | None
    shopper: User | None


@dataclass(frozen=True)
class Course:
    """How the visit turns out. `day` is the day on which it is made, or found impossible."""

    day: date
    ends: str = "approved"  # or "not_possible", "voided"
    is_overnight: bool = False  # finished on the next day
    is_returned: bool = False
    follow_up: str = "later"  # "now", "later" or "never"; only where the checklist asks for something later
    review_days: int = 2
    all_not_applicable: bool = False


@dataclass(frozen=True)
class Staging:
    """What every visit draws on."""

    coordinator: User
    reviewers: Sequence[User]
    pictures: Mapping[str, Sequence[Picture]]
    questions: Questions
    crews: Mapping[int, Crew] = field(default_factory=dict)  # by outlet
    marks: Mapping[str, str] = field(default_factory=dict)  # by outlet code
    today: date = date.max


def course(rng: Random, errand: Errand, today: date) -> Course:
    """How a visit turns out by chance; some that were due lately are still not made."""
    days = served_between(errand.window.opens_on, errand.window.due_on)
    day = rng.choice(days)
    if rng.random() < 0.06:
        day = errand.window.due_on + timedelta(days=rng.randint(1, 4))
        while not is_served(day):
            day += timedelta(days=1)
    if 0 < (today - errand.window.due_on).days < FORGOTTEN_DAYS and rng.random() < 0.06:
        day = today + timedelta(days=1)
    ends = rng.choices(("approved", "not_possible", "voided"), (94, 3.5, 2.5))[0]
    return Course(
        day=day,
        ends=ends,
        is_overnight=rng.random() < 0.12,
        is_returned=rng.random() < 0.05,
        follow_up=rng.choices(("now", "later", "never"), (15, 70, 15))[0],
        review_days=rng.choices((1, 2, 3, 4, 6), (30, 30, 20, 15, 5))[0],
        all_not_applicable=rng.random() < 0.004,
    )


def live(rng: Random, errand: Errand, course: Course, asked: Outline, staging: Staging) -> Life:
    """The whole life of a visit; `Life.until` cuts it at the present."""
    life = Life(
        key=errand.key,
        wave=errand.wave,
        outlet_id=errand.outlet_id,
        opens_on=errand.window.opens_on,
        due_on=errand.window.due_on,
        scenario=errand.scenario,
        shopper=errand.shopper,
        steps=(Step(Kind.PLANNED, errand.wave.created_at, staging.coordinator),),
    )
    if errand.shopper is None:
        return life
    given_at = errand.wave.created_at + timedelta(days=rng.randint(1, 3), minutes=rng.randint(0, 300))
    life = _then(life, Step(Kind.ASSIGNED, given_at, staging.coordinator, errand.shopper.shown_name))
    if course.ends == "voided":
        at = max(given_at, local(errand.window.opens_on, 9)) + timedelta(hours=rng.randint(1, 30))
        return _then(life, Step(Kind.VOIDED, at, staging.coordinator, rng.choice(words.VOIDED)))
    if course.ends == "not_possible":
        return _not_possible(rng, life, course, staging)
    life = _made(rng, life, errand, course, asked, staging)
    if course.is_returned and not _later(asked):
        life = _returned(rng, life, course, asked, staging)
    return _approved(rng, life, course, asked, staging)


def _then(life: Life, step: Step) -> Life:
    return replace(life, steps=(*life.steps, step))


def _not_possible(rng: Random, life: Life, course: Course, staging: Staging) -> Life:
    at = local(course.day, rng.randint(9, 16), rng.randint(0, 59))
    reason = rng.choices(list(REASONS), list(REASONS.values()))[0]
    doors = staging.pictures["door"]
    shots = (Shot("", at, rng.choice(list(doors))),) if reason == "closed" and doors else ()
    step = Step(Kind.NOT_POSSIBLE, at, _shopper(life), rng.choice(words.NOT_POSSIBLE[reason]))
    return replace(_then(life, step), not_possible=reason, shots=shots)


def _made(rng: Random, life: Life, errand: Errand, course: Course, asked: Outline, staging: Staging) -> Life:
    """Started, filled in and submitted."""
    shopper = _shopper(life)
    saturday = course.day.weekday() == 5
    started = local(course.day, rng.randint(8, 10 if saturday else 15), rng.randint(0, 59))
    left = started + timedelta(minutes=rng.randint(14, 38))
    saved = _moments(rng, left, len(asked.sections), course)
    worker = _met(rng, staging.crews.get(errand.outlet_id, ()), course.day)
    service = _service(rng, errand, course, worker, staging)
    filled = answers.fill_in(rng, asked, service, staging.pictures, started=started, left=left, saved=saved)
    submitted = saved[-1] + timedelta(minutes=rng.randint(2, 6))
    said = filled.said
    steps = [Step(Kind.STARTED, started, shopper), Step(Kind.SUBMITTED, submitted, shopper)]
    if _later(asked) and course.follow_up != "never":
        at = saved[-1]
        if course.follow_up == "later":
            at = local(course.day + timedelta(days=rng.randint(2, sheet.FOLLOW_UP_DAYS - 1)), 20, rng.randint(0, 59))
            steps.append(Step(Kind.FOLLOWED_UP, at + timedelta(minutes=2), shopper))
        said += answers.follow_up(rng, asked, service, at=at)
    return replace(
        life,
        answer_card=staging.questions.card_on(errand.scenario, course.day),
        visited_on=course.day,
        met_staff_id=worker.staff_id if worker else None,
        met_description="" if worker else words.met(rng, errand.channel),
        said=said,
        shots=filled.shots,
        steps=(*life.steps, *steps),
    )


def _moments(rng: Random, left: datetime, sections: int, course: Course) -> list[datetime]:
    """When each section was saved: soon after leaving; overnight, the second half on the next day."""
    at = left + timedelta(minutes=rng.randint(3, 45))
    moments = []
    for number in range(sections):
        if course.is_overnight and number == sections // 2:
            at = max(at, local(course.day + timedelta(days=1), 8, rng.randint(0, 59)))
        at += timedelta(seconds=rng.randint(50, 200))
        moments.append(at)
    return moments


def _service(rng: Random, errand: Errand, course: Course, worker: Worker | None, staging: Staging) -> Service:
    mark = staging.marks.get(errand.code, "")
    place, person = chances(rng, errand.code, mark, course.day, staging.today, worker)
    fails = ("TQ-H2",) if mark == "slips" and rng.random() < 0.3 and (staging.today - course.day).days < 120 else ()
    return Service(place, person, all_not_applicable=course.all_not_applicable, fails=fails)


def _met(rng: Random, crew: Crew, day: date) -> Worker | None:
    """Whom the shopper met, if the name could be read."""
    there = [worker for worker in crew if worker.works_on(day)]
    return rng.choice(there) if there and rng.random() < 0.85 else None


def _returned(rng: Random, life: Life, course: Course, asked: Outline, staging: Staging) -> Life:
    """Sent back with remarks on one or two answers, mended and submitted again."""
    at = _review_at(rng, life.steps[-1].at, 1)
    reviewer = rng.choice(list(staging.reviewers))
    noted = [said for said in life.said if said.note]
    chosen = rng.sample(noted, min(len(noted), rng.randint(1, 2))) or [life.said[0]]
    order = [criterion.code for criterion in asked.criteria]
    chosen.sort(key=lambda said: order.index(said.code))
    remarks = tuple(Note(said.code, at, reviewer, _remark(rng, said)) for said in chosen)
    fixed_at = local(timezone.localdate(at) + timedelta(days=rng.randint(1, 2)), 19, rng.randint(0, 59))
    mended = tuple(replace(said, at=fixed_at, note=said.note + rng.choice(words.ADDED)) for said in chosen)
    steps = (
        Step(Kind.RETURNED, at, reviewer),
        Step(Kind.SUBMITTED, fixed_at + timedelta(minutes=3), _shopper(life)),
    )
    return replace(life, remarks=remarks, said=life.said + mended, steps=(*life.steps, *steps))


def _remark(rng: Random, said: Said) -> str:
    return rng.choice(words.REMARKS["note" if said.number is None else "number"])


def _approved(rng: Random, life: Life, course: Course, asked: Outline, staging: Staging) -> Life:
    """Approved by a reviewer; what was never followed up lapses then, as the action lets it."""
    at = _review_at(rng, life.steps[-1].at, course.review_days)
    reviewer = rng.choice(list(staging.reviewers))
    later = _later(asked)
    if later and course.follow_up == "never":
        deadline = course.day + timedelta(days=sheet.FOLLOW_UP_DAYS)
        at = _review_at(rng, local(deadline, 12), rng.randint(1, 3))
        lapsed = tuple(Said(code, at, NOT_APPLICABLE, na_reason=_("Lapsed: not answered in time")) for code in later)
        life = replace(life, said=life.said + lapsed)
    return _then(life, Step(Kind.APPROVED, at, reviewer))


def _review_at(rng: Random, after: datetime, days: int) -> datetime:
    """Office hours, some days later."""
    day = timezone.localdate(after) + timedelta(days=days)
    while not is_served(day):
        day += timedelta(days=1)
    return local(day, rng.randint(8, 16), rng.randint(0, 59))


def _later(asked: Outline) -> list[str]:
    """The codes of the criteria that are answered days later."""
    return [criterion.code for criterion in asked.criteria if criterion.stage == Criterion.Stage.FOLLOW_UP]


def _shopper(life: Life) -> User:
    if life.shopper is None:
        raise ValueError(f"{life.key} has no shopper")
    return life.shopper
