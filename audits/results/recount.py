"""The figures of closed months counted again from the shoppers' answers, and held against what is stored."""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from django.db import connection, connections, transaction

from audits.results import closing, figures, folding, rescoring, tallies
from audits.results.blocks import Rule
from audits.results.models import Period, PeriodUnit
from audits.results.tallies import CriterionFigure, Figure, Place, Tally


@dataclass(frozen=True)
class Drift:
    """One stored value that the answers do not give. `what` names the row."""

    period: Period
    what: str
    stored: object
    counted: object


@dataclass
class Recount:
    """How much has been counted so far."""

    visits: int = 0
    rows: int = 0


def of_periods(periods: Sequence[Period], count: Recount, *, processes: int = 1) -> Iterator[Drift]:
    """Every drift of some months, in their order; by several processes outside of a transaction only."""
    with ExitStack() as stack:
        counting: Iterator[tuple[list[Drift], Recount]] = map(_of_period, periods)
        if processes > 1:
            connections.close_all()  # each process opens its own
            pool = ProcessPoolExecutor(processes, multiprocessing.get_context("fork"))
            counting = stack.enter_context(pool).map(_of_period, periods)
        for drifts, counted in counting:
            count.visits += counted.visits
            count.rows += counted.rows
            yield from drifts


def _of_period(period: Period) -> tuple[list[Drift], Recount]:
    count = Recount()
    with _reading():
        closing.take_time()
        return list(of_period(period, count)), count


@contextmanager
def _reading() -> Iterator[None]:
    """A transaction that only reads. On SQLite others begin as writers: each waits for the one before, as saves do."""
    with ExitStack() as stack:
        if connection.vendor == "sqlite":
            stack.callback(setattr, connection, "transaction_mode", connection.transaction_mode)  # type: ignore[attr-defined]
            connection.transaction_mode = "DEFERRED"  # type: ignore[attr-defined]
        yield stack.enter_context(transaction.atomic())


def of_period(period: Period, count: Recount) -> Iterator[Drift]:
    """Every drift of one month: of its visits, then of its units. Memory grows with the units, not with the visits."""
    rule = Rule(period.least_visits, period.least_shoppers)
    outlets: dict[Place, Tally] = {}
    for place, some in groupby(rescoring.rescored(period), key=attrgetter("place")):
        block = list(some)
        for each in block:
            score = each.visit.score
            stored, counted = (each.percent, each.critical_failures), (score.percent, len(score.critical_failed))
            if stored != counted:
                yield Drift(period, f"visit {each.public_id}", stored, counted)
        count.visits += len(block)
        outlets[place] = folding.of_block([each.visit for each in block], rule)
    parents = PeriodUnit.objects.filter(period=period, parent__isnull=False)
    expected = tallies.roll_up(outlets, dict(parents.values_list("unit_id", "parent_id")))
    yield from _compare(period, figures.read(period), expected, count)


def _compare(
    period: Period, stored: dict[Place, Tally], expected: dict[Place, Tally], count: Recount
) -> Iterator[Drift]:
    for place in sorted(stored.keys() | expected.keys()):
        have, want = stored.get(place, Tally()), expected.get(place, Tally())
        count.rows += len(have.figures.keys() | want.figures.keys()) + len(have.criteria.keys() | want.criteria.keys())
        if have == want:  # nearly always, and much faster than one by one
            continue
        name = f"unit {place[0]} checklist {place[1]}"
        for kind, code in sorted(have.figures.keys() | want.figures.keys()):
            pair = have.figures.get((kind, code), Figure()), want.figures.get((kind, code), Figure())
            if pair[0] != pair[1]:
                yield Drift(period, f"{name} {kind.name.lower()} {code}".strip(), *pair)
        for code in sorted(have.criteria.keys() | want.criteria.keys()):
            both = have.criteria.get(code, CriterionFigure()), want.criteria.get(code, CriterionFigure())
            if both[0] != both[1]:
                yield Drift(period, f"{name} {code}", *both)
