"""Planning, extending, editing and calling off a wave."""

from collections import Counter
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audits.fieldwork.models import Visit, VisitEvent, Wave
from audits.fieldwork.planning import refusals
from audits.fieldwork.planning.actions import waves
from audits.fieldwork.states import VisitState
from outlets.models import Channel, Outlet, Unit
from tests import plans, worlds
from tests.worlds import NOW, TODAY

START, END = date(2026, 12, 1), date(2026, 12, 31)


def planned(at, people, **changes) -> Wave:
    """A wave of December over An Giang, two visits at each of its two counters."""
    asked = {
        "name": "Đợt tháng 12/2026",
        "checklist": changes.pop("checklist", None) or plans.checklist(),
        "unit": at.an_giang,
        "visits_per_outlet": 2,
        "starts_on": START,
        "ends_on": END,
        "by": people.coordinator,
        "at": NOW,
    } | changes
    return waves.plan(**asked)


def test_plan_gives_every_open_outlet_of_the_channel_its_visits(at, people):
    wave = planned(at, people)
    visits = wave.visits.values_list("outlet", "state", "shopper", "scenario")
    two = [(at.counter.pk, "planned", None, None), (at.other_counter.pk, "planned", None, None)]
    assert Counter(visits) == Counter(two * 2)
    assert (wave.created_by, wave.created_at, wave.visits_per_outlet) == (people.coordinator, NOW, 2)


def test_plan_writes_one_event_for_each_visit(at, people):
    wave = planned(at, people)
    events = VisitEvent.objects.values_list("visit", "kind", "from_state", "to_state", "at", "by")
    expected = [
        (pk, "planned", "", "planned", NOW, people.coordinator.pk) for pk in wave.visits.values_list("pk", flat=True)
    ]
    assert sorted(events) == sorted(expected)


def test_plan_leaves_out_a_closed_outlet(at, people):
    Unit.objects.filter(pk=at.counter.pk).update(closed_on=TODAY)
    wave = planned(at, people)
    assert set(wave.visits.values_list("outlet", flat=True)) == {at.other_counter.pk}


def test_plan_keeps_to_the_outlets_given(at, people):
    wave = planned(at, people, outlets=Outlet.objects.filter(pk__in=[at.counter.pk, at.far_counter.pk]))
    assert set(wave.visits.values_list("outlet", flat=True)) == {at.counter.pk}


def test_plan_takes_the_scenarios_in_turn(at, people):
    scenarios = [plans.scenario("Lắp Internet"), plans.scenario("Cấp lại SIM")]
    wave = planned(at, people, scenarios=scenarios)
    assert Counter(wave.visits.values_list("scenario", flat=True)) == {each.pk: 2 for each in scenarios}
    assert list(wave.scenarios.order_by("pk")) == scenarios


def test_plan_spreads_the_visits_of_an_outlet_over_the_wave(at, people):
    wave = planned(at, people)
    first, second = wave.visits.filter(outlet=at.counter).order_by("due_on")
    assert first.due_on < date(2026, 12, 16) <= second.opens_on
    assert (first.opens_on >= START, second.due_on <= END) == (True, True)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"starts_on": END, "ends_on": START}, refusals.DatesReversed),
        ({"starts_on": TODAY - timedelta(days=1)}, refusals.InThePast),
        ({"starts_on": date(2026, 10, 1), "ends_on": date(2026, 10, 31)}, refusals.InThePast),
        ({"ends_on": START}, refusals.TooShort),
        ({"ends_on": START + timedelta(days=366)}, refusals.TooLong),
    ],
)
def test_plan_refuses_days_that_cannot_be(at, people, changes, refusal):
    with pytest.raises(refusal):
        planned(at, people, **changes)
    assert not Wave.objects.exists()


def test_plan_may_start_today(at, people):
    assert planned(at, people, starts_on=TODAY).visits.count() == 4


def test_plan_refuses_a_checklist_that_does_not_run(at, people):
    with pytest.raises(refusals.NoRunningVersion):
        planned(at, people, checklist=plans.checklist(is_running=False))


def test_plan_refuses_a_unit_without_outlets_of_the_channel(at, people):
    with pytest.raises(refusals.NoOutlet):
        planned(at, people, checklist=plans.checklist("BH", Channel.SALES))
    assert not Wave.objects.exists()


@pytest.mark.parametrize("fields", [{"channel": Channel.HOTLINE}, {"is_active": False}])
def test_plan_refuses_a_scenario_of_another_channel_or_out_of_use(at, people, fields):
    with pytest.raises(refusals.WrongScenario):
        planned(at, people, scenarios=[plans.scenario(**fields)])


def test_plan_refuses_a_name_in_use_for_the_same_checklist_and_unit(at, people):
    checklist = plans.checklist()
    planned(at, people, checklist=checklist)
    with pytest.raises(refusals.NameTaken):
        planned(at, people, checklist=checklist)
    assert planned(at, people, checklist=checklist, unit=at.ha_noi).visits.count() == 2


def test_plan_may_reuse_the_name_of_a_wave_called_off(at, people):
    checklist = plans.checklist()
    waves.cancel(wave=planned(at, people, checklist=checklist), reason="Lập nhầm", by=people.coordinator, at=NOW)
    assert planned(at, people, checklist=checklist).visits.count() == 4


def test_same_form_twice_plans_one_wave(at, people):
    checklist, public_id = plans.checklist(), uuid4()
    first = planned(at, people, checklist=checklist, public_id=public_id)
    with pytest.raises(refusals.AlreadyPlanned) as again:
        planned(at, people, checklist=checklist, public_id=public_id)
    assert (again.value.wave, Visit.objects.count()) == (first, 4)


def extended(wave, people, unit, **changes) -> int:
    asked = {"visits_per_outlet": 1, "only_new": True, "by": people.coordinator, "at": NOW} | changes
    return waves.extend(wave=wave, unit=unit, **asked)


def test_extend_adds_outlets_that_have_no_visit_yet(at, people, wave):
    plans.planned_visit(wave, at.counter)
    assert extended(wave, people, at.group) == 2
    assert Counter(wave.visits.values_list("outlet", flat=True)) == Counter(
        [at.counter.pk, at.other_counter.pk, at.far_counter.pk]
    )


def test_extend_counts_an_outlet_whose_visit_was_voided_as_new(at, people, wave):
    plans.visit_in(VisitState.VOIDED, wave, at.counter, people.shopper)
    assert extended(wave, people, at.counter.unit) == 1


def test_extend_adds_further_visits_at_every_outlet(at, people, wave):
    plans.planned_visit(wave, at.counter)
    assert extended(wave, people, at.an_giang, only_new=False, visits_per_outlet=2) == 4


def test_extend_plans_from_today_to_the_end_of_the_wave(at, people, wave):
    extended(wave, people, at.counter.unit)
    added = wave.visits.get()
    assert (added.opens_on >= TODAY, added.due_on <= wave.ends_on) == (True, True)
    assert added.events.get().kind == "planned"


def test_extend_refuses_when_nothing_is_new(at, people, wave):
    plans.planned_visit(wave, at.counter)
    with pytest.raises(refusals.NoOutlet):
        extended(wave, people, at.counter.unit)


def test_extend_refuses_a_wave_that_is_over(at, people, wave):
    with pytest.raises(refusals.InThePast):
        extended(wave, people, at.group, at=NOW + timedelta(days=30))


def test_extend_refuses_a_form_sent_twice(at, people, wave):
    assert extended(wave, people, at.group, only_new=False, seen=0) == 3
    with pytest.raises(refusals.WaveChanged):
        extended(wave, people, at.group, only_new=False, seen=0)
    assert wave.visits.count() == 3


def test_edit_changes_name_note_and_last_day(people, wave):
    later = wave.ends_on + timedelta(days=7)
    waves.edit(wave=wave, name="Đợt đặc biệt", note="Chỉ điểm mới", ends_on=later, by=people.coordinator, at=NOW)
    wave.refresh_from_db()
    assert (wave.name, wave.note, wave.ends_on) == ("Đợt đặc biệt", "Chỉ điểm mới", later)
    assert list(Wave.objects.matching("dac biet")) == [wave]


def test_edit_refuses_a_last_day_before_a_visit_is_due(at, people, wave):
    visit = plans.planned_visit(wave, at.counter)
    with pytest.raises(refusals.VisitsBeyondEnd):
        waves.edit(
            wave=wave, name="A", note="", ends_on=visit.due_on - timedelta(days=1), by=people.coordinator, at=NOW
        )


def test_edit_refuses_a_last_day_before_the_first(people, wave):
    with pytest.raises(refusals.DatesReversed):
        waves.edit(
            wave=wave, name="A", note="", ends_on=wave.starts_on - timedelta(days=1), by=people.coordinator, at=NOW
        )


def test_edit_refuses_the_name_of_another_wave(at, people, wave):
    other = plans.wave(at.group, name="Đợt khác")
    plans.planned_visit(other, at.counter)
    with pytest.raises(refusals.NameTaken):
        waves.edit(wave=wave, name="Đợt khác", note="", ends_on=wave.ends_on, by=people.coordinator, at=NOW)


def test_cancel_voids_what_nobody_has_begun_and_keeps_the_rest(at, people, wave):
    waiting = plans.planned_visit(wave, at.counter)
    given = plans.assigned_visit(wave, at.other_counter, people.shopper)
    begun = plans.visit_in(VisitState.IN_PROGRESS, wave, at.far_counter, people.shopper2)
    plans.visit_in(VisitState.VOIDED, wave, at.far_counter, people.shopper2)
    done = waves.cancel(wave=wave, reason="Dời sang tháng sau", by=people.coordinator, at=NOW)
    assert done == waves.Cancelled(voided=2, kept=1)
    states = {visit: Visit.objects.get(pk=visit.pk).state for visit in (waiting, given, begun)}
    assert states == {waiting: "voided", given: "voided", begun: "in_progress"}
    last = waiting.events.last()
    assert (last.kind, last.from_state, last.note, last.by) == (
        "voided",
        "planned",
        "Dời sang tháng sau",
        people.coordinator,
    )


def test_queries_of_cancelling_do_not_grow_with_each_visit(at, people, wave):
    for outlet in plans.outlets_below(at.dong_da, 60):
        plans.planned_visit(wave, outlet)
    with CaptureQueriesContext(connection) as queries:
        waves.cancel(wave=wave, reason="Dời", by=people.coordinator, at=NOW)
    assert len(queries) == 6


def test_cancel_asks_for_a_reason(people, wave):
    with pytest.raises(refusals.ReasonMissing):
        waves.cancel(wave=wave, reason="", by=people.coordinator, at=NOW)


def test_queries_of_planning_do_not_grow_with_each_visit(at, people):
    parent = worlds.unit("HNI-CG", "Phòng bán hàng Cầu Giấy", "office", at.ha_noi)
    plans.outlets_below(parent, 100)
    with CaptureQueriesContext(connection) as queries:
        wave = planned(at, people, unit=parent, checklist=plans.checklist(), visits_per_outlet=10)
    assert wave.visits.count() == 1000
    assert len(queries) < 80  # SQLite takes a hundred rows or so in one INSERT
