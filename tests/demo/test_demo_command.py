"""`manage.py demo`: what it refuses, and what is left when it is cut off."""

import os
import sqlite3
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audits.fieldwork.states import VisitState
from audits.models import Checklist, Visit, VisitEvent
from outlets.models import Province, Unit, User
from tests import worlds
from vnpt_smile.demo import guard
from vnpt_smile.demo.dates import local
from vnpt_smile.demo.scale import Scale
from vnpt_smile.demo.seed import seed

ROOT = Path(__file__).resolve().parent.parent.parent
TINY = Scale(months=1, outlets=1)


@pytest.fixture(autouse=True)
def demo_mode(settings):
    settings.DEMO = True


@pytest.mark.once
def test_refuses_outside_demo_mode(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=0"):
        call_command("demo", "--no-server")


@pytest.mark.parametrize(
    "somebody", [lambda: worlds.user("giam.doc"), lambda: worlds.unit("HNI", "VNPT Hà Nội")], ids=["account", "unit"]
)
def test_refuses_a_database_that_holds_anything_else(db, somebody):
    stranger = somebody()
    with pytest.raises(CommandError, match="Nothing has been changed") as refused:
        call_command("demo", "--no-server")
    assert (getattr(stranger, "username", None) or stranger.code) in str(refused.value)
    counts = [model.objects.count() for model in (User, Unit, Checklist, Province)]
    assert sorted(counts) == [0, 0, 0, 1]


@pytest.mark.once
def test_seeding_that_is_cut_off_leaves_nothing(db):
    def cut_off(line: str) -> None:
        if "visits" in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seed(today=worlds.TODAY, scale=TINY, say=cut_off)
    assert (User.objects.count(), Unit.objects.count(), Checklist.objects.count()) == (0, 0, 0)
    guard.refuse_strangers()


@pytest.mark.once
@pytest.mark.parametrize(
    "today",
    [date(2026, 12, 1), date(2027, 2, 7)],
    ids=["first_of_a_month", "lunar_new_year"],
)
def test_every_state_is_there_on_any_day(db, today):
    seed(today=today, scale=TINY)
    # Nothing is published in so small a world: no outlet has three visits.
    assert set(Visit.objects.values_list("state", flat=True)) | {VisitState.PUBLISHED} == set(VisitState)
    assert VisitEvent.objects.filter(at__gte=local(today)).count() == 0


@pytest.mark.once
def test_refuses_the_database_of_another_application(tmp_path):
    file = tmp_path / "other.sqlite3"
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE thu_vien (id integer)")
    env = os.environ | {"DATABASE_URL": f"sqlite:///{file}", "MEDIA_ROOT": str(tmp_path / "media"), "DEMO": "1"}
    env["DJANGO_SETTINGS_MODULE"] = "vnpt_smile.settings"
    done = subprocess.run(
        [sys.executable, "manage.py", "demo", "--no-server"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "thu_vien" in done.stderr) == (1, True)
    with sqlite3.connect(file) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("thu_vien",)]
