"""What a shopper forgets first, and is therefore asked first after the visit. Pure.

Numbers go first: a wait of seven minutes is "some minutes" an hour later, and nothing brings it back. Then the words
that were said and in which order things happened; then what a person did, seen for a moment; then what else was so at
the time. What a photo shows, or the place itself on any other day, can still be looked at last.
"""

from collections.abc import Iterable
from enum import IntEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audits import scoring
from audits.checklists.models import Criterion
from audits.checklists.outline import CriterionOutline


class Fading(IntEnum):
    """How soon something is forgotten: the lowest first."""

    NUMBER = 1
    WORDS = 2
    PERSON = 3
    MOMENT = 4
    STILL_THERE = 5


LABELS: dict[Fading, Promise] = {
    Fading.NUMBER: _("Numbers and waits"),
    Fading.WORDS: _("In your own words"),
    Fading.PERSON: _("What somebody said or did"),
    Fading.MOMENT: _("What else was so at the time"),
    Fading.STILL_THERE: _("What a photo or the place still shows"),
}


def fading(criterion: CriterionOutline) -> Fading:
    """How soon the answer to a criterion is forgotten."""
    if criterion.kind == scoring.Kind.MEASURED:
        return Fading.NUMBER
    if criterion.kind == scoring.Kind.TEXT:
        return Fading.WORDS
    if criterion.photo != Criterion.Photo.NONE:
        return Fading.STILL_THERE
    return Fading.PERSON if criterion.controlled_by == Criterion.ControlledBy.PERSON else Fading.MOMENT


def forgotten_first(criteria: Iterable[CriterionOutline]) -> list[CriterionOutline]:
    """The criteria in the order in which they are forgotten; of one kind, in their own."""
    return sorted(criteria, key=fading)
