"""The administrator's pages of the organisation. They stand in this package because they ask for rights."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from outlets.listing import Column, Filter, listing
from outlets.organisation import actions as organisation
from outlets.organisation import queries
from outlets.organisation.forms import (
    UnitCloseForm,
    UnitForm,
    UnitMergeForm,
    UnitMoveForm,
    UnitRenameForm,
    UnitSplitForm,
    show_refusal,
)
from outlets.organisation.models import Unit, UnitType
from outlets.organisation.refusals import ReorganisationRefused
from outlets.people import held, placements
from outlets.people.permissions import ReaderRequest, Right, requires
from outlets.phone import show_phone

takes_form = require_http_methods(["GET", "HEAD", "POST"])


def open_or_closed(field: str) -> Filter:
    """The filter by state; `field` leads to the unit's closing day."""
    return Filter(
        "state",
        _("State"),
        [("open", _("Open")), ("closed", _("Closed"))],
        lambda rows, state: rows.filter(**{f"{field}__isnull": state == "open"}),
    )


def unit_columns(*, with_above: bool) -> list[Column]:
    return [
        Column("name", _("Name"), ("sort_key",)),
        Column("code", _("Code"), ("code",)),
        Column("type", _("Type"), ("unit_type__position", "sort_key")),
        *([Column("above", _("Unit above"))] if with_above else []),
        Column("outlets", _("Open outlets"), is_number=True),
        Column("opened", _("Opened on"), ("opened_on", "sort_key")),
    ]


def _unit(public_id: UUID) -> Unit:
    return get_object_or_404(
        Unit.objects.select_related("unit_type", "outlet__province", "outlet__former_province"), public_id=public_id
    )


def sent(request: ReaderRequest, at: Any) -> Any:
    """What the form is filled from: the POST, or what was typed here before a log-in ended."""
    return request.POST if request.method == "POST" else held.held_data(request, at=at)


def form_page(request: ReaderRequest, form: forms.Form, *, back: Unit | None, **context: Any) -> HttpResponse:
    """An ordinary form page that leads back to a unit, or to the list of units."""
    context = {
        "form": form,
        "back_url": reverse("outlets:unit_detail", args=[back.public_id]) if back else reverse("outlets:unit_list"),
        "back_label": back.name if back else _("Units"),
        **context,
    }
    template = context.pop("template", "components/form_page.html")
    return render(request, template, context, status=422 if request.method == "POST" else 200)


@require_safe
@requires(Right.MANAGE_ORGANISATION)
def unit_list(request: ReaderRequest) -> HttpResponse:
    """Every unit, outlets among them, open and closed."""
    types = [(unit_type.code, unit_type.name) for unit_type in UnitType.objects.all()]
    found = listing(
        request,
        Unit.objects.select_related("unit_type"),
        columns=unit_columns(with_above=True),
        default="type",
        filters=[
            Filter("type", _("Type"), types, lambda rows, code: rows.filter(unit_type__code=code)),
            Filter(
                "outlets",
                _("Outlets"),
                [("no", _("without outlets")), ("only", _("outlets only"))],
                lambda rows, value: rows.filter(outlet__isnull=value == "no"),
            ),
            open_or_closed("closed_on"),
        ],
    )
    return render(request, "outlets/unit_list.html", {"listing": found, "rows": queries.unit_rows(found.page)})


@require_safe
@requires(Right.MANAGE_ORGANISATION)
def unit_detail(request: ReaderRequest, public_id: UUID) -> HttpResponse:
    """One unit: where it stands, what stands below, and what it was."""
    unit = _unit(public_id)
    found = listing(
        request,
        queries.children(unit).select_related("unit_type"),
        columns=unit_columns(with_above=False),
        default="name",
    )
    above = queries.path(unit)
    outlet = getattr(unit, "outlet", None)
    context = {
        "unit": unit,
        "outlet": outlet,
        "phone": show_phone(outlet.phone) if outlet else "",
        "path": above,
        "is_top": not above,
        "channels": queries.open_outlets_by_channel(unit),
        "listing": found,
        "rows": queries.unit_rows(found.page),
        "history": queries.history(unit),
        "events": queries.latest_events(unit),
    }
    return render(request, "outlets/unit_detail.html", context)


@takes_form
@requires(Right.MANAGE_ORGANISATION)
def unit_create(request: ReaderRequest) -> HttpResponse:
    """A new unit, under the one whose code ?under names."""
    at = timezone.now()
    initial = {"parent": request.GET.get("under", ""), "opened_on": timezone.localdate(at)}
    form = UnitForm(sent(request, at), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            unit = organisation.open_unit(**form.cleaned_data, by=request.user, at=at)
        except ReorganisationRefused as refused:
            show_refusal(form, refused)
        else:
            held.release(request)
            messages.success(request, _("The unit has been opened."))
            return redirect("outlets:unit_detail", unit.public_id)
    return form_page(request, form, back=None, title=_("New unit"), button=_("Open the unit"))


@takes_form
@requires(Right.MANAGE_ORGANISATION)
def unit_rename(request: ReaderRequest, public_id: UUID) -> HttpResponse:
    """Another name from a day on."""
    at = timezone.now()
    unit = _unit(public_id)
    form = UnitRenameForm(sent(request, at), initial={"name": unit.name, "effective_on": timezone.localdate(at)})
    if request.method == "POST" and form.is_valid():
        try:
            organisation.rename(unit=unit, **form.cleaned_data, by=request.user, at=at)
        except ReorganisationRefused as refused:
            show_refusal(form, refused)
        else:
            held.release(request)
            messages.success(request, _("The unit has its new name. The old one stays in its history."))
            return redirect("outlets:unit_detail", public_id)
    return form_page(request, form, back=unit, title=_("Rename the unit"), button=_("Rename"), lede=unit.name)


@takes_form
@requires(Right.MANAGE_ORGANISATION)
def unit_move(request: ReaderRequest, public_id: UUID) -> HttpResponse:
    """Under another unit from a day on, with all that stands below."""
    at = timezone.now()
    unit = _unit(public_id)
    form = UnitMoveForm(sent(request, at), initial={"effective_on": timezone.localdate(at)})
    if request.method == "POST" and form.is_valid():
        try:
            organisation.move(unit=unit, **form.cleaned_data, by=request.user, at=at)
        except ReorganisationRefused as refused:
            show_refusal(form, refused)
        else:
            held.release(request)
            messages.success(request, _("The unit has been moved, with all that stands below it."))
            return redirect("outlets:unit_detail", public_id)
    lede = _("“%(name)s” and all that stands below it.") % {"name": unit.name}
    return form_page(request, form, back=unit, title=_("Move the unit"), button=_("Move"), lede=lede)


@takes_form
@requires(Right.MANAGE_ORGANISATION)
def unit_merge(request: ReaderRequest, public_id: UUID) -> HttpResponse:
    """Into another unit, existing or new; this one closes."""
    at = timezone.now()
    unit = _unit(public_id)
    initial = {"effective_on": timezone.localdate(at)}
    form = UnitMergeForm(sent(request, at), unit=unit, is_outlet=hasattr(unit, "outlet"), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            heir = placements.merge_units(**form.change(), by=request.user, at=at)
        except ReorganisationRefused as refused:
            show_refusal(form, refused)
        else:
            held.release(request)
            messages.success(request, _("The units have been merged. Their history is found under this unit."))
            return redirect("outlets:unit_detail", heir.public_id)
    lede = _going_along(unit, queries.children(unit).count())
    return form_page(request, form, back=unit, title=_("Merge the unit"), button=_("Merge"), lede=lede, is_grave=True)


def _closing(unit: Unit) -> str:
    """What closing means. Visits are not counted: this package, and this reader, know nothing of them."""
    says = _("“%(name)s” closes on the day given below and is not opened again; its history stays.") % {
        "name": unit.name
    }
    if not hasattr(unit, "outlet"):
        return says
    visits = _("Visits planned there do not end by themselves: tell a coordinator, who voids them or plans others.")
    return f"{says} {visits}"


def _going_along(unit: Unit, children: int) -> str:
    says = _closing(unit)
    if hasattr(unit, "outlet"):
        along = _("Whoever works there goes along.")
        return f"{says} {along}"
    if not children:
        return says
    along = ngettext(
        "The %(number)d unit directly below it goes along.",
        "The %(number)d units directly below it go along.",
        children,
    )
    return f"{says} {along % {'number': children}}"


@takes_form
@requires(Right.MANAGE_ORGANISATION)
def unit_split(request: ReaderRequest, public_id: UUID) -> HttpResponse:
    """Into several new units; this one closes."""
    at = timezone.now()
    unit = _unit(public_id)
    children = list(queries.children(unit))
    initial = {"effective_on": timezone.localdate(at), "heir": "1"}
    form = UnitSplitForm(sent(request, at), children=children, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            parts = placements.split_unit(unit=unit, **form.change(), by=request.user, at=at)
        except ReorganisationRefused as refused:
            show_refusal(form, refused)
        else:
            held.release(request)
            messages.success(request, _("The unit has been split. Its history stays with it and is found from here."))
            return redirect("outlets:unit_detail", parts[0].public_id)
    lede = _going_along(unit, 0)
    return form_page(request, form, back=unit, title=_("Split the unit"), lede=lede, template="outlets/unit_split.html")


@takes_form
@requires(Right.MANAGE_ORGANISATION)
def unit_close(request: ReaderRequest, public_id: UUID) -> HttpResponse:
    """Closed without an heir."""
    at = timezone.now()
    unit = _unit(public_id)
    staffed = {}
    form = UnitCloseForm(sent(request, at), initial={"closed_on": timezone.localdate(at)})
    if request.method == "POST" and form.is_valid():
        try:
            placements.close_unit(unit=unit, **form.cleaned_data, by=request.user, at=at)
        except ReorganisationRefused as refused:
            show_refusal(form, refused)
            if isinstance(refused, placements.StillStaffed):
                listed = urlencode({"q": unit.code, "state": "working"})
                staffed = {"more_url": f"{reverse('outlets:staff_list')}?{listed}", "more": _("Who works there")}
        else:
            held.release(request)
            messages.success(request, _("The unit has been closed. Its results and its history stay."))
            return redirect("outlets:unit_detail", public_id)
    context = {"title": _("Close the unit"), "button": _("Close"), "lede": _closing(unit), "is_grave": True}
    return form_page(request, form, back=unit, **context, **staffed)
