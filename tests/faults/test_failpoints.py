"""A server process dies at a named point: what is kept is what was before, or what comes after, never between."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audits import media
from audits import photos as photo_files
from audits.models import Answer, Change, Photo, Submission, VisitEvent
from tests import sheets
from tests.faults.phones import Phone, Unanswered, requests

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]


def rows():
    return tuple(model.objects.count() for model in (Answer, Change, Photo, Submission, VisitEvent))


def files(media_root):
    return {file.relative_to(media_root).as_posix() for file in media_root.rglob("*") if file.is_file()}


def named():
    return {path for photo in Photo.objects.all() for path in (photo.file, photo.thumbnail)}


def died(serve, armed, point, visit, shopper, photo, what):
    """Sends it into the point, then again. The rows before, after the death, and after the second time; the answer."""
    server = serve(point)
    phone = Phone.of(server.port, shopper)
    request = requests(visit, phone, photo)[what]
    before = rows()
    armed.touch()
    with pytest.raises(Unanswered):
        phone.once(*request)
    assert not armed.exists(), "the point was never reached"
    after = rows()
    answer = phone.surely(*request)
    again = phone.surely(*request)
    assert again.status == answer.status
    return before, after, rows(), answer


@pytest.mark.parametrize(
    ("point", "left"),
    [("photo-written", (0, 1)), ("photo-renamed", (1, 0)), ("photo-stored", (2, 0)), ("before-commit", (2, 0))],
)
def test_death_before_a_photos_row_leaves_no_row_and_files_that_are_swept(
    serve, armed, visit, shopper, photo, media_root, point, left
):
    before, after, then, answer = died(serve, armed, point, visit, shopper, photo, "photo")
    assert after == before
    assert then == (before[0], before[1], 1, *before[3:])
    assert answer.status == 200
    whole, parts = photo_files.stored_before(media_root, timezone.now() + timedelta(minutes=1))
    assert (len(whole - named()), len(parts)) == left
    media.sweep(at=timezone.now() + media.SETTLED + timedelta(minutes=1))
    assert files(media_root) == named()
    stored = Photo.objects.get()
    assert (media_root / stored.file).read_bytes() == photo_files.intake(io.BytesIO(photo)).jpeg


@pytest.mark.parametrize(("point", "is_kept"), [("before-commit", False), ("after-commit", True)])
@pytest.mark.parametrize("what", ["changes", "photo", "submit"])
def test_death_about_the_commit_keeps_all_or_nothing_and_the_next_time_all_once(
    serve, armed, visit, shopper, photo, what, point, is_kept
):
    if what == "submit":
        sheets.complete(visit, shopper, at=timezone.now())
    before, after, then, answer = died(serve, armed, point, visit, shopper, photo, what)
    added = {"changes": (2, 2, 0, 0, 0), "photo": (0, 0, 1, 0, 0), "submit": (0, 0, 0, 1, 1)}[what]
    whole = tuple(old + new for old, new in zip(before, added, strict=True))
    assert after == (whole if is_kept else before)
    assert then == whole
    assert answer.status == (302 if what == "submit" else 200)
    if what == "submit":
        assert answer.location == reverse("audits:visit_receipt", kwargs={"visit_id": visit.public_id})
