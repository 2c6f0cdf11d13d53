"""The rows of every file say what the scorecards of the units say."""

import pytest

from audits.models import Export
from audits.results import scorecard
from audits.results.exports import rows as source
from audits.results.exports.rows import Wanted
from audits.results.months import SpanKind
from audits.results.reading import Tree
from outlets.models import Unit
from outlets.people.permissions import Scope
from tests import worlds
from tests.audits.results.exports.worlds import OCTOBER, SEPTEMBER, move, publish
from tests.kept import kept

pytestmark = pytest.mark.django_db

ALL = Scope(is_everything=True)


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


@kept
def figures(at, people):
    publish(at, people)


@kept
def moved(at, people, figures):
    move(at)


def card_of(unit, kind=SpanKind.MONTH, tree=Tree.TODAY, month=OCTOBER, scope=ALL, checklist=""):
    top = Unit.objects.get(code="VNPT")
    return scorecard.read(unit, month, kind=kind, top=top, tree=tree, scope=scope, checklist=checklist)


def rows_of(unit, of=Export.Of.UNITS, *, by_month=False, scope=ALL, **asked):
    wanted = Wanted(card_of(unit, scope=scope, **asked), scope, of, by_month)
    return [row for step in source.steps(wanted) for row in step.rows]


def told(row):
    return row.figure, row.range, row.change


@pytest.mark.parametrize("tree", Tree)
@pytest.mark.parametrize("kind", SpanKind)
def test_units_below_have_the_figures_of_the_page(at, moved, kind, tree):
    for unit in (at.group, at.an_giang, at.ha_noi, at.long_xuyen, at.dong_da):
        card = card_of(unit, kind, tree)
        found = rows_of(unit, kind=kind, tree=tree)
        listed = {row.listed.unit: row for row in found}
        children = card.detail.children if card.detail else ()
        for child in children:
            row = listed[child.unit.pk]
            assert (row.listed.name, row.figure, row.range) == (child.name, child.figure, child.range)
            assert (row.change, row.pile) == (child.change if child.range else None, child.pile)
        assert card.detail is None or len(found) == len(children)


@pytest.mark.parametrize("kind", [SpanKind.MONTH, SpanKind.QUARTER, SpanKind.TWELVE])
def test_each_outlet_has_the_figure_of_its_own_scorecard(at, moved, kind):
    found = {row.listed.unit: row for row in rows_of(at.group, Export.Of.OUTLETS, kind=kind)}
    assert {at.counter.pk, at.far_counter.pk, at.other_counter.pk} <= found.keys()
    for row in found.values():
        card = card_of(Unit.objects.get(pk=row.listed.unit), kind)
        if row.checklist is None:
            assert card.detail is None
        else:
            headline = card.shown
            assert told(row) == (headline.figure, headline.range, headline.change)
            assert row.grade == headline.grade


def test_month_by_month_each_row_is_the_scorecard_of_that_month(at, figures):
    found = [row for row in rows_of(at.group, kind=SpanKind.QUARTER, by_month=True) if row.checklist]
    assert {row.month for row in found} == {OCTOBER}  # the quarter began in it
    found = [row for row in rows_of(at.group, kind=SpanKind.TWELVE, by_month=True) if row.checklist]
    assert sorted({row.month for row in found}) == [SEPTEMBER, OCTOBER]
    for row in found:
        headline = card_of(Unit.objects.get(pk=row.listed.unit), month=row.month).shown
        assert told(row) == (headline.figure, headline.range, headline.change)


def test_months_add_up_to_the_span_and_outlets_to_the_unit(at, moved):
    for tree in Tree:
        for unit in (at.group, at.an_giang, at.ha_noi):
            whole = sum(each.figure.total for each in card_of(unit, SpanKind.TWELVE, tree).headlines)
            for of in (Export.Of.UNITS, Export.Of.OUTLETS):
                for by_month in (False, True):
                    rows = rows_of(unit, of, by_month=by_month, kind=SpanKind.TWELVE, tree=tree)
                    assert sum(row.figure.total for row in rows) == whole, (unit, tree, of, by_month)


def test_an_outlet_that_waits_is_named_without_figures_however_many_visits_it_has(at, figures):
    for by_month in (False, True):
        (row,) = [
            row for row in rows_of(at.long_xuyen, by_month=by_month) if row.listed.unit == at.other_counter.unit_id
        ]
        assert (row.checklist, row.range, row.figure.visits) == (None, None, 0)


def test_a_unit_that_stands_elsewhere_today_is_not_told_to_its_manager_of_then(at, moved):
    own = Scope(unit_ids=frozenset({at.an_giang.pk}))
    for of in (Export.Of.UNITS, Export.Of.OUTLETS):
        rows = rows_of(at.an_giang, of, tree=Tree.THEN, scope=own)
        assert not {row.listed.unit for row in rows} & {at.long_xuyen.pk, at.counter.pk}
        assert {row.listed.unit for row in rows_of(at.an_giang, of, tree=Tree.THEN)} & {at.long_xuyen.pk, at.counter.pk}


@pytest.mark.parametrize("of", [Export.Of.UNITS, Export.Of.OUTLETS])
def test_a_step_takes_the_same_queries_for_one_unit_and_for_many(at, figures, of, django_assert_max_num_queries):
    for unit in (at.dong_da, at.group):
        wanted = Wanted(card_of(unit), ALL, of, by_month=True)
        with django_assert_max_num_queries(9):
            list(source.steps(wanted))


def test_units_are_read_some_at_a_time_and_their_rows_are_the_same(at, figures, monkeypatch):
    at_once = rows_of(at.group, Export.Of.OUTLETS, by_month=True)
    monkeypatch.setattr(source, "TOGETHER", 1)
    wanted = Wanted(card_of(at.group), ALL, Export.Of.OUTLETS, by_month=True)
    steps = list(source.steps(wanted))
    assert [row for step in steps for row in step.rows] == at_once
    assert [step.done for step in steps] == list(range(1, steps[0].total + 1))
