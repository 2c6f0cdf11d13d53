"""A submitted visit, and the two reviewers who meet over it."""

from types import SimpleNamespace

import pytest

from outlets.models import Role
from tests import sheets, worlds
from tests.kept import kept


@kept
def crew():
    """The places, a shopper and two reviewers."""
    places = worlds.places()
    named = ("shopper", Role.SHOPPER), ("reviewer", Role.REVIEWER), ("colleague", Role.REVIEWER)
    return SimpleNamespace(places=places, **{name: worlds.user(name, role) for name, role in named})


@pytest.fixture
def places(crew):
    return crew.places


@pytest.fixture
def shopper(crew):
    return crew.shopper


@pytest.fixture
def reviewer(crew):
    return crew.reviewer


@pytest.fixture
def colleague(crew):
    return crew.colleague


@kept
def visit(crew):
    return sheets.submitted(crew.places.counter, crew.shopper)
