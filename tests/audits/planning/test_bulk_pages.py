"""What is done with many visits at once."""

import pytest

from audits.fieldwork.models import Visit
from audits.fieldwork.states import VisitState
from tests import plans, worlds
from tests.audits.planning.pages import text, told, url


@pytest.fixture
def three(at, wave):
    """Waiting visits at three counters."""
    return [plans.planned_visit(wave, outlet) for outlet in (at.counter, at.other_counter, at.far_counter)]


def ticked(*visits):
    return [str(visit.public_id) for visit in visits]


def assign(desk, wave, number, *shoppers, **query):
    ids = [shopper.public_id for shopper in shoppers]
    return desk.post(url("visit_assign_many", wave, **query), {"number": number, "shoppers": ids})


def test_page_counts_the_ticked_visits_and_shows_the_shoppers(at, people, wave, three, desk):
    plans.blocked(people.shopper, at.an_giang)
    page = desk.get(url("visit_assign_many", wave, visit=ticked(*three[:2])))
    assert "Assign 2 visits" in text(page)
    rows = [(each.shopper, each.kept_from, is_ticked) for each, is_ticked in page.context["candidates"]]
    assert rows == [(people.shopper, 2, False), (people.shopper2, 0, False)]


def test_ticked_visits_are_assigned_and_the_others_are_not(people, wave, three, desk):
    page = assign(desk, wave, 2, people.shopper, visit=ticked(*three[:2]))
    assert (page.status_code, page.url) == (302, url("visit_plan_list", wave))
    assert told(page) == [f"2 visits assigned ({people.shopper.shopper_code}: 2)."]
    assert list(Visit.objects.order_by("pk").values_list("shopper", flat=True)) == [people.shopper.pk] * 2 + [None]


def test_all_that_match_are_assigned_and_the_list_keeps_its_filters(at, people, wave, three, desk):
    query = {"all": 1, "unit": at.an_giang.public_id, "state": "planned"}
    page = assign(desk, wave, 2, people.shopper, people.shopper2, **query)
    assert page.url == url("visit_plan_list", wave, unit=at.an_giang.public_id, state="planned")
    assert Visit.objects.filter(state="assigned").count() == 2
    assert Visit.objects.get(outlet=at.far_counter).state == "planned"


def test_search_narrows_all_that_match(at, people, wave, three, desk):
    assign(desk, wave, 1, people.shopper, all=1, q="dong da")
    assert Visit.objects.get(state="assigned").outlet == at.far_counter


def test_what_is_left_out_is_told_with_its_reason(at, people, wave, three, desk):
    plans.blocked(people.shopper, at.far_counter.unit)
    plans.planned_visit(wave, at.counter)
    page = assign(desk, wave, 4, people.shopper, all=1)
    assert told(page) == [
        f"2 visits assigned ({people.shopper.shopper_code}: 2).",
        "1 visit left out: every shopper chosen is blocked there.",
        "1 visit left out: every shopper chosen visits the same outlet too close in time.",
    ]


def test_visits_of_another_wave_are_never_touched(at, people, wave, three, desk):
    other = plans.wave(at.group, name="Đợt khác")
    page = assign(desk, other, 1, people.shopper, visit=ticked(three[0]))
    assert page.status_code == 409
    assert not Visit.objects.filter(state="assigned").exists()


def test_number_that_has_changed_since_the_page_was_opened_is_shown_first(people, wave, three, desk):
    page = assign(desk, wave, 2, people.shopper, all=1)
    assert page.status_code == 409
    assert "The visits have changed since this page was opened. Nothing has been done" in text(page)
    assert not Visit.objects.filter(state="assigned").exists()


def test_page_without_a_choice_says_what_to_do(wave, three, desk):
    assert "No visit is chosen." in text(desk.get(url("visit_assign_many", wave)))


def test_address_that_is_no_visit_is_passed_over(wave, three, desk):
    assert desk.get(url("visit_assign_many", wave, visit=["x", *ticked(three[0])])).context["number"] == 1


def test_no_shopper_ticked_asks_for_one(people, wave, three, desk):
    page = assign(desk, wave, 3, all=1)
    assert page.status_code == 422
    assert "Tick at least one shopper." in text(page)


def test_shopper_ticked_stays_ticked_when_the_page_comes_back(people, wave, three, desk):
    page = assign(desk, wave, 2, people.shopper2, all=1)
    assert [(each.shopper, is_ticked) for each, is_ticked in page.context["candidates"]] == [
        (people.shopper, False),
        (people.shopper2, True),
    ]


def test_employee_named_as_shopper_is_refused(people, wave, three, desk):
    assert assign(desk, wave, 3, people.office, all=1).status_code == 422


def test_withdrawal_takes_back_what_is_not_begun(at, people, wave, desk):
    plans.assigned_visit(wave, at.counter, people.shopper)
    plans.visit_in(VisitState.IN_PROGRESS, wave, at.far_counter, people.shopper)
    address = url("visit_withdraw_many", wave, all=1)
    assert "Withdraw 1 assignment 1 other visit chosen stays as it is" in text(desk.get(address))
    page = desk.post(address, {"number": 1})
    assert told(page)[0] == "1 assignment withdrawn."
    assert set(Visit.objects.values_list("state", flat=True)) == {"planned", "in_progress"}


def test_voiding_needs_a_reason_and_leaves_what_is_begun(at, people, wave, three, desk):
    plans.visit_in(VisitState.SUBMITTED, wave, at.hotline, people.shopper)
    address = url("visit_void_many", wave, all=1)
    assert desk.post(address, {"number": 3, "reason": ""}).status_code == 422
    page = desk.post(address, {"number": 3, "reason": "Bỏ đợt"})
    assert told(page) == ["3 visits voided.", "1 visit left as it is: its state does not allow this."]
    assert Visit.objects.filter(state="voided", void_reason="Bỏ đợt").count() == 3


def test_acting_twice_does_it_once(wave, three, desk):
    address = url("visit_void_many", wave, all=1)
    for _ in range(2):
        page = desk.post(address, {"number": 3, "reason": "Bỏ đợt"})
    assert page.status_code == 409
    assert "None of the 3 visits chosen stands in a state that allows this." in text(page)
    assert Visit.objects.filter(events__kind="voided").count() == 3


@pytest.mark.parametrize("number", [1, 3])
def test_page_takes_the_same_queries_for_1_and_3_visits(
    at, people, wave, three, desk, number, django_assert_num_queries
):
    worlds.user("shopper3", worlds.Role.SHOPPER)
    plans.blocked(people.shopper, at.an_giang)
    with django_assert_num_queries(13):
        desk.get(url("visit_assign_many", wave, visit=ticked(*three[:number])))
