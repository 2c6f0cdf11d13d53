"""Visits from plain data to rows, thousands at a time, with the same columns that the actions write.

The demo needs a year of history in seconds, so it cannot go through `visits.start` and `visits.submit`. What
those do to a row is done here once more, and tests/demo/test_loader.py holds the two against each other, column
by column. A visit that the actions would refuse is refused here too.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from random import Random
from uuid import UUID

from django.db.models import Model
from django.utils import timezone

from audits import scoring
from audits.checklists.models import ChecklistVersion
from audits.checklists.outline import Outline, outline
from audits.fieldwork.states import TRANSITIONS, VisitState
from audits.fieldwork.visits import completeness
from audits.fieldwork.visits.actions import RECEIPT_LETTERS
from audits.fieldwork.visits.completeness import NOTHING, Given
from audits.models import Answer, AnswerCard, Photo, Remark, Scenario, Submission, Visit, VisitEvent, Wave
from outlets.models import User
from vnpt_smile.demo.chance import dice
from vnpt_smile.demo.insertion import Row, insert
from vnpt_smile.demo.pictures import Picture

BATCH = 1000
CENT = Decimal("0.01")  # what the column keeps of a number; the actions score what they read back from it
Kind = VisitEvent.Kind
LEADS_TO = {
    Kind.PLANNED: VisitState.PLANNED,
    Kind.ASSIGNED: VisitState.ASSIGNED,
    Kind.STARTED: VisitState.IN_PROGRESS,
    Kind.SUBMITTED: VisitState.SUBMITTED,
    Kind.FOLLOWED_UP: VisitState.SUBMITTED,
    Kind.RETURNED: VisitState.RETURNED,
    Kind.APPROVED: VisitState.APPROVED,
    Kind.NOT_POSSIBLE: VisitState.NOT_POSSIBLE,
    Kind.VOIDED: VisitState.VOIDED,
}


class Impossible(Exception):
    """A visit that the actions would not have let happen."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a shopper gave for one criterion at one moment; a later one of the same criterion replaces it."""

    code: str
    at: datetime
    value: str = ""
    number: Decimal | None = None
    text: str = ""
    note: str = ""
    na_reason: str = ""
    photo_waiver: str = ""


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo of a criterion; without a code it is of the door of a visit that was not possible."""

    code: str
    at: datetime
    picture: Picture


@dataclass(frozen=True, slots=True)
class Note:
    """A reviewer's remark; it is resolved by the next submission."""

    code: str
    at: datetime
    by: User
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a visit. `note` is what the action writes there: the shopper's code, a reason."""

    kind: Kind
    at: datetime
    by: User
    note: str = ""


@dataclass(frozen=True)
class Life:
    """A visit's whole life as plain data, each part in the order of time. `key` names it for its ids."""

    key: str
    wave: Wave
    outlet_id: int
    opens_on: date
    due_on: date
    steps: tuple[Step, ...]
    scenario: Scenario | None = None
    answer_card: AnswerCard | None = None
    shopper: User | None = None
    visited_on: date | None = None
    met_staff_id: int | None = None
    met_description: str = ""
    said: tuple[Said, ...] = ()
    shots: tuple[Shot, ...] = ()
    remarks: tuple[Note, ...] = ()
    not_possible: str = ""

    def until(self, moment: datetime) -> "Life":
        """The same life, as far as it had come by then."""
        return replace(
            self,
            steps=tuple(step for step in self.steps if step.at < moment),
            said=tuple(said for said in self.said if said.at < moment),
            shots=tuple(shot for shot in self.shots if shot.at < moment),
            remarks=tuple(remark for remark in self.remarks if remark.at < moment),
        )


class Loader:
    """Writes lives. `versions` holds the running version of each checklist, by the checklist's key."""

    def __init__(self, versions: Mapping[int, ChecklistVersion]) -> None:
        self._versions = versions
        self._outlines: dict[int, Outline] = {key: outline(version) for key, version in versions.items()}
        self._receipts: set[str] = set()
        self.written: Counter[str] = Counter()

    def outline_of(self, wave: Wave) -> Outline:
        return self._outlines[wave.checklist_id]

    def write(self, lives: Iterable[Life]) -> None:
        """Writes the visits with all below them, each table in a few statements. Raises Impossible."""
        lives = list(lives)
        for life in lives:
            _refuse_leaps(life)
        visits = Visit.objects.bulk_create([self._visit(life) for life in lives], batch_size=BATCH)
        rows: dict[type[Model], list[Row]] = {VisitEvent: [], Answer: [], Photo: [], Submission: [], Remark: []}
        for life, visit in zip(lives, visits, strict=True):
            rows[VisitEvent] += _events(visit, life)
            rows[Photo] += self._photos(visit, life)
            if visit.started_at is not None:
                results: dict[str, scoring.Line] = {}
                rows[Submission] += self._submissions(visit, life, results)
                rows[Answer] += self._answers(visit, life, results)
                rows[Remark] += self._remarks(visit, life)
        for model, some in rows.items():
            insert(model, some)
            self.written[model._meta.model_name or ""] += len(some)
        self.written["visit"] += len(visits)

    def _visit(self, life: Life) -> Visit:
        last: dict[Kind, Step] = {step.kind: step for step in life.steps}
        visit = Visit(
            public_id=_uuid(dice(f"visit {life.key}")),
            wave_id=life.wave.pk,
            outlet_id=life.outlet_id,
            scenario=life.scenario,
            opens_on=life.opens_on,
            due_on=life.due_on,
            state=LEADS_TO[life.steps[-1].kind],
            shopper=life.shopper if Kind.ASSIGNED in last else None,
        )
        if started := last.get(Kind.STARTED):
            visit.version = self._versions[life.wave.checklist_id]
            visit.answer_card = life.answer_card
            visit.started_at = started.at
            visit.visited_on = life.visited_on
            visit.met_staff_id, visit.met_description = life.met_staff_id, life.met_description
            if life.met_staff_id or life.met_description:
                visit.met_stamp = _uuid(dice(f"met {life.key}"))
        if submitted := last.get(Kind.SUBMITTED):
            visit.submitted_at = submitted.at
        if approved := last.get(Kind.APPROVED):
            visit.approved_at, visit.approved_by = approved.at, approved.by
        if not_possible := last.get(Kind.NOT_POSSIBLE):
            visit.not_possible_reason, visit.not_possible_note = life.not_possible, not_possible.note
            visit.visited_on = timezone.localdate(not_possible.at)
        if voided := last.get(Kind.VOIDED):
            visit.void_reason = voided.note
        return visit

    def _photos(self, visit: Visit, life: Life) -> Iterator[Row]:
        criteria = self.outline_of(life.wave).by_code
        ids = dice(f"photos {life.key}")
        for shot in life.shots:
            yield {
                "public_id": _uuid(ids),
                "visit_id": visit.pk,
                "criterion_id": criteria[shot.code].id if shot.code else None,
                "added_at": shot.at,
                **vars(shot.picture),
            }

    def _answers(self, visit: Visit, life: Life, results: Mapping[str, scoring.Line]) -> Iterator[Row]:
        """The last word on each criterion, with the result that the last submission gave it."""
        criteria = self.outline_of(life.wave).by_code
        revisions = Counter(said.code for said in life.said)
        for said in {said.code: said for said in life.said}.values():
            line = results.get(said.code)
            result = line.result if line else None
            yield {
                "visit_id": visit.pk,
                "criterion_id": criteria[said.code].id,
                "value": said.value,
                "number": said.number,
                "text": said.text,
                "note": said.note,
                "na_reason": said.na_reason,
                "photo_waiver": said.photo_waiver,
                "revision": revisions[said.code],
                "changed_at": said.at,
                "result": result,
                "lost": line.lost if line and result is not None else None,
            }

    def _submissions(self, visit: Visit, life: Life, results: dict[str, scoring.Line]) -> Iterator[Row]:
        """Each scores what had been given by then; `results` keeps the lines of the last one for the answers."""
        asked, receipts = self.outline_of(life.wave), dice(f"receipts {life.key}")
        steps = [step for step in life.steps if step.kind in (Kind.SUBMITTED, Kind.FOLLOWED_UP)]
        if steps and not visit.met_staff_id and not visit.met_description:
            raise Impossible(f"{life.key}: submitted without who was met")
        for number, step in enumerate(steps, start=1):
            photos = Counter(shot.code for shot in life.shots if shot.at <= step.at)
            given = _given(life, step.at, photos)
            criteria = asked.criteria if step.kind == Kind.FOLLOWED_UP else completeness.asked_now(asked.criteria)
            if gaps := completeness.gaps(criteria, given):
                raise Impossible(f"{life.key}: submitted with {len(gaps)} gaps, first {gaps[0]}")
            answered = [
                completeness.scored_answer(asked.by_code[code], each)
                for code, each in given.items()
                if each.is_answered
            ]
            score = scoring.score(asked.rules, answered, asked.bands)
            results |= {line.code: line for line in score.lines if line.code in given}
            later = completeness.asked_later(asked.criteria)
            yield {
                "visit_id": visit.pk,
                "number": number,
                "receipt": self._receipt(step.at, receipts),
                "submitted_at": step.at,
                "answers": len(answered),
                "photos": photos.total(),
                "open_follow_ups": sum(bool(completeness.gaps_of(c, given.get(c.code, NOTHING))) for c in later),
                "percent": score.percent,
                "personal": score.personal,
                "grade": score.grade or "",
                "is_capped": score.capped,
                "critical_failures": len(score.critical_failed),
                "rules": score.rules,
                "workings": scoring.workings(score),
            }

    def _receipt(self, at: datetime, rng: Random) -> str:
        while True:
            receipt = f"NC-{timezone.localdate(at):%y%m%d}-{''.join(rng.choices(RECEIPT_LETTERS, k=5))}"
            if receipt not in self._receipts:
                self._receipts.add(receipt)
                return receipt

    def _remarks(self, visit: Visit, life: Life) -> Iterator[Row]:
        criteria = self.outline_of(life.wave).by_code
        for note in life.remarks:
            resolved = (step.at for step in life.steps if step.kind == Kind.SUBMITTED and step.at > note.at)
            yield {
                "visit_id": visit.pk,
                "criterion_id": criteria[note.code].id,
                "text": note.text,
                "made_at": note.at,
                "made_by_id": note.by.pk,
                "resolved_at": next(resolved, None),
            }


def _refuse_leaps(life: Life) -> None:
    """Raises Impossible for a step that the transition table does not allow, and for one back in time."""
    for before, step in pairwise(life.steps):
        state = LEADS_TO[before.kind]
        if LEADS_TO[step.kind] not in TRANSITIONS[state] or step.at < before.at:
            raise Impossible(f"{life.key}: {step.kind} at {step.at} after {state} at {before.at}")


def _events(visit: Visit, life: Life) -> Iterator[Row]:
    state = ""
    for step in life.steps:
        yield {
            "visit_id": visit.pk,
            "kind": step.kind,
            "from_state": state,
            "to_state": LEADS_TO[step.kind],
            "at": step.at,
            "by_id": step.by.pk,
            "note": step.note,
        }
        state = LEADS_TO[step.kind]


def _given(life: Life, at: datetime, photos: Mapping[str, int]) -> dict[str, Given]:
    return {
        said.code: Given(
            value=said.value,
            number=None if said.number is None else said.number.quantize(CENT),
            text=said.text,
            note=said.note,
            na_reason=said.na_reason,
            photos=photos.get(said.code, 0),
            photo_waiver=said.photo_waiver,
        )
        for said in life.said
        if said.at <= at
    }


def _uuid(rng: Random) -> UUID:
    return UUID(int=rng.getrandbits(128), version=4)
