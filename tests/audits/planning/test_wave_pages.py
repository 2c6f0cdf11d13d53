"""The pages of waves."""

from datetime import timedelta
from uuid import uuid4

import pytest

from audits.fieldwork.models import Visit, Wave
from audits.fieldwork.states import VisitState
from outlets.models import Channel, HeldForm
from tests import plans
from tests.audits.planning.pages import text, told, url
from tests.worlds import NOW, TODAY

FORM = {
    "name": "Đợt tháng 12/2026",
    "checklist": "TQ",
    "unit": "AGG",
    "visits_per_outlet": "2",
    "starts_on": "01/12/2026",
    "ends_on": "31/12/2026",
    "note": "",
}


@pytest.fixture
def checklist(db):
    return plans.checklist()


# --- The list ---------------------------------------------------------------------------------


def test_list_says_how_far_each_wave_has_come(at, people, wave, desk):
    plans.planned_visit(wave, at.counter, due_on=TODAY - timedelta(days=1))
    plans.visit_in(VisitState.SUBMITTED, wave, at.other_counter, people.shopper)
    page = text(desk.get(url("wave_list")))
    assert "Đợt tháng 11/2026 Checklist TQ · Tập đoàn VNPT 01/11/2026–30/11/2026 running now 1 / 2 (50%) 1 1" in page


def test_list_without_a_wave_offers_to_make_one(desk):
    page = desk.get(url("wave_list"))
    assert "No wave yet" in text(page)
    assert url("wave_create") in page.content.decode()


@pytest.mark.parametrize(("when", "names"), [("now", ["Nay"]), ("future", ["Mai"]), ("past", ["Qua"]), ("x", None)])
def test_list_can_be_narrowed_by_time(at, desk, when, names):
    month = timedelta(days=40)
    for name, shift in (("Qua", -month), ("Nay", 0 * month), ("Mai", month)):
        plans.wave(at.group, name=name, starts_on=TODAY + shift, ends_on=TODAY + shift)
    rows = desk.get(url("wave_list", when=when)).context["rows"]
    assert [wave.name for wave, *_ in rows] == (names or ["Mai", "Nay", "Qua"])


def test_list_finds_a_wave_without_its_marks(at, wave, desk):
    plans.wave(at.group, name="Kiểm tra chuyên đề")
    rows = desk.get(url("wave_list", q="chuyen de")).context["rows"]
    assert [wave.name for wave, *_ in rows] == ["Kiểm tra chuyên đề"]


@pytest.mark.parametrize("number", [1, 3])
def test_list_takes_the_same_queries_for_1_and_3_waves(at, desk, number, django_assert_num_queries):
    for index in range(number):
        plans.planned_visit(plans.wave(at.group, name=f"Đợt {index}"), at.counter)
    with django_assert_num_queries(7):
        response = desk.get(url("wave_list"))
    assert response.context["listing"].total == number


# --- One wave ---------------------------------------------------------------------------------


def test_wave_page_says_it_in_a_sentence_and_shows_each_unit(at, people, wave, desk):
    plans.planned_visit(wave, at.counter, due_on=TODAY - timedelta(days=1))
    plans.assigned_visit(wave, at.hotline, people.shopper)
    plans.visit_in(VisitState.NOT_POSSIBLE, wave, at.far_counter, people.shopper)
    page = text(desk.get(url("wave_detail", wave)))
    assert "1 of 3 visits are done (33%). 1 waits for a shopper. 1 is overdue." in page
    assert "VNPT An Giang AGG 0 / 2 (0%) 1 1 0 1 VNPT Hà Nội HNI 1 / 1 (100%) 0 0 1 0" in page


def test_wave_page_goes_down_the_tree(at, wave, desk):
    plans.planned_visit(wave, at.counter)
    page = desk.get(url("wave_detail", wave, unit=at.long_xuyen.public_id))
    assert "Tập đoàn VNPT VNPT An Giang Phòng bán hàng Long Xuyên" in text(page)
    assert [row.name for row in page.context["coverage"].units] == ["ĐGD Long Xuyên"]


@pytest.mark.parametrize("unit", ["x", str(uuid4())])
def test_wave_page_of_a_unit_that_does_not_exist_is_not_found(wave, desk, unit):
    assert desk.get(url("wave_detail", wave, unit=unit)).status_code == 404


def test_wave_page_of_a_unit_outside_the_wave_is_not_found(at, desk):
    wave = plans.wave(at.an_giang)
    assert desk.get(url("wave_detail", wave, unit=at.ha_noi.public_id)).status_code == 404


def test_wave_page_without_visits_says_so(wave, desk):
    assert "No visit is planned." in text(desk.get(url("wave_detail", wave)))


@pytest.mark.parametrize("number", [1, 3])
def test_wave_page_takes_the_same_queries_for_1_and_3_outlets(at, wave, desk, number, django_assert_num_queries):
    for outlet in (at.counter, at.other_counter, at.far_counter)[:number]:
        plans.planned_visit(wave, outlet)
    with django_assert_num_queries(10):
        desk.get(url("wave_detail", wave))


# --- A new wave -------------------------------------------------------------------------------


def preview(desk, **changes):
    return desk.post(url("wave_create"), FORM | {"step": "preview"} | changes)


def create(desk, **changes):
    return desk.post(url("wave_create"), FORM | {"step": "create", "new_id": str(uuid4())} | changes)


def test_preview_counts_visits_by_unit_and_week_and_creates_nothing(at, checklist, desk):
    page = preview(desk, unit="VNPT")
    assert page.status_code == 200
    words = text(page)
    assert "6 visits · 3 outlets" in words
    assert "VNPT An Giang AGG 2 VNPT Hà Nội HNI 1" in words
    assert Wave.objects.count() == 0


def test_preview_warns_of_a_scenario_without_an_answer_card(at, checklist, desk):
    plans.answer_card(plans.scenario())
    plans.scenario("Cấp lại SIM")
    assert [each.title for each in preview(desk).context["preview"].without_card] == ["Cấp lại SIM"]


def test_preview_carries_what_was_typed_to_the_next_step(at, checklist, desk):
    scenario = plans.scenario()
    page = preview(desk, scenarios=[str(scenario.public_id)], note="Chỉ buổi sáng")
    hidden = dict(page.context["hidden"])
    assert hidden == FORM | {"scenarios": str(scenario.public_id), "note": "Chỉ buổi sáng"}


def test_create_plans_the_visits_and_says_how_many(at, people, checklist, desk):
    page = create(desk)
    wave = Wave.objects.get()
    assert (page.status_code, page.url) == (302, url("wave_detail", wave))
    assert told(page) == ["Wave created with 4 visits."]
    assert (wave.name, wave.unit, wave.created_by, wave.visits.count()) == (
        "Đợt tháng 12/2026",
        at.an_giang,
        people.coordinator,
        4,
    )


def test_create_uses_every_scenario_of_the_channel_when_none_is_ticked(at, checklist, desk):
    used = plans.scenario()
    plans.scenario("Cước cao", Channel.HOTLINE)
    plans.scenario("Bỏ dùng", is_active=False)
    create(desk)
    assert list(Wave.objects.get().scenarios.all()) == [used]


def test_create_uses_the_scenarios_ticked(at, checklist, desk):
    plans.scenario()
    ticked = plans.scenario("Cấp lại SIM")
    create(desk, scenarios=[str(ticked.public_id)])
    assert set(Visit.objects.values_list("scenario__title", flat=True)) == {"Cấp lại SIM"}


def test_create_button_pressed_twice_leads_to_the_one_wave(at, checklist, desk):
    new_id = str(uuid4())
    first, again = create(desk, new_id=new_id), create(desk, new_id=new_id)
    assert first.url == again.url
    assert Wave.objects.count() == 1


def test_form_comes_back_filled_to_be_changed(at, checklist, desk):
    page = desk.post(url("wave_create"), FORM | {"step": "edit"})
    assert page.status_code == 200
    assert 'value="Đợt tháng 12/2026"' in page.content.decode()


@pytest.mark.parametrize("step", ["preview", "create"])
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"checklist": "XX"}, "checklist"),
        ({"unit": "nowhere"}, "unit"),
        ({"unit": "AGG-TD"}, "unit"),
        ({"visits_per_outlet": "0"}, "visits_per_outlet"),
        ({"visits_per_outlet": "32"}, "visits_per_outlet"),
        ({"visits_per_outlet": "20", "ends_on": "05/12/2026"}, "visits_per_outlet"),
        ({"starts_on": "2026"}, "starts_on"),
        ({"starts_on": "11/11/2026"}, "starts_on"),
        ({"starts_on": "01/12/9999", "ends_on": "31/12/9999"}, "starts_on"),
        ({"ends_on": "30/11/2026"}, "ends_on"),
        ({"ends_on": "31/12/2028"}, "ends_on"),
        ({"scenarios": ["x"]}, "scenarios"),
    ],
)
def test_form_that_cannot_be_is_shown_again_with_what_to_mend(at, checklist, desk, step, changes, field):
    page = desk.post(url("wave_create"), FORM | {"step": step} | changes)
    assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
    assert Wave.objects.count() == 0


def test_form_refuses_a_name_in_use_before_the_preview(at, checklist, desk):
    create(desk)
    assert list(preview(desk).context["form"].errors) == ["name"]


def test_form_offers_only_running_checklists_and_scenarios_in_use(at, checklist, desk):
    plans.checklist("DT", Channel.HOTLINE, is_running=False)
    plans.scenario()
    plans.scenario("Bỏ dùng", is_active=False)
    form = desk.get(url("wave_create")).context["form"]
    assert [each.code for each in form.fields["checklist"].queryset] == ["TQ"]
    assert [each.title for each in form.fields["scenarios"].queryset] == ["Chuyển gói trả trước sang trả sau"]


def test_form_shows_what_was_typed_before_the_log_in_ended(people, desk):
    HeldForm.objects.create(
        owner=people.coordinator, path=url("wave_create"), data={"name": ["Đang gõ dở"]}, held_at=NOW
    )
    page = desk.get(url("wave_create"))
    assert page.status_code == 200
    assert 'value="Đang gõ dở"' in page.content.decode()


# --- Changing a wave --------------------------------------------------------------------------


def extension(desk, wave, **fields):
    return desk.post(url("wave_extend", wave), {"unit": "VNPT", "only_new": "yes", "visits_per_outlet": "1"} | fields)


def test_extension_is_previewed_and_then_added(at, wave, desk):
    plans.planned_visit(wave, at.counter)
    page = extension(desk, wave, step="preview")
    assert (page.context["preview"].visits, page.context["seen"], Visit.objects.count()) == (2, 1, 1)
    page = extension(desk, wave, step="create", seen="1")
    assert (told(page), wave.visits.count()) == (["2 visits added."], 3)


def test_extension_sent_twice_is_added_once(at, wave, desk):
    extension(desk, wave, step="create", only_new="no", seen="0")
    page = extension(desk, wave, step="create", only_new="no", seen="0")
    assert (page.status_code, wave.visits.count()) == (422, 3)
    assert "The visits of this wave have changed" in text(page)


def test_extension_of_a_wave_that_is_over_is_refused(at, desk):
    wave = plans.wave(at.group, starts_on=TODAY - timedelta(days=9), ends_on=TODAY - timedelta(days=1))
    assert extension(desk, wave, step="preview").status_code == 422


def test_edit_saves_and_says_so(wave, desk):
    page = desk.post(url("wave_edit", wave), {"name": "Đợt mới", "ends_on": "05/12/2026", "note": ""})
    wave.refresh_from_db()
    assert (told(page), wave.name, wave.ends_on.isoformat()) == (["Saved."], "Đợt mới", "2026-12-05")


def test_edit_shows_what_a_rule_refuses_beside_its_field(at, wave, desk):
    plans.planned_visit(wave, at.counter)
    page = desk.post(url("wave_edit", wave), {"name": "Đợt mới", "ends_on": "13/11/2026", "note": ""})
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["ends_on"])


def test_cancel_page_says_what_it_does_and_then_does_it(at, people, wave, desk):
    plans.planned_visit(wave, at.counter)
    plans.visit_in(VisitState.IN_PROGRESS, wave, at.far_counter, people.shopper)
    assert "1 visit that nobody has begun will be voided. 1 begun or done stays." in text(
        desk.get(url("wave_cancel", wave))
    )
    page = desk.post(url("wave_cancel", wave), {"reason": "Dời sang tháng sau"})
    assert (told(page), wave.visits.filter(state="voided").count()) == (["1 visit voided."], 1)


def test_cancel_without_a_reason_does_nothing(at, wave, desk):
    plans.planned_visit(wave, at.counter)
    assert desk.post(url("wave_cancel", wave), {"reason": " "}).status_code == 422
    assert wave.visits.get().state == "planned"
