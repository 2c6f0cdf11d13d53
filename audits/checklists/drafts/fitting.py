"""What a criterion of a draft needs of its kind, so that any draft can be stored: no half-made criterion meets a rule
of the database.
"""

from decimal import Decimal

from audits import scoring
from audits.checklists import content
from audits.checklists.content import Content
from audits.checklists.drafts.models import DraftChange
from audits.checklists.models import ChecklistVersion, Criterion

USUAL_WEIGHT = "1"
NEW: Content = {
    "text_vi": "",
    "text_en": "",
    "guidance_vi": "",
    "guidance_en": "",
    "kind": Criterion.Kind.THREE_STEP.value,
    "weight": USUAL_WEIGHT,
    "critical": False,
    "allows_na": False,
    "photo": Criterion.Photo.NONE.value,
    "photo_is_private": False,
    "note_rule": Criterion.NoteRule.NOT_MET.value,
    "controlled_by": Criterion.ControlledBy.UNIT.value,
    "theme": None,
    "stage": Criterion.Stage.DURING.value,
    "measure": "",
    "picture": None,
    "options": [],
    "thresholds": [],
}


def fitted(plain: Content) -> Content:
    """A criterion with what its kind needs and nothing else."""
    kind = scoring.Kind(plain["kind"])
    is_choice, is_measured = kind is scoring.Kind.CHOICE, kind is scoring.Kind.MEASURED
    weight = Decimal(str(plain["weight"]))
    return plain | {
        "weight": content.shortest(weight if weight > 0 else Decimal(USUAL_WEIGHT)) if kind.is_scored else "0",
        "critical": plain["critical"] and kind in scoring.FIXED_RESULTS,
        "measure": (plain["measure"] or Criterion.Measure.MINUTES.value) if is_measured else "",
        "options": plain["options"] if is_choice else [],
        "thresholds": plain["thresholds"] if is_measured else [],
    }


def begins_to_count(before: Content, after: Content) -> bool:
    """Whether a criterion that had no weight is of a scored kind now, and nobody said which weight it has."""
    had, has = (Decimal(str(plain["weight"])) for plain in (before, after))
    return scoring.Kind(after["kind"]).is_scored and had == has == 0


def last_weight(version: ChecklistVersion, code: str) -> str:
    """The weight that a criterion had when it last counted, in this draft or else in another version. Two queries."""
    steps = DraftChange.objects.filter(version=version, part=DraftChange.Part.CRITERION, code=code)
    for before in steps.order_by("-number").values_list("before", flat=True):
        if before and Decimal(str(before["weight"])) > 0:
            return str(before["weight"])
    rows = Criterion.objects.filter(version__checklist=version.checklist_id, code=code, weight__gt=0)
    found = rows.order_by("-version__number").values_list("weight", flat=True).first()
    return USUAL_WEIGHT if found is None else content.shortest(found)
