"""Why an action on an account was not taken. Each says it in words that a page can show."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class AccountRefused(Exception):
    """Nothing was changed. `message` says why, in the reader's language."""

    message: str | Promise = ""

    def __str__(self) -> str:
        return str(self.message)


class UsernameTaken(AccountRefused):
    message = _("This user name is already in use. Choose another one.")


class CodeTaken(AccountRefused):
    message = _("This code is already in use, or was once. Choose another one.")


class OwnAccount(AccountRefused):
    message = _("Nobody changes the access of their own account. Another system administrator can.")


class AlreadyDisabled(AccountRefused):
    message = _("This account has already been disabled.")


class AlreadyEnabled(AccountRefused):
    message = _("This account is already enabled.")


class NotEnabled(AccountRefused):
    message = _("This account is disabled. Enable it first.")


class LastSysadmin(AccountRefused):
    message = _("This is the last system administrator who can log in. Give the role to somebody else first.")


class RoleApart(AccountRefused):
    message = _(
        "This role does not go together with a role that the account holds. "
        "A mystery shopper holds no other role, and a system administrator reads no visit, score or identity."
    )


class BaseRoleMissing(AccountRefused):
    message = _("Only a reviewer, a coordinator or the programme office can be identity custodian as well.")


class BaseRoleNeeded(AccountRefused):
    message = _("The role of identity custodian rests on this one. End that role first.")


class UnitNeeded(AccountRefused):
    message = _("This role is held over a unit. Choose the unit.")


class UnitNotWanted(AccountRefused):
    message = _("This role is not held over a unit. Leave the unit empty.")


class UnitClosed(AccountRefused):
    message = _("This unit has been closed. Choose the unit that took its place.")


class AlreadyHeld(AccountRefused):
    message = _("The account already holds this role.")


class AlreadyEnded(AccountRefused):
    message = _("This role has already been ended.")


class LinkUsed(AccountRefused):
    message = _("This link has been used already, or is too old.")
