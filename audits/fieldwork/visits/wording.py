"""Answers in words: the labels of every kind of criterion, and how each looks."""

from decimal import Decimal

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits import scoring
from audits.checklists.outline import CriterionOutline
from audits.fieldwork.visits.completeness import Given, scored_answer

FIXED_CHOICES = {
    scoring.Kind.YES_NO: (("yes", gettext_lazy("Yes"), "met"), ("no", gettext_lazy("No"), "miss")),
    scoring.Kind.THREE_STEP: (
        ("met", gettext_lazy("Met"), "met"),
        ("partly", gettext_lazy("Partly met"), "part"),
        ("not_met", gettext_lazy("Not met"), "miss"),
    ),
    scoring.Kind.RATING: tuple((str(step), str(step), "rate") for step in range(1, 6)),
}

LOOK_OF_RESULT = {100: "met", 0: "miss"}  # anything between is partly met


def choices(criterion: CriterionOutline) -> list[tuple[str, str, str]]:
    """(value, label, look) of each choice but N/A; none for numbers and texts."""
    if criterion.kind == scoring.Kind.CHOICE:
        return [(option.code, option.label, LOOK_OF_RESULT.get(option.result, "part")) for option in criterion.options]
    return [(value, str(label), look) for value, label, look in FIXED_CHOICES.get(criterion.kind, ())]


def values(criterion: CriterionOutline) -> list[tuple[str, str]]:
    """(value, label) of everything that may be chosen."""
    found = [(value, label) for value, label, _look in choices(criterion)]
    if criterion.allows_na:
        found.append((scoring.NOT_APPLICABLE, _("Not applicable")))
    return found


def said(criterion: CriterionOutline, given: Given) -> tuple[str, str]:
    """The answer's label and look; a text's label is empty, it stands for itself."""
    if given.is_na:
        return _("Not applicable"), "na"
    if not given.is_answered:
        return _("Not answered"), ""
    if criterion.kind == scoring.Kind.TEXT:
        return "", ""
    if criterion.kind == scoring.Kind.RATING:
        return _("%(rating)s of 5") % {"rating": given.value}, ""
    look = LOOK_OF_RESULT.get(scoring.result_of(criterion.rule, scored_answer(criterion, given)) or 0, "part")
    if criterion.kind == scoring.Kind.MEASURED:
        return f"{plain(given.number)} {criterion.measure_label}", look
    return dict(values(criterion)).get(given.value, given.value), look


def in_full(criterion: CriterionOutline, given: Given) -> str:
    """The answer with its texts in one line, to be laid beside another one."""
    label, _look = said(criterion, given)
    return " · ".join(part for part in (label, given.text, given.note, given.na_reason, given.photo_waiver) if part)


def plain(number: Decimal | None) -> str:
    """A measured value as the reader's language writes it, without needless zeros."""
    if number is None:
        return ""
    places = max(0, -int(number.normalize().as_tuple().exponent))
    return formats.number_format(number.normalize(), places)


def measured(criterion: CriterionOutline, number: Decimal, above: Decimal | None, threshold: scoring.Threshold) -> str:
    """Which step a measured number falls on: "7,5 minutes: above 5 up to 10 gives 70 %"."""
    words = {
        "number": plain(number),
        "unit": criterion.measure_label,
        "above": plain(above) if above is not None else "",
        "upper": plain(threshold.upper) if threshold.upper is not None else "",
        "result": threshold.result,
    }
    if threshold.upper is None:
        return _("%(number)s %(unit)s: above %(above)s gives %(result)s %%") % words
    if above is None:
        return _("%(number)s %(unit)s: up to %(upper)s gives %(result)s %%") % words
    return _("%(number)s %(unit)s: above %(above)s up to %(upper)s gives %(result)s %%") % words
