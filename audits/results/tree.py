"""Under whom a closed month counts each unit."""

from datetime import date

from outlets.models import Outlet, Unit
from outlets.organisation import tree


def parents_on(day: date) -> dict[int, int]:
    """Parent by unit for the figures of a month that ends on `day`. Three queries.

    An outlet that went into another stands beside it here, not below it: the rows of an outlet hold its own visits
    alone, so that its visits are counted once under any tree.
    """
    parents, outlets = tree.parents_as_of(day), _outlets()
    for unit in parents:
        while parents.get(parents[unit]) is not None and parents[unit] in outlets:
            parents[unit] = parents[parents[unit]]
    return parents


def heirs_on(day: date) -> dict[int, int]:
    """The outlet that carries on the history of each one that went into another by `day`. Three queries.

    A visit of such an outlet that has not been published would wait for ever for others of a place that takes none.
    """
    parents, outlets = tree.parents_as_of(day), _outlets()
    heirs = {}
    for unit in outlets:
        heir = unit
        while parents.get(heir) in outlets:
            heir = parents[heir]
        if heir != unit:
            heirs[unit] = heir
    return heirs


def _outlets() -> set[int]:
    return set(Outlet.objects.values_list("pk", flat=True))


def names_on(day: date) -> dict[int, str]:
    """Name by unit on `day`, of units that were open by then. Two queries."""
    from_rows = Unit.objects.filter(opened_on__lte=day)
    names = dict(from_rows.values_list("pk", "name"))
    dated = from_rows.filter(names__valid_from__lte=day).order_by("names__valid_from")
    return names | dict(dated.values_list("pk", "names__name"))
