"""What is said of a draft besides its criteria: what changes and why, its first day, its grades. By column."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.checklists.content import shortest
from audits.checklists.models import ChecklistVersion

BANDS = ("band_excellent", "band_good", "band_fair", "band_to_improve")
LABELS = {
    "note": gettext_lazy("What changes, and why"),
    "effective_on": gettext_lazy("Runs from"),
    "band_excellent": gettext_lazy("Excellent from (%)"),
    "band_good": gettext_lazy("Good from (%)"),
    "band_fair": gettext_lazy("Fair from (%)"),
    "band_to_improve": gettext_lazy("To improve from (%)"),
}
Facts = Mapping[str, Any]


def of(version: ChecklistVersion) -> dict[str, Any]:
    return {name: getattr(version, name) for name in LABELS}


def dumped(facts: Facts) -> str:
    """The facts as one text, for a form to say with what it was drawn."""
    given = {"note": facts["note"], "effective_on": facts["effective_on"] and facts["effective_on"].isoformat()}
    return json.dumps(given | {name: shortest(facts[name]) for name in BANDS}, ensure_ascii=False)


def loaded(written: str) -> dict[str, Any]:
    """What `dumped` wrote; nothing where it is something else."""
    try:
        given = json.loads(written)
        day = given["effective_on"]
        bands = {name: Decimal(given[name]) for name in BANDS}
        return {"note": str(given["note"]), "effective_on": day and date.fromisoformat(day), **bands}
    except (ValueError, KeyError, TypeError, InvalidOperation):
        return {}


def is_typed(value: Any, text: str) -> bool:
    """Whether a field in which `text` was typed says this fact."""
    if not isinstance(value, Decimal):
        return text == (value.isoformat() if isinstance(value, date) else value or "")
    try:
        return Decimal(text.replace(",", ".")) == value
    except InvalidOperation:
        return False


def in_words(name: str, value: Any) -> str:
    """A fact as a page says it."""
    if name == "note":
        return str(value)
    if name == "effective_on":
        return date_format(value) if value else _("the day of its approval")
    return number_format(Decimal(value).normalize(), force_grouping=False)


def changed(before: Facts, after: Facts) -> str:
    """What `after` has that differs, a line each; of the words the earlier ones, as the later ones stand elsewhere."""
    lines = []
    for name, value in after.items():
        was = in_words(name, before[name])
        if name != "note":
            lines.append(f"{LABELS[name]}: {was} → {in_words(name, value)}")
        elif was:
            lines.append(_("%(name)s, before: “%(text)s”") % {"name": LABELS[name], "text": was})
        else:
            lines.append(str(LABELS[name]))
    return "\n".join(lines)
