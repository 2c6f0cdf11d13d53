"""The rows that every file of units' figures is written from: one for each unit and checklist, or for each month too.

They say what the scorecards of those units say, of the same sums and by the same arithmetic. Units of which nothing was
published in the span are named in a row without figures.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from audits import scoring
from audits.checklists.models import Checklist
from audits.results import below, comparing, months, peers, reading, regrouped, scorecard, statistics
from audits.results.models import Export, PeriodUnit
from audits.results.months import Span
from audits.results.peers import AllPeers
from audits.results.reading import Months, Tree
from audits.results.scorecard import Basis, Scorecard
from audits.results.statistics import Change, Pile, Range, Rung
from audits.results.tallies import Figure
from outlets.models import Outlet, Unit, UnitClosure
from outlets.organisation import queries as organisation
from outlets.people.permissions import Scope

TOGETHER = 200  # units that are read at a time: a step of the progress, after which an export can be cancelled


@dataclass(frozen=True)
class Wanted:
    """What is taken along: the units directly below, or all outlets below, of a scorecard that has been read."""

    card: Scorecard
    scope: Scope
    of: Export.Of
    by_month: bool

    @property
    def span(self) -> Span:
        return self.card.span


@dataclass(frozen=True, slots=True)
class Listed:
    """A unit that has rows, as it was called there, and the name of what it stands under. `kind` as in `peers`."""

    unit: int
    name: str
    code: str
    above: str
    is_open: bool
    kind: int = peers.OUTLETS


@dataclass(frozen=True, slots=True)
class Row:
    """A unit's figure with one checklist, in the span or in one month of it. Without a checklist: nothing published."""

    listed: Listed
    checklist: Checklist | None
    month: date | None
    figure: Figure
    range: Range | None = None
    grade: scoring.Grade | None = None
    change: Change | None = None
    pile: Pile | None = None
    rung: Rung | None = None
    version: int | None = None

    @property
    def is_for_reference(self) -> bool:
        return self.figure.visits < statistics.ENOUGH


@dataclass(frozen=True)
class Step:
    """Rows of some units; `done` of `total` units have been read."""

    rows: tuple[Row, ...]
    done: int
    total: int


def steps(wanted: Wanted, *, first_unit: int = 0, together: int | None = None) -> Iterator[Step]:
    """The rows, TOGETHER units at a time, by the units' names.

    At most eight queries, one more for each step, and those of `peers` and `regrouped.gone`.
    """
    together = together or TOGETHER
    span = wanted.span
    first = months.later(span.last, 1 - scorecard.COMPARED)  # as the scorecards of these units: the same bases
    bases = scorecard.bases_of(first, span.last)
    stood = _stood(wanted) if wanted.card.tree is Tree.THEN else None
    every = _listed(wanted, stood)
    begins = min(span.before().first, span.first)
    pieces = regrouped.pieces(begins, span.last) if stood is None else reading.AS_THEN
    if not every:
        yield Step((), 0, 0)
        return
    placed = _placed(wanted, bases)
    for begin in range(first_unit, len(every), together):
        some = every[begin : begin + together]
        keys = [each.unit for each in some]
        found = reading.by_month(keys, begins, span.last, pieces=pieces)
        rows = [
            row for each in some for row in _of_unit(wanted, each, _where(found[each.unit], each, stood), bases, placed)
        ]
        yield Step(tuple(rows), begin + len(some), len(every))


Stood = Mapping[date, frozenset[int]]


def _where(figures: Months, listed: Listed, stood: Stood | None) -> Months:
    """A unit's months; as organised then, those in which it stood there."""
    if stood is None:
        return figures
    return {place: each for place, each in figures.items() if listed.unit in stood.get(place[1], ())}


Placed = Mapping[date | None, AllPeers]


def _placed(wanted: Wanted, bases: Mapping[int, tuple[Basis, ...]]) -> Placed:
    """By what units are placed in each month of the span, or, under None, in all of it."""
    if wanted.by_month:
        return {month: each for month, each in peers.read_months(list(bases), wanted.span).items()}  # noqa: C416
    return {None: peers.read(list(bases), wanted.span)}


def _of_unit(
    wanted: Wanted, listed: Listed, figures: Months, bases: Mapping[int, tuple[Basis, ...]], placed: Placed
) -> Iterator[Row]:
    span = wanted.span
    previous = _previous(span)
    checklists = {checklist for (checklist, month), each in figures.items() if month in previous and each.visits}
    if not checklists:
        if listed.is_open:
            yield Row(listed, None, None, comparing.NOTHING)
        return
    for checklist in sorted(checklists, key=lambda key: _order(bases[key][-1].checklist)):
        if wanted.by_month:
            for month in span:
                figure = figures.get((checklist, month), comparing.NOTHING)
                if figure.visits:
                    before = figures.get((checklist, previous[month]), comparing.NOTHING)
                    yield _row(listed, month, figure, before, _until(bases[checklist], month), placed)
        else:
            now = [figures.get((checklist, month), comparing.NOTHING) for month in span]
            before = reading.total([figures.get((checklist, month), comparing.NOTHING) for month in span.before()])
            yield _row(listed, None, reading.total(now), before, bases[checklist][-1], placed)


@lru_cache(maxsize=64)
def _previous(span: Span) -> Mapping[date, date]:
    """The month before each month of a span."""
    return {month: months.later(month, -1) for month in span}


def _order(checklist: Checklist) -> tuple[int, str]:
    return checklist.position, checklist.code


def _until(bases: tuple[Basis, ...], month: date) -> Basis:
    """What a month's figures rest on: the latest basis up to then."""
    return next((basis for basis in reversed(bases) if basis.month <= month), bases[0])


def _row(listed: Listed, month: date | None, figure: Figure, before: Figure, basis: Basis, placed: Placed) -> Row:
    value = comparing.range_of(figure, basis.spread)
    return Row(
        listed=listed,
        checklist=basis.checklist,
        month=month,
        figure=figure,
        range=value,
        grade=scoring.grade_of(value.mean, basis.outline.bands) if value else None,
        change=comparing.change(before, figure, basis.spread),
        pile=placed[month].pile(basis.checklist.pk, listed.kind, figure),
        rung=placed[month].rung(basis.checklist.pk, listed.kind, figure, value),
        version=basis.number,
    )


# --- Which units ---------------------------------------------------------------------------------


def _listed(wanted: Wanted, stood: Stood | None) -> list[Listed]:
    """By the order of their names. Two queries, three as organised then."""
    card = wanted.card
    if wanted.of is Export.Of.UNITS:
        children, _elsewhere = below.children(card.unit, card.span, card.tree, wanted.scope)
        return [
            Listed(
                each.unit.pk,
                each.name,
                each.unit.code,
                card.name,
                each.unit.closed_on is None,
                peers.kind_of(each.unit),
            )
            for each in children
        ]
    if stood is not None:
        return _stood_then(wanted, stood)
    # An outlet that went into another is summed there, as on that one's scorecard.
    inside = UnitClosure.objects.filter(depth__gt=0, ancestor__outlet__isnull=False).values("descendant")
    outlets = organisation.outlets_below(card.unit)
    if not hasattr(card.unit, "outlet"):
        outlets = outlets.exclude(pk__in=inside)
    links = UnitClosure.objects.filter(depth=1, descendant__in=outlets.order_by().values("pk"))
    above = dict(links.values_list("descendant_id", "ancestor__name"))
    found = outlets.order_by("sort_key", "pk").values_list("pk", "name", "code", "closed_on")
    return [Listed(pk, name, code, above.get(pk, ""), closed is None) for pk, name, code, closed in found]


def _stood(wanted: Wanted) -> Stood:
    """The units that are listed, month by month, as organised on its last day. Two queries."""
    unit, span = wanted.card.unit, wanted.span
    rows = PeriodUnit.objects.filter(period__month__gte=span.before().first, period__month__lte=span.last)
    links: dict[date, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for month, below_it, parent in rows.values_list("period__month", "unit_id", "parent_id").iterator():
        if parent is not None:
            links[month][parent].append(below_it)
    if wanted.of is Export.Of.UNITS:
        return {month: frozenset(of_month[unit.pk]) for month, of_month in links.items()}
    outlets = frozenset(Outlet.objects.values_list("pk", flat=True))
    return {month: outlets & _all_below(unit.pk, of_month) for month, of_month in links.items()}


def _all_below(unit: int, links: Mapping[int, list[int]]) -> set[int]:
    """A unit and all that stands below it."""
    found, left = {unit}, [unit]
    while left:
        more = links.get(left.pop(), [])
        found.update(more)
        left.extend(more)
    return found


def _stood_then(wanted: Wanted, stood: Stood) -> list[Listed]:
    """All outlets that stood below in some month of the span and that the reader may see today, as called last."""
    span = wanted.span
    keys = frozenset().union(*(stood.get(month, frozenset()) for month in span))
    rows = PeriodUnit.objects.filter(period__month__gte=span.first, period__month__lte=span.last)
    named = {
        unit: (name, above or "")
        for unit, name, above in rows.order_by("period__month")
        .values_list("unit_id", "name", "parent__name")
        .iterator()
        if unit in keys
    }
    seen = Unit.objects.visible_to(wanted.scope).filter(outlet__isnull=False).order_by("sort_key", "pk")
    return [
        Listed(pk, *named[pk][:1], code, named[pk][1], is_open=closed is None)
        for pk, code, closed in seen.values_list("pk", "code", "closed_on")
        if pk in named
    ]
