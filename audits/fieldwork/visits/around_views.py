"""The pages of the two forms around the questions. A phone with a script keeps what is typed and sends it by itself."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audits.fieldwork.states import VisitState
from audits.fieldwork.transitions import StaleState
from audits.fieldwork.visits import around, queries
from audits.fieldwork.visits.forms import MetForm, NotPossibleForm
from audits.fieldwork.visits.kept_pages import keepable
from audits.fieldwork.visits.turned_away import moved_on, returns_text
from audits.fieldwork.visits.views import own_visit, phone_context, to_visit
from outlets.people import held
from outlets.people.permissions import ReaderRequest, Right, requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.DO_VISITS)
@returns_text
def visit_met(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """The day of the visit and who was met."""
    visit = own_visit(request, visit_id)
    if visit.state != VisitState.IN_PROGRESS:
        return moved_on(request, StaleState(visit)) if request.method == "POST" else to_visit(visit)
    at = timezone.now()
    kept = None
    if request.method == "POST":
        try:
            form = around.give_met(visit=visit, data=request.POST, by=request.user, at=at)
        except StaleState as stale:
            return moved_on(request, stale)
        if not form.errors:
            held.release(request)
            messages.success(request, _("Saved who you met."))
            return redirect("audits:visit_check", visit_id) if "then" in request.GET else to_visit(visit)
    else:
        kept = held.held_for(request, at=at)
        form = MetForm(visit, queries.staff_at(visit), kept and kept.data)
    context = {"visit": visit, "form": form, **phone_context()}
    shown = render(request, "audits/visits/visit_met.html", context, status=422 if request.method == "POST" else 200)
    return shown if kept else keepable(request, shown)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.DO_VISITS)
@returns_text
def visit_not_possible(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """Reports that a visit could not be carried out."""
    visit = own_visit(request, visit_id)
    is_open = visit.state in (VisitState.ASSIGNED, VisitState.IN_PROGRESS)
    if not is_open and request.method != "POST":
        return to_visit(visit)
    at = timezone.now()
    kept = None
    if request.method == "POST":
        try:
            form = around.give_not_possible(visit=visit, data=request.POST, files=request.FILES, by=request.user, at=at)
        except StaleState as stale:
            return moved_on(request, stale)
        if not form.errors:
            held.release(request)
            messages.success(
                request, _("Thank you. The coordinator will see that this visit could not be carried out.")
            )
            return redirect("audits:visit_list")
        if not is_open:
            return moved_on(request, StaleState(visit))
    else:
        kept = held.held_for(request, at=at)
        form = NotPossibleForm(kept.data if kept else None)
    context = {"visit": visit, "form": form, **phone_context()}
    status = 422 if request.method == "POST" else 200
    shown = render(request, "audits/visits/visit_not_possible.html", context, status=status)
    return shown if kept else keepable(request, shown)
