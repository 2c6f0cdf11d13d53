"""The one photo with which a shopper shows to have been there: asked for by nobody, seen by the office alone."""

from datetime import datetime

from django.db import transaction

from audits.fieldwork import photos
from audits.fieldwork.models import Photo, Visit
from audits.fieldwork.states import OPEN_TO_SHOPPER
from audits.fieldwork.transitions import StaleState
from audits.fieldwork.visits import actions as visits
from outlets.models import User


def give_proof(*, visit: Visit, kind: str, photo: photos.CleanPhoto, by: User, at: datetime) -> None:
    """Keeps the photo as the visit's proof, in place of an earlier one. Raises StaleState, photos.NoRoomOnDisk."""
    with visits.on_disk([visits.NewPhoto("", photo)], at) as files, transaction.atomic():
        locked = _open(visit)
        [(new, stored)] = files
        _remove(locked, at)
        visits.add_photo(locked, None, new, stored, at, proof=kind)


@transaction.atomic
def take_proof_back(*, visit: Visit, by: User, at: datetime) -> None:
    """Removes the visit's proof, if it has one. Raises StaleState."""
    _remove(_open(visit), at)


def _open(visit: Visit) -> Visit:
    locked = visits.lock(visit)
    if locked.state not in OPEN_TO_SHOPPER:
        raise StaleState(locked)
    return locked


def _remove(visit: Visit, at: datetime) -> None:
    Photo.objects.kept().filter(visit=visit).exclude(proof="").update(removed_at=at)
