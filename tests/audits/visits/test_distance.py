"""Distances of known points, and the bands in which they are told."""

import pytest

from audits.fieldwork.arrival import distance

pytestmark = pytest.mark.once

LONG_XUYEN = (10.3865, 105.4351)


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        ((0, 0), (0, 0), 0),
        ((0, 0), (0, 1), 111_195.08),  # a degree of the equator: pi times the radius by 180
        ((0, 0), (90, 0), 10_007_557.2),  # a quarter of the circle
        ((0, 0), (0, 180), 20_015_114.4),  # the other side of the earth
        ((36.12, -86.67), (33.94, -118.40), 2_886_448.4),  # Nashville and Los Angeles airports, on this sphere
        ((21.0285, 105.8542), (10.7769, 106.7009), 1_143_453.0),  # Hà Nội and Thành phố Hồ Chí Minh
    ],
)
def test_known_distances(one, other, metres):
    assert distance.metres(one, other) == pytest.approx(metres, rel=2e-4, abs=0.01)
    assert distance.metres(one, other) == pytest.approx(distance.metres(other, one))


def north(metres):
    return LONG_XUYEN[0] + metres / 111_195.08, LONG_XUYEN[1]


@pytest.mark.parametrize(
    ("metres", "accuracy", "band"),
    [
        (0, 10, "near"),
        (150, 40, "near"),
        (150, 60, "unknown"),  # perhaps beyond 200 m
        (600, 100, "close"),
        (950, 100, "unknown"),
        (3_000, 500, "far"),
        (5_500, 100, "away"),
        (300_000, 5_000, "away"),
        (0, 300, "unknown"),
    ],
)
def test_bands_are_told_when_only_one_is_possible(metres, accuracy, band):
    assert distance.band(north(metres), LONG_XUYEN, accuracy) == band


def test_without_the_outlets_place_nothing_is_known():
    assert distance.band(LONG_XUYEN, None, 5) == "unknown"
