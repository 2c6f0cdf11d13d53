"""Figures held against each other. Pure. Percentages are per cent x `scoring.SCALE`."""

from dataclasses import replace
from fractions import Fraction
from math import ceil

from audits import scoring
from audits.results import statistics
from audits.results.statistics import Change, Pooled, Range, Sums
from audits.results.tallies import Figure

NOTHING = Figure()
TENTH = scoring.SCALE // 10  # 0.1 %, as stored: the precision that people read


def tenths(percent: int) -> int:
    """A figure or difference as people read it, in tenths of a per cent, half away from zero."""
    return int(10 * scoring.shown(percent)) if percent >= 0 else -int(10 * scoring.shown(-percent))


def adds_up(before: int, after: int, difference: int) -> bool:
    """Whether a difference as people read it is that of the two figures as they read them: each is rounded once."""
    return tenths(difference) == tenths(after) - tenths(before)


def mean(figure: Figure) -> int | None:
    """The mean percentage of the visits, half up; None without a scored visit."""
    return (2 * figure.total + figure.visits) // (2 * figure.visits) if figure.visits else None


def sums(figure: Figure, spread: Pooled | None) -> Sums:
    """A total's sums: how far blocks lie apart is its own; the visits of each count as lying apart as `spread` says.

    So that a range follows from blocks' means and from what is usual everywhere, and from nothing else (decision 0019).
    """
    within = ceil((spread or statistics.ASSUMED).variance * (figure.visits - figure.outlets))
    return Sums(figure.visits, figure.total, figure.squares + within)


def spread_of_part(whole: Pooled | None, share: Fraction) -> Pooled | None:
    """The usual spread of a section or theme that holds `share` of a checklist's weight, from that of the whole.

    The fewer criteria, the further visits lie apart: by the share, as for criteria that do not hang together. Never
    from the part's own visits: two ranges of those would tell the squares of one block's (decision 0019).
    """
    return Pooled(Fraction(whole.variance) / share, whole.df) if whole and share else None


def range_of(figure: Figure, spread: Pooled | None) -> Range | None:
    """The mean of a total and its range. None without visits."""
    return statistics.range_of(sums(figure, spread), spread)


def range_of_part(figure: Figure, spread: Pooled | None) -> Range | None:
    """The same of a section or theme, however many visits it has, from the spread usual for it. None without visits."""
    return statistics.usual_range(Sums(figure.visits, figure.total, figure.squares), spread)


def change(before: Figure, after: Figure, spread: Pooled | None) -> Change | None:
    """Below nine visits on either side a difference is told with its range, for reference, and never called clear."""
    found = statistics.change(sums(before, spread), sums(after, spread), spread)
    if found is None or min(before.visits, after.visits) >= statistics.ENOUGH:
        return found
    return replace(found, is_clear=False)
