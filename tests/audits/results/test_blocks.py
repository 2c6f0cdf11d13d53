"""Which visits are published together."""

from datetime import date

import pytest

from audits.results.blocks import Candidate, Rule, split

pytestmark = pytest.mark.once

RULE = Rule(visits=3, shoppers=2)


def candidate(visit: int, shopper: int = 1, outlet: int = 1, checklist: int = 1, percent: int | None = 800_000):
    return Candidate(visit, outlet, checklist, shopper, date(2026, 10, 5), visit, percent)


@pytest.mark.parametrize(
    ("some", "is_allowed"),
    [
        ([], False),
        ([candidate(1), candidate(2, shopper=2)], False),
        ([candidate(1), candidate(2), candidate(3)], False),
        ([candidate(1), candidate(2), candidate(3, shopper=2)], True),
        ([candidate(1), candidate(2), candidate(3, shopper=2, percent=None)], False),
        ([candidate(1), candidate(2), candidate(3), candidate(4, shopper=2, percent=None)], False),
    ],
)
def test_three_scored_visits_by_two_shoppers(some, is_allowed):
    assert RULE.allows(some) is is_allowed


def test_each_outlet_and_checklist_is_a_place_of_its_own():
    full = [candidate(1), candidate(2), candidate(3, shopper=2)]
    few = [candidate(4, outlet=2), candidate(5, checklist=2), candidate(6, outlet=2, shopper=2)]
    found = split([*few, *full], RULE, {})
    assert found.published == {(1, 1): full}
    assert found.waiting == {(2, 1): [few[0], few[2]], (1, 2): [few[1]]}


def test_all_that_waited_goes_with_the_block():
    """A fourth visit is not left alone for the next month."""
    four = [candidate(number, shopper=number) for number in range(4)]
    assert split(four, RULE, {}).published == {(1, 1): four}


def test_too_few_of_an_outlet_that_went_into_another_join_the_heirs():
    own, heirs = [candidate(1), candidate(2)], [candidate(3, outlet=9, shopper=2)]
    assert split([*own, *heirs], RULE, {1: 9}).published == {(9, 1): [*heirs, *own]}
    assert split(own, RULE, {1: 9}).waiting == {(9, 1): own}


def test_enough_of_an_outlet_that_went_into_another_stay_its_own():
    own, heirs = [candidate(1), candidate(2), candidate(3, shopper=2)], [candidate(4, outlet=9)]
    found = split([*own, *heirs], RULE, {1: 9})
    assert (found.published, found.waiting) == ({(1, 1): own}, {(9, 1): heirs})
