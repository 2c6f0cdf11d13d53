"""Which outlet is visited how often in a month, by whom, and how good its service is. Pure."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from random import Random

from audits.results import months
from vnpt_smile.demo.chance import dice
from vnpt_smile.demo.dates import season, served_between
from vnpt_smile.national.scale import Scale

FEWEST = 3  # visits of an outlet in a month in which it is visited at all: fewer would not be published
REST_MONTHS = 5  # whoever has been at an outlet comes back after so many months at the earliest
LEAST_SHOPPERS = 24  # of a province


def visits_in(scale: Scale, number: int) -> int:
    """Of all visits, those of the month with that number, from 0. The months differ by one at most."""
    return scale.visits // scale.months + (number < scale.visits % scale.months)


def visits_of_outlets(scale: Scale, number: int) -> dict[int, int]:
    """How often each outlet is visited in that month, by its number; outlets that are not visited are left out.

    All of them in turn, where there are enough visits; else some, three times each, and others in the next month.
    """
    visits = visits_in(scale, number)
    visited = min(scale.outlets, visits // FEWEST)
    first = number * visited % scale.outlets
    each, more = divmod(visits, visited)
    return {(first + place) % scale.outlets: each + (place < more) for place in range(visited)}


def most_visits(scale: Scale) -> int:
    """Of one outlet in one month, at most."""
    visits = visits_in(scale, 0)
    return -(-visits // min(scale.outlets, visits // FEWEST))


def shoppers_of_province(scale: Scale) -> int:
    """So many that nobody comes back to an outlet too soon."""
    return max(LEAST_SHOPPERS, (REST_MONTHS + 1) * most_visits(scale))


def shopper(scale: Scale, outlet: int, month: int, visit: int, pool: int) -> int:
    """Which of a province's `pool` shoppers makes that visit of the month: they take turns at every outlet."""
    return (outlet * 5 + month * most_visits(scale) + visit) % pool


@dataclass(frozen=True, slots=True)
class Course:
    """How an outlet does over the months: its chance that a criterion is met at first, and what a month adds."""

    level: float
    slope: float

    def at(self, month: int) -> float:
        return self.level + self.slope * month


@cache
def course(seed: int, code: str, province: int) -> Course:
    """Of an outlet, by chance. A province's outlets have something in common, and so have an office's."""
    office = code.rpartition("-")[0]
    level = 0.765 + _gauss(f"{seed} province {province}", 0.025) + _gauss(f"{seed} office {office}", 0.025)
    return Course(level + _gauss(f"{seed} outlet {code}", 0.05), 0.0012 + _gauss(f"{seed} slope {code}", 0.0015))


@cache
def strictness(seed: int, province: int, shopper: int) -> float:
    """What the eye of a province's shopper, by number, takes from a chance or adds to it."""
    return _gauss(f"{seed} shopper {province} {shopper}", 0.02)


def _gauss(name: str, sigma: float) -> float:
    return dice(name).gauss(0, sigma)


def quality(rng: Random, at: Course, month: int, day: date, eye: float) -> float:
    """The chance that a criterion is met in a visit on that day."""
    return at.at(month) - season(day) + eye + rng.gauss(0, 0.035)


@cache
def days(month: date) -> tuple[date, ...]:
    """The days of a month on which visits are made; its last three are for the review."""
    last = months.last_day(month)
    return tuple(served_between(month, last.replace(day=last.day - 3)))
