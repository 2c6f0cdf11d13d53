"""The accounts of the demo. They log in only where DEMO is on, and the login page then lists them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from outlets.people.models import Role

PASSWORD = "smile-demo"  # noqa: S105 - public on purpose


@dataclass(frozen=True)
class Account:
    username: str
    role: Role
    says: str | Promise


ACCOUNTS = (
    Account("shopper", Role.SHOPPER, _("Mystery shopper with visits today")),
    Account("shopper2", Role.SHOPPER, _("Another mystery shopper")),
    Account("reviewer", Role.REVIEWER, _("Reads the visits received")),
    Account("coordinator", Role.COORDINATOR, _("Plans waves and assigns visits")),
    Account("office", Role.OFFICE, _("Plans visits and reads them, closes months")),
    Account("manager", Role.MANAGER, _("Manager of VNPT An Giang")),
    Account("manager2", Role.MANAGER, _("Manager of VNPT Hà Nội")),
    Account("outlethead", Role.MANAGER, _("Head of one outlet")),
    Account("editor", Role.EDITOR, _("Edits the checklists")),
    Account("observer", Role.OBSERVER, _("Trade union, reads published figures")),
    Account("staff", Role.STAFF, _("Counter agent")),
    Account("sysadmin", Role.SYSADMIN, _("Units, outlets, staff and accounts")),
)
