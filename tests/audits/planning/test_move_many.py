"""Many visits changing state together: each only if it still stands as it was read."""

import pytest
from django.db import transaction

from audits.fieldwork.models import Visit, VisitEvent
from audits.fieldwork.states import VisitState
from audits.fieldwork.transitions import move_many
from tests import plans
from tests.worlds import NOW


@pytest.fixture
def two(at, wave):
    return [plans.planned_visit(wave, at.counter), plans.planned_visit(wave, at.far_counter)]


def void(visits):
    with transaction.atomic():
        return move_many(
            visits, VisitState.VOIDED, kind=VisitEvent.Kind.VOIDED, by=None, at=NOW, note="Trùng", void_reason="Trùng"
        )


def test_all_move_each_with_its_event(two):
    assert void(two) == two
    assert set(Visit.objects.values_list("state", "void_reason")) == {("voided", "Trùng")}
    events = VisitEvent.objects.filter(kind="voided").values_list("visit", "from_state", "to_state", "at", "note")
    assert sorted(events) == [(visit.pk, "planned", "voided", NOW, "Trùng") for visit in two]
    assert [visit.state for visit in two] == ["voided", "voided"]


@pytest.mark.parametrize("change", [{"state": "assigned"}, {"state": "voided", "void_reason": "Khác"}])
def test_one_that_has_moved_on_since_it_was_read_is_left(people, two, change):
    Visit.objects.filter(pk=two[0].pk).update(shopper=people.shopper, **change)
    assert void(two) == [two[1]]
    assert Visit.objects.get(pk=two[0].pk).state == change["state"]
    assert not two[0].events.filter(kind="voided").exists()


def test_one_given_to_somebody_else_since_it_was_read_is_left(at, people, wave):
    visit = plans.assigned_visit(wave, at.counter, people.shopper)
    Visit.objects.update(shopper=people.shopper2)
    assert void([visit]) == []
    assert Visit.objects.get().state == "assigned"


def test_one_whose_state_does_not_lead_there_is_left(at, people, wave):
    assert void([plans.visit_in(VisitState.PUBLISHED, wave, at.counter, people.shopper)]) == []
