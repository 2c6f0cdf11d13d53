"""`manage.py bench`: what the product costs beside the least that it could cost."""

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from audits.results import months
from audits.results.whatif.views import LENGTHS
from vnpt_smile.bench import closing, country, export, form, growth, scorecard, whatif
from vnpt_smile.bench.measuring import ROUNDS, Amount, Ratio, machine, own_database, with_floors
from vnpt_smile.national.scale import Scale

SIZES = ("months", "provinces", "units", "outlets", "visits", "patterns")


class Command(BaseCommand):
    help = "Measures ratios in one run, in a database of its own: it never touches yours. Not for a busy machine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        rounds = "measured so often each; default %(default)s"
        phone = what.add_parser("form", help="pages, sync, submitting and photos of the phone form")
        phone.add_argument("--rounds", type=int, default=ROUNDS, help=rounds)
        other = what.add_parser("whatif", help="visits scored under another version")
        other.add_argument("--visits", type=int, default=100_000, help="default %(default)s")
        of_demo = "instead: so many months of the demo, as its editor asks for them; default %(const)s"
        other.add_argument("--demo", type=int, nargs="?", const=whatif.MONTHS, choices=LENGTHS, help=of_demo)
        for name, meaning in {
            "scorecard": "scorecards of the whole country beside an empty page, and beside asking the answers",
            "export": "files of all outlets month by month, and printing a scorecard",
            "close": "closing a month of the whole country, other pages meanwhile, and counting all again",
            "growth": "scorecards over many visits beside the same over few",
        }.items():
            national = what.add_parser(name, help=meaning)
            for size in SIZES:
                national.add_argument(f"--{size}", type=int, default=getattr(Scale, size), help="default %(default)s")
            if name == "close":
                seconds = "that other pages are measured before; default %(default)s"
                national.add_argument("--seconds", type=float, default=closing.BEFORE_SECONDS, help=seconds)
                national.add_argument("--processes", type=int, default=2, help="that count again; default %(default)s")
            elif name != "export":
                national.add_argument("--rounds", type=int, default=ROUNDS, help=rounds)
            national.add_argument(
                "--here",
                action="store_true",
                help="measure in the database in use, which seed_national has filled; close closes its open month",
            )

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, f"_{options['what']}")(options)

    def _form(self, options: dict[str, Any]) -> None:
        with own_database():
            self.stdout.write(f"{connection.vendor}: milliseconds, medians of rounds that take turns\n")
            world = form.build()
            self._tell(form.figures(world, options["rounds"]))
            for clients in (1, 4):
                rate = form.requests_a_second(world, clients, 4 * options["rounds"])
                self.stdout.write(f"section pages a second, one process, {clients} at once: {rate:.0f}")

    def _whatif(self, options: dict[str, Any]) -> None:
        with own_database():
            if options["demo"]:
                self.stdout.write(machine())
                self._tell(whatif.of_demo(options["demo"]))
                return
            taken = whatif.run(options["visits"])
            self.stdout.write(
                f"{connection.vendor}: {taken.visits} visits scored under another version in {taken.seconds:.1f} s "
                f"with {taken.megabytes:.0f} MB more"
            )

    def _scorecard(self, options: dict[str, Any]) -> None:
        with self._country(_scale(options), options["here"]):
            self._tell(scorecard.figures(options["rounds"]))

    def _export(self, options: dict[str, Any]) -> None:
        with self._country(_scale(options), options["here"]):
            self._tell(export.figures())

    def _close(self, options: dict[str, Any]) -> None:
        with self._country(replace(_scale(options), leaves_open=True), options["here"]):
            self._tell(closing.figures(options["processes"], options["seconds"]))

    def _growth(self, options: dict[str, Any]) -> None:
        scale = _scale(options)
        with self._country(growth.few(scale), is_here=False):
            small = growth.pages(options["rounds"])
        with self._country(scale, options["here"]):
            self._tell(growth.figures(small, growth.pages(options["rounds"]), scale))

    @contextmanager
    def _country(self, scale: Scale, is_here: bool) -> Iterator[None]:
        """The national data set: built for this run in a database of its own, or the one in use."""
        with nullcontext() if is_here else own_database(), with_floors():
            if is_here and not country.is_there():
                raise CommandError("This database was not filled by seed_national.")
            if not is_here:
                country.build(scale)
            self.stdout.write(f"{machine()}; {country.counted()}")
            yield

    def _tell(self, figures: Iterable[Ratio | Amount]) -> None:
        for figure in figures:
            self.stdout.write(str(figure))
            self.stdout.flush()


def _scale(options: dict[str, Any]) -> Scale:
    last = months.later(months.month_of(timezone.localdate()), -1)
    try:
        return Scale(last=last, **{size: options[size] for size in SIZES})
    except ValueError as wrong:
        raise CommandError(str(wrong)) from wrong
