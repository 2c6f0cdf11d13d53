"""The page of the proof of arrival. It works without a script."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audits.fieldwork.arrival import actions, queries
from audits.fieldwork.arrival.forms import ProofForm
from audits.fieldwork.models import Visit
from audits.fieldwork.photos import NoRoomOnDisk
from audits.fieldwork.states import OPEN_TO_SHOPPER
from audits.fieldwork.transitions import StaleState
from audits.fieldwork.visits.turned_away import moved_on
from audits.fieldwork.visits.views import own_visit
from outlets.people.permissions import ReaderRequest, Right, requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.DO_VISITS)
def visit_proof(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """One photo that shows that the shopper was there: given, replaced or taken back while the visit is open."""
    visit = own_visit(request, visit_id)
    if visit.state not in OPEN_TO_SHOPPER:
        if request.method == "POST":
            return moved_on(request, StaleState(visit))
        return redirect("audits:visit_detail", visit.public_id)
    form = ProofForm()
    if request.method == "POST":
        at = timezone.now()
        try:
            if "remove" in request.POST:
                actions.take_proof_back(visit=visit, by=request.user, at=at)
                return _done(request, visit, _("The photo has been removed."))
            form = ProofForm(request.POST, request.FILES)
            if form.is_valid():
                given = form.cleaned_data
                actions.give_proof(visit=visit, kind=given["kind"], photo=given["photo"], by=request.user, at=at)
                return _done(request, visit, _("Saved. Only reviewers and the programme office see this photo."))
        except NoRoomOnDisk:
            form.add_error("photo", _("The server has no room for photos at the moment. Please send it again later."))
        except StaleState as stale:
            return moved_on(request, stale)
    context = {"visit": visit, "form": form, "proof": queries.proof_of(visit)}
    return render(request, "audits/visits/visit_proof.html", context, status=422 if form.errors else 200)


def _done(request: ReaderRequest, visit: Visit, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("audits:visit_proof", visit.public_id)
