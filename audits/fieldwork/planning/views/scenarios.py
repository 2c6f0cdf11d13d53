"""Scenarios and their answer cards."""

from datetime import date
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audits.fieldwork.models import Scenario
from audits.fieldwork.planning import queries, refusals
from audits.fieldwork.planning.actions import scenarios
from audits.fieldwork.planning.forms import AnswerCardEditForm, AnswerCardForm, ScenarioForm, show_refusal
from outlets.listing import Column, Filter, listing
from outlets.models import Channel
from outlets.people import held
from outlets.people.permissions import ReaderRequest, Right, requires

FORM = ["GET", "HEAD", "POST"]


@require_safe
@requires(Right.PLAN_VISITS)
def scenario_list(request: ReaderRequest) -> HttpResponse:
    """All scenarios, with the day of the answer card in force."""
    found = listing(
        request,
        queries.with_card(timezone.localdate()),
        columns=[
            Column("title", _("Scenario"), ("sort_key",)),
            Column("channel", _("Channel"), ("channel", "sort_key")),
            Column("service", _("Service"), ("service_key", "sort_key")),
            Column("card", _("Answer card since"), ("card_from", "sort_key")),
        ],
        default="title",
        filters=[
            Filter("channel", _("Channel"), Channel.choices, lambda rows, value: rows.filter(channel=value)),
            Filter(
                "use",
                _("Use"),
                [("yes", _("in use")), ("no", _("out of use"))],
                lambda rows, value: rows.filter(is_active=value == "yes"),
            ),
        ],
    )
    return render(request, "audits/planning/scenario_list.html", {"listing": found})


def _scenario(scenario_id: UUID) -> Scenario:
    return get_object_or_404(Scenario, public_id=scenario_id)


@require_safe
@requires(Right.PLAN_VISITS)
def scenario_detail(request: ReaderRequest, scenario_id: UUID) -> HttpResponse:
    """One scenario: brief, answer cards by day, the waves that use it."""
    scenario, today = _scenario(scenario_id), timezone.localdate()
    context = {
        "scenario": scenario,
        "cards": queries.cards_of(scenario, today),
        "waves": scenario.waves.order_by("-starts_on", "pk")[:20],
    }
    return render(request, "audits/planning/scenario_detail.html", context)


@require_http_methods(FORM)
@requires(Right.PLAN_VISITS)
def scenario_create(request: ReaderRequest) -> HttpResponse:
    """A new scenario. The form carries the new id, so that sending it twice makes one."""
    at = timezone.now()
    kept = None if request.method == "POST" else held.held_for(request, at=at)
    form = ScenarioForm(request.POST if request.method == "POST" else kept.data if kept else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = scenarios.create(**form.cleaned_data, public_id=_new_id(request), by=request.user, at=at)
        except refusals.Refused as refused:
            show_refusal(form, refused)
        else:
            held.release(request)
            messages.success(request, _("Scenario created. Now add the answer card with the correct price and terms."))
            return redirect("audits:scenario_detail", made.public_id)
    context = {"form": form, "kept": kept, "new_id": _new_id(request) or uuid4()}
    status = 422 if request.method == "POST" else 200
    return render(request, "audits/planning/scenario_create.html", context, status=status)


def _new_id(request: ReaderRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("new_id", ""))
    except ValueError:
        return None


@require_http_methods(FORM)
@requires(Right.PLAN_VISITS)
def scenario_edit(request: ReaderRequest, scenario_id: UUID) -> HttpResponse:
    """Changes what a scenario says."""
    scenario, at = _scenario(scenario_id), timezone.now()
    kept = None if request.method == "POST" else held.held_for(request, at=at)
    shown = {name: getattr(scenario, name) for name in ("title", "channel", "service", "brief")}
    form = ScenarioForm(request.POST if request.method == "POST" else kept.data if kept else None, initial=shown)
    if request.method == "POST" and form.is_valid():
        try:
            scenarios.edit(scenario=scenario, **form.cleaned_data, by=request.user, at=at)
        except refusals.Refused as refused:
            show_refusal(form, refused)
        else:
            held.release(request)
            messages.success(request, _("Saved."))
            return redirect("audits:scenario_detail", scenario.public_id)
    context = {"scenario": scenario, "form": form, "kept": kept}
    status = 422 if request.method == "POST" else 200
    return render(request, "audits/planning/scenario_edit.html", context, status=status)


@require_POST
@requires(Right.PLAN_VISITS)
def scenario_retire(request: ReaderRequest, scenario_id: UUID) -> HttpResponse:
    """Keeps a scenario out of new waves."""
    scenario = _scenario(scenario_id)
    scenarios.retire(scenario=scenario, by=request.user, at=timezone.now())
    messages.success(request, _("New waves no longer use this scenario. Visits already planned keep it."))
    return redirect("audits:scenario_detail", scenario.public_id)


@require_POST
@requires(Right.PLAN_VISITS)
def scenario_reinstate(request: ReaderRequest, scenario_id: UUID) -> HttpResponse:
    """Offers a scenario to new waves again."""
    scenario = _scenario(scenario_id)
    try:
        scenarios.reinstate(scenario=scenario, by=request.user, at=timezone.now())
    except refusals.Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("New waves can use this scenario again."))
    return redirect("audits:scenario_detail", scenario.public_id)


@require_http_methods(FORM)
@requires(Right.PLAN_VISITS)
def answer_card_add(request: ReaderRequest, scenario_id: UUID) -> HttpResponse:
    """A new answer card, starting from the one in force."""
    scenario, at = _scenario(scenario_id), timezone.now()
    kept = None if request.method == "POST" else held.held_for(request, at=at)
    card = queries.card_on(scenario, timezone.localdate(at))
    shown = {"valid_from": timezone.localdate(at), "content": card.content if card else ""}
    form = AnswerCardForm(request.POST if request.method == "POST" else kept.data if kept else None, initial=shown)
    if request.method == "POST" and form.is_valid():
        try:
            scenarios.add_answer_card(scenario=scenario, **form.cleaned_data, by=request.user, at=at)
        except refusals.Refused as refused:
            show_refusal(form, refused)
        else:
            held.release(request)
            messages.success(request, _("Answer card added."))
            return redirect("audits:scenario_detail", scenario.public_id)
    context = {"scenario": scenario, "form": form, "kept": kept}
    status = 422 if request.method == "POST" else 200
    return render(request, "audits/planning/answer_card_add.html", context, status=status)


@require_http_methods(FORM)
@requires(Right.PLAN_VISITS)
def answer_card_edit(request: ReaderRequest, scenario_id: UUID, valid_from: str) -> HttpResponse:
    """Mends a card that no visit has been measured against."""
    scenario, at = _scenario(scenario_id), timezone.now()
    card = get_object_or_404(scenario.answer_cards, valid_from=_day(valid_from))
    kept = None if request.method == "POST" else held.held_for(request, at=at)
    data = request.POST if request.method == "POST" else kept.data if kept else None
    form = AnswerCardEditForm(data, initial={"content": card.content})
    if request.method == "POST" and form.is_valid():
        try:
            scenarios.correct_answer_card(card=card, **form.cleaned_data, by=request.user, at=at)
        except refusals.Refused as refused:
            show_refusal(form, refused)
        else:
            held.release(request)
            messages.success(request, _("Saved."))
            return redirect("audits:scenario_detail", scenario.public_id)
    context = {"scenario": scenario, "card": card, "form": form, "kept": kept}
    status = 422 if request.method == "POST" else 200
    return render(request, "audits/planning/answer_card_edit.html", context, status=status)


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Http404 from None
