"""How good the service of the demo's outlets is, over the year and by person. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from random import Random

from vnpt_smile.demo.chance import dice
from vnpt_smile.demo.dates import season

LEVELS = {"strong": 0.92, "weak": 0.64, "improves": 0.91, "slips": 0.72}


@dataclass(frozen=True)
class Worker:
    """Somebody at an outlet between two days, half-open."""

    staff_id: int
    number: str
    since: date
    until: date | None

    def works_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


Crew = Sequence[Worker]


def chances(rng: Random, code: str, mark: str, day: date, today: date, worker: Worker | None) -> tuple[float, float]:
    """The chances that what the unit, and what a person, controls is done well on that day."""
    level = LEVELS.get(mark) or min(0.92, max(0.68, _own(code, 0.805)))
    months_ago = (today - day).days / 30
    if mark == "improves":
        level -= 0.26 * min(1.0, max(0.0, (months_ago - 3) / 5))
    elif mark == "slips":
        level += 0.14 * min(1.0, max(0.0, (months_ago - 1) / 3))
    else:
        level -= 0.0015 * months_ago  # everybody learns a little
    level -= season(day)
    level += rng.gauss(0, 0.03)
    personal = _own(worker.number, 0.01) if worker else 0.0
    return level, level + personal


@cache
def _own(name: str, mean: float) -> float:
    """What an outlet or a person brings along."""
    return dice(name).gauss(mean, 0.035)
