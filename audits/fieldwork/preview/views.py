"""A version as it will be on the phone, to be tried."""

from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from audits.checklists.models import ChecklistVersion
from audits.fieldwork.preview import trial
from outlets.people.permissions import ReaderRequest, Right, requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.READ_CHECKLIST_HISTORY)
def version_preview(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """The phone form of a version, fillable, with the score it gives. What is sent is answered and forgotten."""
    version = get_object_or_404(ChecklistVersion.objects.select_related("checklist"), public_id=version_id)
    data = request.POST if request.method == "POST" else QueryDict()
    context = {
        "version": version,
        "trial": trial.read(version, data),
        "may_edit": request.access.may(Right.EDIT_CHECKLISTS),
    }
    return render(request, "audits/checklists/version_preview.html", context)
