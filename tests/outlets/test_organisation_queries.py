"""Paths, children, counts and history of units, then and now."""

from datetime import date

import pytest
from django.utils import translation

from outlets.models import Channel, Unit
from outlets.organisation import actions as organisation
from outlets.organisation import queries
from outlets.organisation.actions import NewUnit
from tests import worlds
from tests.worlds import FOUNDED, NOW

pytestmark = pytest.mark.django_db

JUNE, JULY, SEPTEMBER = date(2026, 6, 30), date(2026, 7, 1), date(2026, 9, 1)
FACTS = {"effective_on": JULY, "by": None, "at": NOW}


@pytest.fixture
def at():
    return worlds.places()


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def names(steps):
    return [step.name for step in steps]


def test_the_path_leads_from_the_top_to_the_unit_above(at):
    assert names(queries.path(at.counter.unit)) == ["Tập đoàn VNPT", "VNPT An Giang", "Phòng bán hàng Long Xuyên"]
    assert queries.path(at.group) == ()


def test_the_path_of_a_past_day_has_that_days_parents_and_names(at):
    organisation.move(unit=at.long_xuyen, parent=at.ha_noi, **FACTS)
    organisation.rename(unit=at.an_giang, name="VNPT An Giang mới", **FACTS)
    assert names(queries.path(at.counter.unit, JUNE)) == [
        "Tập đoàn VNPT",
        "VNPT An Giang",
        "Phòng bán hàng Long Xuyên",
    ]
    assert names(queries.path(at.hotline.unit, JULY)) == ["Tập đoàn VNPT", "VNPT An Giang mới"]
    assert names(queries.path(at.counter.unit)) == ["Tập đoàn VNPT", "VNPT Hà Nội", "Phòng bán hàng Long Xuyên"]


def test_a_merged_unit_stands_below_its_heir_today(at):
    organisation.merge(predecessors=[at.dong_da], successor=at.long_xuyen, **FACTS)
    assert names(queries.path(at.dong_da))[-1] == "Phòng bán hàng Long Xuyên"
    assert names(queries.path(at.dong_da, JUNE))[-1] == "VNPT Hà Nội"
    assert queries.path(at.dong_da, JULY) == ()


def test_children_are_the_open_units_directly_below(at):
    assert list(queries.children(at.an_giang)) == [at.long_xuyen, at.hotline.unit]
    organisation.close_unit(unit=at.hotline.unit, closed_on=JULY, by=None, at=NOW)
    assert list(queries.children(at.an_giang)) == [at.long_xuyen]


def test_outlets_are_counted_for_every_unit_above_them(at):
    organisation.close_unit(unit=at.other_counter.unit, closed_on=JULY, by=None, at=NOW)
    counts = queries.outlet_counts([at.group, at.an_giang, at.dong_da, at.counter.unit])
    assert [(counts[unit.pk].open, counts[unit.pk].closed) for unit in (at.group, at.an_giang, at.dong_da)] == [
        (3, 1),
        (2, 1),
        (1, 0),
    ]
    assert queries.open_outlets_by_channel(at.an_giang) == ((Channel.COUNTER, 1), (Channel.HOTLINE, 1))
    assert set(queries.outlets_below(at.an_giang)) == {at.counter.unit, at.other_counter.unit, at.hotline.unit}


def test_history_tells_the_names_of_then_and_what_became_of_a_unit(at):
    organisation.rename(unit=at.an_giang, name="VNPT An Giang 2", **FACTS)
    organisation.merge(
        predecessors=[at.long_xuyen], successor=NewUnit("AGG-A", "PBH A"), **(FACTS | {"effective_on": SEPTEMBER})
    )
    told = queries.history(at.long_xuyen)
    heir = Unit.objects.get(code="AGG-A")
    to_heir = queries.Step(heir.public_id, "AGG-A", "PBH A")
    under = queries.Step(at.an_giang.public_id, "AGG", "VNPT An Giang")
    assert told == queries.History(
        names=(queries.NamedRow("Phòng bán hàng Long Xuyên", FOUNDED, SEPTEMBER),),
        parents=(queries.ParentRow(under, FOUNDED, SEPTEMBER),),
        successions=(
            queries.SuccessionRow(
                "merge", "Merged", SEPTEMBER, "Phòng bán hàng Long Xuyên", "PBH A", None, to_heir, is_heir=True
            ),
        ),
    )
    assert queries.history(at.counter.unit).parents[0].parent.code == "AGG-A"


def test_the_successor_leads_to_its_predecessors(at):
    organisation.merge(predecessors=[at.dong_da], successor=at.long_xuyen, **FACTS)
    (row,) = queries.history(at.long_xuyen).successions
    assert (row.predecessor.name, row.successor) == ("Phòng bán hàng Đống Đa", None)


def test_events_are_told_in_a_line_with_who_and_when(at):
    people = worlds.people(at)
    who = {"by": people.sysadmin, "at": NOW}
    organisation.rename(unit=at.hotline.unit, name="Tổ 2", effective_on=JULY, **who)
    organisation.edit_outlet(outlet=at.hotline, address="1 Lê Lợi", **who)
    told = [(event.by, event.label, event.detail) for event in queries.latest_events(at.hotline.unit)]
    assert told == [
        ("Người sysadmin", "Details changed", "– → 1 Lê Lợi"),
        ("Người sysadmin", "Renamed", "Tổ Hỗ trợ khách hàng → Tổ 2"),
    ]


@pytest.mark.parametrize(
    ("read", "number"),
    [
        (lambda at: queries.path(at.counter.unit), 1),
        (lambda at: queries.path(at.counter.unit, JUNE), 2),
        (lambda at: queries.paths([at.counter.unit, at.dong_da]), 1),
        (lambda at: list(queries.children(at.group)), 1),
        (lambda at: list(queries.outlets_below(at.group)), 1),
        (lambda at: queries.outlet_counts([at.group, at.an_giang]), 1),
        (lambda at: queries.open_outlets_by_channel(at.group), 1),
        (lambda at: queries.history(at.an_giang), 4),
        (lambda at: queries.latest_events(at.an_giang), 1),
    ],
)
def test_number_of_queries(at, django_assert_num_queries, read, number):
    with django_assert_num_queries(number):
        read(at)
