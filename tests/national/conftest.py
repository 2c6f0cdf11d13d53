"""A small country, made once for all tests of a module and taken back after them."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction

from vnpt_smile.national.scale import Scale
from vnpt_smile.national.seed import seed

SMALL = Scale(
    last=date(2026, 10, 1), months=3, provinces=2, units=24, outlets=24, visits=3 * 24 * 3, patterns=25, seed=7
)


@pytest.fixture(scope="module")
def country_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scale]:
    """Two provinces of three former ones each, three months with the merger before the second."""
    with django_db_blocker.unblock(), transaction.atomic():
        list(seed(SMALL))
        connection.check_constraints()  # now, or PostgreSQL does it again at the end of every test
        yield SMALL
        transaction.set_rollback(True)


@pytest.fixture
def country(country_world: Scale, db: None) -> Scale:
    """That country; what a test changes is taken back."""
    return country_world
