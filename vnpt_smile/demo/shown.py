"""What reviewers have let units see of their visits: some notes, and a few photos of each month."""

from datetime import date

from django.conf import settings
from django.db.models import QuerySet

from audits import photos as photo_files
from audits.models import Answer, Photo, ShownNote, ShownPhoto, Visit
from audits.results import months
from audits.review import flags
from audits.review.actions import fingerprint
from outlets.models import User

NOTES = 4  # one of so many notes is shown
PHOTOS = 4  # copies of a month


def mark(*, month: date, by: User) -> None:
    """Marks notes and photos of the month's approved visits, before it is closed; in the name of `by`."""
    visits = Visit.objects.filter(
        approved_by__isnull=False, visited_on__gte=month, visited_on__lte=months.last_day(month)
    )
    _notes(visits, by)
    _photos(visits, by)


def _notes(visits: QuerySet[Visit], by: User) -> None:
    noted = Answer.objects.filter(visit__in=visits).exclude(note="").order_by("pk")
    ShownNote.objects.bulk_create(
        [
            ShownNote(
                visit_id=answer.visit_id,
                criterion_id=answer.criterion_id,
                text=answer.note,
                source=fingerprint(answer.note),
                by=by,
                at=answer.changed_at,
            )
            for answer in list(noted)[::NOTES]
            if not flags.told(answer.note, ())
        ],
        batch_size=500,
    )


def _photos(visits: QuerySet[Visit], by: User) -> None:
    taken = Photo.objects.kept().filter(visit__in=visits, criterion__photo_is_private=False)
    rows = list(taken.order_by("pk"))
    for photo in rows[:: max(1, len(rows) // PHOTOS)]:
        with photo_files.open_stored(photo.file, settings.MEDIA_ROOT) as file:
            clean = photo_files.intake(file)
        stored = photo_files.store(clean, settings.MEDIA_ROOT, photo.added_at)
        ShownPhoto.objects.create(
            photo=photo,
            file=stored.file,
            thumbnail=stored.thumbnail,
            width=clean.width,
            height=clean.height,
            by=by,
            at=photo.added_at,
        )
