"""What two versions of a checklist have in common, and a visit's two scores on it. Pure.

A criterion is shared when both versions score it under one code, of one kind, and the later one knows every answer that
could be given under the earlier one. Both scores are then taken over the shared criteria alone, so that they differ by
weights and results and by nothing else.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from audits import scoring
from audits.checklists.outline import CriterionOutline, Outline
from audits.scoring import Answer, Rule

UNIT = 1000  # weights have three decimals: as integers they are added exactly


@dataclass(frozen=True, slots=True)
class Shared:
    """A criterion of both versions: `index` is its place among those of the later one, weights are x UNIT."""

    index: int
    before: Rule
    after: Rule
    weight_before: int
    weight_after: int
    gives_the_same: bool  # every answer is worth as much as before

    @property
    def counted_before(self) -> object:
        """What an answer was worth and how much it weighed. Kind and measure are those of the later version."""
        return self.weight_before, self.before.options, self.before.thresholds

    def result_after(self, value: str, number: object) -> int | None:
        """What an answer given under the earlier version is worth under the later one."""
        return scoring.result_of(self.after, Answer(self.after.code, value or None, number))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Plan:
    """How visits made with one version are scored under another. `by_id` is by the earlier criterion's key."""

    by_id: dict[int, Shared]
    scored_before: int

    @property
    def remapped(self) -> list[int]:
        """The criteria whose answers, not results, have to be read."""
        return [key for key, shared in self.by_id.items() if not shared.gives_the_same]


def plan(before: Outline, after: Outline) -> Plan:
    """What visits made with `before` say under `after`. Of a draft with faults the faulty criteria are left out."""
    found = {}
    for index, later in enumerate(after.criteria):
        earlier = before.by_code.get(later.code)
        if earlier is not None and _is_shared(earlier, later):
            found[earlier.id] = Shared(
                index=index,
                before=earlier.rule,
                after=later.rule,
                weight_before=int(earlier.weight * UNIT),
                weight_after=int(later.weight * UNIT),
                gives_the_same=(earlier.rule.options, earlier.rule.thresholds)
                == (later.rule.options, later.rule.thresholds),
            )
    return Plan(found, sum(each.is_scored for each in before.criteria))


def _is_shared(earlier: CriterionOutline, later: CriterionOutline) -> bool:
    if not earlier.is_scored or earlier.kind != later.kind or earlier.measure != later.measure:
        return False
    try:
        known = {code for code, _result in later.rule.options}
    except ValueError:
        return False
    return {code for code, _result in earlier.rule.options} <= known


@dataclass(frozen=True, slots=True)
class Eligible:
    """A shared criterion that has a result under both versions: of one visit, or the sum over several."""

    shared: Shared
    before: int
    after: int


def of_block(visits: Sequence[Sequence[Eligible]], told: Mapping[str, int]) -> list[Eligible]:
    """The sums over all visits of a block that follow from its published cells; empty where none does.

    `visits` are the lines of every one of its visits, `told` how many visits the published cell of each code holds. A
    criterion is used where all of them are in its cell and in the lines, and where every version that they were made
    with gave its answers the same results and weight: whatever the later version makes of it, single visits or those
    of one version stand out nowhere.
    """
    lines: dict[str, list[Eligible]] = defaultdict(list)
    for visit in visits:
        for line in visit:
            lines[line.shared.after.code].append(line)
    found = []
    for code, some in lines.items():
        is_whole = len(some) == told.get(code, 0) == len(visits)
        if is_whole and len({line.shared.counted_before for line in some}) == 1:
            found.append(Eligible(some[0].shared, sum(line.before for line in some), sum(line.after for line in some)))
    return found


def percents(lines: Iterable[Eligible]) -> tuple[int, int]:
    """The percentage x 10,000 under the earlier and the later version, or their sums. There is at least one line."""
    earned_before = weight_before = earned_after = weight_after = 0
    for line in lines:
        shared = line.shared
        weight_before += shared.weight_before
        earned_before += shared.weight_before * line.before
        weight_after += shared.weight_after
        earned_after += shared.weight_after * line.after
    return scoring.quotient(earned_before, weight_before), scoring.quotient(earned_after, weight_after)


@dataclass(slots=True)
class Change:
    """Sums over visits: how many, their percentages before and after, and how each criterion moved them.

    `by_criterion` is in per cent x 10,000: points not lost any more, less points newly lost, by the later version's
    order. The parts of one visit add up to its difference but for their rounding.
    """

    visits: int = 0
    before: int = 0
    after: int = 0
    by_criterion: list[int] = field(default_factory=list)

    def add_visits(self, visits: int, lines: Sequence[Eligible]) -> None:
        """Counts so many visits whose results `lines` add up. `by_criterion` has a place for each criterion."""
        before, after = percents(lines)
        self.visits += visits
        self.before += before
        self.after += after
        weight_before = sum(line.shared.weight_before for line in lines)
        weight_after = sum(line.shared.weight_after for line in lines)
        for line in lines:
            shared = line.shared
            lost_before = shared.weight_before * (100 * visits - line.before) * scoring.SCALE // weight_before
            lost_after = shared.weight_after * (100 * visits - line.after) * scoring.SCALE // weight_after
            self.by_criterion[shared.index] += lost_before - lost_after

    def add(self, other: "Change") -> None:
        self.visits += other.visits
        self.before += other.before
        self.after += other.after
        for index, moved in enumerate(other.by_criterion):
            self.by_criterion[index] += moved

    @property
    def mean_before(self) -> int:
        return _mean(self.before, self.visits)

    @property
    def mean_after(self) -> int:
        return _mean(self.after, self.visits)

    @property
    def difference(self) -> int:
        return self.mean_after - self.mean_before

    @property
    def size(self) -> int:
        """How large the difference is, whichever way it goes."""
        return abs(self.difference)

    @property
    def is_tiny(self) -> bool:
        """There is a difference, and as shown, with one decimal, it would be none."""
        return bool(self.difference) and not scoring.shown(self.size)

    @property
    def cause(self) -> int | None:
        """The place of the criterion that moved the mean most, in the direction in which it went; None if it stayed."""
        if not self.difference:
            return None
        best = (max if self.difference > 0 else min)(self.by_criterion)
        return self.by_criterion.index(best)

    def share_of(self, index: int) -> int:
        """What a criterion did to the mean, in per cent x 10,000."""
        return round(self.by_criterion[index] / self.visits)


def _mean(total: int, visits: int) -> int:
    return (2 * total + visits) // (2 * visits)
