"""Where a shopper must not go."""

import pytest

from audits.fieldwork.models import BlockedUnit, Visit
from audits.fieldwork.planning import refusals
from audits.fieldwork.planning.actions import blocking
from audits.fieldwork.states import VisitState
from tests import plans
from tests.worlds import NOW


def block(shopper, unit, people, reason="Nơi làm việc cũ"):
    return blocking.block(shopper=shopper, unit=unit, reason=reason, by=people.coordinator, at=NOW)


def test_block_is_written_with_its_reason(at, people):
    block(people.shopper, at.long_xuyen, people)
    row = BlockedUnit.objects.values_list("shopper", "unit", "reason", "added_by", "added_at", "ended_at").get()
    assert row == (people.shopper.pk, at.long_xuyen.pk, "Nơi làm việc cũ", people.coordinator.pk, NOW, None)


def test_block_takes_back_visits_there_that_are_not_begun(at, wave, people):
    there = plans.assigned_visit(wave, at.counter, people.shopper)
    begun = plans.visit_in(VisitState.IN_PROGRESS, wave, at.other_counter, people.shopper)
    far = plans.assigned_visit(wave, at.far_counter, people.shopper)
    somebody_else = plans.assigned_visit(wave, at.hotline, people.shopper2)
    assert block(people.shopper, at.an_giang, people).withdrawn == 1
    states = [Visit.objects.get(pk=visit.pk).state for visit in (there, begun, far, somebody_else)]
    assert states == ["planned", "in_progress", "assigned", "assigned"]
    assert there.events.last().kind == "unassigned"


def test_block_refuses_the_same_unit_twice(at, people):
    block(people.shopper, at.counter.unit, people)
    with pytest.raises(refusals.AlreadyBlocked):
        block(people.shopper, at.counter.unit, people)


def test_block_refuses_an_account_that_is_no_shopper(at, people):
    with pytest.raises(refusals.NotAShopper):
        block(people.manager, at.counter.unit, people)


def test_block_asks_for_a_reason(at, people):
    with pytest.raises(refusals.ReasonMissing):
        block(people.shopper, at.counter.unit, people, reason="")


def test_unblock_ends_the_block_and_keeps_the_row(at, people):
    made = block(people.shopper, at.counter.unit, people).block
    assert blocking.unblock(block=made, by=people.office, at=NOW) is True
    made.refresh_from_db()
    assert (made.ended_at, made.ended_by) == (NOW, people.office)
    assert list(BlockedUnit.objects.current()) == []


def test_unblock_twice_changes_nothing_the_second_time(at, people):
    made = block(people.shopper, at.counter.unit, people).block
    blocking.unblock(block=made, by=people.office, at=NOW)
    assert blocking.unblock(block=made, by=people.coordinator, at=NOW) is False
    assert BlockedUnit.objects.get().ended_by == people.office


def test_block_can_be_made_again_after_it_was_lifted(at, people):
    made = block(people.shopper, at.counter.unit, people).block
    blocking.unblock(block=made, by=people.office, at=NOW)
    block(people.shopper, at.counter.unit, people)
    assert BlockedUnit.objects.current().count() == 1
