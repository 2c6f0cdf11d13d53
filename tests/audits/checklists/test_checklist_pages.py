"""Reading checklists: open to every employee, closed to shoppers; history for those who edit and decide."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localdate

from audits.checklists import actions as checklists
from audits.checklists.outline import forget
from audits.models import Checklist
from outlets.models import Role
from tests import pages, plans, sheets, worlds
from tests.worlds import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    client.force_login(worlds.user("staff", Role.STAFF))
    return client


@pytest.fixture
def counter(db):
    checklists.install_defaults(by=None, at=NOW)
    return Checklist.objects.get(code="TQ")


def detail(checklist):
    return reverse("audits:checklist_detail", kwargs={"checklist_id": checklist.public_id})


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_the_same_queries_for_any_number(staff, count, django_assert_num_queries):
    for code in ("TQ", "DT", "KT")[:count]:
        plans.checklist(code)
    with django_assert_num_queries(5):
        response = staff.get(reverse("audits:checklist_list"))
    assert response.context["listing"].total == count


def test_list_is_searched_without_diacritics(staff, counter):
    found = staff.get(reverse("audits:checklist_list"), {"q": "quay giao dich"}).context["listing"]
    assert list(found.page) == [counter]


def test_detail_reads_every_criterion_with_its_rules(staff, counter):
    body = staff.get(detail(counter)).content.decode()
    assert "Giao dịch viên chủ động chào trước khi khách lên tiếng" in body
    assert body.count('class="read-criterion"') == 35


def test_detail_says_kinds_rules_and_results_in_words(staff, counter):
    staff.cookies["django_language"] = "en"
    reading = staff.get(detail(counter)).context["reading"]
    shown = {each.criterion.short_code: each for section in reading.sections for each in section.readings}
    waiting, greeter = shown["C3"], shown["C1"]
    assert waiting.criterion.text == "Waiting time from ticket (or entry) to service start (minutes)"
    assert (waiting.kind, waiting.share, waiting.theme) == ("Measured number", 6, "Access and waiting")
    assert waiting.results == ("up to 5 minutes: 100%", "up to 10 minutes: 70%", "up to 15 minutes: 40%", "more: 0%")
    assert greeter.rules == ("Note required when not met", "“Not applicable” is possible")
    assert (reading.scored, reading.critical, reading.photos) == (32, 5, 6)


def test_detail_prints_the_version_s_own_grades(staff, counter):
    staff.cookies["django_language"] = "en"
    assert staff.get(detail(counter)).context["reading"].grades == (
        ("Excellent", "from 90%"),
        ("Good", "from 80%"),
        ("Fair", "from 65%"),
        ("To improve", "from 50%"),
        ("Needs support", "below 50%"),
    )


@pytest.mark.parametrize("criteria", ["two", "thirty-five"])
def test_detail_takes_the_same_queries_for_any_size(staff, criteria, django_assert_num_queries):
    if criteria == "two":
        checklist = plans.checklist("TQ")
    else:
        checklists.install_defaults(by=None, at=NOW)
        checklist = Checklist.objects.get(code="TQ")
    forget()
    with django_assert_num_queries(10):
        assert staff.get(detail(checklist)).status_code == 200


def test_a_checklist_that_does_not_run_is_history(client):
    running, draft = plans.checklist("TQ"), plans.checklist("DT", is_running=False)
    client.force_login(worlds.user("staff", Role.STAFF))
    assert client.get(detail(draft)).status_code == 404
    assert list(client.get(reverse("audits:checklist_list")).context["listing"].page) == [running]
    client.force_login(worlds.user("editor", Role.EDITOR))
    assert '<div class="empty' in client.get(detail(draft)).content.decode()
    assert set(client.get(reverse("audits:checklist_list")).context["listing"].page) == {running, draft}


@pytest.mark.parametrize(
    ("sort", "codes"),
    [
        ("name", ["DT", "KT", "TQ"]),
        ("criteria", ["KT", "TQ", "DT"]),
        ("since", ["KT", "TQ", "DT"]),
        ("-since", ["DT", "TQ", "KT"]),
        ("-version", ["DT", "TQ", "KT"]),
    ],
)
def test_list_is_sorted_alike_on_both_databases(client, sort, codes):
    plans.checklist("TQ")
    plans.checklist("KT", is_running=False)
    first = sheets.every_kind("DT").versions.get()
    checklists.publish(version=checklists.draft_from(version=first, by=None, at=NOW), by=None, at=NOW)
    client.force_login(worlds.user("editor", Role.EDITOR))
    found = client.get(reverse("audits:checklist_list"), {"sort": sort}).context["listing"]
    assert [row.code for row in found.page] == codes


def test_a_missing_checklist_is_404(staff):
    assert staff.get(reverse("audits:checklist_detail", kwargs={"checklist_id": uuid4()})).status_code == 404


def test_shoppers_are_refused(client, counter):
    client.force_login(worlds.user("shopper", Role.SHOPPER))
    assert client.get(detail(counter)).status_code == 403
    assert client.get(reverse("audits:checklist_list")).status_code == 403


@pytest.mark.parametrize(("role", "status"), [(Role.EDITOR, 200), (Role.OFFICE, 200), (Role.STAFF, 403)])
def test_drafts_and_retired_versions_are_for_editor_and_office(client, role, status):
    running = sheets.every_kind().versions.get()
    draft = checklists.draft_from(version=running, by=None, at=NOW)
    client.force_login(worlds.user("reader", role))
    page = client.get(reverse("audits:version_detail", kwargs={"version_id": draft.public_id}))
    assert page.status_code == status


@pytest.mark.parametrize("count", [1, 3])
def test_history_takes_the_same_queries_for_any_number(client, count, django_assert_num_queries):
    checklist = sheets.every_kind()
    for _ in range(count - 1):
        checklists.draft_from(version=checklist.versions.get(number=1), by=None, at=NOW)
    client.force_login(worlds.user("editor", Role.EDITOR))
    forget()
    with django_assert_num_queries(12):
        versions = client.get(detail(checklist)).context["versions"]
    assert [version.number for version in versions] == list(range(count, 0, -1))


def test_the_page_of_what_runs_says_how_to_change_it(client, counter):
    running = counter.versions.get()
    client.force_login(worlds.user("editor", Role.EDITOR))
    assert "Sửa: tạo bản nháp mới" in client.get(detail(counter)).content.decode()
    draft = checklists.draft_from(version=running, by=None, at=NOW)
    body = client.get(detail(counter)).content.decode()
    assert reverse("audits:draft_edit", args=[draft.public_id]) in body
    assert "Sửa tiếp bản nháp 2" in body
    assert "Tạo thêm bản nháp" in body
    client.force_login(worlds.user("office", Role.OFFICE))
    assert reverse("audits:draft_create", args=[running.public_id]) not in client.get(detail(counter)).content.decode()


def test_the_list_of_versions_says_when_each_began_and_ended(client):
    running = plans.checklist("TQ").versions.get()  # published 60 days before
    retired_at = NOW + timedelta(days=3)
    second = checklists.draft_from(version=running, by=None, at=NOW)
    checklists.publish(version=second, by=None, at=retired_at)
    client.force_login(worlds.user("editor", Role.EDITOR))
    shown = pages.words(client.get(detail(running.checklist))).partition("Các bản")[2]
    began, ended = (date_format(localdate(at)) for at in (NOW - timedelta(days=60), retired_at))
    assert f"Bản 2Đang dùng, công bố {ended}" in shown
    assert f"Bản 1Đã ngừng dùng {ended}, công bố {began}" in shown


def test_from_a_checklist_of_which_nothing_runs_a_way_leads_back(client, counter):
    second = checklists.draft_from(version=counter.versions.get(), by=None, at=NOW)
    checklists.publish(version=second, by=None, at=NOW)
    checklists.retire(version=second, by=None, at=NOW)
    way, home, listed = reverse("audits:draft_create", args=[second.public_id]), "/", reverse("audits:checklist_list")
    client.force_login(worlds.user("editor", Role.EDITOR))
    for address in (detail(counter), listed, home):
        shown = client.get(address)
        assert way in shown.content.decode(), address
        assert "Bản nháp mới từ bản 2" in pages.words(shown), address
    assert reverse("audits:version_detail", args=[second.public_id]) in client.get(detail(counter)).content.decode()
    assert "3 bộ tiêu chí đang dùng" in pages.words(client.get(home))
    draft = checklists.draft_from(version=second, by=None, at=NOW)
    for address in (detail(counter), listed, home):
        assert reverse("audits:draft_edit", args=[draft.public_id]) in client.get(address).content.decode(), address
    client.force_login(worlds.user("office", Role.OFFICE))
    assert client.get(detail(counter)).status_code == 200
    assert way not in client.get(listed).content.decode()


def test_history_is_not_shown_to_others(staff):
    assert "versions" not in staff.get(detail(sheets.every_kind())).context


def test_a_missing_version_is_404(client):
    client.force_login(worlds.user("editor", Role.EDITOR))
    assert client.get(reverse("audits:version_detail", kwargs={"version_id": uuid4()})).status_code == 404
