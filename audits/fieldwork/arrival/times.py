"""When the shopper came to the outlet and left it, as the shopper says: hours of the visit's day, in Vietnam's time.

Pure. An hour is told to the minute, so that coming and leaving within one minute are the same hour.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

_TOLD_IN_HOURS = timedelta(hours=48)


class Wrong(Enum):
    """Why two hours cannot be right."""

    ORDER = "order"
    FUTURE = "future"


class TimesRefused(Exception):
    """The hours given cannot be right; `wrong` says why, `name` which one: arrived or left."""

    def __init__(self, name: str, wrong: Wrong):
        self.name, self.wrong = name, wrong
        super().__init__(f"{name}: {wrong.value}")


@dataclass(frozen=True)
class Times:
    """Hours of one day; None where the shopper gave none."""

    arrived: time | None = None
    left: time | None = None

    def on(self, day: date, *, at: datetime) -> tuple[datetime | None, datetime | None]:
        """The moments of arriving and leaving on a day. Raises TimesRefused for what lies after `at` or is swapped."""
        moments = (_moment(day, self.arrived), _moment(day, self.left))
        for name, moment in zip(("arrived", "left"), moments, strict=True):
            if moment is not None and moment > at:
                raise TimesRefused(name, Wrong.FUTURE)
        arrived, left = moments
        if arrived is not None and left is not None and left < arrived:
            raise TimesRefused("left", Wrong.ORDER)
        return moments


def of(arrived_at: datetime | None, left_at: datetime | None) -> Times:
    """The hours of two moments."""
    return Times(_hour(arrived_at), _hour(left_at))


def _hour(moment: datetime | None) -> time | None:
    return None if moment is None else timezone.localtime(moment).time()


def _moment(day: date, hour: time | None) -> datetime | None:
    return None if hour is None else timezone.make_aware(datetime.combine(day, hour.replace(second=0, microsecond=0)))


def gap_in_words(left_at: datetime, submitted_at: datetime) -> str:
    """How long after leaving the answers came, in the reader's language: in minutes, hours or days, rounded down."""
    gap = submitted_at - left_at
    if gap < timedelta(0):
        return _("Submitted before leaving")
    if gap < timedelta(hours=1):
        count = gap // timedelta(minutes=1)
        words = ngettext("Submitted %(count)d minute after leaving", "Submitted %(count)d minutes after leaving", count)
    elif gap < _TOLD_IN_HOURS:
        count = gap // timedelta(hours=1)
        words = ngettext("Submitted %(count)d hour after leaving", "Submitted %(count)d hours after leaving", count)
    else:
        count = gap // timedelta(days=1)
        words = ngettext("Submitted %(count)d day after leaving", "Submitted %(count)d days after leaving", count)
    return words % {"count": count}
