"""`manage.py migrate`: Django's own, without the time limits that protect pages."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

# A lock is still not waited for longer than 10 seconds: who waits for one holds up everybody behind.
LIFTED = ("statement_timeout", "idle_in_transaction_session_timeout")


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """On PostgreSQL a statement takes as long as a large table needs; a limit would undo the migration midway."""
        connection = connections[options["database"]]
        lifted = LIFTED if connection.vendor == "postgresql" else ()
        for name in lifted:
            with connection.cursor() as cursor:
                cursor.execute(f"SET {name} = 0")
        super().handle(*args, **options)
        for name in lifted:
            with connection.cursor() as cursor:
                cursor.execute(f"RESET {name}")
