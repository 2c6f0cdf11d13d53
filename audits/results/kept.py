"""What a process keeps of published months: they change by a closing, a correction or a reorganisation, and else never.

A key holds `stamp()`, which moves on with each of these, so that nothing has to be taken away when it grows old.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Event, Lock, get_ident
from typing import Generic, TypeVar

from django.db.models import Count, Value

from audits.results.models import Period, Revision
from outlets.models import UnitEvent

Stamp = tuple[int, int, int]
_Value = TypeVar("_Value")
PATIENCE = 10.0  # seconds to wait for what another makes, before making it, too
_all: list["Kept"] = []


class Kept(Generic[_Value]):
    """The values used last, `most` of them, by key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Hashable, _Value] = OrderedDict()
        self._lock = Lock()
        self._making: dict[Hashable, tuple[int, Event]] = {}
        _all.append(self)

    def get(self, key: Hashable, make: Callable[[], _Value]) -> _Value:
        """The value of a key; made when it is not there. Of those that ask at once, one makes it and the others wait.

        They make it themselves where that one fails, or takes too long.
        """
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            maker, made = self._making.setdefault(key, (get_ident(), Event()))
        if maker != get_ident() and made.wait(PATIENCE):
            with self._lock:
                if key in self._values:
                    return self._values[key]
        try:
            value = make()
            with self._lock:
                self._values[key] = value
                while len(self._values) > self._most:
                    self._values.popitem(last=False)
            return value
        finally:
            if maker == get_ident():
                with self._lock:
                    self._making.pop(key, None)
                made.set()

    def clear(self) -> None:
        with self._lock:
            self._values.clear()


def stamp() -> Stamp:
    """How many closed months, changes of the organisation and corrections there are. One query.

    Counted, for none is ever deleted, and the last key may be seen before that of a slower writer is committed.
    """
    counts = [
        model._default_manager.order_by().annotate(of=Value(place)).values("of").annotate(rows=Count("pk"))
        for place, model in enumerate((Period, UnitEvent, Revision))
    ]
    found = dict(counts[0].union(*counts[1:], all=True).values_list("of", "rows"))
    return found.get(0, 0), found.get(1, 0), found.get(2, 0)


def forget() -> None:
    """Empties all that this process keeps. For tests."""
    for each in _all:
        each.clear()
