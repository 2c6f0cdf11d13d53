"""The reviewer's pages: the queue, one visit, the decision, and what the unit may see of a photo.

All work without a script. The review page is one form: whatever button is pressed, what has been written is kept first.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import FileResponse, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audits.checklists.models import Checklist
from audits.fieldwork.models import Photo, Visit, Wave
from audits.fieldwork.states import VisitState
from audits.fieldwork.sync.queries import set_aside
from audits.fieldwork.transitions import StaleState
from audits.photo_answers import photo_response
from audits.photos import NoRoomOnDisk
from audits.review import actions, flags, queries, receiving, showing
from audits.review import queue as waiting
from audits.review.desk import desk, typed_texts
from audits.review.forms import COLUMNS, ROWS, MarksForm, PhotoForm, as_edited
from audits.review.models import ShownPhoto
from outlets.listing import Column, Filter, listing
from outlets.organisation import queries as organisation
from outlets.people import held
from outlets.people.permissions import ReaderRequest, Right, requires

FASTER = (actions.Claimed, StaleState)


def _visit(request: ReaderRequest, visit_id: UUID, *, is_held: bool = False) -> Visit:
    """The visit; also a voided one for whoever still sends something, or has it kept (`is_held`), to be told so."""
    rows = queries.readable_by(request.user, also_voided=is_held or request.method == "POST")
    return get_object_or_404(rows, public_id=visit_id)


@require_safe
@requires(Right.REVIEW_VISITS)
def review_list(request: ReaderRequest) -> HttpResponse:
    """The queue: what wants a look first, then the oldest; follow-ups that may still come stand at the end."""
    at = timezone.now()
    rows = waiting.waiting(request.user, at=at)
    waves = Wave.objects.filter(visits__state=VisitState.SUBMITTED).distinct()
    found = listing(
        request,
        rows,
        columns=[
            Column("outlet", _("Outlet"), ("outlet__unit__sort_key",)),
            Column("visited", _("Day of the visit"), ("visited_on",)),
            Column("submitted", _("Submitted"), ("submitted_at",)),
            Column("shopper", _("Shopper"), ("shopper__shopper_code",)),
            Column("flags", _("To look at"), ("urgency", "submitted_at")),
            Column("claim", _("Open with")),
        ],
        default="flags",
        filters=[
            Filter(
                "checklist",
                _("Checklist"),
                [(each.code, each.name) for each in Checklist.objects.all()],
                lambda rows, value: rows.filter(wave__checklist__code=value),
            ),
            Filter(
                "wave",
                _("Wave"),
                [(str(each.public_id), each.name) for each in waves],
                lambda rows, value: rows.filter(wave__public_id=value),
            ),
            Filter(
                "flagged",
                _("To look at"),
                [("yes", _("flagged")), ("no", _("nothing noticed"))],
                lambda rows, value: rows.filter(flags__gt=0) if value == "yes" else rows.filter(flags=0),
            ),
            Filter(
                "claim",
                _("Open with"),
                [("mine", _("me")), ("others", _("a colleague")), ("nobody", _("nobody"))],
                lambda rows, value: rows.filter(is_claimed=value != "nobody", is_mine=value == "mine"),
            ),
        ],
        search=organisation.of_units_matching,
        search_hint=organisation.UNIT_HINT,
    )
    context = {"listing": found, "decided": just_decided(request)}
    return render(request, "audits/review/review_list.html", context)


@require_POST
@requires(Right.REVIEW_VISITS)
def review_next(request: ReaderRequest) -> HttpResponse:
    """Takes the next visit of the queue and opens it."""
    return _to_next(request)


def _to_next(request: ReaderRequest, decided: Visit | None = None) -> HttpResponse:
    """The next visit, claimed; the queue when nothing is left. What was decided can be taken back from there."""
    at = timezone.now()
    visit = actions.claim_next(visits=waiting.next_for(request.user, at=at), by=request.user, at=at)
    query = {"decided": decided.public_id} if decided else None
    if visit is None:
        messages.info(request, _("Nothing more waits for you at the moment."))
        return redirect(reverse("audits:review_list", query=query))
    receiving.screen_if_missed(visit=visit, at=at)
    return redirect(reverse("audits:review_detail", args=[visit.public_id], query=query))


@require_POST
@requires(Right.REVIEW_VISITS)
def review_claim(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """Takes this visit and opens it."""
    visit, at = _visit(request, visit_id), timezone.now()
    try:
        actions.claim(visit=visit, by=request.user, at=at)
    except FASTER as faster:
        return _refused(request, visit, faster)
    receiving.screen_if_missed(visit=visit, at=at)
    return redirect("audits:review_detail", visit.public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.REVIEW_VISITS)
def review_detail(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """One submitted visit: what to look at, all answers, what the unit may see, and the decision."""
    if request.method == "POST":
        return _act(request, _visit(request, visit_id))
    kept = held.held_for(request, at=timezone.now())
    visit = _visit(request, visit_id, is_held=kept is not None)
    if visit.state != VisitState.SUBMITTED:
        if kept is None:
            return redirect("audits:received_detail", visit.public_id)
        held.release(request)  # shown once more here, and of no use any longer
        return _refused(request, visit, StaleState(visit), typed=kept.data)
    return _show(request, visit, typed=kept.data if kept else None)


def _show(request: ReaderRequest, visit: Visit, *, typed: QueryDict | None = None, status: int = 200) -> HttpResponse:
    """The desk; over fields that have not been saved (`typed`), with all that stands against saving them."""
    reading = queries.read(visit)
    problem, marks = _against(visit, reading, typed) if typed is not None and reading else ("", {})
    context = {
        "visit": visit,
        "reading": reading,
        "desk": desk(visit, reading, request.user, timezone.now(), typed=typed, **marks),  # type: ignore[arg-type]
        "events": visit.events.select_related("by").order_by("pk"),
        "problem": problem,
        "aside": set_aside(reading.sheet) if reading else (),
        "decided": just_decided(request),
    }
    return render(request, "audits/review/review_detail.html", context, status=status)


def _against(visit: Visit, reading: queries.Reading, typed: QueryDict) -> tuple[str, dict[str, Any]]:
    """What stands against saving what was typed, in words for the page and, for `desk`, by criterion."""
    unsaved = _("Nothing has been saved yet. Please check what is marked below.")
    form = MarksForm(reading, queries.worded(visit), typed)
    if not form.is_valid():
        return unsaved, {"errors": form.errors_by_code()}
    found = actions.against(visit=visit, marks=form.marks())
    asked = _("These words seem to hold %(what)s. Shall the unit still read them?")
    errors = {code: [asked % {"what": flags.in_words(what)}] for code, what in found.tells.items()}
    changed = _("Some texts have been changed in another tab meanwhile. Both are shown: keep what is right.")
    problem = unsaved if errors else changed if found.conflicts else ""
    return problem, {"errors": errors, "telling": tuple(errors), "conflicts": found.conflicts}


def just_decided(request: ReaderRequest) -> Visit | None:
    """The visit that the reader has just decided on and may still take back."""
    try:
        public_id = UUID(request.GET.get("decided", ""))
    except ValueError:
        return None
    own = Q(state=VisitState.RETURNED, remarks__made_by=request.user)
    own |= Q(state=VisitState.APPROVED, approved_by=request.user)
    return queries.readable_by(request.user).filter(own, public_id=public_id).distinct().first()


def _act(request: ReaderRequest, visit: Visit) -> HttpResponse:
    """Keeps what was written, then does what the button says. What is refused is told on the page asked for anew."""
    at = timezone.now()
    reading = queries.read(visit)
    if reading is None or visit.state != VisitState.SUBMITTED:
        return _refused(request, visit, StaleState(visit))
    form = MarksForm(reading, queries.worded(visit), request.POST)
    if not form.is_valid():
        return _typed_again(request, visit, at)
    try:
        if actions.save(visit=visit, marks=form.marks(), by=request.user, at=at):
            return _typed_again(request, visit, at)
        held.release(request)
        return _decide(request, visit, at)
    except FASTER as faster:
        return _refused(request, visit, faster)
    except actions.WordsTell:
        return _typed_again(request, visit, at)
    except actions.WordsOutdated as outdated:
        problem = _(
            "The shopper has changed the text behind the words for the unit: %(codes)s. "
            "Confirm those words or remove their tick, then approve."
        ) % {"codes": ", ".join(outdated.codes)}
    except actions.FollowUpsOpen:
        problem = _("This visit still waits for its follow-up answers. It can be approved when they have come.")
    except actions.RemarksWaiting as waiting_remarks:
        problem = ngettext(
            "There is %(count)d remark for the shopper. Return the visit with it, or empty it to approve.",
            "There are %(count)d remarks for the shopper. Return the visit with them, or empty them to approve.",
            waiting_remarks.count,
        ) % {"count": waiting_remarks.count}
    except actions.NothingRemarked:
        problem = _("Write at least one remark: it tells the shopper what to complete.")
    except showing.PrivatePhoto:
        problem = _("Photos of papers are never shown to a unit.")
    except showing.PhotoUnreadable:
        problem = _("The file of this photo is missing or damaged, so no copy could be made.")
    except showing.NothingLeft:
        problem = _("This photo is too small for a copy.")
    except NoRoomOnDisk:
        problem = _no_room()
    kept = _("What you wrote is saved.")
    messages.warning(request, f"{problem} {kept}")
    return redirect("audits:review_detail", visit.public_id)


def _typed_again(request: ReaderRequest, visit: Visit, at: datetime) -> HttpResponse:
    """The desk with what was typed, asked for anew: neither Back nor a reload sends a refused decision again.

    What is too much to be kept is shown at once.
    """
    here = reverse("audits:review_detail", args=[visit.public_id])
    if held.keep_posted(request, here, at=at):
        return redirect(here)
    return _show(request, visit, typed=request.POST, status=422)


def _decide(request: ReaderRequest, visit: Visit, at: datetime) -> HttpResponse:
    """`do` names the button; those of a photo carry its id. An unknown one only saves."""
    do, _colon, which = request.POST.get("do", "").partition(":")
    number = request.POST.get("submission", "")
    seen = int(number) if number.isdecimal() and len(number) < 5 else 0
    place = visit.outlet.unit.name
    if do == "approve":
        actions.approve(visit=visit, by=request.user, at=at, seen=seen)
        return _to_next(request, visit)
    if do == "return":
        remarks = actions.drafted(visit=visit)
        actions.return_visit(visit=visit, remarks=remarks, by=request.user, at=at, seen=seen)
        return _to_next(request, visit)
    if do == "release":
        actions.release(visit=visit, by=request.user)
        messages.info(request, _("%(outlet)s is back in the queue. What you wrote is kept.") % {"outlet": place})
        return redirect("audits:review_list")
    photo = _photo_named(visit, which)
    if photo and do == "show":
        showing.show_photo(photo=photo, by=request.user, at=at)
    elif photo and do == "hide":
        showing.hide_photo(photo=photo, by=request.user, at=at)
    elif photo and do == "edit":
        return redirect("audits:review_photo", visit.public_id, photo.public_id)
    else:
        messages.success(request, _("Saved."))
    here = reverse("audits:review_detail", args=[visit.public_id])
    return redirect(f"{here}#{photo.criterion.code}" if photo and photo.criterion else here)


def _photo_named(visit: Visit, public_id: str) -> Photo | None:
    try:
        rows = Photo.objects.kept().filter(visit=visit, public_id=UUID(public_id))
    except ValueError:
        return None
    return rows.select_related("criterion", "visit").first()


def _refused(
    request: ReaderRequest, visit: Visit, faster: actions.Claimed | StaleState, *, typed: QueryDict | None = None
) -> HttpResponse:
    """Somebody was faster: who, and when; and what had been typed, so that nothing is lost unseen."""
    fields = request.POST if typed is None else typed
    last = visit.events.select_related("by").order_by("-pk").first()
    is_own = isinstance(faster, StaleState) and last is not None and last.by_id == request.user.pk
    if typed is None and is_own and last is not None and last.to_state in (VisitState.APPROVED, VisitState.RETURNED):
        messages.info(request, _("You had already decided on this visit."))
        return redirect("audits:review_list")
    context = {
        "visit": visit,
        "event": last,
        "claim": faster.claim if isinstance(faster, actions.Claimed) else None,
        "is_newer": isinstance(faster, actions.NewerSubmission),
        "is_voided": visit.state == VisitState.VOIDED,
        "typed": typed_texts(fields, queries.read(visit)),
    }
    return render(request, "audits/review/review_refused.html", context, status=409)


@require_POST
@requires(Right.REVIEW_VISITS)
def review_take_back(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """Takes one's own decision back: an approval until it is published, a return until the shopper has begun."""
    visit = _visit(request, visit_id)
    try:
        actions.take_back(visit=visit, by=request.user, at=timezone.now())
    except actions.AlreadyBegun:
        messages.warning(request, _("The shopper has already begun to complete this visit, so it stays returned."))
        return redirect("audits:received_detail", visit.public_id)
    except StaleState as stale:
        return _refused(request, visit, stale)
    messages.success(request, _("Your decision has been taken back. The visit waits here as you left it."))
    return redirect("audits:review_detail", visit.public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.REVIEW_VISITS)
def review_photo(request: ReaderRequest, visit_id: UUID, photo_id: UUID) -> HttpResponse:
    """What the unit may see of one photo: cut at the sides, cells blurred, or nothing of it."""
    visit = _visit(request, visit_id)
    rows = Photo.objects.kept().filter(visit=visit, criterion__photo_is_private=False)
    photo = get_object_or_404(rows.select_related("criterion", "visit"), public_id=photo_id)
    shown = ShownPhoto.objects.filter(photo=photo).first()
    before = as_edited(shown) if shown else {}
    form = PhotoForm(request.POST if request.method == "POST" else None, initial=before)
    if request.method == "POST" and form.is_valid():
        try:
            return _make_copy(request, visit, photo, form)
        except FASTER as faster:
            return _refused(request, visit, faster)
        except showing.NothingLeft:
            form.add_error(None, _("What is left is too small to be seen. Cut off less."))
        except showing.PhotoUnreadable:
            form.add_error(None, _("The file of this photo is missing or damaged, so no copy could be made."))
        except NoRoomOnDisk:
            form.add_error(None, _no_room())
    context = {
        "visit": visit,
        "photo": photo,
        "shown": shown,
        "form": form,
        "grid": [[f"{row}-{column}" for column in range(COLUMNS)] for row in range(ROWS)],
        "ticked": request.POST.getlist("cells") if request.method == "POST" else before.get("cells", ()),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "audits/review/review_photo.html", context, status=status)


def _no_room() -> str:
    return _("The server has no room for photos at the moment. No copy was made; please tell the administrator.")


def _make_copy(request: ReaderRequest, visit: Visit, photo: Photo, form: PhotoForm) -> HttpResponse:
    at = timezone.now()
    if request.POST.get("do") == "hide":
        showing.hide_photo(photo=photo, by=request.user, at=at)
        messages.success(request, _("The unit is not shown this photo."))
    else:
        showing.show_photo(photo=photo, crop=form.crop, blurred=form.blurred, by=request.user, at=at)
        messages.success(request, _("This is what the unit will see. Change it, or go back to the visit."))
    return redirect("audits:review_photo", visit.public_id, photo.public_id)


@require_safe
@requires(Right.REVIEW_VISITS)
def review_shown_photo(request: ReaderRequest, visit_id: UUID, shown_id: UUID) -> FileResponse:
    """The copy of a photo as the unit will see it."""
    visit = _visit(request, visit_id)
    shown = get_object_or_404(ShownPhoto.objects.filter(photo__visit=visit), public_id=shown_id)
    return photo_response(shown, "full")


@require_POST
@requires(Right.REVIEW_VISITS)
def review_hide(request: ReaderRequest, visit_id: UUID) -> HttpResponse:
    """Withdraws what the unit is shown, or would have been: a photo's copy or a note's wording.

    After publication only the office does, as it corrects what was published.
    """
    visit, at = _visit(request, visit_id), timezone.now()
    after = request.access.may(Right.CLOSE_MONTHS)
    what, _colon, which = request.POST.get("what", "").partition(":")
    photo = _photo_named(visit, which) if what == "photo" else None
    criterion = visit.version.criteria.filter(code=which).first() if visit.version and what == "note" else None
    try:
        if photo:
            showing.hide_photo(photo=photo, by=request.user, at=at, also_published=after)
        elif criterion:
            showing.hide_note(visit=visit, criterion=criterion, by=request.user, at=at, also_published=after)
    except showing.AlreadyPublished:
        messages.warning(request, _("This visit has been published: only the programme office withdraws it now."))
        return redirect("audits:received_detail", visit.public_id)
    except StaleState as stale:
        return _refused(request, visit, stale)
    if photo or criterion:
        messages.success(request, _("Withdrawn. The unit is not shown it."))
    return redirect("audits:received_detail", visit.public_id)
