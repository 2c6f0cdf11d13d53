"""Merging and splitting units, each on a day: what goes on under which name."""

from datetime import date

import pytest

from outlets.models import Outlet, Unit, UnitClosure, UnitEvent, UnitName, UnitParent, UnitSuccession
from outlets.organisation import actions as organisation
from outlets.organisation import refusals, tree
from outlets.organisation.actions import NewUnit
from tests import worlds
from tests.outlets.reorganised import JULY, by_and_at, events, parents, successions
from tests.worlds import FOUNDED, NOW

pytestmark = pytest.mark.django_db

MARCH, SEPTEMBER = date(2026, 3, 1), date(2026, 9, 1)
TOMORROW = date(2026, 11, 13)


@pytest.fixture
def at():
    return worlds.places()


@pytest.fixture(autouse=True)
def closure_is_right():
    """After every test: the stored closure is what the tree gives."""
    yield
    assert set(UnitClosure.objects.values_list("ancestor_id", "descendant_id", "depth")) == tree.closure_today()


# --- Merging ----------------------------------------------------------------------------------


def test_a_merge_into_another_unit_takes_the_children_and_keeps_the_past(at):
    before = tree.parents_on(date(2026, 6, 30))
    heir = organisation.merge(predecessors=[at.ha_noi], successor=at.an_giang, **by_and_at())
    old = Unit.objects.get(pk=at.ha_noi.pk)
    assert (heir, old.closed_on) == (at.an_giang, JULY)
    assert parents(at.dong_da) == [("HNI", FOUNDED, JULY), ("AGG", JULY, None)]
    assert tree.parents_on(date(2026, 6, 30)) == before
    assert {at.ha_noi, at.dong_da, at.far_counter.unit} <= set(Unit.objects.within([at.an_giang.pk]))
    assert successions() == [("merge", "HNI", "AGG", True, "VNPT Hà Nội", "VNPT An Giang")]
    assert events(old) == [("merged", {"into": "AGG", "effective_on": "2026-07-01"})]
    assert events(heir) == [("merged", {"from": ["HNI"], "effective_on": "2026-07-01"})]
    assert events(at.dong_da) == [("moved", {"from": "HNI", "to": "AGG", "effective_on": "2026-07-01"})]


def test_two_units_merge_into_a_new_one_in_the_place_of_the_first(at):
    heir = organisation.merge(
        predecessors=[at.an_giang, at.ha_noi], successor=NewUnit("MIX", "VNPT Mới"), **by_and_at()
    )
    assert (heir.opened_on, heir.unit_type, parents(heir)) == (JULY, at.an_giang.unit_type, [("VNPT", JULY, None)])
    assert set(Unit.objects.within([heir.pk])) == set(Unit.objects.exclude(pk=at.group.pk))
    assert [row[:4] for row in successions()] == [("merge", "AGG", "MIX", True), ("merge", "HNI", "MIX", True)]


def test_a_unit_and_what_stood_under_it_can_merge_together(at):
    heir = organisation.merge(predecessors=[at.an_giang, at.long_xuyen], successor=at.ha_noi, **by_and_at())
    assert parents(at.counter.unit)[-1] == ("HNI", JULY, None)
    assert parents(at.long_xuyen) == [("AGG", FOUNDED, JULY)]
    assert tree.parents_today()[at.long_xuyen.pk] == heir.pk


def test_a_chain_of_merges_leads_to_the_last_heir(at):
    middle = organisation.merge(predecessors=[at.ha_noi], successor=NewUnit("MIX", "VNPT Giữa"), **by_and_at())
    organisation.merge(predecessors=[middle], successor=at.an_giang, **by_and_at(day=SEPTEMBER))
    today = tree.parents_today()
    assert (today[at.ha_noi.pk], today[middle.pk]) == (middle.pk, at.an_giang.pk)
    assert at.ha_noi in Unit.objects.within([at.an_giang.pk])


def test_outlets_merge_into_an_outlet_which_may_be_new(at):
    heir = organisation.merge(
        predecessors=[at.counter.unit, at.other_counter.unit],
        successor=NewUnit("AGG-LX-09", "ĐGD Long Xuyên mới"),
        **by_and_at(),
    )
    outlet = Outlet.objects.get(unit=heir)
    assert (outlet.channel, outlet.address, outlet.province) == ("counter", "12 Nguyễn Huệ", at.counter.province)


@pytest.mark.parametrize(
    ("old", "heir", "refusal"),
    [
        (["an_giang", "an_giang"], "ha_noi", refusals.SameUnitTwice),
        (["an_giang", "ha_noi"], "ha_noi", refusals.IntoItself),
        (["an_giang"], "long_xuyen", refusals.PredecessorAbove),
        (["group"], "long_xuyen", refusals.PredecessorAbove),
        (["counter"], "long_xuyen", refusals.OutletsApart),
        (["dong_da"], "counter", refusals.OutletsApart),
    ],
)
def test_a_merge_is_refused(at, old, heir, refusal):
    units = [getattr(which, "unit", which) for which in (getattr(at, name) for name in [*old, heir])]
    with pytest.raises(refusal):
        organisation.merge(predecessors=units[:-1], successor=units[-1], **by_and_at())


def test_a_refused_merge_leaves_nothing_behind(at):
    organisation.move(unit=at.dong_da, parent=at.ha_noi.parent_rows.get().parent, **by_and_at(day=SEPTEMBER))
    counts = [model.objects.count() for model in (Unit, UnitName, UnitParent, UnitSuccession, UnitEvent)]
    with pytest.raises(refusals.LaterChange):
        organisation.merge(predecessors=[at.ha_noi], successor=NewUnit("MIX", "Mới"), **by_and_at())
    assert [model.objects.count() for model in (Unit, UnitName, UnitParent, UnitSuccession, UnitEvent)] == counts


def test_a_merge_before_a_child_came_is_refused(at):
    organisation.move(unit=at.far_counter.unit, parent=at.long_xuyen, **by_and_at(day=SEPTEMBER))
    with pytest.raises(refusals.LaterChange):
        organisation.merge(predecessors=[at.long_xuyen], successor=at.dong_da, **by_and_at())


def test_a_merge_before_another_one_into_the_same_unit_is_refused(at):
    organisation.merge(predecessors=[at.dong_da], successor=at.long_xuyen, **by_and_at(day=SEPTEMBER))
    with pytest.raises(refusals.LaterChange):
        organisation.merge(predecessors=[at.long_xuyen], successor=NewUnit("MIX", "Mới"), **by_and_at(day=JULY))


def test_a_child_that_came_on_the_day_of_the_merge_goes_on(at):
    organisation.move(unit=at.far_counter.unit, parent=at.long_xuyen, **by_and_at())
    organisation.merge(predecessors=[at.long_xuyen], successor=at.dong_da, **by_and_at())
    assert parents(at.far_counter.unit) == [("HNI-DD", FOUNDED, JULY), ("HNI-DD", JULY, None)]


def test_the_manager_of_the_heir_sees_the_closed_predecessor_and_its_own_loses_it(at):
    people = worlds.people(at)
    organisation.merge(predecessors=[at.ha_noi], successor=at.an_giang, by=people.sysadmin, at=NOW, effective_on=JULY)
    assert UnitSuccession.objects.get().recorded_by == people.sysadmin
    assert not people.manager2.memberships.current().exists()
    assert at.far_counter.unit in Unit.objects.within([people.manager.memberships.get().unit_id])


# --- Splitting --------------------------------------------------------------------------------


def split(at, **changes):
    given = {
        "unit": at.long_xuyen,
        "into": [("AGG-LX1", "PBH Long Xuyên 1"), ("AGG-LX2", "PBH Long Xuyên 2")],
        "assign": {at.counter.unit: "AGG-LX1", at.other_counter.unit: "AGG-LX2"},
        "heir": "AGG-LX2",
    }
    return organisation.split(**(given | by_and_at() | changes))


def test_a_split_shares_the_children_out_and_one_part_carries_the_history(at):
    before = tree.parents_on(date(2026, 6, 30))
    first, second = split(at)
    assert [parents(at.counter.unit)[-1][0], parents(at.other_counter.unit)[-1][0]] == ["AGG-LX1", "AGG-LX2"]
    assert (parents(first), first.unit_type) == ([("AGG", JULY, None)], at.long_xuyen.unit_type)
    assert tree.parents_on(date(2026, 6, 30)) == before
    assert tree.parents_today()[at.long_xuyen.pk] == second.pk
    assert [row[:4] for row in successions()] == [
        ("split", "AGG-LX", "AGG-LX1", False),
        ("split", "AGG-LX", "AGG-LX2", True),
    ]
    detail = {"into": ["AGG-LX1", "AGG-LX2"], "heir": "AGG-LX2", "effective_on": "2026-07-01"}
    assert events(at.long_xuyen) == [("split", detail)]


def test_the_parts_of_an_outlet_are_outlets_with_its_channel(at):
    into = [("AGG-TD1", "Tổ 1"), ("AGG-TD2", "Tổ 2")]
    parts = split(at, unit=at.hotline.unit, into=into, assign={}, heir="AGG-TD1")
    assert [part.outlet.channel for part in parts] == ["hotline", "hotline"]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"into": [("A", "A")]}, refusals.TooFewParts),
        ({"into": [("A", "A"), ("a", "B")]}, refusals.TooFewParts),
        ({"heir": "AGG-LX"}, refusals.HeirUnknown),
        ({"assign": {}}, refusals.ChildUnassigned),
        ({"into": [("AGG-LX1", "A"), ("AGG-LX2", "B"), ("HNI", "C")]}, refusals.CodeUsed),
        ({"effective_on": TOMORROW}, refusals.InFuture),
        ({"effective_on": FOUNDED}, refusals.BeforeOpened),
    ],
)
def test_a_split_is_refused(at, changes, refusal):
    with pytest.raises(refusal):
        split(at, **changes)


def test_a_split_refuses_a_unit_that_is_not_a_child(at):
    strangers = {at.counter.unit: "AGG-LX1", at.other_counter.unit: "AGG-LX2", at.dong_da: "AGG-LX1"}
    with pytest.raises(refusals.NotAChild):
        split(at, assign=strangers)


def test_the_top_unit_is_not_split(at):
    assign = {at.an_giang: "A", at.ha_noi: "B"}
    with pytest.raises(refusals.TopUnit):
        split(at, unit=at.group, into=[("A", "A"), ("B", "B")], assign=assign, heir="A")
