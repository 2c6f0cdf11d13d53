"""The administrator's pages of units and outlets."""

import re
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from outlets.models import Outlet, StaffMember, Unit, UnitEvent, UnitSuccession
from outlets.organisation import actions as organisation
from outlets.organisation import provinces
from tests import worlds
from tests.kept import kept

pytestmark = pytest.mark.django_db

MISSING = "00000000-0000-4000-8000-000000000000"
FORMS = ["unit_rename", "unit_move", "unit_merge", "unit_split", "unit_close", "outlet_edit"]
JULY = "01/07/2022"


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


@pytest.fixture
def sysadmin(client, people):
    client.cookies["django_language"] = "en"
    client.force_login(people.sysadmin)
    return client


def address(name, unit=None, **query):
    return reverse(f"outlets:{name}", args=[unit.public_id] if unit else [], query=query)


def names(response):
    return [row.unit.name for row in response.context["rows"]]


def errors(response):
    assert response.status_code == 422
    return {field: [str(error) for error in found] for field, found in response.context["form"].errors.items()}


# --- Lists ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "queries"), [("unit_list", 8), ("outlet_list", 8)])
@pytest.mark.parametrize("number", [1, 3])
def test_lists_take_the_same_queries_for_1_and_3_rows(sysadmin, at, name, queries, number, django_assert_num_queries):
    for index in range(number):
        office = worlds.unit(f"X-{index}", f"Phòng Ô {index}", "office", at.ha_noi)
        worlds.outlet(f"Y-{index}", f"Điểm Ô {index}", office)
    with django_assert_num_queries(queries):
        response = sysadmin.get(address(name, q="diem o"))
    assert response.context["listing"].total == number


def test_units_are_listed_in_vietnamese_order_with_what_stands_above(sysadmin, at):
    response = sysadmin.get(address("unit_list"))
    assert [(row.unit.name, row.above, row.open_outlets) for row in response.context["rows"]] == [
        ("ĐGD Chợ Mới", "VNPT An Giang › Phòng bán hàng Long Xuyên", 1),
        ("ĐGD Đống Đa", "VNPT Hà Nội › Phòng bán hàng Đống Đa", 1),
        ("ĐGD Long Xuyên", "VNPT An Giang › Phòng bán hàng Long Xuyên", 1),
        ("Phòng bán hàng Đống Đa", "VNPT Hà Nội", 1),
        ("Phòng bán hàng Long Xuyên", "VNPT An Giang", 2),
        ("Tập đoàn VNPT", "", 4),
        ("Tổ Hỗ trợ khách hàng", "VNPT An Giang", 1),
        ("VNPT An Giang", "", 3),
        ("VNPT Hà Nội", "", 1),
    ]


@pytest.mark.parametrize("query", ["dang", "Đặng", "ĐẶNG", "Đặng", "ÐẶNG", "đặng", "DANG"])
def test_search_finds_a_name_however_its_marks_are_typed(sysadmin, at, query):
    worlds.unit("X1", "Tổ Đặng Xá", parent=at.ha_noi)
    worlds.unit("X2", "Tổ Yên Bái", parent=at.ha_noi)
    assert names(sysadmin.get(address("unit_list", q=query))) == ["Tổ Đặng Xá"]


def test_names_with_the_same_marks_come_first(sysadmin, at):
    for number, name in enumerate(["Tổ Đường Hoa", "Tổ Dương Xá", "Tổ Duông"]):
        worlds.unit(f"X{number}", name, parent=at.ha_noi)
    assert names(sysadmin.get(address("unit_list", q="duong"))) == ["Tổ Duông", "Tổ Dương Xá", "Tổ Đường Hoa"]
    assert names(sysadmin.get(address("unit_list", q="đường"))) == ["Tổ Đường Hoa", "Tổ Duông", "Tổ Dương Xá"]


def test_the_unit_with_exactly_this_code_comes_first(sysadmin, at):
    below = {"unit_type": at.long_xuyen.unit_type, "parent": at.an_giang, "by": None, "at": worlds.NOW}
    organisation.open_unit(code="AGG-CD", name="Agg đầu tiên", opened_on=date(2022, 7, 1), **below)
    assert names(sysadmin.get(address("unit_list", q="agg")))[:2] == ["VNPT An Giang", "Agg đầu tiên"]


def test_units_are_filtered_by_type_and_state(sysadmin, at):
    organisation.close_unit(unit=at.hotline.unit, closed_on=date(2022, 7, 1), by=None, at=worlds.NOW)
    assert names(sysadmin.get(address("unit_list", state="closed"))) == ["Tổ Hỗ trợ khách hàng"]
    assert names(sysadmin.get(address("unit_list", type="office", state="open"))) == [
        "Phòng bán hàng Đống Đa",
        "Phòng bán hàng Long Xuyên",
    ]


def test_units_sort_by_type_in_the_types_own_order(sysadmin, at):
    response = sysadmin.get(address("unit_list", sort="code"))
    assert [row.unit.code for row in response.context["rows"]][:3] == ["AGG", "AGG-LX", "AGG-LX-01"]


def test_outlets_are_filtered_by_channel_and_province(sysadmin, at):
    assert names(sysadmin.get(address("outlet_list", channel="hotline"))) == ["Tổ Hỗ trợ khách hàng"]
    assert names(sysadmin.get(address("outlet_list", province="01"))) == ["ĐGD Đống Đa"]


def test_an_outlet_whose_province_has_ended_is_found_under_the_one_after_it(sysadmin, at):
    provinces.install()
    kien_giang = provinces.province_at("91", date(2025, 6, 30))
    Outlet.objects.filter(pk=at.counter.pk).update(province=kien_giang)
    listed = names(sysadmin.get(address("outlet_list", province="91")))
    assert listed == ["ĐGD Chợ Mới", "ĐGD Long Xuyên", "Tổ Hỗ trợ khách hàng"]


def test_the_outlets_below_one_unit(sysadmin, at):
    assert names(sysadmin.get(address("unit_outlets", at.long_xuyen))) == ["ĐGD Chợ Mới", "ĐGD Long Xuyên"]


@pytest.mark.parametrize("name", ["unit_list", "outlet_list"])
def test_an_empty_list_says_so(sysadmin, at, name):
    assert "fits" in sysadmin.get(address(name, q="không có đâu")).content.decode()


@pytest.mark.parametrize(("name", "number"), [("unit_list", 8), ("outlet_list", 8)])
@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_takes_the_same_queries_for_one_row_and_three(
    sysadmin, at, django_assert_num_queries, name, number, rows
):
    for each in range(rows):
        worlds.outlet(f"Q{each}", f"Cửa hàng Quế {each}", at.dong_da)
    with django_assert_num_queries(number):
        response = sysadmin.get(address(name, q="que"))
    assert len(names(response)) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_the_outlets_of_a_unit_take_the_same_queries_for_one_and_three(sysadmin, at, django_assert_num_queries, rows):
    parent = worlds.unit("Q", "Phòng Quế", parent=at.ha_noi)
    for each in range(rows):
        worlds.outlet(f"Q{each}", f"Cửa hàng Quế {each}", parent)
    with django_assert_num_queries(9):
        response = sysadmin.get(address("unit_outlets", parent))
    assert len(names(response)) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_a_units_page_takes_the_same_queries_for_one_child_and_three(sysadmin, at, django_assert_num_queries, rows):
    parent = worlds.unit("Q", "Phòng Quế", parent=at.ha_noi)
    for each in range(rows):
        worlds.outlet(f"Q{each}", f"Cửa hàng Quế {each}", parent)
    with django_assert_num_queries(15):
        response = sysadmin.get(address("unit_detail", parent))
    assert len(names(response)) == rows


# --- One unit ---------------------------------------------------------------------------------


def test_a_units_page_shows_then_and_now(sysadmin, at):
    organisation.rename(unit=at.ha_noi, name="VNPT Thủ đô", effective_on=date(2022, 7, 1), by=None, at=worlds.NOW)
    page = sysadmin.get(address("unit_detail", at.ha_noi)).content.decode()
    assert "VNPT Hà Nội → VNPT Thủ đô" in " ".join(page.split())
    assert "from 01/01/2020 until before 01/07/2022" in page


def test_an_outlets_page_shows_its_facts(sysadmin, at):
    Outlet.objects.filter(pk=at.counter.pk).update(phone="+842963795888")
    page = sysadmin.get(address("unit_detail", at.counter.unit)).content.decode()
    assert [fact in page for fact in ("Transaction counter", "12 Nguyễn Huệ", "0296 379 5888")] == [True] * 3


def test_a_closed_unit_offers_no_change_and_the_top_unit_only_a_name(sysadmin, at):
    organisation.close_unit(unit=at.hotline.unit, closed_on=date(2022, 7, 1), by=None, at=worlds.NOW)
    for unit, offered in ((at.hotline.unit, []), (at.group, ["unit_rename"]), (at.dong_da, FORMS[:5])):
        page = sysadmin.get(address("unit_detail", unit)).content.decode()
        assert [name for name in FORMS[:5] if address(name, unit) in page] == offered


# --- Changes ----------------------------------------------------------------------------------


def test_unit_create(sysadmin, at, people):
    page = sysadmin.get(address("unit_create", under="AGG"))
    assert 'value="AGG"' in page.content.decode()
    body = {"parent": "AGG", "code": "agg-cd", "name": "PBH Châu Đốc", "opened_on": JULY}
    response = sysadmin.post(address("unit_create"), body | {"unit_type": at.long_xuyen.unit_type_id})
    unit = Unit.objects.get(code="AGG-CD")
    assert response.url == address("unit_detail", unit)
    assert (unit.opened_on, UnitEvent.objects.get(unit=unit).by) == (date(2022, 7, 1), people.sysadmin)


def test_the_first_unit_needs_no_parent(client):
    client.force_login(worlds.user("first", worlds.Role.SYSADMIN))
    kind = worlds.UnitType.objects.create(code="group", name_vi="Tập đoàn", name_en="Group")
    body = {"code": "VNPT", "name": "Tập đoàn", "unit_type": kind.pk, "opened_on": JULY}
    assert client.post(address("unit_create"), body).status_code == 302
    assert client.post(address("unit_create"), body | {"code": "V2"}).status_code == 422


@pytest.mark.parametrize("code", ["ĐB", "A B", "-A", "A" * 33])
def test_a_code_is_made_of_plain_letters(sysadmin, at, code):
    assert "code" in errors(sysadmin.post(address("unit_create"), {"code": code}))


def test_unit_rename(sysadmin, at):
    response = sysadmin.post(address("unit_rename", at.ha_noi), {"name": "VNPT Thủ đô", "effective_on": JULY})
    assert response.url == address("unit_detail", at.ha_noi)
    assert Unit.objects.get(pk=at.ha_noi.pk).name == "VNPT Thủ đô"


def test_a_refusal_stands_beside_its_field(sysadmin, at):
    response = sysadmin.post(address("unit_rename", at.ha_noi), {"name": "VNPT Hà Nội", "effective_on": JULY})
    assert errors(response) == {"name": ["The unit already has this name."]}
    response = sysadmin.post(address("unit_rename", at.ha_noi), {"name": "Mới", "effective_on": "31/12/2019"})
    assert errors(response) == {"effective_on": ["“VNPT Hà Nội” exists only from 01/01/2020 on. Choose a later day."]}


def test_unit_move(sysadmin, at):
    response = sysadmin.post(address("unit_move", at.long_xuyen), {"parent": "HNI", "effective_on": JULY})
    assert response.url == address("unit_detail", at.long_xuyen)
    assert at.long_xuyen in Unit.objects.within([at.ha_noi.pk])


def test_unit_move_offers_what_fits_several_and_takes_the_choice(sysadmin, at):
    body = {"parent": "ban hang", "effective_on": JULY}
    response = sysadmin.post(address("unit_move", at.hotline.unit), body)
    assert 'value="HNI-DD"' in response.content.decode()
    response = sysadmin.post(
        address("unit_move", at.hotline.unit), body | {"parent-asked": "ban hang", "parent-pick": "HNI-DD"}
    )
    assert response.status_code == 302


@pytest.mark.parametrize(
    ("name", "field", "code", "says"),
    [
        ("unit_move", "parent", "agg-lx-01", "“ĐGD Long Xuyên” is an outlet, and nothing stands under an outlet."),
        ("unit_merge", "successor", "AGG-LX-01", "An outlet can be merged only into an outlet"),
        ("unit_merge", "successor", "AGG-LX", "A unit cannot be merged into itself."),
        ("unit_move", "parent", "AGG-LX", "A unit cannot stand under itself"),
        ("unit_move", "parent", "AGG-LX-09", "No unit fits “AGG-LX-09”."),
    ],
)
def test_a_code_that_exists_is_told_why_it_cannot_be(sysadmin, at, name, field, code, says):
    response = sysadmin.post(address(name, at.long_xuyen), {field: code, "effective_on": JULY})
    assert errors(response)[field][0].startswith(says)


def test_unit_merge_into_an_existing_unit(sysadmin, at):
    body = {"successor": "AGG", "effective_on": JULY}
    response = sysadmin.post(address("unit_merge", at.ha_noi), body)
    assert response.url == address("unit_detail", at.an_giang)
    assert UnitSuccession.objects.get().kind == "merge"


def test_unit_merge_of_several_into_a_new_one(sysadmin, at):
    body = {"new_code": "MIX", "new_name": "VNPT Mới", "others": "HNI\n", "effective_on": JULY}
    response = sysadmin.post(address("unit_merge", at.an_giang), body)
    assert response.url == address("unit_detail", Unit.objects.get(code="MIX"))
    assert sorted(UnitSuccession.objects.values_list("predecessor__code", flat=True)) == ["AGG", "HNI"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "successor"),
        ({"successor": "AGG", "new_code": "MIX"}, "successor"),
        ({"new_code": "MIX"}, "new_name"),
        ({"new_name": "Mới"}, "new_code"),
        ({"new_code": "AGG", "new_name": "Mới"}, "new_code"),
        ({"successor": "AGG", "others": "khong co\nHNI-DD"}, "others"),
        ({"successor": "HNI-DD"}, "successor"),
        ({"successor": "HNI-DD-01"}, "successor"),
    ],
)
def test_unit_merge_says_what_is_missing(sysadmin, at, body, field):
    response = sysadmin.post(address("unit_merge", at.ha_noi), body | {"effective_on": JULY})
    assert list(errors(response)) == [field]


def test_whoever_works_at_a_merged_outlet_works_at_its_heir(sysadmin, at):
    staff = worlds.staff_member("NV1", "Đặng Thị Ngọc Ánh", at.counter)
    sysadmin.post(address("unit_merge", at.counter.unit), {"successor": "AGG-LX-02", "effective_on": JULY})
    rows = StaffMember.objects.get(pk=staff.pk).placements.order_by("valid_from")
    assert list(rows.values_list("unit__code", "valid_to")) == [
        ("AGG-LX-01", date(2022, 7, 1)),
        ("AGG-LX-02", None),
    ]


def parts(**changes):
    return {
        "code_1": "AGG-LX1", "name_1": "Một", "code_2": "AGG-LX2", "name_2": "Hai", "heir": "2", "effective_on": JULY,
    } | changes  # fmt: skip


def test_unit_split(sysadmin, at):
    body = parts(**{f"to_{at.counter.unit.public_id}": "1", f"to_{at.other_counter.unit.public_id}": "2"})
    response = sysadmin.post(address("unit_split", at.long_xuyen), body)
    assert response.url == address("unit_detail", Unit.objects.get(code="AGG-LX1"))
    assert at.long_xuyen in Unit.objects.within([Unit.objects.get(code="AGG-LX2").pk])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code_3": "AGG-LX3"}, "name_3"),
        ({"heir": "3"}, "heir"),
        ({"code_2": "AGG-LX1"}, "__all__"),
        ({"code_2": "HNI"}, "__all__"),
        ({"effective_on": "31/12/2099"}, "effective_on"),
        ({"name_1": ""}, "name_1"),
    ],
)
def test_unit_split_says_what_does_not_fit(sysadmin, at, changes, field):
    response = sysadmin.post(address("unit_split", at.hotline.unit), parts(**changes))
    assert list(errors(response)) == [field]


def test_unit_split_asks_where_each_child_goes(sysadmin, at):
    response = sysadmin.post(address("unit_split", at.dong_da), parts())
    assert list(errors(response)) == [f"to_{at.far_counter.unit.public_id}"]


def test_unit_close(sysadmin, at):
    response = sysadmin.post(address("unit_close", at.hotline.unit), {"closed_on": JULY})
    assert response.url == address("unit_detail", at.hotline.unit)
    assert Unit.objects.get(pk=at.hotline.pk).closed_on == date(2022, 7, 1)


def test_an_outlet_where_people_work_is_not_closed(sysadmin, at):
    worlds.staff_member("NV1", "Đặng Thị Ngọc Ánh", at.counter)
    response = sysadmin.post(address("unit_close", at.counter.unit), {"closed_on": JULY})
    assert "People still work" in errors(response)["__all__"][0]
    assert address("staff_list", q="AGG-LX-01", state="working").replace("&", "&amp;") in response.content.decode()
    assert Unit.objects.get(pk=at.counter.pk).closed_on is None


@pytest.mark.parametrize("name", ["unit_close", "unit_merge", "unit_split"])
def test_who_closes_an_outlet_is_told_of_planned_visits(sysadmin, at, name):
    pages = [sysadmin.get(address(name, unit)).content.decode() for unit in (at.counter.unit, at.long_xuyen)]
    assert ["tell a coordinator" in page for page in pages] == [True, False]


def test_outlet_create(sysadmin, at):
    body = {
        "parent": "HNI-DD", "code": "HNI-DD-02", "name": "ĐGD Khâm Thiên", "opened_on": JULY, "channel": "counter",
        "unit_type": at.far_counter.unit.unit_type_id, "province": at.far_counter.province_id,
        "phone": "024 3795 8888", "address": "1 Khâm Thiên",
    }  # fmt: skip
    response = sysadmin.post(address("outlet_create"), body)
    outlet = Outlet.objects.get(unit__code="HNI-DD-02")
    assert response.url == address("unit_detail", outlet.unit)
    assert (outlet.phone, outlet.province.name) == ("+842437958888", "Hà Nội")


def test_outlet_edit(sysadmin, at):
    form = sysadmin.get(address("outlet_edit", at.counter.unit)).context["form"]
    assert form.initial["address"] == "12 Nguyễn Huệ"
    body = {"province": at.counter.province_id, "address": "9 Nguyễn Huệ", "phone": "không"}
    assert list(errors(sysadmin.post(address("outlet_edit", at.counter.unit), body))) == ["phone"]
    response = sysadmin.post(address("outlet_edit", at.counter.unit), body | {"phone": ""})
    assert response.url == address("unit_detail", at.counter.unit)
    assert Outlet.objects.get(pk=at.counter.pk).address == "9 Nguyễn Huệ"


def test_only_an_outlet_has_details_to_edit(sysadmin, at):
    assert sysadmin.get(address("outlet_edit", at.dong_da)).status_code == 404


# --- Who may ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMS)
def test_a_unit_that_does_not_exist_is_not_found(sysadmin, at, name):
    for send in (sysadmin.get, sysadmin.post):
        assert send(reverse(f"outlets:{name}", args=[MISSING])).status_code == 404


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("role", ["manager", "office", "coordinator", "shopper"])
def test_others_may_not_whatever_the_unit(client, at, people, name, role):
    client.force_login(people.all[role])
    there, nowhere = address(name, at.counter.unit), reverse(f"outlets:{name}", args=[MISSING])
    assert [client.post(url, {"closed_on": JULY}).status_code for url in (there, nowhere)] == [403, 403]
    assert Unit.objects.filter(closed_on__isnull=False).count() == 0


@pytest.mark.parametrize("name", ["unit_list", "unit_create", "outlet_list", "outlet_create"])
def test_others_may_not_open_the_lists_nor_the_new_forms(client, at, people, name):
    client.force_login(people.manager)
    assert client.get(address(name)).status_code == 403


@pytest.mark.parametrize("name", FORMS)
def test_a_form_takes_no_other_method(sysadmin, at, name):
    assert sysadmin.put(address(name, at.counter.unit)).status_code == 405


@pytest.mark.parametrize("name", ["unit_list", "outlet_list"])
def test_a_list_is_only_read(sysadmin, at, name):
    assert sysadmin.post(address(name)).status_code == 405


def test_what_was_typed_before_the_log_in_ended_stands_in_the_form_again(sysadmin, at, people):
    page = sysadmin.get(address("unit_rename", at.ha_noi))
    owner = re.search(r'name="form-owner" value="([^"]+)"', page.content.decode())[1]
    sysadmin.logout()
    sysadmin.post(address("unit_rename", at.ha_noi), {"name": "VNPT Thủ đô", "effective_on": JULY, "form-owner": owner})
    sysadmin.force_login(people.sysadmin)
    assert 'value="VNPT Thủ đô"' in sysadmin.get(address("unit_rename", at.ha_noi)).content.decode()
    assert Unit.objects.get(pk=at.ha_noi.pk).name == "VNPT Hà Nội"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("10.3869, 105.4352", "10.386900, 105.435200"),
        (" 10.38691234567 105.4352 ", "10.386912, 105.435200"),
        ("10;105", "10.000000, 105.000000"),
        ("", ""),
    ],
)
def test_where_an_outlet_lies_is_copied_from_a_map(sysadmin, at, typed, kept):
    body = {"province": at.counter.province_id, "coordinates": typed}
    assert sysadmin.post(address("outlet_edit", at.counter.unit), body).status_code == 302
    outlet = Outlet.objects.get(pk=at.counter.pk)
    assert outlet.coordinates == kept
    page = sysadmin.get(address("unit_detail", at.counter.unit)).content.decode()
    assert (kept or "–") in page
    assert sysadmin.get(address("outlet_edit", at.counter.unit)).context["form"]["coordinates"].value() == kept


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("10,3869 105,4352", "Write two numbers"),
        ("10.3869", "Write two numbers"),
        ("nan, inf", "Write two numbers"),
        ("1e400, 105", "Write two numbers"),
        ("١٠, 105", "Write two numbers"),
        ("105.4352, 10.3869", "not in Vietnam"),
        ("48.85, 2.35", "not in Vietnam"),
    ],
)
def test_what_is_no_place_in_vietnam_is_told(sysadmin, at, typed, says):
    body = {"province": at.counter.province_id, "coordinates": typed}
    found = errors(sysadmin.post(address("outlet_edit", at.counter.unit), body))
    assert list(found) == ["coordinates"]
    assert says in found["coordinates"][0]


def test_half_a_place_is_refused_by_the_database(at):
    for half in ({"latitude": 10}, {"longitude": 105}, {"latitude": 50, "longitude": 105}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Outlet.objects.filter(pk=at.counter.pk).update(**half)
