"""Where a phone sends its forms in the background. One contract for all: JSON in and out, whatever becomes of them."""

import json
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from audits.fieldwork.models import Visit
from audits.fieldwork.states import VisitState
from audits.fieldwork.sync import bodies, posting
from audits.fieldwork.sync.posting import Act, AnotherForm, Meanwhile, Posted, Wrong
from audits.fieldwork.transitions import StaleState
from audits.fieldwork.visits import around, queries, wording
from audits.fieldwork.visits.forms import MetForm
from outlets.people.permissions import ReaderRequest, Right, requires

LARGEST = 100_000  # bytes of one form: its longest field has 4,000 letters


@require_POST
@requires(Right.DO_VISITS)
def met_receive(request: ReaderRequest, visit_id: UUID) -> JsonResponse:
    """The day of the visit and who was met."""

    def act(visit: Visit, posted: Posted) -> UUID | None:
        fields = posting.with_stamps(visit, posted.fields)
        form = around.give_met(visit=visit, data=fields, id=posted.id, by=request.user, at=timezone.now())
        if form.meanwhile:
            raise Meanwhile(form.meanwhile)
        posting.check(form)
        return form.stamp

    return receive(request, visit_id, "met", act)


@require_POST
@requires(Right.DO_VISITS)
def not_possible_receive(request: ReaderRequest, visit_id: UUID) -> JsonResponse:
    """That a visit could not be carried out. The photo of the door comes after it, as a photo."""

    def act(visit: Visit, posted: Posted) -> None:
        form = around.give_not_possible(visit=visit, data=posted.fields, by=request.user, at=timezone.now())
        if form.errors and visit.state not in (VisitState.ASSIGNED, VisitState.IN_PROGRESS):
            raise StaleState(visit)
        posting.check(form)

    return receive(request, visit_id, "not_possible", act)


def receive(request: ReaderRequest, visit_id: UUID, name: str, act: Act) -> JsonResponse:
    """The body {user, id, fields} taken in once: 200 with the form's id; 422 with `errors`; 409 when it came too late.

    Also 409 for who was met that has been told anew meanwhile: with what is stored, in words and as the form's fields.
    Whose it is comes before whose visit it is: a phone takes a 404 for the end of the visit.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        return JsonResponse({"refused": "too_large"}, status=413)
    owner, posted = _read(request, name)
    if owner and owner != str(request.user.public_id):
        return JsonResponse({"refused": "another_user"}, status=403)
    visit = get_object_or_404(queries.own_visits(request.user, with_voided=True), public_id=visit_id)
    if posted is None:
        return JsonResponse({"refused": "unreadable"}, status=400)
    try:
        posting.take_once(visit=visit, posted=posted, act=act, by=request.user, at=timezone.now())
    except Wrong as wrong:
        return JsonResponse({"refused": "invalid", "errors": wrong.errors}, status=422)
    except AnotherForm:
        return JsonResponse({"refused": "changed"}, status=409)
    except StaleState as stale:
        return bodies.moved_on(stale, request.user)
    except Meanwhile as meanwhile:
        stored = meanwhile.visit
        shown = MetForm(stored, queries.staff_at(stored)).shown()
        there = {"theirs": wording.met_in_full(stored), "fields": shown}
        return JsonResponse({"refused": "conflict"} | there, status=409)
    return JsonResponse({"form": {"id": str(posted.id)}})


def _read(request: HttpRequest, name: str) -> tuple[str, Posted | None]:
    """Whose form it is, and the form; None for what no phone sends."""
    try:
        body = json.loads(request.body)
        owner, fields = bodies.text_of(body["user"]), bodies.fields_of(body["fields"])
        return owner, Posted(UUID(body["id"]), name, fields) if owner else None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return "", None
