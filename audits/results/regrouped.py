"""Which units' figures differ between the organisation as it was when months were closed and as it is today.

All others' own rows, as written at the closing, serve both views; only these are summed from their outlets. A closed
month's tree never changes, and today's only with an event, so what was found is kept until either has moved on.
"""

from collections import OrderedDict
from datetime import date
from threading import Lock

from django.db.models import Exists, Max, OuterRef

from audits.results.models import Period, PeriodUnit
from outlets.models import UnitClosure, UnitEvent

KEPT = 64  # spans of months that one process keeps

Stamp = tuple[int, int]
_kept: OrderedDict[tuple[date, date, Stamp], frozenset[int]] = OrderedDict()
_lock = Lock()


def stamp() -> Stamp:
    """Moves on with every closed month and every change of the organisation. One query."""
    events = UnitEvent.objects.order_by("-pk").values("pk")[:1]
    found = Period.objects.aggregate(last=Max("pk"), event=Max(events))
    return found["last"] or 0, found["event"] or 0


def touched(first: date, last: date) -> frozenset[int]:
    """Keys of the units for which some month from `first` to `last` counted other outlets than stand there today.

    One query where this process has found it before, else three. The same outlets under other units in between is a
    difference too: what stands directly below such a unit differs.
    """
    key = (first, last, stamp())
    with _lock:
        found = _kept.get(key)
    if found is None:
        found = _touched(first, last)
        with _lock:
            _kept[key] = found
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
    return found


def _touched(first: date, last: date) -> frozenset[int]:
    """Both ends of every link that is not one of today's, and all that stands above them today.

    What stood above them then is among these: either it still does, or its own link is another one of them.
    """
    today = UnitClosure.objects.filter(descendant=OuterRef("unit"), ancestor=OuterRef("parent"), depth=1)
    gone = PeriodUnit.objects.filter(
        ~Exists(today), period__month__gte=first, period__month__lte=last, parent__isnull=False
    )
    ends = {unit for pair in gone.values_list("unit_id", "parent_id").distinct() for unit in pair}
    above = UnitClosure.objects.filter(descendant__in=ends).values_list("ancestor_id", flat=True)
    return frozenset(above.distinct()) if ends else frozenset()


def forget() -> None:
    """Empties what this process keeps. For tests."""
    with _lock:
        _kept.clear()
