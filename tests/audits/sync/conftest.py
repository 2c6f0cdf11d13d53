"""A visit that has begun, and the phone of its shopper."""

import pytest
from django.test import Client

from tests import sheets, worlds
from tests.kept import kept
from tests.worlds import NOW


@kept
def places():
    return worlds.places()


@kept
def people(places):
    return worlds.people(places)


@pytest.fixture
def visit(places, people, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    return sheets.started(places.counter, people.shopper)


@pytest.fixture
def phone(people):
    client = Client()
    client.force_login(people.shopper)
    return client
