"""The national data set from nothing, month by month, by several processes where the database lets them write at once.

Visits are rows such as the application would have written, but for their events: each published visit has the one of
its publication alone. Nothing is photographed, nothing was returned, and all was approved in time.
"""

import gc
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass

from django.db import connection, connections, reset_queries, transaction
from django.utils import translation

from audits.checklists.models import Checklist, ChecklistVersion
from audits.fieldwork.models import Answer, Submission, Visit, VisitEvent
from audits.results import closing, writing
from audits.results.models import Period, PublishedVisit, UnitCriterionScore, UnitScore
from outlets.models import Channel, Unit
from outlets.organisation import provinces, reference
from vnpt_smile.national import instrument, organisation, patterns, people, plan, publication, visits
from vnpt_smile.national.scale import Scale
from vnpt_smile.national.visits import Country

MINE = (Visit, Unit, ChecklistVersion)
LARGE = (Visit, Submission, Answer, VisitEvent, PublishedVisit, UnitScore, UnitCriterionScore)


class NotEmpty(Exception):
    """The database holds visits, units or checklists already. Its text counts them."""


@dataclass(frozen=True)
class Progress:
    """How far it is: months done of all, visits and answers written."""

    months: int
    of: int
    visits: int
    answers: int


def seed(scale: Scale, *, processes: int = 1) -> Iterator[Progress]:
    """Fills an empty database, telling after each month how far it is. Raises NotEmpty, and ValueError for its sizes.

    Every month is a transaction of its own: what is broken off is no data set, and its database is to be dropped.
    More than one process is for PostgreSQL.
    """
    refuse_other()
    with translation.override("vi"):
        country = _prepare(scale)
        done = written = answered = 0
        yield Progress(0, scale.months, 0, 0)
        for made in _months(country, processes):
            done, written, answered = done + 1, written + made[0], answered + made[1]
            yield Progress(done, scale.months, written, answered)
        _finish()


def refuse_other() -> None:
    """Raises NotEmpty unless all of this data set is yet to come."""
    counts = {model._meta.verbose_name_plural: model.objects.count() for model in MINE}
    if any(counts.values()):
        raise NotEmpty(", ".join(f"{number} {name}" for name, number in counts.items() if number))


@transaction.atomic
def _prepare(scale: Scale) -> Country:
    """Everything but visits."""
    closing.take_time()
    reference.install()
    provinces.install()
    team = people.build(scale, shoppers=plan.shoppers_of_province(scale))
    points = organisation.build(scale, by=team.office)
    instruments = instrument.install(scale)
    return Country(
        scale=scale,
        points=points,
        team=team,
        instruments=instruments,
        patterns={
            each.asked.version_id: patterns.build(each.asked, scale.patterns, scale.seed)
            for running in instruments.values()
            for each in running
        },
        waves=visits.plan_waves(scale, team=team),
        checklists={Channel(each.channel): each.pk for each in Checklist.objects.all()},
    )


def _months(country: Country, processes: int) -> Iterator[tuple[int, int]]:
    """Visits and answers written of each month, as they are done."""
    numbers = range(country.scale.months)
    if processes == 1:
        for number in numbers:
            yield _month(country, number)
        return
    connections.close_all()  # each process opens its own
    gc.freeze()  # what all of them read stays one copy
    forked = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(processes, forked, initializer=_inherit, initargs=(country,)) as pool:
        for done in as_completed([pool.submit(_inherited_month, number) for number in numbers]):
            yield done.result()


_inherited: list[Country] = []  # in a process of the pool: what it was forked with


def _inherit(country: Country) -> None:
    _inherited.append(country)


def _inherited_month(number: int) -> tuple[int, int]:
    return _month(_inherited[0], number)


def _month(country: Country, number: int) -> tuple[int, int]:
    is_open = country.scale.leaves_open and number == country.scale.months - 1
    with transaction.atomic():
        closing.take_time()
        made = visits.draw(country, number)
        visits.write(country, number, made, is_open=is_open)
        if not is_open:
            publication.close(country, number, made)
    reset_queries()  # a development server keeps the text of each statement
    return len(made), sum(len(each.pattern.answers) for each in made)


def _finish() -> None:
    """The spread of each month, which rests on those before, and what the database wants to know of large tables."""
    for period in Period.objects.order_by("month"):
        with transaction.atomic():
            closing.take_time()
            writing.freeze_checklists(period)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and not connection.in_atomic_block:
            cursor.execute("SET statement_timeout = 0")
            for model in LARGE:
                cursor.execute(f"VACUUM ANALYZE {model._meta.db_table}")
            cursor.execute("RESET statement_timeout")
        else:
            cursor.execute("ANALYZE")
