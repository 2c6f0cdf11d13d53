"""The score on the criteria that versions share, computed by hand."""

from datetime import date, timedelta

import pytest

from audits.checklists.models import ChecklistVersion, Criterion, Section
from audits.checklists.outline import outline
from audits.results import scorecard, shared
from audits.results.months import SpanKind
from audits.results.tallies import CriterionFigure
from tests import pages, plans, published, worlds
from tests.kept import kept

pytestmark = pytest.mark.django_db

AUGUST, SEPTEMBER, OCTOBER = date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)


@kept
def at():
    return worlds.places()


@kept
def people(at):
    return worlds.people(at)


@pytest.fixture
def versions():
    """Version 1 has A1 (weight 1) and A2 (3). Version 2 has A1 (2), A2 as three steps and B1 (5), new."""
    first = plans.checklist().versions.select_related("checklist").get()
    second = ChecklistVersion.objects.create(checklist=first.checklist, number=2, created_at=worlds.NOW)
    section = Section.objects.create(version=second, code="A", name_vi="Mặt tiền", position=1)
    Criterion.objects.bulk_create(
        Criterion(version=second, section=section, code=code, position=at, text_vi=code, kind=kind, weight=weight)
        for at, (code, kind, weight) in enumerate([("A1", "yes_no", 2), ("A2", "three_step", 3), ("B1", "yes_no", 5)])
    )
    return outline(first), second


def figure(met, not_met):
    return CriterionFigure(met=met, not_met=not_met, results=100 * met)


def test_only_criteria_worth_the_same_in_all_versions_are_shared_with_the_latest_weights(versions):
    first, second = versions
    assert shared.weights([first, outline(second)]) == {"A1": 2000}
    assert shared.weights([first]) == {"A1": 1000, "A2": 3000}


def test_the_score_is_that_of_the_shared_criteria_in_every_month(versions):
    first, second = versions
    cells = {
        AUGUST: {"A1": figure(1, 2), "A2": figure(3, 0)},
        SEPTEMBER: {"A1": figure(3, 1), "A2": figure(0, 4)},
        OCTOBER: {"A1": figure(4, 0), "A2": figure(4, 0), "B1": figure(0, 4)},
    }
    later = outline(second)
    found = shared.of_months(cells, {AUGUST: first, SEPTEMBER: first, OCTOBER: later}, OCTOBER)
    assert found == shared.Shared(
        months={AUGUST: 333_333, SEPTEMBER: 750_000, OCTOBER: 1_000_000},
        used=1,
        of=3,
        since=OCTOBER,
        before=750_000,
        after=1_000_000,
    )


@pytest.mark.parametrize(
    "cells",
    [
        {},
        {SEPTEMBER: {"A1": figure(1, 2)}},
        {OCTOBER: {"A1": figure(1, 2)}},
        {SEPTEMBER: {"A1": figure(0, 0)}, OCTOBER: {"A1": figure(1, 2)}},
        {SEPTEMBER: {"A2": figure(1, 2)}, OCTOBER: {"A2": figure(1, 2)}},
    ],
)
def test_there_is_none_where_one_side_or_every_shared_criterion_is_missing(versions, cells):
    first, second = versions
    assert shared.of_months(cells, {SEPTEMBER: first, OCTOBER: outline(second)}, OCTOBER) is None


def three(outlet, people, month, answers):
    for number, each in enumerate(answers):
        shopper = people.shopper2 if number == 2 else people.shopper
        published.approved(outlet, shopper, month + timedelta(days=4 + number), each)


@kept
def changed(at, people):
    """September under version 1: A1 met twice of three. October under version 2, which weighs A1 more: met always."""
    three(at.counter, people, SEPTEMBER, ("yy", "yn", "nn"))
    published.closed(SEPTEMBER)
    second = published.next_version(ChecklistVersion.objects.get(), {"A1": 9})
    three(at.counter, people, OCTOBER, ("yy", "yn", "yn"))
    published.closed(OCTOBER)
    return second


def test_a_scorecard_tells_what_a_new_version_did_not_move(client, changed, at, people):
    detail = scorecard.read(at.counter.unit, OCTOBER, kind=SpanKind.MONTH, top=at.group).detail
    # September: A1 2 of 3 at weight 9, A2 1 of 3 at weight 3. October: 3 of 3, and 1 of 3.
    assert (detail.shared.before, detail.shared.after, detail.shared.used) == (583_333, 833_333, 2)
    assert [point.month for point in detail.trend if point.is_new_version] == [OCTOBER]
    client.force_login(people.manager)
    text = pages.words(client.get(f"/results/{at.counter.unit.public_id}/"))
    assert "Trên 2/2 tiêu chí giống nhau ở mọi bản, điểm ngay trước đó là 58,3 và khi đổi là 83,3" in text
    file = client.get(f"/results/{at.counter.unit.public_id}/scorecard.csv").content.decode()
    assert "Tiêu chí chung" in file and ";58,3" in file


def test_without_a_change_nothing_is_said_and_nothing_read(at, people, django_assert_num_queries):
    three(at.counter, people, OCTOBER, ("yy", "yn", "nn"))
    published.closed(OCTOBER)
    read = scorecard.read(at.counter.unit, OCTOBER, kind=SpanKind.MONTH, top=at.group)
    assert read.detail.shared is None
    with django_assert_num_queries(5):
        scorecard.read(at.counter.unit, OCTOBER, kind=SpanKind.MONTH, top=at.group)
