"""Spans, changes and places among others in words. The one place where figures become sentences."""

from collections.abc import Iterable
from datetime import date

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.results.facts import Headline, QuarterAnswer
from audits.results.months import Span, SpanKind
from audits.results.reading import Tree
from audits.results.statistics import Change, Rung
from outlets.templatetags.smile import score

KINDS = {
    SpanKind.MONTH: gettext_lazy("Month"),
    SpanKind.QUARTER: gettext_lazy("Quarter"),
    SpanKind.THREE: gettext_lazy("3 months"),
    SpanKind.TWELVE: gettext_lazy("12 months"),
    SpanKind.YEAR: gettext_lazy("Year"),
}
OTHER_CRITERIA = gettext_lazy("Not told one by one (too few visits)")
WITHOUT_THEME = gettext_lazy("Criteria without a theme")
EARLIER_VERSIONS = gettext_lazy("Criteria of earlier versions")
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
RUNGS = {
    Rung.LOW: gettext_lazy("Help first"),
    Rung.LOWER: gettext_lazy("To keep an eye on"),
    Rung.WITHIN: gettext_lazy("As expected"),
    Rung.HIGHER: gettext_lazy("Worth a word of praise"),
    Rung.HIGH: gettext_lazy("Deserves thanks"),
}


def month_name(month: date) -> str:
    """A month as it stands within a sentence: October 2026, tháng 10/2026."""
    return date_format(month, "YEAR_MONTH_FORMAT")


def span_label(span: Span) -> str:
    """A span as a heading names it."""
    return str(capfirst(span_name(span)))


def span_name(span: Span) -> str:
    """A span as it stands within a sentence. A quarter or a year that is not over says until when it goes."""
    month = month_name(span.last)
    if span.kind is SpanKind.MONTH:
        return month
    if span.kind is SpanKind.THREE:
        return _("3 months to %(month)s") % {"month": month}
    if span.kind is SpanKind.TWELVE:
        return _("12 months to %(month)s") % {"month": month}
    if span.kind is SpanKind.YEAR:
        year = {"year": span.last.year, "month": month}
        return _("year %(year)s") % year if span.is_whole else _("year %(year)s, to %(month)s") % year
    if span.is_whole:
        return quarter_name(span)
    quarter = {"number": (span.last.month + 2) // 3, "year": span.last.year, "month": month}
    return _("quarter %(number)s of %(year)s, to %(month)s") % quarter


def quarter_name(span: Span) -> str:
    """A quarter without its months, as it stands within a sentence."""
    return _("quarter %(number)s of %(year)s") % {"number": (span.last.month + 2) // 3, "year": span.last.year}


def quarter_answer(answer: QuarterAnswer) -> str:
    """Whether a quarter is better than the one before, in one sentence."""
    return str(capfirst(_quarter_answer(answer)))


def _quarter_answer(answer: QuarterAnswer) -> str:
    better, worse = (_versus(some, answer) for some in (answer.better, answer.worse))
    words = {"span": quarter_name(answer.span), "before": quarter_name(answer.before), "better": better, "worse": worse}
    if not answer.told:
        return _("%(span)s cannot be held against %(before)s yet: nothing is published of one of them.") % words
    if better and worse:
        if answer.is_of_some:
            return (
                _(
                    "%(span)s against %(before)s: better in %(better)s; lower in %(worse)s. These changes are clear; "
                    "too little to conclude in the other channels."
                )
                % words
            )
        return (
            _("%(span)s against %(before)s: better in %(better)s; lower in %(worse)s. These changes are clear.") % words
        )
    if better and answer.is_of_some:
        return (
            _(
                "%(span)s against %(before)s: better in %(better)s (a clear change); "
                "too little to conclude in the other channels."
            )
            % words
        )
    if worse and answer.is_of_some:
        return (
            _(
                "%(span)s against %(before)s: lower in %(worse)s (a clear change); "
                "too little to conclude in the other channels."
            )
            % words
        )
    if better:
        return _("%(span)s is better than %(before)s: %(better)s, a clear change.") % words
    if worse:
        return _("%(span)s is lower than %(before)s: %(worse)s, a clear change.") % words
    if any(each.quarter and each.quarter.change.is_for_reference for each in answer.told):
        return _("Too few visits to conclude whether %(span)s is better or worse than %(before)s.") % words
    return _("Too little to conclude whether %(span)s is better or worse than %(before)s.") % words


def _versus(some: Iterable[Headline], answer: QuarterAnswer) -> str:
    """Channels that changed, each with both means."""
    told = [
        (each.checklist.name, {"mean": score(each.quarter.range.mean), "before": score(each.quarter.range_before.mean)})
        for each in some
        if each.quarter
    ]
    if not answer.is_of_channels:
        return "; ".join(_("%(mean)s against %(before)s") % means for _name, means in told)
    return "; ".join(_("%(name)s %(mean)s against %(before)s") % ({"name": name} | means) for name, means in told)


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
