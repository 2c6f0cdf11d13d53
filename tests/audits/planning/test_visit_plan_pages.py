"""The pages of a wave's visits: the list, and one visit with what can be done."""

from datetime import date, timedelta

import pytest

from audits.fieldwork.models import Visit, VisitEvent
from audits.fieldwork.states import VisitState
from outlets.models import HeldForm
from tests import plans, sheets
from tests.audits.planning.pages import send, text, told, url
from tests.worlds import NOW, TODAY


@pytest.fixture
def visit(at, wave):
    return plans.planned_visit(wave, at.counter)


def shown(page) -> list[str]:
    return [visit.outlet.unit.name for visit, *_ in page.context["rows"]]


# --- The list ---------------------------------------------------------------------------------


@pytest.fixture
def three(at, people, wave):
    """Late and waiting at Long Xuyên, given at the hotline, done in Hà Nội."""
    plans.planned_visit(wave, at.counter, opens_on=date(2026, 11, 2), due_on=date(2026, 11, 8))
    plans.assigned_visit(wave, at.hotline, people.shopper, due_on=date(2026, 11, 16))
    plans.visit_in(VisitState.SUBMITTED, wave, at.far_counter, people.shopper2, due_on=date(2026, 11, 23))


def test_list_shows_outlet_days_shopper_and_state(people, wave, three, desk):
    words = text(desk.get(url("visit_plan_list", wave)))
    assert "ĐGD Long Xuyên Phòng bán hàng Long Xuyên AGG-LX-01 02/11–08/11/2026 Overdue – – Planned" in words
    assert f"AGG-TD 10/11–16/11/2026 – {people.shopper.shopper_code} Assigned" in words


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["ĐGD Long Xuyên", "Tổ Hỗ trợ khách hàng", "ĐGD Đống Đa"]),
        ({"q": "dong da"}, ["ĐGD Đống Đa"]),
        ({"q": "agg-lx-01"}, ["ĐGD Long Xuyên"]),
        ({"state": "assigned"}, ["Tổ Hỗ trợ khách hàng"]),
        ({"state": "overdue"}, ["ĐGD Long Xuyên"]),
        ({"shopper": "nobody"}, ["ĐGD Long Xuyên"]),
        ({"week": "2026-11-23"}, ["ĐGD Đống Đa"]),
        ({"week": "2026-11-22"}, ["ĐGD Long Xuyên", "Tổ Hỗ trợ khách hàng", "ĐGD Đống Đa"]),
        ({"unit": "x", "state": "x", "shopper": "x"}, ["ĐGD Long Xuyên", "Tổ Hỗ trợ khách hàng", "ĐGD Đống Đa"]),
        ({"sort": "-due"}, ["ĐGD Đống Đa", "Tổ Hỗ trợ khách hàng", "ĐGD Long Xuyên"]),
    ],
)
def test_list_can_be_searched_narrowed_and_sorted(wave, three, desk, query, names):
    assert shown(desk.get(url("visit_plan_list", wave, **query))) == names


def test_list_can_be_narrowed_to_a_shopper(people, wave, three, desk):
    assert shown(desk.get(url("visit_plan_list", wave, shopper=people.shopper.shopper_code))) == [
        "Tổ Hỗ trợ khách hàng"
    ]


@pytest.mark.parametrize(
    ("place", "names"),
    [
        ("an_giang", ["ĐGD Long Xuyên", "Tổ Hỗ trợ khách hàng"]),
        ("long_xuyen", ["ĐGD Long Xuyên"]),
        ("dong_da", ["ĐGD Đống Đa"]),
    ],
)
def test_list_can_be_narrowed_to_a_unit_at_any_depth(at, wave, three, desk, place, names):
    unit = getattr(at, place)
    page = desk.get(url("visit_plan_list", wave, unit=unit.public_id))
    assert shown(page) == names
    assert f'<option value="{unit.public_id}" selected>' in page.content.decode()


def test_list_keeps_the_filters_for_what_is_done_with_all(at, wave, three, desk):
    page = desk.get(url("visit_plan_list", wave, state="planned", q="long"))
    assert page.context["narrowed"] == [("q", "long"), ("state", "planned")]


def test_list_of_a_wave_without_visits_offers_to_add_some(wave, desk):
    assert "This wave has no visit" in text(desk.get(url("visit_plan_list", wave)))


@pytest.mark.parametrize("number", [1, 3])
def test_list_takes_the_same_queries_for_1_and_3_visits(at, people, wave, desk, number, django_assert_num_queries):
    for outlet in (at.counter, at.other_counter, at.far_counter)[:number]:
        plans.assigned_visit(wave, outlet, people.shopper, scenario=plans.scenario(outlet.unit.name))
    with django_assert_num_queries(9):
        response = desk.get(url("visit_plan_list", wave))
    assert response.context["listing"].total == number


# --- One visit --------------------------------------------------------------------------------


def test_visit_page_shows_the_plan_and_what_happened(people, visit, desk):
    words = text(desk.get(url("visit_plan_detail", visit)))
    assert "ĐGD Long Xuyên AGG-LX-01 12 Nguyễn Huệ, Phường Long Xuyên, An Giang" in words
    assert "Days 10/11/2026–16/11/2026 Shopper nobody yet" in words
    assert "What happened Planned 10:00 23/10/2026" in words


def test_visit_page_of_a_submitted_visit_shows_neither_answers_nor_times_nor_scores(at, people, desk):
    visit = sheets.submitted(at.counter, people.shopper)
    page = desk.get(url("visit_plan_detail", visit))
    words, source = text(page), page.content.decode()
    submission, answer = visit.submissions.get(), visit.answers.exclude(note="").first()
    assert str(submission.receipt) not in source
    assert "%" not in words
    assert answer is None or answer.note not in words
    assert "<img" not in source
    assert f"{NOW:%H:%M}" not in words.partition("Submitted")[2].partition("Change")[0]


def test_visit_page_hides_the_notes_of_the_review(at, people, wave, desk):
    visit = plans.visit_in(VisitState.RETURNED, wave, at.counter, people.shopper)
    event = {"visit": visit, "from_state": "submitted", "to_state": "returned", "at": NOW, "by": people.reviewer}
    VisitEvent.objects.create(kind=VisitEvent.Kind.RETURNED, note="Ảnh mờ", **event)
    words = text(desk.get(url("visit_plan_detail", visit)))
    assert "Returned 12/11/2026 · Người reviewer" in words
    assert "Ảnh mờ" not in words


def test_visit_page_offers_only_shoppers_who_may_go_there(at, people, wave, visit, desk):
    plans.blocked(people.shopper, at.long_xuyen)
    page = desk.get(url("visit_plan_detail", visit))
    assert [each.shopper for each in page.context["choice"].free] == [people.shopper2]
    assert "Not offered: 1 blocked here" in text(page)


@pytest.mark.parametrize(
    ("state", "forms", "can_withdraw"),
    [
        (VisitState.PLANNED, {"assign", "reschedule", "void"}, False),
        (VisitState.ASSIGNED, {"assign", "reschedule", "void"}, True),
        (VisitState.IN_PROGRESS, {"reschedule", "void"}, False),
        (VisitState.SUBMITTED, {"void"}, False),
        (VisitState.NOT_POSSIBLE, {"assign", "void"}, False),
        (VisitState.APPROVED, set(), False),
        (VisitState.PUBLISHED, set(), False),
        (VisitState.VOIDED, set(), False),
    ],
)
def test_visit_page_offers_what_its_state_allows(at, people, wave, desk, state, forms, can_withdraw):
    visit = plans.visit_in(state, wave, at.counter, people.shopper2)
    context = desk.get(url("visit_plan_detail", visit)).context
    assert {name for name, form in context["forms"].items() if form} == forms
    assert context["can_withdraw"] == can_withdraw


@pytest.mark.parametrize("number", [1, 3])
def test_visit_page_takes_the_same_queries_for_1_and_3_events(
    at, people, wave, visit, desk, number, django_assert_num_queries
):
    for _ in range(number):
        VisitEvent.objects.create(
            visit=visit, kind=VisitEvent.Kind.RESCHEDULED, to_state="planned", at=NOW, by=people.office
        )
    with django_assert_num_queries(11):
        desk.get(url("visit_plan_detail", visit))


def test_assign_gives_the_visit_and_says_to_whom(people, visit, desk):
    page = send(desk, "visit_assign", visit, shopper=people.shopper.public_id)
    assert (page.status_code, page.url) == (302, url("visit_plan_detail", visit))
    assert told(page) == [f"Visit assigned to {people.shopper.shopper_code}."]
    assert Visit.objects.get().shopper == people.shopper


@pytest.mark.parametrize("place", ["counter", "an_giang"])
def test_assign_of_a_blocked_shopper_says_why_not(at, people, visit, desk, place):
    unit = getattr(at, place)
    plans.blocked(people.shopper, getattr(unit, "unit", unit))
    page = send(desk, "visit_assign", visit, shopper=people.shopper.public_id)
    assert page.status_code == 422
    assert "This shopper is blocked at this outlet, or at a unit above it." in text(page)


@pytest.mark.parametrize("shopper", ["", "x", "00000000-0000-4000-8000-000000000000"])
def test_assign_to_nobody_asks_for_a_shopper(visit, desk, shopper):
    assert send(desk, "visit_assign", visit, shopper=shopper).status_code == 422


def test_assign_to_somebody_who_is_no_shopper_is_refused(people, visit, desk):
    assert send(desk, "visit_assign", visit, shopper=people.office.public_id).status_code == 422
    assert Visit.objects.get().state == "planned"


def test_form_made_over_an_older_state_says_who_did_what_and_does_nothing(people, visit, desk):
    page = desk.get(url("visit_plan_detail", visit))
    send(desk, "visit_assign", visit, shopper=people.shopper.public_id)
    old = {"seen": page.context["seen"], "shopper": people.shopper2.public_id}
    late = desk.post(url("visit_assign", visit), old)
    assert late.status_code == 409
    assert "The last thing that happened: Assigned, 10:00 12/11/2026 (Người coordinator)." in text(late)
    assert Visit.objects.get().shopper == people.shopper


@pytest.mark.parametrize("name", ["visit_assign", "visit_withdraw", "visit_reschedule", "visit_void"])
def test_form_without_its_mark_does_nothing(visit, desk, name):
    assert desk.post(url(name, visit)).status_code == 409
    assert visit.events.count() == 1


def test_withdraw_takes_the_visit_back(people, visit, desk):
    send(desk, "visit_assign", visit, shopper=people.shopper.public_id)
    page = send(desk, "visit_withdraw", visit)
    assert told(page)[-1] == "Assignment withdrawn."
    assert Visit.objects.get().shopper is None


def test_withdraw_of_a_visit_that_has_begun_changes_nothing(at, people, wave, desk):
    visit = plans.visit_in(VisitState.IN_PROGRESS, wave, at.counter, people.shopper)
    assert send(desk, "visit_withdraw", visit).status_code == 409
    assert Visit.objects.get().state == "in_progress"


def test_reschedule_changes_the_days(visit, desk):
    page = send(desk, "visit_reschedule", visit, opens_on="20/11/2026", due_on="27/11/2026")
    assert told(page) == ["Dates changed."]
    assert Visit.objects.get().due_on == date(2026, 11, 27)


@pytest.mark.parametrize(
    ("opens_on", "due_on", "field"),
    [("", "27/11/2026", "opens_on"), ("20/11/2026", "31/12/2026", "due_on"), ("20/11/2026", "x", "due_on")],
)
def test_reschedule_that_cannot_be_is_shown_again(visit, desk, opens_on, due_on, field):
    page = send(desk, "visit_reschedule", visit, opens_on=opens_on, due_on=due_on)
    assert (page.status_code, list(page.context["forms"]["reschedule"].errors)) == (422, [field])


def test_void_needs_a_reason(visit, desk):
    assert send(desk, "visit_void", visit, reason="").status_code == 422
    page = send(desk, "visit_void", visit, reason="Trùng lượt")
    assert told(page) == ["Visit voided."]
    assert Visit.objects.get().void_reason == "Trùng lượt"


def test_reason_typed_before_the_log_in_ended_is_back(people, visit, desk):
    HeldForm.objects.create(
        owner=people.coordinator, path=url("visit_plan_detail", visit), data={"reason": ["Trùng lượt"]}, held_at=NOW
    )
    page = desk.get(url("visit_plan_detail", visit))
    assert page.context["forms"]["void"]["reason"].value() == "Trùng lượt"


def test_overdue_visit_is_marked(at, wave, desk):
    visit = plans.planned_visit(wave, at.counter, due_on=TODAY - timedelta(days=1))
    assert "Planned Overdue ĐGD Long Xuyên" in text(desk.get(url("visit_plan_detail", visit)))
