"""How often outlets are visited, and by whom."""

from dataclasses import replace

import pytest

from tests.national.conftest import SMALL
from vnpt_smile.national import patterns, plan
from vnpt_smile.national.scale import Scale

FULL = Scale(last=SMALL.last)


def of_month(scale: Scale, number: int) -> dict[int, int]:
    return plan.visits_of_outlets(scale, number)


@pytest.mark.parametrize("visits", [720_000, 540_001, 10_000, 1_000])
def test_the_visits_of_all_months_are_those_asked_for(visits):
    scale = replace(FULL, visits=visits)
    assert sum(sum(of_month(scale, number).values()) for number in range(36)) == visits
    assert all(count >= 3 for number in range(36) for count in of_month(scale, number).values())


def test_the_full_country_visits_every_outlet_four_times_a_month():
    assert set(of_month(FULL, 0).values()) == {4}
    assert len(of_month(FULL, 0)) == 5_000


def test_outlets_take_turns_where_there_are_few_visits():
    scale = replace(FULL, outlets=100, visits=36 * 30)
    assert list(of_month(scale, 0)) == list(range(10))
    assert list(of_month(scale, 1)) == list(range(10, 20))


@pytest.mark.parametrize("visits", [720_000, 10_000])
def test_shoppers_rest_before_they_come_back(visits):
    scale = replace(FULL, visits=visits)
    pool = plan.shoppers_of_province(scale)
    last: dict[int, int] = {}
    for month in range(36):
        for visit in range(of_month(scale, month).get(3, 0)):
            shopper = plan.shopper(scale, 3, month, visit, pool)
            assert month - last.get(shopper, -99) >= plan.REST_MONTHS
            last[shopper] = month


def test_a_better_chance_is_a_higher_level():
    levels = [patterns.level_of(chance / 100) for chance in range(0, 101, 5)]
    assert levels == sorted(levels)
    assert (levels[0], levels[-1]) == (0, patterns.LEVELS - 1)
