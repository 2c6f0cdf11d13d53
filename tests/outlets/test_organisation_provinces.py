"""Provinces by date: 63, then 34; codes that changed their meaning; the order of their names."""

from datetime import date

import pytest
from django.core.management import call_command

from outlets.models import JobRole, Province, UnitType
from outlets.organisation import actions as organisation
from outlets.organisation import provinces, queries
from tests import worlds

pytestmark = pytest.mark.django_db

BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)


@pytest.fixture(autouse=True)
def installed():
    return provinces.install()


def name_at(code, day):
    province = provinces.province_at(code, day)
    return province and province.full_name


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        ("15", "Tỉnh Yên Bái", "Tỉnh Lào Cai"),
        ("24", "Tỉnh Bắc Giang", "Tỉnh Bắc Ninh"),
        ("44", "Tỉnh Quảng Bình", "Tỉnh Quảng Trị"),
        ("52", "Tỉnh Bình Định", "Tỉnh Gia Lai"),
        ("80", "Tỉnh Long An", "Tỉnh Tây Ninh"),
        ("82", "Tỉnh Tiền Giang", "Tỉnh Đồng Tháp"),
        ("91", "Tỉnh Kiên Giang", "Tỉnh An Giang"),
    ],
)
def test_seven_codes_changed_their_meaning_overnight(code, before, after):
    assert (name_at(code, BEFORE), name_at(code, AFTER)) == (before, after)


def test_no_other_code_changed_its_meaning():
    then = {province.code: province.name for province in provinces.in_force_on(BEFORE)}
    now = {province.code: province.name for province in provinces.in_force_on(AFTER)}
    changed = {code for code in now if then[code] != now[code]}
    assert changed == {"15", "24", "44", "52", "80", "82", "91"}


def test_a_code_that_ended_means_nothing_afterwards():
    assert (name_at("10", BEFORE), name_at("10", AFTER)) == ("Tỉnh Lào Cai", None)


@pytest.mark.parametrize(
    ("code", "day", "name"),
    [
        ("75", date(2026, 4, 29), "Tỉnh Đồng Nai"),
        ("75", date(2026, 4, 30), "Thành phố Đồng Nai"),
        ("46", date(2024, 12, 31), "Tỉnh Thừa Thiên Huế"),
        ("46", date(2025, 1, 1), "Thành phố Huế"),
    ],
)
def test_two_provinces_became_cities(code, day, name):
    assert name_at(code, day) == name


@pytest.mark.parametrize(
    ("day", "cities", "all_together"),
    [(date(2024, 12, 31), 5, 63), (BEFORE, 6, 63), (AFTER, 6, 34), (date(2026, 4, 30), 7, 34)],
)
def test_how_many_there_are(day, cities, all_together):
    kinds = [province.kind for province in provinces.in_force_on(day)]
    assert (kinds.count(Province.Kind.MUNICIPALITY), len(kinds)) == (cities, all_together)


def test_each_of_the_63_leads_to_one_of_todays_34():
    heirs = {}
    for province in provinces.in_force_on(date(2024, 12, 31)).select_related("successor__successor"):
        heir = province
        while heir.successor is not None:
            assert heir.valid_to == heir.successor.valid_from
            heir = heir.successor
        heirs[province.name] = heir
    assert all(heir.valid_to is None for heir in heirs.values())
    assert set(heirs.values()) == set(provinces.in_force_on(date(2026, 11, 12)))
    assert {name for name, heir in heirs.items() if heir.name == "Cần Thơ"} == {"Cần Thơ", "Hậu Giang", "Sóc Trăng"}


def test_each_of_the_63_has_a_landline_area_of_its_own():
    areas = {province.landline for province in provinces.in_force_on(BEFORE)}
    assert (len(areas), all(area.startswith("02") for area in areas)) == (63, True)


def test_names_sort_as_a_vietnamese_reader_expects():
    wanted = ["Cà Mau", "Cao Bằng", "Cần Thơ", "Đà Nẵng", "Đắk Lắk", "Điện Biên", "Đồng Nai", "Gia Lai"]
    names = [province.name for province in provinces.in_force_on(worlds.TODAY)]
    assert [name for name in names if name in wanted] == wanted


def test_installing_again_changes_nothing(installed):
    assert installed == provinces.Installed(added=88, updated=0)
    assert provinces.install() == provinces.Installed(added=0, updated=0)


def test_installing_brings_an_old_row_up_to_date():
    Province.objects.filter(code="75", valid_from=AFTER).update(valid_to=None, successor=None)
    assert provinces.install() == provinces.Installed(added=0, updated=1)
    assert name_at("75", date(2026, 4, 30)) == "Thành phố Đồng Nai"


def test_number_of_queries(django_assert_num_queries):
    with django_assert_num_queries(1):
        provinces.province_at("15", AFTER)


# --- The province of an outlet ----------------------------------------------------------------


def outlet(code, former=None):
    at = worlds.places()
    former_province = former and provinces.province_at(former, BEFORE)
    facts = {"province": provinces.province_at(code, worlds.TODAY), "former_province": former_province}
    return organisation.edit_outlet(outlet=at.counter, by=None, at=worlds.NOW, **facts)


@pytest.mark.parametrize(
    ("code", "former", "day", "name"),
    [
        ("91", "91", worlds.TODAY, "Tỉnh An Giang"),
        ("91", "91", BEFORE, "Tỉnh Kiên Giang"),
        ("91", "89", BEFORE, "Tỉnh An Giang"),
        ("91", None, BEFORE, None),  # two provinces were joined, and nobody said in which the outlet was
        ("01", None, BEFORE, "Thành phố Hà Nội"),
        ("75", "70", date(2026, 1, 1), "Tỉnh Đồng Nai"),
        ("75", "70", BEFORE, "Tỉnh Bình Phước"),
        ("46", None, date(2020, 1, 1), "Tỉnh Thừa Thiên Huế"),
        ("01", None, date(2000, 1, 1), None),
    ],
)
def test_the_province_of_an_outlet_on_a_day(code, former, day, name):
    province = queries.province_on(outlet(code, former), day)
    assert (province and province.full_name) == name


def test_an_outlet_whose_province_has_ended_is_in_the_one_after_it():
    there = outlet("75")
    there.province = provinces.province_at("70", BEFORE)
    assert queries.province_on(there, worlds.TODAY).full_name == "Thành phố Đồng Nai"


def test_the_province_of_an_outlet_takes_one_query(django_assert_num_queries):
    there = outlet("75", "70")
    with django_assert_num_queries(1):
        queries.province_on(there, BEFORE)


# --- The rest of the reference data -----------------------------------------------------------


def test_the_command_installs_everything_once(capsys):
    call_command("install_reference")
    call_command("install_reference")
    first, second = capsys.readouterr().out.splitlines()
    assert first == "Provinces: 0 added, 0 updated. Unit types: 10 added. Job roles: 10 added."
    assert second == "Provinces: 0 added, 0 updated. Unit types: 0 added. Job roles: 0 added."


def test_a_name_given_by_the_administrator_stays():
    call_command("install_reference", verbosity=0)
    UnitType.objects.filter(code="team").update(name_vi="Tổ, đội")
    JobRole.objects.filter(code="guard").update(name_vi="Nhân viên bảo vệ")
    call_command("install_reference", verbosity=0)
    assert (UnitType.objects.get(code="team").name, JobRole.objects.get(code="guard").name) == (
        "Tổ, đội",
        "Nhân viên bảo vệ",
    )
