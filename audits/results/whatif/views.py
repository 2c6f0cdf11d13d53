"""What published months would have been under a version."""

import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audits.checklists.models import ChecklistVersion
from audits.results import months
from audits.results.whatif import files, sharing, shown, summary
from audits.results.whatif.rescored import Rescored
from audits.results.whatif.sharing import Asked
from audits.results.whatif.shown import Found
from outlets.listing import Column, ShownFilter, listing_of
from outlets.models import UnitType
from outlets.people.permissions import ReaderRequest, Right, requires

logger = logging.getLogger(__name__)

LENGTHS = (1, 3, 6, 12)  # months
TOLD_FROM = 5000  # visits from which the page says how far it is
READY = "ready"  # in the address of a file that has been waited for: it is sent, whatever that takes
XLSX, CSV = "xlsx", "csv"
CONTENT_TYPES = {
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    CSV: "text/csv; charset=utf-8",
}
HERE = "<!-- what came out -->"


def _asked(request: ReaderRequest, version_id: UUID) -> tuple[ChecklistVersion, Asked | None]:
    """None while no month has been closed."""
    version = get_object_or_404(ChecklistVersion.objects.select_related("checklist", "based_on"), public_id=version_id)
    given = request.GET.get("months", "")
    length = int(given) if given in {str(each) for each in LENGTHS} else summary.MONTHS
    return version, sharing.asked_of(version, length, whole=request.access.may(Right.READ_VISITS))


@require_safe
@requires(Right.TRY_VERSIONS)
def version_whatif(request: ReaderRequest, version_id: UUID) -> HttpResponseBase:
    """Published months scored under a version, unit by unit; a long one says how far it is while it is worked out."""
    version, asked = _asked(request, version_id)
    context: dict[str, Any] = {
        "version": version,
        "asked": asked,
        "lengths": LENGTHS,
        "may_edit": request.access.may(Right.EDIT_CHECKLISTS),
    }
    if asked is None:
        return render(request, "audits/results/version_whatif.html", context)
    rescored = sharing.found(asked)
    if rescored is None and asked.visits >= TOLD_FROM:
        page = render_to_string("audits/results/version_whatif.html", context, request)
        return _told(asked, page, partial(_result, request, asked, context))
    rescored = rescored or sharing.worked_out(asked)
    return render(request, "audits/results/version_whatif.html", context | _shown(request, asked, rescored))


@require_safe
@requires(Right.TRY_VERSIONS)
def version_whatif_export(request: ReaderRequest, version_id: UUID, kind: str) -> HttpResponseBase:
    """All units as a workbook or CSV. When it takes long, a page says how far it is and the browser asks again."""
    version, asked = _asked(request, version_id)
    if asked is None:
        return render(request, "audits/results/version_whatif.html", {"version": version, "asked": None})
    rescored = sharing.found(asked)
    if rescored is None and asked.visits >= TOLD_FROM and READY not in request.GET:
        page = render_to_string(
            "audits/results/version_whatif_file.html", {"version": version, "asked": asked}, request
        )
        return _told(asked, page, partial(_file_is_ready, request, asked))
    found = shown.found(version, rescored or sharing.worked_out(asked), asked.last)
    content = files.as_workbook(found, asked) if kind == XLSX else files.as_text(found, asked)
    answer = HttpResponse(content, content_type=CONTENT_TYPES[kind])
    name = f"{version.checklist.code}-{version.number}-{months.written(asked.last)}.{kind}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _told(asked: Asked, page: str, ending: Callable[[Rescored], str]) -> StreamingHttpResponse:
    """A page in pieces: its head, how far it is, again and again, and at last what `ending` makes of the figures."""
    answer = StreamingHttpResponse(_pieces(asked, page, ending), content_type="text/html; charset=utf-8")
    answer["X-Accel-Buffering"] = "no"  # nginx would hold it back until all of it is there
    return answer


def _pieces(asked: Asked, page: str, ending: Callable[[Rescored], str]) -> Iterator[str]:
    head, _here, tail = page.partition(HERE)
    yield head
    try:
        for step in sharing.steps(asked):
            if isinstance(step, Rescored):
                yield ending(step)
            else:
                yield render_to_string("audits/results/_whatif_progress.html", {"step": step})
    except Exception:  # the status has been sent: what happened is said on the page
        logger.exception("what-if of version %s", asked.version.public_id)
        yield render_to_string("audits/results/_whatif_progress.html", {"step": None})
    yield tail


def _result(request: ReaderRequest, asked: Asked, context: dict[str, Any], rescored: Rescored) -> str:
    shown_now = context | _shown(request, asked, rescored)
    return render_to_string("audits/results/_whatif_result.html", shown_now, request)


def _file_is_ready(request: ReaderRequest, asked: Asked, _rescored: Rescored) -> str:
    address = f"{request.path}?{urlencode({'months': asked.length, READY: 1})}"
    return render_to_string("audits/results/_whatif_file.html", {"address": address}, request)


def _shown(request: ReaderRequest, asked: Asked, rescored: Rescored) -> dict[str, Any]:
    found = shown.found(asked.version, rescored, asked.last)
    levels = _levels(found)
    level = request.GET.get("level", "")
    if level not in {code for code, _name in levels}:
        level = found.usual_level
    rows = found.of_level(level)
    listing = listing_of(
        request,
        rows,
        columns=[
            Column("name", _("Unit"), ("sort_key",)),
            Column("visits", _("Visits"), ("visits",), is_number=True),
            Column("before", _("Before, %"), ("before",), is_number=True),
            Column("after", _("After, %"), ("after",), is_number=True),
            Column("difference", _("Difference, points"), ("size",), is_number=True),
            Column("cause", _("Mostly from")),
            Column("grade", _("Grade"), ("has_other_grade",)),
        ],
        default="-difference",
        choices=[ShownFilter("level", _("Level"), levels, level)],
    )
    shifts = shown.largest(rows)
    return {
        "found": found,
        "listing": listing,
        "shifts": shifts,
        "level": dict(levels).get(level),
        "may_read_units": request.access.may(Right.READ_UNIT_RESULTS),
        "request": request,
    }


def _levels(found: Found) -> list[tuple[str, str]]:
    """The kinds of units that have figures, the smallest first; before them all outlets, where those are of several."""
    there = {row.level for row in found.rows}
    levels = [(each.code, each.name) for each in UnitType.objects.filter(code__in=there).order_by("-position")]
    if found.usual_level == shown.OUTLETS:
        return [(shown.OUTLETS, _("All outlets (%(count)d)") % {"count": len(found.outlets)}), *levels]
    return levels
