"""Acts a planned life out through the actions, moment by moment, as people would."""

import io
from collections import defaultdict
from datetime import datetime
from functools import cache

from audits import photos
from audits.fieldwork.planning.actions import assignments
from audits.fieldwork.visits import actions as visits
from audits.models import Answer, Visit, VisitEvent
from audits.review import actions as review
from outlets.models import StaffMember
from vnpt_smile.demo import pictures
from vnpt_smile.demo.loader import Life, Step

Kind = VisitEvent.Kind


def act_out(life: Life, visit: Visit) -> Visit:
    """Does to the planned `visit` what `life` tells, in the order of time."""
    moments: dict[datetime, list] = defaultdict(list)
    approved_at = next((step.at for step in life.steps if step.kind == Kind.APPROVED), None)
    for said in life.said:
        if said.at != approved_at:  # what lapses is written by the approval itself
            moments[said.at].append(said)
    for shot in life.shots:
        if shot.code:
            moments[shot.at].append(shot)
    steps = {step.at: step for step in life.steps}
    for at in sorted({*moments, *steps}):
        visit.refresh_from_db()
        if moments[at]:
            _save(visit, life, moments[at], at)
        if at in steps:
            _step(visit, life, steps[at])
    visit.refresh_from_db()
    return visit


def _save(visit: Visit, life: Life, given: list, at: datetime) -> None:
    seen = dict(Answer.objects.filter(visit=visit).values_list("criterion__code", "revision"))
    entries = [
        visits.Entry(
            said.code,
            value=said.value,
            number=said.number,
            text=said.text,
            note=said.note,
            na_reason=said.na_reason,
            photo_waiver=said.photo_waiver,
            seen=seen.get(said.code, 0),
        )
        for said in given
        if hasattr(said, "value")
    ]
    taken = [visits.NewPhoto(shot.code, _clean(shot.picture)) for shot in given if not hasattr(shot, "value")]
    saved = visits.save_answers(visit=visit, entries=entries, photos=taken, by=life.shopper, at=at)
    assert saved == visits.Saved(tuple(entry.code for entry in entries), photos=len(taken))


def _step(visit: Visit, life: Life, step: Step) -> None:
    stamp = {"by": step.by, "at": step.at}
    if step.kind == Kind.ASSIGNED:
        assignments.assign(visit=visit, shopper=life.shopper, **stamp)
    elif step.kind == Kind.STARTED:
        visits.start(visit=visit, **stamp)
        staff = StaffMember.objects.filter(pk=life.met_staff_id).first()
        visits.save_met(visit=visit, visited_on=life.visited_on, staff=staff, description=life.met_description, **stamp)
    elif step.kind == Kind.SUBMITTED:
        visits.submit(visit=visit, **stamp)
    elif step.kind == Kind.FOLLOWED_UP:
        visits.submit_follow_up(visit=visit, **stamp)
    elif step.kind == Kind.RETURNED:
        review.return_visit(visit=visit, remarks={note.code: note.text for note in life.remarks}, **stamp)
    elif step.kind == Kind.APPROVED:
        review.approve(visit=visit, **stamp)
    elif step.kind == Kind.VOIDED:
        assignments.void(visit=visit, reason=step.note, **stamp)
    elif step.kind == Kind.NOT_POSSIBLE:
        doors = [_clean(shot.picture) for shot in life.shots]
        visits.report_not_possible(visit=visit, reason=life.not_possible, note=step.note, photos=doors, **stamp)


@cache
def _clean(picture: pictures.Picture) -> photos.CleanPhoto:
    motif, number = picture.file.removeprefix(f"{pictures.FOLDER}/").removesuffix(".jpg").split("-")
    return photos.intake(io.BytesIO(pictures.draw(motif, int(number) - 1)))
