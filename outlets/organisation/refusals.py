"""What a reorganisation refuses, each with the sentence that the administrator reads."""

from typing import Any

from django.utils import formats
from django.utils.translation import gettext_lazy as _

from outlets.organisation.models import Unit


class ReorganisationRefused(Exception):
    """A change that a rule forbids; nothing has been written. `str()` of it is a sentence for the administrator.

    `field` names the action's argument that has to change, so that a form can show the sentence beside it.
    """

    sentence: Any = ""
    field = "effective_on"

    def __init__(self, *, unit: Unit | None = None, day: Any = None, **facts: Any) -> None:
        self.unit = unit
        self.day = day
        self.facts = facts
        super().__init__()

    def __str__(self) -> str:
        unit = self.unit
        shown = {"name": unit.name, "code": unit.code} if unit else {}
        return str(self.sentence) % {
            **shown,
            **self.facts,
            "day": formats.date_format(self.day, "SHORT_DATE_FORMAT") if self.day else "",
        }


# --- Days -------------------------------------------------------------------------------------


class InFuture(ReorganisationRefused):
    sentence = _("This day has not come yet. Record the change on the day it takes effect, or later.")


class BeforeOpened(ReorganisationRefused):
    """On that day the unit did not exist, or began only then."""

    sentence = _("“%(name)s” exists only from %(day)s on. Choose a later day.")


class ChangedToday(ReorganisationRefused):
    """`day` is the first on which the unit can close, and it has not come yet."""

    sentence = _(
        "A change of “%(name)s” has been recorded today. It can close from %(day)s on: please come back on that day."
    )


class LaterChange(ReorganisationRefused):
    """`day` is that of the change which is recorded already."""

    sentence = _("A change of “%(name)s” is already recorded for %(day)s. Choose a later day.")


# --- Units ------------------------------------------------------------------------------------


class UnitClosed(ReorganisationRefused):
    sentence = _("“%(name)s” has been closed since %(day)s.")
    field = "unit"


class ParentClosed(UnitClosed):
    field = "parent"


class Circle(ReorganisationRefused):
    sentence = _("A unit cannot stand under itself or under a unit that was below it on that day or since.")
    field = "parent"


class UnderOutlet(ReorganisationRefused):
    sentence = _("“%(name)s” is an outlet, and nothing stands under an outlet.")
    field = "parent"


class TopUnit(ReorganisationRefused):
    sentence = _("The top unit cannot be closed, merged or split.")
    field = "unit"


class ParentMissing(ReorganisationRefused):
    sentence = _("There is already a top unit. Choose the unit above the new one.")
    field = "parent"


class HasChildren(ReorganisationRefused):
    sentence = _("Open units still stand under “%(name)s”. Close, move or merge them first.")
    field = "unit"


class SameName(ReorganisationRefused):
    sentence = _("The unit already has this name.")
    field = "name"


class SameParent(ReorganisationRefused):
    sentence = _("The unit already stands under “%(name)s”.")
    field = "parent"


class CodeUsed(ReorganisationRefused):
    """Codes are never used again, those of closed units included."""

    sentence = _("The code %(code)s belongs to “%(name)s”. A code is never used twice, even after its unit has closed.")
    field = "code"


# --- Merging and splitting --------------------------------------------------------------------


class SameUnitTwice(ReorganisationRefused):
    sentence = _("“%(name)s” is named twice.")
    field = "successor"


class IntoItself(SameUnitTwice):
    sentence = _("A unit cannot be merged into itself.")


class PredecessorAbove(ReorganisationRefused):
    sentence = _("“%(name)s” stands above the unit into which it would be merged. Move that unit first.")
    field = "successor"


class OutletsApart(ReorganisationRefused):
    sentence = _("An outlet can be merged only into an outlet, and another unit only into another unit.")
    field = "successor"


class TooFewParts(ReorganisationRefused):
    sentence = _("A split needs at least two new units with different codes.")
    field = "into"


class HeirUnknown(ReorganisationRefused):
    sentence = _("Choose which of the new units carries on the history.")
    field = "heir"


class ChildUnassigned(ReorganisationRefused):
    sentence = _("Choose for “%(name)s” which of the new units it goes to.")
    field = "assign"


class NotAChild(ReorganisationRefused):
    sentence = _("“%(name)s” does not stand under the unit that is split.")
    field = "assign"
