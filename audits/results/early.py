"""Topics for an outlet without a block of its own this month: words that no answer of a visit follows from. Pure.

What was seen here and what the whole channel loses or does well are mixed by chance: whatever is said could have been
said whatever the waiting visits hold, also where there is none. docs/decisions/0015-early-topics.md says why nothing
less will do.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from audits.scoring import Line

LEAST_VISITS, LEAST_SHOPPERS = 2, 2  # in which something was seen, before it counts as seen here
FEWEST_THEMES = 5  # of a checklist, for three topics to say little
AGAIN, WELL = 2, 1  # topics of each kind
SCALE = 1000


@dataclass(frozen=True, slots=True)
class WaitingVisit:
    """Whose visit it is, and the lines of its score that counted."""

    shopper_id: int
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Here:
    """Themes that were seen here to go well, and to be worth a second thought. Empty with too few visits."""

    well: frozenset[str] = frozenset()
    again: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Channel:
    """How often each theme may come up by itself: by what it costs the channel, and by how often it is met there.

    Weights of each kind are positive for every theme.
    """

    well: Mapping[str, int]
    again: Mapping[str, int]

    @property
    def is_enough(self) -> bool:
        return len(self.again) >= FEWEST_THEMES


@dataclass(frozen=True, slots=True)
class Topics:
    """Codes of themes, none twice."""

    well: tuple[str, ...]
    again: tuple[str, ...]


def seen_here(visits: Iterable[WaitingVisit]) -> Here:
    """A theme counts where two visits by two shoppers have it alike: half of its criteria missed, or at most a fourth.

    A fourth missed or fewer goes well, half or more is worth another look; what lies between is neither.
    """
    well: dict[str, list[int]] = defaultdict(list)
    again: dict[str, list[int]] = defaultdict(list)
    for visit in visits:
        asked: dict[str, list[bool]] = defaultdict(list)
        for line in visit.lines:
            if line.theme is not None:
                asked[line.theme].append(line.result is not None and line.result < 100)
        for theme, missed in asked.items():
            if 2 * sum(missed) >= len(missed):
                again[theme].append(visit.shopper_id)
            elif 4 * sum(missed) <= len(missed):
                well[theme].append(visit.shopper_id)
    return Here(*(frozenset(theme for theme, who in found.items() if _is_enough(who)) for found in (well, again)))


def _is_enough(shoppers: Sequence[int]) -> bool:
    return len(shoppers) >= LEAST_VISITS and len(set(shoppers)) >= LEAST_SHOPPERS


def channel(lost: Mapping[str, int], met: Mapping[str, int], visits: Mapping[str, int]) -> Channel:
    """Half by what a theme costs or how often it is met, half alike for all, so that each may always come up."""
    themes = sorted(theme for theme, some in visits.items() if some)
    shares = {theme: met[theme] / visits[theme] for theme in themes}
    return Channel(well=_half_alike(shares), again=_half_alike({theme: max(lost[theme], 0) for theme in themes}))


def _half_alike(sizes: Mapping[str, float]) -> dict[str, int]:
    whole = sum(sizes.values())
    alike = SCALE // max(len(sizes), 1)
    return {theme: alike + (round(SCALE * size / whole) if whole else 0) for theme, size in sizes.items()}


def chances(here: Collection[str], weights: Mapping[str, int], taken: Collection[str]) -> dict[str, int]:
    """How likely each theme is to be the next topic of a kind: half of what was seen here, half of the channel's.

    Never none for any theme, whatever was seen, so that no topic, and no missing one, rules anything out.
    """
    left = {theme: weight for theme, weight in weights.items() if theme not in taken}
    seen = [theme for theme in left if theme in here]
    whole = sum(left.values())
    return {theme: weight * max(len(seen), 1) + (whole if theme in seen else 0) for theme, weight in left.items()}


def topics(here: Here, channel: Channel, rng: Random) -> Topics:
    """One topic that goes well and two to look at again, drawn one after the other."""
    again: list[str] = []
    for _ in range(AGAIN):
        again.append(_drawn(chances(here.again, channel.again, again), rng))
    well: list[str] = []
    for _ in range(WELL):
        well.append(_drawn(chances(here.well, channel.well, again + well), rng))
    return Topics(tuple(well), tuple(again))


def _drawn(weights: Mapping[str, int], rng: Random) -> str:
    return rng.choices(list(weights), weights=list(weights.values()))[0]
