"""Example pictures: shown to whoever may read the checklist, put and taken away in the draft editor."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audits import photos
from audits.checklists.actions import ChecklistRefused
from audits.checklists.examples import actions as examples
from audits.checklists.examples import queries
from audits.checklists.models import ChecklistVersion
from audits.photo_answers import photo_response
from outlets.people.permissions import ReaderRequest, Right, requires


@require_safe
@requires(Right.READ_CHECKLISTS)
def example_picture(request: ReaderRequest, picture_id: UUID, size: str) -> FileResponse:
    """A picture of a version that the reader may read: `size` is full or thumbnail."""
    pictures = queries.readable(with_history=request.access.may(Right.READ_CHECKLIST_HISTORY))
    return photo_response(get_object_or_404(pictures, public_id=picture_id), size)


@require_POST
@requires(Right.EDIT_CHECKLISTS)
def picture_edit(request: ReaderRequest, version_id: UUID, code: str) -> HttpResponse:
    """Gives a criterion the picture that came, or takes away the one it has; a bad one is told and changes nothing."""
    version = get_object_or_404(ChecklistVersion.objects.select_related("checklist"), public_id=version_id)
    seen = request.POST.get("seen", "")
    given: dict[str, Any] = {
        "version": version,
        "code": code,
        "seen": int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0,
        "by": request.user,
        "at": timezone.now(),
    }
    try:
        if request.POST.get("do") == "remove":
            examples.take_away(**given)
        elif file := request.FILES.get("picture"):
            examples.put(**given, photo=photos.intake(file))
        else:
            messages.warning(request, _("Choose a picture first. Nothing has been changed."))
    except (ChecklistRefused, photos.PhotoRefused) as refused:
        messages.warning(request, str(refused))
    except photos.NoRoomOnDisk:
        messages.warning(
            request, _("The server has no room for pictures at the moment, so this one has not been saved.")
        )
    address = reverse("audits:draft_edit", args=[version.public_id])
    return redirect(f"{address}?{urlencode({'open': code})}#{code}")
