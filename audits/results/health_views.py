"""How the criteria of a checklist go, for who changes them."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audits.checklists.models import ChecklistVersion
from audits.results import health, months
from audits.results.models import Period
from outlets.listing import Column, listing_of
from outlets.people.permissions import ReaderRequest, Right, requires

LENGTHS = (3, 6, 12)  # months
USUAL = 12


@require_safe
@requires(Right.TRY_VERSIONS)
def version_health(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """The criteria of a version over closed months, those with most reasons to look at them first."""
    version = get_object_or_404(ChecklistVersion.objects.select_related("checklist"), public_id=version_id)
    context = {"version": version, "lengths": LENGTHS, "may_edit": request.access.may(Right.EDIT_CHECKLISTS)}
    last = Period.objects.order_by("-month").values_list("month", flat=True).first()
    if last is None:
        return render(request, "audits/results/version_health.html", context)
    given = request.GET.get("months", "")
    length = int(given) if given in {str(each) for each in LENGTHS} else USUAL
    whole = request.access.may(Right.READ_VISITS)
    found = health.of_version(version, months.later(last, 1 - length), last, whole=whole)
    listing = listing_of(
        request,
        found,
        columns=[
            Column("code", _("Criterion"), ("code",)),
            Column("visits", _("Visits"), ("visits",), is_number=True),
            Column("met", _("Met"), ("met_share",), is_number=True),
            Column("na", _("Not applicable"), ("na_share",), is_number=True),
            Column("relation", _("With the rest"), ("relation",), is_number=True),
            Column("waived", _("Photo waived"), ("waived_share",), is_number=True),
            Column("remarks", _("Asked back"), ("remark_share",), is_number=True),
            Column("corrected", _("Corrected"), ("corrected",), is_number=True),
            Column("hints", _("Worth a look"), ("hints",)),
        ],
        default="-hints",
        per_page=150,
    )
    context |= {
        "listing": listing,
        "length": length,
        "last": last,
        "hinted": sum(bool(each.reasons) for each in found),
        "enough": health.ENOUGH,
        "may_read_visits": whole,
    }
    return render(request, "audits/results/version_health.html", context)
