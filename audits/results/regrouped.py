"""Which units' figures differ between the organisation as it was when months were closed and as it is today.

All others' own rows, as written at the closing, serve both views; only these are summed from their outlets.
"""

from datetime import date

from django.db.models import Exists, OuterRef

from audits.results.kept import Kept, Stamp, stamp
from audits.results.models import PeriodUnit
from outlets.models import UnitClosure

_kept: Kept[frozenset[int]] = Kept(64)


def touched(first: date, last: date, as_of: Stamp | None = None) -> frozenset[int]:
    """Keys of the units for which some month from `first` to `last` counted other outlets than stand there today.

    No query where this process has found it before and the caller knows the stamp, one without it; else two more. The
    same outlets under other units in between is a
    difference too: what stands directly below such a unit differs.
    """
    return _kept.get((first, last, as_of or stamp()), lambda: _touched(first, last))


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
