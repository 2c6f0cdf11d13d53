"""`manage.py migrate` in tests: the product's, run once for all the SQLite files that tests start from nothing.

Migrating takes ten seconds, and a run of all tests makes a dozen such databases: each run's own, and those of commands
that bring theirs. The first is migrated, the others are copies of it.
"""

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import Any

from django.db import connections

from tests.coordinator import MIGRATED
from vnpt_smile.management.commands import migrate


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        model = os.environ.get(MIGRATED)
        is_new = connection.vendor == "sqlite" and not connection.introspection.table_names()
        if not model or not is_new or options["app_label"]:
            super().handle(*args, **options)
            return
        with Path(f"{model}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # whoever comes second waits until there is something to copy
            if not Path(model).exists():
                super().handle(*args, **options)
                with connection.cursor() as cursor:
                    cursor.execute("VACUUM INTO %s", [model])
                return
        connection.ensure_connection()
        source = sqlite3.connect(model)
        source.backup(connection.connection)
        source.close()
