"""Visits are sent while workers of the server are killed: what had a receipt is there, whole and once.

VISITS=2000 in the environment sends so many; every run sends a few.
"""

import io
import os
import random
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from audits import media
from audits import photos as photo_files
from audits.fieldwork.states import VisitState
from audits.fieldwork.visits import actions as visits
from audits.models import Answer, Change, Photo, Submission, Visit, VisitEvent
from outlets.models import Role
from tests import sheets, worlds
from tests.databases import url_of
from tests.faults.phones import ANSWERS, Phone, SentVisit, drawn_photo, send_visit
from tests.processes import gunicorn

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]

VISITS = int(os.environ.get("VISITS", "12"))
PHONES = 6


class Killer(threading.Thread):
    """Kills a random worker every 50 to 250 ms, until told to stop."""

    def __init__(self, master: int) -> None:
        super().__init__(daemon=True)
        self.children = Path(f"/proc/{master}/task/{master}/children")
        self.ended = threading.Event()
        self.kills = 0

    def run(self) -> None:
        while not self.ended.wait(random.uniform(0.05, 0.25)):
            workers = [int(pid) for pid in self.children.read_text().split()]
            if workers:
                try:
                    os.kill(random.choice(workers), signal.SIGKILL)
                    self.kills += 1
                except ProcessLookupError:
                    pass

    def finish(self) -> None:
        self.ended.set()
        self.join()


@pytest.fixture
def server(transactional_db, media_root, tmp_path):
    """As in production, but forked from one that has the product loaded: a killed worker is replaced at once."""
    env = {"DATABASE_URL": url_of(connection.settings_dict), "MEDIA_ROOT": str(media_root)}
    with gunicorn(
        "tests.faults.warm_app:application", log=tmp_path / "server.log", env=env, workers=3, preload=True
    ) as started:
        yield started


def begun(number: int) -> list[SentVisit]:
    """So many visits that have begun, each with a photo of its own on the phone."""
    counter = worlds.places().counter
    shoppers = [worlds.user(f"shopper{each}", Role.SHOPPER) for each in range(PHONES)]
    found = []
    for each in range(number):
        visit = sheets.started(counter, shoppers[each % PHONES], at=timezone.now())
        found.append(SentVisit(str(visit.public_id), photo=drawn_photo(each)))
    Visit.objects.update(met_description="Quầy số 2")
    return found


def test_visits_sent_while_workers_are_killed_are_there_whole_and_once(server, media_root):
    sent = begun(VISITS)
    phones = [Phone.of(server.port, worlds.User.objects.get(username=f"shopper{each}")) for each in range(PHONES)]
    killer, began = Killer(server.pid), time.monotonic()
    killer.start()
    try:
        with ThreadPoolExecutor(PHONES) as pool:
            list(pool.map(lambda each: [send_visit(phones[each], mine) for mine in sent[each::PHONES]], range(PHONES)))
    finally:
        killer.finish()
    seconds, retries = time.monotonic() - began, sum(phone.retries for phone in phones)
    print(f"{VISITS} visits, {killer.kills} workers killed, {retries} requests sent again, {seconds:.0f} s")
    server.finish()
    assert killer.kills >= 5
    assert Counter(status for each in sent for status in each.statuses).keys() == {200, 302}
    check_rows(sent)
    check_files(sent, media_root)


def check_rows(sent: list[SentVisit]) -> None:
    """Every answer, change, photo, submission and receipt exactly once."""
    receipts = {
        str(public_id): receipt for public_id, receipt in Submission.objects.values_list("visit__public_id", "receipt")
    }
    assert Submission.objects.count() == len(sent)
    assert receipts == {each.public_id: each.receipt for each in sent}
    assert not Visit.objects.exclude(state=VisitState.SUBMITTED).exists()
    assert VisitEvent.objects.filter(to_state=VisitState.SUBMITTED).count() == len(sent)
    codes = [code for each in ANSWERS for code in each]
    answers = Counter(Answer.objects.values_list("criterion__code", "value", "note", "text", "revision"))
    assert set(answers.values()) == {len(sent)}
    assert sorted(key[0] for key in answers) == sorted(codes)
    assert {key[-1] for key in answers} == {1}
    assert Change.objects.filter(outcome=Change.Outcome.SAVED, parked__isnull=True).count() == len(codes) * len(sent)
    assert Change.objects.count() == len(codes) * len(sent)


def check_files(sent: list[SentVisit], media_root: Path) -> None:
    """What is stored is what was sent; every other file is an orphan, whole or a part, and is swept."""
    rows = {str(photo.visit.public_id): photo for photo in Photo.objects.select_related("visit")}
    assert Photo.objects.count() == len(rows) == len(sent)
    for each in sent:
        photo, expected = rows[each.public_id], photo_files.intake(io.BytesIO(each.photo))
        assert (str(photo.public_id), photo.sha256) == (each.photo_id, expected.sha256)
        assert (media_root / photo.file).read_bytes() == expected.jpeg
        assert (media_root / photo.thumbnail).read_bytes() == expected.thumbnail
    named = {path for photo in rows.values() for path in (photo.file, photo.thumbnail)}
    later = timezone.now() + media.SETTLED + timedelta(minutes=1)
    whole, parts = photo_files.stored_before(media_root, later)
    for path in whole:  # no half of a file has a whole one's name
        assert (media_root / path).read_bytes().endswith(b"\xff\xd9")
    orphans = whole - named
    print(f"{len(orphans)} files without a row, {len(parts)} parts")
    assert media_root == settings.MEDIA_ROOT
    named |= outnumber(orphans, whole, media_root)
    assert media.sweep(at=later) == len(orphans) + len(parts)
    assert {file.relative_to(media_root).as_posix() for file in media_root.rglob("*.*") if file.is_file()} == named


def outnumber(orphans: set[str], whole: set[str], media_root: Path) -> set[str]:
    """Adds photos until half of the files have a row, else the sweeper doubts, rightly, that the folder is this
    database's; the paths of their files. Few visits leave more orphans than photos at times.
    """
    visit, added = Visit.objects.first(), set()
    while len(orphans) > len(whole | added) // 2:
        clean = photo_files.intake(io.BytesIO(drawn_photo(1_000_000 + len(added))))
        stored = photo_files.store(clean, media_root, timezone.now())
        assert visits.add_photo(visit, None, visits.NewPhoto("", clean), stored, timezone.now())
        added |= {stored.file, stored.thumbnail}
    return added
