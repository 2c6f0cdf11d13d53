"""Spans, changes and places among others in words. The one place where figures become sentences."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.results.months import Span, SpanKind
from audits.results.reading import Tree
from audits.results.statistics import Change, Pile

KINDS = {
    SpanKind.MONTH: gettext_lazy("Month"),
    SpanKind.QUARTER: gettext_lazy("Quarter"),
    SpanKind.YEAR: gettext_lazy("12 months"),
}
TREES = {
    Tree.TODAY: gettext_lazy("As organised today"),
    Tree.THEN: gettext_lazy("As organised then"),
}
PILES = {
    Pile.LOW: gettext_lazy("Needs help"),
    Pile.WITHIN: gettext_lazy("As expected"),
    Pile.HIGH: gettext_lazy("Deserves thanks"),
}


def span_label(span: Span) -> str:
    """A span as a heading names it. A quarter that is not over says until when it goes."""
    month = f"{span.last:%m/%Y}"
    if span.kind is SpanKind.MONTH:
        return _("Month %(month)s") % {"month": month}
    if span.kind is SpanKind.YEAR:
        return _("12 months to %(month)s") % {"month": month}
    quarter = {"number": (span.last.month + 2) // 3, "year": span.last.year, "month": month}
    if span.is_whole:
        return _("Quarter %(number)s of %(year)s") % quarter
    return _("Quarter %(number)s of %(year)s, to %(month)s") % quarter


def change_label(change: Change) -> str:
    """Whether a difference can be told from chance. Words first; the figure stands beside them."""
    return _("Clear change") if change.is_clear else _("Too little to conclude")
