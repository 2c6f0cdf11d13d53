"""Many visits of a wave at once: given out, taken back, voided. The address names them, so a page can be reloaded.

`?visit=` (several) are ticked ones; `?all=1` means every visit that the list's search and filters leave.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from audits.fieldwork.models import Visit, Wave
from audits.fieldwork.planning import refusals, workload
from audits.fieldwork.planning.actions import assignments
from audits.fieldwork.planning.actions.assignments import Outcome, Skipped
from audits.fieldwork.planning.forms import AssignManyForm, ReasonForm, show_refusal
from audits.fieldwork.planning.views.visits import visit_filters
from audits.fieldwork.states import VisitState
from outlets.listing import narrowed
from outlets.organisation import queries as organisation
from outlets.people import held
from outlets.people.permissions import ReaderRequest, Right, requires
from outlets.templatetags.smile import number as shown

FORM = ["GET", "HEAD", "POST"]
TICKED_AT_MOST = 200  # ticks are read from one address; a page of the list has fewer
KEPT_FILTERS = ("q", "unit", "state", "shopper", "week")


@dataclass(frozen=True)
class Selection:
    """The visits that the address names, and how many of them stand where."""

    wave: Wave
    visits: QuerySet[Visit]
    total: int
    waiting: int  # planned: nobody has them yet
    given: int  # assigned and not begun
    list_url: str


def select(request: ReaderRequest, wave_id: UUID) -> Selection:
    """The visits chosen in the list. Raises Http404 without the wave. Five queries at most."""
    wave = get_object_or_404(Wave.objects.select_related("checklist", "unit"), public_id=wave_id)
    visits: QuerySet[Visit] = Visit.objects.in_wave(wave)
    if request.GET.get("all"):
        visits = narrowed(
            request, visits, visit_filters(wave, request.GET.get("unit", "")), organisation.of_units_matching
        ).rows
    else:
        visits = visits.filter(public_id__in=_ticked(request))
    by_state = dict(visits.order_by().values_list("state").annotate(number=Count("pk")))
    asked = {name: request.GET[name] for name in KEPT_FILTERS if request.GET.get(name)}
    return Selection(
        wave=wave,
        visits=visits,
        total=sum(by_state.values()),
        waiting=by_state.get(VisitState.PLANNED, 0),
        given=by_state.get(VisitState.ASSIGNED, 0),
        list_url=reverse("audits:visit_plan_list", args=[wave.public_id], query=asked),
    )


def _ticked(request: ReaderRequest) -> list[UUID]:
    ids = []
    for value in request.GET.getlist("visit")[:TICKED_AT_MOST]:
        try:
            ids.append(UUID(value))
        except ValueError:
            continue
    return ids


def _bulk(
    request: ReaderRequest,
    chosen: Selection,
    number: int,
    form: Form,
    act: Callable[[dict[str, Any]], tuple[Outcome, str]],
    page: str,
    more: Callable[[], dict[str, Any]] = dict,
) -> HttpResponse:
    """Shows what would be done with `number` of the chosen visits; a POST does it and goes back to the list.

    A button pressed after the number has changed shows the page again, with the number as it is now.
    """
    has_changed = request.method == "POST" and request.POST.get("number") != str(number)
    if request.method == "POST" and number and not has_changed and form.is_valid():
        try:
            outcome, done = act(form.cleaned_data)
        except refusals.Refused as refused:
            show_refusal(form, refused)
        else:
            held.release(request)
            _tell(request, outcome, done)
            return redirect(chosen.list_url)
    context = {"chosen": chosen, "wave": chosen.wave, "form": form, "number": number, "has_changed": has_changed}
    context |= {"left": chosen.total - number} | more()
    status = 200 if request.method != "POST" else 409 if has_changed or not number else 422
    return render(request, page, context, status=status)


def _data(request: ReaderRequest) -> Any:
    """What a form is filled from: the POST, or what was typed before a log-in ended."""
    if request.method == "POST":
        return request.POST
    kept = held.held_for(request, at=timezone.now())
    return kept.data if kept else None


@require_http_methods(FORM)
@requires(Right.PLAN_VISITS)
def visit_assign_many(request: ReaderRequest, wave_id: UUID) -> HttpResponse:
    """Shares the chosen visits that nobody has yet among one or several shoppers."""
    chosen = select(request, wave_id)
    form = AssignManyForm(_data(request))

    def act(asked: dict[str, Any]) -> tuple[Outcome, str]:
        outcome = assignments.assign_many(
            visits=chosen.visits, shoppers=asked["shoppers"], by=request.user, at=timezone.now()
        )
        return outcome, _assigned_text(outcome)

    def more() -> dict[str, Any]:
        waiting = chosen.visits.filter(state=VisitState.PLANNED).order_by()
        visits = list(waiting.only("outlet", "opens_on", "due_on", "state", "shopper"))
        ticked = set(form["shoppers"].value() or ())
        return {"candidates": [(each, str(each.shopper.public_id) in ticked) for each in workload.candidates(visits)]}

    return _bulk(request, chosen, chosen.waiting, form, act, "audits/planning/visit_assign_many.html", more)


@require_http_methods(FORM)
@requires(Right.PLAN_VISITS)
def visit_withdraw_many(request: ReaderRequest, wave_id: UUID) -> HttpResponse:
    """Takes back the chosen assignments that nobody has begun."""
    chosen = select(request, wave_id)

    def act(asked: dict[str, Any]) -> tuple[Outcome, str]:
        outcome = assignments.withdraw_many(visits=chosen.visits, by=request.user, at=timezone.now())
        text = ngettext("%(number)s assignment withdrawn.", "%(number)s assignments withdrawn.", outcome.changed)
        return outcome, text % {"number": shown(outcome.changed)}

    return _bulk(request, chosen, chosen.given, Form(_data(request)), act, "audits/planning/visit_withdraw_many.html")


@require_http_methods(FORM)
@requires(Right.PLAN_VISITS)
def visit_void_many(request: ReaderRequest, wave_id: UUID) -> HttpResponse:
    """Takes the chosen visits that nobody has begun out of the plan, with one reason."""
    chosen = select(request, wave_id)

    def act(asked: dict[str, Any]) -> tuple[Outcome, str]:
        outcome = assignments.void_many(
            visits=chosen.visits, reason=asked["reason"], by=request.user, at=timezone.now()
        )
        text = ngettext("%(number)s visit voided.", "%(number)s visits voided.", outcome.changed)
        return outcome, text % {"number": shown(outcome.changed)}

    number = chosen.waiting + chosen.given
    return _bulk(request, chosen, number, ReasonForm(_data(request)), act, "audits/planning/visit_void_many.html")


def _tell(request: ReaderRequest, outcome: Outcome, done: str) -> None:
    """Success with its number, and for what was left out the number and the reason."""
    if outcome.changed:
        messages.success(request, done)
    for reason, number in outcome.skipped.items():
        messages.warning(request, _skipped_text(reason, number))


def _assigned_text(outcome: Outcome) -> str:
    text = ngettext("%(number)s visit assigned", "%(number)s visits assigned", outcome.changed)
    shares = ", ".join(f"{user.shown_name}: {shown(number)}" for user, number in outcome.by_shopper)
    return f"{text % {'number': shown(outcome.changed)}} ({shares})."


def _skipped_text(reason: Skipped, number: int) -> str:
    sentences = {
        Skipped.MOVED_ON: ngettext(
            "%(number)s visit left as it is: its state does not allow this.",
            "%(number)s visits left as they are: their state does not allow this.",
            number,
        ),
        Skipped.CLOSED: ngettext(
            "%(number)s visit left out: its outlet has been closed. Void it and add one where its work went.",
            "%(number)s visits left out: their outlets have been closed. Void them and add some where their work went.",
            number,
        ),
        Skipped.BLOCKED: ngettext(
            "%(number)s visit left out: every shopper chosen is blocked there.",
            "%(number)s visits left out: every shopper chosen is blocked there.",
            number,
        ),
        Skipped.AGAIN: ngettext(
            "%(number)s visit left out: every shopper chosen visits the same outlet too close in time.",
            "%(number)s visits left out: every shopper chosen visits the same outlet too close in time.",
            number,
        ),
        Skipped.NOBODY: ngettext(
            "%(number)s visit left out: each shopper chosen is blocked there or visits the outlet too close in time.",
            "%(number)s visits left out: each shopper chosen is blocked there or visits the outlet too close in time.",
            number,
        ),
    }
    return sentences[reason] % {"number": shown(number)}
