"""From a draft to a running version: its facts, its approval by a second person, and its end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from audits.checklists.actions import ChecklistRefused
from audits.checklists.drafts import checks, compare
from audits.checklists.drafts.undone import mark_of, undone
from audits.checklists.models import ChecklistVersion
from audits.checklists.outline import outline
from audits.checklists.publishing import actions as publishing
from audits.checklists.publishing.forms import FactsForm, GraceForm, RetireForm, SendBackForm
from outlets.people import held
from outlets.people.permissions import ReaderRequest, Right, requires

FORM = ["GET", "HEAD", "POST"]
USUAL_GRACE = timedelta(days=30)
_LATEST = 3  # events that tell what happened since the page was loaded
State = ChecklistVersion.State


def _version(version_id: UUID) -> ChecklistVersion:
    rows = ChecklistVersion.objects.select_related("checklist", "based_on", "proposed_by")
    return get_object_or_404(rows, public_id=version_id)


def _named(version: ChecklistVersion) -> str:
    return _("%(checklist)s, version %(number)d") % {"checklist": version.checklist.name, "number": version.number}


@require_http_methods(FORM)
@requires(Right.EDIT_CHECKLISTS)
def draft_settings(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """What a draft changes and why, its first day, its grades. Leads on to sending it for approval."""
    version = _version(version_id)
    if not version.is_draft:
        return redirect("audits:version_detail", version.public_id)
    at = timezone.now()
    data = request.POST if request.method == "POST" else held.held_data(request, at=at)
    form = FactsForm(version, data, today=timezone.localdate(at))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        facts = {"note": given["note"], "effective_on": given["effective_on"], "bands": form.bands()}
        refused = _tried(request, lambda: publishing.set_facts(version=version, by=request.user, at=at, **facts))
        if not refused:
            held.release(request)
            messages.success(request, _("Saved."))
            if "second" not in request.POST:
                return redirect("audits:draft_propose", version.public_id)
        return redirect("audits:draft_edit", version.public_id)
    return _form_page(
        request,
        form,
        title=_("Settings of the draft"),
        button=_("Save, and go on to approval"),
        second=_("Save, and back to the draft"),
        back=("audits:draft_edit", version, _named(version)),
    )


@require_http_methods(FORM)
@requires(Right.EDIT_CHECKLISTS)
def draft_propose(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """Shows once more what is sent for approval, and sends it."""
    version = _version(version_id)
    if not version.is_draft:
        return redirect("audits:version_detail", version.public_id)
    at, meant, refused = timezone.now(), request.POST.getlist("meant"), None
    if request.method == "POST":
        try:
            publishing.propose(version=version, meant=meant, by=request.user, at=at)
        except publishing.WouldUndo as would_undo:
            refused = would_undo
        except ChecklistRefused as other:
            _warn(request, other)
            return redirect("audits:draft_propose", version.public_id)
        else:
            messages.success(
                request, _("Sent for approval. The draft does not change any more until it is decided on.")
            )
            return redirect("audits:version_detail", version.public_id)
    status = 422 if refused else 200
    context = _about(version, at, refused, meant)
    context["may_send"] = bool(version.note) and not context["checks"].errors
    if not version.note:
        context["form"] = FactsForm(version, None, today=timezone.localdate(at))
    return render(request, "audits/checklists/draft_propose.html", context, status=status)


@require_POST
@requires(Right.EDIT_CHECKLISTS)
def proposal_withdraw(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """Makes a draft again of what waits."""
    version = _version(version_id)
    if _tried(request, lambda: publishing.withdraw(version=version, by=request.user, at=timezone.now())):
        return redirect("audits:version_detail", version.public_id)
    messages.success(request, _("Taken back. You can change the draft again."))
    return redirect("audits:draft_edit", version.public_id)


@require_http_methods(FORM)
@requires(Right.APPROVE_CHECKLISTS)
def proposal_decide(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """What a draft would change, for the second person: to approve it, or to send it back with words."""
    version, at = _version(version_id), timezone.now()
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
            _warn(request, other)
            return redirect("audits:version_detail", version.public_id)
        else:
            held.release(request)
            messages.success(request, says)
            return redirect("audits:version_detail", version.public_id)
    status = 409 if isinstance(refused, publishing.NotAsShown) else 422 if request.method == "POST" else 200
    context = _about(version, at, refused, meant) | {
        "form": form,
        "seen": mark_of(version),
        "events": version.events.select_related("by")[:_LATEST] if status == 409 else [],
    }
    return render(request, "audits/checklists/proposal_decide.html", context, status=status)


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


@require_http_methods(FORM)
@requires(Right.APPROVE_CHECKLISTS)
def version_retire(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """Ends the running version without another, or gives visits begun with a retired one another last day."""
    version = _version(version_id)
    if version.state not in (State.PUBLISHED, State.RETIRED):
        return redirect("audits:version_detail", version.public_id)
    at = timezone.now()
    is_running = version.state == State.PUBLISHED
    data = request.POST if request.method == "POST" else held.held_data(request, at=at)
    usual = version.grace_until or timezone.localdate(at) + USUAL_GRACE
    form = (RetireForm if is_running else GraceForm)(data, initial={"grace_until": usual})
    if request.method == "POST" and form.is_valid():
        try:
            act = publishing.retire if is_running else publishing.extend_grace
            act(version=version, by=request.user, at=at, **form.cleaned_data)
        except publishing.GraceTooShort as refused:
            form.add_error("grace_until", str(refused))
        except ChecklistRefused as refused:
            _warn(request, refused)
            return redirect("audits:version_detail", version.public_id)
        else:
            held.release(request)
            messages.success(request, _("Retired.") if is_running else _("Saved."))
            return redirect("audits:version_detail", version.public_id)
    return _form_page(
        request,
        form,
        title=_("Retire this version") if is_running else _("Last day for visits begun"),
        button=_("Retire") if is_running else _("Save"),
        back=("audits:version_detail", version, _named(version)),
        lede=_("No visit can start with this checklist until another version runs. Results stay as they are.")
        if is_running
        else "",
        is_grave=is_running,
    )


@dataclass(frozen=True)
class Against:
    """A version set against what would run after it. `comparison.before` is the one named."""

    version: ChecklistVersion
    comparison: compare.Comparison


def _about(
    version: ChecklistVersion, at: datetime, refused: ChecklistRefused | None, meant: list[str]
) -> dict[str, Any]:
    """What the pages on both sides of an approval show: against what runs, and what it was copied from if that differs.

    `refused` is why what was just tried has not happened, `meant` what was ticked then.
    """
    now = outline(version)
    running = version.checklist.versions.filter(state=State.PUBLISHED).first()
    others = [each for each in (running, version.based_on) if each is not None]
    return {
        "version": version,
        "content": now,
        "checks": checks.check(now),
        "against": [Against(each, compare.compare(outline(each), now)) for each in dict.fromkeys(others)],
        "undone": undone(version, today=timezone.localdate(at)),
        "running": running,
        "refused": refused,
        "meant": meant,
    }


def _tried(request: ReaderRequest, act: Callable[[], object]) -> bool:
    """Runs an action. True when it was refused, which the next page says."""
    try:
        act()
    except ChecklistRefused as refused:
        _warn(request, refused)
        return True
    return False


def _warn(request: ReaderRequest, refused: ChecklistRefused) -> None:
    event = refused.event if isinstance(refused, publishing.Decided) else None
    who = ""
    if event is not None and event.by is not None:
        time = timezone.localtime(event.at).strftime("%H:%M %d/%m")
        who = f"{event.get_kind_display()}: {event.by.shown_name}, {time}."
    messages.warning(request, f"{refused} {who}".strip())


def _form_page(
    request: ReaderRequest, form: Form, *, back: tuple[str, ChecklistVersion, str], **more: Any
) -> HttpResponse:
    name, version, label = back
    context = {"form": form, "back_url": reverse(name, args=[version.public_id]), "back_label": label, **more}
    status = 422 if request.method == "POST" else 200
    return render(request, "components/form_page.html", context, status=status)
