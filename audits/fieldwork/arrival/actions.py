"""With what a shopper shows to have been there: a photo, a place. Asked for by nobody, seen by the office alone."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q

from audits import photos
from audits.fieldwork.arrival import distance
from audits.fieldwork.arrival.models import Place
from audits.fieldwork.models import Photo, Visit
from audits.fieldwork.states import OPEN_TO_SHOPPER
from audits.fieldwork.transitions import StaleState
from audits.fieldwork.visits import actions as visits
from outlets.models import User

CONSENT = 1  # the number of the text on the page; another text has another number
KEPT_FOR = timedelta(days=90)
COARSEST = 1_000_000  # metres; a phone that says more knows nothing


def give_proof(
    *, visit: Visit, kind: str, photo: photos.CleanPhoto, id: UUID | None = None, by: User, at: datetime
) -> None:
    """Keeps the photo as the visit's proof, in place of an earlier one; once under the `id` that a phone gave it.

    Raises StaleState, photos.NoRoomOnDisk.
    """
    with visits.on_disk([visits.NewPhoto("", photo, id or uuid4())], at) as files, transaction.atomic():
        locked = _open(visit, by)
        [(new, stored)] = files
        if Photo.objects.filter(public_id=new.id).exists():
            return  # sent twice: what has come since is not to be removed for it
        _remove(locked, at)
        if not visits.add_photo(locked, None, new, stored, at, proof=kind):
            transaction.set_rollback(True)  # taken back before it came: what stands in its place stays


@transaction.atomic
def take_proof_back(*, visit: Visit, id: UUID | None = None, by: User, at: datetime) -> None:
    """Removes the visit's proof, if it has one; with an `id`, if it is that one. Raises StaleState."""
    _remove(_open(visit, by), at, *([Q(public_id=id)] if id else []))


@transaction.atomic
def give_place(
    *, visit: Visit, latitude: float, longitude: float, accuracy: float, consent: int, by: User, at: datetime
) -> Place:
    """Keeps where the phone was, in place of an earlier point, and how far that is from the outlet, coarsely.

    Degrees, and metres within which the phone was. `consent` is the number of the text that the shopper has just
    consented to. Raises StaleState.
    """
    locked = _open(visit, by)
    outlet = locked.outlet
    there = None
    if outlet.latitude is not None and outlet.longitude is not None:
        there = float(outlet.latitude), float(outlet.longitude)
    place, _is_new = Place.objects.update_or_create(
        visit=locked,
        defaults={
            "consent": consent,
            "consented_at": at,
            "withdrawn_at": None,
            "latitude": round(Decimal(latitude), 6),
            "longitude": round(Decimal(longitude), 6),
            "accuracy": min(round(accuracy), COARSEST),
            "band": distance.band((latitude, longitude), there, accuracy),
            "taken_at": at,
        },
    )
    return place


def withdraw_place(*, visit: Visit, by: User, at: datetime) -> bool:
    """Takes the consent back, whatever has become of the visit: the point and what was told of it go at once.

    Whether there was one.
    """
    gone = {"latitude": None, "longitude": None, "accuracy": None, "band": "", "withdrawn_at": at}
    return Place.objects.filter(visit=visit, withdrawn_at__isnull=True).update(**gone) > 0


def forget_places(*, at: datetime) -> int:
    """Deletes the points taken KEPT_FOR ago or earlier; their bands stay. Returns how many."""
    due = Place.objects.filter(latitude__isnull=False, taken_at__lte=at - KEPT_FOR)
    return due.update(latitude=None, longitude=None)


def _open(visit: Visit, by: User) -> Visit:
    locked = visits.lock(visit, by)
    if locked.state not in OPEN_TO_SHOPPER:
        raise StaleState(locked)
    return locked


def _remove(visit: Visit, at: datetime, *which: Q) -> None:
    Photo.objects.kept().filter(*which, visit=visit).exclude(proof="").update(removed_at=at)
