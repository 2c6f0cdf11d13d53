from django.core.management.base import BaseCommand, CommandError

from audits.results import months
from audits.results.models import Period
from audits.results.recount import Recount, of_periods

SHOWN = 50


class Command(BaseCommand):
    help = "Counts the figures of closed months again from the answers. Exits with 1 when a stored figure differs."

    def add_arguments(self, parser):
        parser.add_argument("months", nargs="*", help="only these months, as 2026-10")
        parser.add_argument("--processes", type=int, default=1, help="months that are counted at once (1)")

    def handle(self, *args, **options):
        periods = list(Period.objects.order_by("month"))
        if options["months"]:
            known = {months.written(period.month): period for period in periods}
            if unknown := [month for month in options["months"] if month not in known]:
                raise CommandError(f"Not closed: {', '.join(unknown)}. Closed: {', '.join(known) or 'none'}.")
            periods = [known[month] for month in options["months"]]
        count, drifts = Recount(), 0
        for drift in of_periods(periods, count, processes=options["processes"]):
            drifts += 1
            if drifts <= SHOWN:
                self.stdout.write(f"{drift.period} {drift.what}: stored {drift.stored}, counted {drift.counted}")
        self.stdout.write(f"{count.visits} visits and {count.rows} figures counted again: {drifts} drift")
        if drifts:
            raise SystemExit(1)
