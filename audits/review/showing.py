"""What the unit may see of a photo: a copy made here, cut and blurred, in files of its own. Never the photo itself."""

import io
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from functools import partial
from os import PathLike

from django.conf import settings
from django.db import transaction
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from audits import photos as photo_files
from audits.checklists.models import Criterion
from audits.fieldwork.models import Photo, Visit, VisitEvent
from audits.fieldwork.states import VisitState
from audits.fieldwork.transitions import StaleState
from audits.review import actions
from audits.review.models import ShownNote, ShownPhoto
from outlets.models import User

DOTS = 16  # on the long side of the whole picture are left where it is blurred: no face, no number can be read back
BEFORE_PUBLICATION = frozenset({VisitState.SUBMITTED, VisitState.RETURNED, VisitState.APPROVED})


class PrivatePhoto(Exception):
    """The photo is of a paper, or of no criterion: no unit is shown it, cut or not."""


class NothingLeft(Exception):
    """What is left after cutting is too small to be a picture."""


class PhotoUnreadable(Exception):
    """The photo's file is gone, cut off, empty or no picture: no copy can be made of it."""


class AlreadyPublished(StaleState):
    """The unit has been able to read it: only who may correct what was published withdraws it."""


@dataclass(frozen=True)
class Box:
    """A part of a picture, in per cent of its width and height from the left and the top."""

    left: int = 0
    top: int = 0
    right: int = 100
    bottom: int = 100

    @property
    def is_whole(self) -> bool:
        return self == Box()

    def of(self, width: int, height: int) -> tuple[int, int, int, int]:
        """In pixels of a picture of that size; outwards, so that nothing of a marked part stays visible."""
        return (
            width * self.left // 100,
            height * self.top // 100,
            -(-width * self.right // 100),
            -(-height * self.bottom // 100),
        )


def edited(picture: Image.Image, crop: Box, blurred: Sequence[Box]) -> Image.Image:
    """A new picture: the blurred parts beyond recognition, then cut to `crop`. Both are in per cent of the original."""
    made = Image.new("RGB", picture.size, "white")
    made.paste(picture)
    scale = max(made.size) / DOTS
    few = made.resize((max(1, round(made.width / scale)), max(1, round(made.height / scale))), Image.Resampling.BOX)
    smooth = few.resize(made.size, Image.Resampling.BICUBIC)
    for box in blurred:
        place = box.of(*made.size)
        made.paste(smooth.crop(place), place)
    return made if crop.is_whole else made.crop(crop.of(*made.size))


def show_photo(
    *,
    photo: Photo,
    crop: Box = Box(),
    blurred: Sequence[Box] = (),
    by: User,
    at: datetime,
) -> ShownPhoto:
    """Makes the copy that the unit may see, in place of an earlier one. Only while the visit waits for a decision.

    Raises PrivatePhoto, NothingLeft, PhotoUnreadable, Claimed and StaleState.
    """
    if photo.criterion is None or photo.criterion.photo_is_private:
        raise PrivatePhoto
    root = settings.MEDIA_ROOT
    copy = _copy(photo, crop, blurred, root)
    stored = photo_files.store(copy, root, at)
    kept = False
    try:
        with transaction.atomic():
            actions.claim(visit=photo.visit, by=by, at=at)
            if not Photo.objects.kept().filter(pk=photo.pk).exists():
                raise StaleState(photo.visit)
            _withdraw(ShownPhoto.objects.filter(photo=photo))
            shown = ShownPhoto.objects.create(
                photo=photo,
                crop=astuple(crop),
                blurred=[astuple(box) for box in blurred],
                file=stored.file,
                thumbnail=stored.thumbnail,
                width=copy.width,
                height=copy.height,
                by=by,
                at=at,
            )
        kept = True
    finally:
        if not kept:
            photo_files.remove(stored, root)
    return shown


@transaction.atomic
def hide_photo(*, photo: Photo, by: User, at: datetime, also_published: bool = False) -> bool:
    """Withdraws the copy of a photo; whether there was one. No figure depends on it.

    After publication only with `also_published`. Raises AlreadyPublished, StaleState.
    """
    visit = _withdrawable(photo.visit, also_published)
    hidden = _withdraw(ShownPhoto.objects.filter(photo=photo))
    _note(visit, photo.criterion, hidden, by, at)
    return hidden


@transaction.atomic
def hide_note(*, visit: Visit, criterion: Criterion, by: User, at: datetime, also_published: bool = False) -> bool:
    """Withdraws the wording of a note, as `hide_photo` does a copy."""
    locked = _withdrawable(visit, also_published)
    deleted, _rows = ShownNote.objects.filter(visit=visit, criterion=criterion).delete()
    _note(locked, criterion, bool(deleted), by, at)
    return bool(deleted)


def _copy(photo: Photo, crop: Box, blurred: Sequence[Box], root: str | PathLike[str]) -> photo_files.CleanPhoto:
    """The edited picture through the same door as every photo: new pixels, no metadata, with its thumbnail."""
    buffer = io.BytesIO()
    try:
        with photo_files.open_stored(photo.file, root) as file, JpegImageFile(file) as picture:
            made = edited(picture, crop, blurred)
    except (OSError, SyntaxError) as failure:  # SyntaxError is the decoder's word for what is no JPEG
        raise PhotoUnreadable from failure
    made.save(buffer, "PNG", compress_level=1)
    try:
        return photo_files.intake(buffer)
    except photo_files.PhotoRefused as refused:
        raise NothingLeft from refused


def _withdraw(rows) -> bool:
    """Deletes the rows; their files go when the transaction has held."""
    paths = [photo_files.StoredPaths(row.file, row.thumbnail) for row in rows]
    rows.delete()
    for each in paths:
        transaction.on_commit(partial(photo_files.remove, each, settings.MEDIA_ROOT))
    return bool(paths)


def _withdrawable(visit: Visit, also_published: bool) -> Visit:
    locked = Visit.objects.select_for_update().get(pk=visit.pk)
    if locked.state == VisitState.PUBLISHED and not also_published:
        raise AlreadyPublished(locked)
    if VisitState(locked.state) not in BEFORE_PUBLICATION | {VisitState.PUBLISHED}:
        raise StaleState(locked)
    return locked


def _note(visit: Visit, criterion: Criterion | None, hidden: bool, by: User, at: datetime) -> None:
    """After the approval somebody else may have relied on it, so it is told among the events."""
    if hidden and visit.state in (VisitState.APPROVED, VisitState.PUBLISHED):
        VisitEvent.objects.create(
            visit=visit,
            kind=VisitEvent.Kind.HIDDEN,
            from_state=visit.state,
            to_state=visit.state,
            at=at,
            by=by,
            note=criterion.code if criterion else "",
        )
