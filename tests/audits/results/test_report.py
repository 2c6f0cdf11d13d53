"""The monthly report: praise first, every figure that of the scorecard, printed whole."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from audits.results import report, scorecard
from audits.results.months import SpanKind
from audits.scoring import shown
from outlets.people.permissions import Scope
from tests import pages, plans, published, worlds
from tests.audits.results.exports.worlds import OCTOBER, publish
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


def page(client, user, unit, **query):
    client.force_login(user)
    return client.get(reverse("audits:report_detail", args=[unit.public_id], query=query or {"month": "2026-10"}))


def test_every_figure_is_the_scorecards(client, figures, at, people):
    card = scorecard.read(at.group, OCTOBER, kind=SpanKind.MONTH, top=at.group, scope=ALL)
    found = report.read(card, top=at.group, scope=ALL)
    assert found.headlines == card.headlines
    assert [channel.detail for channel in found.channels] == [card.detail]
    assert found.channels[0].headline == card.shown
    text = pages.words(page(client, people.office, at.group))
    headline = card.headlines[0]
    for figure in (headline.range.mean, headline.range.low, headline.range.high):
        assert f"{shown(figure):.1f}".replace(".", ",") in text
    (channel,) = found.channels
    groups = channel.thanks, channel.praised, channel.expected, channel.watched, channel.help, channel.thin
    placed = [row for group in groups for row in group]
    assert sorted(row.unit.pk for row in placed) == sorted(row.unit.pk for row in card.detail.published_below)


def test_each_channel_says_what_is_its_own(client, figures, at, people):
    other = plans.checklist("KT")
    for number in range(3):
        shopper = people.shopper2 if number == 2 else people.shopper
        for of, answers in ((None, "yy"), (other, "ny")):
            published.approved(at.counter, shopper, date(2026, 11, 5) + timedelta(days=number), answers, of)
    published.closed(date(2026, 11, 1))
    first = scorecard.read(at.group, date(2026, 11, 1), kind=SpanKind.MONTH, top=at.group, scope=ALL)
    channels = report.read(first, top=at.group, scope=ALL).channels
    means = {channel.headline.checklist.code: channel.headline.range.mean for channel in channels}
    assert means == {"TQ": 1_000_000, "KT": 750_000}
    assert {channel.headline.checklist.code: len(channel.topics) for channel in channels} == {"TQ": 0, "KT": 1}


def test_praise_comes_first_and_the_method_last(client, figures, at, people):
    text = pages.words(page(client, people.observer, at.group))
    places = [text.index(words) for words in ("Nội dung làm tốt", "Nội dung cần cải thiện", "ít nhất 3 lượt")]
    assert places == sorted(places)


def test_the_report_is_of_one_month_whatever_span_was_looked_at(client, figures, at, people):
    shown_page = page(client, people.office, at.group, span="12-months", month="2026-09")
    assert re.search(r"Báo cáo tháng 09/2026", pages.words(shown_page))


def test_a_manager_has_the_report_of_the_own_unit_alone(client, figures, at, people):
    assert page(client, people.manager, at.an_giang).status_code == 200
    assert page(client, people.manager, at.group).status_code == 404


def test_before_the_first_closing_it_leads_to_the_scorecard(client, at, people):
    assert page(client, people.office, at.group).status_code == 302


def test_the_report_takes_a_constant_number_of_queries(client, figures, at, people, django_assert_max_num_queries):
    client.force_login(people.office)
    for unit in (at.dong_da, at.group):
        with django_assert_max_num_queries(30):
            page(client, people.office, unit)
