"""Each role's home: its own page, a constant number of queries, and no figure that is not published."""

import pytest
from django.urls import reverse

from tests import plans, sheets, worlds

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


@pytest.fixture
def places():
    return worlds.places()


@pytest.fixture
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


QUERIES = {"office": 8, "coordinator": 6, "reviewer": 5, "manager": 6, "editor": 4, "staff": 5, "sysadmin": 8}


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


def test_a_manager_sees_no_figure_of_an_unpublished_visit(client, places, people):
    sheets.submitted(places.counter, people.shopper)
    for role in ("manager", "outlethead", "observer"):
        client.force_login(people.all[role])
        body = client.get("/").content.decode()
        assert "65,0" not in body
        assert people.shopper.shopper_code not in body


def test_a_manager_counts_the_own_outlets_only(client, people):
    client.force_login(people.manager)
    assert client.get("/").context["own"].outlets == 3
    client.force_login(people.outlethead)
    assert client.get("/").context["own"].outlets == 1


def test_staff_reads_the_checklist_of_the_own_channel(client, places, people):
    plans.checklist("TQ")
    plans.checklist("DT", "hotline")
    worlds.staff_member("NV-1", "Đặng Thị Ngọc Ánh", places.counter, user=people.staff)
    client.force_login(people.staff)
    assert [each.code for each in client.get("/").context["checklists"]] == ["TQ"]
