"""What a change of the organisation leaves behind, as plain values to compare."""

from datetime import date

from outlets.models import UnitEvent, UnitName, UnitParent, UnitSuccession
from tests.worlds import NOW

JULY = date(2026, 7, 1)


def by_and_at(on="effective_on", day=JULY):
    return {on: day, "by": None, "at": NOW}


def parents(unit):
    rows = UnitParent.objects.filter(unit=unit).order_by("valid_from")
    return list(rows.values_list("parent__code", "valid_from", "valid_to"))


def names(unit):
    return list(UnitName.objects.filter(unit=unit).order_by("valid_from").values_list("name", "valid_from", "valid_to"))


def successions():
    rows = UnitSuccession.objects.order_by("pk")
    return list(rows.values_list("kind", "predecessor__code", "successor__code", "carries_history", "was", "became"))


def events(unit):
    return list(UnitEvent.objects.filter(unit=unit).order_by("pk").values_list("kind", "detail"))
