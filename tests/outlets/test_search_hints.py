"""The empty search box says what is searched."""

import re

import pytest
from django.apps import apps
from django.urls import reverse

from outlets.columns import Searchable
from tests import worlds

LISTS = {
    "outlets:unit_list": ("sysadmin", "Name or code"),
    "outlets:outlet_list": ("sysadmin", "Name or code"),
    "outlets:staff_list": ("sysadmin", "Name, staff number or outlet"),
    "outlets:account_list": ("sysadmin", "Name, code or user name"),
    "audits:checklist_list": ("editor", "Name or code"),
    "audits:wave_list": ("coordinator", "Name of the wave"),
    "audits:scenario_list": ("coordinator", "Title or service"),
    "audits:shopper_list": ("coordinator", "Code of the shopper"),
    "audits:visit_history": ("shopper", "Outlet, or a unit above it"),
    "audits:received_list": ("office", "Outlet, or a unit above it"),
    "audits:review_list": ("reviewer", "Outlet, or a unit above it"),
    "audits:scorecard_list": ("office", "Name or code"),
}


@pytest.mark.once
def test_all_rows_that_can_be_searched_say_by_what():
    models = [model for model in apps.get_models() if issubclass(model, Searchable)]
    assert [model for model in models if not getattr(model, "search_hint", "")] == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", LISTS)
def test_the_search_box_and_its_label_say_what_is_searched(client, name):
    role, hint = LISTS[name]
    client.cookies["django_language"] = "en"
    client.force_login(worlds.people(worlds.places()).all[role])
    page = client.get(reverse(name)).content.decode()
    assert re.findall(r'name="q"[^>]* placeholder="([^"]*)"', page) == [hint]
    assert re.findall(r'for="q">([^<]*)<', page) == [f"Search: {hint}"]


@pytest.mark.django_db
def test_a_choice_of_a_filter_begins_with_a_capital(client):
    client.cookies["django_language"] = "en"
    client.force_login(worlds.people(worlds.places()).sysadmin)
    page = client.get(reverse("outlets:unit_list"), {"outlets": "only"}).content.decode()
    assert '<option value="only" selected>Outlets only</option>' in page
