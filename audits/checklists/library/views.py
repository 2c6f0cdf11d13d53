"""Criteria of other checklists, to be added to a draft."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audits.checklists.actions import ChecklistRefused
from audits.checklists.library import actions as library
from audits.checklists.library import queries
from audits.checklists.models import Checklist, ChecklistVersion, Criterion, Theme
from audits.checklists.outline import Outline, outline
from outlets.listing import Column, Filter, listing
from outlets.people.permissions import ReaderRequest, Right, requires

_KEPT = ("q", "checklist", "theme", "kind", "sort", "page")  # of the address, when something has been added


def _version(version_id: UUID) -> ChecklistVersion:
    return get_object_or_404(ChecklistVersion.objects.select_related("checklist"), public_id=version_id)


@require_safe
@requires(Right.EDIT_CHECKLISTS)
def library_list(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """Criteria of all other checklists, with a button that adds one to the section chosen."""
    version = _version(version_id)
    if not version.is_draft:
        return redirect("audits:version_detail", version.public_id)
    now = outline(version)
    others = Checklist.objects.exclude(pk=version.checklist_id)
    found = listing(
        request,
        queries.criteria_beside(version.checklist),
        columns=[
            Column("code", _("Criterion"), ("version__checklist__position", "version__checklist__code", "code")),
            Column("checklist", _("Checklist"), ("version__checklist__code", "code")),
            Column("kind", _("Kind"), ("kind", "code")),
            Column("theme", _("Theme"), ("theme__position", "code")),
            Column("weight", _("Weight"), ("weight",), is_number=True),
            Column("add", _("Add")),
        ],
        default="code",
        filters=[
            Filter(
                "checklist",
                _("Checklist"),
                [(each.code, each.name) for each in others],
                lambda rows, value: rows.filter(version__checklist__code=value),
            ),
            Filter(
                "theme",
                _("Theme"),
                [(each.code, each.name) for each in Theme.objects.all()],
                lambda rows, value: rows.filter(theme__code=value),
            ),
            Filter("kind", _("Kind"), Criterion.Kind.choices, lambda rows, value: rows.filter(kind=value)),
        ],
        search=queries.matching,
        search_hint=_("Text or code"),
    )
    context = {"version": version, "content": now, "listing": found, "section": _section(now, request.GET)}
    return render(request, "audits/checklists/library_list.html", context | {"there": set(now.by_code)})


def _section(now: Outline, asked: dict[str, str]) -> str:
    """The section to add to: the one asked for, or else the first; empty where the draft has none."""
    codes = list(now.section_by_code)
    return asked.get("section", "") if asked.get("section", "") in codes else next(iter(codes), "")


@require_POST
@requires(Right.EDIT_CHECKLISTS)
def library_add(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """Adds a copy of a criterion, and shows the library again as it was."""
    version = _version(version_id)
    rows = queries.criteria_beside(version.checklist).filter(version__checklist__code=request.POST.get("of", ""))
    source = get_object_or_404(rows, code=request.POST.get("code", ""))
    criterion = outline(source.version).by_code[source.code]
    section = request.POST.get("section", "")
    try:
        library.take_over(version=version, criterion=criterion, section=section, by=request.user, at=timezone.now())
    except ChecklistRefused as refused:
        messages.warning(request, str(refused))
    else:
        says = _("%(code)s has been added to section %(section)s, with its code.")
        messages.success(request, says % {"code": criterion.code, "section": section})
    kept = {name: request.POST[name] for name in _KEPT if request.POST.get(name)}
    address = reverse("audits:library_list", args=[version.public_id])
    return redirect(f"{address}?{urlencode({'section': section} | kept)}")
