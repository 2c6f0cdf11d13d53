"""Lists: which rows a page holds."""

import pytest
from django.db.models import Count, OuterRef, Subquery

from outlets.listing import Column, listing
from outlets.models import Unit, UnitClosure
from tests import worlds

pytestmark = pytest.mark.django_db
COLUMNS = [Column("name", "Name", ("sort_key",)), Column("below", "Below", ("below",), is_number=True)]


@pytest.fixture
def units():
    """Nine units, each with the number of units at or below it."""
    worlds.places()
    links = UnitClosure.objects.filter(ancestor=OuterRef("pk")).order_by().values("ancestor")
    return Unit.objects.annotate(below=Subquery(links.annotate(number=Count("pk")).values("number")))


def shown(rf, rows, **asked):
    is_dear = asked.pop("is_dear")
    return [
        (each.code, each.below)
        for each in listing(rf.get("/", asked), rows, columns=COLUMNS, default="name", per_page=4, is_dear=is_dear).page
    ]


@pytest.mark.parametrize("page", ["1", "2", "3", "9", "x"])
@pytest.mark.parametrize("sort", ["name", "-name", "below", "-below"])
def test_a_dear_list_holds_the_same_rows_in_the_same_order(rf, units, sort, page):
    plain = shown(rf, units, is_dear=False, sort=sort, page=page)
    assert shown(rf, units, is_dear=True, sort=sort, page=page) == plain
    assert len(plain) in (1, 4)


def test_a_dear_list_ranks_hits_of_a_search(rf, units):
    found = [shown(rf, units, is_dear=is_dear, q="long xuyen") for is_dear in (False, True)]
    assert found[0] == found[1] == [("AGG-LX-01", 1), ("AGG-LX", 3)]


def test_a_dear_list_computes_nothing_of_rows_that_it_skips(rf, units, django_assert_num_queries):
    with django_assert_num_queries(2) as asked:
        shown(rf, units, is_dear=True, page="2")
    outer, _, inner = asked.captured_queries[1]["sql"].partition(" IN (SELECT")
    assert (outer.count("COUNT("), inner.count("COUNT("), inner.count("OFFSET 4")) == (1, 0, 1)


CODES = ["a-2", "A_1", "Z-1", "a_1", "_z", "b"]


def test_codes_are_sorted_byte_by_byte_on_both_databases(rf, database):
    worlds.places()
    kind = Unit.objects.first().unit_type
    Unit.objects.bulk_create(Unit(code=code, name=code, unit_type=kind, opened_on=worlds.FOUNDED) for code in CODES)
    columns = [Column("code", "Code", ("code",))]
    page = listing(rf.get("/"), Unit.objects.filter(code__in=CODES), columns=columns, default="code").page
    assert [unit.code for unit in page] == sorted(CODES)
    # The test's own PostgreSQL knows no language's order, so the words that ask for none are looked at.
    asked = str(page.paginator.object_list.query)
    assert ('ORDER BY "outlets_unit"."code" COLLATE "C"' in asked) == (database == "postgresql")
