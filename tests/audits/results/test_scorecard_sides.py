"""A reorganised unit as it was then beside as it is today."""

from datetime import date

import pytest
from django.urls import reverse

from audits.results import views
from audits.results.months import SpanKind
from audits.results.reading import Tree
from outlets.organisation import actions as organisation
from outlets.people.permissions import Scope
from tests import pages, published, worlds
from tests.audits.results.scorecards import read, two_months
from tests.kept import kept

pytestmark = pytest.mark.django_db

EVERYTHING = Scope(is_everything=True)


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


@kept
def october(at, people):
    two_months(at, people)


def moved(unit, parent):
    moment = published.moment(date(2026, 11, 3))
    organisation.move(unit=unit, parent=parent, effective_on=date(2026, 11, 2), by=None, at=moment)


def told(sides):
    return [
        (row.then and row.then.mean, row.then_visits, row.today and row.today.mean, row.today_visits, row.difference)
        for row in sides.rows
    ]


def test_a_reorganised_unit_is_told_both_ways_whichever_is_shown(october, at):
    before = read(at.ha_noi, SpanKind.TWELVE)
    assert before.sides is None
    moved(at.long_xuyen, at.ha_noi)
    for tree in Tree:
        came = read(at.ha_noi, SpanKind.TWELVE, tree=tree, scope=EVERYTHING).sides
        assert told(came) == [(before.headlines[0].range.mean, 3, 694_444, 9, 694_444 - before.headlines[0].range.mean)]
        assert (came.joined, came.left, came.within, came.unseen) == ((at.long_xuyen,), (), (), 0)
        went = read(at.an_giang, SpanKind.TWELVE, tree=tree, scope=EVERYTHING).sides
        assert told(went) == [(708_333, 6, None, 0, None)]
        assert (went.joined, went.left, went.within, went.unseen) == ((), (at.long_xuyen,), (), 0)


def test_where_the_reader_may_not_look_units_that_left_are_counted_alone(october, at):
    moved(at.long_xuyen, at.ha_noi)
    own = Scope(unit_ids=frozenset({at.an_giang.pk}))
    went = read(at.an_giang, SpanKind.TWELVE, tree=Tree.THEN, scope=own).sides
    assert (went.left, went.unseen) == ((), 1)


def test_a_move_within_a_unit_leaves_its_figures(october, at):
    moved(at.counter.unit, at.an_giang)
    sides = read(at.an_giang).sides
    assert [row.difference for row in sides.rows] == [0]
    assert (sides.joined, sides.left, sides.within) == ((), (), (at.counter.unit,))


def test_the_page_shows_both_sides_for_no_more_queries_once_the_moves_are_known(
    client, october, at, people, django_assert_max_num_queries
):
    moved(at.long_xuyen, at.ha_noi)
    client.force_login(people.office)
    address = reverse("audits:scorecard_detail", args=[at.ha_noi.public_id])
    words = pages.words(client.get(address))
    assert "Theo tổ chức lúc đó và theo tổ chức hiện nay" in words
    assert "Từ nơi khác về: Phòng bán hàng Long Xuyên" in words
    views.drawn_pages.clear()
    with django_assert_max_num_queries(17):
        client.get(address)
