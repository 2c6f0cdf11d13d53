"""What a phone talks to in the background. JSON in and out; every refusal keeps the work on the phone."""

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from audits.fieldwork.sync import actions as sync
from audits.fieldwork.sync.actions import Received, Sent, Taken
from audits.fieldwork.visits import queries
from outlets.people.permissions import ReaderRequest, Right, requires

CHANGES_AT_MOST = 100
LARGEST = 2_000_000  # bytes of one body; a whole checklist with long notes has a tenth of that


class Unreadable(Exception):
    """The body is not what a phone sends."""


@require_POST
@requires(Right.DO_VISITS)
def changes_receive(request: ReaderRequest, visit_id: UUID) -> JsonResponse:
    """Changes of answers: 200 when all are kept; 409 when one met another change or came too late; else 422.

    The body says of each what became of it, whatever the status; what is kept is kept.
    """
    visit = get_object_or_404(queries.own_visits(request.user, with_voided=True), public_id=visit_id)
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        return JsonResponse({"refused": "too_large"}, status=413)
    try:
        owner, changes = _read(request)
    except Unreadable:
        return JsonResponse({"refused": "unreadable"}, status=400)
    if owner != str(request.user.public_id):
        return JsonResponse({"refused": "another_user"}, status=403)
    if visit.version_id is None:
        return JsonResponse({"refused": "not_started"}, status=409)
    received = sync.receive(visit=visit, changes=changes, by=request.user, at=timezone.now())
    outcomes = {each.outcome for each in received.changes}
    status = 409 if outcomes & {"conflict", "refused"} else 422 if sync.INVALID in outcomes else 200
    return JsonResponse(_told(received), status=status)


def _read(request: HttpRequest) -> tuple[str, list[Sent]]:
    """The user whose changes these are, and the changes, each of another criterion. Raises Unreadable."""
    try:
        body = json.loads(request.body)
        changes = [Sent(UUID(each["id"]), _text(each["code"]), _fields(each["fields"])) for each in body["changes"]]
        owner = _text(body["user"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as broken:
        raise Unreadable from broken
    if not 0 < len(changes) <= CHANGES_AT_MOST or len({sent.code for sent in changes}) < len(changes):
        raise Unreadable
    return owner, changes


def _fields(given: Any) -> dict[str, str]:
    return {_text(name): _text(value) for name, value in given.items()}


def _text(value: Any) -> str:
    """A text that can be kept: half of a letter (a lone surrogate) cannot. Raises TypeError, ValueError."""
    if not isinstance(value, str):
        raise TypeError
    value.encode()
    return value


def _told(received: Received) -> dict[str, Any]:
    progress = received.sheet.progress
    return {
        "changes": [_change(each) for each in received.changes],
        "received": {"answers": progress.answered, "asked": progress.asked, "photos": received.sheet.photo_count},
    }


def _change(taken: Taken) -> dict[str, Any]:
    told: dict[str, Any] = {"id": str(taken.id), "code": taken.code, "outcome": taken.outcome}
    if taken.outcome == sync.INVALID:
        return told | {"errors": list(taken.errors)}
    told["revision"] = taken.revision
    return told | {"theirs": taken.theirs, "fields": dict(taken.fields)} if taken.theirs else told
