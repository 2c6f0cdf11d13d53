"""The example picture of a criterion: put in its place, or taken away. Each is a step of the draft like any other."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from audits import photos
from audits.checklists import actions as checklists
from audits.checklists.drafts import actions as drafts
from audits.checklists.drafts.models import DraftChange
from audits.checklists.models import ChecklistVersion, ExamplePicture
from audits.photos import CleanPhoto
from outlets.models import User


def put(
    *, version: ChecklistVersion, code: str, photo: CleanPhoto, seen: int, by: User | None, at: datetime
) -> DraftChange | None:
    """Gives a criterion of a draft this picture, in place of the one it has.

    The file is on the disk before the row that names it, and goes again where no row comes to name it. Raises
    NotADraft, Gone, Overtaken where somebody else gave it another one since step `seen`, and photos.NoRoomOnDisk.
    """
    stored = photos.store(photo, settings.MEDIA_ROOT, at)
    try:
        with transaction.atomic():
            checklists.lock_draft(version=version)
            picture = ExamplePicture.objects.create(
                file=stored.file,
                thumbnail=stored.thumbnail,
                sha256=photo.stored_sha256,
                width=photo.width,
                height=photo.height,
                size=len(photo.jpeg),
                added_at=at,
                added_by=by,
            )
            changed = {"picture": str(picture.public_id)}
            return drafts.edit_criterion(version=version, code=code, changed=changed, seen=seen, by=by, at=at)
    except BaseException:
        photos.remove(stored, settings.MEDIA_ROOT)
        raise


def take_away(*, version: ChecklistVersion, code: str, seen: int, by: User | None, at: datetime) -> DraftChange | None:
    """Leaves a criterion of a draft without a picture; the picture stays, so that the step can be taken back.

    None where it has none. Raises NotADraft, Gone, Overtaken.
    """
    changed = {"picture": None}
    return drafts.edit_criterion(version=version, code=code, changed=changed, seen=seen, by=by, at=at)
