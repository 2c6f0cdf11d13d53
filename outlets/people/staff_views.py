"""The administrator's pages of the staff whom customers meet."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from outlets.listing import Column, Filter, listing
from outlets.organisation.forms import show_refusal
from outlets.people import held, placements, staff_queries
from outlets.people.models import StaffMember
from outlets.people.permissions import ReaderRequest, Right, requires
from outlets.people.placements import PlacementRefused
from outlets.people.staff_forms import StaffEditForm, StaffForm, StaffLeaveForm, StaffMoveForm
from outlets.people.unit_views import sent, takes_form


def _in_state(rows: QuerySet[StaffMember], state: str) -> QuerySet[StaffMember]:
    if state == "homeless":
        # staff_queries joins `current`, the placement of today.
        return rows.filter(left_on__isnull=True, current__unit__closed_on__isnull=False)  # type: ignore[misc]
    return rows.filter(left_on__isnull=state == "working")


def _staff(public_id: UUID) -> StaffMember:
    return get_object_or_404(StaffMember.objects.select_related("user"), public_id=public_id)


def _form_page(request: ReaderRequest, form: forms.Form, *, back: StaffMember | None, **context: Any) -> HttpResponse:
    context |= {
        "form": form,
        "back_url": reverse("outlets:staff_detail", args=[back.public_id]) if back else reverse("outlets:staff_list"),
        "back_label": f"{back.full_name} ({back.staff_number})" if back else _("Staff"),
    }
    return render(request, "components/form_page.html", context, status=422 if request.method == "POST" else 200)


@require_safe
@requires(Right.MANAGE_ORGANISATION)
def staff_list(request: ReaderRequest) -> HttpResponse:
    """Everybody, by tên, họ, đệm or by the full name as it is written."""
    found = listing(
        request,
        staff_queries.everybody(),
        columns=[
            Column("name", _("Full name"), ("sort_key", "staff_number")),
            Column("full_name", _("Family name first"), ("full_name_key", "staff_number")),
            Column("number", _("Staff number"), ("staff_number",)),
            Column("unit", _("Outlet"), ("current__unit__sort_key", "sort_key")),
            Column("job", _("Job"), ("current__job_role__position", "sort_key")),
        ],
        default="name",
        filters=[
            Filter(
                "job",
                _("Job"),
                staff_queries.jobs(),
                lambda rows, code: rows.filter(current__job_role__code=code),
            ),
            Filter(
                "state",
                _("State"),
                [("working", _("At work")), ("left", _("Left")), ("homeless", _("Their outlet has closed"))],
                _in_state,
            ),
        ],
        search=staff_queries.matching,
        search_hint=_("Name, staff number or outlet"),
    )
    # The second order of names has a link of its own instead of a column.
    found = replace(
        found, headings=tuple(each for each in found.headings if each.sort.removeprefix("-") != "full_name")
    )
    context = {
        "listing": found,
        "rows": staff_queries.staff_rows(found.page),
        "is_family_first": found.sort == "full_name",
    }
    return render(request, "outlets/staff_list.html", context)


@require_safe
@requires(Right.MANAGE_ORGANISATION)
def staff_detail(request: ReaderRequest, public_id: UUID) -> HttpResponse:
    """One person: where they work and worked, and what was recorded."""
    staff = _staff(public_id)
    context = {"staff": staff, "placements": staff_queries.placements(staff), "events": staff_queries.events(staff)}
    return render(request, "outlets/staff_detail.html", context)


@takes_form
@requires(Right.MANAGE_ORGANISATION)
def staff_create(request: ReaderRequest) -> HttpResponse:
    """Somebody new, at the outlet whose code ?at names."""
    at = timezone.now()
    initial = {"unit": request.GET.get("at", ""), "effective_on": timezone.localdate(at)}
    form = StaffForm(sent(request, at), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            staff = placements.hire(**form.cleaned_data, by=request.user, at=at)
        except PlacementRefused as refused:
            show_refusal(form, refused)
        else:
            held.release(request)
            messages.success(request, _("The staff member has been added."))
            return redirect("outlets:staff_detail", staff.public_id)
    return _form_page(request, form, back=None, title=_("New staff member"), button=_("Add"))


@takes_form
@requires(Right.MANAGE_ORGANISATION)
def staff_edit(request: ReaderRequest, public_id: UUID) -> HttpResponse:
    """The name, and the account."""
    at = timezone.now()
    staff = _staff(public_id)
    form = StaffEditForm(sent(request, at), staff=staff)
    if request.method == "POST" and form.is_valid():
        try:
            placements.edit(staff=staff, **form.cleaned_data, by=request.user, at=at)
        except PlacementRefused as refused:
            show_refusal(form, refused)
        else:
            held.release(request)
            messages.success(request, _("The changes have been saved."))
            return redirect("outlets:staff_detail", public_id)
    return _form_page(request, form, back=staff, title=_("Name and account"), button=_("Save"))


@takes_form
@requires(Right.MANAGE_ORGANISATION)
def staff_move(request: ReaderRequest, public_id: UUID) -> HttpResponse:
    """To another outlet or job; somebody who has left comes back."""
    at = timezone.now()
    staff = _staff(public_id)
    initial = staff_queries.last_place(staff) | {"effective_on": timezone.localdate(at)}
    form = StaffMoveForm(sent(request, at), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            placements.move(staff=staff, **form.cleaned_data, by=request.user, at=at)
        except PlacementRefused as refused:
            show_refusal(form, refused)
        else:
            held.release(request)
            messages.success(request, _("The new place of work has been recorded."))
            return redirect("outlets:staff_detail", public_id)
    title = _("Back at work") if staff.left_on else _("Another outlet or job")
    return _form_page(request, form, back=staff, title=title, button=_("Save"))


@takes_form
@requires(Right.MANAGE_ORGANISATION)
def staff_leave(request: ReaderRequest, public_id: UUID) -> HttpResponse:
    """The person leaves; what was measured while they worked stays."""
    at = timezone.now()
    staff = _staff(public_id)
    form = StaffLeaveForm(sent(request, at), initial={"left_on": timezone.localdate(at)})
    if request.method == "POST" and form.is_valid():
        try:
            placements.leave(staff=staff, **form.cleaned_data, by=request.user, at=at)
        except PlacementRefused as refused:
            show_refusal(form, refused)
        else:
            held.release(request)
            messages.success(request, _("It has been recorded that the person left."))
            return redirect("outlets:staff_detail", public_id)
    return _form_page(request, form, back=staff, title=_("Leaves work"), button=_("Record"), is_grave=True)
