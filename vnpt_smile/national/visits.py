"""The visits of one month, as rows: drawn from patterns, with their submissions, answers and events."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from audits.checklists.models import Checklist
from audits.fieldwork.models import Answer, Submission, Visit, VisitEvent, Wave
from audits.fieldwork.states import VisitState
from audits.fieldwork.visits.actions import RECEIPT_LETTERS
from audits.results import months
from audits.results.blocks import Candidate
from outlets.models import Channel, Unit
from outlets.rows import insert, reserve, stored
from vnpt_smile.demo.chance import dice
from vnpt_smile.demo.dates import local
from vnpt_smile.national import instrument, patterns, plan
from vnpt_smile.national.instrument import Instruments
from vnpt_smile.national.organisation import TOP, Point
from vnpt_smile.national.patterns import ANSWERED, Pattern, Patterns
from vnpt_smile.national.people import Team
from vnpt_smile.national.scale import Scale


@dataclass(frozen=True)
class Country:
    """Everything that the visits of any month are made of. `patterns` by version, `waves` by channel and month."""

    scale: Scale
    points: Sequence[Point]
    team: Team
    instruments: Instruments
    patterns: Mapping[int, Patterns]
    waves: Mapping[tuple[Channel, date], int]
    checklists: Mapping[Channel, int]


@dataclass(frozen=True, slots=True)
class Made:
    """One visit: its keys, where, when and by whom, and the pattern it was drawn from."""

    visit_id: int
    submission_id: int
    point: Point
    shopper_id: int
    day: date
    pattern: Pattern

    def candidate(self, checklist_id: int) -> Candidate:
        score = self.pattern.score
        return Candidate(
            self.visit_id,
            self.point.unit_id,
            checklist_id,
            self.shopper_id,
            self.day,
            self.submission_id,
            score.percent,
            len(score.critical_failed),
        )


def plan_waves(scale: Scale, *, team: Team) -> dict[tuple[Channel, date], int]:
    """A wave for each checklist and month; their keys by channel and first day."""
    top = Unit.objects.get(code=TOP)
    waves = [
        Wave(
            name=f"Tháng {month:%m/%Y} – {checklist.name_vi}",
            checklist=checklist,
            unit=top,
            visits_per_outlet=min(20, plan.most_visits(scale)),
            starts_on=month,
            ends_on=months.last_day(month),
            created_at=local(month - timedelta(days=10), 9),
            created_by=team.office,
        ).fill_search()
        for month in scale.all_months
        for checklist in Checklist.objects.order_by("position")
    ]
    made = Wave.objects.bulk_create(waves)
    return {(Channel(wave.checklist.channel), wave.starts_on): wave.pk for wave in made}


def draw(country: Country, number: int) -> list[Made]:
    """The visits of the month with that number, from 0. Two queries, for their keys."""
    scale, month = country.scale, country.scale.all_months[number]
    rng = dice(f"{scale.seed} month {number}")
    each = plan.visits_of_outlets(scale, number)
    keys = zip(reserve(Visit, sum(each.values())), reserve(Submission, sum(each.values())), strict=True)
    asked = {channel: instrument.on(running, month) for channel, running in country.instruments.items()}
    made = []
    for outlet, visits in sorted(each.items()):
        point = country.points[outlet]
        course = plan.course(scale.seed, point.code, point.region)
        pool = country.team.shoppers[point.region]
        levels = country.patterns[asked[point.channel].version_id]
        for visit in range(visits):
            shopper = plan.shopper(scale, outlet, number, visit, len(pool))
            day = rng.choice(plan.days(month))
            eye = plan.strictness(scale.seed, point.region, shopper)
            level = patterns.level_of(plan.quality(rng, course, number, day, eye))
            made.append(Made(*next(keys), point, pool[shopper], day, rng.choice(levels[level])))
    return made


def write(country: Country, number: int, made: Sequence[Made], *, is_open: bool) -> None:
    """Writes the visits of a month, published or, when the month is open, approved."""
    month = country.scale.all_months[number]
    state = VisitState.APPROVED if is_open else VisitState.PUBLISHED
    rng = dice(f"{country.scale.seed} rows {number}")
    last = months.last_day(month)
    insert(
        Visit,
        VISIT,
        (
            (
                each.visit_id,
                UUID(int=rng.getrandbits(128), version=4),
                country.waves[each.point.channel, month],
                each.point.unit_id,
                each.pattern.version_id,
                each.shopper_id,
                state,
                month,
                last,
                each.day,
                local(each.day) + each.pattern.started,
                local(each.day) + each.pattern.submitted,
                local(each.day + timedelta(days=rng.randint(1, 2)), rng.randint(8, 16), rng.randint(0, 59)),
                rng.choice(country.team.reviewers),
                each.pattern.met,
            )
            for each in made
        ),
    )
    receipts = _receipts(country, number, made)
    insert(Submission, SUBMISSION, (_submission(each, next(receipts)) for each in made))
    insert(Answer, ("visit_id", "changed_at", *ANSWERED), _answers(made))
    if not is_open:
        event = (VisitEvent.Kind.PUBLISHED, VisitState.APPROVED, VisitState.PUBLISHED, closed_at(month))
        told = tuple(map(stored, event))
        insert(VisitEvent, EVENT, ((each.visit_id, *told, country.team.office.pk) for each in made))


VISIT = (
    *("id", "public_id", "wave_id", "outlet_id", "version_id", "shopper_id", "state", "opens_on", "due_on"),
    *("visited_on", "started_at", "submitted_at", "approved_at", "approved_by_id", "met_description"),
)
SUBMISSION = (
    *("id", "visit_id", "number", "receipt", "submitted_at", "answers", "photos", "percent", "personal", "grade"),
    *("is_capped", "critical_failures", "rules", "workings"),
)
EVENT = ("visit_id", "kind", "from_state", "to_state", "at", "by_id")


def closed_at(month: date):
    """When the office closed a month."""
    return local(months.later(month, 1).replace(day=5), 10)


def _submission(each: Made, receipt: str) -> tuple[object, ...]:
    pattern, score = each.pattern, each.pattern.score
    return (
        each.submission_id,
        each.visit_id,
        1,
        receipt,
        local(each.day) + pattern.submitted,
        len(pattern.answers),
        0,
        score.percent,
        score.personal,
        score.grade or "",
        score.capped,
        len(score.critical_failed),
        score.rules,
        pattern.workings,
    )


def _receipts(country: Country, number: int, made: Sequence[Made]) -> Iterator[str]:
    """A visit is submitted on its day, so receipts of different months cannot be the same."""
    rng = dice(f"{country.scale.seed} receipts {number}")
    given = set()
    for each in made:
        while (receipt := f"NC-{each.day:%y%m%d}-{''.join(rng.choices(RECEIPT_LETTERS, k=5))}") in given:
            pass
        given.add(receipt)
        yield receipt


def _answers(made: Sequence[Made]) -> Iterator[tuple[object, ...]]:
    for each in made:
        midnight = local(each.day)
        moments = [stored(midnight + moment) for moment in each.pattern.moments]
        for moment, values in each.pattern.answers:
            yield (each.visit_id, moments[moment], *values)
