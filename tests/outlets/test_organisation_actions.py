"""Opening, renaming, moving and closing units, each on a day."""

from datetime import date

import pytest

from outlets.models import Channel, Outlet, Unit, UnitClosure, UnitType
from outlets.organisation import actions as organisation
from outlets.organisation import refusals, tree
from tests import worlds
from tests.outlets.reorganised import JULY, by_and_at, events, names, parents, successions
from tests.worlds import FOUNDED, NOW, TODAY

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


def opened(at, code="AGG-CD", name="Phòng bán hàng Châu Đốc", parent=None, day=JULY):
    kind = UnitType.objects.get(code="office")
    parent = parent or at.an_giang
    return organisation.open_unit(code=code, name=name, unit_type=kind, parent=parent, **by_and_at("opened_on", day))


# --- Opening ----------------------------------------------------------------------------------


def test_a_unit_opens_under_another_from_its_day_on(at):
    unit = opened(at)
    assert (unit.code, unit.opened_on, unit.closed_on) == ("AGG-CD", JULY, None)
    assert parents(unit) == [("AGG", JULY, None)]
    assert names(unit) == [("Phòng bán hàng Châu Đốc", JULY, None)]
    assert events(unit) == [
        (
            "opened",
            {"code": "AGG-CD", "name": "Phòng bán hàng Châu Đốc", "parent": "AGG", "effective_on": "2026-07-01"},
        )
    ]


def test_the_first_unit_is_the_top_and_there_is_one():
    kind = UnitType.objects.create(code="group", name_vi="Tập đoàn", name_en="Group")
    facts = {"unit_type": kind, "parent": None, **by_and_at("opened_on")}
    top = organisation.open_unit(code="VNPT", name="Tập đoàn VNPT", **facts)
    assert parents(top) == []
    with pytest.raises(refusals.ParentMissing):
        organisation.open_unit(code="VNPT2", name="Tập đoàn khác", **facts)


def test_text_is_cleaned_before_it_is_kept(at):
    unit = opened(at, code=" AGG\u200b-CD ", name="To\u0302\u0309  Ðông ")
    assert (unit.code, unit.name) == ("AGG-CD", "Tổ Đông")


@pytest.mark.parametrize("code", ["AGG-LX", "agg-lx"])
def test_a_code_is_never_used_twice_even_when_its_unit_is_closed(at, code):
    Unit.objects.filter(pk=at.long_xuyen.pk).update(closed_on=TODAY)
    with pytest.raises(refusals.CodeUsed):
        opened(at, code=code)


def test_opening_is_refused_in_the_future(at):
    with pytest.raises(refusals.InFuture):
        opened(at, day=TOMORROW)


def test_tomorrow_begins_at_midnight_in_vietnam(at):
    kind = UnitType.objects.get(code="office")
    just_after = NOW.replace(hour=17, minute=0)  # 00:00 on the 13th
    facts = {"unit_type": kind, "parent": at.an_giang, "opened_on": TOMORROW, "by": None}
    with pytest.raises(refusals.InFuture):
        organisation.open_unit(code="X", name="X", **facts, at=NOW.replace(hour=16, minute=59))
    assert organisation.open_unit(code="X", name="X", **facts, at=just_after).opened_on == TOMORROW


def test_opening_is_refused_before_the_parent_existed(at):
    with pytest.raises(refusals.BeforeOpened):
        opened(at, day=date(2019, 12, 31))


def test_nothing_opens_under_a_closed_unit(at):
    Unit.objects.filter(pk=at.an_giang.pk).update(closed_on=TODAY)
    with pytest.raises(refusals.ParentClosed):
        opened(at)


def test_nothing_opens_under_an_outlet(at):
    with pytest.raises(refusals.UnderOutlet):
        opened(at, parent=at.counter.unit)


def open_shop(at, **facts):
    given = {
        "code": "AGG-CD-01", "name": "ĐGD Châu Đốc", "unit_type": UnitType.objects.get(code="outlet"),
        "parent": at.long_xuyen, "channel": Channel.COUNTER, "province": worlds.province("91", "An Giang"),
    }  # fmt: skip
    return organisation.open_outlet(**(given | facts), **by_and_at("opened_on"))


def test_an_outlet_opens_with_its_facts(at):
    outlet = open_shop(at, address=" 5  Lê Lợi ", commune="Phường Châu Đốc")
    assert Outlet.objects.get(unit__code="AGG-CD-01") == outlet
    assert (outlet.channel, outlet.address, outlet.place) == ("counter", "5 Lê Lợi", "Phường Châu Đốc, An Giang")
    assert tree.parents_on(JULY)[outlet.pk] == at.long_xuyen.pk


def test_editing_an_outlet_records_what_each_fact_was(at):
    far = worlds.province("01", "Hà Nội")
    organisation.edit_outlet(outlet=at.counter, address="9 Nguyễn Huệ", province=far, phone="", by=None, at=NOW)
    again = Outlet.objects.get(pk=at.counter.pk)
    assert (again.address, again.province) == ("9 Nguyễn Huệ", far)
    assert events(at.counter.unit) == [
        ("edited", {"address": ["12 Nguyễn Huệ", "9 Nguyễn Huệ"], "province": ["91 An Giang", "01 Hà Nội"]})
    ]


def test_editing_an_outlet_to_what_it_is_writes_nothing(at):
    organisation.edit_outlet(outlet=at.counter, address="12 Nguyễn Huệ", by=None, at=NOW)
    assert events(at.counter.unit) == []


def test_the_channel_of_an_outlet_stays(at):
    with pytest.raises(TypeError):
        organisation.edit_outlet(outlet=at.counter, channel=Channel.SALES, by=None, at=NOW)


# --- Renaming ---------------------------------------------------------------------------------


def test_a_rename_keeps_the_old_name_for_the_days_before(at):
    organisation.rename(unit=at.long_xuyen, name="PBH Long Xuyên 1", **by_and_at())
    unit = Unit.objects.get(pk=at.long_xuyen.pk)
    assert (unit.name, list(Unit.objects.matching("pbh long xuyen"))) == ("PBH Long Xuyên 1", [unit])
    assert names(unit) == [("Phòng bán hàng Long Xuyên", FOUNDED, JULY), ("PBH Long Xuyên 1", JULY, None)]
    assert successions() == [
        ("rename", "AGG-LX", "AGG-LX", True, "Phòng bán hàng Long Xuyên", "PBH Long Xuyên 1"),
    ]
    assert events(unit) == [
        ("renamed", {"from": "Phòng bán hàng Long Xuyên", "to": "PBH Long Xuyên 1", "effective_on": "2026-07-01"})
    ]


def test_a_second_rename_of_the_same_day_replaces_the_first(at):
    organisation.rename(unit=at.long_xuyen, name="PBH Long Xuyen", **by_and_at())
    organisation.rename(unit=at.long_xuyen, name="PBH Long Xuyên", **by_and_at())
    assert names(at.long_xuyen) == [("Phòng bán hàng Long Xuyên", FOUNDED, JULY), ("PBH Long Xuyên", JULY, None)]


def test_a_rename_on_the_first_day_corrects_the_name_from_the_beginning(at):
    organisation.rename(unit=at.long_xuyen, name="PBH Long Xuyên", **by_and_at(day=FOUNDED))
    assert names(at.long_xuyen) == [("PBH Long Xuyên", FOUNDED, None)]


@pytest.mark.parametrize(
    ("name", "day", "refusal"),
    [
        (" Phòng bán hàng  Long Xuyên", JULY, refusals.SameName),
        ("PBH Long Xuyên", TOMORROW, refusals.InFuture),
        ("PBH Long Xuyên", date(2019, 12, 31), refusals.BeforeOpened),
    ],
)
def test_a_rename_is_refused(at, name, day, refusal):
    with pytest.raises(refusal):
        organisation.rename(unit=at.long_xuyen, name=name, **by_and_at(day=day))


def test_a_rename_before_a_recorded_one_is_refused_and_says_the_day(at):
    organisation.rename(unit=at.long_xuyen, name="PBH 1", **by_and_at())
    with pytest.raises(refusals.LaterChange) as refused:
        organisation.rename(unit=at.long_xuyen, name="PBH 2", **by_and_at(day=MARCH))
    assert "01/07/2026" in str(refused.value)


def test_a_closed_unit_is_not_renamed(at):
    organisation.close_unit(unit=at.hotline.unit, **by_and_at("closed_on"))
    with pytest.raises(refusals.UnitClosed):
        organisation.rename(unit=at.hotline.unit, name="Tổ khác", **by_and_at())


def test_a_stale_copy_of_the_unit_decides_nothing(at):
    stale = Unit.objects.get(pk=at.long_xuyen.pk)
    organisation.rename(unit=at.long_xuyen, name="PBH 1", **by_and_at())
    with pytest.raises(refusals.SameName):
        organisation.rename(unit=stale, name="PBH 1", **by_and_at())


# --- Moving -----------------------------------------------------------------------------------


def test_a_move_takes_all_below_along_and_leaves_the_days_before(at):
    before = tree.parents_on(date(2026, 6, 30))
    organisation.move(unit=at.long_xuyen, parent=at.ha_noi, **by_and_at())
    assert parents(at.long_xuyen) == [("AGG", FOUNDED, JULY), ("HNI", JULY, None)]
    assert tree.parents_on(date(2026, 6, 30)) == before
    assert at.counter.unit in Unit.objects.within([at.ha_noi.pk])
    assert at.counter.unit not in Unit.objects.within([at.an_giang.pk])
    assert successions() == [("move", "AGG-LX", "AGG-LX", True, "VNPT An Giang", "VNPT Hà Nội")]
    assert events(at.long_xuyen) == [("moved", {"from": "AGG", "to": "HNI", "effective_on": "2026-07-01"})]


def test_a_move_back_on_the_same_day_replaces_the_first(at):
    organisation.move(unit=at.long_xuyen, parent=at.ha_noi, **by_and_at())
    organisation.move(unit=at.long_xuyen, parent=at.an_giang, **by_and_at())
    assert parents(at.long_xuyen) == [("AGG", FOUNDED, JULY), ("AGG", JULY, None)]


@pytest.mark.parametrize(
    ("unit", "parent"), [("an_giang", "an_giang"), ("an_giang", "long_xuyen"), ("group", "an_giang")]
)
def test_a_unit_never_stands_under_itself_or_what_is_below_it(at, unit, parent):
    with pytest.raises(refusals.Circle):
        organisation.move(unit=getattr(at, unit), parent=getattr(at, parent), **by_and_at())


def test_a_move_into_the_past_makes_no_circle_there_either(at):
    """Long Xuyên was below An Giang until July; An Giang cannot have stood under it from March on."""
    organisation.move(unit=at.long_xuyen, parent=at.ha_noi, **by_and_at())
    with pytest.raises(refusals.Circle):
        organisation.move(unit=at.an_giang, parent=at.long_xuyen, **by_and_at(day=MARCH))
    organisation.move(unit=at.an_giang, parent=at.long_xuyen, **by_and_at())
    assert parents(at.an_giang)[-1] == ("AGG-LX", JULY, None)


@pytest.mark.parametrize(
    ("parent", "day", "refusal"),
    [
        ("an_giang", JULY, refusals.SameParent),
        ("ha_noi", TOMORROW, refusals.InFuture),
        ("ha_noi", date(2019, 12, 31), refusals.BeforeOpened),
    ],
)
def test_a_move_is_refused(at, parent, day, refusal):
    with pytest.raises(refusal):
        organisation.move(unit=at.long_xuyen, parent=getattr(at, parent), **by_and_at(day=day))


def test_a_move_before_the_new_parent_existed_is_refused(at):
    young = opened(at, parent=at.ha_noi)
    with pytest.raises(refusals.BeforeOpened):
        organisation.move(unit=at.long_xuyen, parent=young, **by_and_at(day=MARCH))


def test_a_move_before_a_recorded_one_is_refused(at):
    organisation.move(unit=at.long_xuyen, parent=at.ha_noi, **by_and_at())
    with pytest.raises(refusals.LaterChange):
        organisation.move(unit=at.long_xuyen, parent=at.group, **by_and_at(day=MARCH))


def test_nothing_moves_under_an_outlet_or_a_closed_unit(at):
    with pytest.raises(refusals.UnderOutlet):
        organisation.move(unit=at.dong_da, parent=at.counter.unit, **by_and_at())
    closed = organisation.close_unit(unit=opened(at), **by_and_at("closed_on", SEPTEMBER))
    with pytest.raises(refusals.ParentClosed):
        organisation.move(unit=at.dong_da, parent=closed, **by_and_at(day=TODAY))


# --- Closing ----------------------------------------------------------------------------------


def test_a_closed_unit_ends_on_its_day_and_stays_in_todays_tree_where_it_was(at):
    unit = organisation.close_unit(unit=at.hotline.unit, **by_and_at("closed_on"))
    assert (unit.closed_on, parents(unit)) == (JULY, [("AGG", FOUNDED, JULY)])
    assert (unit.pk in tree.parents_on(date(2026, 6, 30)), unit.pk in tree.parents_on(JULY)) == (True, False)
    assert unit in Unit.objects.within([at.an_giang.pk])
    assert events(unit) == [("closed", {"effective_on": "2026-07-01"})]


@pytest.mark.parametrize(
    ("unit", "day", "refusal"),
    [
        ("long_xuyen", JULY, refusals.HasChildren),
        ("group", JULY, refusals.HasChildren),
        ("hotline", TOMORROW, refusals.InFuture),
        ("hotline", FOUNDED, refusals.BeforeOpened),
    ],
)
def test_closing_is_refused(at, unit, day, refusal):
    which = getattr(at, unit)
    with pytest.raises(refusal):
        organisation.close_unit(unit=getattr(which, "unit", which), **by_and_at("closed_on", day))


def test_closing_twice_is_refused(at):
    organisation.close_unit(unit=at.hotline.unit, **by_and_at("closed_on"))
    with pytest.raises(refusals.UnitClosed):
        organisation.close_unit(unit=at.hotline.unit, **by_and_at("closed_on", SEPTEMBER))


def test_closing_before_a_child_left_is_refused(at):
    """Until July something stood under it, so it cannot have been closed in March."""
    organisation.move(unit=at.far_counter.unit, parent=at.ha_noi, **by_and_at())
    with pytest.raises(refusals.LaterChange):
        organisation.close_unit(unit=at.dong_da, **by_and_at("closed_on", MARCH))
    assert organisation.close_unit(unit=at.dong_da, **by_and_at("closed_on", JULY)).closed_on == JULY


@pytest.mark.parametrize("day", [MARCH, JULY])
def test_closing_on_or_before_the_day_of_a_rename_is_refused(at, day):
    organisation.rename(unit=at.hotline.unit, name="Tổ mới", **by_and_at())
    with pytest.raises(refusals.LaterChange):
        organisation.close_unit(unit=at.hotline.unit, **by_and_at("closed_on", day))


@pytest.mark.parametrize("day", [SEPTEMBER, TODAY])
def test_a_unit_changed_today_says_from_which_day_on_it_can_close(at, day):
    organisation.rename(unit=at.hotline.unit, name="Tổ mới", **by_and_at(day=TODAY))
    with pytest.raises(refusals.ChangedToday) as refused:
        organisation.close_unit(unit=at.hotline.unit, **by_and_at("closed_on", day))
    assert refused.value.day == date(2026, 11, 13)


def test_every_refusal_is_a_whole_sentence(at):
    unit = at.group
    for refusal in refusals.ReorganisationRefused.__subclasses__():
        assert str(refusal(unit=unit, day=JULY)).endswith(".")
