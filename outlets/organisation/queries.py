"""Reads over units, outlets and provinces. Every docstring states the number of queries."""

from dataclasses import dataclass

from django.db.models import Q

from outlets import text
from outlets.organisation.models import Unit, UnitClosure, UnitQuerySet

# So many units are offered when what was typed fits several.
CANDIDATES = 10


@dataclass(frozen=True)
class Candidate:
    """A unit that may be meant: its code, its name, and the name of the unit above it."""

    code: str
    name: str
    above: str


@dataclass(frozen=True)
class Found:
    """The unit that was meant or, when it is not clear, up to CANDIDATES that may be."""

    unit: Unit | None = None
    candidates: tuple[Candidate, ...] = ()
    has_more: bool = False


def find_unit(units: UnitQuerySet, typed: str) -> Found:
    """The one among `units` with this code, with exactly this name, or that alone has the words in its name.

    A unit that only its code's beginning fits is offered, never taken: the code may be that of a unit not among
    `units`. One query for a code or a whole name, two when words have to be searched, three when several fit.
    """
    plain = text.clean(typed, multiline=False)
    named = list(units.filter(Q(code__iexact=plain) | Q(name=plain)).order_by("pk")[: CANDIDATES + 1])
    with_code = [unit for unit in named if unit.code.casefold() == plain.casefold()]
    fitting = with_code or named or list(units.matching(plain)[: CANDIDATES + 1])
    if not text.search_words(plain) or not fitting:
        return Found()
    if len(fitting) == 1 and (named or _holds_words(fitting[0].name, plain)):
        return Found(unit=fitting[0])
    shown = fitting[:CANDIDATES]
    above = dict(
        UnitClosure.objects.filter(descendant__in=shown, depth=1).values_list("descendant_id", "ancestor__name")
    )
    return Found(
        candidates=tuple(Candidate(unit.code, unit.name, above.get(unit.pk, "")) for unit in shown),
        has_more=len(fitting) > CANDIDATES,
    )


def _holds_words(name: str, typed: str) -> bool:
    folded = text.fold(name)
    return all(word in folded for word in text.search_words(typed))
