"""The score on the criteria that versions of a checklist share: what a change of the checklist cannot have moved. Pure.

It is made of published cells alone: of each shared criterion its results, weighed as in the latest version. A mean of
visits' percentages it is not, since cells know no visits; it is compared with itself, month by month.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from audits import scoring
from audits.checklists.outline import Outline
from audits.results.tallies import CriterionFigure
from audits.results.whatif.plan import UNIT, plan

Cells = Mapping[date, Mapping[str, CriterionFigure]]  # by month, then by the criterion's code


@dataclass(frozen=True)
class Shared:
    """The score of each month on the same criteria, in per cent x `scoring.SCALE`.

    `used` criteria counted in every month with figures, of the `of` that the latest version scores. `before` and
    `after` are the scores of the months on both sides of the last change of version, which came in month `since`.
    """

    months: Mapping[date, int]
    used: int
    of: int
    since: date
    before: int
    after: int


def weights(versions: Sequence[Outline]) -> dict[str, int]:
    """Weight x UNIT in the latest version of the criteria in which every answer is worth the same in all of them."""
    latest = versions[-1]
    found = {each.code: int(each.weight * UNIT) for each in latest.criteria if each.is_scored}
    for earlier in versions[:-1]:
        alike = {each.after.code for each in plan(earlier, latest).by_id.values() if each.gives_the_same}
        found = {code: weight for code, weight in found.items() if code in alike}
    return found


def of_months(cells: Cells, versions: Mapping[date, Outline], since: date) -> Shared | None:
    """The scores on what all `versions`, one a month, share. `since` is the month in which the last of them began.

    None where no criterion counted in every month, or one side of the change has no figures.
    """
    shown = {month: of_month for month, of_month in sorted(cells.items()) if of_month and month in versions}
    if not shown or min(shown) >= since or max(shown) < since:
        return None
    latest = versions[max(shown)]
    others = {id(each): each for each in (versions[month] for month in shown) if each is not latest}
    known = weights([*others.values(), latest])
    told = {
        code: weight
        for code, weight in known.items()
        if all(code in of_month and of_month[code].visits for of_month in shown.values())
    }
    if not told:
        return None
    scores = {month: _score(of_month, told) for month, of_month in shown.items()}
    return Shared(
        months=scores,
        used=len(told),
        of=sum(each.is_scored for each in latest.criteria),
        since=since,
        before=scores[max(month for month in scores if month < since)],
        after=scores[min(month for month in scores if month >= since)],
    )


def _score(cells: Mapping[str, CriterionFigure], told: Mapping[str, int]) -> int:
    earned = sum(weight * cells[code].results for code, weight in told.items())
    return scoring.quotient(earned, sum(weight * cells[code].visits for code, weight in told.items()))
