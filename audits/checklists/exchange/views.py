"""A checklist as a file to work on elsewhere, and back into a new draft once it is sound."""

from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from audits.checklists import actions as checklists
from audits.checklists import content
from audits.checklists.drafts.actions import MOST_CRITERIA, MOST_SECTIONS, TooLong
from audits.checklists.exchange import workbook
from audits.checklists.exchange.table import Fault, Faulty
from audits.checklists.models import ChecklistVersion, Theme
from audits.checklists.outline import outline
from outlets.people.permissions import ReaderRequest, Right, requires

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SALT = "checklist of a file"
AN_HOUR = 3600  # seconds for which what was read can be taken over


class FileForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=gettext_lazy("Excel file (.xlsx)"),
        help_text=gettext_lazy("Made from a version by “Take along as Excel”, and changed. At most 2 MB."),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )


def _version(version_id: UUID) -> ChecklistVersion:
    return get_object_or_404(ChecklistVersion.objects.select_related("checklist"), public_id=version_id)


@require_safe
@requires(Right.READ_CHECKLIST_HISTORY)
def version_export(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """A version as XLSX, one row a criterion."""
    version = _version(version_id)
    answer = HttpResponse(workbook.written(content.of_version(outline(version))), content_type=XLSX)
    name = f"{slugify(version.checklist.code)}-{version.number}.xlsx"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.EDIT_CHECKLISTS)
def version_import(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """A file read for trial: every fault with its place, or how much was found; then a new draft made of it."""
    version = _version(version_id)
    form = FileForm(request.POST or None, request.FILES or None)
    faults: tuple[Fault, ...] = ()
    sections: list[content.Content] | None = None
    if request.method == "POST" and request.POST.get("read"):
        return _take_over(request, version)
    if request.method == "POST" and form.is_valid():
        themes = list(Theme.objects.values_list("code", flat=True))
        try:
            file, stem = form.cleaned_data["file"], f"{version.checklist.code}-"
            sections = workbook.read(file, themes, stem, content.pictures(outline(version)))
            _refuse_long(sections)
        except Faulty as faulty:
            faults = faulty.faults
        except TooLong as refused:
            faults = (Fault(0, "", str(refused)),)
    context = {
        "version": version,
        "form": form,
        "faults": faults,
        "sections": None if faults else sections,
        "pictures": sum(bool(plain["picture"]) for each in sections or () for plain in each["criteria"]),
        "criteria": sum(len(each["criteria"]) for each in sections or ()),
        "read": _signed(request, version, sections) if sections and not faults else "",
    }
    status = 422 if request.method == "POST" and context["sections"] is None else 200
    return render(request, "audits/checklists/version_import.html", context, status=status)


def _refuse_long(sections: list[content.Content]) -> None:
    if len(sections) > MOST_SECTIONS or sum(len(each["criteria"]) for each in sections) > MOST_CRITERIA:
        raise TooLong


def _signed(request: ReaderRequest, version: ChecklistVersion, sections: list[content.Content]) -> str:
    """What was read, for this person, of this version, to be made one draft."""
    whose = [str(version.public_id), request.user.pk, str(uuid4())]
    return signing.dumps([*whose, sections], salt=SALT, compress=True)


def _take_over(request: ReaderRequest, version: ChecklistVersion) -> HttpResponse:
    try:
        of_version, of_user, reading, sections = signing.loads(request.POST["read"], salt=SALT, max_age=AN_HOUR)
    except signing.BadSignature:
        messages.warning(request, _("This took too long. Nothing has been saved: please choose the file again."))
        return redirect("audits:version_import", version.public_id)
    if (of_version, of_user) != (str(version.public_id), request.user.pk):
        messages.warning(
            request, _("The file was read for another checklist or by somebody else. Please choose it again here.")
        )
        return redirect("audits:version_import", version.public_id)
    try:
        draft = checklists.draft_of(
            version=version, sections=sections, reading=UUID(reading), by=request.user, at=timezone.now()
        )
    except checklists.MadeAlready as refused:
        messages.info(request, str(refused))
        draft = refused.draft
    else:
        messages.success(request, _("The file is a new draft now. What is published stays as it is."))
    return redirect("audits:draft_edit", draft.public_id)
