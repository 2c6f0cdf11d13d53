"""What planning refuses, each with the sentence that the coordinator reads."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from audits.fieldwork.models import Wave


class Refused(Exception):
    """A plan that a rule forbids; nothing has been written. `str()` of it is a sentence for the coordinator."""

    sentence: str | Promise = ""

    def __str__(self):
        return str(self.sentence)


# --- Waves ------------------------------------------------------------------------------------


class NoRunningVersion(Refused):
    sentence = _("This checklist has no running version. Publish one first.")


class NoOutlet(Refused):
    sentence = _("There is no open outlet of this checklist's channel in this unit.")


class DatesReversed(Refused):
    sentence = _("The last day lies before the first.")


class InThePast(Refused):
    sentence = _("These days are already over. Choose today or later.")


class TooShort(Refused):
    sentence = _("There are fewer days than visits for each outlet. Give it more days or fewer visits.")


class TooLong(Refused):
    sentence = _("A wave lasts at most 366 days. Divide it into several waves.")


class TooFar(Refused):
    sentence = _("These days are more than two years away.")


class OutsideWave(Refused):
    sentence = _("These days lie outside the wave. Change the wave's last day first.")


class VisitsBeyondEnd(Refused):
    sentence = _("Some visits of this wave are due later than this day. Move or void them first.")


class NameTaken(Refused):
    sentence = _("Another wave of this checklist already has this name.")


class WrongScenario(Refused):
    sentence = _("Choose scenarios in use that belong to the checklist's channel.")


class WaveChanged(Refused):
    sentence = _("The visits of this wave have changed since this page was opened. Look again before adding more.")


class AlreadyPlanned(Refused):
    """The same form came twice. `wave` is what the first one made."""

    sentence = _("This wave has already been created.")

    def __init__(self, wave: Wave):
        self.wave = wave
        super().__init__()


# --- Assignment -------------------------------------------------------------------------------


class NotAShopper(Refused):
    sentence = _("This account cannot be given visits: it is closed, or no longer a mystery shopper.")


class OutletClosed(Refused):
    sentence = _("This outlet has been closed. Void the visit, and add one at the outlet that took its place.")


class Blocked(Refused):
    sentence = _("This shopper is blocked at this outlet, or at a unit above it.")


class SameShopperAgain(Refused):
    """The shopper has, or had, another visit at this outlet within `months` months."""

    def __init__(self, months: int):
        self.months = months
        super().__init__()

    def __str__(self):
        return ngettext(
            "This shopper visits the same outlet within %(months)s month. Choose another shopper.",
            "This shopper visits the same outlet within %(months)s months. Choose another shopper.",
            self.months,
        ) % {"months": self.months}


class AlreadyBegun(Refused):
    sentence = _("A shopper has already begun this visit. Void it and add a further visit to the wave instead.")


class ReasonMissing(Refused):
    sentence = _("Give a reason.")


# --- Shoppers and scenarios -------------------------------------------------------------------


class AlreadyBlocked(Refused):
    sentence = _("This shopper is already blocked there.")


class TitleTaken(Refused):
    sentence = _("Another scenario of this channel already has this title.")


class ChannelInUse(Refused):
    sentence = _("This scenario is already used in a wave, so its channel stays.")


class CardExists(Refused):
    sentence = _("There is already an answer card from this day on.")


class CardInUse(Refused):
    sentence = _("A visit has already been measured against this answer card, so it stays as it is. Add a new one.")
