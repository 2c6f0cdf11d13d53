"""What a checklist still asks of a visit. Pure: the rules stand on the criteria.

Saving never demands completeness; submitting does. Each gap names the criterion and what is missing,
so that the page can link to the very place.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from audits import scoring
from audits.checklists.models import Criterion
from audits.checklists.outline import CriterionOutline

FOLLOW_UP = Criterion.Stage.FOLLOW_UP


@dataclass(frozen=True)
class Given:
    """What has been given for one criterion so far."""

    value: str = ""
    number: Decimal | None = None
    text: str = ""
    note: str = ""
    na_reason: str = ""
    photos: int = 0
    photo_waiver: str = ""

    @property
    def is_na(self) -> bool:
        return self.value == scoring.NOT_APPLICABLE

    @property
    def is_answered(self) -> bool:
        return bool(self.value or self.text) or self.number is not None


NOTHING = Given()


class Missing(StrEnum):
    ANSWER = "answer"
    NOTE = "note"
    PHOTO = "photo"
    MET = "met"  # who was met; not tied to a criterion
    REMARK = "remark"  # a reviewer's remark that nothing has been changed for


@dataclass(frozen=True)
class Gap:
    """Something that keeps a visit from being submitted. `criterion` is empty for who was met."""

    missing: Missing
    criterion: CriterionOutline | None = None


def scored_answer(criterion: CriterionOutline, given: Given) -> scoring.Answer:
    return scoring.Answer(code=criterion.code, value=given.value or None, number=given.number)


def is_not_met(criterion: CriterionOutline, given: Given) -> bool:
    """A scored answer whose result is 0."""
    if not given.is_answered or given.is_na or not criterion.is_scored:
        return False
    return scoring.result_of(criterion.rule, scored_answer(criterion, given)) == 0


def needs_note(criterion: CriterionOutline, given: Given) -> bool:
    if not given.is_answered or given.is_na:
        return False
    if criterion.note_rule == Criterion.NoteRule.ALWAYS:
        return True
    return criterion.note_rule == Criterion.NoteRule.NOT_MET and is_not_met(criterion, given)


def needs_photo(criterion: CriterionOutline, given: Given) -> bool:
    """A required photo is not asked for what did not apply, and can be waived with a reason."""
    return criterion.photo == Criterion.Photo.REQUIRED and given.is_answered and not given.is_na


def gaps_of(criterion: CriterionOutline, given: Given) -> list[Gap]:
    """What one criterion still misses, in the order a person would mend it."""
    if not given.is_answered:
        return [Gap(Missing.ANSWER, criterion)]
    found = []
    if needs_note(criterion, given) and not given.note:
        found.append(Gap(Missing.NOTE, criterion))
    if needs_photo(criterion, given) and not given.photos and not given.photo_waiver:
        found.append(Gap(Missing.PHOTO, criterion))
    return found


def gaps(
    criteria: Iterable[CriterionOutline], given: Mapping[str, Given], *, only: Collection[str] | None = None
) -> tuple[Gap, ...]:
    """The gaps of `criteria` in their order. `only` narrows to these codes."""
    return tuple(
        gap
        for criterion in criteria
        if only is None or criterion.code in only
        for gap in gaps_of(criterion, given.get(criterion.code, NOTHING))
    )


def asked_now(criteria: Iterable[CriterionOutline]) -> list[CriterionOutline]:
    """The criteria that a submission needs; follow-up items may stay open."""
    return [criterion for criterion in criteria if criterion.stage != FOLLOW_UP]


def asked_later(criteria: Iterable[CriterionOutline]) -> list[CriterionOutline]:
    return [criterion for criterion in criteria if criterion.stage == FOLLOW_UP]
