from django.core.management.base import BaseCommand
from django.utils import timezone

from audits.checklists import actions as checklists


class Command(BaseCommand):
    help = "Installs the default themes and the four default checklists. What exists is left as it is."

    def handle(self, *args, **options):
        installed = checklists.install_defaults(by=None, at=timezone.now())
        for version in installed:
            self.stdout.write(f"{version.checklist.code}: {version.checklist.name_vi}")
        if not installed:
            self.stdout.write("Nothing to install: every default checklist is there.")
