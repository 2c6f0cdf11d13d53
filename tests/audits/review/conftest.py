"""A submitted visit, and the two reviewers who meet over it."""

import pytest

from outlets.models import Role
from tests import sheets, worlds


@pytest.fixture
def places(db):
    return worlds.places()


@pytest.fixture
def shopper(places):
    return worlds.user("shopper", Role.SHOPPER)


@pytest.fixture
def reviewer(places):
    return worlds.user("reviewer", Role.REVIEWER)


@pytest.fixture
def colleague(places):
    return worlds.user("colleague", Role.REVIEWER)


@pytest.fixture
def visit(places, shopper):
    return sheets.submitted(places.counter, shopper)
