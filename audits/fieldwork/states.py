"""The states of a visit and the moves between them, on one page. Pure."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class VisitState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    ASSIGNED = "assigned", _("Assigned")
    IN_PROGRESS = "in_progress", _("In progress")
    SUBMITTED = "submitted", _("Submitted")
    RETURNED = "returned", _("Returned")
    APPROVED = "approved", _("Approved")
    PUBLISHED = "published", _("Published")
    NOT_POSSIBLE = "not_possible", _("Could not be carried out")
    VOIDED = "voided", _("Voided")


S = VisitState

TRANSITIONS: dict[VisitState, frozenset[VisitState]] = {
    S.PLANNED: frozenset({S.ASSIGNED, S.VOIDED}),
    S.ASSIGNED: frozenset({S.PLANNED, S.ASSIGNED, S.IN_PROGRESS, S.NOT_POSSIBLE, S.VOIDED}),
    S.IN_PROGRESS: frozenset({S.SUBMITTED, S.NOT_POSSIBLE, S.VOIDED}),
    S.SUBMITTED: frozenset({S.SUBMITTED, S.RETURNED, S.APPROVED, S.VOIDED}),
    S.RETURNED: frozenset({S.SUBMITTED, S.VOIDED}),
    S.APPROVED: frozenset({S.SUBMITTED, S.PUBLISHED, S.VOIDED}),
    S.PUBLISHED: frozenset(),
    S.NOT_POSSIBLE: frozenset({S.ASSIGNED, S.VOIDED}),
    S.VOIDED: frozenset(),
}

# What the shopper can still write into, and what counts as done for the plan.
OPEN_TO_SHOPPER = frozenset({S.IN_PROGRESS, S.RETURNED})
CARRIED_OUT = frozenset({S.SUBMITTED, S.RETURNED, S.APPROVED, S.PUBLISHED})
BEFORE_SUBMISSION = frozenset({S.PLANNED, S.ASSIGNED, S.IN_PROGRESS})


def sources_of(target: VisitState) -> frozenset[VisitState]:
    """The states from which `target` can be reached in one move."""
    return frozenset(state for state, targets in TRANSITIONS.items() if target in targets)
