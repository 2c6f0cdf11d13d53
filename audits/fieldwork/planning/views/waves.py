"""Waves: the list, one wave's coverage, and planning, extending, editing, calling off."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from audits.checklists.models import Checklist
from audits.fieldwork.models import Scenario, Wave
from audits.fieldwork.planning import queries, refusals, schedule
from audits.fieldwork.planning.actions import waves
from audits.fieldwork.planning.forms import ReasonForm, WaveEditForm, WaveExtendForm, WaveForm, show_refusal
from audits.fieldwork.planning.queries import Coverage, UnitCount
from audits.fieldwork.planning.schedule import Window
from outlets.listing import Column, Filter, listing
from outlets.models import Channel, Unit
from outlets.people import held
from outlets.people.permissions import ReaderRequest, Right, requires
from outlets.templatetags.smile import number

FORM = ["GET", "HEAD", "POST"]


@dataclass(frozen=True)
class Preview:
    """What pressing the button would make."""

    channel: str
    window: Window
    units: tuple[UnitCount, ...]
    outlets: int
    visits: int
    weeks: tuple[tuple[Window, int], ...]
    scenarios: tuple[Scenario, ...]
    without_card: tuple[Scenario, ...]


@require_safe
@requires(Right.PLAN_VISITS)
def wave_list(request: ReaderRequest) -> HttpResponse:
    """All waves with how far they have come, the latest first."""
    today = timezone.localdate()
    found = listing(
        request,
        Wave.objects.select_related("checklist", "unit"),
        columns=[
            Column("name", _("Wave"), ("sort_key",)),
            Column("starts", _("Days"), ("starts_on", "ends_on")),
            Column("coverage", _("Done")),
            Column("left", _("To assign"), is_number=True),
            Column("overdue", _("Overdue"), is_number=True),
        ],
        default="-starts",
        filters=[
            Filter("when", _("When"), _times(), lambda rows, value: rows.filter(**_time(value, today))),
            Filter(
                "checklist",
                _("Checklist"),
                [(each.code, each.name) for each in Checklist.objects.order_by("position", "code")],
                lambda rows, value: rows.filter(checklist__code=value),
            ),
        ],
    )
    coverage = queries.coverage_by_wave(found.page.object_list, today)
    rows = [(wave, coverage[wave.pk], _when(wave, today)) for wave in found.page]
    return render(request, "audits/planning/wave_list.html", {"listing": found, "rows": rows})


def _times() -> list[tuple[str, str]]:
    return [("now", _("running now")), ("future", _("to come")), ("past", _("over"))]


def _time(value: str, today: date) -> dict[str, date]:
    return {
        "now": {"starts_on__lte": today, "ends_on__gte": today},
        "future": {"starts_on__gt": today},
        "past": {"ends_on__lt": today},
    }[value]


def _when(wave: Wave, today: date) -> str:
    """The key of `_times` that a wave belongs to."""
    return "future" if wave.starts_on > today else "past" if wave.ends_on < today else "now"


@require_safe
@requires(Right.PLAN_VISITS)
def wave_detail(request: ReaderRequest, wave_id: UUID) -> HttpResponse:
    """One wave: a sentence, then its coverage unit by unit (`?unit=` goes further down), then week by week."""
    wave = get_object_or_404(Wave.objects.select_related("checklist", "unit"), public_id=wave_id)
    today = timezone.localdate()
    unit = unit_of(request, wave)
    coverage = queries.wave_coverage(wave, unit, today)
    context = {
        "wave": wave,
        "when": _when(wave, today),
        "unit": unit,
        "coverage": coverage,
        "headline": headline(coverage.whole),
        "weeks": queries.coverage_by_week(wave, today),
        "scenarios": wave.scenarios.order_by("sort_key", "pk"),
        "monday": queries.monday_of(today),
    }
    return render(request, "audits/planning/wave_detail.html", context)


def unit_of(request: ReaderRequest, wave: Wave) -> Unit:
    """The unit that `?unit=` names, at or below the wave's own; 404 for any other."""
    asked = request.GET.get("unit", "")
    if not asked:
        return wave.unit
    try:
        public_id = UUID(asked)
    except ValueError:
        raise Http404 from None
    return get_object_or_404(Unit.objects.within([wave.unit_id]), public_id=public_id)


def headline(coverage: Coverage) -> str:
    """How far a wave has come, in one sentence."""
    if not coverage.total:
        return _("No visit is planned.")
    parts = [
        ngettext(
            "%(done)s of %(total)s visit is done (%(percent)d%%).",
            "%(done)s of %(total)s visits are done (%(percent)d%%).",
            coverage.total,
        )
        % {"done": number(coverage.done), "total": number(coverage.total), "percent": coverage.percent}
    ]
    if coverage.planned:
        text = ngettext("%(number)s waits for a shopper.", "%(number)s wait for a shopper.", coverage.planned)
        parts.append(text % {"number": number(coverage.planned)})
    if coverage.overdue:
        text = ngettext("%(number)s is overdue.", "%(number)s are overdue.", coverage.overdue)
        parts.append(text % {"number": number(coverage.overdue)})
    return " ".join(parts)


@require_http_methods(FORM)
@requires(Right.PLAN_VISITS)
def wave_create(request: ReaderRequest) -> HttpResponse:
    """A new wave in two steps: the form, then what it would make, by unit and week, with the button that makes it."""
    if request.method != "POST":
        kept = held.held_for(request, at=timezone.now())
        return _show(request, WaveForm(kept.data if kept else None), kept=kept)
    form, step = WaveForm(request.POST), request.POST.get("step")
    if step == "edit" or not form.is_valid():
        return _show(request, form, status=200 if step == "edit" else 422)
    try:
        return _planned(request, form) if step == "create" else _preview_wave(request, form)
    except refusals.AlreadyPlanned as again:
        messages.info(request, str(again))
        return redirect("audits:wave_detail", again.wave.public_id)
    except refusals.Refused as refused:
        show_refusal(form, refused)
        return _show(request, form, status=422)


def _preview_wave(request: ReaderRequest, form: WaveForm) -> HttpResponse:
    asked = form.cleaned_data
    checklist, unit, each = asked["checklist"], asked["unit"], asked["visits_per_outlet"]
    window = Window(asked["starts_on"], asked["ends_on"])
    scenarios = form.scenarios_to_use()
    waves.check_name(asked["name"], checklist=checklist, unit=unit)
    waves.check(
        checklist=checklist,
        starts_on=window.opens_on,
        ends_on=window.due_on,
        visits_per_outlet=each,
        at=timezone.now(),
    )
    waves.check_scenarios(checklist, scenarios)
    preview = _preview(unit, checklist.channel, window, each, scenarios)
    context = {"title": asked["name"], "preview": preview, "unit": unit, "checklist": checklist}
    context |= {"hidden": _hidden(request.POST), "new_id": uuid4()}
    return render(request, "audits/planning/wave_preview.html", context)


def _planned(request: ReaderRequest, form: WaveForm) -> HttpResponse:
    wave = waves.plan(
        **{**form.cleaned_data, "scenarios": form.scenarios_to_use()},
        public_id=_uuid(request.POST.get("new_id", "")),
        by=request.user,
        at=timezone.now(),
    )
    held.release(request)
    visits = wave.visits.count()
    text = ngettext("Wave created with %(number)s visit.", "Wave created with %(number)s visits.", visits)
    messages.success(request, text % {"number": number(visits)})
    return redirect("audits:wave_detail", wave.public_id)


def _show(request: ReaderRequest, form: Form, *, status: int = 200, kept: held.Held | None = None) -> HttpResponse:
    return render(request, "audits/planning/wave_create.html", {"form": form, "kept": kept}, status=status)


def _preview(
    unit: Unit,
    channel: str,
    window: Window,
    visits_per_outlet: int,
    scenarios: list[Scenario],
    without: Wave | None = None,
) -> Preview:
    """What a wave, or more visits for the wave `without`, would make. Raises NoOutlet."""
    units = queries.outlets_by_unit(unit, channel, without=without)
    outlets = sum(each.outlets for each in units)
    if not outlets:
        raise refusals.NoOutlet
    slots = schedule.slots(window, outlets=outlets, visits_per_outlet=visits_per_outlet, scenarios=0)
    by_week = Counter(slot.window for slot in slots)
    return Preview(
        channel=str(Channel(channel).label),
        window=window,
        units=units,
        outlets=outlets,
        visits=by_week.total(),
        weeks=tuple(sorted(by_week.items(), key=lambda row: row[0].opens_on)),
        scenarios=tuple(scenarios),
        without_card=tuple(queries.without_card(scenarios, window.opens_on)),
    )


def _hidden(data: QueryDict) -> list[tuple[str, str]]:
    """What was typed, to be carried from the preview to the next step."""
    left_out = {"csrfmiddlewaretoken", held.OWNER_FIELD, "step", "new_id", "seen"}
    return [(name, value) for name, values in data.lists() if name not in left_out for value in values]


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


@require_http_methods(FORM)
@requires(Right.PLAN_VISITS)
def wave_extend(request: ReaderRequest, wave_id: UUID) -> HttpResponse:
    """More visits for a wave, in the same two steps."""
    wave = get_object_or_404(Wave.objects.select_related("checklist", "unit"), public_id=wave_id)
    at = timezone.now()
    if request.method != "POST":
        kept = held.held_for(request, at=at)
        form = WaveExtendForm(wave, kept.data if kept else None)
        return _show_extend(request, wave, form, kept=kept)
    form, step = WaveExtendForm(wave, request.POST), request.POST.get("step")
    if step == "edit" or not form.is_valid():
        return _show_extend(request, wave, form, status=200 if step == "edit" else 422)
    asked = form.cleaned_data
    try:
        if step != "create":
            return _preview_extension(request, wave, form)
        added = waves.extend(
            wave=wave,
            unit=asked["unit"],
            visits_per_outlet=asked["visits_per_outlet"],
            only_new=asked["only_new"],
            seen=_whole(request.POST.get("seen", "")),
            by=request.user,
            at=at,
        )
    except refusals.Refused as refused:
        show_refusal(form, refused)
        return _show_extend(request, wave, form, status=422)
    held.release(request)
    text = ngettext("%(number)s visit added.", "%(number)s visits added.", added)
    messages.success(request, text % {"number": number(added)})
    return redirect("audits:wave_detail", wave.public_id)


def _preview_extension(request: ReaderRequest, wave: Wave, form: WaveExtendForm) -> HttpResponse:
    asked = form.cleaned_data
    window = Window(max(wave.starts_on, timezone.localdate()), wave.ends_on)
    waves.check(
        checklist=wave.checklist,
        starts_on=window.opens_on,
        ends_on=window.due_on,
        visits_per_outlet=asked["visits_per_outlet"],
        at=timezone.now(),
    )
    preview = _preview(
        asked["unit"],
        wave.checklist.channel,
        window,
        asked["visits_per_outlet"],
        list(wave.scenarios.order_by("pk")),
        without=wave if asked["only_new"] else None,
    )
    context: dict[str, Any] = {"title": wave.name, "preview": preview, "unit": asked["unit"], "wave": wave}
    context |= {"checklist": wave.checklist, "hidden": _hidden(request.POST), "seen": wave.visits.count()}
    return render(request, "audits/planning/wave_preview.html", context)


def _show_extend(
    request: ReaderRequest, wave: Wave, form: Form, *, status: int = 200, kept: held.Held | None = None
) -> HttpResponse:
    context = {"wave": wave, "form": form, "kept": kept}
    return render(request, "audits/planning/wave_extend.html", context, status=status)


def _whole(value: str) -> int | None:
    return int(value) if value.isdecimal() and len(value) < 10 else None


@require_http_methods(FORM)
@requires(Right.PLAN_VISITS)
def wave_edit(request: ReaderRequest, wave_id: UUID) -> HttpResponse:
    """Name, note and last day of a wave."""
    wave = get_object_or_404(Wave.objects.select_related("checklist", "unit"), public_id=wave_id)
    kept = None if request.method == "POST" else held.held_for(request, at=timezone.now())
    form = WaveEditForm(wave, request.POST if request.method == "POST" else kept.data if kept else None)
    if request.method == "POST" and form.is_valid():
        try:
            waves.edit(wave=wave, **form.cleaned_data, by=request.user, at=timezone.now())
        except refusals.Refused as refused:
            show_refusal(form, refused)
        else:
            held.release(request)
            messages.success(request, _("Saved."))
            return redirect("audits:wave_detail", wave.public_id)
    context = {"wave": wave, "form": form, "kept": kept}
    status = 422 if request.method == "POST" else 200
    return render(request, "audits/planning/wave_edit.html", context, status=status)


@require_http_methods(FORM)
@requires(Right.PLAN_VISITS)
def wave_cancel(request: ReaderRequest, wave_id: UUID) -> HttpResponse:
    """Calls off a wave, after saying what that does."""
    wave = get_object_or_404(Wave.objects.select_related("checklist", "unit"), public_id=wave_id)
    kept = None if request.method == "POST" else held.held_for(request, at=timezone.now())
    form = ReasonForm(request.POST if request.method == "POST" else kept.data if kept else None)
    if request.method == "POST" and form.is_valid():
        done = waves.cancel(wave=wave, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
        held.release(request)
        text = ngettext("%(number)s visit voided.", "%(number)s visits voided.", done.voided)
        messages.success(request, text % {"number": number(done.voided)})
        return redirect("audits:wave_detail", wave.public_id)
    coverage = queries.coverage_of(wave.visits.all(), timezone.localdate())
    going = coverage.planned + coverage.assigned
    context = {"wave": wave, "form": form, "kept": kept, "coverage": coverage}
    context |= {"going": going, "staying": coverage.total - going}
    status = 422 if request.method == "POST" else 200
    return render(request, "audits/planning/wave_cancel.html", context, status=status)
