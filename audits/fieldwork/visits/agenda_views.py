"""The shopper's lists: what is to be done, and what is done; and one visit's answers as a file."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audits.fieldwork.states import VisitState
from audits.fieldwork.visits import queries, sheet
from audits.fieldwork.visits.kept_pages import keepable
from audits.fieldwork.visits.views import phone_context
from outlets.csv_files import csv_text
from outlets.listing import Column, Filter, listing
from outlets.organisation import queries as organisation
from outlets.people.permissions import ReaderRequest, Right, requires


@require_safe
@requires(Right.DO_VISITS)
def visit_list(request: ReaderRequest) -> HttpResponse:
    """My visits: returned, started, overdue, today, this week, later."""
    today = timezone.localdate()
    context = {"agenda": queries.agenda(request.user, today), "today": today, **phone_context()}
    return keepable(request, render(request, "audits/visits/visit_list.html", context))


@require_safe
@requires(Right.DO_VISITS)
def visit_history(request: ReaderRequest) -> HttpResponse:
    """My visits that are done, with their receipts."""
    states = [VisitState.SUBMITTED, VisitState.APPROVED, VisitState.PUBLISHED, VisitState.NOT_POSSIBLE]
    found = listing(
        request,
        queries.history(request.user),
        columns=[
            Column("outlet", _("Outlet"), ("outlet__unit__sort_key",)),
            Column("visited", _("Day of the visit"), ("visited_on",)),
            Column("receipt", _("Receipt")),
            Column("state", _("State")),
        ],
        default="-visited",
        filters=[
            Filter("state", _("State"), [(s.value, s.label) for s in states], lambda rows, s: rows.filter(state=s)),
        ],
        search=organisation.of_units_matching,
        search_hint=organisation.UNIT_HINT,
    )
    return render(request, "audits/visits/visit_history.html", {"listing": found})


@require_safe
@requires(Right.DO_VISITS)
def visit_answers(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """All that the shopper has answered, as CSV: also of a visit that can be submitted no more."""
    visit = get_object_or_404(queries.own_visits(request.user).exclude(version=None), public_id=visit_id)
    rows: list[tuple[object, ...]] = [
        (visit.outlet.unit.name, visit.wave.checklist.name, visit.visited_on),
        (_("Code"), _("Question"), _("Answer"), _("Note"), _("Photos")),
    ]
    for group in sheet.read(visit).reading:
        for line in group.lines:
            given = line.given
            said = given.text or line.label
            note = " ".join(filter(None, (given.note, given.na_reason, given.photo_waiver)))
            rows.append((line.criterion.code, line.criterion.text, said, note, len(line.photos)))
    answer = HttpResponse(csv_text(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{visit.visited_on}-{visit.wave.checklist.code}.csv"'
    return answer
