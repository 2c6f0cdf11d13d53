from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from outlets.organisation import provinces, reference
from outlets.people import job_roles


class Command(BaseCommand):
    help = "Adds the provinces, unit types and job roles that the product brings. Running it again changes nothing."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        installed = provinces.install()
        self.stdout.write(
            f"Provinces: {installed.added} added, {installed.updated} updated. "
            f"Unit types: {reference.install()} added. Job roles: {job_roles.install()} added."
        )
