"""Scenarios and answer cards on their pages."""

from datetime import date
from uuid import uuid4

import pytest

from audits.fieldwork.models import AnswerCard, Scenario
from outlets.models import Channel, HeldForm
from tests import plans
from tests.audits.planning.pages import text, told, url
from tests.worlds import NOW, TODAY

FORM = {"title": "Cấp lại SIM", "channel": "counter", "service": "Di động", "brief": "Hỏi thủ tục.\nKhông nói tên."}


@pytest.fixture
def scenario(db):
    return plans.scenario()


def test_list_shows_the_card_in_force_or_that_there_is_none(scenario, desk):
    plans.answer_card(scenario, date(2026, 11, 1))
    plans.answer_card(scenario, date(2027, 1, 1))
    plans.scenario("Cấp lại SIM")
    words = text(desk.get(url("scenario_list")))
    assert "Cấp lại SIM Transaction counter Di động trả sau none" in words
    assert "Chuyển gói trả trước sang trả sau Transaction counter Di động trả sau 01/11/2026" in words


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({"q": "chuyen goi"}, ["Chuyển gói trả trước sang trả sau"]),
        ({"channel": "hotline"}, ["Cước"]),
        ({"use": "no"}, ["Cũ"]),
    ],
)
def test_list_can_be_searched_and_narrowed(scenario, desk, query, titles):
    plans.scenario("Cước", Channel.HOTLINE)
    plans.scenario("Cũ", is_active=False)
    rows = desk.get(url("scenario_list", **query)).context["listing"].page
    assert [each.title for each in rows] == titles


def test_list_is_sorted_by_service_as_vietnamese_is(desk):
    for service in ("Đăng ký", "Ảnh", "Zalo", "Dịch vụ", "Ánh sáng"):
        plans.scenario(f"Hỏi {service}", service=service)
    rows = desk.get(url("scenario_list", sort="service")).context["listing"].page
    assert [each.service for each in rows] == ["Ảnh", "Ánh sáng", "Dịch vụ", "Đăng ký", "Zalo"]


def test_list_without_a_scenario_offers_to_make_one(desk):
    assert "No scenario yet" in text(desk.get(url("scenario_list")))


@pytest.mark.parametrize("number", [1, 3])
def test_list_takes_the_same_queries_for_1_and_3_scenarios(desk, number, django_assert_num_queries):
    for index in range(number):
        plans.answer_card(plans.scenario(f"Kịch bản {index}"))
    with django_assert_num_queries(5):
        response = desk.get(url("scenario_list"))
    assert response.context["listing"].total == number


def test_create_makes_a_scenario_and_leads_to_it(people, desk):
    page = desk.post(url("scenario_create"), FORM | {"new_id": str(uuid4())})
    made = Scenario.objects.get()
    assert page.url == url("scenario_detail", made)
    assert (made.title, made.brief, made.created_by) == (
        "Cấp lại SIM",
        "Hỏi thủ tục.\nKhông nói tên.",
        people.coordinator,
    )


def test_create_button_pressed_twice_makes_one(desk):
    new_id = str(uuid4())
    pages = [desk.post(url("scenario_create"), FORM | {"new_id": new_id}) for _ in range(2)]
    assert pages[0].url == pages[1].url
    assert Scenario.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"), [({"title": " "}, "title"), ({"channel": "x"}, "channel"), ({"brief": ""}, "brief")]
)
def test_create_that_cannot_be_is_shown_again(desk, changes, field):
    page = desk.post(url("scenario_create"), FORM | changes)
    assert (page.status_code, list(page.context["form"].errors)) == (422, [field])


def test_create_refuses_a_title_in_use(scenario, desk):
    page = desk.post(url("scenario_create"), FORM | {"title": scenario.title})
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["title"])


def test_edit_saves(scenario, desk):
    page = desk.post(url("scenario_edit", scenario), FORM)
    scenario.refresh_from_db()
    assert (told(page), scenario.title) == (["Saved."], "Cấp lại SIM")


def test_edit_of_the_channel_is_refused_once_a_wave_uses_it(at, scenario, desk):
    plans.wave(at.group, scenarios=(scenario,))
    page = desk.post(url("scenario_edit", scenario), FORM | {"channel": "sales"})
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["channel"])


def test_brief_typed_before_the_log_in_ended_is_back(people, scenario, desk):
    path = url("scenario_edit", scenario)
    HeldForm.objects.create(owner=people.coordinator, path=path, data={"brief": ["Đang gõ dở"]}, held_at=NOW)
    assert desk.get(path).context["form"]["brief"].value() == "Đang gõ dở"


def test_scenario_goes_out_of_use_and_back(scenario, desk):
    for name, is_active in (("scenario_retire", False), ("scenario_reinstate", True)):
        assert desk.post(url(name, scenario)).status_code == 302
        scenario.refresh_from_db()
        assert scenario.is_active is is_active


def test_reinstate_of_a_title_in_use_says_why_not(scenario, desk):
    desk.post(url("scenario_retire", scenario))
    plans.scenario(scenario.title)
    page = desk.post(url("scenario_reinstate", scenario))
    assert told(page)[-1] == "Another scenario of this channel already has this title."


def test_page_shows_the_cards_in_time(scenario, desk):
    plans.answer_card(scenario, date(2026, 10, 1), "100.000 đ")
    plans.answer_card(scenario, TODAY, "120.000 đ")
    plans.answer_card(scenario, date(2027, 1, 1), "150.000 đ")
    words = text(desk.get(url("scenario_detail", scenario)))
    assert "From 01/01/2027 to come 150.000 đ" in words
    assert "From 12/11/2026 in force 120.000 đ" in words
    assert "From 01/10/2026 over 100.000 đ" in words


@pytest.mark.parametrize("number", [1, 3])
def test_page_takes_the_same_queries_for_1_and_3_cards(at, scenario, desk, number, django_assert_num_queries):
    for month in range(1, number + 1):
        plans.answer_card(scenario, date(2026, month, 1))
        plans.wave(at.group, name=f"Đợt {month}", scenarios=(scenario,))
    with django_assert_num_queries(6):
        desk.get(url("scenario_detail", scenario))


def test_card_is_added_from_a_day_on(scenario, desk):
    page = desk.post(url("answer_card_add", scenario), {"valid_from": "01/12/2026", "content": "150.000 đ"})
    assert told(page) == ["Answer card added."]
    assert AnswerCard.objects.values_list("valid_from", "content").get() == (date(2026, 12, 1), "150.000 đ")


def test_new_card_starts_from_the_one_in_force(scenario, desk):
    plans.answer_card(scenario, content="120.000 đ")
    form = desk.get(url("answer_card_add", scenario)).context["form"]
    assert (form["valid_from"].value(), form["content"].value()) == (TODAY, "120.000 đ")


@pytest.mark.parametrize(("day", "field"), [("01/11/2026", "valid_from"), ("x", "valid_from"), ("", "valid_from")])
def test_card_that_cannot_be_is_shown_again(scenario, desk, day, field):
    plans.answer_card(scenario, date(2026, 11, 1))
    page = desk.post(url("answer_card_add", scenario), {"valid_from": day, "content": "150.000 đ"})
    assert (page.status_code, list(page.context["form"].errors)) == (422, [field])


def test_card_is_mended_until_a_visit_was_measured_against_it(at, wave, scenario, desk):
    card = plans.answer_card(scenario)
    address = url("answer_card_edit", scenario, "2026-11-01")
    assert desk.post(address, {"content": "130.000 đ"}).status_code == 302
    plans.planned_visit(wave, at.counter, answer_card=card)
    assert desk.post(address, {"content": "140.000 đ"}).status_code == 422
    assert AnswerCard.objects.get().content == "130.000 đ"


@pytest.mark.parametrize("day", ["2026-11-02", "x", "20261101x"])
def test_card_of_another_day_is_not_found(scenario, desk, day):
    plans.answer_card(scenario)
    assert desk.get(url("answer_card_edit", scenario, day)).status_code == 404
