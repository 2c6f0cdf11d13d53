"""Topics while results wait: what counts as seen here, how chance mixes it, and who is given them."""

import random
from collections import Counter
from datetime import date, timedelta

import pytest
from django.urls import reverse

from audits.checklists.models import ChecklistVersion, Criterion, Section, Theme
from audits.models import Checklist, EarlyTopic, Period, Visit
from audits.results import closing, early, early_topics
from audits.results.blocks import Split
from audits.results.early import Channel, Here
from tests import pages, plans, published, worlds
from tests.kept import kept

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)
THEMES = ("brand", "premises", "waiting", "attitude", "knowledge", "process")
ALL = Channel(well=dict.fromkeys(THEMES, 10), again=dict.fromkeys(THEMES, 10))
FULL, NAMES = "y" * 8, {code: f"Chủ đề {number}" for number, code in enumerate(THEMES, start=1)}


class Line:
    """What `seen_here` reads of a line."""

    def __init__(self, theme, result):
        self.theme, self.result = theme, result


def visit(shopper, **missed):
    """Four criteria in each theme named, of which so many were missed."""
    lines = [Line(theme, 0 if n < some else 100) for theme, some in missed.items() for n in range(4)]
    return early.WaitingVisit(shopper, [*lines, Line(None, 0)])


# --- Pure -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("visits", "well", "again"),
    [
        ([visit(1, brand=2), visit(2, brand=4)], set(), {"brand"}),
        ([visit(1, brand=1), visit(2, brand=0)], {"brand"}, set()),
        ([visit(1, brand=2), visit(2, brand=1)], set(), set()),
        ([visit(1, brand=4), visit(1, brand=4)], set(), set()),
        ([visit(1, brand=4)], set(), set()),
        ([visit(1, brand=4), visit(2, waiting=4)], set(), set()),
        ([], set(), set()),
    ],
)
def test_seen_here_is_what_two_visits_by_two_shoppers_have_alike(visits, well, again):
    assert early.seen_here(visits) == Here(frozenset(well), frozenset(again))


def test_half_the_chance_is_what_was_seen_and_no_theme_has_none():
    assert early.chances({"brand"}, ALL.again, []) == dict.fromkeys(THEMES, 10) | {"brand": 70}
    assert early.chances({"brand", "waiting"}, ALL.again, ["brand"]) == dict.fromkeys(THEMES[1:], 10) | {"waiting": 60}
    assert early.chances({}, ALL.again, []) == dict.fromkeys(THEMES, 10)
    costly = early.channel({"a": 90, "b": 0, "c": 0}, {"a": 1, "b": 0, "c": 4}, {"a": 4, "b": 4, "c": 4})
    assert (costly.again, min(costly.well.values()) > 0) == ({"a": 1333, "b": 333, "c": 333}, True)
    assert not costly.is_enough


def test_topics_are_three_different_themes_however_little_there_is_to_say():
    everything = Here(frozenset(THEMES), frozenset(THEMES))
    for seed in range(200):
        found = early.topics(everything if seed % 2 else Here(), ALL, random.Random(seed))
        assert (len(found.well), len(found.again), len({*found.well, *found.again})) == (1, 2, 3)


def test_what_was_seen_comes_up_more_often_and_the_rest_still_does():
    here = Here(again=frozenset({"brand"}))
    drawn = Counter(early.topics(here, ALL, random.Random(seed)).again[0] for seed in range(2000))
    assert 0.5 < drawn["brand"] / 2000 < 0.66
    assert set(drawn) == set(THEMES)


# --- With the closing -------------------------------------------------------------------------------


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


@kept
def themed(at):
    """Eight criteria: A1 and A2 of the first theme, and one more of each of the six."""
    made = plans.checklist(is_running=False)
    version = made.versions.get()
    themes = [Theme.objects.create(code=code, name_vi=NAMES[code], position=n) for n, code in enumerate(THEMES)]
    section = Section.objects.create(version=version, code="B", name_vi="Phục vụ", position=2)
    for number, theme in enumerate(themes, start=1):
        Criterion.objects.create(
            version=version,
            section=section,
            code=f"B{number}",
            position=number,
            text_vi=f"Tiêu chí B{number}",
            kind=Criterion.Kind.YES_NO,
            weight=1,
            theme=theme,
        )
    version.criteria.filter(code__startswith="A").update(theme=themes[0])
    ChecklistVersion.objects.filter(pk=version.pk).update(
        state=ChecklistVersion.State.PUBLISHED, published_at=worlds.NOW - timedelta(days=365)
    )
    return made


@kept
def october(themed, at, people):
    """A block at the first counter; two visits that wait at the second, in which all of the first theme was missed."""
    for number in range(3):
        shopper = people.shopper2 if number == 2 else people.shopper
        published.approved(at.counter, shopper, OCTOBER + timedelta(days=number), FULL[:-1] + "n", of=themed)
    for number, shopper in enumerate((people.shopper, people.shopper2)):
        published.approved(at.other_counter, shopper, OCTOBER + timedelta(days=number), "nnnyyyyy", of=themed)
    published.closed(OCTOBER)


def topics_of(outlet):
    return [(each.theme.code, each.goes_well) for each in early_topics.of_outlet(outlet.pk)]


def test_who_has_no_block_is_given_three_topics_whether_visits_wait_or_none_was_made(october, at):
    assert topics_of(at.counter) == []
    for outlet in (at.other_counter, at.far_counter):
        assert [well for _theme, well in topics_of(outlet)] == [True, False, False]
    assert EarlyTopic.objects.filter(outlet=at.hotline).count() == 0  # nothing of that channel has been published


def test_only_what_waits_at_the_outlet_itself_is_mixed_in(october, at, monkeypatch):
    given = {}
    monkeypatch.setattr(early, "topics", lambda here, channel, rng: given.setdefault(len(given), here) and early_none)
    early_none = early.Topics((), ())
    period = Period.objects.get()
    waiting = {(at.other_counter.pk, Checklist.objects.get().pk): candidates(at.other_counter)}
    EarlyTopic.objects.all().delete()
    early_topics.write(period, Split(published={}, waiting=waiting), random.Random(1))
    by_outlet = dict(zip(sorted([at.counter.pk, at.other_counter.pk, at.far_counter.pk]), given.values(), strict=True))
    assert by_outlet[at.other_counter.pk] == Here(frozenset(THEMES[1:]), frozenset({"brand"}))
    assert by_outlet[at.far_counter.pk] == by_outlet[at.counter.pk] == Here()


def candidates(outlet):
    return closing.candidates(Visit.objects.filter(outlet=outlet, state="approved"))


def test_topics_are_those_of_the_latest_closing(october, at, people):
    published.approved(at.far_counter, people.shopper, date(2026, 11, 3), FULL, of=Checklist.objects.get())
    published.closed(date(2026, 11, 1))
    assert len(topics_of(at.counter)) == 3  # it had a block in October and has none in November
    assert {each.period.month for each in early_topics.of_outlet(at.counter.pk)} == {date(2026, 11, 1)}


def test_a_channel_with_few_themes_is_given_none(at, people):
    for number, shopper in enumerate((people.shopper, people.shopper, people.shopper2)):
        published.approved(at.counter, shopper, OCTOBER + timedelta(days=number))
    published.closed(OCTOBER)
    assert EarlyTopic.objects.count() == 0


def test_those_who_answer_for_the_outlet_read_them_in_standard_words(client, october, at, people):
    card = reverse("audits:scorecard_detail", args=[at.other_counter.unit.public_id])
    heading = "Nội dung để trao đổi trong lúc chờ kết quả"
    for role, is_told in (("manager", True), ("office", True), ("observer", False)):
        client.force_login(people.all[role])
        words = pages.words(client.get(card))
        assert (heading in words) == is_told
    client.force_login(people.manager)
    for theme, well in topics_of(at.other_counter):
        line = f"{NAMES[theme]}: {'làm tốt, xin giữ vững' if well else 'nên xem lại'}"
        assert line in pages.words(client.get(card))
    assert heading not in pages.words(client.get(reverse("audits:scorecard_detail", args=[at.counter.unit.public_id])))


def test_the_head_of_an_outlet_reads_them_at_home(client, october, at, people):
    people.outlethead.memberships.update(unit=at.other_counter.unit)
    client.force_login(people.outlethead)
    assert "Nội dung để trao đổi trong lúc chờ kết quả" in pages.words(client.get("/"))


@pytest.mark.parametrize("outlets", [1, 3])
def test_closing_takes_the_same_queries_for_any_number_of_outlets(
    october, at, outlets, django_assert_num_queries, monkeypatch
):
    for number in range(outlets):
        worlds.outlet(f"AGG-LX-1{number}", f"ĐGD số {number}", at.long_xuyen)
    period = Period.objects.get()
    EarlyTopic.objects.all().delete()
    early_topics.write(period, Split({}, {}), random.Random(1))
    EarlyTopic.objects.all().delete()
    with django_assert_num_queries(5):
        early_topics.write(period, Split({}, {}), random.Random(1))
    assert EarlyTopic.objects.count() == 3 * (3 + outlets)
