"""A visit that has begun, and the phone of its shopper."""

import pytest
from django.utils import timezone

from tests import sheets, worlds
from tests.browser.phones import PHONE, log_in


@pytest.fixture
def people(transactional_db):
    places = worlds.places()
    return worlds.people(places)


@pytest.fixture
def visit(people):
    counter = worlds.Outlet.objects.get(unit__code="AGG-LX-01")
    at = timezone.now()
    return sheets.started(counter, people.shopper, at=max(at, sheets.NOW))


@pytest.fixture
def phone(chromium, live_server, people):
    """A phone of the shopper's: a browser context, logged in."""
    contexts = []

    def opened(user=people.shopper):
        context = chromium.new_context(viewport=PHONE, locale="vi-VN", base_url=live_server.url)
        contexts.append(context)
        context.set_default_timeout(10_000)
        log_in(context, user, live_server.url)
        return context

    yield opened
    for context in contexts:
        context.close()
