"""Two coordinators at the same moment: each act happens once, and both are told the truth."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from audits.fieldwork.models import BlockedUnit, Scenario, Visit, Wave
from audits.fieldwork.planning import refusals
from audits.fieldwork.planning.actions import assignments, blocking, scenarios, waves
from audits.fieldwork.transitions import StaleState
from outlets.models import Channel, Role
from tests import plans, worlds
from tests.worlds import NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at(transactional_db):
    return worlds.places()


@pytest.fixture
def people(at):
    return worlds.people(at)


@pytest.fixture
def wave(at):
    return plans.wave(at.group)


def together(*acts) -> list:
    """Runs each act in a thread of its own, all from the same moment on; the results, or what they refused with."""
    start = Barrier(len(acts))

    def run(act):
        try:
            start.wait(timeout=20)
            return act()
        except (StaleState, refusals.Refused) as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def kinds(results) -> list[str]:
    return sorted(type(result).__name__ for result in results)


def test_two_assignments_at_once_leave_exactly_one(at, people, wave):
    visit = plans.planned_visit(wave, at.counter)
    shoppers = [people.shopper, people.shopper2, *(worlds.user(f"s{n}", Role.SHOPPER) for n in range(4))]

    def assign_to(shopper):
        seen = Visit.objects.get(pk=visit.pk)
        return lambda: assignments.assign(visit=seen, shopper=shopper, by=people.coordinator, at=NOW)

    results = together(*(assign_to(shopper) for shopper in shoppers))
    assert kinds(results) == ["StaleState"] * 5 + ["Visit"]
    winner = next(result for result in results if isinstance(result, Visit))
    visit.refresh_from_db()
    assert visit.shopper_id == winner.shopper_id
    assert visit.events.filter(kind="assigned").count() == 1


def test_two_bulk_assignments_at_once_give_each_visit_once(at, people, wave):
    outlets = plans.outlets_below(at.dong_da, 60)
    for outlet in outlets:
        plans.planned_visit(wave, outlet)

    def assign_all(shopper):
        visits = Visit.objects.in_wave(wave)
        return lambda: assignments.assign_many(visits=visits, shoppers=[shopper], by=people.coordinator, at=NOW)

    results = together(assign_all(people.shopper), assign_all(people.shopper2))
    assert sorted(outcome.changed for outcome in results) == [0, 60]
    assert Visit.objects.filter(events__kind="assigned").count() == 60


def test_one_shopper_is_not_sent_twice_to_an_outlet_by_two_coordinators(at, people, wave):
    visits = [plans.planned_visit(wave, at.counter) for _ in range(4)]
    results = together(
        *(
            lambda visit=visit: assignments.assign(visit=visit, shopper=people.shopper, by=people.coordinator, at=NOW)
            for visit in visits
        )
    )
    assert kinds(results) == ["SameShopperAgain"] * 3 + ["Visit"]


def test_block_and_assignment_at_once_never_leave_a_blocked_shopper_assigned(at, people, wave):
    for _ in range(5):
        visit = plans.planned_visit(wave, at.counter)
        together(
            lambda visit=visit: assignments.assign(visit=visit, shopper=people.shopper, by=people.coordinator, at=NOW),
            lambda: blocking.block(
                shopper=people.shopper, unit=at.counter.unit, reason="Nhà gần đó", by=people.office, at=NOW
            ),
        )
        visit.refresh_from_db()
        assert visit.state == "planned"
        BlockedUnit.objects.update(ended_at=NOW)


def test_of_withdrawal_and_voiding_at_once_one_is_refused(at, people, wave):
    visit = plans.assigned_visit(wave, at.counter, people.shopper)
    one, two = Visit.objects.get(pk=visit.pk), Visit.objects.get(pk=visit.pk)
    results = together(
        lambda: assignments.withdraw(visit=one, by=people.coordinator, at=NOW),
        lambda: assignments.void(visit=two, reason="Trùng", by=people.office, at=NOW),
    )
    assert kinds(results) == ["StaleState", "Visit"]
    assert visit.events.filter(kind__in=["unassigned", "voided"]).count() == 1


def test_create_button_pressed_twice_plans_one_wave(at, people):
    checklist, public_id = plans.checklist(), uuid4()

    def create():
        return waves.plan(
            name="Đợt tháng 12",
            checklist=checklist,
            unit=at.group,
            visits_per_outlet=1,
            starts_on=date(2026, 12, 1),
            ends_on=date(2026, 12, 31),
            public_id=public_id,
            by=people.coordinator,
            at=NOW,
        )

    assert kinds(together(create, create)) == ["AlreadyPlanned", "Wave"]
    assert (Wave.objects.count(), Visit.objects.count()) == (1, 3)


def test_create_button_of_a_scenario_pressed_twice_makes_one(people):
    texts = {"title": "Cấp lại SIM", "channel": Channel.COUNTER, "service": "Di động", "brief": "Hỏi thủ tục."}
    public_id = uuid4()

    def create():
        return scenarios.create(**texts, public_id=public_id, by=people.coordinator, at=NOW)

    first, second = together(create, create)
    assert first == second == Scenario.objects.get()
