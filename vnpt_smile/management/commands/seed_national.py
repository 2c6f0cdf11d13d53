"""`manage.py seed_national`: the whole country with years of published visits, to measure and to try large figures."""

import time
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from audits.results import months
from vnpt_smile.national.people import OFFICE
from vnpt_smile.national.scale import Scale
from vnpt_smile.national.seed import NotEmpty, Progress, seed

WIDTH = 30  # of the bar, in characters
SIZES = {
    "months": "closed months",
    "provinces": "provinces of today, those that were made of most first",
    "units": "units of today that are no outlets",
    "outlets": "outlets, over the four channels",
    "visits": "visits in all; an outlet is visited at least three times in a month or not at all",
    "patterns": "different visits for each version of a checklist, from which all are drawn",
    "seed": "the same number makes the same data",
}


class Command(BaseCommand):
    help = (
        "Fills an empty database with the whole country: years of published visits, without photos and without "
        "anybody's password. Not the demo: for measuring. A run that was broken off leaves a database to be dropped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name, meaning in SIZES.items():
            default = getattr(Scale, name)
            parser.add_argument(f"--{name}", type=int, default=default, help=f"{meaning}; default %(default)s")
        parser.add_argument("--last", help="the last month, as 2026-10; default the month before this one")
        parser.add_argument(
            "--leave-open", action="store_true", help="approve the visits of the last month and do not close it"
        )
        parser.add_argument("--processes", type=int, help="that write at once; default 2, on SQLite 1")

    def handle(self, *args: Any, **options: Any) -> None:
        is_sqlite = connection.vendor == "sqlite"
        processes = options["processes"] or (1 if is_sqlite else 2)
        if is_sqlite and processes > 1:
            raise CommandError("SQLite lets one process write at a time.")
        begun = time.monotonic()
        try:
            sizes = {name: options[name] for name in SIZES}
            scale = Scale(last=_last(options["last"]), leaves_open=options["leave_open"], **sizes)
            for progress in seed(scale, processes=processes):
                self._show(progress, time.monotonic() - begun)
        except NotEmpty as found:
            raise CommandError(
                f"This database holds {found} already. Nothing has been changed. "
                "Point DATABASE_URL to an empty one that has been migrated."
            ) from found
        except ValueError as wrong:
            raise CommandError(str(wrong)) from wrong
        self.stdout.write(
            f"\nDone. `manage.py sysadmin` makes an administrator, who makes a one-time link for {OFFICE}, "
            "the account that reads every scorecard."
        )

    def _show(self, progress: Progress, seconds: float) -> None:
        """On a terminal one bar that grows, elsewhere a line a month."""
        done = WIDTH * progress.months // progress.of
        begin, end = ("\r", "") if self.stdout.isatty() else ("", "\n")
        self.stdout.write(
            f"{begin}[{'#' * done}{'.' * (WIDTH - done)}] {progress.months} of {progress.of} months, "
            f"{progress.visits:,} visits, {progress.answers:,} answers, {seconds // 60:.0f}:{seconds % 60:02.0f}",
            ending=end,
        )
        self.stdout.flush()


def _last(written: str | None) -> date:
    """Raises ValueError for what is no month, and for one that is not over."""
    before = months.later(months.month_of(timezone.localdate()), -1)
    last = months.parse(written) if written else before
    if last > before:
        raise ValueError("the last month must be over")
    return last
