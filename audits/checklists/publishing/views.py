"""From a draft to a running version: its facts, its approval by a second person, and its end."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from audits.checklists.actions import ChecklistRefused, NotADraft
from audits.checklists.drafts.closed import closed
from audits.checklists.drafts.merging import Overtaken
from audits.checklists.models import ChecklistVersion
from audits.checklists.publishing import actions as publishing
from audits.checklists.publishing import facts
from audits.checklists.publishing.forms import FactsForm, GraceForm, RetireForm
from audits.checklists.publishing.pages import about, approvers, version_of, warn
from outlets.people import held
from outlets.people.permissions import ReaderRequest, Right, requires

FORM = ["GET", "HEAD", "POST"]
USUAL_GRACE = timedelta(days=30)
State = ChecklistVersion.State


def _named(version: ChecklistVersion) -> str:
    return _("%(checklist)s, version %(number)d") % {"checklist": version.checklist.name, "number": version.number}


@require_http_methods(FORM)
@requires(Right.EDIT_CHECKLISTS)
def draft_settings(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """What a draft changes and why, its first day, its grades. Leads on to sending it for approval."""
    version = version_of(version_id)
    if not version.is_draft and request.method == "POST":
        return _closed(request, version)
    if not version.is_draft:
        return redirect("audits:version_detail", version.public_id)
    at = timezone.now()
    data = request.POST if request.method == "POST" else held.held_data(request, at=at)
    form = FactsForm(version, data, today=timezone.localdate(at))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        said = {"note": given["note"], "effective_on": given["effective_on"], "bands": form.bands()}
        try:
            publishing.set_facts(version=version, by=request.user, at=at, seen=facts.loaded(form.seen), **said)
        except Overtaken as overtaken:
            return _settings_page(request, version, form, overtaken)
        except NotADraft:
            return _closed(request, version)
        held.release(request)
        if "second" not in request.POST:
            messages.success(request, _("Saved, not sent yet: step 2 sends it."))
            return redirect("audits:draft_propose", version.public_id)
        messages.success(request, _("Saved."))
        return redirect("audits:draft_edit", version.public_id)
    return _settings_page(request, version, form)


def _closed(request: ReaderRequest, version: ChecklistVersion) -> HttpResponse:
    """Says who closed the draft; what was typed stands on the page to be copied."""
    given = {name: request.POST.get(name, "").replace("\r\n", "\n").strip() for name in facts.LABELS}
    stands = facts.of(version)
    differing = [name for name, text in given.items() if text and not facts.is_typed(stands[name], text)]
    return closed(request, version, [(str(facts.LABELS[name]), given[name]) for name in differing])


def _settings_page(
    request: ReaderRequest, version: ChecklistVersion, form: FactsForm, clash: Overtaken | None = None
) -> HttpResponse:
    """The settings; after a clash with what stands beside what was typed, and all else as it stands."""
    theirs: list[tuple[str, str]] = []
    if clash:
        theirs = [(str(facts.LABELS[name]), facts.in_words(name, value)) for name, value in clash.theirs.items()]
        form = form.beside(version)
    context = {"version": version, "form": form, "named": _named(version), "clash": clash, "theirs": theirs}
    status = 409 if clash else 422 if request.method == "POST" else 200
    return render(request, "audits/checklists/draft_settings.html", context, status=status)


@require_http_methods(FORM)
@requires(Right.EDIT_CHECKLISTS)
def draft_propose(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """Shows once more what is sent for approval, and sends it."""
    version = version_of(version_id)
    if not version.is_draft:
        return redirect("audits:version_detail", version.public_id)
    at, meant, refused = timezone.now(), request.POST.getlist("meant"), None
    if request.method == "POST":
        try:
            publishing.propose(version=version, meant=meant, by=request.user, at=at)
        except publishing.WouldUndo as would_undo:
            refused = would_undo
        except ChecklistRefused as other:
            warn(request, other)
            return redirect("audits:draft_propose", version.public_id)
        else:
            messages.success(request, _("Sent for approval."))
            return redirect("audits:version_detail", version.public_id)
    status = 422 if refused else 200
    context = about(version, at, refused, meant)
    context["approvers"] = approvers(version)
    context["may_send"] = bool(version.note) and not context["checks"].errors
    if not version.note:
        context["form"] = FactsForm(version, None, today=timezone.localdate(at))
    return render(request, "audits/checklists/draft_propose.html", context, status=status)


@require_POST
@requires(Right.EDIT_CHECKLISTS)
def proposal_withdraw(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """Makes a draft again of what waits."""
    version = version_of(version_id)
    if _tried(request, lambda: publishing.withdraw(version=version, by=request.user, at=timezone.now())):
        return redirect("audits:version_detail", version.public_id)
    messages.success(request, _("Taken back. You can change the draft again."))
    return redirect("audits:draft_edit", version.public_id)


@require_http_methods(FORM)
@requires(Right.APPROVE_CHECKLISTS)
def version_retire(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """Ends the running version without another, or gives visits begun with a retired one another last day."""
    version = version_of(version_id)
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
            warn(request, refused)
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


def _tried(request: ReaderRequest, act: Callable[[], object]) -> bool:
    """Runs an action. True when it was refused, which the next page says."""
    try:
        act()
    except ChecklistRefused as refused:
        warn(request, refused)
        return True
    return False


def _form_page(
    request: ReaderRequest, form: Form, *, back: tuple[str, ChecklistVersion, str], **more: Any
) -> HttpResponse:
    name, version, label = back
    context = {"form": form, "back_url": reverse(name, args=[version.public_id]), "back_label": label, **more}
    status = 422 if request.method == "POST" else 200
    return render(request, "components/form_page.html", context, status=status)
