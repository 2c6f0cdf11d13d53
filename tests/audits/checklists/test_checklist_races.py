"""Two people at one checklist at the same moment, each on a connection of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from audits.checklists import actions as checklists
from audits.checklists import content, triggers
from audits.checklists.drafts import actions as drafts
from audits.checklists.outline import forget, outline
from audits.fieldwork.visits import actions as visits
from audits.models import Checklist, ChecklistVersion, Section, Visit
from tests import sheets, worlds
from tests.worlds import NOW

pytestmark = pytest.mark.django_db(transaction=True)

State = ChecklistVersion.State
HELD = 0.4  # seconds for which the first writer keeps its transaction open


@pytest.fixture
def running():
    forget()
    return sheets.every_kind().versions.get()


def one_while_the_other_is_open(first: Callable, second: Callable) -> list[object]:
    """What both return: `second` begins when `first` has done its work and before that is committed."""
    done, never = Event(), Event()

    def hold() -> object:
        try:
            with transaction.atomic():
                result = first()
                done.set()
                never.wait(HELD)
            return result
        finally:
            done.set()
            connection.close()

    def follow() -> object:
        try:
            done.wait(10)
            return second()
        except (checklists.ChecklistRefused, DatabaseError) as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return [each.result(20) for each in (pool.submit(hold), pool.submit(follow))]


def draft_of(version):
    return checklists.draft_from(version=version, by=None, at=NOW)


def publish(draft):
    return checklists.publish(version=draft, by=None, at=NOW)


def states(checklist) -> list[tuple[int, str]]:
    return list(checklist.versions.order_by("number").values_list("number", "state"))


def test_of_two_drafts_published_at_once_the_later_one_runs(running):
    one, two = draft_of(running), draft_of(running)
    one_while_the_other_is_open(lambda: publish(one), lambda: publish(two))
    assert states(running.checklist) == [(1, State.RETIRED), (2, State.RETIRED), (3, State.PUBLISHED)]


def test_one_draft_published_twice_at_once_is_published_once(running):
    draft = draft_of(running)
    first, second = one_while_the_other_is_open(lambda: publish(draft), lambda: publish(draft))
    assert (first, type(second)) == (draft, checklists.NotADraft)
    assert list(draft.events.order_by("pk").values_list("kind", flat=True)) == ["drafted", "published"]


def test_two_drafts_begun_at_once_get_two_numbers(running):
    one_while_the_other_is_open(lambda: draft_of(running), lambda: draft_of(running))
    assert states(running.checklist) == [(1, State.PUBLISHED), (2, State.DRAFT), (3, State.DRAFT)]


def test_publishing_a_successor_while_the_running_version_is_retired(running):
    draft = draft_of(running)
    one_while_the_other_is_open(lambda: checklists.retire(version=running, by=None, at=NOW), lambda: publish(draft))
    assert states(running.checklist) == [(1, State.RETIRED), (2, State.PUBLISHED)]


def test_a_part_written_while_its_draft_is_published_is_refused(running):
    draft = draft_of(running)
    late = Section(version=draft, code="Y", name_vi="Muộn", position=9)
    _, refused = one_while_the_other_is_open(lambda: publish(draft), lambda: Section.objects.bulk_create([late]))
    assert isinstance(refused, DatabaseError)
    assert triggers.REFUSAL in str(refused)
    assert [section.code for section in outline(draft).sections] == ["A", "B", "Z"]


def test_publishing_waits_for_a_part_being_written_and_sees_it(running):
    draft = draft_of(running)
    empty = Section(version=draft, code="Y", name_vi="Trống", position=9)
    _, refused = one_while_the_other_is_open(lambda: Section.objects.bulk_create([empty]), lambda: publish(draft))
    assert isinstance(refused, checklists.Unpublishable)
    assert states(running.checklist) == [(1, State.PUBLISHED), (2, State.DRAFT)]


@pytest.fixture
def assigned(running):
    """A visit with the checklist, not begun."""
    places = worlds.places()
    return sheets.assigned(places.counter, worlds.people(places).shopper, running.checklist)


def start(visit: Visit) -> Visit:
    again = Visit.objects.select_related("wave__checklist").get(pk=visit.pk)
    return visits.start(visit=again, by=visit.shopper, at=NOW)


def heavier(running) -> ChecklistVersion:
    draft = draft_of(running)
    drafts.edit_criterion(version=draft, code="TK-A1", changed={"weight": "9"}, seen=0, by=None, at=NOW)
    return draft


def assert_whole(visit: Visit, versions: list[ChecklistVersion]) -> None:
    """The visit has begun with one of the versions, and what it asks and counts is that version's."""
    visit.refresh_from_db()
    assert (visit.state, visit.version in versions) == ("in_progress", True)
    weight = {1: 2, 2: 9}[visit.version.number]
    assert outline(visit.version).by_code["TK-A1"].weight == weight


def test_a_visit_that_starts_while_a_version_is_published_starts_with_one_of_the_two(running, assigned, database):
    draft = heavier(running)
    _, begun = one_while_the_other_is_open(lambda: publish(draft), lambda: start(assigned))
    assert isinstance(begun, Visit), begun  # there is a running version at every moment
    # SQLite lets the second writer wait; on PostgreSQL it reads what ran when it began.
    assert_whole(assigned, [draft] if database == "sqlite" else [running])
    assert states(running.checklist) == [(1, State.RETIRED), (2, State.PUBLISHED)]


def test_a_version_published_while_a_visit_starts_leaves_it_its_own(running, assigned):
    draft = heavier(running)
    _, published = one_while_the_other_is_open(lambda: start(assigned), lambda: publish(draft))
    assert published == draft
    assert_whole(assigned, [running])


def test_one_reading_of_a_file_taken_over_twice_at_once_makes_one_draft(running):
    reading, sections = uuid4(), content.of_version(outline(running))

    def take_over() -> ChecklistVersion:
        return checklists.draft_of(version=running, sections=sections, reading=reading, by=None, at=NOW)

    first, second = one_while_the_other_is_open(take_over, take_over)
    assert isinstance(second, checklists.MadeAlready)
    assert second.draft == first
    assert Checklist.objects.get().versions.count() == 2
