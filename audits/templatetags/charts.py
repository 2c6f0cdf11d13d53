"""Figures drawn: small charts that stand beside the numbers they show, never instead of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audits.results import charts, wording
from audits.results.comparison import ProvinceMap
from audits.results.facts import Point
from audits.results.months import Span
from audits.results.shared import Shared
from audits.results.statistics import Pile, Range, Rung
from audits.results.tallies import CriterionFigure
from outlets.templatetags.smile import number, score

register = template.Library()

for said in (
    wording.span_label,
    wording.span_name,
    wording.quarter_name,
    wording.quarter_answer,
    wording.change_label,
    wording.against_label,
):
    register.filter(said.__name__, said)

LOOKS = {Pile.LOW: "is-help", Pile.HIGH: "is-thanks"}


@register.filter
def span_months(span: Span) -> str:
    """The months of a span one by one, as October 2026, November 2026."""
    return ", ".join(map(wording.month_name, span))


@register.filter
def range_label(figure: Range, visits: int) -> str:
    """What travels with every mean: 84.9–85.3; 120 visits."""
    return f"{score(figure.low)}–{score(figure.high)}; {visits_label(visits)}"


@register.filter
def visits_label(visits: int) -> str:
    return ngettext("%(shown)s visit", "%(shown)s visits", visits) % {"shown": number(visits)}


@register.filter
def outcomes(figure: CriterionFigure) -> str:
    """How often a criterion was met, partly met and not, and was left out: 12 met, 3 partly, 1 not met."""
    told = [_("%(met)s met") % {"met": number(figure.met)}]
    if figure.partly:
        told.append(_("%(partly)s partly") % {"partly": number(figure.partly)})
    told.append(_("%(missed)s not met") % {"missed": number(figure.not_met)})
    if figure.not_applicable:
        told.append(_("%(left_out)s not applicable") % {"left_out": number(figure.not_applicable)})
    return ", ".join(told)


@register.filter
def of_month(shared: Shared, month: date) -> int | None:
    """The score of a month on the shared criteria."""
    return shared.months.get(month)


@register.filter
def corrected_on(corrected: Mapping[date, date], month: date) -> date | None:
    """The day of a month's last correction."""
    return corrected.get(month)


@register.filter
def rung_label(rung: Rung) -> str:
    return str(wording.RUNGS[rung])


SQUARE = 64  # from one square of the map to the next


@register.filter
def square(index: int) -> int:
    """Where the square of a column or a row begins."""
    return SQUARE * index + 2


@register.filter
def map_width(drawn: ProvinceMap) -> int:
    return SQUARE * drawn.width


@register.filter
def map_height(drawn: ProvinceMap) -> int:
    return SQUARE * drawn.height


@register.inclusion_tag("components/_strip.html")
def strip(figure: Range, group: int | None, least: int, pile: Pile | None = None, is_thin: bool = False) -> dict:
    """A range on its track, with the group's mean. `least`: where the track begins, per cent x 10,000."""
    look = "is-thin" if is_thin else LOOKS.get(pile, "") if pile else ""
    return {"strip": charts.strip(figure.low, figure.mean, figure.high, group, least), "look": look}


@register.inclusion_tag("components/_spark.html")
def spark(percents: Sequence[int | None]) -> dict:
    path, last = charts.spark(percents)
    return {"path": path, "last": charts.Mark(*last.split()) if last else None}


@register.inclusion_tag("components/_trend.html")
def trend(points: Sequence[Point], name: str, shared: Shared | None = None, corrected: Collection[date] = ()) -> dict:
    """The chart of a trend in two sizes. The table with its figures stands on the page beside it."""
    samples = [
        charts.Sample(
            month=point.month,
            mean=point.range.mean if point.range else None,
            low=point.range.low if point.range else None,
            high=point.range.high if point.range else None,
            group=point.group,
            is_break=point.is_new_version,
            is_corrected=point.month in corrected,
            shared=shared.months.get(point.month) if shared else None,
        )
        for point in points
    ]
    return {"wide": charts.trend(samples, charts.WIDE), "narrow": charts.trend(samples, charts.NARROW), "name": name}
