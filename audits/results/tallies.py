"""Sums over visits: what one visit adds, and what a unit's rows hold. Pure.

Everything is an integer and everything adds: the tally of a unit is the sum of the tallies below it, whatever the tree.
Percentages and lost shares are per cent x `scoring.SCALE`, as the visits store them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from audits import scoring
from audits.scoring import Outcome

OTHERS = ""  # the code of the row that holds what the criteria lost that may not be shown one by one


class Kind(StrEnum):
    """What a figure is of, by the letter that each of millions of rows holds. The total has an empty code."""

    TOTAL = "t"
    SECTION = "s"
    THEME = "h"

    __hash__ = str.__hash__  # Enum's own is written in Python, and closing a month looks up millions of figures


@dataclass(frozen=True, slots=True)
class Figure:
    """Visits with a percentage, the sum of those, and the sum of squares of their blocks' means, once for each visit.

    Squares of the visits themselves are kept nowhere: the sums of two spans would tell those of the one block between
    them (decision 0019). `unscored` had nothing that could be scored. `outlets`, `unscored` and `critical_failures` are
    counted in the total alone; over a span `outlets` are the blocks, one for each outlet and month.
    """

    visits: int = 0
    unscored: int = 0
    outlets: int = 0
    total: int = 0
    squares: int = 0
    critical_failures: int = 0

    @property
    def failures(self) -> int | None:
        """Critical failures as they are told; None without a visit in which there could have been one."""
        return self.critical_failures if self.visits else None

    def __add__(self, other: "Figure") -> "Figure":
        return Figure(
            self.visits + other.visits,
            self.unscored + other.unscored,
            self.outlets + other.outlets,
            self.total + other.total,
            self.squares + other.squares,
            self.critical_failures + other.critical_failures,
        )

    def __neg__(self) -> "Figure":
        return Figure(-self.visits, -self.unscored, -self.outlets, -self.total, -self.squares, -self.critical_failures)


@dataclass(frozen=True, slots=True)
class CriterionFigure:
    """How often a criterion was met, partly met or not, and left out; the sums of results (0-100) and lost shares."""

    met: int = 0
    partly: int = 0
    not_met: int = 0
    not_applicable: int = 0
    results: int = 0
    lost: int = 0

    @property
    def visits(self) -> int:
        """Visits in which the criterion counted."""
        return self.met + self.partly + self.not_met

    def with_lost(self, lost: int) -> "CriterionFigure":
        """The same with another sum of lost shares; `replace` takes five times as long."""
        return CriterionFigure(self.met, self.partly, self.not_met, self.not_applicable, self.results, lost)

    def __add__(self, other: "CriterionFigure") -> "CriterionFigure":
        return CriterionFigure(
            self.met + other.met,
            self.partly + other.partly,
            self.not_met + other.not_met,
            self.not_applicable + other.not_applicable,
            self.results + other.results,
            self.lost + other.lost,
        )

    def __neg__(self) -> "CriterionFigure":
        return CriterionFigure(-self.met, -self.partly, -self.not_met, -self.not_applicable, -self.results, -self.lost)


Part = tuple[Kind, str]


@dataclass(slots=True)
class Tally:
    """The figures of a unit for one checklist and month, by (kind, code), and its criteria by code."""

    figures: dict[Part, Figure] = field(default_factory=lambda: defaultdict(Figure))
    criteria: dict[str, CriterionFigure] = field(default_factory=lambda: defaultdict(CriterionFigure))

    def add(self, other: "Tally") -> None:
        for place, figure in other.figures.items():
            self.figures[place] = self.figures[place] + figure if place in self.figures else figure
        for code, criterion in other.criteria.items():
            self.criteria[code] = self.criteria[code] + criterion if code in self.criteria else criterion

    def take_away(self, other: "Tally") -> None:
        for place, figure in other.figures.items():
            self.figures[place] += -figure
        for code, criterion in other.criteria.items():
            self.criteria[code] += -criterion


# Where a criterion's outcome is counted, by position in CriterionFigure.
_COUNTED = {Outcome.MET: 0, Outcome.PARTLY: 1, Outcome.NOT_MET: 2}


def of_outlet(scores: Iterable[scoring.Score]) -> Tally:
    """What a block of one outlet's visits with these scores adds; it counts as one outlet, however many they are."""
    # Plain lists while summing: a figure for every addition would take most of the time that closing a month takes.
    parts: dict[Part, list[int]] = defaultdict(lambda: [0, 0])
    criteria: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0, 0])
    unscored = failures = 0
    whole = parts[Kind.TOTAL, ""]
    for score in scores:
        failures += len(score.critical_failed)
        for kind, some in ((Kind.SECTION, score.sections), (Kind.THEME, score.themes)):
            for part in some:
                if part.percent is not None:
                    _add_percent(parts[kind, part.code], part.percent)
        if score.percent is None:
            unscored += 1  # and its lines stay away: "not applicable" would count visits that do not
            continue
        _add_percent(whole, score.percent)
        for line in score.lines:
            if line.result is not None:
                sums = criteria[line.code]
                sums[_COUNTED[line.outcome]] += 1
                sums[4] += line.result
                sums[5] += line.lost
            elif line.outcome is not Outcome.NOT_SCORED:
                criteria[line.code][3] += 1
    tally = Tally()
    for place, (visits, total) in parts.items():
        # Rounded up, so that a sum of them is never less than the visits' mean allows (see `statistics.Sums`).
        tally.figures[place] = Figure(visits=visits, total=total, squares=-(-total * total // visits) if visits else 0)
    tally.figures[Kind.TOTAL, ""] += Figure(unscored=unscored, outlets=1, critical_failures=failures)
    for code, sums in criteria.items():
        tally.criteria[code] = CriterionFigure(*sums)
    return tally


def _add_percent(sums: list[int], percent: int) -> None:
    sums[0] += 1
    sums[1] += percent


Place = tuple[int, int]  # a unit's key and a checklist's


def roll_up(outlets: Mapping[Place, Tally], parents: Mapping[int, int]) -> dict[Place, Tally]:
    """The tally of every unit that has visits below it: those of outlets, added to all that stand above them.

    From the deepest units upwards, each into the one above it, so that every tally is added once.
    """
    units: dict[Place, Tally] = {}
    levels: dict[int, list[Place]] = defaultdict(list)

    def add(place: Place, tally: Tally) -> None:
        if place not in units:
            units[place] = Tally()
            levels[sum(1 for _ in line_up(place[0], parents))].append(place)
        units[place].add(tally)

    for place, tally in outlets.items():
        add(place, tally)
    for level in range(max(levels, default=0), 1, -1):
        for unit, checklist in levels[level]:
            add((parents[unit], checklist), units[unit, checklist])
    return units


def line_up(unit: int, parents: Mapping[int, int]) -> Iterable[int]:
    """A unit and all above it, upwards."""
    while True:
        yield unit
        if unit not in parents:
            return
        unit = parents[unit]
