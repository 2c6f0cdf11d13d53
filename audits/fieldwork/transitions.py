"""The one way a visit changes state: a conditional UPDATE whose row count decides the race, and its event."""

from collections.abc import Collection

from audits.fieldwork.models import Visit, VisitEvent
from audits.fieldwork.states import VisitState, sources_of


class StaleState(Exception):
    """The visit is no longer in a state from which this move can be made: somebody was faster.

    `visit` has been read again, so that a page can say what it is now and since when.
    """

    def __init__(self, visit: Visit):
        self.visit = visit
        super().__init__(f"visit is {visit.state}")


def move(
    visit: Visit,
    to: VisitState,
    *,
    kind: VisitEvent.Kind,
    by,
    at,
    only_from: Collection[VisitState] | None = None,
    note: str = "",
    **columns,
) -> VisitEvent:
    """Moves `visit` to `to`, writing `columns` with it, and adds the event. Call inside a transaction.

    `only_from` narrows the states of the transition table. Raises StaleState when the row has moved on.
    """
    allowed = sources_of(to) if only_from is None else frozenset(only_from) & sources_of(to)
    before = visit.state
    moved = Visit.objects.filter(pk=visit.pk, state=before).filter(state__in=allowed).update(state=to, **columns)
    if not moved:
        visit.refresh_from_db()
        raise StaleState(visit)
    visit.state = to
    for name, value in columns.items():
        setattr(visit, name, value)
    return VisitEvent.objects.create(visit=visit, kind=kind, from_state=before, to_state=to, at=at, by=by, note=note)
