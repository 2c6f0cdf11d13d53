"""How much of the country is made, and when its months are. Pure."""

from dataclasses import dataclass
from datetime import date

from audits.results import months

PROVINCES = 34  # there are no more
FORMER = 63  # of which they were made


@dataclass(frozen=True)
class Scale:
    """The sizes of a national data set. `last` is its last month, `units` those of today that are no outlets.

    With `leaves_open` the visits of the last month are approved and the month is not closed. `patterns` is the number
    of different visits to each version of a checklist, from which all are drawn. Raises ValueError for sizes that
    nothing can be made of.
    """

    last: date
    months: int = 36
    provinces: int = PROVINCES
    units: int = 750
    outlets: int = 5_000
    visits: int = 720_000
    patterns: int = 1_500
    seed: int = 1
    leaves_open: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.provinces <= PROVINCES:
            raise ValueError(f"there are 1 to {PROVINCES} provinces")
        if min(self.months, self.outlets, self.patterns) < 1:
            raise ValueError("there must be a month, an outlet and a pattern")
        if self.visits < 3 * self.months:
            raise ValueError("there must be three visits for each month: fewer are not published")

    @property
    def all_months(self) -> tuple[date, ...]:
        """The first day of every month, in order."""
        return tuple(months.later(self.last, back) for back in range(1 - self.months, 1))

    @property
    def merged_on(self) -> date:
        """The first day of the month from which provinces are merged: in the middle."""
        return self.all_months[self.months // 2]

    @property
    def founded_on(self) -> date:
        """The day on which all that was there before the merger opened."""
        return date(self.all_months[0].year - 3, 1, 1)
