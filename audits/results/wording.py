"""Spans, changes and places among others in words. The one place where figures become sentences."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.results.months import Span, SpanKind
from audits.results.reading import Tree
from audits.results.statistics import Change, Pile

KINDS = {
    SpanKind.MONTH: gettext_lazy("Month"),
    SpanKind.QUARTER: gettext_lazy("Quarter"),
    SpanKind.THREE: gettext_lazy("3 months"),
    SpanKind.TWELVE: gettext_lazy("12 months"),
    SpanKind.YEAR: gettext_lazy("Year"),
}
OTHER_CRITERIA = gettext_lazy("Not told one by one (too few visits)")
TREES = {
    Tree.TODAY: gettext_lazy("As organised today"),
    Tree.THEN: gettext_lazy("As organised then"),
}
ASKED = {  # what an address asks for, by its name there
    "span": gettext_lazy("Span"),
    "month": gettext_lazy("Month"),
    "checklist": gettext_lazy("Checklist"),
    "tree": gettext_lazy("Organisation"),
    "trend": gettext_lazy("Length of the trend"),
}
PILES = {
    Pile.LOW: gettext_lazy("Needs help"),
    Pile.WITHIN: gettext_lazy("As expected"),
    Pile.HIGH: gettext_lazy("Deserves thanks"),
}


def span_label(span: Span) -> str:
    """A span as a heading names it. A quarter or a year that is not over says until when it goes."""
    month = f"{span.last:%m/%Y}"
    if span.kind is SpanKind.MONTH:
        return _("Month %(month)s") % {"month": month}
    if span.kind is SpanKind.THREE:
        return _("3 months to %(month)s") % {"month": month}
    if span.kind is SpanKind.TWELVE:
        return _("12 months to %(month)s") % {"month": month}
    if span.kind is SpanKind.YEAR:
        year = {"year": span.last.year, "month": month}
        return _("Year %(year)s") % year if span.is_whole else _("Year %(year)s, to %(month)s") % year
    quarter = {"number": (span.last.month + 2) // 3, "year": span.last.year, "month": month}
    if span.is_whole:
        return _("Quarter %(number)s of %(year)s") % quarter
    return _("Quarter %(number)s of %(year)s, to %(month)s") % quarter


def too_few_left(visits: int, shoppers: int) -> str:
    """Why a correction was refused, and what to do instead."""
    return _(
        "Nothing has been changed. With this correction a published figure would rest on fewer than %(visits)s visits "
        "or %(shoppers)s shoppers, and could be traced to one of them. Correct to a value that counts, or leave it."
    ) % {"visits": visits, "shoppers": shoppers}


def against_label(change: Change) -> str:
    """Whether a unit is clearly above or below others. Words first; the figure stands beside them."""
    if change.is_for_reference:
        return _("For reference only (few visits)")
    if not change.is_clear:
        return _("Too little to conclude")
    return _("Clearly higher") if change.difference > 0 else _("Clearly lower")


def change_label(change: Change) -> str:
    """Which way it went, where that can be told from chance. Words first; the figure stands beside them."""
    if change.is_for_reference:
        return _("For reference only (few visits)")
    if not change.is_clear:
        return _("Too little to conclude")
    return _("Clear rise") if change.difference > 0 else _("Clear drop")
