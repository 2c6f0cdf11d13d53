"""What a unit asks to be looked at again: both sides' list and page, and the unit's own steps."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audits import photos as photo_files
from audits.photo_answers import photo_response
from audits.results.models import Block
from audits.results.second_looks import actions as second_looks
from audits.results.second_looks import deadlines, queries
from audits.results.second_looks.forms import SecondLookForm
from audits.results.second_looks.models import SecondLook, SecondLookFile
from outlets.listing import Column, Filter, listing
from outlets.organisation import queries as organisation
from outlets.people import held
from outlets.people.permissions import ReaderRequest, Right, requires


def readable_or_404(request: ReaderRequest, second_look_id: UUID) -> SecondLook:
    return get_object_or_404(queries.readable(request.user, request.access), public_id=second_look_id)


def moved(request: ReaderRequest, second_look: SecondLook) -> HttpResponse:
    """Back to the request, saying that it stands elsewhere by now."""
    messages.warning(
        request,
        _("Nothing has been changed: this request has moved on meanwhile. It stands now: %(state)s.")
        % {"state": second_look.get_state_display()},
    )
    return redirect("audits:second_look_detail", second_look.public_id)


@require_safe
@requires(Right.READ_SECOND_LOOKS)
def second_look_list(request: ReaderRequest) -> HttpResponse:
    """Requests of the reader's units, or of all of them: those that wait for the office first, the oldest on top."""
    can_ask = request.access.may(Right.ASK_SECOND_LOOKS)
    are_own = can_ask and not request.access.may(Right.RULE_SECOND_LOOKS)
    turns = dict(queries.Turn.choices) | ({queries.Turn.UNIT: _("You are to read the answer")} if are_own else {})
    found = listing(
        request,
        queries.with_turn(queries.readable(request.user, request.access)),
        columns=[
            Column("outlet", _("Outlet"), ("block__outlet__unit__sort_key", "stands_since")),
            Column("criterion", _("Criterion"), ("criterion__code", "stands_since")),
            Column("asked", _("Asked"), ("asked_at",)),
            Column("turn", _("Whose turn"), ("turn_place", "stands_since")),
            Column("since", _("Since"), ("stands_since",)),
        ],
        default="turn",
        filters=[
            Filter(
                "turn",
                _("Whose turn"),
                list(turns.items()),
                lambda rows, value: rows.filter(queries.OF_TURN[value]),
            ),
            Filter(
                "state",
                _("State"),
                [(state.value, state.label) for state in queries.State],
                lambda rows, value: rows.filter(state=value),
            ),
        ],
        search=queries.of_units_matching,
        search_hint=organisation.UNIT_HINT,
    )
    period = deadlines.open_periods(timezone.now()).first() if can_ask else None
    until = period and deadlines.until(period)
    context = {"listing": found, "can_ask": can_ask, "are_own": are_own, "until": until}
    return render(request, "audits/results/second_look_list.html", context)


@require_safe
@requires(Right.ASK_SECOND_LOOKS)
def second_look_blocks(request: ReaderRequest) -> HttpResponse:
    """What was published of the reader's units and can still be asked about."""
    periods = list(deadlines.open_periods(timezone.now()))
    found = listing(
        request,
        queries.own_blocks(request.access).filter(period__in=periods),
        columns=[
            Column("outlet", _("Outlet"), ("outlet__unit__sort_key", "-period__month")),
            Column("checklist", _("Checklist"), ("checklist__position", "outlet__unit__sort_key")),
            Column("month", _("Published in"), ("period__month", "outlet__unit__sort_key")),
            Column("until", _("Ask until the end of"), ("period__closed_at", "outlet__unit__sort_key")),
        ],
        default="outlet",
        search=organisation.of_units_matching,
        search_hint=organisation.UNIT_HINT,
    )
    rows = [(block, deadlines.until(block.period)) for block in found.page]
    context = {"listing": found, "rows": rows, "periods": periods, "days": settings.SECOND_LOOK_DAYS}
    return render(request, "audits/results/second_look_blocks.html", context)


def _own_block(request: ReaderRequest, block_id: UUID) -> Block:
    return get_object_or_404(queries.own_blocks(request.access), public_id=block_id)


@require_safe
@requires(Right.ASK_SECOND_LOOKS)
def second_look_criteria(request: ReaderRequest, block_id: UUID) -> HttpResponse:
    """The criteria of a block that lost points, each to be asked about once."""
    block = _own_block(request, block_id)
    context = {
        "published": block,  # a template calls something else `block`
        "askable": queries.askable(block),
        "until": deadlines.until(block.period),
        "is_open": deadlines.is_open(block.period, timezone.now()),
    }
    return render(request, "audits/results/second_look_criteria.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.ASK_SECOND_LOOKS)
def second_look_create(request: ReaderRequest, block_id: UUID, code: str) -> HttpResponse:
    """Asks about one criterion of a block, with a reason and files."""
    block, at = _own_block(request, block_id), timezone.now()
    criterion = next((each for each in queries.askable(block) if each.code == code), None)
    if criterion is None:
        raise Http404
    is_sent, status, standing = request.method == "POST", 200, criterion.second_look
    form = SecondLookForm(request.POST, request.FILES) if is_sent else SecondLookForm(held.held_data(request, at=at))
    if not is_sent and standing is not None:
        return redirect("audits:second_look_detail", standing.public_id)
    if is_sent:
        status = 422
        if form.is_valid():
            try:
                made = second_looks.ask(
                    block=block,
                    code=code,
                    reason=form.cleaned_data["reason"],
                    attachments=form.attachments,
                    by=request.user,
                    at=at,
                )
            except second_looks.TooLate as late:
                form.add_error(None, _("The time to ask ended on %(day)s.") % {"day": date_format(late.until)})
            except second_looks.AlreadyAsked as asked:
                standing = asked.second_look
                form.add_error(None, _("This criterion has been asked about already. Your text has not been sent."))
                status = 409
            except photo_files.NoRoomOnDisk:
                form.add_error(None, _("The server has no room for files at the moment. Please try again later."))
            else:
                held.release(request)
                messages.success(request, _("Sent. It is the programme office's turn now."))
                return redirect("audits:second_look_detail", made.public_id)
    context = {
        "form": form,
        "published": block,
        "criterion": criterion,
        "until": deadlines.until(block.period),
        "is_open": deadlines.is_open(block.period, at),
        "standing": standing,
    }
    return render(request, "audits/results/second_look_create.html", context, status=status)


@require_safe
@requires(Right.READ_SECOND_LOOKS)
def second_look_detail(request: ReaderRequest, second_look_id: UUID) -> HttpResponse:
    """A request with its files, its ruling and its history; what the reader may do is offered."""
    second_look = readable_or_404(request, second_look_id)
    may_ask = queries.may_ask(request.access, second_look.block)
    may_rule = queries.may_rule(request.user, request.access, second_look)
    context = {
        "second_look": second_look,
        "files": list(second_look.files.all()),
        "events": list(second_look.events.select_related("by")),
        "may_ask": may_ask,
        "may_rule": may_rule,
        "until": deadlines.until(second_look.block.period),
        "is_open": deadlines.is_open(second_look.block.period, timezone.now()),
    }
    return render(request, "audits/results/second_look_detail.html", context)


def _own(request: ReaderRequest, second_look_id: UUID) -> SecondLook:
    rows = queries.readable(request.user, request.access).filter(block__in=queries.own_blocks(request.access))
    return get_object_or_404(rows, public_id=second_look_id)


@require_POST
@requires(Right.ASK_SECOND_LOOKS)
def second_look_withdraw(request: ReaderRequest, second_look_id: UUID) -> HttpResponse:
    """Takes a request back before it is ruled."""
    second_look = _own(request, second_look_id)
    try:
        second_looks.withdraw(second_look=second_look, by=request.user, at=timezone.now())
    except second_looks.Moved as elsewhere:
        return moved(request, elsewhere.second_look)
    messages.success(request, _("Withdrawn. Nothing that was published has changed."))
    return redirect("audits:second_look_detail", second_look_id)


@require_POST
@requires(Right.ASK_SECOND_LOOKS)
def second_look_read(request: ReaderRequest, second_look_id: UUID) -> HttpResponse:
    """Says that the unit has read the ruling. A second tap changes nothing."""
    second_look = _own(request, second_look_id)
    try:
        second_looks.mark_read(second_look=second_look, by=request.user, at=timezone.now())
    except second_looks.Moved as elsewhere:
        if elsewhere.second_look.read_at is None:
            return moved(request, elsewhere.second_look)
    return redirect(f"{reverse('audits:second_look_list')}?turn=unit")


@require_safe
@requires(Right.READ_SECOND_LOOKS)
def second_look_file(request: ReaderRequest, second_look_id: UUID, file_id: UUID, size: str) -> FileResponse:
    """What was sent along: a photo as a picture, a document as a file to be taken, never to be opened here."""
    rows = queries.files(queries.readable(request.user, request.access), second_look_id)
    sent = get_object_or_404(rows, public_id=file_id)
    if sent.is_photo:
        return photo_response(sent, size)
    if size != "full":
        raise Http404
    return _document_response(sent)


def _document_response(sent: SecondLookFile) -> FileResponse:
    try:
        file = photo_files.open_stored(sent.file, settings.MEDIA_ROOT)
    except FileNotFoundError as gone:
        raise Http404 from gone
    response = FileResponse(file, content_type="application/pdf", as_attachment=True, filename="document.pdf")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store, private"
    return response
