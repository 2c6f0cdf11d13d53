"""Two administrators reorganise at the same moment: one after the other, and the tree stays a tree."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection

from outlets.models import Unit, UnitClosure, UnitType
from outlets.organisation import actions as organisation
from outlets.organisation import refusals, tree
from tests import worlds

pytestmark = pytest.mark.django_db(transaction=True)

FACTS = {"by": None, "at": worlds.NOW}
DAY = {"effective_on": date(2026, 7, 1)}


def at_once(*actions):
    """Runs each in a thread of its own, all starting together; gives what each returned or raised."""
    gate = Barrier(len(actions))

    def run(action):
        try:
            connection.ensure_connection()
            gate.wait(timeout=10)
            return action()
        except refusals.ReorganisationRefused as refused:
            return type(refused)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(run, actions))


def closure_is_right():
    return set(UnitClosure.objects.values_list("ancestor_id", "descendant_id", "depth")) == tree.closure_today()


def test_two_moves_that_together_would_make_a_circle():
    at = worlds.places()
    for _ in range(3):
        one = worlds.unit(f"A{_}", "A", parent=at.group)
        other = worlds.unit(f"B{_}", "B", parent=at.group)
        outcomes = at_once(
            lambda: organisation.move(unit=one, parent=other, **DAY, **FACTS),  # noqa: B023 - joined within the loop
            lambda: organisation.move(unit=other, parent=one, **DAY, **FACTS),  # noqa: B023
        )
        assert sorted(isinstance(outcome, Unit) for outcome in outcomes) == [False, True]
        assert refusals.Circle in outcomes
        assert closure_is_right()


def test_a_unit_opens_below_another_that_is_moving():
    at = worlds.places()
    kind = UnitType.objects.get(code="office")
    for number in range(3):
        target = (at.ha_noi, at.an_giang)[number % 2]
        facts = {"name": "Tổ", "unit_type": kind, "parent": at.long_xuyen, "opened_on": date(2026, 7, 1), **FACTS}
        at_once(
            lambda: organisation.move(unit=at.long_xuyen, parent=target, **DAY, **FACTS),  # noqa: B023
            lambda: organisation.open_unit(code=f"T{number}", **facts),  # noqa: B023
            lambda: organisation.open_unit(code=f"S{number}", **facts),  # noqa: B023
        )
        assert closure_is_right()


def test_one_code_is_given_once():
    at = worlds.places()
    kind = UnitType.objects.get(code="office")
    facts = {"name": "Tổ", "unit_type": kind, "parent": at.ha_noi, "opened_on": date(2026, 7, 1), **FACTS}
    outcomes = at_once(*[lambda: organisation.open_unit(code="NEW", **facts)] * 4)
    assert sorted(isinstance(outcome, Unit) for outcome in outcomes) == [False, False, False, True]
    assert outcomes.count(refusals.CodeUsed) == 3
