"""Who makes which visit: one by one, in bulk, taken back, moved, voided."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audits.fieldwork.models import Visit
from audits.fieldwork.planning import refusals
from audits.fieldwork.planning.actions import assignments
from audits.fieldwork.planning.actions.assignments import Outcome, Skipped
from audits.fieldwork.states import VisitState
from audits.fieldwork.transitions import StaleState
from outlets.models import Membership
from tests import plans, worlds
from tests.worlds import NOW, TODAY


@pytest.fixture
def visit(at, wave):
    return plans.planned_visit(wave, at.counter)


def assign(visit, shopper, people):
    return assignments.assign(visit=visit, shopper=shopper, by=people.coordinator, at=NOW)


def all_of(wave):
    return Visit.objects.in_wave(wave)


def last_event(visit):
    return visit.events.order_by("-pk").values_list("kind", "from_state", "to_state", "by", "at", "note").first()


def test_assign_gives_the_visit_to_the_shopper(visit, people):
    assign(visit, people.shopper, people)
    visit.refresh_from_db()
    assert (visit.state, visit.shopper) == ("assigned", people.shopper)
    code = people.shopper.shopper_code
    assert last_event(visit) == ("assigned", "planned", "assigned", people.coordinator.pk, NOW, code)


def test_assign_changes_hands_in_one_step(visit, people):
    assign(visit, people.shopper, people)
    assign(visit, people.shopper2, people)
    assert Visit.objects.get().shopper == people.shopper2
    assert last_event(visit)[:3] == ("assigned", "assigned", "assigned")


def test_assign_to_the_same_shopper_again_changes_nothing(visit, people):
    assign(visit, people.shopper, people)
    assign(visit, people.shopper, people)
    assert visit.events.filter(kind="assigned").count() == 1


def employee(people):
    return people.reviewer


def disabled(people):
    people.shopper.is_active = False
    people.shopper.save()
    return people.shopper


def without_membership(people):
    Membership.objects.filter(user=people.shopper).update(ended_at=NOW)
    return people.shopper


@pytest.mark.parametrize("somebody", [employee, disabled, without_membership])
def test_assign_refuses_who_is_not_an_active_shopper(visit, people, somebody):
    with pytest.raises(refusals.NotAShopper):
        assign(visit, somebody(people), people)
    assert Visit.objects.get().state == "planned"


@pytest.mark.parametrize("place", ["counter", "long_xuyen", "an_giang", "group"])
def test_assign_refuses_a_shopper_blocked_at_the_outlet_or_above(at, visit, people, place):
    unit = getattr(at, place)
    plans.blocked(people.shopper, getattr(unit, "unit", unit))
    with pytest.raises(refusals.Blocked):
        assign(visit, people.shopper, people)


def test_assign_allows_a_shopper_blocked_beside_the_outlet(at, visit, people):
    plans.blocked(people.shopper, at.other_counter.unit)
    plans.blocked(people.shopper2, at.counter.unit)
    assert assign(visit, people.shopper, people).shopper == people.shopper


def test_assign_allows_a_shopper_whose_block_was_lifted(at, visit, people):
    block = plans.blocked(people.shopper, at.counter.unit)
    block.ended_at = NOW
    block.save()
    assert assign(visit, people.shopper, people).shopper == people.shopper


@pytest.mark.parametrize(
    ("opens_on", "due_on", "is_refused"),
    [
        (date(2026, 8, 1), date(2026, 8, 10), False),  # three months to the day before the 10th of November
        (date(2026, 8, 1), date(2026, 8, 11), True),
        (date(2026, 11, 10), date(2026, 11, 16), True),
        (date(2027, 2, 15), date(2027, 2, 20), True),
        (date(2027, 2, 16), date(2027, 2, 20), False),
    ],
)
def test_assign_refuses_the_same_shopper_at_an_outlet_within_three_months(
    at, wave, visit, people, opens_on, due_on, is_refused
):
    plans.assigned_visit(wave, at.counter, people.shopper, opens_on=opens_on, due_on=due_on)
    try:
        assign(visit, people.shopper, people)
    except refusals.SameShopperAgain as refused:
        assert refused.months == 3
    assert (Visit.objects.get(pk=visit.pk).shopper is None) == is_refused


def test_day_of_a_visit_that_was_made_counts_not_its_last_day(at, wave, visit, people):
    made = {"opens_on": date(2026, 8, 1), "due_on": date(2026, 8, 20), "visited_on": date(2026, 8, 9)}
    plans.visit_in(VisitState.SUBMITTED, wave, at.counter, people.shopper, **made)
    assert assign(visit, people.shopper, people).shopper == people.shopper


def test_voided_visit_does_not_keep_its_shopper_away(at, wave, visit, people):
    plans.visit_in(VisitState.VOIDED, wave, at.counter, people.shopper)
    assert assign(visit, people.shopper, people).shopper == people.shopper


def test_rule_of_the_same_shopper_can_be_switched_off(at, wave, visit, people, settings):
    settings.SAME_SHOPPER_MONTHS = 0
    plans.assigned_visit(wave, at.counter, people.shopper)
    assert assign(visit, people.shopper, people).shopper == people.shopper


def test_refusal_names_the_months(at, wave, visit, people):
    plans.assigned_visit(wave, at.counter, people.shopper)
    with pytest.raises(refusals.SameShopperAgain) as refused:
        assign(visit, people.shopper, people)
    assert "3" in str(refused.value)


BEGUN_OR_DONE = (
    VisitState.IN_PROGRESS,
    VisitState.SUBMITTED,
    VisitState.RETURNED,
    VisitState.APPROVED,
    VisitState.PUBLISHED,
    VisitState.VOIDED,
)


@pytest.mark.parametrize("state", BEGUN_OR_DONE)
def test_assign_refuses_a_visit_that_is_begun_or_done(at, wave, people, state):
    visit = plans.visit_in(state, wave, at.counter, people.shopper2)
    with pytest.raises(StaleState):
        assign(visit, people.shopper, people)
    assert Visit.objects.get().shopper == people.shopper2


def test_visit_that_was_not_possible_can_be_tried_again(at, wave, people):
    visit = plans.visit_in(VisitState.NOT_POSSIBLE, wave, at.counter, people.shopper2, visited_on=TODAY)
    assign(visit, people.shopper, people)
    visit.refresh_from_db()
    visit.refresh_from_db()
    assert (visit.state, visit.shopper, visit.not_possible_reason) == ("assigned", people.shopper, "")
    assert visit.visited_on is None  # the day of the other shopper's attempt


def test_a_withdrawn_visit_has_no_day(at, wave, people):
    one, two = (plans.assigned_visit(wave, at.counter, people.shopper, visited_on=TODAY) for _ in range(2))
    assignments.withdraw(visit=one, by=people.coordinator, at=NOW)
    assignments.withdraw_many(visits=Visit.objects.filter(pk=two.pk), by=people.coordinator, at=NOW)
    assert set(Visit.objects.values_list("state", "visited_on")) == {("planned", None)}


def test_visit_begun_and_then_not_possible_is_not_handed_on(at, wave, people):
    visit = plans.visit_in(VisitState.NOT_POSSIBLE, wave, at.counter, people.shopper2, started_at=NOW)
    with pytest.raises(refusals.AlreadyBegun):
        assign(visit, people.shopper, people)


def test_assign_with_an_old_reading_says_what_the_visit_is_now(visit, people):
    seen = Visit.objects.get(pk=visit.pk)
    assign(visit, people.shopper, people)
    with pytest.raises(StaleState) as stale:
        assign(seen, people.shopper2, people)
    assert (stale.value.visit.state, stale.value.visit.shopper) == ("assigned", people.shopper)


def test_reassign_with_an_old_reading_does_not_undo_another_coordinator(visit, people):
    third = worlds.user("shopper3", worlds.Role.SHOPPER)
    assign(visit, people.shopper, people)
    seen = Visit.objects.get(pk=visit.pk)
    assign(visit, people.shopper2, people)
    with pytest.raises(StaleState):
        assign(seen, third, people)
    assert Visit.objects.get().shopper == people.shopper2


# --- Many at once -----------------------------------------------------------------------------


def assign_all(wave, shoppers, people):
    return assignments.assign_many(visits=all_of(wave), shoppers=shoppers, by=people.coordinator, at=NOW)


def test_bulk_assign_shares_the_visits_evenly(at, wave, people):
    for outlet in (at.counter, at.other_counter, at.far_counter, at.hotline):
        plans.planned_visit(wave, outlet)
    outcome = assign_all(wave, [people.shopper, people.shopper2], people)
    assert outcome == Outcome(4, ((people.shopper, 2), (people.shopper2, 2)))
    assert set(all_of(wave).values_list("state", flat=True)) == {"assigned"}


def test_bulk_assign_writes_one_event_for_each_visit(at, wave, people):
    visits = [plans.planned_visit(wave, outlet) for outlet in (at.counter, at.other_counter)]
    assign_all(wave, [people.shopper], people)
    code = people.shopper.shopper_code
    expected = ("assigned", "planned", "assigned", people.coordinator.pk, NOW, code)
    assert [last_event(visit) for visit in visits] == [expected, expected]


def test_bulk_assign_goes_round_a_block(at, wave, people):
    plans.blocked(people.shopper, at.an_giang)
    for outlet in (at.counter, at.other_counter, at.far_counter):
        plans.planned_visit(wave, outlet)
    outcome = assign_all(wave, [people.shopper, people.shopper2], people)
    assert outcome == Outcome(3, ((people.shopper, 1), (people.shopper2, 2)))
    assert all_of(wave).get(outlet=at.far_counter).shopper == people.shopper


def test_bulk_assign_gives_one_outlet_to_different_shoppers(at, wave, people):
    plans.planned_visit(wave, at.counter)
    plans.planned_visit(wave, at.counter)
    assert assign_all(wave, [people.shopper, people.shopper2], people).changed == 2
    assert set(all_of(wave).values_list("shopper", flat=True)) == {people.shopper.pk, people.shopper2.pk}


def test_bulk_assign_reports_what_it_skipped_and_why(at, wave, people):
    plans.blocked(people.shopper, at.far_counter.unit)
    plans.blocked(people.shopper, at.hotline.unit)
    plans.assigned_visit(wave, at.hotline, people.shopper2)
    for outlet in (at.counter, at.counter, at.far_counter, at.hotline):
        plans.planned_visit(wave, outlet)
    alone = assign_all(wave, [people.shopper], people)
    assert alone.skipped == {Skipped.MOVED_ON: 1, Skipped.AGAIN: 1, Skipped.BLOCKED: 2}
    both = assign_all(wave, [people.shopper, people.shopper2], people)
    assert both.skipped == {Skipped.MOVED_ON: 2, Skipped.NOBODY: 1}


def test_bulk_assign_leaves_what_somebody_has_already(at, wave, people):
    visit = plans.assigned_visit(wave, at.counter, people.shopper2)
    assert assign_all(wave, [people.shopper], people) == Outcome(0, ((people.shopper, 0),), {Skipped.MOVED_ON: 1})
    assert Visit.objects.get(pk=visit.pk).shopper == people.shopper2


def test_bulk_assign_refuses_all_when_one_of_them_is_no_shopper(visit, wave, people):
    with pytest.raises(refusals.NotAShopper):
        assign_all(wave, [people.shopper, people.office], people)
    with pytest.raises(refusals.NotAShopper):
        assign_all(wave, [], people)
    assert Visit.objects.get().state == "planned"


def test_bulk_assign_of_a_thousand_visits_takes_few_queries(at, wave, people, settings):
    settings.SAME_SHOPPER_MONTHS = 0
    parent = worlds.unit("HNI-CG", "Phòng bán hàng Cầu Giấy", "office", at.ha_noi)
    outlets = plans.outlets_below(parent, 100) * 10
    days = {"opens_on": TODAY, "due_on": TODAY + timedelta(days=6)}
    Visit.objects.bulk_create(Visit(wave=wave, outlet=outlet, **days) for outlet in outlets)
    with CaptureQueriesContext(connection) as queries:
        outcome = assign_all(wave, [people.shopper, people.shopper2], people)
    assert outcome == Outcome(1000, ((people.shopper, 500), (people.shopper2, 500)))
    assert len(queries) < 40


def test_bulk_withdraw_takes_back_what_is_not_begun(at, wave, people):
    plans.assigned_visit(wave, at.counter, people.shopper)
    plans.visit_in(VisitState.IN_PROGRESS, wave, at.far_counter, people.shopper)
    outcome = assignments.withdraw_many(visits=all_of(wave), by=people.coordinator, at=NOW)
    assert outcome == Outcome(1, skipped={Skipped.MOVED_ON: 1})
    assert set(all_of(wave).values_list("state", "shopper")) == {
        ("planned", None),
        ("in_progress", people.shopper.pk),
    }


def test_bulk_void_leaves_what_is_begun(at, wave, people):
    plans.planned_visit(wave, at.counter)
    plans.assigned_visit(wave, at.other_counter, people.shopper)
    plans.visit_in(VisitState.SUBMITTED, wave, at.far_counter, people.shopper)
    outcome = assignments.void_many(visits=all_of(wave), reason="Trùng", by=people.coordinator, at=NOW)
    assert outcome == Outcome(2, skipped={Skipped.MOVED_ON: 1})
    assert sorted(all_of(wave).values_list("state", "void_reason")) == [
        ("submitted", ""),
        ("voided", "Trùng"),
        ("voided", "Trùng"),
    ]


# --- Back, later, out -------------------------------------------------------------------------


def test_withdraw_takes_an_assignment_back(visit, people):
    assign(visit, people.shopper, people)
    assignments.withdraw(visit=visit, by=people.office, at=NOW)
    visit.refresh_from_db()
    assert (visit.state, visit.shopper) == ("planned", None)
    assert last_event(visit) == ("unassigned", "assigned", "planned", people.office.pk, NOW, "")


@pytest.mark.parametrize("state", [VisitState.PLANNED, *BEGUN_OR_DONE, VisitState.NOT_POSSIBLE])
def test_withdraw_refuses_what_is_not_assigned(at, wave, people, state):
    visit = plans.visit_in(state, wave, at.counter, people.shopper)
    with pytest.raises(StaleState):
        assignments.withdraw(visit=visit, by=people.coordinator, at=NOW)


def reschedule(visit, opens_on, due_on, people):
    return assignments.reschedule(visit=visit, opens_on=opens_on, due_on=due_on, by=people.coordinator, at=NOW)


def test_reschedule_changes_the_days_and_says_from_what_to_what(visit, people):
    reschedule(visit, date(2026, 11, 20), date(2026, 11, 27), people)
    visit.refresh_from_db()
    assert (visit.opens_on, visit.due_on, visit.state) == (date(2026, 11, 20), date(2026, 11, 27), "planned")
    assert last_event(visit)[5] == "10/11/2026–16/11/2026 → 20/11/2026–27/11/2026"


def test_reschedule_to_the_same_days_changes_nothing(visit, people):
    reschedule(visit, visit.opens_on, visit.due_on, people)
    assert not visit.events.filter(kind="rescheduled").exists()


@pytest.mark.parametrize(
    ("opens_on", "due_on", "refusal"),
    [
        (date(2026, 11, 20), date(2026, 11, 19), refusals.DatesReversed),
        (date(2026, 11, 2), date(2026, 11, 11), refusals.InThePast),
        (date(2026, 11, 20), date(2026, 12, 1), refusals.OutsideWave),
        (date(2026, 10, 31), date(2026, 11, 20), refusals.OutsideWave),
    ],
)
def test_reschedule_refuses_days_that_cannot_be(visit, people, opens_on, due_on, refusal):
    with pytest.raises(refusal):
        reschedule(visit, opens_on, due_on, people)


def test_reschedule_refuses_a_visit_that_is_submitted(at, wave, people):
    visit = plans.visit_in(VisitState.SUBMITTED, wave, at.counter, people.shopper)
    with pytest.raises(StaleState):
        reschedule(visit, date(2026, 11, 20), date(2026, 11, 27), people)


def test_reschedule_with_an_old_reading_is_refused(visit, people):
    seen = Visit.objects.get(pk=visit.pk)
    reschedule(visit, date(2026, 11, 20), date(2026, 11, 27), people)
    with pytest.raises(StaleState):
        reschedule(seen, date(2026, 11, 13), date(2026, 11, 14), people)
    assert Visit.objects.get().due_on == date(2026, 11, 27)


MAY_BE_VOIDED = (
    VisitState.PLANNED,
    VisitState.ASSIGNED,
    VisitState.IN_PROGRESS,
    VisitState.SUBMITTED,
    VisitState.RETURNED,
    VisitState.NOT_POSSIBLE,
)


@pytest.mark.parametrize("state", VisitState)
def test_void_is_possible_up_to_approval(at, wave, people, state):
    visit = plans.visit_in(state, wave, at.counter, people.shopper)
    try:
        assignments.void(visit=visit, reason="Ngoài kế hoạch", by=people.coordinator, at=NOW)
    except StaleState:
        assert state not in MAY_BE_VOIDED
    else:
        assert state in MAY_BE_VOIDED
        assert Visit.objects.values_list("state", "void_reason").get() == ("voided", "Ngoài kế hoạch")
        assert last_event(visit) == ("voided", state, "voided", people.coordinator.pk, NOW, "Ngoài kế hoạch")


def test_void_asks_for_a_reason(visit, people):
    with pytest.raises(refusals.ReasonMissing):
        assignments.void(visit=visit, reason="", by=people.coordinator, at=NOW)
