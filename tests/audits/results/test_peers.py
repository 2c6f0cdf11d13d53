"""Units are placed among all of their kind in the group, so that few siblings hide nobody."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from audits.models import Export, Submission
from audits.results import comparing, peers, scorecard, statistics, wording
from audits.results.exports import rows as source
from audits.results.exports.rows import Wanted
from audits.results.months import SpanKind, span
from audits.results.statistics import Pile
from outlets.models import Unit
from outlets.people.permissions import Scope
from tests import pages, plans, published, worlds
from tests.kept import kept

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)
MONTH = span(SpanKind.MONTH, OCTOBER)


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


def visits(outlet, people, *answers):
    for number, each in enumerate(answers):
        shopper = people.shopper if number % 2 else people.shopper2
        published.approved(outlet, shopper, OCTOBER + timedelta(days=number), each)


@kept
def october(at, people):
    """Eight counters alike at one office; at another two alike, and one far below."""
    usual = ["yy", "ny", "yy"] * 3
    for outlet in plans.outlets_below(at.dong_da, 8):
        visits(outlet, people, *usual)
    visits(at.counter, people, *usual)
    visits(at.other_counter, people, *usual)
    low = plans.outlets_below(at.long_xuyen, 1)[0]
    visits(low, people, *["nn", "yn", "nn"] * 3)
    published.closed(OCTOBER)
    return low


def read(unit):
    return scorecard.read(unit, OCTOBER, kind=SpanKind.MONTH, top=Unit.objects.get(code="VNPT"))


def piles(rows):
    return {row.unit: row.pile for row in rows}


def test_few_siblings_do_not_hide_the_one_far_below(october, at):
    detail = read(at.long_xuyen).detail
    sums = [comparing.sums(child.figure, detail.spread) for child in detail.children]
    assert set(statistics.funnel(sums, detail.headline.range.mean).piles) == {Pile.WITHIN}
    assert piles(detail.children) == {
        at.counter.unit: Pile.WITHIN,
        at.other_counter.unit: Pile.WITHIN,
        october.unit: Pile.LOW,
    }
    (held,) = detail.peers
    assert (held.is_outlets, held.placed, held.centre) == (True, 11, read(at.group).shown.range.mean)


def test_other_units_are_placed_among_those_of_their_type(october, at):
    (held,) = read(at.an_giang).detail.peers
    assert (held.kind, held.placed) == (at.long_xuyen.unit_type_id, 2)


def test_below_nine_visits_and_where_nobody_has_figures_there_is_no_pile(october, at):
    checklist = read(at.group).shown.checklist.pk
    every = peers.read([checklist], MONTH)
    assert every.pile(checklist, peers.OUTLETS, comparing.Figure(visits=8)) is None
    assert every.pile(checklist, -1, comparing.Figure(visits=9)) is None


@pytest.mark.parametrize("by_month", [False, True])
@pytest.mark.parametrize("of", [Export.Of.UNITS, Export.Of.OUTLETS])
def test_files_place_units_as_pages_do(october, at, of, by_month):
    everybody = Scope(is_everything=True)
    for unit in (at.group, at.an_giang, at.long_xuyen):
        wanted = Wanted(read(unit), everybody, of, by_month)
        of_rows = [row for step in source.steps(wanted) for row in step.rows if row.checklist]
        found = {row.listed.unit: (row.pile, row.rung) for row in of_rows}
        above = [at.long_xuyen, at.dong_da] if of == Export.Of.OUTLETS else [unit]
        told = {row.unit.pk: (row.pile, row.rung) for each in above for row in read(each).detail.published_below}
        assert found and found.items() <= told.items()


def units(client, user, unit, **query):
    client.force_login(user)
    return client.get(reverse("audits:scorecard_units", args=[unit.public_id], query=query))


def test_all_outlets_of_a_province_stand_on_one_page(client, october, at, people):
    shown = units(client, people.manager, at.an_giang, level="outlets")
    assert {row.child.unit for row in shown.context["listing"].page} == {
        at.counter.unit,
        at.other_counter.unit,
        october.unit,
    }
    words = pages.words(shown)
    for expected in (
        "Mọi điểm phục vụ của VNPT An Giang · Bảng kiểm TQ",
        "3 điểm phục vụ · Bảng kiểm TQ",
        "Phòng bán hàng Long Xuyên",
    ):
        assert expected in words
    directly = units(client, people.manager, at.an_giang)
    assert [row.child.unit for row in directly.context["listing"].page] == [at.long_xuyen]
    assert "&amp;level=outlets" in directly.content.decode()


@pytest.mark.parametrize(("pile", "number"), [("low", 1), ("within", 2), ("high", 0), ("thin", 0), ("none such", 3)])
def test_outlets_are_narrowed_to_a_pile_searched_and_stay_outlets(client, october, at, people, pile, number):
    shown = units(client, people.manager, at.an_giang, level="outlets", pile=pile)
    assert len(shown.context["listing"].page) == number
    assert '<input type="hidden" name="level" value="outlets">' in shown.content.decode()


def test_outlets_are_found_by_the_unit_that_they_stand_under(client, october, at, people):
    found = units(client, people.office, at.group, level="outlets", q="long xuyen").context["listing"]
    assert found.total == 3


def test_a_manager_sees_no_outlet_of_another_province(client, october, at, people):
    assert units(client, people.manager, at.ha_noi, level="outlets").status_code == 404


def test_all_outlets_take_the_same_queries_for_a_province_and_for_the_group(
    client, october, at, people, django_assert_num_queries
):
    for unit in (at.an_giang, at.group):
        units(client, people.office, unit, level="outlets")
        with django_assert_num_queries(14):
            client.get(reverse("audits:scorecard_units", args=[unit.public_id], query={"level": "outlets"}))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_group_of_units_is_called_as_a_grade_is(language):
    with translation.override(language):
        grades = {str(grade.label) for grade in Submission.Grade}
        assert not grades & {str(label) for label in wording.RUNGS.values()}
