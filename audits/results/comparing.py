"""Figures held against each other. Pure. Percentages are per cent x `scoring.SCALE`."""

from dataclasses import replace
from fractions import Fraction

from audits import scoring
from audits.results import statistics
from audits.results.statistics import Change, Pooled, Sums
from audits.results.tallies import Figure

NOTHING = Figure()
TENTH = scoring.SCALE // 10  # 0.1 %, as stored: the precision that people read


def tenths(percent: int) -> int:
    """A figure as people read it, in tenths of a per cent."""
    return int(10 * scoring.shown(percent))


def adds_up(before: int, after: int, difference: int) -> bool:
    """Whether a difference as people read it is that of the two figures as they read them: each is rounded once."""
    read = tenths(difference) if difference >= 0 else -tenths(-difference)
    return read == tenths(after) - tenths(before)


def mean(figure: Figure) -> int | None:
    """The mean percentage of the visits, half up; None without a scored visit."""
    return (2 * figure.total + figure.visits) // (2 * figure.visits) if figure.visits else None


def sums(figure: Figure) -> Sums:
    return Sums(figure.visits, figure.total, figure.squares)


def spread_of_part(whole: Pooled | None, share: Fraction) -> Pooled | None:
    """The usual spread of a section or theme that holds `share` of a checklist's weight, from that of the whole.

    The fewer criteria, the further visits lie apart: by the share, as for criteria that do not hang together. Never
    from the part's own visits: two ranges of those would tell the squares of one block's (decision 0008).
    """
    return Pooled(Fraction(whole.variance) / share, whole.df) if whole and share else None


def change(before: Figure, after: Figure, spread: Pooled | None) -> Change | None:
    """Below nine visits on either side a difference is told with its range, for reference, and never called clear."""
    found = statistics.change(sums(before), sums(after), spread)
    if found is None or min(before.visits, after.visits) >= statistics.ENOUGH:
        return found
    return replace(found, is_clear=False)
