"""The visits of a wave as a plan: the list, one visit, and what can be done with it. No answers, photos or scores."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audits.fieldwork.models import Visit, VisitEvent, Wave
from audits.fieldwork.planning import queries, refusals, workload
from audits.fieldwork.planning.actions import assignments
from audits.fieldwork.planning.forms import AssignForm, ReasonForm, RescheduleForm, show_refusal
from audits.fieldwork.states import BEFORE_SUBMISSION, VisitState
from audits.fieldwork.transitions import StaleState
from outlets.listing import Column, Filter, listing
from outlets.models import Unit, User
from outlets.organisation import queries as organisation
from outlets.people import held
from outlets.people.permissions import ReaderRequest, Right, requires

PER_PAGE = 50
NOBODY = "nobody"
OVERDUE = "overdue"
CLOSED = "closed"
# What the quality office says about evidence is for those who read it; a coordinator plans.
_NOTES_SHOWN = frozenset(
    {
        VisitEvent.Kind.ASSIGNED,
        VisitEvent.Kind.UNASSIGNED,
        VisitEvent.Kind.RESCHEDULED,
        VisitEvent.Kind.NOT_POSSIBLE,
        VisitEvent.Kind.VOIDED,
    }
)
_TIMES_SHOWN = _NOTES_SHOWN - {VisitEvent.Kind.NOT_POSSIBLE} | {VisitEvent.Kind.PLANNED}


@require_safe
@requires(Right.PLAN_VISITS)
def visit_plan_list(request: ReaderRequest, wave_id: UUID) -> HttpResponse:
    """The visits of a wave, with ticks for what is done with many at once."""
    wave = get_object_or_404(Wave.objects.select_related("checklist", "unit"), public_id=wave_id)
    today = timezone.localdate()
    found = listing(
        request,
        visits_in(wave),
        columns=[
            Column("outlet", _("Outlet"), ("outlet__unit__sort_key",)),
            Column("due", _("Days"), ("due_on", "opens_on", "outlet__unit__sort_key")),
            Column("scenario", _("Scenario"), ("scenario__sort_key",)),
            Column("shopper", _("Shopper"), ("shopper__shopper_code",)),
            Column("state", _("State"), ("state", "due_on")),
        ],
        default="due",
        filters=visit_filters(wave, request.GET.get("unit", "")),
        search=organisation.of_units_matching,
        search_hint=organisation.UNIT_HINT,
        per_page=PER_PAGE,
    )
    rows = rows_of(found.page, today)
    narrowed = [(name, found.query) for name in ("q",) if found.query]
    narrowed += [(shown.key, shown.value) for shown in found.filters if shown.value]
    context = {"wave": wave, "listing": found, "rows": rows, "narrowed": narrowed}
    return render(request, "audits/planning/visit_plan_list.html", context)


def rows_of(visits: Iterable[Visit], today: date) -> list[tuple[Visit, str, bool, bool]]:
    """Each visit with the unit above its outlet, whether it is overdue, and whether it waits where all is closed.

    One query.
    """
    above = queries.names_above(visit.outlet_id for visit in visits)
    return [
        (visit, above.get(visit.outlet_id, ""), is_overdue(visit, today), is_at_closed_outlet(visit))
        for visit in visits
    ]


def is_at_closed_outlet(visit: Visit) -> bool:
    """Whether its outlet has been closed and it has not been submitted."""
    return visit.state in BEFORE_SUBMISSION and visit.outlet.unit.closed_on is not None


def is_overdue(visit: Visit, today: date) -> bool:
    """Whether its last day is over and it has not been submitted."""
    return visit.state in BEFORE_SUBMISSION and visit.due_on < today


def visits_in(wave: Wave) -> QuerySet[Visit]:
    """A wave's visits with what a list shows of them; not their answers."""
    shown = ("public_id", "state", "opens_on", "due_on", "wave")
    people = ("shopper__shopper_code", "shopper__kind", "shopper__username", "shopper__full_name")
    names = ("outlet__unit__name", "outlet__unit__code", "outlet__unit__closed_on", "scenario__title")
    rows = Visit.objects.in_wave(wave).select_related("outlet__unit", "scenario", "shopper")
    return rows.only(*shown, *people, *names)


def visit_filters(wave: Wave, asked_unit: str = "") -> list[Filter]:
    """Unit, state, shopper and week. Two queries, one more for a unit further down the tree."""
    units = Unit.objects.filter(ancestor_links__ancestor=wave.unit_id, ancestor_links__depth=1).order_by(
        "sort_key", "pk"
    )
    choices = [(str(unit.public_id), unit.name) for unit in units]
    if asked_unit and asked_unit not in dict(choices):
        choices += _unit_below(wave, asked_unit)
    codes = wave.visits.exclude(shopper=None).order_by("shopper__shopper_code").values_list("shopper__shopper_code")
    special = [(OVERDUE, _("Overdue")), (CLOSED, _("Outlet closed"))]
    return [
        Filter("unit", _("Unit"), choices, _of_unit),
        Filter("state", _("State"), [*VisitState.choices, *special], _of_state),
        Filter(
            "shopper",
            _("Shopper"),
            [(NOBODY, _("nobody yet")), *((code, code) for (code,) in codes.distinct() if code)],
            _of_shopper,
        ),
        Filter("week", _("Due in the week"), _weeks(wave), _of_week),
    ]


def _unit_below(wave: Wave, asked: str) -> list[tuple[str, str]]:
    try:
        unit = Unit.objects.within([wave.unit_id]).filter(public_id=UUID(asked)).first()
    except ValueError:
        return []
    return [(str(unit.public_id), unit.name)] if unit else []


def _weeks(wave: Wave) -> list[tuple[str, str]]:
    monday, weeks = queries.monday_of(wave.starts_on), []
    while monday <= wave.ends_on:
        weeks.append((monday.isoformat(), f"{date_format(monday)}–{date_format(monday + timedelta(days=6))}"))
        monday += timedelta(days=7)
    return weeks


def _of_unit(visits: QuerySet[Visit], value: str) -> QuerySet[Visit]:
    unit = Unit.objects.filter(public_id=value)
    return visits.filter(outlet__unit__in=Unit.objects.filter(ancestor_links__ancestor__in=unit).values("pk"))


def _of_state(visits: QuerySet[Visit], value: str) -> QuerySet[Visit]:
    if value == CLOSED:
        return visits.filter(queries.at_closed_outlets())
    return visits.filter(queries.overdue(timezone.localdate()) if value == OVERDUE else Q(state=value))


def _of_shopper(visits: QuerySet[Visit], value: str) -> QuerySet[Visit]:
    return visits.filter(shopper=None) if value == NOBODY else visits.filter(shopper__shopper_code=value)


def _of_week(visits: QuerySet[Visit], value: str) -> QuerySet[Visit]:
    monday = date.fromisoformat(value)
    return visits.filter(due_on__range=(monday, monday + timedelta(days=6)))


# --- One visit --------------------------------------------------------------------------------


def _planned_visit(visit_id: UUID) -> Visit:
    visits = Visit.objects.select_related("outlet__unit", "outlet__province", "wave__unit", "scenario", "shopper")
    return get_object_or_404(visits, public_id=visit_id)


@require_safe
@requires(Right.PLAN_VISITS)
def visit_plan_detail(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """One visit as planned: where, when, by whom, what happened, and what can be done now."""
    return _show(request, _planned_visit(visit_id))


def _show(
    request: ReaderRequest, visit: Visit, *, status: int = 200, stale: bool = False, **bound: Form
) -> HttpResponse:
    """The visit's page; `bound` are forms with something to mend, by name."""
    kept = held.held_for(request, at=timezone.now()) if request.method != "POST" else None
    typed = kept.data.dict() if kept else {}
    can_assign = visit.state in (VisitState.PLANNED, VisitState.ASSIGNED, VisitState.NOT_POSSIBLE)
    choice = workload.choice(visit) if can_assign else None
    forms = {
        "assign": AssignForm(free=choice.free) if choice else None,
        "reschedule": RescheduleForm(visit, initial=typed) if visit.state in BEFORE_SUBMISSION else None,
        "void": ReasonForm(initial=typed) if visit.state in assignments.BEFORE_APPROVAL else None,
    }
    events = list(visit.events.select_related("by").order_by("pk"))
    context = {
        "visit": visit,
        "seen": seen(visit),
        "above": queries.names_above([visit.outlet_id]).get(visit.outlet_id, ""),
        "is_overdue": is_overdue(visit, timezone.localdate()),
        "can_withdraw": visit.state == VisitState.ASSIGNED,
        "choice": choice,
        "heirs": queries.heirs_of(visit.outlet) if choice and choice.is_closed else (),
        "is_at_closed_outlet": is_at_closed_outlet(visit),
        "forms": forms | {name: form for name, form in bound.items() if forms.get(name)},
        "errors": next(iter(bound.values()), None),
        "events": [(event, event.kind in _TIMES_SHOWN, event.kind in _NOTES_SHOWN) for event in events],
        "last": events[-1] if stale and events else None,
        "kept": kept,
    }
    return render(request, "audits/planning/visit_plan_detail.html", context, status=status)


def seen(visit: Visit) -> str:
    """What a form of the visit's page was made over: its state, shopper and days."""
    shopper = visit.shopper.public_id if visit.shopper else ""
    return f"{visit.state}/{shopper}/{visit.opens_on}/{visit.due_on}"


def _act(
    request: ReaderRequest, visit_id: UUID, name: str, form_of: Callable, act: Callable, done: str
) -> HttpResponse:
    """One change of one visit: `act(visit, cleaned)` over `form_of(visit)`; then back to the page with `done`.

    The page says what happened meanwhile when it is no longer the visit that the form was made over.
    """
    visit = _planned_visit(visit_id)
    form = form_of(visit)
    if request.POST.get("seen", "") != seen(visit):
        return _show(request, visit, status=409, stale=True)
    if not form.is_valid():
        return _show(request, visit, status=422, **{name: form})
    try:
        act(visit, form.cleaned_data)
    except refusals.Refused as refused:
        show_refusal(form, refused)
        return _show(request, _planned_visit(visit_id), status=422, **{name: form})
    except StaleState:
        return _show(request, _planned_visit(visit_id), status=409, stale=True)
    held.release(request)
    messages.success(request, done % {"shopper": visit.shopper.shown_name if visit.shopper else ""})
    return redirect("audits:visit_plan_detail", visit.public_id)


@require_POST
@requires(Right.PLAN_VISITS)
def visit_assign(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """Gives the visit to a shopper, or to another one."""

    def act(visit: Visit, asked: dict[str, User]) -> None:
        assignments.assign(visit=visit, shopper=asked["shopper"], by=request.user, at=timezone.now())

    def form_of(visit: Visit) -> AssignForm:
        return AssignForm(request.POST, free=workload.choice(visit).free)

    return _act(request, visit_id, "assign", form_of, act, _("Visit assigned to %(shopper)s."))


@require_POST
@requires(Right.PLAN_VISITS)
def visit_withdraw(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """Takes the assignment back."""

    def act(visit: Visit, asked: dict[str, object]) -> None:
        assignments.withdraw(visit=visit, by=request.user, at=timezone.now())

    return _act(request, visit_id, "withdraw", lambda visit: Form(request.POST), act, _("Assignment withdrawn."))


@require_POST
@requires(Right.PLAN_VISITS)
def visit_reschedule(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """Changes the days of the visit."""

    def act(visit: Visit, asked: dict[str, date]) -> None:
        assignments.reschedule(visit=visit, **asked, by=request.user, at=timezone.now())

    def form_of(visit: Visit) -> RescheduleForm:
        return RescheduleForm(visit, request.POST)

    return _act(request, visit_id, "reschedule", form_of, act, _("Dates changed."))


@require_POST
@requires(Right.PLAN_VISITS)
def visit_void(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """Takes the visit out of the plan, with a reason."""

    def act(visit: Visit, asked: dict[str, str]) -> None:
        assignments.void(visit=visit, **asked, by=request.user, at=timezone.now())

    return _act(request, visit_id, "void", lambda visit: ReasonForm(request.POST), act, _("Visit voided."))
