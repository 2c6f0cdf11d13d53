"""One visit of the shopper's: its pages, the phone form, the receipt. All work without JavaScript."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audits import photos as photo_files
from audits.checklists.examples.queries import shown_in
from audits.checklists.models import Criterion
from audits.checklists.outline import CriterionOutline, SectionOutline, outline
from audits.fieldwork.models import Photo, Visit
from audits.fieldwork.planning.queries import card_on
from audits.fieldwork.states import OPEN_TO_SHOPPER, VisitState
from audits.fieldwork.transitions import StaleState
from audits.fieldwork.visits import actions as visits
from audits.fieldwork.visits import around, kept_pages, queries, refusals, sheet, wording
from audits.fieldwork.visits.forgetting import forgotten_first
from audits.fieldwork.visits.forms import SectionForm
from audits.fieldwork.visits.kept_pages import keepable
from audits.fieldwork.visits.turned_away import moved_on, returns_text
from audits.photo_answers import photo_response
from outlets.people import held
from outlets.people.permissions import ReaderRequest, Right, requires

SECTION = "audits/visits/section_edit.html"


def own_visit(request: ReaderRequest, visit_id: UUID) -> Visit:
    """The reader's own visit with all that a page names, or 404.

    What is sent finds a voided visit too, so that it is refused with its text and not lost.
    """
    own = queries.own_visits(request.user, with_voided=request.method == "POST")
    return get_object_or_404(own, public_id=visit_id)


def to_visit(visit: Visit) -> HttpResponse:
    return redirect("audits:visit_detail", visit.public_id)


@require_safe
@requires(Right.DO_VISITS)
def visit_detail(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """One visit: before it starts what to do there, then its sections, then what became of it."""
    visit = own_visit(request, visit_id)
    context = {"visit": visit, "today": timezone.localdate()}
    if visit.version_id is None:
        context["card"] = card_on(visit.scenario_id, timezone.localdate())
        context |= {"pages": kept_pages.pages_before(visit), "stamp": kept_pages.stamp(visit)}
        shown = render(request, "audits/visits/visit_detail.html", context)
        return keepable(request, shown) if context["pages"] else shown
    now = sheet.read(visit)
    context |= {
        "sheet": now,
        "card": visit.answer_card,
        "next_url": _next_gap(now),
        "stamp": kept_pages.stamp(visit, len(now.remarks)),
    }
    context["pages"] = kept_pages.pages(now)
    shown = render(request, "audits/visits/visit_tasks.html", context)
    return keepable(request, shown) if context["pages"] else shown


@require_POST
@requires(Right.DO_VISITS)
def visit_start(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    visit = own_visit(request, visit_id)
    try:
        visits.start(visit=visit, by=request.user, at=timezone.now())
    except refusals.NotYetOpen:
        messages.warning(request, _("This visit cannot start before its first day. Nothing has been changed."))
    except refusals.NoRunningChecklist:
        messages.error(
            request,
            _("This checklist has no running version at the moment. Please tell the coordinator; nothing is lost."),
        )
    except StaleState as stale:
        if stale.visit.state != VisitState.IN_PROGRESS:
            return moved_on(request, stale)
    return to_visit(visit)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.DO_VISITS)
@returns_text
def section_edit(request: ReaderRequest, visit_id: UUID, section: str) -> HttpResponse:
    """One section of the checklist, one page."""
    visit = _form_visit(request, visit_id)
    if visit.version is None or section not in outline(visit.version).section_by_code:
        raise Http404
    now = sheet.read(visit)
    part = now.outline.section_by_code[section]
    return _edit(request, now, FormPage(part.criteria, part))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.DO_VISITS)
@returns_text
def visit_missing(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """What is still missing of a visit, from all sections, on one page: first what is forgotten first."""
    now = _begun(request, visit_id)
    wanted = [gap.criterion for gap in now.gaps if gap.criterion]
    if request.method != "POST" and not wanted:
        return redirect("audits:visit_check", visit_id)
    # All of them are read, since some may have been answered meanwhile; what is missing or faulty is drawn.
    drawn = {criterion.code for criterion in wanted}
    return _edit(
        request,
        now,
        FormPage(
            forgotten_first(now.outline.criteria),
            template="audits/visits/missing_edit.html",
            drawn=drawn,
            after="missing",
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.DO_VISITS)
@returns_text
def visit_quick(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """In the outlet: one mark for each thing to be seen, in the order in which it happens. It looks like a note."""
    now = _begun(request, visit_id)
    criteria = [criterion for criterion in now.outline.criteria if kept_pages.is_quick(criterion)]
    if now.is_returned or not criteria:
        return to_visit(now.visit)
    return _edit(request, now, FormPage(criteria, template="audits/visits/quick_edit.html", words=wording.note_words))


def _form_visit(request: ReaderRequest, visit_id: UUID) -> Visit:
    own = queries.visits_to_fill_in(request.user, with_voided=request.method == "POST")
    return get_object_or_404(own, public_id=visit_id)


def _begun(request: ReaderRequest, visit_id: UUID) -> sheet.Sheet:
    visit = _form_visit(request, visit_id)
    if visit.version_id is None:
        raise Http404
    return sheet.read(visit)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.DO_VISITS)
@returns_text
def follow_up_edit(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """The criteria that are answered days after the visit."""
    visit = own_visit(request, visit_id)
    if visit.version_id is None:
        raise Http404
    now = sheet.read(visit)
    if not now.follow_ups:
        raise Http404
    return _edit(request, now, FormPage(now.follow_ups))


@dataclass(frozen=True)
class FormPage:
    """A page of the form: the criteria it reads, those it draws (all, if not said), and where its button leads."""

    criteria: Sequence[CriterionOutline]
    part: SectionOutline | None = None
    template: str = SECTION
    drawn: Collection[str] | None = None
    after: str = ""
    words: Callable[[], dict[str, str]] = wording.phone_words


def _edit(request: ReaderRequest, now: sheet.Sheet, page: FormPage) -> HttpResponse:
    """Shows a set of criteria and saves what comes back: all that is sound, whatever else is not."""
    criteria = page.criteria
    if request.method == "POST":
        return _save(request, now, page) or redirect(_next_page(request, now, page))
    kept = held.held_for(request, at=timezone.now())
    if not any(criterion.code in now.open_codes for criterion in criteria):
        return moved_on(request, StaleState(now.visit), kept=kept) if kept else to_visit(now.visit)
    return _show(request, now, SectionForm(now, criteria, kept and kept.data), page, kept=kept)


def _show(request, now, form, page, *, kept=None, status=200) -> HttpResponse:
    part, drawn = page.part, page.drawn
    if drawn is not None:
        form.only = {*drawn, *form.faulty_codes, *form.conflicts}
    context = {
        "sheet": now,
        "visit": now.visit,
        "form": form,
        "part": part,
        "is_follow_up": part is None and page.template == SECTION,
        "by_fading": page.after == "missing",
        "kept": kept,
        "progress": now.progress_of(page.criteria),
        "locked": [] if drawn is not None else [c for c in page.criteria if c.code not in now.open_codes],
        "position": now.outline.sections.index(part) + 1 if part else 0,
        "next_url": _next_page(request, now, page) if part or page.template != SECTION else "",
        **phone_context(),
        "phone_words": page.words(),
    }
    shown = render(request, page.template, context, status=status)
    return shown if kept else keepable(request, shown)


def save_follow_ups(request: ReaderRequest, visit: Visit) -> HttpResponse | None:
    """Saves the answers that come with the follow-up page's button; a page when something wants attention first."""
    if visit.version_id is None:
        return None
    now = sheet.read(visit)
    return _save(request, now, FormPage(now.follow_ups))


def _save(request: ReaderRequest, now: sheet.Sheet, page: FormPage) -> HttpResponse | None:
    """Saves what came back; the page to show when not everything could be."""
    at, criteria = timezone.now(), page.criteria
    editable = [criterion for criterion in criteria if criterion.code in now.open_codes]
    form = SectionForm(now, criteria, request.POST, request.FILES)
    form.is_valid()
    marks_rest = "rest_na" in request.POST
    if marks_rest and not form.cleaned_data.get("rest_na_reason"):
        form.add_error("rest_na_reason", _("Write one reason why the rest does not apply."))
    photos = form.new_photos()
    save = partial(
        visits.save_answers,
        visit=now.visit,
        entries=form.entries(),
        remove=_named(now.visit, request.POST.get("remove")),
        restore=_named(now.visit, request.POST.get("restore")),
        by=request.user,
        at=at,
    )
    try:
        try:
            saved = save(photos=photos)
        except photo_files.NoRoomOnDisk:
            saved = save()
            form.photo_errors |= {new.code: [around.no_room()] for new in photos}
        if saved.refused or form.faulty_codes - now.open_codes or (marks_rest and not editable):
            now.visit.refresh_from_db(fields=["state"])
            return moved_on(
                request,
                StaleState(now.visit),
                unsaved={*saved.refused, *saved.conflicts, *form.faulty_codes},
                is_rest_saved=bool(saved.saved or saved.photos),
            )
        form.conflicts = saved.conflicts
        for code in saved.full:
            form.say_full(code)
        if marks_rest and not form.has_problems:
            visits.mark_rest_not_applicable(
                visit=now.visit, criteria=editable, reason=form.cleaned_data["rest_na_reason"], by=request.user, at=at
            )
    except StaleState as stale:
        return moved_on(request, stale)
    held.release(request)
    if form.has_problems:
        fresh = sheet.read(now.visit)
        form.sheet = fresh
        return _show(request, fresh, form, page, status=422)
    if saved.photos:
        messages.success(
            request,
            ngettext("%(count)d photo received.", "%(count)d photos received.", saved.photos) % {"count": saved.photos},
        )
    if saved.already_there:
        messages.info(request, _("A photo that was already here has been kept once."))
    return None


def _named(visit: Visit, public_id: str | None) -> list[Photo]:
    """The visit's photo of this id, as a list; empty for none, for another visit's and for what is no id."""
    try:
        return list(Photo.objects.filter(visit=visit, public_id=UUID(public_id or "")))
    except ValueError:
        return []


def _next_page(request: ReaderRequest, now: sheet.Sheet, page: FormPage) -> str:
    """Where the button pressed leads: the same place, the checking page, or the next section."""
    here = request.get_full_path()
    if place := _place(request, now):
        return f"{here}#{place}"
    if "rest_na" in request.POST:
        return here
    ids = {"visit_id": now.visit.public_id}
    if request.GET.get("then") == "check":
        return reverse("audits:visit_check", kwargs=ids)
    if page.after == "missing":
        # A phone goes on from the copy of a page that knows nothing of its answers: to the one that says what it holds.
        return reverse("audits:visit_check" if request.method == "GET" else "audits:visit_missing", kwargs=ids)
    if page.part is None or now.is_returned:
        return reverse("audits:visit_detail", kwargs=ids)
    following = now.next_section(page.part.code)
    if following is None:
        return reverse("audits:visit_check", kwargs=ids)
    return reverse("audits:section_edit", kwargs=ids | {"section": following.code})


def _place(request: ReaderRequest, now: sheet.Sheet) -> str:
    """The question whose photos the button pressed is about; empty for other buttons."""
    if "stay" in request.POST:
        return request.POST["stay"] if request.POST["stay"] in now.outline.by_code else ""
    wanted = request.POST.get("remove") or request.POST.get("restore")
    for code, photos in (*now.photos.items(), *now.removed.items()):
        if any(str(photo.public_id) == wanted for photo in photos):
            return code
    return ""


@require_safe
@requires(Right.DO_VISITS)
def visit_check(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """All answers before submitting, what is missing first; afterwards the answers as they were sent."""
    visit = own_visit(request, visit_id)
    if visit.version_id is None:
        return to_visit(visit)
    now = sheet.read(visit)
    context = {"visit": visit, "sheet": now, "next_url": _next_gap(now, then="check") if now.gaps else ""}
    shown = render(request, "audits/visits/visit_check.html", context | phone_context())
    return keepable(request, shown) if now.is_open else shown


def phone_context() -> dict[str, Any]:
    """What the scripts of a page need."""
    return {
        "phone_words": wording.phone_words(),
        "photo_grace": settings.PHOTO_GRACE_SECONDS,
    }


def _next_gap(now: sheet.Sheet, then: str = "") -> str:
    """The place of the first thing missing; the checking page when nothing is."""
    ids = {"visit_id": now.visit.public_id}
    if not now.gaps:
        return reverse("audits:visit_check", kwargs=ids)
    query = {"then": then} if then else None
    first = now.gaps[0].criterion
    if first is None:
        return reverse("audits:visit_met", kwargs=ids, query=query)
    section = reverse("audits:section_edit", kwargs=ids | {"section": first.section_code}, query=query)
    return f"{section}#{first.code}"


@require_safe
@requires(Right.DO_VISITS)
def visit_receipt(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """The receipt of the latest submission."""
    visit = own_visit(request, visit_id)
    submission = visit.submissions.order_by("-number").first()
    if submission is None:
        return to_visit(visit)
    context = {
        "visit": visit,
        "submission": submission,
        "sheet": sheet.read(visit),
        "following": queries.next_visit(request.user, timezone.localdate()),
    }
    return render(request, "audits/visits/visit_receipt.html", context)


@require_safe
@requires(Right.DO_VISITS)
def visit_photo(request: ReaderRequest, visit_id: UUID, photo_id: UUID, size: str) -> FileResponse:
    """A photo of one's own visit: `size` is full or thumbnail."""
    photo = get_object_or_404(
        Photo.objects.filter(visit__in=Visit.objects.of_shopper(request.user)).select_related("visit"),
        visit__public_id=visit_id,
        public_id=photo_id,
    )
    shown = photo_response(photo, size)
    return keepable(request, shown) if size == "thumbnail" and photo.visit.state in OPEN_TO_SHOPPER else shown


@require_safe
@requires(Right.DO_VISITS)
def visit_example(request: ReaderRequest, picture_id: UUID, size: str) -> FileResponse:
    """An example picture of a version that one's own visits are made with; the phone keeps the small one."""
    visits = Visit.objects.of_shopper(request.user)
    pictures = shown_in(Criterion.objects.filter(version__in=visits.values("version")))
    shown = photo_response(get_object_or_404(pictures, public_id=picture_id), size)
    return keepable(request, shown) if size == "thumbnail" else shown
