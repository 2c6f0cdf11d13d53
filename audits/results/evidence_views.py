"""What a unit may see of its published visits."""

from uuid import UUID

from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audits.checklists.models import Checklist
from audits.photo_answers import photo_response
from audits.results import evidence, months
from audits.results.models import Period
from outlets.listing import Column, Filter, listing
from outlets.models import Unit
from outlets.organisation import queries as organisation
from outlets.people.permissions import ReaderRequest, Right, requires

PER_PAGE = 10


@require_safe
@requires(Right.READ_EVIDENCE)
def evidence_list(request: ReaderRequest, unit_id: UUID) -> HttpResponse:
    """Notes and photos that reviewers have marked for the unit, block by block."""
    scope = request.access.scope(Right.READ_EVIDENCE)
    unit = get_object_or_404(Unit.objects.visible_to(scope), public_id=unit_id)
    checklists = [(each.code, each.name) for each in Checklist.objects.all()]
    criteria = evidence.criteria(unit, request.GET.get("criterion", "")[:20])
    closed = Period.objects.order_by("-month").values_list("month", flat=True)
    published = {months.written(each): each for each in closed}
    found = listing(
        request,
        evidence.blocks(unit),
        columns=[
            Column("month", _("Month"), ("period__month", "outlet__unit__sort_key")),
            Column("outlet", _("Outlet"), ("outlet__unit__sort_key", "-period__month")),
        ],
        default="-month",
        filters=[
            Filter("checklist", _("Checklist"), checklists, lambda rows, code: rows.filter(checklist__code=code)),
            Filter("criterion", _("Criterion"), criteria, evidence.of_criterion),
            Filter(
                "month",
                _("Month"),
                [(written, f"{month:%m/%Y}") for written, month in published.items()],
                lambda rows, written: rows.filter(period__month=published[written]),
            ),
        ],
        search=organisation.of_units_matching,
        search_hint=organisation.UNIT_HINT,
        per_page=PER_PAGE,
    )
    only = next(each.value for each in found.filters if each.key == "criterion")
    context = {"unit": unit, "listing": found, "blocks": evidence.shown(found.page, only)}
    return render(request, "audits/results/evidence_list.html", context)


@require_safe
@requires(Right.READ_EVIDENCE)
def evidence_photo(request: ReaderRequest, shown_id: UUID, size: str) -> FileResponse:
    """A copy made for the unit, of a published visit."""
    copies = evidence.photos(request.access.scope(Right.READ_EVIDENCE))
    return photo_response(get_object_or_404(copies, public_id=shown_id), size)
