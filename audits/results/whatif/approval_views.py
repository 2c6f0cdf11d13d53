"""The second person's page: what a draft would change, what it would have made of published months, the decision."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audits.checklists.actions import ChecklistRefused
from audits.checklists.drafts.undone import mark_of
from audits.checklists.models import ChecklistVersion
from audits.checklists.publishing import actions as publishing
from audits.checklists.publishing.forms import SendBackForm
from audits.checklists.publishing.pages import about, version_of, warn
from audits.fieldwork.visits.queries import under_way
from audits.results.whatif import summary
from outlets.people import held
from outlets.people.permissions import ReaderRequest, Right, requires

FORM = ["GET", "HEAD", "POST"]
_LATEST = 3  # events that tell what happened since the page was loaded
State = ChecklistVersion.State


@require_http_methods(FORM)
@requires(Right.APPROVE_CHECKLISTS)
def proposal_decide(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """What a draft would change, for the second person: to approve it, or to send it back with words."""
    version, at = version_of(version_id), timezone.now()
    do = request.POST.get("do", "")
    form = SendBackForm(request.POST if do == "send_back" else held.held_data(request, at=at))
    is_decided = do == "approve" or (do == "send_back" and form.is_valid())
    if version.state != State.PROPOSED and not is_decided:
        return redirect("audits:version_detail", version.public_id)
    given: dict[str, Any] = {"version": version, "seen": request.POST.get("seen", ""), "by": request.user, "at": at}
    meant = request.POST.getlist("meant")
    refused: ChecklistRefused | None = None
    if is_decided:
        try:
            says = _decided(do, given, meant, form)
        except (publishing.NotAsShown, publishing.WouldUndo) as not_seen:
            refused = not_seen
        except ChecklistRefused as other:
            warn(request, other)
            return redirect("audits:version_detail", version.public_id)
        else:
            held.release(request)
            messages.success(request, says)
            return redirect("audits:version_detail", version.public_id)
    status = 409 if isinstance(refused, publishing.NotAsShown) else 422 if request.method == "POST" else 200
    context = about(version, at, refused, meant) | {
        "form": form,
        "whatif": summary.told(version, whole=request.access.may(Right.READ_VISITS)),
        "under_way": under_way(version.checklist),
        "seen": mark_of(version),
        "events": version.events.select_related("by")[:_LATEST] if status == 409 else [],
    }
    return render(request, "audits/results/proposal_decide.html", context, status=status)


def _decided(do: str, given: dict[str, Any], meant: list[str], form: SendBackForm) -> str:
    """Takes the decision, and says what follows from it. Raises what the actions raise."""
    if do == "send_back":
        publishing.send_back(**given, note=form.cleaned_data["note"])
        return _("Sent back to the editors with your words.")
    return _said_of(publishing.approve(**given, meant=meant))


def _said_of(version: ChecklistVersion) -> str:
    if version.state == State.APPROVED and version.effective_on:
        day = date_format(version.effective_on)
        return _("Approved. Visits started from %(day)s on use this version.") % {"day": day}
    return _("Approved and published. Visits started from now on use this version; those begun keep theirs.")
