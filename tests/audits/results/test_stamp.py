"""What a process keeps of published months is kept until something is published, corrected or reorganised."""

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
