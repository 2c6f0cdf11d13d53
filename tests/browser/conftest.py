"""A visit that has begun, and the phone of its shopper."""

import time
from contextlib import suppress

import pytest
from django.db import connection
from django.utils import timezone

from tests import sheets, worlds
from tests.browser.phones import PHONE, Error, expect, log_in

expect.set_options(timeout=15_000)  # as long as a machine with other work may take for a page


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
        for page in context.pages:
            with suppress(Error):
                page.goto("about:blank")  # closed while a page is on its way, the browser sometimes never answers
        context.close()
    _wait_for_the_server()


def _wait_for_the_server() -> None:
    """Until nothing that a closed browser had asked for is being done: emptying the tables would meet it."""
    if connection.vendor != "postgresql":
        return
    for _ in range(100):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.1)
