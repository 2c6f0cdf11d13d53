"""The units below one, held against each other without a league table: places, funnel, heat map, map of provinces.

Whoever has few visits is shown and not placed. Nothing here is read that the scorecards of the units do not tell.
"""

import json
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db.models import Count

from audits import scoring
from audits.fieldwork.models import Submission
from audits.results import below, charts, comparing, reading, statistics
from audits.results.below import ChildRow
from audits.results.charts import FunnelChart
from audits.results.facts import Detail, PartRow
from audits.results.kept import Kept, stamp
from audits.results.months import Span
from audits.results.peers import Peers
from audits.results.reading import Tree
from audits.results.regrouped import Pieces
from audits.results.statistics import Pile
from audits.results.tallies import Figure
from audits.scoring import SCALE, Bands, Grade
from outlets.models import Outlet, Unit

DRAWN_SINCE = date(2025, 7, 1)  # the provinces of the map; seven codes meant another one before
TILES = Path(__file__).with_name("tiles.json")
MAP_LOOKS = ("level-0", "level-1", "level-2", "level-3", "level-4", "level-5")
HEAT_LOOKS = ("", "heat-1", "heat-2", "", "heat-4", "heat-5")
DARK = 4  # from this shade of the map on letters are light
GRADES = tuple(Grade)[::-1]  # a shade for each, the lowest first
ORDER = {Pile.LOW: 0, Pile.WITHIN: 1, Pile.HIGH: 2}
DRAWN = 400  # units that a funnel plot has place for


@dataclass(frozen=True)
class Row:
    """A unit below with what a table sorts by. Figures as stored; `coverage` in whole per cent, None if unknown."""

    position: int  # in the order of names
    child: ChildRow
    best: int | None  # the places that its range allows among those with enough visits
    worst: int | None
    placed: int  # how many those are
    coverage: int | None

    @property
    def name(self) -> str:
        return self.child.name

    @property
    def code(self) -> str:
        return self.child.unit.code

    @property
    def words(self) -> str:
        """What the search looks through."""
        return f"{self.child.name} {self.child.above}"

    @property
    def is_for_reference(self) -> bool:
        return self.child.range is not None and self.child.is_for_reference

    @property
    def score(self) -> int | None:
        return self.child.range.mean if self.child.range else None

    @property
    def visits(self) -> int | None:
        return self.child.figure.visits or None

    @property
    def change(self) -> int | None:
        return self.child.change.difference if self.child.change else None

    @property
    def failures(self) -> int | None:
        return self.child.figure.failures

    @property
    def pile(self) -> int | None:
        return ORDER[self.child.pile] if self.child.pile else None

    @property
    def is_one_place(self) -> bool:
        return self.best == self.worst


def rows(detail: Detail, span: Span, outlets: Mapping[int, int]) -> tuple[Row, ...]:
    """Every unit below. `outlets` counts those of the channel that stand below each today."""
    placed = [each for each in detail.children if each.range and not each.is_for_reference]
    highs = sorted(each.range.high for each in placed if each.range)
    lows = sorted(each.range.low for each in placed if each.range)
    months = len(span.months)
    found = []
    for position, child in enumerate(detail.children):
        if not child.range and not outlets.get(child.unit.pk):
            continue  # of a unit without outlets of this channel nothing will ever be published
        best = worst = None
        if child.range and not child.is_for_reference:
            best = 1 + len(lows) - bisect_right(lows, child.range.high)
            worst = len(placed) - bisect_left(highs, child.range.low)
        there = outlets.get(child.unit.pk, 0) * months
        coverage = min(100, round(100 * child.figure.outlets / there)) if there else None
        found.append(Row(position, child, best, worst, len(placed), coverage))
    return tuple(found)


_kept_outlets: Kept[tuple[tuple[ChildRow, ...], tuple[Peers, ...]]] = Kept(16)


def with_outlets(unit: Unit, detail: Detail, span: Span) -> Detail:
    """The same with all outlets at or below the unit as organised today in place of the units directly below.

    Five queries and those of `regrouped.gone`, one where this process has read them since the last closing.
    """
    checklist = detail.headline.checklist.pk

    def read() -> tuple[tuple[ChildRow, ...], tuple[Peers, ...]]:
        return below.rows(unit, below.outlets(unit), checklist, detail.spread, span, Tree.TODAY, as_of)

    as_of = stamp()
    rows, peers = _kept_outlets.get((unit.pk, checklist, span, as_of), read)
    return replace(detail, children=rows, peers=peers)


def outlets_below(units: Iterable[Unit], channel: str) -> dict[int, int]:
    """How many open outlets of a channel stand at or below each unit today. One query."""
    keys = [unit.pk for unit in units]
    there = Outlet.objects.filter(
        channel=channel, unit__closed_on__isnull=True, unit__ancestor_links__ancestor__in=keys
    ).order_by()
    return dict(there.values_list("unit__ancestor_links__ancestor").annotate(Count("pk")))


def open_outlets(outlets: Iterable[Unit], channel: str) -> dict[int, int]:
    """The same of units that are outlets, each counted once. No query where they were read with their outlet."""
    return {unit.pk: 1 for unit in outlets if unit.closed_on is None and unit.outlet.channel == channel}


LOOKS = {Pile.LOW: "is-help", Pile.WITHIN: "", Pile.HIGH: "is-thanks"}


def funnel_charts(detail: Detail, *, has_map: bool) -> tuple[FunnelChart, FunnelChart] | None:
    """The funnel plot, wide (half as wide beside a map) and narrow; None while no unit can be placed, or for too many.

    Its limits are those of the commonest kind of unit below.
    """
    published = detail.published_below
    if not any(child.pile for child in published) or len(published) > DRAWN:
        return None
    points = [
        (child.figure.visits, child.range.mean, LOOKS[child.pile] if child.pile else "is-thin", child)
        for child in published
        if child.range
    ]
    placed_by = detail.peers[0]
    sizes = (charts.HALF if has_map else charts.WIDE, charts.NARROW)
    wide, narrow = (charts.funnel(points, placed_by.centre, placed_by.limits.limits, size) for size in sizes)
    return wide, narrow


# --- Heat map ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """A section in a unit. `level` is 1 (far below the whole) to 5, 0 where nothing is told.

    Of few visits a cell is not shaded: what looks far off may be chance.
    """

    percent: int | None
    level: int
    visits: int = 0

    @property
    def is_for_reference(self) -> bool:
        return self.visits < statistics.ENOUGH

    @property
    def look(self) -> str:
        if self.percent is None:
            return ""
        return "is-few" if self.is_for_reference else HEAT_LOOKS[self.level]


@dataclass(frozen=True)
class HeatRow:
    unit: Unit
    name: str
    is_for_reference: bool
    cells: tuple[Cell, ...]


def heat_map(
    children: Sequence[ChildRow], detail: Detail, span: Span, pieces: Pieces
) -> tuple[tuple[PartRow, ...], tuple[HeatRow, ...]]:
    """Sections across, units down; shades say how far a cell lies from its section's mean above. One query."""
    sections = tuple(part for part in detail.sections if part.percent is not None)
    keys = [child.unit.pk for child in children]
    found = reading.sections_of_units(keys, detail.headline.checklist.pk, span, pieces=pieces)
    return sections, tuple(
        HeatRow(
            child.unit,
            child.name,
            child.is_for_reference,
            tuple(_cell(found.get((child.unit.pk, part.code)), part) for part in sections),
        )
        for child in children
    )


STEPS = (-10 * SCALE, -3 * SCALE, 3 * SCALE, 10 * SCALE)  # points between two shades of a heat map


def _cell(figure: Figure | None, part: PartRow) -> Cell:
    percent = comparing.mean(figure) if figure else None
    if figure is None or percent is None or part.percent is None:
        return Cell(None, 0)
    return Cell(percent, 1 + sum(percent - part.percent >= step for step in STEPS), figure.visits)


# --- Map of the provinces ------------------------------------------------------------------------


@dataclass(frozen=True)
class Tile:
    """A province on the map: `x` and `y` in squares. `percent` is None where nothing was published."""

    code: str
    lines: tuple[str, ...]
    x: int
    y: int
    children: tuple[ChildRow, ...]
    percent: int | None
    visits: int
    level: int

    @property
    def is_for_reference(self) -> bool:
        return all(child.is_for_reference for child in self.children)

    @property
    def name(self) -> str:
        return " ".join(self.lines)

    @property
    def look(self) -> str:
        return MAP_LOOKS[self.level]

    @property
    def is_dark(self) -> bool:
        """Of few visits the figure stands on a plate of its own."""
        return self.level >= DARK and not self.is_for_reference


@dataclass(frozen=True)
class ProvinceMap:
    """One square for each province, in place, in the shade of its grade by `bands`."""

    tiles: tuple[Tile, ...]
    islands: tuple[tuple[tuple[str, ...], int, int], ...]
    bands: Bands
    width: int
    height: int

    @property
    def legend(self) -> list[tuple[str, str, Decimal | None, Decimal]]:
        """Each shade, the darkest first, with its grade's name, from what score on, and below which."""
        bands = self.bands
        highs = (Decimal(100), bands.excellent, bands.good, bands.fair, bands.to_improve)
        return [
            (MAP_LOOKS[len(GRADES) - place], str(Submission.Grade(grade).label), low, high)
            for place, (grade, low, high) in enumerate(zip(Grade, (*highs[1:], None), highs, strict=True))
        ]


def province_map(children: Sequence[ChildRow], bands: Bands) -> ProvinceMap | None:
    """The units below by the province in which most of their outlets lie; None for less than three. One query.

    A shade is a grade: of scores that lie close together all look alike, as they are.
    """
    places: dict[int, Counter[str]] = defaultdict(Counter)
    keys = [child.unit.pk for child in children]
    there = Outlet.objects.filter(unit__ancestor_links__ancestor__in=keys).order_by()
    there = there.exclude(province__valid_to__lte=DRAWN_SINCE)
    counted = there.values_list("unit__ancestor_links__ancestor", "province__code").annotate(Count("pk"))
    for unit, code, outlets in counted:
        places[unit][code] = outlets
    here: dict[str, list[ChildRow]] = defaultdict(list)
    for child in children:
        if places[child.unit.pk]:
            here[places[child.unit.pk].most_common(1)[0][0]].append(child)
    drawn = _drawn()
    if len(here.keys() & {tile["code"] for tile in drawn["tiles"]}) < 3:
        return None
    sums = {code: reading.total([child.figure for child in some]) for code, some in here.items()}
    tiles = []
    for tile in drawn["tiles"]:
        figure = sums.get(tile["code"], comparing.NOTHING)
        percent = comparing.mean(figure)
        tiles.append(
            Tile(
                code=tile["code"],
                lines=tuple(tile["short"].split("\n")),
                x=tile["col"],
                y=tile["row"],
                children=tuple(here.get(tile["code"], ())),
                percent=percent,
                visits=figure.visits,
                level=0 if percent is None else 1 + GRADES.index(scoring.grade_of(percent, bands)),
            )
        )
    squares = [*drawn["tiles"], *drawn["islands"]]
    return ProvinceMap(
        tiles=tuple(tiles),
        islands=tuple((tuple(each["name"].split()), each["col"], each["row"]) for each in drawn["islands"]),
        bands=bands,
        width=1 + max(each["col"] for each in squares),
        height=1 + max(each["row"] for each in squares),
    )


@lru_cache(maxsize=1)
def _drawn() -> dict[str, list[dict[str, Any]]]:
    return json.loads(TILES.read_text(encoding="utf-8"))
