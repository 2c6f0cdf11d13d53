"""What a unit is placed by: all units of its kind in the whole group, not the few that stand beside it.

Among three or four siblings one that is far off makes the others' differences look usual, and hides itself. Outlets
are held against all outlets with the same checklist, any other unit against all units of its type; so a unit stands in
the same pile on every page and in every file.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from operator import add

from django.db.models import Count, DateField, F, Sum, Value

from audits.results import comparing
from audits.results.kept import Kept, Stamp, stamp
from audits.results.models import PeriodChecklist, UnitScore
from audits.results.months import Span
from audits.results.statistics import ENOUGH, Funnel, Pile, Range, Rung, Sums, funnel, rung_of
from audits.results.tallies import Figure, Kind
from outlets.models import Unit

OUTLETS = 0  # the kind of every outlet, whatever its type is called


@dataclass(frozen=True)
class Peers:
    """The limits among all units of a kind under one checklist in a span. `placed`: how many have enough visits."""

    kind: int
    placed: int
    limits: Funnel

    @property
    def centre(self) -> int:
        """The group's mean, as stored."""
        return round(self.limits.centre)

    @property
    def is_outlets(self) -> bool:
        return self.kind == OUTLETS


@dataclass(frozen=True)
class AllPeers:
    """The peers of every kind, by checklist and kind."""

    found: Mapping[tuple[int, int], Peers]

    def of(self, checklist: int, kind: int) -> Peers | None:
        """None where no unit of the kind has figures."""
        return self.found.get((checklist, kind))

    def pile(self, checklist: int, kind: int, figure: Figure) -> Pile | None:
        """Where a unit of the kind stands; None below nine visits."""
        peers = self.of(checklist, kind)
        return peers.limits.pile(Sums(figure.visits, figure.total, figure.squares)) if peers else None

    def rung(self, checklist: int, kind: int, figure: Figure, value: Range | None) -> Rung | None:
        """The word for it, of a unit whose figure has the range `value`; None below nine visits."""
        peers = self.of(checklist, kind)
        return rung_of(self.pile(checklist, kind, figure), value, peers.centre) if peers else None

    def used(self, checklist: int, kinds: Iterable[int]) -> tuple[Peers, ...]:
        """Those of units of these kinds, the commonest kind first."""
        counted: dict[int, int] = defaultdict(int)
        for kind in kinds:
            counted[kind] += 1
        found = (self.of(checklist, kind) for kind in sorted(counted, key=lambda kind: (-counted[kind], kind)))
        return tuple(peers for peers in found if peers)


def kind_of(unit: Unit) -> int:
    """The kind that a unit is placed among. No query where the unit was read with its outlet."""
    return OUTLETS if hasattr(unit, "outlet") else unit.unit_type_id


_kept: Kept[Mapping[date | None, AllPeers]] = Kept(64)


def read(checklists: Collection[int], span: Span, as_of: Stamp | None = None) -> AllPeers:
    """The peers under these checklists. Two queries where this process has not read them since the last closing.

    And one for the stamp, where the caller does not know it.
    """
    key = (tuple(sorted(checklists)), span.first, span.last, False, as_of or stamp())
    return _kept.get(key, lambda: _read(checklists, span, by_month=False))[None]


def read_months(checklists: Collection[int], span: Span) -> Mapping[date, AllPeers]:
    """The same for each month of a span by itself, in as many queries."""
    key = (tuple(sorted(checklists)), span.first, span.last, True, stamp())
    found = _kept.get(key, lambda: _read(checklists, span, by_month=True))
    return {month: found.get(month, AllPeers({})) for month in span}


def _read(checklists: Collection[int], span: Span, *, by_month: bool) -> Mapping[date | None, AllPeers]:
    """The peers of each month by itself, or by None those of all together. Two queries.

    Of units' own rows, as written when each month was closed: outlets' add up to the whole group.
    """
    within = {"checklist__in": checklists, "period__month__gte": span.first, "period__month__lte": span.last}
    usual = PeriodChecklist.objects.filter(**within).select_related("period").order_by("period__month")
    spreads = {(row.period.month if by_month else None, row.checklist_id): row.spread for row in usual}
    rows = UnitScore.objects.filter(kind=Kind.TOTAL, visits__gt=0, **within).order_by()
    rows = rows.annotate(of=F("period__month") if by_month else Value(None, DateField()))
    summed = rows.values("of", "checklist_id", "unit_id", "unit__unit_type_id").annotate(
        is_outlet=Count("unit__outlet"), **{f"of_{column}": Sum(column) for column in _COLUMNS}
    )
    sums: dict[date | None, dict[tuple[int, int], list[Sums]]] = defaultdict(lambda: defaultdict(list))
    for of, checklist, unit_type, is_outlet, *columns in summed.values_list(
        "of", "checklist_id", "unit__unit_type_id", "is_outlet", *(f"of_{column}" for column in _COLUMNS)
    ):
        figure = Figure(**dict(zip(_COLUMNS, columns, strict=True)))
        place = checklist, OUTLETS if is_outlet else unit_type
        sums[of][place].append(comparing.sums(figure, spreads.get((of, checklist))))
    return {of: _peers(some) for of, some in sums.items()} or {None: AllPeers({})}


_COLUMNS = ("visits", "outlets", "total", "squares")


def _peers(sums: Mapping[tuple[int, int], list[Sums]]) -> AllPeers:
    wholes = {checklist: reduce(add, some) for (checklist, kind), some in sums.items() if kind == OUTLETS}
    centres = {of: comparing.mean(Figure(visits=whole.n, total=whole.total)) for of, whole in wholes.items()}
    return AllPeers(
        {
            (checklist, kind): Peers(
                kind,
                sum(each.n >= ENOUGH for each in some),
                replace(funnel(some, centres.get(checklist) or 0), piles=()),
            )
            for (checklist, kind), some in sums.items()
        }
    )
