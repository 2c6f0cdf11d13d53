"""What waits for a reviewer, in the order in which it should be looked at."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils import timezone

from audits.fieldwork.models import Submission
from audits.fieldwork.states import VisitState
from audits.fieldwork.visits import sheet
from audits.review.models import CLAIMED_FOR, Claim
from audits.review.queries import readable_by, with_unit_above
from outlets.models import User

FLAGGED, CLEAN, INCOMPLETE = range(3)  # follow-up answers may still come: nothing to approve before
TRIED = 20  # candidates for the next visit; more than that are not taken by colleagues at one moment


def waiting(user: User, *, at: datetime) -> QuerySet[Any]:
    """The visits that this reviewer may decide: with `flags` (None: not screened), `urgency`, `above`, `is_claimed`.

    `is_claimed`: somebody, perhaps the reader, has it open now; `claim.by` is joined.
    """
    latest = Submission.objects.filter(visit=OuterRef("pk")).order_by("-number")
    claims = Claim.objects.filter(visit=OuterRef("pk"), at__gt=at - CLAIMED_FOR)
    since = timezone.localdate(at) - timedelta(days=sheet.FOLLOW_UP_DAYS)
    rows: QuerySet[Any] = with_unit_above(readable_by(user))
    return (
        rows.filter(state=VisitState.SUBMITTED)
        .select_related("claim__by")
        .annotate(
            flags=Subquery(latest.values("screening__flag_count")[:1]),
            open_follow_ups=Subquery(latest.values("open_follow_ups")[:1]),
            receipt=Subquery(latest.values("receipt")[:1]),
            is_claimed=Exists(claims),
            is_mine=Exists(claims.filter(by=user)),
        )
        .annotate(
            urgency=Case(
                When(Q(open_follow_ups__gt=0, visited_on__gte=since), then=Value(INCOMPLETE)),
                When(flags__gt=0, then=Value(FLAGGED)),
                default=Value(CLEAN),
            )
        )
    )


def next_for(user: User, *, at: datetime) -> QuerySet[Any]:
    """Candidates for the next visit: what the reviewer already has open, then flagged ones, the oldest first."""
    free = waiting(user, at=at).filter(Q(is_claimed=False) | Q(is_mine=True)).exclude(urgency=INCOMPLETE)
    return free.order_by("-is_mine", "urgency", "submitted_at", "pk")[:TRIED]
