"""The quality office's pages of submitted visits: read here, decided in review."""

from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audits.checklists.models import Checklist
from audits.fieldwork.models import Photo
from audits.fieldwork.states import VisitState
from audits.fieldwork.sync.queries import set_aside
from audits.photo_answers import photo_response
from audits.review import queries
from audits.review.showing import BEFORE_PUBLICATION
from outlets.listing import Column, Filter, listing
from outlets.organisation import queries as organisation
from outlets.people.permissions import ReaderRequest, Right, requires


@require_safe
@requires(Right.READ_VISITS)
def received_list(request: ReaderRequest) -> HttpResponse:
    """Submitted visits, the latest first."""
    checklists = [(each.code, each.name) for each in Checklist.objects.all()]
    states = [(state.value, state.label) for state in VisitState if state in queries.READABLE]
    found = listing(
        request,
        queries.with_unit_above(queries.with_latest_score(queries.readable_by(request.user))),
        columns=[
            Column("outlet", _("Outlet"), ("outlet__unit__sort_key",)),
            Column("visited", _("Day of the visit"), ("visited_on",)),
            Column("submitted", _("Submitted"), ("submitted_at",)),
            Column("shopper", _("Shopper"), ("shopper__shopper_code",)),
            Column("score", _("Score, %"), ("percent",), is_number=True),
            Column("state", _("State"), ("state",)),
        ],
        default="-submitted",
        filters=[
            Filter("state", _("State"), states, lambda rows, value: rows.filter(state=value)),
            Filter(
                "checklist", _("Checklist"), checklists, lambda rows, value: rows.filter(wave__checklist__code=value)
            ),
            Filter(
                "critical",
                _("Critical criteria"),
                [("failed", _("not met"))],
                lambda rows, _value: rows.filter(critical_failures__gt=0),
            ),
        ],
        search=organisation.of_units_matching,
        search_hint=organisation.UNIT_HINT,
        is_dear=True,
    )
    return render(request, "audits/review/received_list.html", {"listing": found})


@require_safe
@requires(Right.READ_VISITS)
def received_detail(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """One visit: score by section and theme, what to look at, all answers with photos, and what happened when."""
    visit = get_object_or_404(queries.readable_by(request.user), public_id=visit_id)
    events = visit.events.select_related("by").order_by("pk")
    context: dict[str, Any] = {"visit": visit, "events": events, "reading": queries.read(visit)}
    if context["reading"] is None:
        context["photos"] = visit.photos.kept().order_by("pk")
    else:
        may_review = request.access.may(Right.REVIEW_VISITS)
        context["marked"] = queries.marked(visit)
        context["aside"] = set_aside(context["reading"].sheet)
        context["can_review"] = may_review and visit.state == VisitState.SUBMITTED
        is_own = visit.state == VisitState.APPROVED and visit.approved_by_id == request.user.pk
        context["can_take_back"] = may_review and is_own
        context["can_correct"] = request.access.may(Right.CLOSE_MONTHS) and visit.state == VisitState.PUBLISHED
        context["can_withdraw"] = context["can_correct"] or (may_review and visit.state in BEFORE_PUBLICATION)
    return render(request, "audits/review/received_detail.html", context)


@require_safe
@requires(Right.READ_VISITS)
def received_score(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """The arithmetic of a visit's score to four decimals, from its stored workings."""
    visit = get_object_or_404(queries.readable_by(request.user), public_id=visit_id)
    asked = request.GET.get("submission", "")
    reading = queries.read(visit, number=int(asked) if asked.isdecimal() and len(asked) < 5 else None)
    if reading is None or visit.version is None:
        raise Http404
    context = {
        "visit": visit,
        "reading": reading,
        "steps": queries.steps(reading),
        "left_out": queries.left_out(reading),
        "bands": visit.version.bands,
    }
    return render(request, "audits/review/received_score.html", context)


@require_safe
@requires(Right.READ_VISITS)
def received_photo(request: ReaderRequest, visit_id: UUID, photo_id: UUID, size: str) -> FileResponse:
    """A photo of a submitted visit."""
    photo = get_object_or_404(
        Photo.objects.kept().filter(visit__in=queries.readable_by(request.user)),
        visit__public_id=visit_id,
        public_id=photo_id,
    )
    return photo_response(photo, size)
