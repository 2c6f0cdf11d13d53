"""The places, people and wave that planning is tested on."""

import pytest

from tests import plans, worlds


@pytest.fixture
def at(db):
    return worlds.places()


@pytest.fixture
def people(at):
    return worlds.people(at)


@pytest.fixture
def wave(at):
    """A wave over the whole group, in November 2026, without visits."""
    return plans.wave(at.group)
