"""The tables of figures have the index of their key alone: reads go by it, and the rows came over to it."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test.utils import CaptureQueriesContext

from audits.models import Checklist, Period, UnitCriterionScore, UnitScore
from audits.results import beside, closing, figures, peers, reading
from audits.results.months import SpanKind, span
from audits.results.tallies import Kind
from tests import published, worlds

OCTOBER = date(2026, 10, 1)
YEAR = span(SpanKind.TWELVE, OCTOBER)
MODELS = (UnitScore, UnitCriterionScore)


@pytest.fixture
def october():
    """The places, with a block published in October."""
    at = worlds.places()
    people = worlds.people(at)
    for number, answers in enumerate(("yy", "ny", "yn")):
        shopper = people.shopper2 if number == 2 else people.shopper
        published.approved(at.counter, shopper, OCTOBER + timedelta(days=number), answers)
    published.closed(OCTOBER)
    return at


def rows() -> list[list[tuple[object, ...]]]:
    return [sorted(model.objects.values_list(*_columns(model))) for model in MODELS]


def _columns(model) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.django_db
def test_a_table_of_figures_has_one_index(model):
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    indexes = [set(each["columns"]) for each in found.values() if each["index"] or each["primary_key"]]
    assert indexes == [{field.column for field in model._meta.pk_fields}]


def reads(top, checklist):
    """The reads of pages: of a single unit and checklist, and of all."""
    for units in ([top.pk], list(UnitScore.objects.values_list("unit", flat=True).distinct())):
        yield lambda units=units: reading.monthly_of(units, YEAR.first, OCTOBER)
        yield lambda units=units: reading.by_month(units, YEAR.first, OCTOBER)
        yield lambda units=units: reading.parts(units, top, checklist, YEAR)
        yield lambda units=units: reading.criteria(units, checklist, YEAR)
        yield lambda units=units: reading.criteria_by_month(units, checklist, YEAR.first, OCTOBER)
        yield lambda units=units: reading.in_windows(units, checklist, YEAR, list(YEAR))
        yield lambda units=units: reading.of_units(units, [checklist], YEAR)
        yield lambda units=units: reading.sections_of_units(units, checklist, YEAR)
    yield lambda: reading.monthly_then([top], YEAR.first, OCTOBER)
    yield lambda: beside.units_beside(top, YEAR)
    yield lambda: peers.read([checklist], YEAR)
    yield lambda: closing.outlet_blocks(checklist, OCTOBER)
    yield lambda: figures.read(Period.objects.get())


@pytest.mark.django_db
def test_every_read_goes_by_the_key(october):
    """SQLite tells; PostgreSQL rightly reads a table of one page as it lies."""
    scanned = []
    for read in reads(october.group, Checklist.objects.get().pk):
        with CaptureQueriesContext(connection) as queries:
            assert read()
        if connection.vendor != "sqlite":
            continue
        for sql in (each["sql"] for each in queries.captured_queries if "score" in each["sql"]):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
                plan = [step for *_ids, step in cursor.fetchall() if "score" in step]
            scanned += [step for step in plan if not (step.startswith("SEARCH") and "(period_id=?" in step)]
            assert plan
    assert scanned == []


@pytest.mark.django_db(transaction=True)
def test_figures_come_over_to_the_new_tables_and_back(october, transactional_db):
    names = [name for name in _columns(UnitScore) if name != "kind"]
    for row in UnitScore.objects.filter(kind=Kind.SECTION).values(*names):
        UnitScore.objects.create(kind=Kind.THEME, **row)  # no criterion here has one
    before = rows()
    executor = MigrationExecutor(connection)
    leaves = executor.loader.graph.leaf_nodes()
    try:
        executor.migrate([("audits", "0029_fewer_indexes")])
        with connection.cursor() as cursor:
            cursor.execute("SELECT kind, COUNT(*) FROM audits_unitscore GROUP BY kind")
            kinds = dict(cursor.fetchall())
    finally:
        MigrationExecutor(connection).migrate(leaves)
    assert rows() == before
    kind = _columns(UnitScore).index("kind")
    assert kinds == Counter(Kind(row[kind]).name.lower() for row in before[0])
    assert set(kinds) == {"total", "section", "theme"}
