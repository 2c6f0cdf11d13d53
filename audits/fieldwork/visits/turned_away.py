"""What a shopper sees when a form comes too late: that it was not saved, with the text that was typed."""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone

from audits.fieldwork.transitions import StaleState
from outlets.people import held
from outlets.people.permissions import ReaderRequest


def moved_on(
    request: ReaderRequest,
    stale: StaleState,
    *,
    unsaved: Collection[str] | None = None,
    is_rest_saved: bool = False,
    kept: held.Held | None = None,
) -> HttpResponse:
    """The visit changed while this page was open: what was typed, and has not been saved, is shown.

    `unsaved` names the criteria concerned when not all are; `kept` is text from before a log-in. Raises Http404 for a
    visit that has been taken from the reader meanwhile.
    """
    if stale.visit.shopper_id != request.user.pk:
        raise Http404
    context = {
        "visit": stale.visit,
        "event": stale.visit.events.order_by("-pk").first(),
        "is_rest_saved": is_rest_saved,
        "typed": _typed(kept.data if kept else request.POST, unsaved),
        "photos": _photos_sent(request, unsaved),
    }
    return render(request, "audits/visits/visit_moved_on.html", context, status=409)


def _typed(data: QueryDict, codes: Collection[str] | None = None) -> list[tuple[str, str]]:
    """The texts and numbers of a form as typed, each after its question's short code; those of `codes`, and of none."""
    parts = ("note", "text", "number", "description", "waiver", "rest_na_reason")
    found = []
    for name, value in data.items():
        code, _dash, part = name.rpartition("-")
        if part in parts and str(value).strip() and (codes is None or not code or code in codes):
            found.append((code.partition("-")[2], str(value)))
    return found


def _photos_sent(request: ReaderRequest, codes: Collection[str] | None = None) -> int:
    names = [name for name in request.FILES if codes is None or name.rpartition("-")[0] in codes]
    return sum(len(request.FILES.getlist(name)) for name in names)


def returns_text(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view decorator: text sent to a visit that is not the reader's (any more) is kept, and shown with the 404."""

    @wraps(view)
    def answered(request: ReaderRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Http404:
            typed = _typed(request.POST)
            if not typed:
                raise
            kept = held.hold(request, at=timezone.now())
        context = {"typed": typed, "is_kept": kept is not None, "photos": _photos_sent(request)}
        return render(request, "audits/visits/visit_moved_on.html", context, status=404)

    return answered
