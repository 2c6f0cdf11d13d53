"""What of a block may be told criterion by criterion, so that no arithmetic leads back to fewer visits. Pure.

A criterion is shown where it applied in as many visits, by as many shoppers, as the rule asks of a block. The others
are folded into one row, of which only the lost points are told. That is not enough: visits in which something did not
apply weigh the rest differently, so the total less the criteria would tell those visits alone. The folded criteria hide
it, as no other figure speaks of them, if together they applied in enough visits; otherwise one more is folded.
Sections and themes are shown where they follow from the criteria that are, critical failures where their criterion is.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from audits import scoring
from audits.results import tallies
from audits.results.blocks import Rule
from audits.results.tallies import OTHERS, CriterionFigure, Kind, Part, Tally

Pattern = frozenset[tuple[str, object, str, str | None]]


@dataclass(frozen=True, slots=True)
class BlockVisit:
    """A visit of a block: whose it is, its score, and the codes of the critical criteria of its version."""

    shopper_id: int
    score: scoring.Score
    critical: Collection[str] = ()

    @property
    def lines(self) -> tuple[scoring.Line, ...]:
        """Those that counted."""
        return tuple(line for line in self.score.lines if line.result is not None)


def of_block(visits: Iterable[BlockVisit], rule: Rule) -> Tally:
    """What a block adds to every unit above it: its total, and of everything else what may be shown."""
    visits = list(visits)
    whole = tallies.of_outlet(tallies.of_visit(visit.score) for visit in visits)
    scored = [visit for visit in visits if visit.score.percent is not None]
    alike: dict[Pattern, list[BlockVisit]] = defaultdict(list)
    for visit in scored:
        alike[frozenset((line.code, line.weight, line.section, line.theme) for line in visit.lines)].append(visit)
    if all(_hidden(some, rule) for some in alike.values()):
        return whole
    folded = _folded(scored, rule)
    return _without(whole, scored, folded, _told_parts(scored, folded))


def shown_too_thin(visits: Iterable[BlockVisit], shown: Tally, rule: Rule) -> set[str]:
    """Codes that `shown` tells results of and that apply in too few of these visits, or to one shopper's alone."""
    applied = _applied([visit for visit in visits if visit.score.percent is not None])
    told = {code for code, figure in shown.criteria.items() if code != OTHERS and figure.visits}
    return {code for code in told if not _hidden(applied.get(code, ()), rule)}


def _hidden(visits: Iterable[BlockVisit], rule: Rule) -> bool:
    return rule.hides([visit.shopper_id for visit in visits])


def _applied(scored: Sequence[BlockVisit]) -> dict[str, list[BlockVisit]]:
    """The visits in which each criterion counted."""
    applied: dict[str, list[BlockVisit]] = defaultdict(list)
    for visit in scored:
        for line in visit.lines:
            applied[line.code].append(visit)
    return applied


def _folded(scored: Sequence[BlockVisit], rule: Rule) -> set[str]:
    """Which criteria are not shown. What anybody met plays no part in it: the choice itself must tell nothing."""
    applied = _applied(scored)
    folded = {code for code, some in applied.items() if not _hidden(some, rule)}
    if _hidden([visit for visit in scored if any(line.code in folded for line in visit.lines)], rule):
        return folded
    others = applied.keys() - folded
    if others:
        told = _told_parts(scored, folded)
        critical = {code for visit in scored for code in visit.critical}
        parts: dict[str, set[Part]] = defaultdict(set)
        weights: dict[str, Fraction] = defaultdict(Fraction)
        for visit in scored:
            for line in visit.lines:
                parts[line.code] |= told & _parts_of(line)
                weights[line.code] += Fraction(line.weight)
        # The least is lost with a light criterion of a section that cannot be shown anyway.
        folded.add(min(others, key=lambda code: (code in critical, len(parts[code]), weights[code], code)))
    return folded


def _parts_of(line: scoring.Line) -> set[Part]:
    section: set[Part] = {(Kind.SECTION, line.section)}
    return section | {(Kind.THEME, line.theme)} if line.theme is not None else section


def _told_parts(scored: Sequence[BlockVisit], folded: Collection[str]) -> set[Part]:
    """Sections and themes that the shown criteria give anyway: all of theirs applied in the same visits, with the same
    weights, and all are shown."""
    applied = _applied(scored)
    made_of: dict[Part, list[frozenset[tuple[str, object]]]] = defaultdict(list)
    for visit in scored:
        lines: dict[Part, set[tuple[str, object]]] = defaultdict(set)
        for line in visit.lines:
            for part in _parts_of(line):
                lines[part].add((line.code, line.weight))
        for part, some in lines.items():
            made_of[part].append(frozenset(some))
    return {
        part
        for part, visits in made_of.items()
        if len(set(visits)) == 1
        and all(code not in folded and len(applied[code]) == len(visits) for code, _weight in visits[0])
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
            missed = 100 * criterion.visits - criterion.results
            lost = (
                (2 * shares[code] * missed + 100 * criterion.visits) // (200 * criterion.visits)
                if criterion.visits
                else 0
            )
            tally.criteria[code] = replace(criterion, lost=lost)
            left -= lost
    tally.criteria[OTHERS] = CriterionFigure(lost=left)
    return tally
