"""The tree of a given day, and the closure of today's. Reads and arithmetic only; the writing is at the bottom."""

from collections import defaultdict
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from outlets.organisation.models import Unit, UnitClosure, UnitParent, UnitSuccession


def parents_on(day: date) -> dict[int, int]:
    """Parent by unit as organised on `day`. One query."""
    rows = UnitParent.objects.filter(valid_from__lte=day).exclude(valid_to__lte=day)
    return dict(rows.values_list("unit_id", "parent_id"))


def parents_as_of(day: date) -> dict[int, int]:
    """Parent by unit as far as it was known on `day`; a predecessor closed by then hangs under its heir. Two queries.

    A unit that was closed without an heir stays where it last was; one that opened later is not there.
    """
    rows = UnitParent.objects.filter(valid_from__lte=day).order_by("valid_from")
    parents: dict[int, int] = dict(rows.values_list("unit_id", "parent_id"))
    heirs = UnitSuccession.objects.filter(
        carries_history=True,
        kind__in=[UnitSuccession.Kind.MERGE, UnitSuccession.Kind.SPLIT],
        effective_on__lte=day,
    )
    parents.update(heirs.values_list("predecessor_id", "successor_id"))
    return parents


def parents_today() -> dict[int, int]:
    """Parent by unit in today's tree: open rows, with closed predecessors under their heirs. Two queries."""
    return parents_as_of(date.max)


def above_since(unit_id: int, day: date) -> set[int]:
    """Every unit that stood, or stands, above this one on some day from `day` on. One query."""
    rows = defaultdict(list)
    overlapping = UnitParent.objects.exclude(valid_to__lte=day)
    for child, parent, start, end in overlapping.values_list("unit_id", "parent_id", "valid_from", "valid_to"):
        rows[child].append((parent, start, end or date.max))
    above: set[int] = set()
    waiting = [(unit_id, day, date.max)]
    while waiting:
        child, start, end = waiting.pop()
        for parent, row_start, row_end in rows[child]:
            since, until = max(start, row_start), min(end, row_end)
            if since < until:
                above.add(parent)
                waiting.append((parent, since, until))
    return above


# What merges and splits made of some units, all parts of a split included, and what became of those since. SQL,
# because the ORM cannot recurse; a set (UNION), so it ends. The table's name is Django's.
_BECAME = """
    WITH RECURSIVE became(unit_id, heir_id) AS (
        SELECT predecessor_id, successor_id FROM outlets_unitsuccession
        WHERE kind IN ('merge', 'split') AND predecessor_id IN ({units})
        UNION
        SELECT became.unit_id, later.successor_id FROM became
        JOIN outlets_unitsuccession later ON later.predecessor_id = became.heir_id
        WHERE later.kind IN ('merge', 'split')
    ) SELECT {columns} FROM became
"""


def heirs(units: QuerySet[Any, Any]) -> RawSQL:
    """The ids of all that merges and splits made of `units`, for `__in`. `units` are ids, as `.values("unit")` gives.

    In today's tree only one part of a split has the closed unit below it, and none what went to a new outlet: who
    must stay away from a unit, or be kept apart from it, must stay away from these too. No query of its own.
    """
    sql, params = units.order_by().query.sql_with_params()
    return RawSQL(_BECAME.format(units=sql, columns="heir_id"), params)  # noqa: S611 (the SQL is ours, and the ORM's)


def heirs_by_unit(units: QuerySet[Any, Any]) -> dict[int, set[int]]:
    """`heirs` of each of `units` that has some, by primary key. One query."""
    sql, params = units.order_by().query.sql_with_params()
    found = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_BECAME.format(units=sql, columns="unit_id, heir_id"), params)
        for unit_id, heir_id in cursor.fetchall():
            found[unit_id].add(heir_id)
    return dict(found)


def closure(parents: dict[int, int], units: set[int]) -> set[tuple[int, int, int]]:
    """(ancestor, descendant, depth) for every pair of the tree, each unit with itself. Pure.

    Raises ValueError on a circle.
    """
    pairs: set[tuple[int, int, int]] = set()
    for unit in units:
        depth, at, seen = 0, unit, {unit}
        pairs.add((unit, unit, 0))
        while at in parents:
            at, depth = parents[at], depth + 1
            if at in seen:
                raise ValueError(f"unit {unit} stands above itself")
            seen.add(at)
            pairs.add((at, unit, depth))
    return pairs


def closure_today() -> set[tuple[int, int, int]]:
    """What UnitClosure must hold. Three queries."""
    return closure(parents_today(), set(Unit.objects.values_list("pk", flat=True)))


def write_closure() -> None:
    """Makes UnitClosure equal to `closure_today()`, touching only the rows that differ. Called by actions."""
    wanted = {(ancestor, descendant): depth for ancestor, descendant, depth in closure_today()}
    stale, have = [], {}
    for pk, ancestor, descendant, depth in UnitClosure.objects.values_list(
        "pk", "ancestor_id", "descendant_id", "depth"
    ):
        if wanted.get((ancestor, descendant)) == depth:
            have[ancestor, descendant] = depth
        else:
            stale.append(pk)
    by_size = defaultdict(list)
    for index, pk in enumerate(stale):
        by_size[index // 500].append(pk)
    for pks in by_size.values():
        UnitClosure.objects.filter(pk__in=pks).delete()
    UnitClosure.objects.bulk_create(
        [
            UnitClosure(ancestor_id=ancestor, descendant_id=descendant, depth=depth)
            for (ancestor, descendant), depth in wanted.items()
            if (ancestor, descendant) not in have
        ],
        batch_size=1000,
    )
