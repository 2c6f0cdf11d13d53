"""A checklist filled in for trial: the phone's own form and the visit's own arithmetic, over answers kept nowhere."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from audits import scoring
from audits.checklists.models import ChecklistVersion
from audits.checklists.outline import CriterionOutline, outline
from audits.fieldwork.models import Answer, Submission, Visit
from audits.fieldwork.states import VisitState
from audits.fieldwork.visits import completeness
from audits.fieldwork.visits.forms import Card, SectionForm
from audits.fieldwork.visits.sheet import Line, Sheet


@dataclass(frozen=True)
class Term:
    """One line of the arithmetic: what was answered, and what became of it."""

    said: Line
    line: scoring.Line


@dataclass(frozen=True)
class Trial:
    """A version with what was answered in it. `unsound` are scored criteria that have no result yet (drafts only)."""

    sheet: Sheet
    form: SectionForm
    score: scoring.Score
    terms: tuple[Term, ...]
    unsound: tuple[CriterionOutline, ...]

    @property
    def cards(self) -> list[Card]:
        return self.form.cards

    @property
    def grade(self) -> str:
        """In words; empty while nothing counts."""
        return str(Submission.Grade(self.score.grade).label) if self.score.grade else ""

    @property
    def dearest(self) -> tuple[Term, ...]:
        """The lines that cost points, the dearest first."""
        return tuple(sorted((term for term in self.terms if term.line.lost), key=lambda term: -term.line.lost))


def read(version: ChecklistVersion, data: Mapping[str, Any]) -> Trial:
    """What a version makes of the fields of its form; without any, the empty form. No query besides the outline's.

    Photos count for nothing here: they are not in the arithmetic.
    """
    content = outline(version)
    visit = Visit(version=version, state=VisitState.IN_PROGRESS)
    empty = Sheet(visit=visit, outline=content, answers={}, photos={}, removed={}, remarks={})
    answers = {
        entry.code: Answer(
            value=entry.value, number=entry.number, text=entry.text, note=entry.note, photo_waiver=entry.photo_waiver
        )
        for entry in SectionForm(empty, content.criteria, data).entries()
    }
    filled = replace(empty, answers=answers)
    unsound = tuple(criterion for criterion in content.criteria if criterion.is_scored and not _is_sound(criterion))
    rules = [criterion.rule for criterion in content.criteria if _is_sound(criterion)]
    given = [
        completeness.scored_answer(criterion, filled.given[criterion.code])
        for criterion in content.criteria
        if filled.given[criterion.code].is_answered and criterion not in unsound
    ]
    score = scoring.score(rules, given, content.bands)
    terms = tuple(
        Term(filled.line(content.by_code[line.code]), line) for line in score.lines if line.result is not None
    )
    return Trial(filled, SectionForm(filled, content.criteria, data), score, terms, unsound)


def _is_sound(criterion: CriterionOutline) -> bool:
    try:
        return bool(criterion.rule)
    except ValueError:
        return False
