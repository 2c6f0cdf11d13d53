"""`manage.py bench`: what the phone form costs beside the least that it could cost, and what a what-if takes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from vnpt_smile import bench, bench_whatif


class Command(BaseCommand):
    help = "Measures ratios in one run, in a database of its own: it never touches yours. Not for a busy machine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "what",
            choices=["form", "whatif"],
            help="form: pages, sync, submitting and photos of the phone form; whatif: visits under another version",
        )
        parser.add_argument("--visits", type=int, default=100_000, help="of a what-if; default %(default)s")
        how_often = "measured so often each; default %(default)s"
        parser.add_argument("--rounds", type=int, default=bench.ROUNDS, help=how_often)

    def handle(self, *args: Any, **options: Any) -> None:
        with bench.own_database():
            if options["what"] == "whatif":
                taken = bench_whatif.run(options["visits"])
                self.stdout.write(
                    f"{connection.vendor}: {taken.visits} visits scored under another version in {taken.seconds:.1f} s "
                    f"with {taken.megabytes:.0f} MB more"
                )
                return
            self.stdout.write(f"{connection.vendor}: milliseconds, medians of rounds that take turns\n")
            world = bench.build()
            for ratio in bench.form(world, options["rounds"]):
                verdict = "" if ratio.times <= ratio.at_most else "  missed"
                self.stdout.write(
                    f"{ratio.what:<74} {ratio.ours:8.2f} / {ratio.floor:8.2f} = {ratio.times:5.2f}"
                    f"  (at most {ratio.at_most:g}){verdict}"
                )
            for clients in (1, 4):
                rate = bench.requests_a_second(world, clients, 4 * options["rounds"])
                self.stdout.write(f"section pages a second, one process, {clients} at once: {rate:.0f}")
