"""What merges, splits and closures do to who may go where."""

from datetime import date

import pytest

from audits.fieldwork.models import Visit
from audits.fieldwork.planning import eligibility, refusals, workload
from audits.fieldwork.planning.actions import assignments, blocking
from audits.fieldwork.planning.actions.assignments import Skipped
from audits.fieldwork.planning.eligibility import Obstacle
from audits.fieldwork.states import VisitState
from audits.review.queries import readable_by
from outlets.models import Membership, Role, Unit, UnitClosure
from outlets.organisation import actions as organisation
from outlets.organisation.actions import NewUnit
from tests import plans, sheets
from tests.audits.planning.pages import text, url
from tests.worlds import NOW

JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)


def merge(*units, into, on=JULY):
    """The heir, a new unit whose code is `into`."""
    heir = NewUnit(into, f"Phòng bán hàng {into}")
    return organisation.merge(predecessors=units, successor=heir, effective_on=on, by=None, at=NOW)


def split(unit, *codes, children, on=JULY):
    """The parts; the first is the heir, `children` go to the last."""
    return organisation.split(
        unit=unit,
        into=[(code, f"Phòng {code}") for code in codes],
        assign=dict.fromkeys(children, codes[-1]),
        heir=codes[0],
        effective_on=on,
        by=None,
        at=NOW,
    )


def obstacle(wave, outlet, shopper):
    visit = plans.planned_visit(wave, outlet)
    return eligibility.obstacles([visit], [shopper.pk]).of(shopper.pk, visit)


def test_a_block_outlives_a_merge(at, people, wave):
    plans.blocked(people.shopper, at.long_xuyen)
    merge(at.long_xuyen, into="AGG-M")
    assert obstacle(wave, at.counter, people.shopper) is Obstacle.BLOCKED
    assert obstacle(wave, at.counter, people.shopper2) is None
    assert obstacle(wave, at.far_counter, people.shopper) is None


def test_a_block_of_an_outlet_outlives_its_merge(at, people, wave):
    plans.blocked(people.shopper, at.counter.unit)
    heir = merge(at.counter.unit, at.other_counter.unit, into="AGG-LX-03")
    assert obstacle(wave, heir.outlet, people.shopper) is Obstacle.BLOCKED


def test_a_block_reaches_every_part_of_a_split(at, people, wave):
    plans.blocked(people.shopper, at.long_xuyen)
    split(at.long_xuyen, "AGG-A", "AGG-B", children=[at.counter.unit, at.other_counter.unit])
    assert obstacle(wave, at.counter, people.shopper) is Obstacle.BLOCKED


def test_a_block_outlives_a_split_and_then_a_merge(at, people, wave):
    plans.blocked(people.shopper, at.long_xuyen)
    _heir, part = split(at.long_xuyen, "AGG-A", "AGG-B", children=[at.counter.unit, at.other_counter.unit])
    organisation.merge(predecessors=[part], successor=at.dong_da, effective_on=AUGUST, by=None, at=NOW)
    assert not UnitClosure.objects.filter(ancestor=at.long_xuyen, descendant=at.counter.unit).exists()
    assert obstacle(wave, at.counter, people.shopper) is Obstacle.BLOCKED
    assert obstacle(wave, at.hotline, people.shopper) is None


def test_a_block_lifted_after_a_merge_is_lifted(at, people, wave):
    block = plans.blocked(people.shopper, at.long_xuyen)
    merge(at.long_xuyen, into="AGG-M")
    blocking.unblock(block=block, by=people.coordinator, at=NOW)
    assert obstacle(wave, at.counter, people.shopper) is None


def test_a_block_of_a_unit_merged_meanwhile_takes_back_visits_at_its_heir(at, people, wave):
    merge(at.long_xuyen, into="AGG-M")
    plans.assigned_visit(wave, at.counter, people.shopper)
    plans.assigned_visit(wave, at.far_counter, people.shopper)
    done = blocking.block(shopper=people.shopper, unit=at.long_xuyen, reason="Nơi cũ", by=people.coordinator, at=NOW)
    assert done.withdrawn == 1


def test_obstacles_take_the_same_queries_for_1_and_3_merges(at, people, wave, django_assert_num_queries):
    visit, unit = plans.planned_visit(wave, at.counter), at.long_xuyen
    plans.blocked(people.shopper, unit)
    for month in (7, 8, 9):
        unit = merge(unit, into=f"AGG-{month}", on=date(2026, month, 1))
        with django_assert_num_queries(5):
            eligibility.obstacles([visit], [people.shopper.pk])


@pytest.mark.parametrize("reorganise", [merge, split], ids=["merge", "split"])
def test_a_reviewer_does_not_read_what_became_of_the_own_unit(at, people, reorganise):
    Membership.objects.create(user=people.reviewer, role=Role.MANAGER, unit=at.long_xuyen, granted_at=NOW)
    visit = sheets.submitted(at.counter, people.shopper)
    if reorganise is merge:
        merge(at.long_xuyen, into="AGG-M")
    else:
        split(at.long_xuyen, "AGG-A", "AGG-B", children=[at.counter.unit, at.other_counter.unit])
    assert list(readable_by(people.reviewer)) == []
    assert list(readable_by(people.office)) == [visit]
    assert Unit.objects.get(pk=at.long_xuyen.pk).closed_on == JULY


# --- Closed outlets ---------------------------------------------------------------------------


@pytest.fixture
def closed(at, people, wave):
    """Visits waiting and given at a counter that was merged meanwhile, and one beside."""
    visits = [plans.planned_visit(wave, at.counter), plans.assigned_visit(wave, at.counter, people.shopper2)]
    plans.planned_visit(wave, at.far_counter)
    merge(at.counter.unit, at.other_counter.unit, into="AGG-LX-03")
    return visits


def test_nobody_is_given_a_visit_at_a_closed_outlet(closed, people):
    with pytest.raises(refusals.OutletClosed):
        assignments.assign(visit=closed[0], shopper=people.shopper, by=people.coordinator, at=NOW)
    assert Visit.objects.get(pk=closed[0].pk).state == "planned"


def test_assigning_many_leaves_out_closed_outlets_and_says_so(closed, people, wave):
    visits = Visit.objects.in_wave(wave).filter(state="planned")
    done = assignments.assign_many(visits=visits, shoppers=[people.shopper], by=people.coordinator, at=NOW)
    assert (done.changed, done.skipped) == (1, {Skipped.CLOSED: 1})


def test_everybody_is_kept_from_visits_at_closed_outlets(closed, people, wave):
    found = {each.shopper: each.kept_from for each in workload.candidates(list(Visit.objects.in_wave(wave)))}
    assert found == {people.shopper: 2, people.shopper2: 2}


def test_the_plan_marks_and_finds_visits_at_closed_outlets(closed, wave, desk):
    plans.visit_in(VisitState.VOIDED, wave, closed[0].outlet, None)
    page = desk.get(url("visit_plan_list", wave, state="closed"))
    assert [visit for visit, *_ in page.context["rows"]] == closed
    assert text(page).count("AGG-LX-01 Outlet closed") == 2
    assert text(desk.get(url("visit_plan_list", wave))).count("AGG-LX-01 Outlet closed") == 2


def test_the_page_of_a_visit_at_a_closed_outlet_leads_to_its_heir(closed, desk):
    page = text(desk.get(url("visit_plan_detail", closed[0])))
    assert "This outlet has been closed since 01/07/2026, so nobody can be given this visit." in page
    assert "Phòng bán hàng AGG-LX-03 AGG-LX-03 Add visits" in page
    assert "Void this visit" in page
