"""What of a block may be told criterion by criterion, so that no arithmetic leads back to fewer visits. Pure.

A criterion is shown where it applied in as many visits, by as many shoppers, as the rule asks of a block. The others
are folded into one row, of which only the lost points are told. That is not enough: visits in which something did not
apply weigh the rest differently, so the total less the criteria would tell those visits alone. The folded criteria hide
it, as no other figure speaks of them, if together they applied in enough visits; otherwise one more is folded.
Sections and themes are shown where they follow from the criteria that are, critical failures where their criterion is.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from operator import or_
from typing import NamedTuple

from audits import scoring
from audits.results import tallies
from audits.results.blocks import Rule
from audits.results.tallies import OTHERS, CriterionFigure, Kind, Part, Tally


@dataclass(frozen=True, slots=True)
class BlockVisit:
    """A visit of a block: whose it is, its score, and the codes of the critical criteria of its version."""

    shopper_id: int
    score: scoring.Score
    critical: Collection[str] = ()
    lines: tuple[scoring.Line, ...] = field(init=False)  # those that counted

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", tuple(line for line in self.score.lines if line.result is not None))


def of_block(visits: Iterable[BlockVisit], rule: Rule) -> Tally:
    """What a block adds to every unit above it: its total, and of everything else what may be shown."""
    visits = list(visits)
    whole = tallies.of_outlet(visit.score for visit in visits)
    scored = _Scored.of(visits, rule)
    if all(map(scored.is_hidden, scored.alike())):
        return whole
    folded = scored.folded()
    return _without(whole, scored.visits, folded, scored.told_parts(folded))


def shown_too_thin(visits: Iterable[BlockVisit], shown: Tally, rule: Rule) -> set[str]:
    """Codes that `shown` tells results of and that apply in too few of these visits, or to one shopper's alone."""
    scored = _Scored.of(visits, rule)
    told = {code for code, figure in shown.criteria.items() if code != OTHERS and figure.visits}
    return {code for code in told if not scored.is_hidden(scored.applied.get(code, 0))}


class _Asked(NamedTuple):
    """A criterion as a version asks it. A named tuple: every block looks up a hundred."""

    code: str
    weight: Decimal
    section: str
    theme: str | None

    @property
    def parts(self) -> tuple[Part, ...]:
        section: Part = (Kind.SECTION, self.section)
        return (section,) if self.theme is None else (section, (Kind.THEME, self.theme))


@dataclass(frozen=True, slots=True)
class _Scored:
    """The visits of a block that have a score, and in which of them what counted.

    A set of visits is an integer, a bit for each in their order. `asked` gives the visits for every form in which a
    criterion was asked, `applied` for every code.
    """

    visits: Sequence[BlockVisit]
    rule: Rule
    asked: dict[_Asked, int]
    applied: dict[str, int]

    @classmethod
    def of(cls, visits: Iterable[BlockVisit], rule: Rule) -> "_Scored":
        scored = [visit for visit in visits if visit.score.percent is not None]
        asked: dict[_Asked, int] = defaultdict(int)
        applied: dict[str, int] = defaultdict(int)
        for number, visit in enumerate(scored):
            for line in visit.lines:
                asked[_Asked(line.code, line.weight, line.section, line.theme)] |= 1 << number
        for each, some in asked.items():
            applied[each.code] |= some
        return cls(scored, rule, asked, applied)

    def is_hidden(self, some: int) -> bool:
        """Whether these visits are enough for none of them to be told."""
        return self.rule.hides([visit.shopper_id for number, visit in enumerate(self.visits) if some >> number & 1])

    def alike(self) -> set[int]:
        """The visits in sets within which the same criteria counted."""
        sets = {(1 << len(self.visits)) - 1} if self.visits else set()
        for some in set(self.asked.values()):
            sets = {part for each in sets for part in (each & some, each & ~some) if part}
        return sets

    def folded(self) -> set[str]:
        """Which criteria are not shown. What anybody met plays no part in it: the choice itself must tell nothing."""
        hidden = {some: self.is_hidden(some) for some in set(self.applied.values())}
        folded = {code for code, some in self.applied.items() if not hidden[some]}
        others = self.applied.keys() - folded
        if self.is_hidden(reduce(or_, map(self.applied.__getitem__, folded), 0)) or not others:
            return folded
        told = self.told_parts(folded)
        critical = {code for visit in self.visits for code in visit.critical}
        parts: dict[str, set[Part]] = defaultdict(set)
        for each in self.asked:
            parts[each.code].update(told.intersection(each.parts))
        # The least is lost with a light criterion of a section that cannot be shown anyway.
        least = min((code in critical, len(parts[code])) for code in others)
        lightest = [code for code in others if (code in critical, len(parts[code])) == least]
        return folded | {min(lightest, key=lambda code: (self._weight(code), code))}

    def _weight(self, code: str) -> Fraction:
        """The sum of the weights that a criterion had in the visits."""
        forms = ((each, some) for each, some in self.asked.items() if each.code == code)
        return sum((some.bit_count() * Fraction(each.weight) for each, some in forms), Fraction(0))

    def told_parts(self, folded: Collection[str]) -> set[Part]:
        """Sections and themes that the shown criteria give anyway: all of theirs applied in the same visits, with the
        same weights, and all are shown."""
        visits: dict[Part, int] = defaultdict(int)
        forms: dict[Part, dict[tuple[str, Decimal], int]] = defaultdict(lambda: defaultdict(int))
        for each, some in self.asked.items():
            for part in each.parts:
                visits[part] |= some
                forms[part][each.code, each.weight] |= some
        return {
            part
            for part, those in forms.items()
            if all(
                code not in folded and some == self.applied[code] == visits[part]
                for (code, _weight), some in those.items()
            )
        }


def _without(whole: Tally, scored: Sequence[BlockVisit], folded: Collection[str], told: Collection[Part]) -> Tally:
    """The tally without what is folded; the row of the rest holds what is missing to the total's lost points."""
    tally, total = Tally(), (Kind.TOTAL, "")
    shares: dict[str, int] = defaultdict(int)
    failures = 0
    for visit in scored:
        for line in visit.lines:
            shares[line.code] += line.share
            failures += line.critical_failed and line.code not in folded
    tally.figures[total] = replace(whole.figures[total], critical_failures=failures)
    for part, figure in whole.figures.items():
        if part in told:
            tally.figures[part] = figure
    left = 0
    for code, criterion in whole.criteria.items():
        left += criterion.lost
        if code not in folded:
            # At the mean share of its visits: exact lost points would weigh each visit by what else applied in it.
            visits = criterion.visits
            missed = 100 * visits - criterion.results
            lost = (2 * shares[code] * missed + 100 * visits) // (200 * visits) if visits else 0
            tally.criteria[code] = criterion.with_lost(lost)
            left -= lost
    tally.criteria[OTHERS] = CriterionFigure(lost=left)
    return tally
