"""The places, people and wave that planning is tested on, and a coordinator at a desk."""

import pytest
from django.conf import settings

from tests import plans, worlds
from tests.kept import kept


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


@pytest.fixture
def wave(at):
    """A wave over the whole group, in November 2026, without visits."""
    return plans.wave(at.group)


@pytest.fixture
def desk(client, people, monkeypatch):
    """A browser with the coordinator signed in, in English, at worlds.NOW."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: worlds.NOW)
    client.force_login(people.coordinator)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client
