"""The content of a version as plain data, as the default checklists are shipped, changed and exchanged. Writes nothing.

A checklist is a mapping with code, channel, names, methods and `sections`; a section has code, names and
`criteria`; a criterion has the columns of `Criterion`, its theme by code, its picture by public id, and where its
kind needs them `options` (code, label_vi, label_en, result) or `thresholds` (upper or null, result). What is left
out has the column's default.
"""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from audits.checklists.outline import CriterionOutline, Outline, SectionOutline

Content = dict[str, Any]

_FOLDER = Path(__file__).parent / "defaults"
_CHANNELS = ("counter", "hotline", "technician", "sales")
_AS_THEY_ARE = (
    "code",
    "text_vi",
    "text_en",
    "guidance_vi",
    "guidance_en",
    "critical",
    "allows_na",
    "photo_is_private",
    "theme",
    "measure",
)
_CHOSEN = ("kind", "photo", "note_rule", "controlled_by", "stage")


def default_themes() -> list[Content]:
    """The themes of the default checklists, in their order: code, name_vi, name_en."""
    return _read("themes")


def default_checklists() -> list[Content]:
    """The four default checklists, counter first."""
    return [_read(channel) for channel in _CHANNELS]


def _read(name: str) -> Any:
    return json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def of_version(outline: Outline) -> list[Content]:
    """The sections of a version, every column written out: what `fill_draft` makes the same version of again."""
    return [of_section(section) for section in outline.sections]


def of_section(section: SectionOutline) -> Content:
    return {
        "code": section.code,
        "name_vi": section.name_vi,
        "name_en": section.name_en,
        "criteria": [of_criterion(criterion) for criterion in section.criteria],
    }


def of_criterion(criterion: CriterionOutline) -> Content:
    """A criterion with all its columns. Weights and bounds are strings in their shortest form ("2.5")."""
    plain: Content = {name: getattr(criterion, name) for name in _AS_THEY_ARE}
    plain |= {name: str(getattr(criterion, name)) for name in _CHOSEN}
    plain["weight"] = shortest(criterion.weight)
    plain["picture"] = str(criterion.picture.public_id) if criterion.picture else None
    plain["options"] = [
        {"code": each.code, "label_vi": each.label_vi, "label_en": each.label_en, "result": each.result}
        for each in criterion.options
    ]
    plain["thresholds"] = [
        {"upper": None if each.upper is None else shortest(each.upper), "result": each.result}
        for each in criterion.thresholds
    ]
    return plain


def pictures(outline: Outline) -> dict[str, str | None]:
    """The public id of each criterion's picture, by code; None where it has none."""
    return {each["code"]: each["picture"] for section in of_version(outline) for each in section["criteria"]}


def shortest(number: Decimal) -> str:
    """A number without needless zeros and without powers: "100", "2.5"."""
    return f"{number.normalize():f}"
