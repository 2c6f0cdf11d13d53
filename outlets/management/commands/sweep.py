"""`manage.py sweep`: removes what is kept for a while only. To be run once a day."""

from datetime import timedelta
from importlib import import_module

from axes.models import AccessAttempt
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from outlets.people import held


class Command(BaseCommand):
    help = "Removes kept forms after 7 days, ended sessions, and failed log-ins after a day."

    def handle(self, *args, **options):
        """Three deletions; each may be repeated at any time."""
        at = timezone.now()
        forms = held.sweep(at=at)
        import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
        attempts, _ = AccessAttempt.objects.filter(attempt_time__lt=at - timedelta(days=1)).delete()
        self.stdout.write(f"Removed {forms} kept forms and {attempts} failed log-ins; ended sessions are gone.")
