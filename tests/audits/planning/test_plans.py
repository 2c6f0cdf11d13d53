"""The builders that other tests stand on."""

import pytest

from audits.fieldwork.states import VisitState
from tests import plans, worlds

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", VisitState)
def test_builder_makes_a_visit_in_every_state(state):
    at = worlds.places()
    people = worlds.people(at)
    visit = plans.visit_in(state, plans.wave(at.group), at.counter, people.shopper)
    visit.refresh_from_db()
    assert visit.state == state


def test_builder_gives_a_visit_the_events_of_its_life():
    at = worlds.places()
    visit = plans.assigned_visit(plans.wave(at.group), at.counter, worlds.people(at).shopper)
    assert list(visit.events.values_list("kind", "to_state")) == [("planned", "planned"), ("assigned", "assigned")]
