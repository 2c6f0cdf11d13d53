"""When each outlet of a wave is visited, and with which scenario. Pure: no Django, no clock, no database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import gcd, lcm

DAYS_OF_A_WINDOW = 7


@dataclass(frozen=True)
class Window:
    """The days on which a visit may be made, both ends included."""

    opens_on: date
    due_on: date

    @property
    def days(self) -> int:
        return (self.due_on - self.opens_on).days + 1


@dataclass(frozen=True)
class Slot:
    """One visit to be planned: the outlet and scenario by their places in the caller's lists."""

    outlet: int
    window: Window
    scenario: int | None


def divide(whole: Window, parts: int) -> list[Window]:
    """`whole` cut into `parts` windows, one after the other, whose lengths differ by a day at most.

    Raises ValueError when there are fewer days than parts.
    """
    if parts < 1 or parts > whole.days:
        raise ValueError(f"{whole.days} days cannot be cut into {parts} parts")
    edges = [whole.opens_on + timedelta(days=whole.days * part // parts) for part in range(parts + 1)]
    return [Window(first, after - timedelta(days=1)) for first, after in pairwise(edges)]


def windows(whole: Window, visits_per_outlet: int) -> list[list[Window]]:
    """For the first, second, … visit of an outlet, the windows of about a week that its part of the wave offers.

    Raises ValueError when there are fewer days than visits.
    """
    return [divide(part, max(1, part.days // DAYS_OF_A_WINDOW)) for part in divide(whole, visits_per_outlet)]


def slots(whole: Window, *, outlets: int, visits_per_outlet: int, scenarios: int) -> Iterator[Slot]:
    """The visits of a wave: the k-th visit of each outlet falls into the k-th part of it.

    Outlets take the windows of a part in turn, and the scenarios in turn; where both turns would keep step, the
    second shifts, so that every scenario meets every week. Where a wave begins in these turns depends on its
    month, so that an outlet is not met in the same week with the same question month after month.
    """
    start = whole.opens_on.year * 12 + whole.opens_on.month
    for k, part in enumerate(windows(whole, visits_per_outlet)):
        for outlet in range(outlets):
            turn = outlet + start
            shift = turn // lcm(len(part), scenarios) % gcd(len(part), scenarios) if scenarios else 0
            scenario = (turn + shift + k) % scenarios if scenarios else None
            yield Slot(outlet, part[turn % len(part)], scenario)


def months_apart(day: date, months: int) -> date:
    """The same day `months` months later (earlier when negative), or the last day of a shorter month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    after = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (after - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))
