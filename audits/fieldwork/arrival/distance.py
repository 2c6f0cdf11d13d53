"""How far a phone was from an outlet, told no finer than it has to be. Pure: degrees in, a band out.

Distances are of great circles on a sphere of the earth's mean radius, by the haversine formula (R. W. Sinnott, "Virtues
of the Haversine", Sky and Telescope 68, 1984, p. 159; mean radius of IUGG: 6,371,008.8 m). Within Vietnam the sphere
differs from the ellipsoid by less than half a hundredth of the distance, far less than a phone's own error.
"""

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS = 6_371_008.8  # metres

NEAR, CLOSE, FAR, AWAY, UNKNOWN = "near", "close", "far", "away", "unknown"
BANDS = ((NEAR, 200), (CLOSE, 1_000), (FAR, 5_000))  # each up to so many metres; beyond the last it is AWAY

Point = tuple[float, float]  # latitude and longitude, degrees


def metres(one: Point, other: Point) -> float:
    """The distance of two points."""
    (first, west), (second, east) = ((radians(latitude), radians(longitude)) for latitude, longitude in (one, other))
    half = sin((second - first) / 2) ** 2 + cos(first) * cos(second) * sin((east - west) / 2) ** 2
    return 2 * EARTH_RADIUS * asin(min(1.0, sqrt(half)))


def band(point: Point, outlet: Point | None, accuracy: float) -> str:
    """The band in which the phone was; UNKNOWN without the outlet's place, or when more than one is possible.

    `accuracy` is the radius in metres within which the phone says that it was.
    """
    if outlet is None:
        return UNKNOWN
    distance = metres(point, outlet)
    nearest, farthest = _band_of(max(0.0, distance - accuracy)), _band_of(distance + accuracy)
    return nearest if nearest == farthest else UNKNOWN


def _band_of(distance: float) -> str:
    return next((name for name, upper in BANDS if distance <= upper), AWAY)
