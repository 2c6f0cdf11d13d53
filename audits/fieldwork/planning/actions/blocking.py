"""Where a shopper must not go."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from audits.fieldwork.models import BlockedUnit, Visit
from audits.fieldwork.planning import refusals
from audits.fieldwork.planning.actions import assignments
from audits.fieldwork.states import VisitState
from outlets.models import Unit, User
from outlets.organisation import tree


@dataclass(frozen=True)
class Blocking:
    """A block, and how many assignments it took back."""

    block: BlockedUnit
    withdrawn: int


def block(*, shopper: User, unit: Unit, reason: str, by: User | None, at: datetime) -> Blocking:
    """Keeps a shopper from `unit` and all below it, and takes back the visits there that they have not begun.

    Raises NotAShopper for another kind of account, AlreadyBlocked, ReasonMissing (`refusals`).
    """
    if shopper.kind != User.Kind.SHOPPER:
        raise refusals.NotAShopper
    if not reason:
        raise refusals.ReasonMissing
    with transaction.atomic():
        assignments.hold([shopper])
        made, is_new = BlockedUnit.objects.current().get_or_create(
            shopper=shopper, unit=unit, defaults={"reason": reason, "added_at": at, "added_by": by}
        )
        if not is_new:
            raise refusals.AlreadyBlocked
        outcome = assignments.withdraw_many(visits=assigned_below(shopper, unit), by=by, at=at)
    return Blocking(made, outcome.changed)


def unblock(*, block: BlockedUnit, by: User | None, at: datetime) -> bool:
    """Lifts a block; False when it has been lifted before. What it took back stays taken back."""
    return bool(BlockedUnit.objects.current().filter(pk=block.pk).update(ended_at=at, ended_by=by))


def assigned_below(shopper: User, unit: Unit) -> QuerySet[Visit]:
    """The shopper's visits at or below `unit`, or what became of it, that are assigned and not begun. A queryset."""
    itself = Unit.objects.filter(pk=unit.pk).values("pk")
    below = Unit.objects.within(itself) | Unit.objects.within(tree.heirs(itself))
    return Visit.objects.filter(shopper=shopper, state=VisitState.ASSIGNED, outlet__unit__in=below)
