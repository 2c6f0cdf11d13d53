"""The pages that read checklists. Every employee may read the running ones."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audits.checklists import queries
from audits.checklists.drafts import compare
from audits.checklists.models import Checklist, ChecklistVersion
from audits.checklists.outline import outline
from audits.checklists.publishing.pages import approvers
from outlets.listing import Column, Filter, listing
from outlets.models import Channel
from outlets.people.permissions import ReaderRequest, Right, requires


@require_safe
@requires(Right.READ_CHECKLISTS)
def checklist_list(request: ReaderRequest) -> HttpResponse:
    """The running checklists; for those who may read history, also the ones that do not run."""
    found = listing(
        request,
        _visible_to(request),
        columns=[
            Column("name", _("Checklist"), ("position", "code")),
            Column("channel", _("Channel"), ("channel",)),
            Column("criteria", _("Criteria"), ("criteria",), is_number=True),
            Column("version", _("Running version"), ("number",), is_number=True),
            Column("since", _("Since"), ("is_running", "published_at")),
        ],
        default="name",
        filters=[
            Filter("channel", _("Channel"), Channel.choices, lambda rows, value: rows.filter(channel=value)),
        ],
        search=queries.matching,
        search_hint=_("Name or code"),
    )
    if request.access.may(Right.READ_CHECKLIST_HISTORY):
        queries.add_drafts(found.page)
    context = {"listing": found, "may_edit": request.access.may(Right.EDIT_CHECKLISTS)}
    return render(request, "audits/checklists/checklist_list.html", context)


@require_safe
@requires(Right.READ_CHECKLISTS)
def checklist_detail(request: ReaderRequest, checklist_id: UUID) -> HttpResponse:
    """The running version of a checklist; for those who may, its history."""
    checklist = get_object_or_404(_visible_to(request), public_id=checklist_id)
    running = checklist.versions.filter(state=ChecklistVersion.State.PUBLISHED).first()
    context: dict[str, Any] = {"checklist": checklist, "version": running, "reading": running and queries.read(running)}
    if request.access.may(Right.READ_CHECKLIST_HISTORY):
        context |= _for_editors(request, checklist, running)
    return render(request, "audits/checklists/checklist_detail.html", context)


@require_safe
@requires(Right.READ_CHECKLIST_HISTORY)
def version_detail(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """Any version, drafts and retired ones included."""
    version = get_object_or_404(ChecklistVersion.objects.select_related("checklist"), public_id=version_id)
    context: dict[str, Any] = {
        "checklist": version.checklist,
        "version": version,
        "reading": queries.read(version),
        **_for_editors(request, version.checklist, version),
    }
    if version.state == ChecklistVersion.State.PROPOSED:
        context["approvers"] = approvers(version)
    return render(request, "audits/checklists/checklist_detail.html", context)


def _for_editors(request: ReaderRequest, checklist: Checklist, version: ChecklistVersion | None) -> dict[str, Any]:
    """A checklist's versions, what happened to the one shown, and what the reader may do with it. Two queries."""
    versions = list(queries.versions(checklist))
    return {
        "versions": versions,
        "drafts": queries.not_yet_run(versions),
        "events": version and version.events.select_related("by"),
        "may_edit": request.access.may(Right.EDIT_CHECKLISTS),
        "may_approve": request.access.may(Right.APPROVE_CHECKLISTS),
        "may_compare": version is not None and len(versions) > 1,
        "ran_last": queries.ran_last(versions),
    }


@require_safe
@requires(Right.READ_CHECKLIST_HISTORY)
def version_compare(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """What differs between a version and the one it was copied from, or any other of its checklist."""
    version = get_object_or_404(ChecklistVersion.objects.select_related("checklist"), public_id=version_id)
    others = [each for each in queries.versions(version.checklist) if each.pk != version.pk]
    if not others:
        messages.info(request, _("There is no other version to compare with."))
        return redirect("audits:version_detail", version.public_id)
    asked = request.GET.get("with", "")
    other = next((each for each in others if str(each.number) == asked), None)
    if other is None:
        other = next((each for each in others if each.pk == version.based_on_id), others[0])
    context = {
        "version": version,
        "other": other,
        "versions": others,
        "comparison": compare.compare(outline(other), outline(version)),
        "may_edit": request.access.may(Right.EDIT_CHECKLISTS),
    }
    return render(request, "audits/checklists/version_compare.html", context)


def _visible_to(request: ReaderRequest) -> QuerySet[Checklist]:
    """Drafts and what has been retired belong to history."""
    return queries.checklists(only_running=not request.access.may(Right.READ_CHECKLIST_HISTORY))
