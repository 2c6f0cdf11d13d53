"""Each role's home: its own page, a constant number of queries, and no figure that is not published."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import translation

from audits.checklists import actions as checklists
from audits.fieldwork.states import VisitState
from audits.models import Submission, Visit
from outlets.models import Channel
from outlets.people.permissions import Scope
from tests import pages, plans, published, sheets, worlds
from tests.kept import kept
from vnpt_smile import homes

pytestmark = pytest.mark.django_db

HOMES = {
    "office": "home_office.html",
    "coordinator": "home_coordinator.html",
    "reviewer": "home_reviewer.html",
    "manager": "home_manager.html",
    "outlethead": "home_manager.html",
    "observer": "home_manager.html",
    "editor": "home_editor.html",
    "staff": "home_staff.html",
    "sysadmin": "home_sysadmin.html",
}


@kept
def places():
    return worlds.places()


@kept
def people(places):
    return worlds.people(places)


@pytest.mark.parametrize(("role", "template"), HOMES.items())
def test_each_role_has_its_home(client, people, role, template):
    client.force_login(people.all[role])
    response = client.get("/")
    assert response.templates[0].name == template


def test_a_shopper_starts_with_the_visits(client, people):
    client.force_login(people.shopper)
    assert client.get("/").url == reverse("audits:visit_list")


def test_an_account_without_a_role_is_told_whom_to_ask(client, db):
    client.force_login(worlds.user("nobody"))
    assert client.get("/").templates[0].name == "home_nobody.html"


QUERIES = {"office": 12, "coordinator": 5, "reviewer": 5, "manager": 10, "editor": 6, "staff": 5, "sysadmin": 8}


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("role", "queries"), QUERIES.items())
def test_a_home_takes_the_same_queries_for_any_number(
    client, places, people, role, queries, rows, django_assert_num_queries
):
    for number in range(rows):
        made = plans.checklist(f"C{number}")
        plans.wave(places.an_giang, made, name=f"Đợt {number}", starts_on="2020-01-01", ends_on="2099-01-01")
        sheets.submitted(places.counter, people.shopper)
    client.force_login(people.all[role])
    with django_assert_num_queries(queries):
        assert client.get("/").status_code == 200


def test_the_office_reads_the_answer_of_the_group_once_a_month_is_closed(client, places, people):
    client.force_login(people.office)
    assert client.get("/").context["group"] is None
    month = date(2026, 9, 1)
    for number in range(3):
        shopper = people.shopper2 if number % 2 else people.shopper
        published.approved(places.counter, shopper, month + timedelta(days=number), "ny")
    published.closed(month)
    shown = client.get("/")
    assert shown.context["group"].card.unit == places.group
    html = shown.content.decode()
    assert reverse("audits:scorecard_detail", args=[places.group.public_id]) in html
    compared = reverse("audits:scorecard_units", args=[places.group.public_id])
    assert f"{compared}?level=outlets&amp;span=12-months&amp;sort=score#units" in html
    for expected in ("Có tốt hơn quý trước không?", "điểm nào đáng cảm ơn", "Ba việc cho cuộc họp thứ Hai"):
        assert expected in pages.words(shown)


@pytest.fixture
def wave(places):
    """A wave of three November days around TODAY, and one function to move it."""

    def make(name, starts_on, ends_on):
        return plans.wave(places.an_giang, name=name, starts_on=starts_on, ends_on=ends_on)

    return make


def day(number):
    return worlds.TODAY + timedelta(days=number)


def test_the_plan_counts_running_and_coming_waves_apart(places, wave):
    running, coming = wave("Đang chạy", day(-5), day(5)), wave("Sắp tới", day(10), day(20))
    for of, number in ((running, 2), (coming, 3)):
        for _ in range(number):
            plans.planned_visit(of, places.counter)
    plan = homes.plan(worlds.TODAY)
    assert (plan.running, plan.to_assign, plan.coming, plan.coming_to_assign) == (1, 2, 1, 3)
    assert plan.assign_next == running
    assert [row.wave for row in plan.waves] == [running]


def test_a_wave_that_is_over_stays_in_sight_while_a_visit_of_it_is_open(places, people, wave):
    late, done = wave("Đợt cũ", day(-40), day(-10)), wave("Đợt xong", day(-40), day(-10))
    past = {"opens_on": day(-40), "due_on": day(-10)}
    plans.planned_visit(late, places.counter, **past)
    plans.visit_in(VisitState.APPROVED, done, places.counter, people.shopper, **past)
    plan = homes.plan(worlds.TODAY)
    assert [(row.wave, row.is_over, row.coverage.overdue) for row in plan.waves] == [(late, True, 1)]
    assert (plan.overdue, plan.to_assign, plan.assign_next) == (1, 0, None)


def test_the_home_shows_a_limited_number_of_waves_and_counts_them_all(wave):
    for number in range(homes.WAVES_SHOWN + 2):
        wave(f"Đợt {number}", day(-5), day(5))
    plan = homes.plan(worlds.TODAY)
    assert (len(plan.waves), plan.running) == (homes.WAVES_SHOWN, homes.WAVES_SHOWN + 2)


def test_a_reviewer_reads_the_longest_waiting_visit_first(client, places, people):
    visits = [sheets.submitted(places.counter, people.shopper) for _ in range(2)]
    Submission.objects.update(open_follow_ups=0)
    Visit.objects.filter(pk=visits[1].pk).update(submitted_at=worlds.NOW - timedelta(days=9))
    queue = homes.queue(people.reviewer, at=worlds.NOW)
    assert (queue.waiting, queue.oldest) == (2, (visits[1], visits[0]))


def test_what_still_waits_for_later_answers_is_no_work_for_now(client, places, people):
    visit = sheets.submitted(places.counter, people.shopper)
    Submission.objects.filter(visit=visit).update(open_follow_ups=1)
    queue = homes.queue(people.reviewer, at=worlds.NOW)
    assert (queue.waiting, queue.oldest) == (1, ())


def test_a_manager_is_told_where_the_own_unit_stands(places, people):
    own = homes.own_units(Scope(unit_ids=frozenset({places.long_xuyen.pk})))
    unit = homes.OwnUnit("Phòng bán hàng Long Xuyên", "AGG-LX", "loại office", ("Tập đoàn VNPT", "VNPT An Giang"))
    assert own == homes.OwnUnits((unit,), (homes.ChannelCount(Channel.COUNTER, "Quầy giao dịch", 2),), 2)


def test_an_editor_sees_the_drafts(client, people):
    plans.checklist("NH", is_running=False)
    client.force_login(people.editor)
    assert [str(draft.checklist.code) for draft in client.get("/").context["drafts"]] == ["NH"]


def test_an_editor_is_led_from_what_runs_to_a_draft(client, people):
    running = plans.checklist("TQ").versions.get()
    client.force_login(people.editor)
    make = f'action="{reverse("audits:draft_create", args=[running.public_id])}"'
    assert make in client.get("/").content.decode()
    draft = checklists.draft_from(version=running, by=people.editor, at=worlds.NOW)
    body = client.get("/").content.decode()
    assert make not in body
    assert "Sửa tiếp bản nháp 2" in body
    assert f'class="btn btn-primary btn-sm" href="{reverse("audits:draft_edit", args=[draft.public_id])}"' in body


def test_nobody_else_is_offered_to_change_a_checklist(client, people):
    plans.checklist("TQ")
    client.force_login(people.manager)
    body = client.get("/").content.decode()
    assert "Bảng kiểm TQ" in body
    assert "bản nháp" not in body


def test_a_manager_sees_no_figure_of_an_unpublished_visit(client, places, people):
    sheets.submitted(places.counter, people.shopper)
    for role in ("manager", "outlethead", "observer"):
        client.force_login(people.all[role])
        body = client.get("/").content.decode()
        assert "65,0" not in body
        assert people.shopper.shopper_code not in body


def test_the_briefing_of_the_group_is_kept_in_each_language(places, people):
    for turn in range(3):
        published.approved(places.counter, (people.shopper, people.shopper2)[turn % 2], date(2026, 10, 1 + turn), "ny")
    published.closed(date(2026, 10, 1))
    for language, expected in (("vi", "Tiêu chí không có chủ đề"), ("en", "Criteria without a theme")):
        with translation.override(language):
            briefing = homes.group_briefing()
            assert homes.group_briefing() is briefing
        assert [row.name for row in briefing.card.detail.themes] == [expected]


def test_a_manager_counts_the_own_outlets_only(client, people):
    client.force_login(people.manager)
    assert client.get("/").context["own"].outlets == 3
    client.force_login(people.outlethead)
    assert client.get("/").context["own"].outlets == 1


def test_the_head_of_an_outlet_reads_of_that_outlet_and_its_checklist_only(client, people):
    plans.checklist("TQ")
    plans.checklist("DT", "hotline")
    client.cookies["django_language"] = "en"
    client.force_login(people.outlethead)
    page = client.get("/")
    assert "visit this outlet, unannounced" in page.content.decode()
    assert 'class="tiles"' not in page.content.decode()
    assert [each.code for each in page.context["checklists"]] == ["TQ"]
    client.force_login(people.manager)
    page = client.get("/")
    assert "visit 3 outlets here, unannounced" in page.content.decode()
    assert {each.code for each in page.context["checklists"]} == {"TQ", "DT"}


def test_each_number_of_a_sysadmin_leads_to_a_list_of_so_many(client, places, people):
    worlds.staff_member("NV-1", "Đặng Thị Ngọc Ánh", places.counter)
    places.far_counter.unit.closed_on = worlds.TODAY
    places.far_counter.unit.save()
    worlds.user("gone", is_active=False)
    client.force_login(people.sysadmin)
    page = client.get("/").content.decode()
    tiles = re.findall(r'<a class="tile" href="([^"]+)"><b>(\d+)</b>', page)
    lists = [client.get(unescape(href)).context["listing"].total for href, _ in tiles]
    assert (len(tiles), lists) == (4, [int(number) for _, number in tiles])


def test_staff_reads_the_checklist_of_the_own_channel(client, places, people):
    plans.checklist("TQ")
    plans.checklist("DT", "hotline")
    worlds.staff_member("NV-1", "Đặng Thị Ngọc Ánh", places.counter, user=people.staff)
    client.force_login(people.staff)
    assert [each.code for each in client.get("/").context["checklists"]] == ["TQ"]
