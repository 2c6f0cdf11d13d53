"""What a reviewer decides about a submitted visit. Reviewers never edit answers; they return."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audits import scoring
from audits.checklists.models import Criterion
from audits.fieldwork.models import Answer, Remark, Visit, VisitEvent
from audits.fieldwork.states import VisitState
from audits.fieldwork.transitions import move
from audits.fieldwork.visits import sheet
from outlets.models import User


class FollowUpsOpen(Exception):
    """Follow-up items are still open and their last day has not passed."""


class NothingRemarked(Exception):
    """A visit is returned with at least one remark."""


@transaction.atomic
def approve(*, visit: Visit, by: User, at: datetime) -> Visit:
    """Approves a submitted visit. Raises FollowUpsOpen before their last day, StaleState when somebody was faster.

    After that day the open follow-up items lapse: they become N/A, which leaves the score as it stands.
    """
    move(
        visit,
        VisitState.APPROVED,
        kind=VisitEvent.Kind.APPROVED,
        by=by,
        at=at,
        approved_at=at,
        approved_by=by,
    )
    now = sheet.read(visit)
    if now.open_follow_ups:
        if timezone.localdate(at) <= now.follow_up_due_on:
            raise FollowUpsOpen
        for criterion in now.open_follow_ups:
            Answer.objects.update_or_create(
                visit=visit,
                criterion_id=criterion.id,
                defaults={
                    "value": scoring.NOT_APPLICABLE,
                    "number": None,
                    "text": "",
                    "na_reason": _("Lapsed: not answered in time"),
                    "changed_at": at,
                },
            )
    return visit


@transaction.atomic
def return_visit(*, visit: Visit, remarks: Mapping[str, str], by: User, at: datetime) -> Visit:
    """Returns a submitted visit with a remark per criterion code; only those can then be changed.

    Raises NothingRemarked, StaleState, and KeyError for a code the visit's version does not have.
    """
    if not remarks:
        raise NothingRemarked
    move(visit, VisitState.RETURNED, kind=VisitEvent.Kind.RETURNED, by=by, at=at)
    criteria = dict(Criterion.objects.filter(version=visit.version_id).values_list("code", "pk"))
    Remark.objects.bulk_create(
        Remark(visit=visit, criterion_id=criteria[code], text=text, made_at=at, made_by=by)
        for code, text in remarks.items()
    )
    return visit
