"""What a process keeps of published months is kept until something is published, corrected or reorganised."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from django.db.models import Max

from audits.results.kept import Kept, stamp
from outlets.models import UnitEvent
from tests import worlds
from tests.worlds import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def places():
    return worlds.places()


def change(unit, **fields):
    return UnitEvent.objects.create(unit=unit, kind=UnitEvent.Kind.RENAMED, at=NOW, **fields)


def test_it_stands_still_while_nothing_happens(places, django_assert_num_queries):
    with django_assert_num_queries(1):
        before = stamp()
    assert stamp() == before


def test_a_change_of_a_slower_writer_is_seen_though_a_later_key_was_seen_before(places):
    change(places.group)
    slower = change(places.group)
    keys = UnitEvent.objects.aggregate(last=Max("pk"))["last"]
    slower.delete()  # as others see it until it is committed
    change(places.group, pk=keys + 1)
    before = stamp()
    change(places.group, pk=keys)
    assert stamp() != before


def test_what_was_made_under_an_older_stamp_is_made_again(places):
    kept = Kept(2)
    read = lambda: kept.get(stamp(), lambda: UnitEvent.objects.count())  # noqa: E731
    was = read()
    change(places.group)
    assert (was, read()) == (0, 1)


def test_of_those_that_ask_at_once_one_makes_it():
    kept, made, together, all_asked = Kept(2), [], Barrier(4), Event()

    def make():
        all_asked.wait(0.2)  # the others come meanwhile
        made.append(len(made))
        return made[-1]

    def ask():
        together.wait(5)
        return kept.get("key", make)

    with ThreadPoolExecutor(4) as pool:
        assert [each.result() for each in [pool.submit(ask) for _ in range(4)]] == [0] * 4


def test_where_the_maker_fails_the_others_make_it_themselves():
    kept, begun, go_on = Kept(2), Event(), Event()

    def fail():
        begun.set()
        go_on.wait(5)
        raise ZeroDivisionError

    with ThreadPoolExecutor(2) as pool:
        failing = pool.submit(kept.get, "key", fail)
        begun.wait(5)
        other = pool.submit(kept.get, "key", lambda: "made")
        go_on.set()
        assert other.result(5) == "made"
        with pytest.raises(ZeroDivisionError):
            failing.result(5)
    assert kept.get("key", fail) == "made"


def test_what_is_made_of_itself_does_not_wait_for_itself():
    kept = Kept(2)
    assert kept.get("key", lambda: kept.get("key", lambda: 1) + 1) == 2
