"""Servers with a named point, and a visit that has begun on somebody's phone."""

import contextlib

import pytest
from django.db import connection
from django.utils import timezone

from outlets.models import Role
from tests import sheets, worlds
from tests.databases import url_of
from tests.faults import failpoints
from tests.faults.phones import drawn_photo
from tests.processes import gunicorn


@pytest.fixture
def armed(tmp_path):
    """The file that lets the point act while it exists."""
    return tmp_path / "armed"


@pytest.fixture
def serve(transactional_db, media_root, tmp_path, armed):
    """A server with a point in its workers."""
    with contextlib.ExitStack() as stack:

        def start(point):
            env = {"DATABASE_URL": url_of(connection.settings_dict), "MEDIA_ROOT": str(media_root)}
            env |= {failpoints.VARIABLE: f"{point}:{armed}"}
            log = tmp_path / "server.log"
            return stack.enter_context(
                gunicorn("tests.faults.warm_app:application", log=log, env=env, workers=1, preload=True)
            )

        yield start


@pytest.fixture
def shopper(transactional_db):
    return worlds.user("shopper", Role.SHOPPER)


@pytest.fixture
def visit(shopper):
    return sheets.started(worlds.places().counter, shopper, at=timezone.now())


@pytest.fixture
def photo():
    return drawn_photo(1)
