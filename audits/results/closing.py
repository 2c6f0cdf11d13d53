"""Reads that closing a month stands on: what is approved, what its figures are, which month comes next."""

from collections.abc import Collection, Iterator
from datetime import date, datetime

from django.conf import settings
from django.db import connection
from django.db.models import F, Min, OuterRef, QuerySet, Subquery, Sum

from audits import scoring
from audits.fieldwork.models import Submission, Visit
from audits.fieldwork.states import VisitState
from audits.results import months, tallies
from audits.results.blocks import Candidate, Rule
from audits.results.models import Period, UnitScore
from audits.results.statistics import Pooled, Sums, pooled
from outlets.models import Outlet

CHUNK = 500  # visits whose workings are in memory at a time
SPREAD_MONTHS = 12


def rule() -> Rule:
    """The rule in force."""
    return Rule(settings.BLOCK_VISITS, settings.BLOCK_SHOPPERS)


def next_month() -> date | None:
    """The month that can be closed next: after the last closed one, or the first with an approved visit. Two queries.

    None while nothing has been approved yet.
    """
    last = Period.objects.order_by("-month").values_list("month", flat=True).first()
    if last is not None:
        return months.later(last, 1)
    first = Visit.objects.filter(state=VisitState.APPROVED).aggregate(first=Min("visited_on"))["first"]
    return months.month_of(first) if first else None


def approved_until(day: date, at: datetime) -> QuerySet[Visit]:
    """Visits made on or before `day` and approved by `at` that have not been published."""
    return Visit.objects.filter(state=VisitState.APPROVED, visited_on__lte=day, approved_at__lte=at)


def candidates(visits: QuerySet[Visit]) -> list[Candidate]:
    """The visits with the figure of their latest submission, in the order of their keys. One query."""
    latest = Submission.objects.filter(visit=OuterRef("pk")).order_by("-number")
    rows = (
        visits.annotate(
            latest_id=Subquery(latest.values("pk")[:1]),
            latest_percent=Subquery(latest.values("percent")[:1]),
            latest_failures=Subquery(latest.values("critical_failures")[:1]),
            checklist_id=F("wave__checklist"),
        )
        .order_by("pk")
        .values_list(
            "pk",
            "outlet_id",
            "checklist_id",
            "shopper_id",
            "visited_on",
            "latest_id",
            "latest_percent",
            "latest_failures",
        )
    )
    return [Candidate(*row) for row in rows]  # type: ignore[arg-type]  # an approved visit has a day


def scores(submission_ids: Collection[int]) -> Iterator[tuple[int, scoring.Score]]:
    """Each submission's key with its score as stored. One query for each 500."""
    keys = sorted(submission_ids)
    for start in range(0, len(keys), CHUNK):
        rows = Submission.objects.filter(pk__in=keys[start : start + CHUNK]).order_by("pk")
        for submission_id, workings in rows.values_list("pk", "workings"):
            yield submission_id, scoring.from_workings(workings)


def spread(checklist_id: int, month: date) -> Pooled | None:
    """How far visits of one outlet lie apart, over the twelve months up to `month`. One query."""
    rows = (
        UnitScore.objects.filter(
            checklist=checklist_id,
            kind=tallies.Kind.TOTAL,
            unit__in=Outlet.objects.values("pk"),
            period__month__gt=months.later(month, -SPREAD_MONTHS),
            period__month__lte=month,
        )
        .order_by()
        .values("unit")
        .annotate(n=Sum("visits"), sum_total=Sum("total"), sum_squares=Sum("squares"))
    )
    return pooled(Sums(row["n"], row["sum_total"], row["sum_squares"]) for row in rows)


def take_time() -> None:
    """Lets this transaction run longer than a page may: PostgreSQL ends a page's statements after half a minute."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '30min'")
            cursor.execute("SET LOCAL lock_timeout = '2min'")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '30min'")
