"""Receiving what a shopper submits: first kept, then looked over by machine.

The screening has a transaction of its own, after the submission's. Whatever happens to it, the shopper has the
receipt; what was not screened is screened when a reviewer takes the visit, or by `manage.py screen`.
"""

import logging
from datetime import datetime

from audits.fieldwork.models import Submission, Visit
from audits.fieldwork.visits import actions as visits
from audits.review import screening
from audits.review.models import Screening
from outlets.models import User

logger = logging.getLogger(__name__)


def submit(*, visit: Visit, by: User, at: datetime) -> Submission:
    """`visits.submit`, then the screening. Raises what that raises."""
    made = visits.submit(visit=visit, by=by, at=at)
    _screen(visit, at)
    return made


def submit_follow_up(*, visit: Visit, by: User, at: datetime) -> Submission:
    """`visits.submit_follow_up`, then the screening. Raises what that raises."""
    made = visits.submit_follow_up(visit=visit, by=by, at=at)
    _screen(visit, at)
    return made


def screen_if_missed(*, visit: Visit, at: datetime) -> None:
    """Screens a visit whose latest submission has not been. Two queries when it has."""
    latest = visit.submissions.order_by("-number").values_list("pk", flat=True).first()
    if latest and not Screening.objects.filter(submission=latest).exists():
        _screen(visit, at)


def _screen(visit: Visit, at: datetime) -> None:
    try:
        screening.screen([visit], at=at)
    except Exception as failure:  # no fault of ours may cost a shopper the receipt, nor a reviewer the visit
        # Without the failure's text, which may hold what the shopper wrote.
        logger.error("visit %s was not screened: %s", visit.public_id, type(failure).__name__)
