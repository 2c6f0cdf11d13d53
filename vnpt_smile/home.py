"""A home for each role, and the page that shows every component of the interface."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from audits.results import safety
from audits.results.closing import next_closing
from audits.results.second_looks import queries as second_looks
from outlets.models import Role
from outlets.people.permissions import ReaderRequest, Right
from vnpt_smile import homes, specimens

Context = dict[str, Any]


def _office(request: ReaderRequest) -> Context:
    plan, queue = homes.plan(timezone.localdate()), homes.queue(request.user, at=timezone.now())
    return {
        "plan": plan,
        "queue": queue,
        "closing": next_closing(timezone.now()),
        "proposals": homes.proposals(),
        "group": homes.group_briefing() if request.access.scope(Right.READ_UNIT_RESULTS).is_everything else None,
        "has_evidence": request.access.may(Right.READ_EVIDENCE),
        "second_looks": second_looks.waiting_for_office(request.user),
    }


def _coordinator(request: ReaderRequest) -> Context:
    return {"plan": homes.plan(timezone.localdate())}


def _reviewer(request: ReaderRequest) -> Context:
    return {"queue": homes.queue(request.user, at=timezone.now())}


def _manager(request: ReaderRequest) -> Context:
    scope = request.access.scope(Right.READ_UNIT_RESULTS)
    own = homes.own_units(scope)
    running = homes.running_checklists(*(each.channel for each in own.channels))
    weeks = homes.weeks(scope, may_see_evidence=request.access.may(Right.READ_EVIDENCE))
    context: Context = {"own": own, "weeks": weeks, "checklists": running}
    if request.access.may(Right.ASK_SECOND_LOOKS):
        context["second_looks"] = second_looks.waiting_for_unit(request.access)
        context["reminders"] = safety.reminders(scope, timezone.now())
    return context


def _editor(request: ReaderRequest) -> Context:
    edited = homes.edited_checklists()
    running = sum(not each.retired_number for each in edited)  # type: ignore[attr-defined]  # of the annotation
    return {"checklists": edited, "running": running, "drafts": homes.drafts()}


def _staff(request: ReaderRequest) -> Context:
    placement = homes.own_placement(request.user)
    channels = [placement.job_role.channel] if placement and placement.job_role.channel else []
    return {"placement": placement, "checklists": homes.running_checklists(*channels)}


def _sysadmin(request: ReaderRequest) -> Context:
    return {"organisation": homes.organisation()}


# In this order: who holds several roles opens the first of them; the menu leads to the others.
HOMES: dict[Role, tuple[str, Callable[[ReaderRequest], Context]]] = {
    Role.OFFICE: ("home_office.html", _office),
    Role.COORDINATOR: ("home_coordinator.html", _coordinator),
    Role.REVIEWER: ("home_reviewer.html", _reviewer),
    Role.MANAGER: ("home_manager.html", _manager),
    Role.OBSERVER: ("home_manager.html", _manager),
    Role.EDITOR: ("home_editor.html", _editor),
    Role.SYSADMIN: ("home_sysadmin.html", _sysadmin),
    Role.STAFF: ("home_staff.html", _staff),
}


@require_safe
def home(request: ReaderRequest) -> HttpResponse:
    """The first page after log-in, by the reader's first role; a shopper's is the list of visits."""
    roles = request.access.roles
    if Role.SHOPPER in roles:
        return redirect("audits:visit_list")
    for role, (template, context) in HOMES.items():
        if role in roles:
            return render(request, template, context(request) | {"today": timezone.localdate()})
    return render(request, "home_nobody.html")


@require_safe
def components(request: ReaderRequest) -> HttpResponse:
    """Every component of the design language on one page; for who keeps the product in shape."""
    if not any(request.access.may(right) for right in (Right.READ_CHECKLIST_HISTORY, Right.MANAGE_ACCOUNTS)):
        raise PermissionDenied
    return render(request, "components/all.html", specimens.context() | {"today": timezone.localdate()})
