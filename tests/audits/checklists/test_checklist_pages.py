"""Reading checklists: open to every employee, closed to shoppers; history for those who edit and decide."""

from uuid import uuid4

import pytest
from django.urls import reverse

from audits.checklists import actions as checklists
from audits.checklists.outline import forget
from audits.models import Checklist, ChecklistVersion
from outlets.models import Role
from tests import plans, sheets, worlds
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


def test_detail_speaks_english(staff, counter):
    staff.cookies["django_language"] = "en"
    body = staff.get(detail(counter)).content.decode()
    assert "Teller greets first" in body
    assert "up to 5 minutes: 100%" in body


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


def test_a_checklist_without_a_running_version_says_so(staff):
    checklist = plans.checklist("TQ", is_running=False)
    assert '<div class="empty' in staff.get(detail(checklist)).content.decode()


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


def test_history_is_shown_to_those_who_may_read_it(client):
    checklist = sheets.every_kind()
    client.force_login(worlds.user("editor", Role.EDITOR))
    assert client.get(detail(checklist)).context["versions"].count() == ChecklistVersion.objects.count()
    client.force_login(worlds.user("staff", Role.STAFF))
    assert "versions" not in client.get(detail(checklist)).context
