"""Reads that closing a month stands on: what is approved, what its figures are, which month comes next."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import connection
from django.db.models import BigIntegerField, Case, Count, F, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.utils import timezone

from audits import scoring
from audits.fieldwork.models import Submission, Visit
from audits.fieldwork.states import VisitState
from audits.results import months, tallies, tree
from audits.results.blocks import Candidate, Rule, split
from audits.results.models import Period, PublishedVisit, Revision, UnitScore
from audits.results.statistics import Sums
from outlets.models import Outlet

CHUNK = 500  # visits whose workings are in memory at a time
SPREAD_MONTHS = 12
# In this order on the closing page: what the office can still bring in comes first.
UNFINISHED = (
    VisitState.SUBMITTED,
    VisitState.RETURNED,
    VisitState.IN_PROGRESS,
    VisitState.ASSIGNED,
    VisitState.PLANNED,
)


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


def late(approved: Mapping[int, tuple[date, datetime]], month: date) -> set[int]:
    """Which visits of months before `month`, by key, were not done when their own month was closed.

    `approved` gives their day and the time of their approval. One that was approved in time and waited for its block
    is not late. One query.
    """
    closed_at = dict(Period.objects.filter(month__lt=month).values_list("month", "closed_at"))
    of_month = {pk: (closed_at.get(months.month_of(day)), at) for pk, (day, at) in approved.items()}
    return {pk for pk, (closed, at) in of_month.items() if closed is not None and at >= closed}


def scores(submission_ids: Collection[int]) -> Iterator[tuple[int, scoring.Score]]:
    """Each submission's key with its score as stored. One query for each 500."""
    keys = sorted(submission_ids)
    for start in range(0, len(keys), CHUNK):
        rows = Submission.objects.filter(pk__in=keys[start : start + CHUNK]).order_by("pk")
        for submission_id, workings in rows.values_list("pk", "workings"):
            yield submission_id, scoring.from_workings(workings)


def outlet_blocks(checklist_id: int, month: date) -> list[tuple[Sums, int]]:
    """Each outlet's sums and blocks over the twelve months up to `month`, a row of it being one block. One query."""
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
        .annotate(n=Sum("visits"), sum_total=Sum("total"), sum_squares=Sum("squares"), blocks=Sum("outlets"))
    )
    return [(Sums(row["n"], row["sum_total"], row["sum_squares"]), row["blocks"]) for row in rows]


def take_time() -> None:
    """Lets this transaction run longer than a page may: PostgreSQL ends a page's statements after half a minute."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '30min'")
            cursor.execute("SET LOCAL lock_timeout = '2min'")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '30min'")


@dataclass(frozen=True)
class Preview:
    """What closing a month at this moment would do, and what is still open of it."""

    month: date
    is_over: bool
    blocks: int
    visits: int
    late: int
    waiting: int
    waiting_places: frozenset[int]  # one visit of each
    waiting_with: Mapping[int, int]  # the outlet whose visits those of one that went into it wait for
    open: dict[VisitState, int]

    @property
    def still_open(self) -> int:
        return sum(self.open.values())


def preview(month: date, at: datetime) -> Preview:
    """The closing of `month` as it would go now. Seven queries."""
    day = months.last_day(month)
    approved = approved_until(day, at)
    found = split(candidates(approved), rule(), tree.heirs_on(day))
    published = [each for some in found.published.values() for each in some]
    done = {pk: (on, when) for pk, on, when in approved.values_list("pk", "visited_on", "approved_at")}
    after = late(done, month)  # type: ignore[arg-type]  # an approved visit has both
    is_of_month = Q(visited_on__lte=day) | Q(visited_on__isnull=True, due_on__lte=day)
    unfinished = Visit.objects.filter(is_of_month, state__in=UNFINISHED).order_by()
    counted = dict(unfinished.values_list("state").annotate(Count("pk")))
    return Preview(
        month=month,
        is_over=timezone.localdate(at) > day,
        blocks=len(found.published),
        visits=len(published),
        late=sum(each.visit_id in after for each in published),
        waiting=sum(len(some) for some in found.waiting.values()),
        waiting_places=frozenset(min(each.visit_id for each in some) for some in found.waiting.values()),
        waiting_with={
            each.outlet_id: at for (at, _of), some in found.waiting.items() for each in some if each.outlet_id != at
        },
        open={state: counted[state] for state in UNFINISHED if state in counted},
    )


@dataclass(frozen=True)
class Next:
    """The month that comes next, for a home: how many visits are approved and how many are not finished yet."""

    month: date
    is_over: bool
    approved: int
    open: int


def next_closing(at: datetime) -> Next | None:
    """What stands before the next closing; None while nothing has been approved. Three queries."""
    month = next_month()
    if month is None:
        return None
    day = months.last_day(month)
    is_of_month = Q(visited_on__lte=day) | Q(visited_on__isnull=True, due_on__lte=day)
    # By state first: the index then leaves out all that has been published.
    counts = Visit.objects.filter(is_of_month, state__in=(VisitState.APPROVED, *UNFINISHED)).aggregate(
        approved=Count("pk", filter=Q(state=VisitState.APPROVED)), open=Count("pk", filter=Q(state__in=UNFINISHED))
    )
    return Next(month, timezone.localdate(at) > day, **counts)


def waiting_places(shown: Preview, at: datetime) -> QuerySet[Visit]:
    """One visit of each outlet and checklist that waits, with how many do and of how many shoppers.

    One query when read.
    """
    approved = approved_until(months.last_day(shown.month), at)
    heirs = (When(outlet=own, then=Value(heir)) for own, heir in shown.waiting_with.items())
    place = Case(*heirs, default=F("outlet_id"), output_field=BigIntegerField())
    beside = approved.annotate(place=place).filter(place=OuterRef("place"), wave__checklist=OuterRef("wave__checklist"))
    counted = beside.order_by().values("place")
    return (
        Visit.objects.filter(pk__in=shown.waiting_places)
        .annotate(place=place)
        .select_related("outlet__unit", "wave__checklist")
        .annotate(
            waiting=Subquery(counted.annotate(n=Count("pk")).values("n")),
            shoppers=Subquery(counted.annotate(n=Count("shopper", distinct=True)).values("n")),
        )
    )


@dataclass(frozen=True)
class PeriodRow:
    """A closed month with what was published in it."""

    period: Period
    blocks: int
    visits: int
    late: int
    revisions: int


def period_rows(periods: Iterable[Period]) -> tuple[PeriodRow, ...]:
    """The rows of one page of months. Two queries."""
    periods = list(periods)
    published = PublishedVisit.objects.filter(block__period__in=periods).order_by().values("block__period")
    counted = published.annotate(
        blocks=Count("block", distinct=True), visits=Count("pk"), late=Count("pk", filter=Q(is_late=True))
    ).values_list("block__period", "blocks", "visits", "late")
    counts = {period: (blocks, visits, late) for period, blocks, visits, late in counted}
    revised = Revision.objects.filter(published__block__period__in=periods).order_by()
    revisions = dict(revised.values_list("published__block__period").annotate(Count("pk")))
    return tuple(
        PeriodRow(period, *counts.get(period.pk, (0, 0, 0)), revisions=revisions.get(period.pk, 0))
        for period in periods
    )
