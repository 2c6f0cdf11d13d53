"""Shoppers by code: load, and blocked units."""

from datetime import date, timedelta

import pytest

from audits.fieldwork.models import BlockedUnit, Visit
from audits.fieldwork.planning import workload
from audits.fieldwork.states import VisitState
from outlets.models import Membership, Role, ShopperIdentity
from tests import plans, worlds
from tests.audits.planning.pages import text, told, url
from tests.worlds import NOW, TODAY


def test_list_counts_what_each_shopper_has_to_do(at, people, wave, desk):
    plans.assigned_visit(wave, at.counter, people.shopper, due_on=TODAY - timedelta(days=1))
    plans.visit_in(VisitState.RETURNED, wave, at.far_counter, people.shopper)
    plans.visit_in(VisitState.SUBMITTED, wave, at.hotline, people.shopper, visited_on=date(2026, 10, 31))
    plans.blocked(people.shopper, at.ha_noi)
    page = text(desk.get(url("shopper_list")))
    assert f"{people.shopper.shopper_code} 2 1 1 1 {people.shopper2.shopper_code} 0 0 0 0" in page


def test_no_page_of_a_shopper_holds_a_name(at, people, desk):
    ShopperIdentity.objects.create(shopper=people.shopper, full_name="Ưng Hoàng Ân", phone="0912345678")
    for name, ids in (("shopper_list", ()), ("shopper_detail", (people.shopper,))):
        page = desk.get(url(name, *ids)).content.decode()
        assert people.shopper.shopper_code in page
        assert not {"Ưng Hoàng Ân", "0912345678", f">{people.shopper.username}<"} & set(page.split('"'))
        assert "Ưng Hoàng Ân" not in page


def test_list_is_searched_by_code_and_not_by_user_name(people, desk):
    lan = worlds.user("nguyen.thi.lan", Role.SHOPPER, shopper_code="KH-77")
    found = [desk.get(url("shopper_list", q=query)).context["listing"].page.object_list for query in ("kh-77", "lan")]
    assert [list(rows) for rows in found] == [[lan], []]


@pytest.mark.parametrize(("can", "codes"), [("yes", ["KH-1"]), ("no", ["KH-2", "KH-3"])])
def test_list_tells_who_can_be_given_visits(at, client, monkeypatch, can, codes):
    client.force_login(worlds.user("coordinator", Role.COORDINATOR))
    for number in range(1, 4):
        worlds.user(f"s{number}", Role.SHOPPER, shopper_code=f"KH-{number}", is_active=number != 2)
    Membership.objects.filter(user__shopper_code="KH-3").update(ended_at=NOW)
    rows = client.get(url("shopper_list", can=can, sort="code")).context["listing"].page
    assert [shopper.shopper_code for shopper in rows] == codes


@pytest.mark.parametrize("number", [1, 3])
def test_list_takes_the_same_queries_for_1_and_3_shoppers(at, client, number, django_assert_num_queries):
    client.force_login(worlds.user("coordinator", Role.COORDINATOR))
    for index in range(number):
        worlds.user(f"s{index}", Role.SHOPPER)
    with django_assert_num_queries(5):
        response = client.get(url("shopper_list"))
    assert response.context["listing"].total == number


def test_account_of_an_employee_is_no_shopper(people, desk):
    assert desk.get(url("shopper_detail", people.reviewer)).status_code == 404


def test_weeks_count_open_and_done_visits(at, people, wave):
    plans.assigned_visit(wave, at.counter, people.shopper, due_on=date(2026, 11, 16))
    plans.visit_in(VisitState.APPROVED, wave, at.far_counter, people.shopper, visited_on=date(2026, 11, 8))
    plans.visit_in(VisitState.VOIDED, wave, at.hotline, people.shopper)
    weeks = workload.weeks_of(people.shopper, TODAY)
    assert [(week.monday, week.open, week.done) for week in weeks if week.open or week.done] == [
        (date(2026, 11, 2), 0, 1),
        (date(2026, 11, 16), 1, 0),
    ]
    assert [week.monday for week in weeks if week.is_current] == [date(2026, 11, 9)]
    assert len(weeks) == 13


@pytest.mark.parametrize("number", [1, 3])
def test_page_takes_the_same_queries_for_1_and_3_visits(at, people, wave, desk, number, django_assert_num_queries):
    for outlet in (at.counter, at.other_counter, at.far_counter)[:number]:
        plans.assigned_visit(wave, outlet, people.shopper)
        plans.blocked(people.shopper, outlet.unit)
    with django_assert_num_queries(11):
        response = desk.get(url("shopper_detail", people.shopper))
    assert response.context["listing"].total == number


# --- Blocked units ----------------------------------------------------------------------------


def block(desk, shopper, unit, **fields):
    return desk.post(url("shopper_block", shopper), {"unit": unit, "reason": "Nơi làm việc cũ"} | fields)


def test_block_is_made_and_shown(at, people, desk):
    page = block(desk, people.shopper, "AGG-LX")
    assert told(page) == [f"{people.shopper.shopper_code} is now blocked at Phòng bán hàng Long Xuyên."]
    assert "Phòng bán hàng Long Xuyên AGG-LX Nơi làm việc cũ · 12/11/2026" in text(
        desk.get(url("shopper_detail", people.shopper))
    )


def test_block_that_takes_visits_back_is_asked_about_first(at, people, wave, desk):
    plans.assigned_visit(wave, at.counter, people.shopper)
    page = block(desk, people.shopper, "AGG")
    assert page.status_code == 200
    assert "1 visit there is assigned to this shopper and not begun." in text(page)
    assert not BlockedUnit.objects.exists()
    page = block(desk, people.shopper, "AGG", number=1)
    assert told(page)[1] == "1 assignment there withdrawn."
    assert Visit.objects.get().state == "planned"


@pytest.mark.parametrize(
    ("unit", "reason", "field"), [("x", "Nhà gần", "unit"), ("", "Nhà gần", "unit"), ("AGG", "", "reason")]
)
def test_block_that_cannot_be_is_shown_again(people, desk, unit, reason, field):
    page = block(desk, people.shopper, unit, reason=reason)
    assert (page.status_code, list(page.context["form"].errors)) == (422, [field])


def test_block_of_the_same_unit_twice_is_refused(people, desk):
    block(desk, people.shopper, "AGG")
    assert block(desk, people.shopper, "AGG").status_code == 422


def test_unblock_lifts_the_block(at, people, desk):
    plans.blocked(people.shopper, at.an_giang)
    page = desk.post(url("shopper_unblock", people.shopper, at.an_giang))
    assert told(page) == [f"{people.shopper.shopper_code} is no longer blocked at VNPT An Giang."]
    assert not BlockedUnit.objects.current().exists()
    assert "Nothing is blocked." in text(desk.get(url("shopper_detail", people.shopper)))


def test_unblock_of_what_is_not_blocked_is_not_found(at, people, desk):
    assert desk.post(url("shopper_unblock", people.shopper, at.an_giang)).status_code == 404
