from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from audits.review import screening


class Command(BaseCommand):
    """Catches up with what was submitted while screening failed, and with visits from before there was any."""

    help = "Looks over every visit that waits and has not been screened yet; safe to run at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        screened = screening.screen_waiting(at=timezone.now())
        self.stdout.write(f"{screened} visits screened.")
