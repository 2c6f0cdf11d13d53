"""A small demo, made once for all tests of a module and taken back after them."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction

from vnpt_smile.demo.scale import SMALL
from vnpt_smile.demo.seed import Seeded, seed


@pytest.fixture(scope="module")
def demo_day() -> date:
    """A Thursday in the middle of a month."""
    return date(2026, 11, 12)


@pytest.fixture(scope="module")
def demo_media(tmp_path_factory: Any) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo_world(django_db_setup: None, django_db_blocker: Any, demo_media: Path, demo_day: date) -> Iterator[Seeded]:
    """The demo at its smallest: every unit and account, few outlets, two months and the running one."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr(settings, "MEDIA_ROOT", demo_media)
        made = seed(today=demo_day, scale=SMALL)
        connection.check_constraints()  # now, or PostgreSQL does it again at the end of every test
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def demo(demo_world: Seeded, db: None, settings: Any, demo_media: Path) -> Seeded:
    """That demo in demo mode; what a test changes is taken back."""
    settings.DEMO = True
    settings.MEDIA_ROOT = demo_media
    return demo_world
