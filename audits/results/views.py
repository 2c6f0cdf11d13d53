"""Scorecards: what is published of a unit, as pages."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audits.results import charts, comparison, early_topics, explain, regrouped, report, wording
from audits.results.asking import Asked, asked
from audits.results.below import ChildRow
from audits.results.facts import LISTED
from audits.results.kept import Kept, Stamp, stamp
from audits.results.months import SpanKind
from audits.results.reading import AS_THEN, Tree
from audits.results.report import Report
from audits.results.revisions import corrected_months
from audits.results.statistics import ENOUGH, Rung
from outlets.listing import Column, ShownFilter, listing, listing_of
from outlets.models import Unit
from outlets.organisation import queries as organisation
from outlets.people.permissions import ReaderRequest, Right, Scope, requires

VIEWS = ("span", "month", "checklist", "tree", "trend")  # what an address may ask for
OUTLETS = "outlets"  # the level of an address that asks for all outlets below
THIN = "thin"
BELOW = 15  # units below that stand on the page; the others are on that of comparisons
SHEETS = 10  # units below that are laid out for printing at a time: each costs as much as its scorecard
ON_SHEET = 5  # criteria of each kind on such a sheet


@require_safe
@requires(Right.READ_UNIT_RESULTS)
def scorecard_list(request: ReaderRequest) -> HttpResponse:
    """The units whose scorecards the reader may open; who has one unit is taken to it."""
    scope = request.access.scope(Right.READ_UNIT_RESULTS)
    if len(scope.unit_ids) == 1 and not request.GET:
        own = Unit.objects.get(pk=next(iter(scope.unit_ids)))
        return redirect("audits:scorecard_detail", own.public_id)
    found = listing(
        request,
        Unit.objects.visible_to(scope).open().select_related("unit_type"),
        columns=[
            Column("name", _("Name"), ("sort_key",)),
            Column("code", _("Code"), ("code",)),
            Column("type", _("Type"), ("unit_type__position", "sort_key")),
            Column("above", _("Stands under")),
        ],
        default="type",
    )
    context = {
        "listing": found,
        "rows": organisation.unit_rows(found.page),
        "group": organisation.top() if scope.is_everything else None,
    }
    return render(request, "audits/results/scorecard_list.html", context)


class RungFilter:
    """The drop-down that leaves the units of one rung, or those with too few visits for any."""

    def __init__(self, asked: str) -> None:
        choices = [
            *((str(rung), str(label)) for rung, label in wording.RUNGS.items()),
            (THIN, _("For reference only")),
        ]
        self.shown = ShownFilter("pile", _("Group of units"), choices, asked if asked in dict(choices) else "")

    def fits(self, child: ChildRow) -> bool:
        if self.shown.value == THIN:
            return child.range is not None and child.rung is None
        return not self.shown.value or child.rung == self.shown.value


drawn_pages: Kept[tuple[str, str, str] | None] = Kept(256)


@require_safe
@requires(Right.READ_UNIT_RESULTS)
def scorecard_detail(request: ReaderRequest, unit_id: UUID) -> HttpResponse:
    """A unit's scorecard for a span. Published months stay as they are, so what was drawn of them once is kept."""
    unit, scope = _unit(request, unit_id)
    asked_for = tuple(sorted((key, request.GET[key]) for key in VIEWS if key in request.GET))
    may = {"can_see_evidence": Right.READ_EVIDENCE, "can_ask": Right.ASK_SECOND_LOOKS}
    may_do = {name: request.access.may(right) for name, right in may.items()}
    as_of = stamp()
    key = (unit.public_id, asked_for, get_language(), scope, *may_do.values(), as_of)
    drawn = drawn_pages.get(key, lambda: _draw(asked(request.GET, unit, scope, as_of), may_do, as_of))
    if drawn is None:
        return render(request, "audits/results/scorecard_none.html", {"page": asked(request.GET, unit, scope)})
    title, span, body = drawn
    return render(request, "audits/results/scorecard_detail.html", {"title": title, "span": span, "body": body})


def _draw(page: Asked, may_do: Mapping[str, bool], as_of: Stamp) -> tuple[str, str, str] | None:
    """The name of what is shown, its span, and the page without its frame; None while no month has been closed.

    `may_do` is what the reader may do besides: `can_see_evidence`, `can_ask`.
    """
    if page.card is None:
        return None
    card = page.card
    detail = card.detail
    context: dict[str, Any] = {
        "page": page,
        **may_do,
        "early": early_topics.of_outlet(page.unit.pk) if page.is_outlet and may_do["can_see_evidence"] else (),
        "card": card,
        "detail": detail,
        "listed": f":{LISTED}",
        "rest": f"{LISTED}:",
    }
    figures = [each.range for each in card.headlines if each.range]
    if detail:
        months = detail.trend[0].month, detail.trend[-1].month
        context["corrected"] = corrected_months(page.unit, detail.headline.checklist.pk, *months, as_of)
        figures += [row.range for row in detail.published_below if row.range]
        context["most_lost"] = max((row.lost for row in detail.criteria), default=0)
        below = _listed(detail.published_below)
        context["below"] = below
        context["unlisted"] = len(detail.children) - len(below) if len(detail.children) > BELOW else 0
        context["thin"] = sum(row.is_for_reference for row in detail.published_below)
    context["least"] = charts.least_of([each.low for each in figures])
    return card.name, wording.span_label(card.span), render_to_string("audits/results/_scorecard.html", context)


@require_safe
@requires(Right.READ_UNIT_RESULTS)
def scorecard_units(request: ReaderRequest, unit_id: UUID) -> HttpResponse:
    """The units below, held against each other: where each lies, a funnel, a map, sections side by side.

    With `level=outlets` all outlets at or below the unit as organised today, however many levels lie in between.
    """
    of_outlets = request.GET.get("level") == OUTLETS
    unit, scope = _unit(request, unit_id)
    given = {key: request.GET[key] for key in VIEWS if key in request.GET and not (of_outlets and key == "tree")}
    page = asked(given, unit, scope)
    if page.card is None or page.card.detail is None or not page.card.detail.children:
        return redirect(f"{reverse('audits:scorecard_detail', args=[unit_id])}{page.query}")
    card, detail = page.card, page.card.detail
    if of_outlets:
        detail = comparison.with_outlets(unit, detail, card.span)
    counted = comparison.open_outlets if of_outlets else comparison.outlets_below
    outlets = counted([child.unit for child in detail.children], detail.headline.checklist.channel)
    every = comparison.rows(detail, card.span, outlets)
    group = RungFilter(request.GET.get("pile", ""))
    found = listing_of(
        request,
        [row for row in every if group.fits(row.child)],
        columns=[
            Column("name", _("Unit"), ("position",)),
            Column("score", _("Score and its range"), ("score",), is_number=True),
            Column("visits", _("Visits"), ("visits",), is_number=True),
            Column("change", _("Change, points"), ("change",)),
            Column("place", _("Places its range allows"), ("best",), is_number=True),
            Column("failures", _("Critical failures"), ("failures",), is_number=True),
            Column("coverage", _("Coverage"), ("coverage",), is_number=True),
            Column("trend", _("6 months")),
        ],
        default="name",
        choices=[group.shown],
        name="words",
        apart="is_for_reference",  # few visits are put in no order
    )
    shown = [row.child for row in found.page]
    pieces = regrouped.pieces(card.span.first, card.span.last) if card.tree is Tree.TODAY else AS_THEN
    sections, heat = comparison.heat_map(shown, detail, card.span, pieces)
    provinces = None if of_outlets else comparison.province_map(detail.children, detail.bands)
    context = {
        "page": page,
        "card": card,
        "detail": detail,
        "listing": found,
        "of_outlets": of_outlets,
        "keep": (*page.keep, ("level", OUTLETS)) if of_outlets else page.keep,
        "more": f"&level={OUTLETS}" if of_outlets else "",
        "total": len(every),
        "funnel": comparison.funnel_charts(detail, has_map=provinces is not None),
        "map": provinces,
        "sections": sections,
        "heat": heat,
        "least": charts.least_of([each.range.low for each in detail.published_below if each.range]),
    }
    return render(request, "audits/results/scorecard_units.html", context)


@require_safe
@requires(Right.READ_UNIT_RESULTS)
def scorecard_sheets(request: ReaderRequest, unit_id: UUID) -> HttpResponse:
    """The scorecards of the units below, each on a sheet of its own, for a meeting; SHEETS at a time."""
    page = _asked(request, unit_id)
    if page.card is None or page.card.detail is None or not page.card.detail.published_below:
        return redirect(f"{reverse('audits:scorecard_detail', args=[unit_id])}{page.query}")
    detail = page.card.detail
    some = Paginator(detail.published_below, SHEETS).get_page(request.GET.get("page"))
    scope = request.access.scope(Right.READ_UNIT_RESULTS)
    cards = [card for row in some if (card := page.card_of(row.unit, scope)).detail]
    context = {
        "page": page,
        "card": page.card,
        "detail": detail,
        "some": some,
        "cards": cards,
        "listed": f":{ON_SHEET}",
    }
    return render(request, "audits/results/scorecard_sheets.html", context)


reports: Kept[Report] = Kept(16)


@require_safe
@requires(Right.READ_UNIT_RESULTS)
def report_detail(request: ReaderRequest, unit_id: UUID) -> HttpResponse:
    """The monthly report of a unit to those who lead it and to the union, as one document to read and to print."""
    unit, scope = _unit(request, unit_id)
    given = {key: request.GET[key] for key in ("month", "checklist") if key in request.GET}
    page = asked(given | {"span": SpanKind.MONTH}, unit, scope)
    card = page.card
    if card is None or not card.headlines:
        return redirect(f"{reverse('audits:scorecard_detail', args=[unit_id])}{page.query}")
    month = card.span.last
    key = (unit.pk, month, get_language(), scope, stamp())
    found = reports.get(key, lambda: report.read(card, top=page.top, scope=scope))
    context = {"page": page, "report": found, "month": month, "enough": ENOUGH}
    return render(request, "audits/results/report_detail.html", context)


@require_safe
@requires(Right.READ_UNIT_RESULTS)
def scorecard_explain(request: ReaderRequest, unit_id: UUID) -> HttpResponse:
    """How the unit's figure came about; who reads visits is led down to each of an outlet's."""
    page = _asked(request, unit_id)
    if page.card is None or page.card.detail is None:
        return redirect(f"{reverse('audits:scorecard_detail', args=[unit_id])}{page.query}")
    card, detail = page.card, page.card.detail
    may_read = request.access.may(Right.CLOSE_MONTHS) and page.is_outlet
    context = {
        "page": page,
        "card": card,
        "headline": detail.headline,
        "found": explain.explained(card, detail),
        "visits": explain.visits_of(card, detail.headline.checklist.pk) if may_read else None,
    }
    return render(request, "audits/results/scorecard_explain.html", context)


def _listed(rows: Sequence[ChildRow]) -> list[ChildRow]:
    """The units below that stand on the page: where they are many, those out of the ordinary first."""
    if len(rows) <= BELOW:
        return list(rows)
    far, near = (Rung.LOW, Rung.HIGH), (Rung.LOWER, Rung.HIGHER)
    return sorted(rows, key=lambda row: (row.rung not in far, row.rung not in near))[:BELOW]


def _unit(request: ReaderRequest, unit_id: UUID) -> tuple[Unit, Scope]:
    """The unit, if the reader may open its scorecard, and how far that right reaches; else 404."""
    scope = request.access.scope(Right.READ_UNIT_RESULTS)
    units = Unit.objects.visible_to(scope).select_related("unit_type", "outlet")
    return get_object_or_404(units, public_id=unit_id), scope


def _asked(request: ReaderRequest, unit_id: UUID) -> Asked:
    unit, scope = _unit(request, unit_id)
    return asked(request.GET, unit, scope)
