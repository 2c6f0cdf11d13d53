"""Where the lines and bars of a chart lie: numbers in, positions of an SVG out. Pure; templates draw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from audits.scoring import SCALE, WHOLE

STEP = 5 * SCALE


def _written(position: float) -> str:
    """A coordinate with a point, whatever the reader's language."""
    return f"{position:.1f}"


@dataclass(frozen=True)
class Strip:
    """A range on a track 100 wide. `group` is empty when there is nothing to compare with."""

    left: str
    width: str
    mean: str
    group: str


def strip(low: int, mean: int, high: int, group: int | None, least: int) -> Strip:
    """A track from `least` to 100 %; what lies below `least` stands at its left end."""

    def place(percent: int) -> float:
        return max(0.0, 100 * (percent - least) / (WHOLE - least))

    return Strip(
        left=_written(place(low)),
        width=_written(max(place(high) - place(low), 0.8)),
        mean=_written(min(place(mean), 98.8)),
        group="" if group is None else _written(min(place(group), 99.4)),
    )


def least_of(percents: Sequence[int]) -> int:
    """Where tracks begin: at 50 %, unless something lies below."""
    return 0 if any(percent < WHOLE // 2 for percent in percents) else WHOLE // 2


def spark(percents: Sequence[int | None]) -> tuple[str, str]:
    """A small line through what is there, on 96 by 28: its path, and the position of the last point as "x y"."""
    there = [(index, percent) for index, percent in enumerate(percents) if percent is not None]
    if not there:
        return "", ""
    low, high = min(percent for _, percent in there), max(percent for _, percent in there)
    spread = max(high - low, STEP)
    points = [
        (4 + 88 * index / max(len(percents) - 1, 1), 24 - 20 * (percent - low + (spread - (high - low)) / 2) / spread)
        for index, percent in there
    ]
    return _path(points), " ".join(map(_written, points[-1]))


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{_written(x)} {_written(y)}" for x, y in points)


@dataclass(frozen=True)
class Sample:
    """One month of a trend: figures are per cent x SCALE, None where there is none."""

    month: date
    mean: int | None
    low: int | None = None
    high: int | None = None
    group: int | None = None
    is_break: bool = False
    shared: int | None = None
    is_corrected: bool = False

    def ends(self) -> tuple[int, int] | None:
        return None if self.low is None or self.high is None else (self.low, self.high)


@dataclass(frozen=True)
class Mark:
    """Something written or drawn at a place. `text` may be empty."""

    x: str
    y: str
    text: str = ""


@dataclass(frozen=True)
class Trend:
    """A chart of `width` by `height`. Lines and bands are broken where months have no figure."""

    width: int
    height: int
    right: int
    bottom: int
    left: int
    grid: tuple[Mark, ...]
    months: tuple[Mark, ...]
    breaks: tuple[Mark, ...]
    bands: tuple[str, ...]
    lines: tuple[str, ...]
    group: tuple[str, ...]
    shared: tuple[str, ...]
    dots: tuple[Mark, ...]
    last: Mark | None
    published: tuple[Mark, ...]
    corrected: tuple[Mark, ...]


@dataclass(frozen=True)
class Size:
    width: int
    height: int
    named: int  # so many months at most are named


WIDE, HALF, NARROW = Size(1120, 280, 12), Size(540, 400, 6), Size(340, 240, 4)


def trend(samples: Sequence[Sample], size: Size) -> Trend:
    """The geometry of a trend. The axis holds every figure and is at least 20 per cent long."""
    left, right, top, bottom = 44, size.width - 24, 24, size.height - 34
    low, high = axis(samples)
    step = (right - left) / max(len(samples) - 1, 1)
    every = -(-len(samples) // size.named)

    def x(index: int) -> float:
        return left + index * step

    def y(percent: int) -> float:
        return bottom - (bottom - top) * (percent - low) / (high - low)

    means = [(index, each.mean) for index, each in enumerate(samples) if each.mean is not None]
    ticks = range(low, high + 1, 2 * STEP if high - low > 40 * SCALE else STEP)
    return Trend(
        width=size.width,
        height=size.height,
        right=right,
        bottom=bottom,
        left=left,
        grid=tuple(Mark(_written(left), _written(y(tick)), str(tick // SCALE)) for tick in ticks),
        months=tuple(
            Mark(_written(x(index)), _written(bottom + 22), f"{each.month:%m/%y}")
            for index, each in enumerate(samples)
            if (len(samples) - 1 - index) % every == 0
        ),
        breaks=tuple(Mark(_written(x(index) - step / 2), "") for index, each in enumerate(samples) if each.is_break),
        bands=tuple(
            _path(
                [(x(index), y(high)) for index, (_, high) in run]
                + [(x(index), y(low)) for index, (low, _) in run[::-1]]
            )
            + "Z"
            for run in _runs(samples, Sample.ends)
            if len(run) > 1
        ),
        lines=tuple(
            _path([(x(index), y(mean)) for index, mean in run]) for run in _runs(samples, lambda each: each.mean)
        ),
        group=tuple(
            _path([(x(index), y(mean)) for index, mean in run]) for run in _runs(samples, lambda each: each.group)
        ),
        shared=tuple(
            _path([(x(index), y(mean)) for index, mean in run])
            for run in _runs(samples, lambda each: each.shared, is_broken=False)
        ),
        dots=tuple(Mark(_written(x(index)), _written(y(mean))) for index, mean in means),
        last=Mark(_written(x(means[-1][0])), _written(y(means[-1][1]))) if means else None,
        published=tuple(Mark(_written(x(index)), _written(bottom)) for index, _mean in means),
        corrected=tuple(
            Mark(_written(x(index)), _written(bottom)) for index, each in enumerate(samples) if each.is_corrected
        ),
    )


@dataclass(frozen=True)
class Dot:
    """A point with what belongs to it. `look` is a class of the stylesheet."""

    x: str
    y: str
    look: str
    of: object


@dataclass(frozen=True)
class FunnelChart:
    """Means by their number of visits, and the limits within which chance leaves them."""

    width: int
    height: int
    left: int
    right: int
    bottom: int
    centre: str
    inside: str  # the area between the limits
    grid: tuple[Mark, ...]
    counts: tuple[Mark, ...]
    dots: tuple[Dot, ...]


Placed = tuple[int, int, str, object]  # visits, mean, look, and whatever it is of


def funnel(points: Sequence[Placed], centre: int, limits: Callable[[int], tuple[int, int]], size: Size) -> FunnelChart:
    """The geometry of a funnel plot: visits to the right on a scale of roots, means upwards. Needs a point."""
    left, right, top, bottom = 44, size.width - 24, 16, size.height - 40
    most = max(visits for visits, *_ in points)
    farthest = max(STEP, *(abs(mean - centre) for _, mean, *_ in points))
    low, high = _ends([max(0, centre - farthest), min(WHOLE, centre + farthest)])

    def x(visits: int) -> float:
        return left + (right - left) * (visits / most) ** 0.5

    def y(percent: int) -> float:
        return bottom - (bottom - top) * (min(max(percent, low), high) - low) / max(high - low, 1)

    steps = sorted({max(1, round(most * (part / 24) ** 2)) for part in range(2, 25)})
    ends = [(x(visits), *map(y, limits(visits))) for visits in steps]
    ticks = range(low, high + 1, 2 * STEP if high - low > 40 * SCALE else STEP)
    named = sorted({visits for visits in (9, 30, 100, 300, 1000, 3000, most) if visits <= most})
    return FunnelChart(
        width=size.width,
        height=size.height,
        left=left,
        right=right,
        bottom=bottom,
        centre=_written(y(centre)),
        inside=_path([(at, above) for at, _, above in ends] + [(at, below) for at, below, _ in ends[::-1]]) + "Z",
        grid=tuple(Mark(_written(left), _written(y(tick)), str(tick // SCALE)) for tick in ticks),
        counts=tuple(
            Mark(_written(x(visits)), _written(bottom + 20), str(visits))
            for visits, following in zip(named, [*named[1:], None], strict=True)
            if following is None or x(following) - x(visits) > 40
        ),
        dots=tuple(Dot(_written(x(visits)), _written(y(mean)), look, of) for visits, mean, look, of in points),
    )


def axis(samples: Sequence[Sample]) -> tuple[int, int]:
    """The ends of the axis, multiples of five per cent around every figure."""
    drawn = (value for each in samples for value in (each.mean, each.low, each.high, each.group, each.shared))
    return _ends([value for value in drawn if value is not None] or [0, WHOLE])


def _ends(values: Sequence[int]) -> tuple[int, int]:
    low, high = STEP * (min(values) // STEP), min(WHOLE, STEP * -(-max(values) // STEP))
    while high - low < 4 * STEP:
        low, high = (low - STEP, high) if low > 0 else (low, high + STEP)
    return low, high


_Value = TypeVar("_Value")


def _runs(
    samples: Sequence[Sample], value_of: Callable[[Sample], _Value | None], *, is_broken: bool = True
) -> list[list[tuple[int, _Value]]]:
    """Stretches of neighbouring months that have a value, each with its index; `is_broken` by every new version."""
    runs: list[list[tuple[int, _Value]]] = []
    is_open = False
    for index, each in enumerate(samples):
        value = value_of(each)
        if value is None:
            is_open = False
            continue
        if not is_open or (each.is_break and is_broken):
            runs.append([])
        runs[-1].append((index, value))
        is_open = True
    return runs
