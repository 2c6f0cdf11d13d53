"""Whatever is done to the organisation in whatever order, its tree stays a tree, today and on every past day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from outlets.models import Unit, UnitClosure, UnitType
from outlets.organisation import actions as organisation
from outlets.organisation import refusals, tree
from outlets.organisation.actions import NewUnit

pytest.importorskip("hypothesis", reason="hypothesis is in requirements-dev.txt")
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

START = date(2026, 1, 1)
NOW = datetime(2026, 1, 7, 5, tzinfo=UTC)
DAYS = [START + timedelta(days=number) for number in range(7)]

pytestmark = pytest.mark.django_db

places = st.integers(0, 12)
days = st.integers(0, len(DAYS) - 1)
kinds = st.sampled_from(["open", "open", "move", "move", "merge", "merge", "fuse", "split", "rename", "close"])
steps = st.lists(st.tuples(kinds, places, places, days), min_size=6, max_size=14)


def do(step, number):
    """One action on whichever units the numbers point at. Most are sound; the rest have to be refused."""
    what, one, other, day = step
    units = list(Unit.objects.open().order_by("pk")) + list(Unit.objects.exclude(closed_on=None).order_by("pk")[:1])
    unit, second = units[one % len(units)], units[other % len(units)]
    facts = {"by": None, "at": NOW}
    effective = facts | {"effective_on": DAYS[day]}
    if what == "open":
        kind = UnitType.objects.get()
        organisation.open_unit(
            code=f"U{number}", name=f"U{number}", unit_type=kind, parent=unit, opened_on=DAYS[day], **facts
        )
    elif what == "rename":
        organisation.rename(unit=unit, name=f"N{other}", **effective)
    elif what == "move":
        organisation.move(unit=unit, parent=second, **effective)
    elif what == "merge":
        organisation.merge(predecessors=[unit], successor=second, **effective)
    elif what == "fuse":
        organisation.merge(predecessors=[unit, second], successor=NewUnit(f"U{number}", "U"), **effective)
    elif what == "close":
        organisation.close_unit(unit=unit, closed_on=DAYS[day], **facts)
    else:
        children = Unit.objects.filter(parent_rows__parent=unit, parent_rows__valid_to__isnull=True)
        codes = [f"U{number}a", f"U{number}b"]
        assign = {child: codes[child.pk % 2] for child in children}
        organisation.split(unit=unit, into=[(code, code) for code in codes], assign=assign, heir=codes[0], **effective)


def trees():
    return {day: tree.parents_on(day) for day in DAYS}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_any_sequence_leaves_a_tree_on_every_day_and_a_right_closure(db, steps):
    with transaction.atomic():
        try_out(steps)
        transaction.set_rollback(True)


def try_out(steps):
    kind = UnitType.objects.create(code="unit", name_vi="Đơn vị", name_en="Unit")
    top = organisation.open_unit(code="TOP", name="Top", unit_type=kind, parent=None, opened_on=START, by=None, at=NOW)
    for name in ("A", "B", "C"):
        organisation.open_unit(code=name, name=name, unit_type=kind, parent=top, opened_on=START, by=None, at=NOW)
    was = trees()
    for number, step in enumerate(steps):
        try:
            do(step, number)
            untouched = DAYS[: step[3]]
        except refusals.ReorganisationRefused:
            untouched = DAYS
        now = trees()
        assert {day: now[day] for day in untouched} == {day: was[day] for day in untouched}
        check(now)
        was = now


def check(trees):
    assert set(UnitClosure.objects.values_list("ancestor_id", "descendant_id", "depth")) == tree.closure_today()
    units = list(Unit.objects.all())
    for day, parents in trees.items():
        existing = {unit.pk for unit in units if unit.opened_on <= day and (not unit.closed_on or day < unit.closed_on)}
        top = existing - set(parents)
        assert len(top) == 1
        assert set(parents) | top == existing
        assert set(parents.values()) <= existing
        tree.closure(parents, existing)  # raises on a circle
