"""Figures taken along: what can be taken, how far a long one is, the file, and who took what."""

import logging
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from django import forms
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audits.results import wording
from audits.results.asking import Asked, asked
from audits.results.exports import actions as exports
from audits.results.exports import making
from audits.results.exports.card import file_name, scorecard_csv
from audits.results.exports.making import Progress
from audits.results.exports.rows import Wanted
from audits.results.models import Export
from outlets.listing import Column, Filter, listing
from outlets.models import Unit
from outlets.people.permissions import ReaderRequest, Right, Scope, requires

logger = logging.getLogger(__name__)

PATIENCE = 2.0  # seconds that a file may take before its reader is told how far it is
HERE = "<!-- how far it is -->"


class ExportForm(forms.Form):
    """What is taken along, and as what."""

    of = forms.ChoiceField(
        label=gettext_lazy("Rows"),
        choices=[(each.value, each.label) for each in (Export.Of.UNITS, Export.Of.OUTLETS)],
        widget=forms.RadioSelect,
        initial=Export.Of.UNITS,
    )
    months = forms.ChoiceField(
        label=gettext_lazy("Months covered"),
        choices=[("span", gettext_lazy("The span as a whole")), ("each", gettext_lazy("Month by month"))],
        widget=forms.RadioSelect,
        initial="span",
    )
    format = forms.ChoiceField(
        label=gettext_lazy("File"),
        choices=[(each.value, each.label) for each in (Export.Format.XLSX, Export.Format.CSV)],
        widget=forms.RadioSelect,
        initial=Export.Format.XLSX,
    )


def _page(request: ReaderRequest, unit_id: UUID) -> tuple[Asked, Scope]:
    """The scorecard that the address asks for, if the reader may open it; else 404."""
    scope = request.access.scope(Right.READ_UNIT_RESULTS)
    units = Unit.objects.visible_to(scope).select_related("unit_type", "outlet")
    return asked(request.GET, get_object_or_404(units, public_id=unit_id), scope), scope


@require_safe
@requires(Right.READ_UNIT_RESULTS)
def scorecard_export(request: ReaderRequest, unit_id: UUID) -> HttpResponse:
    """The figures of the page as a CSV file that Vietnamese Excel opens; 400 where they are not those asked for."""
    page, _scope = _page(request, unit_id)
    if page.card is None:
        return redirect("audits:scorecard_detail", unit_id)
    if page.is_fallback:
        return _refused(request, page)
    body = scorecard_csv(page.card)
    if request.method == "GET":
        _begin(request, page, Export.Of.SCORECARD, Export.Format.CSV, is_done=True)
    response = HttpResponse(body, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file_name(page.card)}"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.READ_UNIT_RESULTS)
def export_create(request: ReaderRequest, unit_id: UUID) -> HttpResponseBase:
    """The units or outlets below as a file. One that takes long says how far it is, and can be cancelled.

    Nothing is made of an address that asks for what is not there: 400, as a program is told.
    """
    page, scope = _page(request, unit_id)
    if page.card is None:
        return render(request, "audits/results/scorecard_none.html", {"page": page})
    if request.method == "POST" and page.is_fallback:
        return _refused(request, page)
    form = ExportForm(request.POST if request.method == "POST" else None, initial={"of": _usual(page)})
    if request.method != "POST" or not form.is_valid():
        context = {"page": page, "card": page.card, "form": form}
        return render(request, "audits/results/export_create.html", context, status=422 if form.is_bound else 200)
    given = form.cleaned_data
    wanted = Wanted(page.card, scope, Export.Of(given["of"]), by_month=given["months"] == "each")
    form_of = Export.Format(given["format"])
    export = _begin(request, page, wanted.of, form_of, by_month=wanted.by_month)
    steps = making.make(export, wanted, at=export.begun_at)
    context = {"page": page, "card": page.card, "export": export}
    until = time.monotonic() + PATIENCE
    try:
        progress = next(steps)
        while time.monotonic() < until:
            progress = next(steps)
    except StopIteration as done:
        answer_now = _file(done.value, making.file_name(wanted, form_of))
        done.value.unlink()  # it is open, and nobody will ask for it again
        return answer_now
    except (making.Stopped, making.Changed) as broken:
        return render(request, "audits/results/export_over.html", context | {"why": _why(broken)}, status=409)
    answer = StreamingHttpResponse(_told(request, steps, progress, context), content_type="text/html; charset=utf-8")
    answer["X-Accel-Buffering"] = "no"  # nginx would hold it back until all of it is there
    return answer


def _refused(request: ReaderRequest, page: Asked) -> HttpResponse:
    """No file: it would hold another view than its address names, and nobody would see that once it is saved."""
    context = {
        "page": page,
        "card": page.card,
        "form": ExportForm(initial={"of": _usual(page)}),
        "refused": [wording.ASKED[name] for name in page.fallbacks],
    }
    return render(request, "audits/results/export_create.html", context, status=400)


def _usual(page: Asked) -> str:
    return Export.Of.OUTLETS if page.is_outlet else Export.Of.UNITS


def _begin(
    request: ReaderRequest,
    page: Asked,
    of: Export.Of,
    form: Export.Format,
    *,
    by_month: bool = False,
    is_done: bool = False,
) -> Export:
    assert page.card is not None  # noqa: S101 - both callers have looked
    at = timezone.now()
    export = exports.begin(
        unit=page.unit,
        of=of,
        form=form,
        span=page.card.span,
        tree=page.card.tree,
        by=request.user,
        at=at,
        by_month=by_month,
    )
    if is_done:
        exports.finish(export=export, rows=len(page.card.headlines), at=at)
    return export


def _told(
    request: ReaderRequest, steps: Generator[Progress, None, Path], first: Progress, context: dict[str, Any]
) -> Iterator[str]:
    """The page in pieces: its head, how far it is, again and again, and at last the file, or why there is none."""
    page = render_to_string("audits/results/export_making.html", context, request)
    head, _here, tail = page.partition(HERE)
    try:
        yield head
        progress = first
        while True:
            yield render_to_string("audits/results/_export_progress.html", {"step": progress})
            progress = next(steps)
    except StopIteration:
        yield render_to_string("audits/results/_export_ready.html", context)
    except (making.Stopped, making.Changed) as broken:
        yield render_to_string("audits/results/_export_progress.html", {"why": _why(broken)})
    except Exception:  # the status has been sent: what happened is said on the page
        logger.exception("export %s", context["export"].public_id)
        yield render_to_string("audits/results/_export_progress.html", {"why": _why(None)})
    finally:
        steps.close()  # whoever has left the page wants no file
    yield tail


def _why(broken: Exception | None) -> str:
    if isinstance(broken, making.Stopped):
        return _("This file has been cancelled.")
    if isinstance(broken, making.Changed):
        return _("Figures were corrected while the file was being made. Make it again.")
    return _("The file could not be made. Nothing has changed; try again.")


def _file(path: Path, name: str) -> FileResponse:
    return FileResponse(path.open("rb"), as_attachment=True, filename=name)


@require_safe
@requires(Right.READ_UNIT_RESULTS)
def export_file(request: ReaderRequest, export_id: UUID) -> HttpResponseBase:
    """The file of whoever made it, while they may read the unit; for an hour."""
    export = _own(request, export_id)
    path = making.path_of(export)
    if export.state != Export.State.DONE or not path.exists():
        return redirect("audits:export_create", export.unit.public_id)
    return _file(path, f"{export.unit.code.lower()}-{export.first:%Y-%m}-{export.last:%Y-%m}.{export.format}")


@require_POST
@requires(Right.READ_UNIT_RESULTS)
def export_cancel(request: ReaderRequest, export_id: UUID) -> HttpResponse:
    """Stops the work at its next step."""
    export = _own(request, export_id)
    exports.cancel(export=export, at=timezone.now())
    return redirect("audits:export_create", export.unit.public_id)


def _own(request: ReaderRequest, export_id: UUID) -> Export:
    units = Unit.objects.visible_to(request.access.scope(Right.READ_UNIT_RESULTS))
    found = Export.objects.select_related("unit").filter(made_by=request.user, unit__in=units.order_by().values("pk"))
    return get_object_or_404(found, public_id=export_id)


@require_safe
@requires(Right.CLOSE_MONTHS)
def export_list(request: ReaderRequest) -> HttpResponse:
    """Who took which figures along, and when."""
    found = listing(
        request,
        Export.objects.select_related("unit", "made_by"),
        columns=[
            Column("at", _("When"), ("begun_at", "pk")),
            Column("by", _("By"), ("made_by__sort_key",)),
            Column("unit", _("Unit"), ("unit__sort_key",)),
            Column("months", _("Months covered"), ("last", "first")),
            Column("what", _("What"), ("of", "format")),
            Column("state", _("State"), ("state",)),
        ],
        default="-at",
        filters=[Filter("what", _("What"), Export.Of.choices, lambda rows, of: rows.filter(of=of))],
        search=None,
    )
    return render(request, "audits/results/export_list.html", {"listing": found})
