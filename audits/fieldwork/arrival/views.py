"""The page of the proof of arrival. Its photo needs no script; a place cannot be had without one."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from audits.fieldwork.arrival import actions, queries
from audits.fieldwork.arrival.forms import PlaceForm, ProofForm
from audits.fieldwork.models import Visit
from audits.fieldwork.states import OPEN_TO_SHOPPER
from audits.fieldwork.transitions import StaleState
from audits.fieldwork.visits.kept_pages import keepable
from audits.fieldwork.visits.turned_away import moved_on
from audits.fieldwork.visits.views import own_visit, phone_context
from audits.photos import NoRoomOnDisk
from outlets.people.permissions import ReaderRequest, Right, requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.DO_VISITS)
def visit_proof(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """One photo that shows that the shopper was there: given, replaced or taken back while the visit is open."""
    visit = own_visit(request, visit_id)
    if visit.state not in OPEN_TO_SHOPPER:
        if request.method == "POST":
            return moved_on(request, StaleState(visit))
        if queries.place_of(visit) is None:
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
    return _page(request, visit, form, PlaceForm())


@require_POST
@requires(Right.DO_VISITS)
def visit_place(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """Where the phone is, once, after a consent of its own; or that consent withdrawn, whatever the visit's state."""
    visit = own_visit(request, visit_id)
    at = timezone.now()
    if "withdraw" in request.POST:
        if actions.withdraw_place(visit=visit, by=request.user, at=at):
            return _done(request, visit, _("Your consent has been withdrawn, and the place has been deleted."))
        return _done(request, visit, _("No place is kept for this visit."))
    form = PlaceForm(request.POST)
    if not form.is_valid():
        if visit.state not in OPEN_TO_SHOPPER:
            return moved_on(request, StaleState(visit))
        return _page(request, visit, ProofForm(), form)
    given = form.cleaned_data
    try:
        place = actions.give_place(
            visit=visit,
            latitude=given["latitude"],
            longitude=given["longitude"],
            accuracy=given["accuracy"],
            consent=actions.CONSENT,
            by=request.user,
            at=at,
        )
    except StaleState as stale:
        return moved_on(request, stale)
    return _done(request, visit, _("Kept: %(band)s.") % {"band": place.get_band_display()})


def _page(request: ReaderRequest, visit: Visit, form: ProofForm, place_form: PlaceForm) -> HttpResponse:
    context = {
        "visit": visit,
        "is_open": visit.state in OPEN_TO_SHOPPER,
        "form": form,
        "proof": queries.proof_of(visit),
        "place_form": place_form,
        "place": queries.place_of(visit),
        "place_words": place_words(),
        **phone_context(),
    }
    status = 422 if form.errors or place_form.errors else 200
    response = render(request, "audits/visits/visit_proof.html", context, status=status)
    response["Permissions-Policy"] = "camera=(self), geolocation=(self), microphone=()"  # on no other page
    return keepable(request, response) if context["is_open"] else response


def place_words() -> dict[str, str]:
    """What the page's script says."""
    return {
        "asking": _("Reading the place once…"),
        "denied": _("The phone did not allow it, so nothing has been kept. You may go on without."),
        "unavailable": _("The phone cannot find its place here. Nothing has been kept; you may try again or go on."),
        "late": _("The phone took too long to find its place. Nothing has been kept; you may try again or go on."),
        "offline": _("There is no network at the moment. Nothing has been kept; you may try again later or go on."),
    }


def _done(request: ReaderRequest, visit: Visit, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("audits:visit_proof", visit.public_id)
