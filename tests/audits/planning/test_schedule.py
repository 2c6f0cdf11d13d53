"""Windows and turns of a wave: arithmetic alone."""

from collections import Counter
from datetime import date, timedelta

import pytest

from audits.fieldwork.planning import schedule
from audits.fieldwork.planning.schedule import Window

pytestmark = pytest.mark.once

NOVEMBER = Window(date(2026, 11, 1), date(2026, 11, 30))


def day(number: int) -> date:
    return date(2026, 11, number)


def test_month_of_one_visit_has_four_windows_of_a_week():
    assert schedule.windows(NOVEMBER, 1) == [
        [Window(day(1), day(7)), Window(day(8), day(15)), Window(day(16), day(22)), Window(day(23), day(30))]
    ]


def test_second_visit_falls_into_the_second_half():
    assert schedule.windows(NOVEMBER, 2) == [
        [Window(day(1), day(7)), Window(day(8), day(15))],
        [Window(day(16), day(22)), Window(day(23), day(30))],
    ]


@pytest.mark.parametrize("days", [1, 2, 7, 8, 29, 31, 90, 366])
@pytest.mark.parametrize("visits", [1, 2, 3, 7, 20])
def test_windows_cover_the_wave_without_gap_or_overlap(days, visits):
    whole = Window(day(1), day(1) + timedelta(days=days - 1))
    if visits > days:
        with pytest.raises(ValueError, match="cannot be cut"):
            schedule.windows(whole, visits)
        return
    flat = [window for part in schedule.windows(whole, visits) for window in part]
    assert [(w.opens_on, w.due_on) for w in flat] == [
        (before.due_on + timedelta(days=1), w.due_on) if before else (whole.opens_on, w.due_on)
        for before, w in zip([None, *flat], flat, strict=False)
    ]
    assert flat[-1].due_on == whole.due_on
    assert all(1 <= window.days <= 13 for window in flat)


def test_each_outlet_gets_one_visit_in_each_part():
    slots = list(schedule.slots(NOVEMBER, outlets=10, visits_per_outlet=2, scenarios=0))
    early = Counter(slot.outlet for slot in slots if slot.window.due_on <= day(15))
    late = Counter(slot.outlet for slot in slots if slot.window.opens_on >= day(16))
    assert early == late == Counter(range(10))


def test_windows_are_filled_evenly():
    slots = schedule.slots(NOVEMBER, outlets=10, visits_per_outlet=1, scenarios=0)
    assert sorted(Counter(slot.window for slot in slots).values()) == [2, 2, 3, 3]


@pytest.mark.parametrize("scenarios", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("visits", [1, 2, 4])
def test_every_scenario_meets_every_window_equally_often(scenarios, visits):
    slots = schedule.slots(NOVEMBER, outlets=240, visits_per_outlet=visits, scenarios=scenarios)
    pairs = Counter((slot.window, slot.scenario) for slot in slots)
    assert len(pairs) == len({window for window, _ in pairs}) * scenarios
    assert len(set(pairs.values())) == 1


def test_next_visit_of_an_outlet_asks_something_else():
    slots = schedule.slots(NOVEMBER, outlets=12, visits_per_outlet=3, scenarios=3)
    asked = {}
    for slot in slots:
        asked.setdefault(slot.outlet, []).append(slot.scenario)
    assert all(len(set(scenarios)) == 3 for scenarios in asked.values())


def test_outlet_changes_week_from_month_to_month():
    december = Window(date(2026, 12, 1), date(2026, 12, 31))
    weeks = [
        next(
            schedule.windows(month, 1)[0].index(slot.window)
            for slot in schedule.slots(month, outlets=1, visits_per_outlet=1, scenarios=0)
        )
        for month in (NOVEMBER, december)
    ]
    assert weeks[0] != weeks[1]


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 12, 31), 0, date(2026, 12, 31)),
        (date(2026, 11, 12), -3, date(2026, 8, 12)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
    ],
)
def test_months_apart_ends_with_a_shorter_month(start, months, expected):
    assert schedule.months_apart(start, months) == expected
