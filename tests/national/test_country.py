"""The national data set is what the application would have written, whole and in order."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import combinations

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from audits.fieldwork.planning.schedule import months_apart
from audits.fieldwork.states import VisitState
from audits.models import (
    Answer,
    Block,
    Period,
    PeriodChecklist,
    PeriodUnit,
    PublishedVisit,
    Submission,
    UnitScore,
    Visit,
    VisitEvent,
)
from audits.results.tallies import Kind
from outlets.models import Outlet, Unit, UnitClosure, UnitSuccession, User
from outlets.organisation import tree
from vnpt_smile.national import organisation
from vnpt_smile.national.people import OFFICE

pytestmark = pytest.mark.usefixtures("country")

AUGUST, SEPTEMBER, OCTOBER = (date(2026, month, 1) for month in (8, 9, 10))


def test_it_has_the_size_that_was_asked_for(country):
    assert (Outlet.objects.count(), Visit.objects.count(), Period.objects.count()) == (24, 216, 3)
    assert Unit.objects.open().filter(outlet__isnull=True).count() == country.units
    for month in (AUGUST, SEPTEMBER, OCTOBER):
        assert PublishedVisit.objects.filter(block__period__month=month).count() == 72
    assert Visit.objects.exclude(state=VisitState.PUBLISHED).count() == 0
    assert Submission.objects.filter(visit__published__isnull=False).count() == 216
    assert VisitEvent.objects.filter(kind=VisitEvent.Kind.PUBLISHED).count() == 216


def test_every_figure_counted_again_is_the_same(capsys):
    call_command("recount")
    assert capsys.readouterr().out.endswith(": 0 drift\n")


def test_todays_closure_is_the_one_recomputed():
    assert set(UnitClosure.objects.values_list("ancestor_id", "descendant_id", "depth")) == tree.closure_today()


def test_the_merger_leaves_history_and_no_sum_behind():
    merged = UnitSuccession.objects.filter(kind=UnitSuccession.Kind.MERGE)
    assert set(merged.values_list("effective_on", flat=True)) == {SEPTEMBER}
    assert merged.count() == 2 * (6 - 2)  # provincial units and their business centres
    below = {
        month: PeriodUnit.objects.filter(period__month=month, parent__code=organisation.TOP).count()
        for month in (AUGUST, SEPTEMBER)
    }
    assert below == {AUGUST: 6, SEPTEMBER: 2}
    for month in (AUGUST, SEPTEMBER):
        total = UnitScore.objects.filter(period__month=month, kind=Kind.TOTAL)
        top = total.filter(unit__code=organisation.TOP)
        children = total.filter(unit__parent_rows__parent__code=organisation.TOP)
        assert sum(top.values_list("total", flat=True)) == sum(children.values_list("total", flat=True))


def test_two_versions_of_a_checklist_are_used_in_turn():
    rows = PeriodChecklist.objects.filter(checklist__code="TQ").order_by("period__month")
    assert [row.version.number for row in rows.select_related("version")] == [1, 2, 2]
    assert rows.last().variance
    assert PeriodChecklist.objects.count() == 12


def test_every_block_holds_by_the_rule():
    shoppers = defaultdict(set)
    for block, shopper in PublishedVisit.objects.values_list("block", "visit__shopper"):
        shoppers[block].add(shopper)
    counted = Counter(PublishedVisit.objects.values_list("block", flat=True))
    for block in Block.objects.all():
        assert counted[block.pk] == block.visits >= 3
        assert len(shoppers[block.pk]) >= 2


def test_nobody_comes_back_to_an_outlet_too_soon(settings):
    windows = defaultdict(list)
    for shopper, outlet, first, last in Visit.objects.values_list("shopper", "outlet", "opens_on", "due_on"):
        windows[shopper, outlet].append((first, last))
    for each in windows.values():
        for (first, last), (other_first, other_last) in combinations(each, 2):
            assert other_last <= months_apart(first, -settings.SAME_SHOPPER_MONTHS) or other_first >= months_apart(
                last, settings.SAME_SHOPPER_MONTHS
            )


def test_times_are_in_order_and_answers_carry_their_results():
    for visit in Visit.objects.select_related("wave"):
        assert visit.wave.starts_on <= visit.visited_on <= visit.wave.ends_on
        assert visit.started_at < visit.submitted_at < visit.approved_at
        assert visit.approved_at.date() - visit.visited_on <= timedelta(days=2)
    submission = Submission.objects.order_by("pk").first()
    lost = Answer.objects.filter(visit=submission.visit, lost__isnull=False).values_list("lost", flat=True)
    assert sum(lost) == 1_000_000 - submission.percent
    assert submission.workings["percent"] == submission.percent
    assert submission.answers == Answer.objects.filter(visit=submission.visit).count()


def test_outlets_differ():
    percents = defaultdict(list)
    for outlet, percent in PublishedVisit.objects.values_list("visit__outlet", "percent"):
        percents[outlet].append(percent / 10_000)
    means = [sum(each) / len(each) for each in percents.values()]
    assert 70 < sum(means) / len(means) < 92
    assert max(means) - min(means) > 8


def test_scorecards_of_every_level_open(client, settings):
    client.force_login(User.objects.get(username=OFFICE), backend=settings.AUTHENTICATION_BACKENDS[-1])
    outlet = Outlet.objects.select_related("unit").first().unit
    office = Unit.objects.get(child_rows__unit=outlet)
    for unit in (*Unit.objects.filter(code__in=[organisation.TOP, "P25"]), office, outlet):
        page = client.get(reverse("audits:scorecard_detail", args=[unit.public_id]))
        assert page.status_code == 200
        assert unit.name in page.content.decode()


def test_a_database_that_holds_something_is_refused_and_left_alone():
    with pytest.raises(CommandError, match="216 visits"):
        call_command("seed_national", months=1, visits=3)
    assert Visit.objects.count() == 216
