"""Scorecards: what is published of a unit, as a page and as a file."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audits.results import charts, exports
from audits.results.asking import Asked, asked
from outlets.listing import Column, listing
from outlets.models import Unit
from outlets.organisation import queries as organisation
from outlets.people.permissions import ReaderRequest, Right, requires

LISTED = 6  # criteria of each kind that stand open on the page; the rest is folded


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
    context = {"listing": found, "rows": organisation.unit_rows(found.page)}
    return render(request, "audits/results/scorecard_list.html", context)


@require_safe
@requires(Right.READ_UNIT_RESULTS)
def scorecard_detail(request: ReaderRequest, unit_id: UUID) -> HttpResponse:
    """A unit's scorecard for a month, quarter or twelve months."""
    page = _asked(request, unit_id)
    if page.card is None:
        return render(request, "audits/results/scorecard_none.html", {"page": page})
    card = page.card
    detail = card.detail
    context: dict[str, Any] = {
        "page": page,
        "can_see_evidence": request.access.may(Right.READ_EVIDENCE),
        "card": card,
        "detail": detail,
        "listed": f":{LISTED}",
        "rest": f"{LISTED}:",
    }
    figures = [each.range for each in card.headlines if each.range]
    if detail:
        figures += [row.range for row in detail.published_below if row.range]
        context["most_lost"] = max((row.lost for row in detail.criteria), default=0)
        context["thin"] = sum(row.is_for_reference for row in detail.published_below)
    context["least"] = charts.least_of([each.low for each in figures])
    return render(request, "audits/results/scorecard_detail.html", context)


@require_safe
@requires(Right.READ_UNIT_RESULTS)
def scorecard_export(request: ReaderRequest, unit_id: UUID) -> HttpResponse:
    """The figures of the page as a CSV file that Vietnamese Excel opens."""
    page = _asked(request, unit_id)
    if page.card is None:
        return redirect("audits:scorecard_detail", unit_id)
    response = HttpResponse(exports.scorecard_csv(page.card), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{exports.file_name(page.card)}"'
    return response


def _asked(request: ReaderRequest, unit_id: UUID) -> Asked:
    scope = request.access.scope(Right.READ_UNIT_RESULTS)
    units = Unit.objects.visible_to(scope).select_related("unit_type", "outlet")
    return asked(request.GET, get_object_or_404(units, public_id=unit_id), scope)
