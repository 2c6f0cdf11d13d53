from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audits.results import actions as results
from audits.results import months


class Command(BaseCommand):
    help = "Closes and publishes a month, as the office does on the closing page."

    def add_arguments(self, parser):
        parser.add_argument("month", help="the month, as 2026-10")

    def handle(self, *args, month, **options):
        try:
            first = months.parse(month)
        except ValueError as unreadable:
            raise CommandError(f"“{month}” is not a month. Write it as 2026-10.") from unreadable
        try:
            closed = results.close_month(month=first, by=None, at=timezone.now())
        except results.MonthNotOver as refused:
            raise CommandError(f"{month} is not over yet. Nothing has been changed.") from refused
        except results.AlreadyClosed as refused:
            at = timezone.localtime(refused.period.closed_at)
            raise CommandError(f"{month} was closed on {at:%d/%m/%Y at %H:%M}. Nothing has been changed.") from refused
        except results.NotTheNextMonth as refused:
            expected = f"The next one is {refused.expected:%Y-%m}." if refused.expected else "Nothing is approved yet."
            raise CommandError(f"{month} is not the next month. {expected} Nothing has been changed.") from refused
        self.stdout.write(
            f"{month} is closed: {closed.visits} visits in {closed.blocks} blocks published, "
            f"{closed.late} of them late. Waiting for their block: {closed.waiting}."
        )
