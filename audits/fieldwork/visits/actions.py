"""What a shopper does with a visit. Every write with a rule, each in one transaction with its event.

All are for the visit's own shopper; views load visits through `Visit.objects.of_shopper(user)`.
"""

import secrets
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from audits import photos as photo_files
from audits import scoring
from audits.checklists.models import ChecklistVersion
from audits.checklists.outline import CriterionOutline
from audits.checklists.publishing import actions as publishing
from audits.fieldwork.arrival import times
from audits.fieldwork.models import Answer, Photo, PhotoTwin, Remark, Submission, TakenBack, Visit, VisitEvent
from audits.fieldwork.planning.queries import card_on
from audits.fieldwork.states import VisitState
from audits.fieldwork.transitions import StaleState, move
from audits.fieldwork.visits import completeness, refusals, sheet
from outlets.models import StaffMember, User

PHOTOS_EACH = 8  # of one question at most
RECEIPT_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that are read for another


@dataclass(frozen=True)
class Entry:
    """What a form gives for one criterion. `seen` is the revision the form was filled over; 0 when there was none."""

    code: str
    value: str = ""
    number: Decimal | None = None
    text: str = ""
    note: str = ""
    na_reason: str = ""
    photo_waiver: str = ""
    seen: int = 0

    def differs_from(self, answer: Answer | None) -> bool:
        if answer is None:
            return self != Entry(self.code, seen=self.seen)
        return (self.value, self.number, self.text, self.note, self.na_reason, self.photo_waiver) != (
            answer.value,
            answer.number,
            answer.text,
            answer.note,
            answer.na_reason,
            answer.photo_waiver,
        )


@dataclass(frozen=True)
class Saved:
    """What a save did, by the criteria's codes.

    `conflicts` were changed elsewhere meanwhile and have been left as they are there; `refused` held something new for
    criteria that may not be changed any more; `full` have as many photos as they may have, and have been left so.
    """

    saved: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    full: tuple[str, ...] = ()
    photos: int = 0
    already_there: int = 0


@dataclass(frozen=True)
class NewPhoto:
    """A cleaned photo for one criterion. `id` is the one that a phone gave it; the server gives one else."""

    code: str
    clean: photo_files.CleanPhoto = field(repr=False)
    id: UUID = field(default_factory=uuid4)


@transaction.atomic
def start(*, visit: Visit, by: User, at: datetime) -> Visit:
    """Starts an assigned visit: pins the running checklist version and the answer card in force today.

    Raises NotYetOpen, NoRunningChecklist, StaleState. A visit may be started after its last day; it is then late.
    """
    today = timezone.localdate(at)
    if today < visit.opens_on:
        raise refusals.NotYetOpen
    publishing.take_effect(at=at, checklist=visit.wave.checklist)
    version = ChecklistVersion.objects.filter(
        checklist=visit.wave.checklist_id, state=ChecklistVersion.State.PUBLISHED
    ).first()
    if version is None:
        raise refusals.NoRunningChecklist
    card = card_on(visit.scenario_id, today)
    move(
        visit,
        VisitState.IN_PROGRESS,
        kind=VisitEvent.Kind.STARTED,
        by=by,
        at=at,
        only_from={VisitState.ASSIGNED},
        version=version,
        answer_card=card,
        started_at=at,
        visited_on=today,
    )
    return visit


@transaction.atomic
def save_met(
    *,
    visit: Visit,
    visited_on: date,
    staff: StaffMember | None,
    description: str,
    hours: times.Times | None = None,
    seen: Collection[str] | None = None,
    stamp: UUID | None = None,
    by: User,
    at: datetime,
) -> Visit:
    """Keeps the day of the visit, when the shopper came and left, and who was met.

    Another day pins the answer card in force on it; hours that are not given stay, on that day. `seen` are the stamps
    of what its writer knows to have been told before, None where nothing says; `stamp` becomes the stamp of this, if
    it says something else. Returns the visit with the stamp that it has then. Raises DayRefused, times.TimesRefused,
    StaffElsewhere, MetMeanwhile, StaleState.
    """
    locked = _lock(visit, by, {VisitState.IN_PROGRESS})
    if not (locked.opens_on <= visited_on <= timezone.localdate(at)):
        raise refusals.DayRefused
    if staff is not None:
        works_here = staff.placements.filter(unit=locked.outlet_id, valid_from__lte=visited_on).exclude(
            valid_to__lte=visited_on
        )
        if not works_here.exists():
            raise refusals.StaffElsewhere
    arrived_at, left_at = (hours or times.of(locked.arrived_at, locked.left_at)).on(visited_on, at=at)
    columns: dict[str, object] = {"visited_on": visited_on, "met_staff": staff, "met_description": description}
    columns |= {"arrived_at": arrived_at, "left_at": left_at}
    is_other = any(getattr(locked, name) != value for name, value in columns.items())
    if is_other and seen is not None and locked.met_stamp and str(locked.met_stamp) not in seen:
        raise refusals.MetMeanwhile(locked)
    if not is_other and locked.met_stamp:
        return locked  # whoever has seen what stands has seen this
    locked.met_stamp = columns["met_stamp"] = stamp or uuid4()
    if visited_on != locked.visited_on:
        columns["answer_card"] = card_on(locked.scenario_id, visited_on)
    Visit.objects.filter(pk=locked.pk).update(**columns)
    return locked


def lock(visit: Visit, by: User) -> Visit:
    """The visit's row as it is now, held until the transaction ends, so that saving and submitting take turns.

    PostgreSQL locks the row; on SQLite every writing transaction (IMMEDIATE) already waits for the one before. Raises
    StaleState when the visit has been given to somebody else than `by` meanwhile.
    """
    locked = Visit.objects.select_for_update().get(pk=visit.pk)
    if locked.shopper_id != by.pk:
        raise StaleState(locked)
    locked.wave, locked.outlet = visit.wave, visit.outlet
    if locked.version_id == visit.version_id:
        locked.version = visit.version
    return locked


def save_answers(
    *,
    visit: Visit,
    entries: Iterable[Entry] = (),
    photos: Iterable[NewPhoto] = (),
    remove: Iterable[Photo] = (),
    restore: Iterable[Photo] = (),
    by: User,
    at: datetime,
) -> Saved:
    """Keeps what a page of the form holds: never demands completeness, never overwrites what it has not seen.

    An entry whose answer was changed elsewhere since the page was loaded, and now reads differently, is left
    alone and named in `conflicts`. What is new for a criterion that may not be changed now is not kept, and named
    in `refused`. The same picture twice is kept once, and no more pictures than a question may have. Raises
    StaleState when the visit can no longer be filled in and something new came, photos.NoRoomOnDisk when the photos
    cannot be stored; nothing is kept then.
    """
    removed, restored = list(remove), list(restore)
    with on_disk(photos, at) as files, transaction.atomic():
        locked = _lock(visit, by, {VisitState.IN_PROGRESS, VisitState.RETURNED, VisitState.SUBMITTED})
        now = sheet.read(locked)
        given = list(entries)
        refused = _refused(now, given, [new for new, _ in files], (*removed, *restored))
        if refused and not now.open_codes:
            raise StaleState(locked)
        kept = save_entries(now, given, at=at)
        open_ids = {now.outline.by_code[code].id for code in now.open_codes}
        Photo.objects.kept().filter(
            pk__in=[photo.pk for photo in removed], visit=locked, criterion__in=open_ids
        ).update(removed_at=at)
        codes: dict[int | None, str] = {criterion.id: criterion.code for criterion in now.outline.criteria}
        added, known, full = 0, 0, []
        for photo in restored:
            try:
                _restore(locked, photo, open_ids)
            except refusals.NoRoom:
                full.append(codes[photo.criterion_id])
        for new, stored in files:
            if new.code not in now.open_codes:
                continue
            try:
                is_new = add_photo(locked, now.outline.by_code[new.code].id, new, stored, at)
            except refusals.NoRoom:
                full.append(new.code)
            else:
                added, known = added + is_new, known + (not is_new)
    return Saved(kept.saved, kept.conflicts, refused, tuple(full), added, known)


def save_entries(now: sheet.Sheet, entries: Iterable[Entry], *, at: datetime) -> Saved:
    """Keeps what entries say of the criteria that may be changed now; what became of each as in `save_answers`.

    Called inside the transaction that holds the visit's row, with the sheet read in it.
    """
    given = list(entries)
    saved, conflicts = [], []
    for entry in given:
        answer = now.answers.get(entry.code)
        if entry.code not in now.open_codes or not entry.differs_from(answer):
            continue
        if answer is not None and answer.revision != entry.seen:
            conflicts.append(entry.code)
            continue
        _write(now.visit, now.outline.by_code[entry.code], entry, answer, at)
        saved.append(entry.code)
    return Saved(tuple(saved), tuple(conflicts), _refused(now, given, (), ()))


def _refused(
    now: sheet.Sheet, entries: Iterable[Entry], photos: Iterable[NewPhoto], moved: Iterable[Photo]
) -> tuple[str, ...]:
    """The criteria that may not be changed and for which something new came, in the checklist's order."""
    ids = {photo.criterion_id for photo in moved}
    new = {entry.code for entry in entries if entry.differs_from(now.answers.get(entry.code))}
    for photo in photos:
        if photo.clean.sha256 not in {kept.sha256 for kept in now.photos.get(photo.code, ())}:
            new.add(photo.code)
    return tuple(
        criterion.code
        for criterion in now.outline.criteria
        if criterion.code not in now.open_codes and (criterion.code in new or criterion.id in ids)
    )


@transaction.atomic
def mark_rest_not_applicable(
    *, visit: Visit, criteria: Iterable[CriterionOutline], reason: str, by: User, at: datetime
) -> int:
    """Answers the unanswered criteria that allow it with N/A and one reason; how many. Raises StaleState."""
    locked = _lock(visit, by, {VisitState.IN_PROGRESS, VisitState.RETURNED})
    now = sheet.read(locked)
    marked = 0
    for criterion in criteria:
        answer = now.answers.get(criterion.code)
        given = now.given[criterion.code]
        if criterion.code in now.open_codes and criterion.allows_na and not given.is_answered:
            entry = Entry(
                criterion.code,
                value=scoring.NOT_APPLICABLE,
                note=given.note,
                na_reason=reason,
                photo_waiver=given.photo_waiver,
            )
            _write(locked, criterion, entry, answer, at)
            marked += 1
    return marked


@transaction.atomic
def submit(*, visit: Visit, by: User, at: datetime) -> Submission:
    """Submits a started or returned visit: scores it, keeps score and workings, gives the receipt.

    Raises Incomplete with every gap; GraceEnded when its checklist was retired and the days for such visits are over
    (what was submitted before may still be mended); StaleState when it was submitted (or voided) meanwhile: exactly one
    submission wins, the loser finds its receipt in `visit.submissions`.
    """
    locked = _lock(visit, by, {VisitState.IN_PROGRESS, VisitState.RETURNED})
    now = sheet.read(locked)
    if now.gaps:
        raise refusals.Incomplete(now.gaps)
    last_day = locked.version.grace_until if locked.version else None
    if last_day and locked.state == VisitState.IN_PROGRESS and timezone.localdate(at) > last_day:
        raise refusals.GraceEnded(last_day)
    move(
        locked,
        VisitState.SUBMITTED,
        kind=VisitEvent.Kind.SUBMITTED,
        by=by,
        at=at,
        only_from={VisitState.IN_PROGRESS, VisitState.RETURNED},
        submitted_at=at,
    )
    if now.remarks:
        Remark.objects.filter(visit=locked, resolved_at__isnull=True).update(resolved_at=at)
    return record_submission(now, at=at)


@transaction.atomic
def submit_follow_up(*, visit: Visit, by: User, at: datetime) -> Submission:
    """Submits the answers given days later, as a further submission of its own. Raises Incomplete, StaleState."""
    locked = _lock(visit, by, {VisitState.SUBMITTED})
    now = sheet.read(locked)
    if not now.is_awaiting_follow_up:
        raise StaleState(locked)
    gaps = completeness.gaps(now.follow_ups, now.given)
    if gaps:
        raise refusals.Incomplete(gaps)
    move(locked, VisitState.SUBMITTED, kind=VisitEvent.Kind.FOLLOWED_UP, by=by, at=at, only_from={VisitState.SUBMITTED})
    return record_submission(now, at=at)


def report_not_possible(
    *, visit: Visit, reason: str, note: str, photos: Iterable[photo_files.CleanPhoto] = (), by: User, at: datetime
) -> Visit:
    """Ends a visit that could not be carried out, on its day or, when none is known, today; `photos` are of the door.

    Raises NotYetOpen for one that has not begun, StaleState.
    """
    today = timezone.localdate(at)
    if visit.started_at is None and today < visit.opens_on:
        raise refusals.NotYetOpen
    with on_disk((NewPhoto("", clean) for clean in photos), at) as files, transaction.atomic():
        move(
            visit,
            VisitState.NOT_POSSIBLE,
            kind=VisitEvent.Kind.NOT_POSSIBLE,
            by=by,
            at=at,
            note=note,
            not_possible_reason=reason,
            not_possible_note=note,
            visited_on=visit.visited_on or today,
        )
        for new, stored in files:
            add_photo(visit, None, new, stored, at)
    return visit


def record_submission(now: sheet.Sheet, *, at: datetime) -> Submission:
    """Scores a sheet and keeps the result, append-only, with its workings; copies results onto the answers.

    Called inside the transaction that submits.
    """
    result = score_of(now)
    for line in result.lines:
        answer = now.answers.get(line.code)
        if answer is not None:
            answer.result, answer.lost = line.result, line.lost if line.result is not None else None
    # The rows are there: each meets its own. As `bulk_update` the statement takes three times as long to put together.
    Answer.objects.bulk_create(
        now.answers.values(), update_conflicts=True, unique_fields=["id"], update_fields=["result", "lost"]
    )
    last = Submission.objects.filter(visit=now.visit).order_by("-number").first()
    return Submission.objects.create(
        visit=now.visit,
        number=last.number + 1 if last else 1,
        receipt=_new_receipt(at),
        submitted_at=at,
        answers=sum(given.is_answered for given in now.given.values()),
        photos=sum(len(photos) for photos in now.photos.values()),
        open_follow_ups=len(now.open_follow_ups),
        percent=result.percent,
        personal=result.personal,
        grade=result.grade or "",
        is_capped=result.capped,
        critical_failures=len(result.critical_failed),
        rules=result.rules,
        workings=scoring.workings(result),
    )


def score_of(now: sheet.Sheet) -> scoring.Score:
    answers = [
        completeness.scored_answer(criterion, now.given[criterion.code])
        for criterion in now.outline.criteria
        if now.given[criterion.code].is_answered
    ]
    return scoring.score(now.outline.rules, answers, now.outline.bands)


@contextmanager
def on_disk(photos: Iterable[NewPhoto], at: datetime) -> Iterator[list[tuple[NewPhoto, photo_files.StoredPaths]]]:
    """Puts the files on disk before the transaction opens, and takes back those that no row came to hold."""
    files: list[tuple[NewPhoto, photo_files.StoredPaths]] = []
    try:
        files.extend((new, photo_files.store(new.clean, settings.MEDIA_ROOT, at)) for new in photos)
        yield files
    finally:
        held = set(Photo.objects.filter(file__in=[stored.file for _, stored in files]).values_list("file", flat=True))
        for _, stored in files:
            if stored.file not in held:
                photo_files.remove(stored, settings.MEDIA_ROOT)


def add_photo(
    visit: Visit,
    criterion_id: int | None,
    new: NewPhoto,
    stored: photo_files.StoredPaths,
    at: datetime,
    *,
    proof: str = "",
) -> bool:
    """Adds the row of a stored photo; False when the visit has this picture there, or had or took back this id.

    A proof and the door are two places, although neither is of a question. Raises NoRoom. Call with the visit locked.
    """
    clean = new.clean
    beside = Q(removed_at=None, visit=visit, criterion=criterion_id, proof=proof)
    if Photo.objects.filter(beside & Q(sha256=clean.sha256) | Q(public_id=new.id)).exists():
        return False
    if TakenBack.objects.filter(public_id=new.id, visit=visit).exists():
        return False
    if PhotoTwin.objects.filter(public_id=new.id).exists():
        return False
    _check_room(beside)
    Photo.objects.create(
        public_id=new.id,
        visit=visit,
        criterion_id=criterion_id,
        proof=proof,
        file=stored.file,
        thumbnail=stored.thumbnail,
        sha256=clean.sha256,
        phash=clean.phash,
        width=clean.width,
        height=clean.height,
        size=len(clean.jpeg),
        added_at=at,
    )
    return True


def _lock(visit: Visit, by: User, states: Iterable[VisitState]) -> Visit:
    """`lock`, for a visit that has to be in one of these states. Raises StaleState."""
    locked = lock(visit, by)
    if VisitState(locked.state) not in states:
        raise StaleState(locked)
    return locked


def _write(visit: Visit, criterion: CriterionOutline, entry: Entry, answer: Answer | None, at: datetime) -> None:
    columns = {
        "value": entry.value,
        "number": entry.number,
        "text": entry.text,
        "note": entry.note,
        "na_reason": entry.na_reason if entry.value == scoring.NOT_APPLICABLE else "",
        "photo_waiver": entry.photo_waiver,
        "changed_at": at,
    }
    if answer is None:
        Answer.objects.create(visit=visit, criterion_id=criterion.id, **columns)
    else:
        Answer.objects.filter(pk=answer.pk).update(revision=F("revision") + 1, **columns)


def _restore(visit: Visit, photo: Photo, open_ids: set[int]) -> None:
    """Takes a removal back, unless the same picture has been added again since. Raises NoRoom."""
    beside = Q(removed_at=None, visit=visit, criterion=photo.criterion_id)
    twin = Photo.objects.filter(beside, sha256=photo.sha256)
    if photo.visit_id == visit.pk and photo.criterion_id in open_ids and not twin.exists():
        _check_room(beside)
        Photo.objects.filter(pk=photo.pk).update(removed_at=None)


def _check_room(beside: Q) -> None:
    """Raises NoRoom where as many photos stand `beside` a further one as may."""
    if Photo.objects.filter(beside).count() >= PHOTOS_EACH:
        raise refusals.NoRoom(PHOTOS_EACH)


def _new_receipt(at: datetime) -> str:
    """NC, the local day, and five random letters: short enough to read out, unique by the database."""
    while True:
        letters = "".join(secrets.choice(RECEIPT_LETTERS) for _ in range(5))
        receipt = f"NC-{timezone.localdate(at):%y%m%d}-{letters}"
        if not Submission.objects.filter(receipt=receipt).exists():
            return receipt
