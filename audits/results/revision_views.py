"""Corrections of published visits, for the office."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audits.checklists.outline import outline
from audits.results import actions as results
from audits.results import months, revisions, wording
from audits.results.forms import CorrectionForm
from audits.results.models import Period, PublishedVisit
from audits.review.queries import readable_by
from outlets.listing import Column, Filter, listing
from outlets.organisation import queries as organisation
from outlets.people import held
from outlets.people.permissions import ReaderRequest, Right, requires


def _published(request: ReaderRequest, visit_id: UUID) -> PublishedVisit:
    visits = readable_by(request.user).filter(public_id=visit_id)
    return get_object_or_404(revisions.correctable(visits))


@require_safe
@requires(Right.CLOSE_MONTHS)
def revision_list(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """What a published visit counts as now, criterion by criterion, and what has been corrected."""
    reading = revisions.read(_published(request, visit_id))
    return render(request, "audits/results/revision_list.html", {"reading": reading})


@require_safe
@requires(Right.CLOSE_MONTHS)
def correction_list(request: ReaderRequest) -> HttpResponse:
    """All corrections of published visits, the latest first; of one month, if asked for."""
    rows = revisions.of_visits(readable_by(request.user))
    corrected = Period.objects.filter(blocks__published__revisions__isnull=False).distinct()
    found = listing(
        request,
        rows,
        columns=[
            Column("outlet", _("Outlet"), ("published__visit__outlet__unit__sort_key", "made_at")),
            Column("month", _("Month"), ("published__block__period__month", "made_at")),
            Column("corrected", _("Corrected")),
            Column("figure", _("Before → after"), is_number=True),
            Column("reason", _("Reason")),
            Column("made", _("Made"), ("made_at",)),
        ],
        default="-made",
        filters=[
            Filter(
                "month",
                _("Month"),
                [(months.written(each.month), f"{each.month:%m/%Y}") for each in corrected],
                lambda rows, value: rows.filter(published__block__period__month=months.parse(value)),
            )
        ],
        search=revisions.of_units_matching,
        search_hint=organisation.UNIT_HINT,
    )
    context = {"listing": found, "rows": revisions.listed(found.page)}
    return render(request, "audits/results/correction_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.CLOSE_MONTHS)
def revision_create(request: ReaderRequest, visit_id: UUID, code: str) -> HttpResponse:
    """Corrects what one criterion counts as, once what that would change has been shown and confirmed."""
    published, at = _published(request, visit_id), timezone.now()
    criterion = outline(published.visit.version).by_code.get(code)  # type: ignore[arg-type]  # it has one
    if criterion is None or not criterion.is_scored:
        raise Http404
    back = reverse("audits:revision_list", args=[visit_id])
    now = revisions.counts_as(published, criterion)
    is_sent = request.method == "POST" and "change" not in request.POST
    form = CorrectionForm(
        criterion, now.label, request.POST if request.method == "POST" else held.held_data(request, at=at)
    )
    title = f"{criterion.short_code} · {criterion.text}"
    if is_sent and form.is_valid():
        foreseen = revisions.foresee(published, criterion, form.corrected)
        if foreseen.is_change and request.POST.get("seen") != foreseen.seen:
            context = {"form": form, "title": title, "visit": published.visit, "now": now, "foreseen": foreseen}
            return render(request, "audits/results/revision_confirm.html", context)
        try:
            results.correct(
                visit=published.visit,
                values={code: form.corrected},
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=at,
            )
        except results.TooFewLeft as refused:
            form.add_error(None, wording.too_few_left(refused.rule.visits, refused.rule.shoppers))
        except results.NothingCorrected:
            form.add_error(None, _("That is what it counts as already. Nothing has been changed."))
        else:
            held.release(request)
            messages.success(request, _("Corrected. Every figure that stands on it has moved with it."))
            return redirect(back)
    context = {
        "form": form,
        "title": title,
        "lede": _("The shopper's answer stays as it is. The visit is scored again, in a revision with your reason."),
        "button": _("See what would change"),
        "back_url": back,
        "back_label": published.visit.outlet.unit.name,
    }
    status = 422 if is_sent else 200
    return render(request, "components/form_page.html", context, status=status)
