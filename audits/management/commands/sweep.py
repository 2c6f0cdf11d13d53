"""`manage.py sweep`: removes what is kept for a while only. To be run once a day."""

from datetime import timedelta
from importlib import import_module
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audits import media
from audits.fieldwork.arrival import actions as arrival
from audits.fieldwork.sync import actions as sync
from audits.results.exports import making
from outlets.people import held


class Command(BaseCommand):
    help = (
        "Removes kept forms after 7 days, ended sessions, after an hour files of figures that nobody fetched, after a "
        "day failed log-ins and files of no photo, after 30 days the ids of photos taken back, and after 90 days the "
        "points of places."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Seven deletions; each may be repeated at any time."""
        at = timezone.now()
        forms = held.sweep(at=at)
        import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
        attempts, _ = AccessAttempt.objects.filter(attempt_time__lt=at - timedelta(days=1)).delete()
        self.stdout.write(f"Removed {forms} kept forms and {attempts} failed log-ins; ended sessions are gone.")
        self.stdout.write(f"Forgot {arrival.forget_places(at=at)} points of places; how far they were stays.")
        self.stdout.write(f"Forgot {sync.forget_taken_back(at=at)} ids of photos taken back before they came.")
        self.stdout.write(f"Removed {making.sweep(at=at)} files of figures that nobody fetched.")
        try:
            files = media.sweep(at=at)
        except media.ForeignFolder:
            raise CommandError(
                f"Most photos in {settings.MEDIA_ROOT} are unknown to the database, so no file was removed. "
                "Do MEDIA_ROOT and DATABASE_URL belong together?"
            ) from None
        self.stdout.write(f"Removed {files} files of no photo.")
