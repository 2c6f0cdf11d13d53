"""What-if figures: worked out by one, waited for by the others, and never older than what they follow from."""

import os
from datetime import date, timedelta

import pytest

from audits.checklists import actions as checklists
from audits.checklists.drafts import actions as drafts
from audits.models import Checklist, Visit
from audits.results import actions as results
from audits.results.whatif import sharing
from audits.results.whatif.rescored import Progress, Rescored, rescore
from outlets.models import UnitEvent
from tests import published, worlds
from tests.kept import kept
from tests.worlds import NOW

pytestmark = pytest.mark.django_db


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


def visited(at, people, first):
    for number, answers in enumerate(("yy", "ny", "ny")):
        shopper = people.shopper2 if number == 2 else people.shopper
        published.approved(at.counter, shopper, first + timedelta(days=number), answers)


@kept
def october(at, people):
    visited(at, people, date(2026, 10, 5))
    published.closed(date(2026, 10, 1))


@pytest.fixture
def draft(october):
    draft = checklists.draft_from(version=Checklist.objects.get(code="TQ").versions.get(), by=None, at=NOW)
    drafts.edit_criterion(version=draft, code="A1", changed={"weight": "9"}, seen=0, by=None, at=NOW)
    return draft


@pytest.fixture(autouse=True)
def times(monkeypatch):
    """How often figures have been worked out; nobody waits between two looks."""
    counted = []

    def counting(*given, **named):
        counted.append(given)
        return rescore(*given, **named)

    monkeypatch.setattr(sharing, "rescore", counting)
    monkeypatch.setattr(sharing, "PAUSE", 0)
    return counted


def asked(version, length=1, *, whole=True):
    return sharing.asked_of(version, length, whole=whole)


def result(version, **given):
    *_before, last = sharing.steps(asked(version, **given))
    assert isinstance(last, Rescored)
    return last


def test_before_the_first_closing_nothing_can_be_asked(at, people):
    visited(at, people, date(2026, 10, 5))
    assert asked(Checklist.objects.get().versions.get()) is None


def test_they_are_worked_out_once(draft, times):
    assert sharing.found(asked(draft)) is None
    assert result(draft) == result(draft) == sharing.found(asked(draft))
    assert len(times) == 1


def test_of_two_who_ask_at_once_the_second_waits_and_says_how_far_the_first_is(draft, times):
    first, second = sharing.steps(asked(draft)), sharing.steps(asked(draft))
    assert (next(first), next(second)) == (Progress(0, 3), Progress(0, 3))
    assert (next(first), next(second)) == (Progress(3, 3), Progress(3, 3))
    assert sharing.progress(asked(draft)) == Progress(3, 3)
    assert next(first) == next(second) == sharing.found(asked(draft))
    assert (len(times), sharing.progress(asked(draft))) == (1, None)


def test_what_somebody_gave_up_the_next_one_works_out(draft, times):
    first, second = sharing.steps(asked(draft)), sharing.steps(asked(draft))
    next(first), next(second)
    first.close()
    assert sharing.progress(asked(draft)) is None
    assert isinstance(list(second)[-1], Rescored)
    assert len(times) == 2


def test_who_reads_visits_and_who_does_not_never_share_them(draft, times):
    assert result(draft, whole=True).used == 6
    assert sharing.found(asked(draft, whole=False)) is None
    result(draft, whole=False)
    assert len(times) == 2


@pytest.mark.parametrize("change", ["content", "months", "closing", "correction", "tree"])
def test_they_do_not_outlive_what_they_follow_from(draft, at, people, times, change):
    result(draft)
    given = {}
    if change == "content":
        drafts.edit_criterion(version=draft, code="A1", changed={"weight": "2"}, seen=9, by=None, at=NOW)
    elif change == "months":
        given = {"length": 3}
    elif change == "closing":
        visited(at, people, date(2026, 11, 3))
        published.closed(date(2026, 11, 1))
    elif change == "correction":
        values = {"A2": results.CorrectedValue(value="no")}
        results.correct(visit=Visit.objects.latest("pk"), values=values, reason="Nhầm.", by=people.office, at=NOW)
    else:
        UnitEvent.objects.create(unit=at.counter.unit, kind=UnitEvent.Kind.MOVED, at=NOW)
    assert sharing.found(asked(draft, **given)) is None
    result(draft, **given)
    assert len(times) == 2


def test_a_damaged_file_and_a_folder_that_cannot_be_written_cost_time_only(draft, times, cache_dir, settings):
    result(draft)
    for file in cache_dir.glob("*.djcache"):
        file.write_bytes(file.read_bytes()[:-9])
    result(draft)
    assert len(times) == 2
    (cache_dir.parent / "file").write_text("")
    settings.CACHE_DIR = cache_dir.parent / "file"
    figures = settings.CACHES["figures"] | {"LOCATION": str(settings.CACHE_DIR)}
    settings.CACHES = settings.CACHES | {"figures": figures}
    assert isinstance(result(draft), Rescored)
    assert sharing.found(asked(draft)) is None


@pytest.fixture
def usual_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("usual_umask")
def test_nobody_else_on_the_machine_reads_the_files(draft, cache_dir):
    result(draft)
    assert {oct(path.stat().st_mode & 0o777) for path in cache_dir.glob("*.djcache")} == {"0o600"}
    assert oct(cache_dir.stat().st_mode & 0o777) == "0o700"
