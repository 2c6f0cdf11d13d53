"""Where a shopper submits: the pages are those of the phone form, what happens then reaches up to review."""

import json
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audits.checklists.outline import outline
from audits.fieldwork.models import Visit
from audits.fieldwork.states import OPEN_TO_SHOPPER, VisitState
from audits.fieldwork.sync import actions as sync
from audits.fieldwork.sync import apart, posting_views
from audits.fieldwork.sync.actions import Declared
from audits.fieldwork.sync.posting import Posted, Wrong
from audits.fieldwork.transitions import StaleState
from audits.fieldwork.visits import actions as visits
from audits.fieldwork.visits import refusals, sheet
from audits.fieldwork.visits.turned_away import moved_on, returns_text
from audits.fieldwork.visits.views import own_visit, phone_context, save_follow_ups
from audits.review import receiving
from outlets.people.permissions import ReaderRequest, Right, requires


@require_POST
@requires(Right.DO_VISITS)
def visit_submit(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """Submits once. Whoever comes second, by a double tap or from another tab, gets the same receipt."""
    visit = own_visit(request, visit_id)
    found = sync.difference(visit, _declared(request))
    if found.codes and visit.version and visit.state in OPEN_TO_SHOPPER:
        criteria = [each for each in outline(visit.version).criteria if each.code in found.codes]
        ids = {"missing": sorted(map(str, found.missing)), "removed": sorted(map(str, found.removed))}
        context = {"visit": visit, "sheet": sheet.read(visit), "criteria": criteria, "differs": ids, **phone_context()}
        context["is_proof"] = apart.PROOF in found.codes
        return render(request, "audits/visits/visit_differs.html", context, status=409)
    return _submitted(request, visit, receiving.submit)


def _declared(request: ReaderRequest) -> Declared:
    """What the phone says the server has. Nothing without a script, or from what no phone sends."""
    try:
        told = json.loads(request.POST.get("declared") or "{}")
        changes = {UUID(id): str(code) for id, code in told.get("changes", ())}
        photos = {UUID(id): (str(code), str(sha256)) for id, code, sha256 in told.get("photos", ())}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return Declared()
    return Declared(changes, photos)


@require_POST
@requires(Right.DO_VISITS)
@returns_text
def follow_up_submit(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """Saves the follow-up answers that come along and submits them, as a further submission with its own receipt."""
    visit = own_visit(request, visit_id)
    return save_follow_ups(request, visit) or _submitted(request, visit, receiving.submit_follow_up)


@require_POST
@requires(Right.DO_VISITS)
def follow_up_receive(request: ReaderRequest, visit_id: UUID) -> JsonResponse:
    """Submits the follow-up answers, which came before it: what a phone keeps when the button finds no network."""

    def act(visit: Visit, posted: Posted) -> None:
        try:
            visits.submit_follow_up(visit=visit, by=request.user, at=timezone.now())
        except refusals.Incomplete as incomplete:
            raise Wrong([_("Not submitted yet: something is still missing. All answers are kept.")]) from incomplete
        except StaleState as stale:
            if stale.visit.state != VisitState.SUBMITTED:  # else another tab was faster
                raise

    answer = posting_views.receive(request, visit_id, "follow_up", act)
    if answer.status_code == 200:
        receiving.screen_if_missed(visit=own_visit(request, visit_id), at=timezone.now())
    return answer


def _submitted(request: ReaderRequest, visit: Visit, action) -> HttpResponse:
    try:
        action(visit=visit, by=request.user, at=timezone.now())
    except refusals.Incomplete:
        page = "audits:visit_check" if action is receiving.submit else "audits:follow_up_edit"
        messages.warning(request, _("Not submitted yet: something is still missing. All answers are kept."))
        return redirect(page, visit.public_id)
    except refusals.GraceEnded:
        messages.warning(request, _("Not submitted: the days for visits with this checklist are over. All is kept."))
        return redirect("audits:visit_check", visit.public_id)
    except StaleState as stale:
        if stale.visit.state != VisitState.SUBMITTED:
            return moved_on(request, stale)
    return redirect("audits:visit_receipt", visit.public_id)
