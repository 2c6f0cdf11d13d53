"""Which units' figures differ between the organisation as it was when months were closed and as it is today.

All others' own rows, as written at the closing, serve both views. What stands below one that differs today is made of
pieces that do not, and of their own rows: its outlets, which are many, need not be summed one by one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q

from audits.results.kept import Kept, Stamp, stamp
from audits.results.models import PeriodUnit
from outlets.models import Outlet, UnitClosure

Link = tuple[int, int | None]  # a unit and what it stood under
Pieces = Mapping[int, Collection[int]]  # of a unit that differs, the units of which the own rows add up to it today


@dataclass(frozen=True)
class Gone:
    """The links of every closed month that are none of today's.

    `above`: each of their ends with what stands above it today, from itself upwards; `below`: what stands directly
    below each of all these. `outlets` are those of them that have rows of their own besides what stands below.
    """

    links: Mapping[date, frozenset[Link]]
    above: Mapping[int, tuple[int, ...]]
    below: Mapping[int, tuple[int, ...]]
    outlets: frozenset[int]

    def within(self, first: date, last: date) -> frozenset[Link]:
        return frozenset().union(*(links for month, links in self.links.items() if first <= month <= last))


_gone: Kept[Gone] = Kept(4)
_touched: Kept[frozenset[int]] = Kept(64)
_pieces: Kept[Pieces] = Kept(64)


def touched(first: date, last: date, as_of: Stamp | None = None) -> frozenset[int]:
    """Keys of the units that stood in another place in some month from `first` to `last`, or had other units below.

    No query where this process knows the links that are gone and the caller the stamp; else one for the stamp, and
    those of `gone`.
    The same outlets under other units in between is a difference too: what stands directly below such a unit differs.
    """
    as_of = as_of or stamp()
    return _touched.get(
        (first, last, as_of),
        lambda: frozenset(key for link in gone(as_of).within(first, last) for key in _around(gone(as_of), link)),
    )


def pieces(first: date, last: date, as_of: Stamp | None = None) -> Pieces:
    """Of each unit that counted other outlets in some month from `first` to `last` than stand there today, its pieces.

    Queries as with `touched`.
    """
    as_of = as_of or stamp()
    return _pieces.get((first, last, as_of), lambda: _in_pieces(gone(as_of), first, last))


def have_moved(unit: int, first: date, last: date, as_of: Stamp | None = None) -> bool:
    """Whether other units stood directly below `unit` in some of these months than today. Queries as with `touched`."""
    found = gone(as_of or stamp())
    return any(unit in (parent, *found.above[key][1:2]) for key, parent in found.within(first, last))


def gone(as_of: Stamp) -> Gone:
    """The links that are gone. One query where this process has not read them since then, four if there are any."""
    return _gone.get(as_of, _read)


def _read() -> Gone:
    today = UnitClosure.objects.filter(descendant=OuterRef("unit"), ancestor=OuterRef("parent"), depth=1)
    is_below = Exists(UnitClosure.objects.filter(descendant=OuterRef("unit"), depth=1))
    found = PeriodUnit.objects.filter(~Exists(today) & (Q(parent__isnull=False) | is_below))  # else it is the top
    rows = found.values_list("unit_id", "parent_id", "period__month")
    links: dict[date, set[Link]] = defaultdict(set)
    for unit, parent, month in rows.iterator():
        links[month].add((unit, parent))
    ends = {key for some in links.values() for link in some for key in link if key is not None}
    above: dict[int, tuple[int, ...]] = defaultdict(tuple)
    upwards = UnitClosure.objects.filter(descendant__in=ends).order_by("depth")
    for unit, key in upwards.values_list("descendant_id", "ancestor_id"):
        above[unit] += (key,)
    every = {key for line in above.values() for key in line}
    below: dict[int, tuple[int, ...]] = defaultdict(tuple)
    downwards = UnitClosure.objects.filter(depth=1, ancestor__in=every)
    for unit, key in downwards.values_list("ancestor_id", "descendant_id"):
        below[unit] += (key,)
    return Gone(
        {month: frozenset(some) for month, some in links.items()},
        dict(above),
        dict(below),
        frozenset(Outlet.objects.filter(pk__in=every).values_list("pk", flat=True)),
    )


def _around(found: Gone, link: Link) -> Iterator[int]:
    """Both ends of a link and all that stands above them today.

    What stood above them then is among these for some link: either it still does, or its own link is another one.
    """
    for end in link:
        yield from () if end is None else found.above[end]


def _in_pieces(found: Gone, first: date, last: date) -> Pieces:
    differs: set[int] = set()
    for unit, parent in found.within(first, last):
        differs.update(found.above[unit][1:])  # the unit itself brought along all that is below it
        differs.update(() if parent is None else found.above[parent])
    return {key: frozenset(_pieces_of(found, differs, key)) for key in differs}


def _pieces_of(found: Gone, differs: Collection[int], unit: int) -> Iterator[int]:
    if unit not in differs:
        yield unit
        return
    if unit in found.outlets:
        yield unit
    for child in found.below.get(unit, ()):
        yield from _pieces_of(found, differs, child)
