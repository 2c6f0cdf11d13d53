"""Shoppers by code: how much each has to do, and where each must not go. Never a name."""

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from audits.fieldwork.models import BlockedUnit, Visit
from audits.fieldwork.planning import refusals, workload
from audits.fieldwork.planning.actions import blocking
from audits.fieldwork.planning.forms import BlockForm, show_refusal
from audits.fieldwork.planning.views.visits import rows_of
from outlets import text
from outlets.listing import Column, Filter, listing
from outlets.models import Unit, User
from outlets.people import held
from outlets.people.permissions import ReaderRequest, Right, requires


@require_safe
@requires(Right.PLAN_VISITS)
def shopper_list(request: ReaderRequest) -> HttpResponse:
    """Every shopper, the busiest first."""
    found = listing(
        request,
        workload.with_load(timezone.localdate()),
        columns=[
            Column("code", _("Code"), ("shopper_code",)),
            Column("open", _("Open visits"), ("open_visits", "-shopper_code"), is_number=True),
            Column("overdue", _("Overdue"), ("overdue_visits", "-shopper_code"), is_number=True),
            Column("done", _("Done this month"), ("done_this_month", "-shopper_code"), is_number=True),
            Column("blocked", _("Blocked units"), ("blocked", "-shopper_code"), is_number=True),
        ],
        default="-open",
        filters=[
            Filter(
                "can",
                _("Account"),
                [("yes", _("can be given visits")), ("no", _("cannot be given visits"))],
                lambda rows, value: rows.filter(is_available=value == "yes"),
            )
        ],
        search=_with_code,
        search_hint=_("Code of the shopper"),
    )
    return render(request, "audits/planning/shopper_list.html", {"listing": found})


def _with_code(shoppers: QuerySet[User], query: str) -> QuerySet[User]:
    """By code alone: a user name is often made of a person's name, and is not looked at here."""
    for word in text.search_words(query):
        shoppers = shoppers.filter(shopper_code__icontains=word)
    return shoppers.order_by("shopper_code")


def _shopper(shopper_id: UUID) -> User:
    return get_object_or_404(workload.with_load(timezone.localdate()), public_id=shopper_id)


@require_safe
@requires(Right.PLAN_VISITS)
def shopper_detail(request: ReaderRequest, shopper_id: UUID) -> HttpResponse:
    """One shopper: load by week, open visits, blocked units."""
    return _show(request, _shopper(shopper_id))


def _show(request: ReaderRequest, shopper: User, *, form: BlockForm | None = None, status: int = 200) -> HttpResponse:
    today = timezone.localdate()
    kept = held.held_for(request, at=timezone.now()) if request.method != "POST" else None
    visits = Visit.objects.filter(shopper=shopper, state__in=workload.OPEN)
    found = listing(
        request,
        visits.select_related("outlet__unit", "wave"),
        columns=[
            Column("outlet", _("Outlet"), ("outlet__unit__sort_key",)),
            Column("due", _("Days"), ("due_on", "outlet__unit__sort_key")),
            Column("state", _("State"), ("state", "due_on")),
        ],
        default="due",
        search=None,
    )
    weeks = workload.weeks_of(shopper, today)
    context = {
        "shopper": shopper,
        "listing": found,
        "rows": rows_of(found.page, today),
        "weeks": weeks,
        "busiest": max(week.open + week.done for week in weeks),
        "blocks": workload.blocks_of(shopper),
        "form": form or BlockForm(kept.data if kept else None),
        "kept": kept,
    }
    return render(request, "audits/planning/shopper_detail.html", context, status=status)


@require_POST
@requires(Right.PLAN_VISITS)
def shopper_block(request: ReaderRequest, shopper_id: UUID) -> HttpResponse:
    """Blocks a shopper at a unit; first asks, when that takes visits back."""
    shopper, form = _shopper(shopper_id), BlockForm(request.POST)
    if not form.is_valid():
        return _show(request, shopper, form=form, status=422)
    unit, reason = form.cleaned_data["unit"], form.cleaned_data["reason"]
    number = blocking.assigned_below(shopper, unit).count()
    if number and request.POST.get("number") != str(number):
        context = {"shopper": shopper, "unit": unit, "reason": reason, "number": number}
        return render(request, "audits/planning/shopper_block.html", context)
    try:
        done = blocking.block(shopper=shopper, unit=unit, reason=reason, by=request.user, at=timezone.now())
    except refusals.Refused as refused:
        show_refusal(form, refused)
        return _show(request, shopper, form=form, status=422)
    held.release(request)
    messages.success(request, _("%(shopper)s is now blocked at %(unit)s.") % _names(shopper, unit))
    if done.withdrawn:
        taken = ngettext("%(number)d assignment there withdrawn.", "%(number)d assignments there withdrawn.", number)
        messages.info(request, taken % {"number": done.withdrawn})
    return redirect("audits:shopper_detail", shopper.public_id)


def _names(shopper: User, unit: Unit) -> dict[str, str]:
    return {"shopper": shopper.shown_name, "unit": unit.name}


@require_POST
@requires(Right.PLAN_VISITS)
def shopper_unblock(request: ReaderRequest, shopper_id: UUID, unit_id: UUID) -> HttpResponse:
    """Lifts a block."""
    blocks = BlockedUnit.objects.current().select_related("shopper", "unit")
    block = get_object_or_404(blocks, shopper__public_id=shopper_id, unit__public_id=unit_id)
    blocking.unblock(block=block, by=request.user, at=timezone.now())
    messages.success(request, _("%(shopper)s is no longer blocked at %(unit)s.") % _names(block.shopper, block.unit))
    return redirect("audits:shopper_detail", block.shopper.public_id)
