"""Which visits are published together: the rule that keeps a visit, and so its shopper, from being singled out. Pure.

docs/decisions/0008-blocks.md says why.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Candidate:
    """An approved visit that has not been published. `percent` is x 10,000; None: nothing of it could be scored."""

    visit_id: int
    outlet_id: int
    checklist_id: int
    shopper_id: int
    visited_on: date
    submission_id: int
    percent: int | None
    critical_failures: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """The least scored visits of a block, and the least shoppers who made those."""

    visits: int
    shoppers: int

    def allows(self, candidates: Iterable[Candidate]) -> bool:
        """A visit without a score adds nothing to a figure, so it does not hide another one either."""
        return self.hides([each.shopper_id for each in candidates if each.percent is not None])

    def hides(self, shoppers: Collection[int]) -> bool:
        """Whether visits by these, one for each visit, are enough for none of them to be told."""
        return len(shoppers) >= self.visits and len(set(shoppers)) >= self.shoppers


Place = tuple[int, int]  # an outlet's key and a checklist's


@dataclass(frozen=True)
class Split:
    """What closing now would publish and what would wait, by outlet and checklist."""

    published: dict[Place, Sequence[Candidate]]
    waiting: dict[Place, Sequence[Candidate]]


def split(candidates: Iterable[Candidate], rule: Rule, heirs: Mapping[int, int]) -> Split:
    """Visits are taken together by outlet and checklist.

    `heirs` says which outlet carries on the history of one that went into it. Visits of the latter that are too few for
    themselves join the heir's: no other will ever come to stand beside them.
    """
    places: dict[Place, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        places[candidate.outlet_id, candidate.checklist_id].append(candidate)
    for outlet, checklist in [place for place, some in places.items() if place[0] in heirs and not rule.allows(some)]:
        places[heirs[outlet], checklist] += places.pop((outlet, checklist))
    allowed = {place for place, some in places.items() if rule.allows(some)}
    return Split(
        published={place: some for place, some in places.items() if place in allowed},
        waiting={place: some for place, some in places.items() if place not in allowed},
    )
