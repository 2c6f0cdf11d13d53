"""Gathers the models of this application's packages for Django."""

from audits.checklists.drafts.models import DraftChange
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
from audits.fieldwork.arrival.models import Place
from audits.fieldwork.models import (
    Answer,
    AnswerCard,
    BlockedUnit,
    Photo,
    Remark,
    Scenario,
    Submission,
    TakenBack,
    Visit,
    VisitEvent,
    Wave,
)
from audits.fieldwork.sync.models import Change
from audits.results.models import (
    Block,
    Correction,
    Period,
    PeriodChecklist,
    PeriodUnit,
    PublishedVisit,
    Revision,
    UnitCriterionScore,
    UnitScore,
)
from audits.results.second_looks.models import SecondLook, SecondLookEvent, SecondLookFile
from audits.review.models import Claim, DraftRemark, Passage, Screening, ShownNote, ShownPhoto

__all__ = [
    "Answer",
    "AnswerCard",
    "Block",
    "BlockedUnit",
    "Change",
    "Checklist",
    "ChecklistEvent",
    "ChecklistVersion",
    "Claim",
    "Correction",
    "Criterion",
    "CriterionOption",
    "CriterionThreshold",
    "DraftChange",
    "DraftRemark",
    "Passage",
    "Period",
    "PeriodChecklist",
    "PeriodUnit",
    "Photo",
    "Place",
    "PublishedVisit",
    "Remark",
    "Revision",
    "Scenario",
    "Screening",
    "SecondLook",
    "SecondLookEvent",
    "SecondLookFile",
    "Section",
    "ShownNote",
    "ShownPhoto",
    "Submission",
    "TakenBack",
    "Theme",
    "UnitCriterionScore",
    "UnitScore",
    "Visit",
    "VisitEvent",
    "Wave",
]
