"""The one way a visit changes state: a conditional UPDATE whose row count decides the race, and its event."""

from collections.abc import Collection, Iterable

from audits.fieldwork.models import Visit, VisitEvent
from audits.fieldwork.states import VisitState, sources_of
from outlets.rows import insert, stored

CHUNK = 500  # rows of one statement when many visits move together


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

    `only_from` narrows the states of the transition table. Raises StaleState when the row has moved on, which
    includes that it has been given to another shopper since `visit` was read.
    """
    allowed = _allowed(to, only_from)
    before = visit.state
    as_read = Visit.objects.filter(pk=visit.pk, state=before, shopper=visit.shopper_id)
    moved = as_read.filter(state__in=allowed).update(state=to, **columns)
    if not moved:
        visit.refresh_from_db()
        raise StaleState(visit)
    visit.state = to
    for name, value in columns.items():
        setattr(visit, name, value)
    return VisitEvent.objects.create(visit=visit, kind=kind, from_state=before, to_state=to, at=at, by=by, note=note)


def move_many(
    visits: Iterable[Visit],
    to: VisitState,
    *,
    kind: VisitEvent.Kind,
    by,
    at,
    only_from: Collection[VisitState] | None = None,
    note: str = "",
    **columns,
) -> list[Visit]:
    """Moves those of `visits` that still stand as they were read, each with its event; returns them.

    The others are left alone: nobody waits for the answer about each of a thousand. Call inside a transaction;
    two statements for each 500 visits, and the events.
    """
    allowed = _allowed(to, only_from)
    wanted = [visit for visit in visits if visit.state in allowed]
    moved: list[Visit] = []
    for start in range(0, len(wanted), CHUNK):
        by_pk = {visit.pk: visit for visit in wanted[start : start + CHUNK]}
        # The lock holds the rows between the two statements on PostgreSQL; on SQLite the transaction itself does.
        rows = Visit.objects.select_for_update().filter(pk__in=by_pk).order_by("pk")
        standing = [
            pk
            for pk, state, shopper_id in rows.values_list("pk", "state", "shopper_id")
            if (state, shopper_id) == (by_pk[pk].state, by_pk[pk].shopper_id)
        ]
        Visit.objects.filter(pk__in=standing, state__in=allowed).update(state=to, **columns)
        moved += [by_pk[pk] for pk in standing]
    by_id, at_once = by.pk if by else None, stored(at)
    insert(
        VisitEvent,
        ("visit_id", "kind", "from_state", "to_state", "at", "by_id", "note"),
        ((visit.pk, kind, visit.state, to, at_once, by_id, note) for visit in moved),
    )
    for visit in moved:
        visit.state = to
        for name, value in columns.items():
            setattr(visit, name, value)
    return moved


def _allowed(to: VisitState, only_from: Collection[VisitState] | None) -> frozenset[VisitState]:
    return sources_of(to) if only_from is None else frozenset(only_from) & sources_of(to)
