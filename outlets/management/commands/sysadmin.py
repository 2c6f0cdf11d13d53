"""`manage.py sysadmin USERNAME "Full name"`: the first account, and the way back in when every other one is lost."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from outlets.people import actions as accounts
from outlets.people.models import Role, User


class Command(BaseCommand):
    help = "Makes USERNAME a system administrator and prints a one-time link to set the password."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("full_name", nargs="?", default="", help="for a new account")

    @transaction.atomic
    def handle(self, *args, username, full_name, **options):
        """Creates or enables the account, gives the role if it is not held, and prints the link's address."""
        at = timezone.now()
        try:
            user = User.objects.filter(username=User.normalize_username(username)).first()
            if user is None:
                if not full_name:
                    raise CommandError("A new account needs the person's full name as well.")
                user = accounts.create_employee(username=username, full_name=full_name, by=None, at=at)
            if not user.is_active:
                accounts.enable(user=user, by=None, at=at)
            if not user.memberships.current().filter(role=Role.SYSADMIN).exists():
                accounts.grant(user=user, role=Role.SYSADMIN, unit=None, by=None, at=at)
            link = accounts.make_link(user=user, by=None, at=at)
        except accounts.AccountRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(reverse("outlets:password_set", args=[user.public_id, link.token]))
