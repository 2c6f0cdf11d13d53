"""Photos of no question, as phones send them: the proof of having been there, and the door of a visit not possible."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from audits import photos
from audits.fieldwork.arrival import actions as arrival
from audits.fieldwork.models import Photo, Visit
from audits.fieldwork.states import VisitState
from audits.fieldwork.sync.actions import PhotoNotTaken
from audits.fieldwork.transitions import StaleState
from audits.fieldwork.visits import actions as visits
from audits.photos import Upload
from outlets.models import User

PROOF, DOOR = "proof", "door"
CODES = frozenset({PROOF, DOOR})  # in the place of a question's code, which always has a dash


class NoKind(Exception):
    """A proof that does not say what is in the picture."""


def receive(*, visit: Visit, id: UUID, code: str, kind: str, file: Upload, by: User, at: datetime) -> Photo:
    """Keeps a photo once, under the id that the phone gave it; one received before is answered as it was then.

    A proof takes the place of an earlier one; `kind` says what it shows. Raises NoKind, photos.PhotoRefused,
    photos.NoRoomOnDisk, refusals.NoRoom, PhotoNotTaken, StaleState.
    """
    known = _photo_of(visit, code, public_id=id)
    if known:
        return known
    if code == PROOF and kind not in Photo.Proof.values:
        raise NoKind
    clean = photos.intake(file)
    if code == PROOF:
        arrival.give_proof(visit=visit, kind=kind, photo=clean, id=id, by=by, at=at)
    else:
        _give_door(visit, visits.NewPhoto("", clean, id), by, at)
    kept = _photo_of(visit, code, public_id=id) or _photo_of(visit, code, sha256=clean.sha256, removed_at=None)
    if kept is None:
        raise PhotoNotTaken
    return kept


def remove(*, visit: Visit, photo: Photo, by: User, at: datetime) -> None:
    """Takes back a proof, or nothing when it has been replaced. Raises PhotoNotTaken for a door, StaleState."""
    if not photo.proof:
        raise PhotoNotTaken
    arrival.take_proof_back(visit=visit, id=photo.public_id, by=by, at=at)


def _give_door(visit: Visit, new: visits.NewPhoto, by: User, at: datetime) -> None:
    """The report has come before, and ended the visit."""
    with visits.on_disk([new], at) as files, transaction.atomic():
        locked = visits.lock(visit, by)
        if locked.state != VisitState.NOT_POSSIBLE:
            raise StaleState(locked)
        for each, stored in files:
            visits.add_photo(locked, None, each, stored, at)


def _photo_of(visit: Visit, code: str, **which: object) -> Photo | None:
    is_door = Q(proof="")
    where = is_door if code == DOOR else ~is_door
    return Photo.objects.filter(where, visit=visit, criterion=None, **which).first()
