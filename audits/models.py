"""Gathers the models of this application's packages for Django."""

from audits.checklists.models import (
    Checklist,
    ChecklistEvent,
    ChecklistVersion,
    Criterion,
    CriterionOption,
    CriterionThreshold,
    Section,
    Theme,
)
from audits.fieldwork.models import (
    Answer,
    AnswerCard,
    BlockedUnit,
    Photo,
    Remark,
    Scenario,
    Submission,
    Visit,
    VisitEvent,
    Wave,
)

__all__ = [
    "Answer",
    "AnswerCard",
    "BlockedUnit",
    "Checklist",
    "ChecklistEvent",
    "ChecklistVersion",
    "Criterion",
    "CriterionOption",
    "CriterionThreshold",
    "Photo",
    "Remark",
    "Scenario",
    "Section",
    "Submission",
    "Theme",
    "Visit",
    "VisitEvent",
    "Wave",
]
