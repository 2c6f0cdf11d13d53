"""The pages that read checklists. Every employee may read the running ones."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audits.checklists import queries
from audits.checklists.models import Checklist, ChecklistVersion
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
    return render(request, "audits/checklists/checklist_list.html", {"listing": found})


@require_safe
@requires(Right.READ_CHECKLISTS)
def checklist_detail(request: ReaderRequest, checklist_id: UUID) -> HttpResponse:
    """The running version of a checklist; for those who may, its history."""
    checklist = get_object_or_404(_visible_to(request), public_id=checklist_id)
    running = checklist.versions.filter(state=ChecklistVersion.State.PUBLISHED).first()
    context: dict[str, Any] = {"checklist": checklist, "version": running, "reading": running and queries.read(running)}
    if request.access.may(Right.READ_CHECKLIST_HISTORY):
        context["versions"] = queries.versions(checklist)
    return render(request, "audits/checklists/checklist_detail.html", context)


@require_safe
@requires(Right.READ_CHECKLIST_HISTORY)
def version_detail(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """Any version, drafts and retired ones included."""
    version = get_object_or_404(ChecklistVersion.objects.select_related("checklist"), public_id=version_id)
    context = {
        "checklist": version.checklist,
        "version": version,
        "reading": queries.read(version),
        "versions": queries.versions(version.checklist),
    }
    return render(request, "audits/checklists/checklist_detail.html", context)


def _visible_to(request: ReaderRequest) -> QuerySet[Checklist]:
    """Drafts and what has been retired belong to history."""
    return queries.checklists(only_running=not request.access.may(Right.READ_CHECKLIST_HISTORY))
