"""Taking in what a phone sends: idempotent by the id of each change, and never over what its writer has not seen."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.datastructures import MultiValueDict

from audits import photos
from audits.checklists.outline import outline
from audits.fieldwork.models import Answer, Photo, PhotoTwin, TakenBack, Visit
from audits.fieldwork.sync.models import Change
from audits.fieldwork.transitions import StaleState
from audits.fieldwork.visits import actions as visits
from audits.fieldwork.visits import sheet, wording
from audits.fieldwork.visits.forms import SectionForm, field_names, fields_of
from audits.fieldwork.visits.refusals import NoRoom
from audits.fieldwork.visits.sheet import Sheet
from audits.photos import CleanPhoto, Upload
from outlets.models import User

INVALID = "invalid"
LONGEST_SEEN = 10  # digits of a revision
ON_ITS_WAY = timedelta(days=30)  # longer than anything between a phone and the server holds a request back


@dataclass(frozen=True)
class Sent:
    """One change as it came: the whole state of a criterion's fields, named as on the form.

    `after` are earlier changes of its writer's over which it was typed, and of which no answer had come to them.
    `is_aside`: its writer leaves it to the reviewer to read; it is not to become the answer.
    """

    id: UUID
    code: str
    fields: Mapping[str, str]
    after: tuple[UUID, ...] = ()
    is_aside: bool = False

    @property
    def digest(self) -> str:
        """Of what it says. What it was typed over is no part of that: the phone learns more between two tries."""
        said = {name: value for name, value in self.fields.items() if name != self.seen_name}
        return hashlib.sha256(json.dumps([self.code, said], sort_keys=True).encode()).hexdigest()

    @property
    def seen_name(self) -> str:
        return f"{self.code}-seen"


@dataclass(frozen=True)
class Taken:
    """What became of one change.

    `revision` is the answer's now, to be sent as seen with the next change. Of a conflict, `theirs` is what is stored
    in words and `fields` the same as the form's fields. `errors` say why a change is invalid: nothing of it is kept.
    """

    id: UUID
    code: str
    outcome: str
    revision: int = 0
    theirs: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Received:
    """What became of each change, in the order sent, and all that the visit holds now."""

    changes: tuple[Taken, ...]
    sheet: Sheet


def receive(*, visit: Visit, changes: Sequence[Sent], by: User, at: datetime) -> Received:
    """Keeps each change once, in one transaction, and says of each what became of it.

    A change that was received before is answered as it was then; the same id with another content is parked and is a
    conflict. `changes` name each criterion and each id at most once. Raises StaleState when the visit is not `by`'s any
    more.
    """
    with transaction.atomic():
        locked = visits.lock(visit, by)
        now = sheet.read(locked)
        ids = [id for sent in changes for id in (sent.id, *sent.after)]
        told = {row.public_id: row for row in Change.objects.filter(public_id__in=ids)}
        known = {sent.id: told[sent.id] for sent in changes if sent.id in told}
        fresh = [sent for sent in changes if sent.id not in known and sent.code in now.outline.by_code]
        form = read_fields(now, [_over_own(sent, now, told) for sent in fresh if not sent.is_aside])
        entries = form.entries()
        kept = visits.save_entries(now, entries, at=at)
        sound = {entry.code for entry in entries}
        now = replace(now, answers={**now.answers, **_read_again(now, kept.saved)})
        rows = [
            _row(now, sent, Change.Outcome.ASIDE if sent.is_aside else _outcome(kept, sent.code), at)
            for sent in fresh
            if sent.is_aside or sent.code in sound
        ]
        Change.objects.bulk_create(rows)
        for sent in changes:
            if sent.id in known:
                _meet_again(known[sent.id], sent, locked)
    outcomes = {row.public_id: row.outcome for row in (*rows, *known.values())}
    taken = []
    for sent in changes:
        row = known.get(sent.id)
        if sent.code not in now.outline.by_code or (row and row.visit_id != locked.pk):
            taken.append(Taken(sent.id, sent.code, Change.Outcome.REFUSED))
        elif sent.id not in outcomes:
            taken.append(Taken(sent.id, sent.code, INVALID, errors=form.errors_of(sent.code)))
        else:
            outcome = Change.Outcome.CONFLICT if row and row.digest != sent.digest else outcomes[sent.id]
            taken.append(_taken(now, sent, outcome, row.revision if row else None))
    return Received(tuple(taken), now)


def _over_own(sent: Sent, now: Sheet, told: Mapping[UUID, Change]) -> Sent:
    """The change with what it was typed over: its writer has seen what they themselves had written."""
    criterion = now.outline.by_code[sent.code]
    given = sent.fields.get(sent.seen_name, "")
    own = [
        row.revision
        for row in map(told.get, sent.after)
        if row and row.revision and (row.visit_id, row.criterion_id) == (now.visit.pk, criterion.id)
    ]
    # What has more digits than any revision is left to the form, which says so.
    if not own or (given.isdecimal() and (len(given) > LONGEST_SEEN or int(given) >= max(own))):
        return sent
    return replace(sent, fields={**sent.fields, sent.seen_name: str(max(own))})


class PhotoNotTaken(Exception):
    """The criterion takes no photo now: not in the checklist, not open to change, or the id is another photo's."""


def receive_photo(*, visit: Visit, id: UUID, code: str, file: Upload, by: User, at: datetime) -> Photo | None:
    """Keeps a photo once, under the id that the phone gave it. Returns the visit's photo of this picture.

    One that was received before is answered as it was then, also when it has been removed since; None for one that was
    taken back before it came. Raises photos.PhotoRefused, NoRoom, PhotoNotTaken, StaleState.
    """
    if code not in outline(visit.version).by_code:  # type: ignore[arg-type]  # a started visit has one
        raise PhotoNotTaken
    known = _known(visit, code, id)
    if known or _is_taken_back(visit, id):
        return known
    try:
        return _keep_photo(visit, id, code, photos.intake(file), by, at)
    except (PhotoNotTaken, NoRoom, StaleState):
        # A phone that left the page while it sent sends again: the first try may have ended in the meantime. Or its
        # owner has taken the photo back meanwhile.
        known = _known(visit, code, id)
        if known or _is_taken_back(visit, id):
            return known
        raise


def _is_taken_back(visit: Visit, id: UUID) -> bool:
    return TakenBack.objects.filter(visit=visit, public_id=id).exists()


def _keep_photo(visit: Visit, id: UUID, code: str, clean: CleanPhoto, by: User, at: datetime) -> Photo:
    now = sheet.read(visit)
    if code not in now.open_codes or Photo.objects.filter(public_id=id).exists():
        raise PhotoNotTaken
    twin = _as_twin(visit, id, code, clean, by)
    if twin:
        return twin
    saved = visits.save_answers(visit=visit, photos=[visits.NewPhoto(code, clean, id)], by=by, at=at)
    if saved.full:
        raise NoRoom(visits.PHOTOS_EACH)
    kept = _known(visit, code, id) or _as_twin(visit, id, code, clean, by)
    if kept is None:
        raise PhotoNotTaken
    return kept


def _known(visit: Visit, code: str, id: UUID) -> Photo | None:
    """The photo that came under this id, or was there when its picture came under it."""
    return _photo_of(visit, code, public_id=id) or _photo_of(visit, code, twins__public_id=id)


def _as_twin(visit: Visit, id: UUID, code: str, clean: CleanPhoto, by: User) -> Photo | None:
    """The photo of the same picture that is there, if any; from now on, whatever becomes of it, this id is its too."""
    if not _photo_of(visit, code, sha256=clean.sha256, removed_at=None):
        return None  # nearly always: without a transaction of its own
    with transaction.atomic():
        visits.lock(visit, by)
        twin = _photo_of(visit, code, sha256=clean.sha256, removed_at=None)
        if twin:
            PhotoTwin.objects.bulk_create([PhotoTwin(public_id=id, photo=twin)], ignore_conflicts=True)
    return twin


def remove_photo(*, visit: Visit, id: UUID, by: User, at: datetime) -> Sheet:
    """Removes a photo that a phone takes back; once or again. Returns what the visit holds then.

    One that has not arrived yet may still be on its way: its id is kept, and it is not when it comes. Where the picture
    was there under another id, it stays under that one. Raises PhotoNotTaken when it may not be removed any more,
    StaleState.
    """
    with transaction.atomic():
        visits.lock(visit, by)
        photo = Photo.objects.filter(visit=visit, public_id=id, criterion__isnull=False).first()
        if photo is None:
            TakenBack.objects.bulk_create([TakenBack(public_id=id, visit=visit, at=at)], ignore_conflicts=True)
    if photo and photo.removed_at is None and visits.save_answers(visit=visit, remove=[photo], by=by, at=at).refused:
        raise PhotoNotTaken
    return sheet.read(visit)


@dataclass(frozen=True)
class Declared:
    """What a phone says the server has: the criteria of changes by the changes' ids, and photos by theirs."""

    changes: Mapping[UUID, str] = field(default_factory=dict)
    photos: Mapping[UUID, tuple[str, str]] = field(default_factory=dict)  # criterion, SHA-256 of the bytes sent


@dataclass(frozen=True)
class Difference:
    """What of that is not so: ids that are not here, ids of photos that have been removed, and the criteria of both."""

    missing: frozenset[UUID]
    removed: frozenset[UUID]
    codes: frozenset[str]


def difference(visit: Visit, declared: Declared) -> Difference:
    """What a phone holds for sent and the visit does not hold. Three queries at most.

    A change is here whatever became of it: what could not become the answer stands in its row, and sending it again
    would bring nothing new.
    """
    known = Change.objects.filter(visit=visit, public_id__in=declared.changes)
    arrived = set(known.values_list("public_id", flat=True))
    photos = {photo.public_id: photo for photo in Photo.objects.filter(visit=visit, public_id__in=declared.photos)}
    removed = {id for id, photo in photos.items() if photo.removed_at}
    unknown = declared.photos.keys() - photos
    if unknown:
        removed |= set(TakenBack.objects.filter(visit=visit, public_id__in=unknown).values_list("public_id", flat=True))
    arrived |= {id for id, (_code, sha256) in declared.photos.items() if id in photos and photos[id].sha256 == sha256}
    code_of = {**declared.changes, **{id: code for id, (code, _sha256) in declared.photos.items()}}
    missing = code_of.keys() - arrived
    codes = frozenset(code_of[id] for id in missing | removed)
    return Difference(frozenset(missing - removed), frozenset(removed), codes)


def forget_taken_back(*, at: datetime) -> int:
    """Deletes the ids of photos that were taken back long ago and can hardly be on their way any more; their number."""
    deleted, _each = TakenBack.objects.filter(at__lt=at - ON_ITS_WAY).delete()
    return deleted


def _photo_of(visit: Visit, code: str, **which: Any) -> Photo | None:
    return Photo.objects.filter(visit=visit, criterion__code=code, **which).first()


def read_fields(now: Sheet, changes: Sequence[Sent]) -> SectionForm:
    """The form's own reading of what was sent. No query."""
    data: MultiValueDict[str, str] = MultiValueDict()
    for sent in changes:
        names = field_names(sent.code)
        data.update({name: value for name, value in sent.fields.items() if name in names})
    form = SectionForm(now, [now.outline.by_code[sent.code] for sent in changes], data)
    form.is_valid()
    return form


def _outcome(kept: visits.Saved, code: str) -> Change.Outcome:
    if code in kept.conflicts:
        return Change.Outcome.CONFLICT
    return Change.Outcome.REFUSED if code in kept.refused else Change.Outcome.SAVED


def _row(now: Sheet, sent: Sent, outcome: Change.Outcome, at: datetime) -> Change:
    is_saved = outcome == Change.Outcome.SAVED
    return Change(
        public_id=sent.id,
        visit=now.visit,
        criterion_id=now.outline.by_code[sent.code].id,
        digest=sent.digest,
        outcome=outcome,
        revision=_revision(now, sent.code) if is_saved else None,
        content={} if is_saved else dict(sent.fields),
        received_at=at,
    )


def _meet_again(row: Change, sent: Sent, visit: Visit) -> None:
    """What comes again under a known id. What says something else is kept beside the row, once."""
    if row.visit_id != visit.pk:
        return
    if row.digest != sent.digest:
        if row.parked is None:
            row.parked = dict(sent.fields)
            row.save(update_fields=["parked"])
    elif sent.is_aside and row.outcome == Change.Outcome.CONFLICT:
        row.outcome = Change.Outcome.ASIDE
        row.save(update_fields=["outcome"])


def _read_again(now: Sheet, codes: Sequence[str]) -> dict[str, Answer]:
    by_id = {now.outline.by_code[code].id: code for code in codes}
    rows = Answer.objects.filter(visit=now.visit, criterion__in=by_id) if by_id else ()
    return {by_id[row.criterion_id]: row for row in rows}


def _revision(now: Sheet, code: str) -> int:
    answer = now.answers.get(code)
    return answer.revision if answer else 0


def _taken(now: Sheet, sent: Sent, outcome: str, became: int | None) -> Taken:
    """`became` is the revision that a change received before had made: what was written over it since, the phone has
    not seen, and what is typed there next meets it."""
    if outcome != Change.Outcome.CONFLICT:
        return Taken(sent.id, sent.code, outcome, _revision(now, sent.code) if became is None else became)
    criterion, answer = now.outline.by_code[sent.code], now.answers.get(sent.code)
    given = sheet.given_of(answer, len(now.photos.get(sent.code, ())))
    theirs = wording.in_full(criterion, given)
    return Taken(sent.id, sent.code, outcome, _revision(now, sent.code), theirs, fields_of(sent.code, answer))
