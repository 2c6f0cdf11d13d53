"""What a phone talks to in the background. JSON in and out; every refusal keeps the work on the phone."""

import hashlib
import json
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audits.fieldwork.models import Photo, Visit
from audits.fieldwork.sync import actions as sync
from audits.fieldwork.sync import apart, bodies
from audits.fieldwork.sync.actions import Received, Sent, Taken
from audits.fieldwork.transitions import StaleState
from audits.fieldwork.visits import queries, sheet
from audits.fieldwork.visits.refusals import NoRoom
from audits.fieldwork.visits.sheet import Sheet
from audits.photos import NoRoomOnDisk, PhotoRefused
from outlets.people.permissions import ReaderRequest, Right, requires

CHANGES_AT_MOST = 100
AFTER_AT_MOST = 50  # of the changes that one was typed over, the latest
LARGEST = 2_000_000  # bytes of one body; a whole checklist with long notes has a tenth of that


class Unreadable(Exception):
    """The body is not what a phone sends."""


@require_POST
@requires(Right.DO_VISITS)
def changes_receive(request: ReaderRequest, visit_id: UUID) -> JsonResponse:
    """Changes of answers: 200 when all are kept; 409 when one met another change or came too late; else 422.

    The body says of each what became of it, whatever the status; what is kept is kept.
    """
    is_too_large = int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST
    try:
        owner, changes = ("", []) if is_too_large else _read(request)
    except Unreadable:
        owner, changes = "", []
    # Whose it is comes before whose visit it is: a phone takes a 404 for the end of the visit.
    if owner and owner != str(request.user.public_id):
        return JsonResponse({"refused": "another_user"}, status=403)
    visit = get_object_or_404(queries.visits_to_fill_in(request.user, with_voided=True), public_id=visit_id)
    if is_too_large:
        return JsonResponse({"refused": "too_large"}, status=413)
    if not owner:
        return JsonResponse({"refused": "unreadable"}, status=400)
    if visit.version_id is None:
        return JsonResponse({"refused": "not_started"}, status=409)
    try:
        received = sync.receive(visit=visit, changes=changes, by=request.user, at=timezone.now())
    except StaleState as stale:
        return bodies.moved_on(stale, request.user)
    outcomes = {each.outcome for each in received.changes}
    status = 409 if outcomes & {"conflict", "refused"} else 422 if sync.INVALID in outcomes else 200
    return JsonResponse(_told(received), status=status)


@require_POST
@requires(Right.DO_VISITS)
def photo_receive(request: ReaderRequest, visit_id: UUID) -> JsonResponse:
    """One photo, with its id, its criterion, its owner and the SHA-256 of its bytes.

    200 when it is kept, or was and has been removed since, or was taken back before it came: `is_kept` says which.
    """
    owner = request.POST.get("user", "")
    if owner and owner != str(request.user.public_id):
        return JsonResponse({"refused": "another_user"}, status=403)
    visit = get_object_or_404(queries.visits_to_fill_in(request.user, with_voided=True), public_id=visit_id)
    file = request.FILES.get("photo")
    try:
        id_ = UUID(request.POST.get("id", ""))
    except ValueError:
        file = None
    if file is None or not owner:
        return JsonResponse({"refused": "unreadable"}, status=400)
    code = request.POST.get("code", "")
    if visit.version_id is None and code != apart.DOOR:
        return JsonResponse({"refused": "not_started"}, status=409)
    if _sha256(file) != request.POST.get("sha256"):
        return JsonResponse({"refused": "not_whole"}, status=422)
    try:
        if code in apart.CODES:
            kind = request.POST.get("kind", "")
            photo: Photo | None = apart.receive(
                visit=visit, id=id_, code=code, kind=kind, file=file, by=request.user, at=timezone.now()
            )
        else:
            photo = sync.receive_photo(visit=visit, id=id_, code=code, file=file, by=request.user, at=timezone.now())
    except apart.NoKind:
        return JsonResponse({"refused": "photo", "errors": [_("Please say what is in the picture.")]}, status=422)
    except PhotoRefused as refused:
        return JsonResponse({"refused": "photo", "errors": [str(refused)]}, status=422)
    except NoRoom as full:
        says = _("At most %(limit)d photos for one question.") % {"limit": full.limit}
        return JsonResponse({"refused": "photo", "errors": [says]}, status=422)
    except NoRoomOnDisk:
        return JsonResponse({"refused": "no_room"}, status=507)
    except sync.PhotoNotTaken:
        return JsonResponse({"refused": "changed"}, status=409)
    except StaleState as stale:
        return bodies.moved_on(stale, request.user)
    told = {"id": str(id_), "is_kept": False} if photo is None else _photo(visit, photo)
    received = {"received": _counts(sheet.read(visit))} if visit.version_id else {}
    return JsonResponse({"photo": told, **received})


def _photo(visit: Visit, photo: Photo) -> dict[str, Any]:
    ids = {"visit_id": visit.public_id, "photo_id": photo.public_id}
    return {
        "id": str(photo.public_id),
        "is_kept": photo.removed_at is None,
        "thumbnail": reverse("audits:visit_thumbnail", kwargs=ids),
        "full": reverse("audits:visit_photo", kwargs=ids),
    }


@require_POST
@requires(Right.DO_VISITS)
def photo_remove(request: ReaderRequest, visit_id: UUID, photo_id: UUID) -> JsonResponse:
    """Takes a photo back under the id that the phone gave it, arrived or not: 200 when it is not there."""
    try:
        owner = bodies.text_of(json.loads(request.body)["user"])
    except (ValueError, TypeError, KeyError, RecursionError):
        owner = ""
    if owner and owner != str(request.user.public_id):
        return JsonResponse({"refused": "another_user"}, status=403)
    visit = get_object_or_404(queries.visits_to_fill_in(request.user, with_voided=True), public_id=visit_id)
    if not owner:
        return JsonResponse({"refused": "unreadable"}, status=400)
    if visit.version_id is None:
        return JsonResponse({"refused": "not_started"}, status=409)
    at = timezone.now()
    try:
        apart_photo = visit.photos.filter(public_id=photo_id, criterion=None).first()
        if apart_photo:
            apart.remove(visit=visit, photo=apart_photo, by=request.user, at=at)
        now = sync.remove_photo(visit=visit, id=photo_id, by=request.user, at=at)
    except sync.PhotoNotTaken:
        return JsonResponse({"refused": "changed"}, status=409)
    except StaleState as stale:
        return bodies.moved_on(stale, request.user)
    return JsonResponse({"removed": True, "received": _counts(now)})


def _sha256(file: UploadedFile) -> str:
    found = hashlib.sha256()
    for chunk in file.chunks():
        found.update(chunk)
    return found.hexdigest()


def _read(request: HttpRequest) -> tuple[str, list[Sent]]:
    """The user whose changes these are, and the changes, each of another criterion and id. Raises Unreadable."""
    try:
        body = json.loads(request.body)
        changes = [_change_of(each) for each in body["changes"]]
        owner = bodies.text_of(body["user"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as broken:
        raise Unreadable from broken
    codes, ids = {sent.code for sent in changes}, {sent.id for sent in changes}
    if not 0 < len(changes) <= CHANGES_AT_MOST or len(codes) < len(changes) or len(ids) < len(changes):
        raise Unreadable
    return owner, changes


def _change_of(given: Any) -> Sent:
    after = tuple(UUID(id) for id in given.get("after", ())[-AFTER_AT_MOST:])
    code, fields = bodies.text_of(given["code"]), bodies.fields_of(given["fields"])
    return Sent(UUID(given["id"]), code, fields, after, given.get("aside") is True)


def _told(received: Received) -> dict[str, Any]:
    return {"changes": [_change(each) for each in received.changes], "received": _counts(received.sheet)}


def _counts(now: Sheet) -> dict[str, int]:
    """What the visit holds, and since when that is known, in seconds: a phone tells by it which page is older."""
    at = int(timezone.now().timestamp())
    return {"at": at, "answers": now.progress_now.answered, "asked": now.progress_now.asked, "photos": now.photo_count}


def _change(taken: Taken) -> dict[str, Any]:
    told: dict[str, Any] = {"id": str(taken.id), "code": taken.code, "outcome": taken.outcome}
    if taken.outcome == sync.INVALID:
        return told | {"errors": list(taken.errors)}
    told["revision"] = taken.revision
    return told | {"theirs": taken.theirs, "fields": dict(taken.fields)} if taken.theirs else told
