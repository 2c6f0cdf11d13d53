from django.core.management.base import BaseCommand
from django.utils import timezone

from audits.checklists.publishing import actions as publishing


class Command(BaseCommand):
    help = "Publish every approved checklist version whose day has come. Run it daily; again changes nothing."

    def handle(self, *args, **options):
        published = publishing.take_effect(at=timezone.now())
        for version in published:
            self.stdout.write(f"{version.checklist.code} version {version.number} runs now.")
        if not published:
            self.stdout.write("Nothing is due.")
