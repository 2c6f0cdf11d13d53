"""The administrator's pages of the outlets."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from outlets.listing import Column, Filter, listing
from outlets.organisation import actions as organisation
from outlets.organisation import provinces, queries
from outlets.organisation.forms import OutletFactsForm, OutletForm, show_refusal
from outlets.organisation.models import Channel, Unit, UnitQuerySet
from outlets.organisation.refusals import ReorganisationRefused
from outlets.people import held
from outlets.people.permissions import ReaderRequest, Right, requires
from outlets.people.unit_views import form_page, open_or_closed, sent, takes_form


@require_safe
@requires(Right.MANAGE_ORGANISATION)
def outlet_list(request: ReaderRequest) -> HttpResponse:
    """Every outlet."""
    return _outlets(request, Unit.objects.filter(outlet__isnull=False), None)


@require_safe
@requires(Right.MANAGE_ORGANISATION)
def unit_outlets(request: ReaderRequest, public_id: UUID) -> HttpResponse:
    """The outlets at or below one unit in today's tree."""
    unit = get_object_or_404(Unit, public_id=public_id)
    return _outlets(request, queries.outlets_below(unit), unit)


def _outlets(request: ReaderRequest, rows: UnitQuerySet, below: Unit | None) -> HttpResponse:
    joined = provinces.joined_into(timezone.localdate())
    found = listing(
        request,
        rows.select_related("outlet__province"),
        columns=[
            Column("name", _("Name"), ("sort_key",)),
            Column("code", _("Code"), ("code",)),
            Column("channel", _("Channel"), ("outlet__channel", "sort_key")),
            Column("province", _("Province"), ("outlet__province__sort_key", "sort_key")),
            Column("above", _("Unit above")),
        ],
        default="name",
        filters=[
            Filter("channel", _("Channel"), Channel.choices, lambda rows, value: rows.filter(outlet__channel=value)),
            Filter(
                "province",
                _("Province"),
                [(province.code, province.name) for province in joined],
                lambda rows, code: rows.filter(
                    Q(outlet__province__in=next(pks for province, pks in joined.items() if province.code == code))
                ),
            ),
            open_or_closed("closed_on"),
        ],
    )
    context = {"listing": found, "rows": queries.unit_rows(found.page), "below": below}
    return render(request, "outlets/outlet_list.html", context)


@takes_form
@requires(Right.MANAGE_ORGANISATION)
def outlet_create(request: ReaderRequest) -> HttpResponse:
    """A new outlet, under the unit whose code ?under names."""
    at = timezone.now()
    today = timezone.localdate(at)
    initial = {"parent": request.GET.get("under", ""), "opened_on": today}
    form = OutletForm(sent(request, at), today=today, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            outlet = organisation.open_outlet(**form.cleaned_data, by=request.user, at=at)
        except ReorganisationRefused as refused:
            show_refusal(form, refused)
        else:
            held.release(request)
            messages.success(request, _("The outlet has been opened."))
            return redirect("outlets:unit_detail", outlet.unit.public_id)
    context = {"back_url": reverse("outlets:outlet_list"), "back_label": _("Outlets")}
    return form_page(request, form, back=None, title=_("New outlet"), button=_("Open the outlet"), **context)


@takes_form
@requires(Right.MANAGE_ORGANISATION)
def outlet_edit(request: ReaderRequest, public_id: UUID) -> HttpResponse:
    """Province, address, telephone and opening hours."""
    at = timezone.now()
    rows = Unit.objects.select_related("outlet__province", "outlet__former_province").filter(outlet__isnull=False)
    unit = get_object_or_404(rows, public_id=public_id)
    form = OutletFactsForm(sent(request, at), today=timezone.localdate(at), outlet=unit.outlet)
    if request.method == "POST" and form.is_valid():
        try:
            organisation.edit_outlet(outlet=unit.outlet, **form.cleaned_data, by=request.user, at=at)
        except ReorganisationRefused as refused:
            show_refusal(form, refused)
        else:
            held.release(request)
            messages.success(request, _("The changes have been saved."))
            return redirect("outlets:unit_detail", public_id)
    return form_page(request, form, back=unit, title=_("Details of the outlet"), button=_("Save"), lede=unit.name)
