"""`manage.py migrate` on PostgreSQL."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import pre_migrate

pytestmark = pytest.mark.django_db
NAMES = ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout")


def limits():
    found = []
    with connection.cursor() as cursor:
        for name in NAMES:
            cursor.execute(f"SHOW {name}")
            found.append(cursor.fetchone()[0])
    return found


def test_migrate_has_the_time_it_needs_and_pages_keep_their_limits(database):
    if database != "postgresql":
        pytest.skip("SQLite has no such limits")
    seen = []

    def look(**_facts):
        seen.append(limits())

    pre_migrate.connect(look)
    try:
        call_command("migrate", verbosity=0)
    finally:
        pre_migrate.disconnect(look)
    assert seen[0] == ["0", "0", "10s"]
    assert limits() == ["30s", "1min", "10s"]
