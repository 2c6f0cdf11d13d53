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
    """What a figure is of. The total has an empty code."""

    TOTAL = "total"
    SECTION = "section"
    THEME = "theme"


@dataclass(frozen=True, slots=True)
class Figure:
    """Visits with a percentage, the sum and the sum of squares of those; `unscored` had nothing that could be scored.

    `outlets`, `unscored` and `critical_failures` are counted in the total alone.
    """

    visits: int = 0
    unscored: int = 0
    outlets: int = 0
    total: int = 0
    squares: int = 0
    critical_failures: int = 0

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
            self.figures[place] += figure
        for code, criterion in other.criteria.items():
            self.criteria[code] += criterion

    def take_away(self, other: "Tally") -> None:
        for place, figure in other.figures.items():
            self.figures[place] += -figure
        for code, criterion in other.criteria.items():
            self.criteria[code] += -criterion


_COUNTED = {Outcome.MET: "met", Outcome.PARTLY: "partly", Outcome.NOT_MET: "not_met"}


def of_visit(score: scoring.Score) -> Tally:
    """What one visit adds. `outlets` stays 0: an outlet counts once, however many its visits."""
    tally = Tally()
    tally.figures[Kind.TOTAL, ""] = Figure(
        visits=int(score.percent is not None),
        unscored=int(score.percent is None),
        total=score.percent or 0,
        squares=(score.percent or 0) ** 2,
        critical_failures=len(score.critical_failed),
    )
    for kind, parts in ((Kind.SECTION, score.sections), (Kind.THEME, score.themes)):
        for part in parts:
            if part.percent is not None:
                tally.figures[kind, part.code] = Figure(visits=1, total=part.percent, squares=part.percent**2)
    for line in score.lines if score.percent is not None else ():  # else "not applicable" would count such visits
        if line.outcome is Outcome.NOT_SCORED:
            continue
        if line.result is None:
            tally.criteria[line.code] = CriterionFigure(not_applicable=1)
        else:
            counted = {_COUNTED[line.outcome]: 1}
            tally.criteria[line.code] = CriterionFigure(results=line.result, lost=line.lost, **counted)
    return tally


def of_outlet(visits: Iterable[Tally]) -> Tally:
    """The tally of one outlet's visits; it counts as one outlet."""
    tally = Tally()
    for visit in visits:
        tally.add(visit)
    tally.figures[Kind.TOTAL, ""] += Figure(outlets=1)
    return tally


Place = tuple[int, int]  # a unit's key and a checklist's


def roll_up(outlets: Mapping[Place, Tally], parents: Mapping[int, int]) -> dict[Place, Tally]:
    """The tally of every unit that has visits below it: those of outlets, added to all that stand above them."""
    units: dict[Place, Tally] = defaultdict(Tally)
    for (outlet, checklist), tally in outlets.items():
        for unit in line_up(outlet, parents):
            units[unit, checklist].add(tally)
    return dict(units)


def line_up(unit: int, parents: Mapping[int, int]) -> Iterable[int]:
    """A unit and all above it, upwards."""
    while True:
        yield unit
        if unit not in parents:
            return
        unit = parents[unit]
