"""`manage.py demo`: a year of invented visits, ready to look at, on a machine with nothing but Python."""

import sys
import time
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, IntegrityError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from vnpt_smile.demo import guard
from vnpt_smile.demo.accounts import ACCOUNTS, PASSWORD
from vnpt_smile.demo.seed import Seeded, restore_pictures, seed

OLD = timedelta(days=7)
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Command(BaseCommand):
    help = (
        "Lập dữ liệu minh họa rồi chạy máy chủ. Chạy lại không làm thay đổi gì. "
        "Makes the demo and serves it. Running it again changes nothing."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-server", action="store_true", help="only make the demo")
        parser.add_argument("--address", default="127.0.0.1", help="where to serve it (127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="on which port (8000)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("DEMO=0: tài khoản minh họa không đăng nhập được. / The demo's accounts cannot log in.")
        # A console that cannot show Vietnamese must not stop the demo.
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="replace")
        started = time.monotonic()
        self.stdout.write(self.style.MIGRATE_HEADING("Nụ cười VNPT – dữ liệu minh họa · VNPT Smile – the demo"))
        self._say(f"Cơ sở dữ liệu · Database: {connection.settings_dict['NAME']}")
        self._migrate()
        seeded = self._seed()
        self._summary(seeded, time.monotonic() - started)
        if not options["no_server"]:
            self._serve(options["address"], options["port"])

    def _migrate(self) -> None:
        """Brings the tables up to date; a database that is not the demo's is refused before anything is changed."""
        try:
            if guard.has_tables():
                guard.refuse_strangers()
        except guard.Foreign as foreign:
            raise _refused(foreign) from foreign
        except DatabaseError as failure:
            raise CommandError(
                f"Không đọc được cơ sở dữ liệu. / The database cannot be read: {str(failure).strip()}"
            ) from failure
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self._say("Tạo bảng · Creating tables …")
            call_command("migrate", interactive=False, verbosity=0)

    def _seed(self) -> Seeded | None:
        today = timezone.localdate()
        try:
            if not guard.is_seeded():
                self._say("Chưa tới một phút · Less than a minute …")
            seeded = seed(today=today, say=self._say)
        except guard.Foreign as foreign:
            raise _refused(foreign) from foreign
        except (IntegrityError, OperationalError) as failure:
            raise CommandError(
                "Chưa lập được dữ liệu, không có gì thay đổi. Có lẽ một lệnh khác đang chạy; hãy thử lại. / "
                f"The demo was not made, nothing has changed. Is another one running? Try again. ({failure})"
            ) from failure
        if seeded is None:
            restore_pictures()
        return seeded

    def _summary(self, seeded: Seeded | None, seconds: float) -> None:
        if seeded:
            number = f"{seeded.rows['visit']:,}"
            self._say(f"{number.replace(',', '.')} lượt đánh giá · {number} visits")
        else:
            self._say("Đã có sẵn, không thay đổi gì · Already there, nothing changed")
            made_on = guard.seeded_on()
            if made_on and timezone.localdate() - made_on >= OLD:
                self._say(
                    f"Lập ngày {made_on:%d/%m/%Y}. Muốn có lượt của hôm nay: xóa cơ sở dữ liệu này rồi chạy lại. · "
                    f"Made on {made_on:%d/%m/%Y}. For visits of today delete this database and run it again."
                )
        self._say(f"Xong sau {seconds:.0f} giây · Done in {seconds:.0f} seconds")

    def _serve(self, address: str, port: int) -> None:
        names = ", ".join(account.username for account in ACCOUNTS)
        self.stdout.write("")
        self.stdout.write(self.style.SUCCESS(f"  Mở · Open      http://{address}:{port}/"))
        self.stdout.write(f"  Tài khoản · Accounts      {names}")
        self.stdout.write(f"  Mật khẩu · Password      {PASSWORD}")
        self.stdout.write("  Dừng · Stop      Ctrl+C")
        if address not in LOOPBACK:
            self.stdout.write(
                self.style.WARNING(
                    "  Máy khác mở được nếu đặt SECRET_KEY và ALLOWED_HOSTS có tên máy này; "
                    "mật khẩu trên là công khai. · Others reach it if SECRET_KEY is set and "
                    "ALLOWED_HOSTS names this machine; the password above is public."
                )
            )
        self.stdout.write("")
        sys.stdout.flush()
        call_command("runserver", f"{address}:{port}", use_reloader=False, skip_checks=True)

    def _say(self, line: str) -> None:
        self.stdout.write(f"  {line}")
        self.stdout.flush()


def _refused(foreign: guard.Foreign) -> CommandError:
    return CommandError(
        f"Cơ sở dữ liệu này đã có dữ liệu khác ({foreign}). Không có gì thay đổi. "
        "Hãy đặt DATABASE_URL tới một cơ sở dữ liệu trống. / "
        "This database holds something else. Nothing has been changed. Point DATABASE_URL to an empty one."
    )
