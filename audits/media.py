"""The files of photos and documents and the rows that name them, kept in step."""

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Model, Q

from audits import photos
from audits.checklists.models import ExamplePicture
from audits.fieldwork.models import Photo
from audits.results.second_looks.models import SecondLookFile
from audits.review.models import ShownPhoto

# A file is written before its row: this long after, the row is there or never will be.
SETTLED = timedelta(days=1)
NAMED_BY: tuple[type[Model], ...] = (Photo, ShownPhoto, SecondLookFile, ExamplePicture)


class ForeignFolder(Exception):
    """Most files of the media folder are named by no row: it is hardly this database's, so nothing was deleted."""


def sweep(*, at: datetime) -> int:
    """Deletes what interrupted uploads left in the media folder: files without a row, and parts; their number.

    Files younger than SETTLED, those of removed photos (they can be restored), and files with names that no photo has
    are left. Raises ForeignFolder. Two queries for each month that has files.
    """
    root = Path(settings.MEDIA_ROOT)
    files, parts = photos.stored_before(root, at - SETTLED)
    named = set()
    for month in {file[: len("2026/11/")] for file in files}:
        for model in NAMED_BY:
            rows = model._default_manager.filter(Q(file__startswith=month) | Q(thumbnail__startswith=month))
            for row in rows.values_list("file", "thumbnail"):
                named.update(row)
    orphans = files - named
    if len(orphans) > len(files) // 2 and len(orphans) > 2:
        raise ForeignFolder
    for path in orphans | parts:
        (root / path).unlink(missing_ok=True)
    return len(orphans | parts)
