"""What a process keeps of published months: they change by a closing, a correction or a reorganisation, and else never.

A key holds `stamp()`, which moves on with each of these, so that nothing has to be taken away when it grows old.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

from django.db.models import Max

from audits.results.models import Period, Revision
from outlets.models import UnitEvent

Stamp = tuple[int, int, int]
_Value = TypeVar("_Value")
_all: list["Kept"] = []


class Kept(Generic[_Value]):
    """The values used last, `most` of them, by key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Hashable, _Value] = OrderedDict()
        self._lock = Lock()
        _all.append(self)

    def get(self, key: Hashable, make: Callable[[], _Value]) -> _Value:
        """The value of a key; made when it is not there. Two that ask at once may both make it."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value

    def clear(self) -> None:
        with self._lock:
            self._values.clear()


def stamp() -> Stamp:
    """Moves on with every closed month, every change of the organisation and every correction. One query."""
    events, revisions = (model.objects.order_by("-pk").values("pk")[:1] for model in (UnitEvent, Revision))
    found = Period.objects.aggregate(period=Max("pk"), event=Max(events), revision=Max(revisions))
    return found["period"] or 0, found["event"] or 0, found["revision"] or 0


def forget() -> None:
    """Empties all that this process keeps. For tests."""
    for each in _all:
        each.clear()
