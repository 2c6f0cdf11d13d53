"""`manage.py sweep`."""

import os
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.utils import timezone

from audits import photos
from audits.models import Photo, ShownPhoto, TakenBack
from outlets.models import HeldForm
from tests import plans, worlds

pytestmark = pytest.mark.django_db


def run(*arguments):
    output = StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue().strip()


def test_sweep_removes_what_is_old_and_only_that():
    lan, now = worlds.user("lan"), timezone.now()
    for page, age in (("/new/", 6), ("/old/", 8)):
        HeldForm.objects.create(owner=lan, path=page, data={}, held_at=now - timedelta(days=age))
    for key, age in (("open", -1), ("ended", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=now + timedelta(hours=-age))
    for name, age in (("today", 2), ("yesterday", 25)):
        attempt = AccessAttempt.objects.create(username=name, attempt_time=now, failures_since_start=1)
        AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=now - timedelta(hours=age))
    told = run("sweep")
    assert told.startswith("Removed 1 kept forms and 1 failed log-ins; ended sessions are gone.")
    left = (
        HeldForm.objects.values_list("path", flat=True).get(),
        Session.objects.values_list("pk", flat=True).get(),
        AccessAttempt.objects.values_list("username", flat=True).get(),
    )
    assert left == ("/new/", "open", "today")


def test_sweep_forgets_the_ids_of_photos_that_can_hardly_come_any_more():
    at = worlds.places()
    visit = plans.assigned_visit(plans.wave(at.group), at.counter, worlds.people(at).shopper)
    now = timezone.now()
    young, old = (
        TakenBack.objects.create(public_id=uuid4(), visit=visit, at=now - timedelta(days=d)) for d in (29, 31)
    )
    assert "Forgot 1 ids of photos taken back before they came." in run("sweep")
    assert TakenBack.objects.get() == young != old


# --- Files ------------------------------------------------------------------------------------


def stored(media_root, number):
    """Paths of a photo and its thumbnail, as they are stored; nothing names them yet."""
    picture = photos.CleanPhoto(b"J", b"t", "", "", 1, 1, f"{number:016x}")
    return photos.store(picture, media_root, timezone.now())


def age(media_root, days=2.0):
    """Makes every file so many days old."""
    then = (timezone.now() - timedelta(days=days)).timestamp()
    for file in media_root.rglob("*"):
        if file.is_file():
            os.utime(file, (then, then))


def files(media_root):
    return {file.relative_to(media_root).as_posix() for file in media_root.rglob("*") if file.is_file()}


@pytest.fixture
def named(media_root):
    """A photo, a removed one, and the copy that a unit may see: the six files that rows name."""
    at = worlds.places()
    people = worlds.people(at)
    visit = plans.assigned_visit(plans.wave(at.group), at.counter, people.shopper)
    facts = {"visit": visit, "width": 1, "height": 1, "size": 1, "added_at": worlds.NOW}
    paths = [stored(media_root, number) for number in range(3)]
    for number, each in enumerate(paths[:2]):
        removed_at = worlds.NOW if number else None
        names = {"file": each.file, "thumbnail": each.thumbnail}
        photo = Photo.objects.create(**names, sha256=str(number), phash="", removed_at=removed_at, **facts)
    names = {"file": paths[2].file, "thumbnail": paths[2].thumbnail}
    ShownPhoto.objects.create(photo=photo, **names, width=1, height=1, by=people.reviewer, at=worlds.NOW)
    return {path for each in paths for path in (each.file, each.thumbnail)}


def test_sweep_removes_files_that_no_row_names_and_parts(media_root, named):
    orphan = stored(media_root, 9)
    part = media_root / orphan.file
    part.with_name(f".{part.name}.part").write_bytes(b"J")
    age(media_root)
    assert run("sweep").endswith("Removed 3 files of no photo.")
    assert files(media_root) == named


def test_sweep_spares_what_was_written_within_a_day(media_root, named):
    age(media_root)
    fresh = stored(media_root, 9)
    part = (media_root / fresh.file).with_name(f".{'a' * 32}.jpg.part")
    part.write_bytes(b"J")
    assert run("sweep").endswith("Removed 0 files of no photo.")
    age(media_root, days=0.9)
    assert run("sweep").endswith("Removed 0 files of no photo.")
    assert files(media_root) == {*named, fresh.file, fresh.thumbnail, part.relative_to(media_root).as_posix()}


@pytest.mark.parametrize("name", ["demo/counter-1.jpg", "2026/11/readme.txt", "lost/2026/11/x.jpg", ".keep"])
def test_sweep_spares_files_that_are_no_photos_of_visits(media_root, named, name):
    other = media_root / name
    other.parent.mkdir(parents=True, exist_ok=True)
    other.write_bytes(b"J")
    age(media_root)
    run("sweep")
    assert name in files(media_root)


def test_sweep_touches_nothing_in_a_folder_that_belongs_to_another_database(media_root, named):
    for number in range(9, 14):
        stored(media_root, number)
    age(media_root)
    before = files(media_root)
    with pytest.raises(CommandError, match="belong together"):
        run("sweep")
    assert files(media_root) == before


def test_sweep_of_a_folder_that_is_not_there_removes_nothing(media_root):
    assert run("sweep").endswith("Removed 0 files of no photo.")
