"""What closing a month of the whole country takes, what other pages suffer meanwhile, and what a recount takes."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from audits.fieldwork.models import Answer, Visit
from audits.fieldwork.states import VisitState
from audits.results import actions as results
from audits.results import closing, recount
from audits.results.models import (
    Block,
    Period,
    PeriodChecklist,
    PeriodUnit,
    PublishedVisit,
    UnitCriterionScore,
    UnitScore,
)
from vnpt_smile.bench import country
from vnpt_smile.bench.measuring import Amount, Beside, client_of, p95, peak
from vnpt_smile.national.visits import closed_at

SECONDS_BAR, MEMORY_BAR, PAGES_BAR, RECOUNT_BAR, SIZE_BAR = 20, 400, 2, 360, 30
BEFORE_SECONDS = 20.0
# What is read of a month once it is closed; blocks and published visits say which visits those figures rest on.
ROLL_UPS = (UnitScore, UnitCriterionScore, PeriodUnit, PeriodChecklist)
OTHER_PAGES = ("empty", "home", "audits:period_list", "audits:received_list")


@dataclass(frozen=True)
class Taken:
    """What one closing took; `computing` is the processor's time of it that was Python's."""

    visits: int
    seconds: float
    computing: float
    megabytes: float


def figures(processes: int, seconds: float = BEFORE_SECONDS) -> Iterator[Amount]:
    """Closes the month that is open in the country in use, then counts all again.

    Other pages are measured for so many seconds before, and while it runs.
    """
    waiting = Visit.objects.filter(state=VisitState.APPROVED).count()
    client, addresses = client_of(country.reader()), _addresses()
    for address in addresses:
        client.get(address)  # what a process reads once is read
    before = _pages_for(client, addresses, seconds)
    closed = Beside(_close)
    during: dict[str, list[float]] = {address: [] for address in addresses}
    while not closed.is_done:
        for address, times in _pages_for(client, addresses, 0).items():
            during[address] += times
    taken = closed.result()
    if taken.visits != waiting:
        raise RuntimeError("not every visit was published: the figure would be of something else")
    what = f"closing a month of {taken.visits:,} visits ({taken.computing:.1f} s of computing)"
    yield Amount(what, taken.seconds, "s", SECONDS_BAR)
    yield Amount("memory that closing needs more", taken.megabytes, "MB", MEMORY_BAR)
    # Each page in its own usual time: else the slowest alone would be measured.
    usual = {address: statistics.median(times) for address, times in before.items()}
    slow, calm = (p95([each / usual[page] for page in some for each in some[page]]) for some in (during, before))
    yield Amount("p95 of other pages while it runs ÷ before", slow / calm, "times", PAGES_BAR)
    yield _recounted(processes)
    if (share := _share()) is not None:
        yield share


def _addresses() -> list[str]:
    cards = country.cards()
    return [*(reverse(name) for name in OTHER_PAGES), cards["province"].address, cards["outlet"].address]


def _pages_for(client: Client, addresses: list[str], seconds: float) -> dict[str, list[float]]:
    """Milliseconds of the pages, asked for in turn for so long, each once at least."""
    end = time.monotonic() + seconds
    taken: dict[str, list[float]] = {address: [] for address in addresses}
    while not taken[addresses[-1]] or time.monotonic() < end:
        for address, times in taken.items():
            begun = time.perf_counter()
            client.get(address)
            times.append(1000 * (time.perf_counter() - begun))
    return taken


def _close() -> Taken:
    month = closing.next_month()
    if month is None:
        raise RuntimeError("there is no month to close")
    before, begun, computed = peak(), time.perf_counter(), time.process_time()
    done = results.close_month(month=month, by=None, at=closed_at(month))
    return Taken(done.visits, time.perf_counter() - begun, time.process_time() - computed, peak() - before)


def _recounted(processes: int) -> Amount:
    begun = time.perf_counter()
    count = recount.Recount()
    if next(recount.of_periods(list(Period.objects.order_by("month")), count, processes=processes), None):
        raise RuntimeError("a figure has drifted: the time would be of something else")
    what = f"recount of {Period.objects.count()} months, {count.visits:,} visits, {count.rows:,} figures"
    return Amount(f"{what}, {processes} at once", time.perf_counter() - begun, "s", RECOUNT_BAR)


def _share() -> Amount | None:
    """How large the rolled-up figures are beside the answers, indexes included; None where the database cannot say."""
    try:
        answers = _size(Answer)
        figures = sum(map(_size, ROLL_UPS))
        whole = figures + _size(Block) + _size(PublishedVisit)
    except OperationalError:
        return None
    return Amount(
        f"figures ({figures / 1e6:,.0f} MB, {whole / 1e6:,.0f} with blocks) of the answers ({answers / 1e6:,.0f} MB)",
        100 * figures / answers,
        "%",
        SIZE_BAR,
    )


def _size(model: type) -> int:
    """Bytes of a table with its indexes. SQLite knows them only where it was built with dbstat."""
    table = model._meta.db_table  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_total_relation_size(%s::regclass)", [table])
        else:
            cursor.execute(
                "SELECT SUM(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name = %s)",
                [table],
            )
        return int(cursor.fetchone()[0])
