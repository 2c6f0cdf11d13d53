"""The draft editor: one page, and the addresses its forms are sent to. Without a script each step loads the page."""

from contextlib import suppress
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audits.checklists import actions as checklists
from audits.checklists import content
from audits.checklists.drafts import actions as drafts
from audits.checklists.drafts import queries
from audits.checklists.drafts.closed import closed, typed_texts
from audits.checklists.drafts.forms import ChecklistForm, CriterionForm, SectionForm
from audits.checklists.drafts.merging import Overtaken
from audits.checklists.drafts.models import DraftChange
from audits.checklists.drafts.undone import undone
from audits.checklists.models import Checklist, ChecklistVersion
from audits.checklists.outline import outline
from audits.checklists.queries import add_sent_back
from outlets.listing import Column, listing
from outlets.people import held
from outlets.people.permissions import ReaderRequest, Right, requires

FORM = ["GET", "HEAD", "POST"]
_UP, _DOWN = -1, 1


def _version(version_id: UUID) -> ChecklistVersion:
    rows = ChecklistVersion.objects.select_related("checklist", "based_on__checklist")
    return get_object_or_404(rows, public_id=version_id)


@require_http_methods(FORM)
@requires(Right.EDIT_CHECKLISTS)
def checklist_create(request: ReaderRequest) -> HttpResponse:
    """A new checklist, with an empty draft."""
    at = timezone.now()
    data = request.POST if request.method == "POST" else held.held_data(request, at=at)
    form = ChecklistForm(data)
    if request.method == "POST" and form.is_valid():
        try:
            position = Checklist.objects.count()
            draft = checklists.create(by=request.user, at=at, position=position, **form.cleaned_data)
        except checklists.CodeTaken as refused:
            form.add_error("code", str(refused))
        else:
            held.release(request)
            messages.success(request, _("The checklist has been created. Its draft is empty: add a first section."))
            return redirect("audits:draft_edit", draft.public_id)
    context = {
        "form": form,
        "title": _("New checklist"),
        "button": _("Create"),
        "back_url": reverse("audits:checklist_list"),
        "back_label": _("Checklists"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "components/form_page.html", context, status=status)


@require_POST
@requires(Right.EDIT_CHECKLISTS)
def draft_create(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """A new draft that says what this version says."""
    draft = checklists.draft_from(version=_version(version_id), by=request.user, at=timezone.now())
    messages.success(request, _("The draft is a whole copy. What is published stays as it is."))
    return redirect("audits:draft_edit", draft.public_id)


@require_safe
@requires(Right.EDIT_CHECKLISTS, Right.READ_CHECKLIST_HISTORY)
def draft_edit(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """A draft as an outline; `open` names the criterion or section whose form is shown, `near` one to unfold alone.

    Who reads drafts and does not edit them is led to where this one is read, or decided on.
    """
    version = _version(version_id)
    if version.state == ChecklistVersion.State.PROPOSED and request.access.may(Right.APPROVE_CHECKLISTS):
        return redirect("audits:proposal_decide", version.public_id)
    if not version.is_draft or not request.access.may(Right.EDIT_CHECKLISTS):
        return redirect("audits:version_detail", version.public_id)
    return _page(request, version)


def _page(
    request: ReaderRequest,
    version: ChecklistVersion,
    form: CriterionForm | SectionForm | None = None,
    opened: str = "",
    clash: Overtaken | drafts.Gone | None = None,
) -> HttpResponse:
    page = queries.read(version)
    add_sent_back([version])
    opened = opened or request.GET.get("open", "")
    if form is None and (plain := queries.plain_criterion(page.outline, opened)):
        form = CriterionForm(plain)
    elif form is None and (section := page.outline.section_by_code.get(opened)):
        form = SectionForm(initial={"name_vi": section.name_vi, "name_en": section.name_en})
    done, unfolded = request.GET.get("done", ""), opened or request.GET.get("near", "")
    # A form that is given back is of the page that sent it: what else it shows is no newer than that one was.
    is_given_back = form is not None and form.is_bound
    context: dict[str, Any] = {
        "version": version,
        "page": page,
        "seen": _step(request, "seen") if is_given_back else page.seen,
        "undone": undone(version, today=timezone.localdate()),
        "opened": opened,
        "opened_section": page.outline.by_code[unfolded].section_code if unfolded in page.outline.by_code else unfolded,
        "form": form,
        "clash": clash,
        "theirs": _theirs(clash),
        "typed": typed_texts(request, clash.change.before if clash.change else None)
        if isinstance(clash, drafts.Gone)
        else [],
        "done": next((step for step in page.steps if str(step.change.number) == done and step.can_undo), None),
    }
    status = 409 if clash else 422 if is_given_back else 200
    return render(request, "audits/checklists/draft_edit.html", context, status=status)


def _theirs(clash: Overtaken | drafts.Gone | None) -> list[tuple[str, str]]:
    """What stands where two editors wrote the same, by the name of the field."""
    if not isinstance(clash, Overtaken):
        return []
    return [(queries.label_of(name), str(value)) for name, value in clash.theirs.items()]


@require_POST
@requires(Right.EDIT_CHECKLISTS)
def criterion_edit(request: ReaderRequest, version_id: UUID, code: str) -> HttpResponse:
    """Saves what came of a criterion, then does what the button says: move, copy or delete it."""
    version = _version(version_id)
    if not version.is_draft:
        return _closed(request, version, code)
    plain = queries.plain_criterion(outline(version), code)
    if plain is None:
        return _gone(request, version, DraftChange.Part.CRITERION, code)
    form = CriterionForm(plain, request.POST)
    given: dict[str, Any] = {"version": version, "code": code, "by": request.user, "at": timezone.now()}
    try:
        if request.POST.get("do") == "delete":
            return _deleted(request, form, given)
        if not form.is_valid():
            return _page(request, version, form, code)
        drafts.edit_criterion(**given, changed=form.changed(), **_sight(request))
        return _then(request, version, code, given)
    except Overtaken as overtaken:
        return _page(request, version, form, code, overtaken)
    except drafts.Gone:
        return _gone(request, version, DraftChange.Part.CRITERION, code)
    except checklists.NotADraft:
        return _closed(request, version, code)
    except checklists.ChecklistRefused as refused:
        messages.warning(request, str(refused))
        return _to_page(version, code)


def _then(request: ReaderRequest, version: ChecklistVersion, code: str, given: dict[str, Any]) -> HttpResponse:
    """Does what the button says once the fields are saved."""
    do = request.POST.get("do", "")
    if do in ("up", "down"):
        section, position = _next_place(version, code, _UP if do == "up" else _DOWN)
        drafts.move_criterion(**given, section=section, position=position)
    elif do == "place":
        section = request.POST.get("section", "")
        drafts.move_criterion(**given, section=section, position=_whole(request.POST.get("position"), 10_000))
    elif do == "duplicate":
        code = drafts.duplicate_criterion(**given)
    was_open = do == "duplicate" or "ticks" in request.POST or "open" in request.POST
    return _to_page(version, code) if was_open else _to_line(version, code)


def _deleted(request: ReaderRequest, form: CriterionForm, given: dict[str, Any]) -> HttpResponse:
    """Deletes a criterion, also one that cannot be saved as it came. What can be is saved first: it may come back."""
    if form.is_valid():
        with suppress(Overtaken):
            drafts.edit_criterion(**given, changed=form.changed(), **_sight(request))
    change = drafts.delete_criterion(**given)
    return _to_page(given["version"], "", done=change.number, to=change.before["section"] if change.before else "")


def _next_place(version: ChecklistVersion, code: str, step: int) -> tuple[str, int]:
    """One place up or down; beyond a section's end, the near end of the next section."""
    now = outline(version)
    criterion = now.by_code.get(code)
    if criterion is None:
        raise drafts.Gone(None)
    sections = [each.code for each in now.sections]
    here = sections.index(criterion.section_code)
    inside = [each.code for each in now.sections[here].criteria]
    position = inside.index(code) + step
    if 0 <= position < len(inside) or not 0 <= here + step < len(sections):
        return sections[here], position
    return sections[here + step], 0 if step == _DOWN else len(now.sections[here + step].criteria)


@require_POST
@requires(Right.EDIT_CHECKLISTS)
def criterion_add(request: ReaderRequest, version_id: UUID, code: str) -> HttpResponse:
    """A new criterion at the end of the section; its form is open."""
    version = _version(version_id)
    try:
        made = drafts.add_criterion(version=version, section=code, by=request.user, at=timezone.now())
    except drafts.Gone:
        return _gone(request, version, DraftChange.Part.SECTION, code)
    except checklists.ChecklistRefused as refused:
        messages.warning(request, str(refused))
        return _to_page(version, code)
    return _to_page(version, made)


@require_POST
@requires(Right.EDIT_CHECKLISTS)
def draft_section_add(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """A new section at the end; its form is open."""
    version = _version(version_id)
    try:
        made = drafts.add_section(version=version, name_vi="", by=request.user, at=timezone.now())
    except checklists.ChecklistRefused as refused:
        messages.warning(request, str(refused))
        return _to_page(version, "")
    return _to_page(version, made)


@require_POST
@requires(Right.EDIT_CHECKLISTS)
def draft_section_edit(request: ReaderRequest, version_id: UUID, code: str) -> HttpResponse:
    """Saves a section's names, then does what the button says: move or delete it."""
    version = _version(version_id)
    if not version.is_draft:
        return _closed(request, version, code)
    do = request.POST.get("do", "")
    given: dict[str, Any] = {"version": version, "code": code, "by": request.user, "at": timezone.now()}
    form = SectionForm(request.POST)
    try:
        if "name_vi" in request.POST and do != "delete":
            if not form.is_valid():
                return _page(request, version, form, code)
            drafts.edit_section(**given, changed=form.cleaned_data, **_sight(request))
        if do in ("up", "down"):
            order = [each.code for each in outline(version).sections]
            step = _UP if do == "up" else _DOWN
            position = order.index(code) + step if code in order else 0
            drafts.move_section(**given, position=position)
        elif do == "delete":
            return _to_page(version, "", done=drafts.delete_section(**given).number)
    except Overtaken as overtaken:
        return _page(request, version, form, code, overtaken)
    except drafts.Gone:
        return _gone(request, version, DraftChange.Part.SECTION, code)
    except checklists.NotADraft:
        return _closed(request, version, code)
    except checklists.ChecklistRefused as refused:
        messages.warning(request, str(refused))
    return _to_page(version, code)


@require_POST
@requires(Right.EDIT_CHECKLISTS)
def change_undo(request: ReaderRequest, version_id: UUID, number: int) -> HttpResponse:
    """Takes one step back."""
    version = _version(version_id)
    try:
        change = drafts.undo(version=version, number=number, by=request.user, at=timezone.now())
    except drafts.CannotUndo as refused:
        messages.warning(request, f"{refused} {_by_whom(refused.change)}".strip())
        return _to_page(version, "")
    except checklists.ChecklistRefused as refused:
        messages.warning(request, str(refused))
        return _to_page(version, "")
    messages.success(request, _("The step has been taken back."))
    return _to_page(version, change.code if change.after else "")


@require_safe
@requires(Right.EDIT_CHECKLISTS)
def change_list(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """Every step of a draft, the newest first."""
    version = _version(version_id)
    found = listing(
        request,
        version.changes.select_related("by", "undoes"),
        columns=[
            Column("number", _("No."), ("number",), is_number=True),
            Column("what", _("Step"), ("code", "number")),
            Column("by", _("By"), ("by__sort_key", "number")),
            Column("at", _("When"), ("number",)),
        ],
        default="-number",
        filters=[],
        search=lambda rows, query: rows.filter(code__icontains=query.strip()),
        search_hint=_("Code"),
    )
    context = {"version": version, "listing": found, "steps": list(queries.steps(found.page))}
    return render(request, "audits/checklists/change_list.html", context)


@require_http_methods(FORM)
@requires(Right.EDIT_CHECKLISTS)
def draft_discard(request: ReaderRequest, version_id: UUID) -> HttpResponse:
    """Asks, then lays a draft aside for good."""
    version = _version(version_id)
    if not version.is_draft:
        return redirect("audits:version_detail", version.public_id)
    if request.method == "POST":
        try:
            drafts.discard(version=version, by=request.user, at=timezone.now())
        except checklists.ChecklistRefused as refused:
            messages.warning(request, str(refused))
            return _to_page(version, "")
        messages.success(
            request, _("The draft has been discarded. It can still be read in the history of its checklist.")
        )
        return redirect("audits:checklist_list")
    return render(request, "audits/checklists/draft_discard.html", {"version": version, "page": queries.read(version)})


def _sight(request: ReaderRequest) -> dict[str, Any]:
    """What the page that sends this has seen and written (see `merging`)."""
    return {
        "seen": _step(request, "seen"),
        "page": request.POST.get("page", "")[:36],
        "decided": _step(request, "decided"),
    }


def _step(request: ReaderRequest, name: str) -> int:
    return _whole(request.POST.get(name), 2**31 - 1)


def _whole(typed: str | None, most: int) -> int:
    return min(int(typed), most) if typed and typed.isascii() and typed.isdigit() else 0


def _to_page(version: ChecklistVersion, code: str, done: int | None = None, to: str = "") -> HttpResponse:
    """Back to the draft, with a part's form open and in view, or with what was just done."""
    address = reverse("audits:draft_edit", args=[version.public_id])
    query = urlencode({name: value for name, value in (("open", code or to), ("done", done)) if value})
    return redirect(f"{address}?{query}#{'done' if done else code}" if query else address)


def _to_line(version: ChecklistVersion, code: str) -> HttpResponse:
    """Back to the draft with a criterion's line in view, and no form open."""
    address = reverse("audits:draft_edit", args=[version.public_id])
    return redirect(f"{address}?{urlencode({'near': code})}#{code}")


def _gone(request: ReaderRequest, version: ChecklistVersion, part: DraftChange.Part, code: str) -> HttpResponse:
    """The draft without the part, saying who took it away; what was typed stands on the page to be copied."""
    return _page(request, version, clash=drafts.Gone(_deletion(version, part, code)))


def _deletion(version: ChecklistVersion, part: DraftChange.Part, code: str) -> DraftChange | None:
    """The step that deleted a part, or for a criterion the section it stood in; None where none did."""
    deleted = version.changes.filter(kind=DraftChange.Kind.DELETED).select_related("by")
    for each in deleted:
        plain = each.before or {}
        inside = [criterion["code"] for criterion in plain.get("criteria", ())]
        if (each.part, each.code) == (part, code) or (part == DraftChange.Part.CRITERION and code in inside):
            return each
    return None


def _closed(request: ReaderRequest, version: ChecklistVersion, code: str) -> HttpResponse:
    """Says who closed the draft; what was typed for the part stands on the page to be copied."""
    now = outline(version)
    part = now.section_by_code.get(code)
    stands = content.of_section(part) if part else queries.plain_criterion(now, code)
    return closed(request, version, typed_texts(request, stands))


def _by_whom(change: DraftChange | None) -> str:
    if change is None or change.by is None:
        return ""
    params = {"who": change.by.shown_name, "time": timezone.localtime(change.at).strftime("%H:%M %d/%m")}
    return _("By %(who)s, %(time)s.") % params
