"""Every step in a draft. Each takes its turn on the draft's row, and leaves a DraftChange that can be taken back.

A step names parts by their codes. Content is as `content` describes it, every column written out.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audits.checklists import actions as checklists
from audits.checklists import content
from audits.checklists.actions import ChecklistRefused
from audits.checklists.content import Content
from audits.checklists.drafts import codes, fitting
from audits.checklists.drafts.merging import last_step, merged
from audits.checklists.drafts.models import DraftChange
from audits.checklists.models import (
    ChecklistEvent,
    ChecklistVersion,
    Criterion,
    CriterionOption,
    CriterionThreshold,
    ExamplePicture,
    Section,
    Theme,
)
from audits.checklists.outline import Outline, outline
from outlets.models import User

MOST_CRITERIA, MOST_SECTIONS = 150, 30  # a checklist of 60 already takes an hour to fill in
_PLACE = ("section", "position")

Part, Kind = DraftChange.Part, DraftChange.Kind


class Gone(ChecklistRefused):
    """The part is not in the draft any more; `change` is the step that deleted it, if it ever was there."""

    message = _("This part is not in the draft any more.")

    def __init__(self, change: DraftChange | None):
        self.change = change
        super().__init__()


class CannotUndo(ChecklistRefused):
    """The step cannot be taken back; `change` is the later one that stands in the way, if one does."""

    def __init__(self, message: str | Promise, change: DraftChange | None = None):
        self.change = change
        super().__init__(message)


class TooLong(ChecklistRefused):
    message = _("The checklist is full: nobody could fill in a longer one. Delete something first.")


@transaction.atomic
def add_section(*, version: ChecklistVersion, name_vi: str, by: User | None, at: datetime, name_en: str = "") -> str:
    """A new section at the end, under a letter that no version of this checklist has used; returns its code."""
    now = _open(version)
    if len(now.sections) >= MOST_SECTIONS:
        raise TooLong
    plain: Content = {
        "code": codes.next_section(version.checklist),
        "name_vi": name_vi,
        "name_en": name_en,
        "criteria": [],
    }
    place = {"position": len(now.sections)}
    _insert_section(version, now, plain, len(now.sections))
    _log(version, Part.SECTION, Kind.ADDED, plain["code"], None, _without(plain, "criteria") | place, by, at)
    return str(plain["code"])


@transaction.atomic
def edit_section(
    *,
    version: ChecklistVersion,
    code: str,
    changed: Content,
    seen: int,
    by: User | None,
    at: datetime,
    page: str = "",
    decided: int = 0,
) -> DraftChange | None:
    """Sets the names; `seen`, `page`, `decided` as in `merged`. None when nothing differs. Raises Gone, Overtaken."""
    now = _open(version)
    before = _section_at(now, version, code)
    after = merged(version, Part.SECTION, before, changed, seen, page, decided)
    if after == before:
        return None
    Section.objects.filter(version=version, code=code).update(name_vi=after["name_vi"], name_en=after["name_en"])
    return _log(version, Part.SECTION, Kind.EDITED, code, before, after, by, at, page=page)


@transaction.atomic
def move_section(
    *, version: ChecklistVersion, code: str, position: int, by: User | None, at: datetime
) -> DraftChange | None:
    """Puts a section at `position`, counted from 0 without it. None when it stands there. Raises Gone."""
    now = _open(version)
    before = _section_at(now, version, code)
    after = before | {"position": max(0, min(position, len(now.sections) - 1))}
    if after == before:
        return None
    _order_sections(version, _moved([each.code for each in now.sections], code, after["position"]))
    return _log(version, Part.SECTION, Kind.MOVED, code, before, after, by, at)


@transaction.atomic
def delete_section(*, version: ChecklistVersion, code: str, by: User | None, at: datetime) -> DraftChange:
    """Deletes a section with its criteria. Taking it back brings all of them back. Raises Gone."""
    now = _open(version)
    before = _section_at(now, version, code) | {"criteria": content.of_section(now.section_by_code[code])["criteria"]}
    Section.objects.filter(version=version, code=code).delete()
    _order_sections(version, [each.code for each in now.sections if each.code != code])
    return _log(version, Part.SECTION, Kind.DELETED, code, before, None, by, at)


@transaction.atomic
def add_criterion(
    *,
    version: ChecklistVersion,
    section: str,
    by: User | None,
    at: datetime,
    plain: Content | None = None,
    after: str = "",
) -> str:
    """A new criterion at a section's end, or behind the one named `after`; returns its code.

    `plain` is what it says. With a code of its own it keeps that code, if the draft does not have it; else it gets
    the next number that no version of this checklist has used. Raises Gone, TooLong.
    """
    now = _open(version)
    if section not in now.section_by_code:
        raise Gone(last_step(version, Part.SECTION, section))
    if len(now.criteria) >= MOST_CRITERIA:
        raise TooLong
    criteria = [each.code for each in now.section_by_code[section].criteria]
    position = criteria.index(after) + 1 if after in criteria else len(criteria)
    made = fitting.fitted(fitting.NEW | (plain or {}))
    if not made.get("code") or made["code"] in now.by_code:
        made["code"] = codes.next_criterion(version.checklist, section)
    _insert_criterion(version, now, made, section, position)
    _log(
        version,
        Part.CRITERION,
        Kind.ADDED,
        made["code"],
        None,
        made | {"section": section, "position": position},
        by,
        at,
    )
    return str(made["code"])


@transaction.atomic
def duplicate_criterion(*, version: ChecklistVersion, code: str, by: User | None, at: datetime) -> str:
    """A copy right behind the criterion, under a new code, which is returned. Raises Gone, TooLong."""
    plain = _criterion_at(_open(version), version, code)
    copy = _without(plain, "code", *_PLACE)
    return add_criterion(version=version, section=plain["section"], plain=copy, after=code, by=by, at=at)


@transaction.atomic
def edit_criterion(
    *,
    version: ChecklistVersion,
    code: str,
    changed: Content,
    seen: int,
    by: User | None,
    at: datetime,
    page: str = "",
    decided: int = 0,
) -> DraftChange | None:
    """Sets columns of a criterion. What was changed elsewhere meanwhile stays, where it is not the same column.

    `seen`, `page`, `decided` as in `merged`. What the kind has no use for is dropped, what it needs is filled in.
    Options without a code get one, also those whose code was another option's once. None when nothing differs. Raises
    Gone, Overtaken; KeyError for an unknown theme.
    """
    now = _open(version)
    before = _criterion_at(now, version, code)
    after = merged(version, Part.CRITERION, before, changed, seen, page, decided)
    if fitting.begins_to_count(before, after):
        after["weight"] = fitting.last_weight(version, code)
    after = fitting.fitted(after)
    if after["options"] != before["options"]:
        after["options"] = codes.with_codes(version.checklist, code, before["options"], after["options"])
    if after == before:
        return None
    _update_criterion(version, before, after)
    return _log(version, Part.CRITERION, Kind.EDITED, code, before, after, by, at, page=page)


@transaction.atomic
def move_criterion(
    *, version: ChecklistVersion, code: str, section: str, position: int, by: User | None, at: datetime
) -> DraftChange | None:
    """Puts a criterion at `position` of a section, counted without it. None when it stands there. Raises Gone."""
    now = _open(version)
    before = _criterion_at(now, version, code)
    if section not in now.section_by_code:
        raise Gone(last_step(version, Part.SECTION, section))
    others = [each.code for each in now.section_by_code[section].criteria if each.code != code]
    after = before | {"section": section, "position": max(0, min(position, len(others)))}
    if after == before:
        return None
    _place_criterion(version, now, code, section, after["position"])
    return _log(version, Part.CRITERION, Kind.MOVED, code, before, after, by, at)


@transaction.atomic
def delete_criterion(*, version: ChecklistVersion, code: str, by: User | None, at: datetime) -> DraftChange:
    """Deletes a criterion; the step can be taken back. Raises Gone."""
    before = _criterion_at(_open(version), version, code)
    Criterion.objects.filter(version=version, code=code).delete()
    return _log(version, Part.CRITERION, Kind.DELETED, code, before, None, by, at)


@transaction.atomic
def undo(*, version: ChecklistVersion, number: int, by: User | None, at: datetime) -> DraftChange:
    """Takes one step back, if what it left stands as it left it. That is a step too, and can be taken back as well.

    Raises CannotUndo, TooLong.
    """
    now = _open(version)
    change = DraftChange.objects.filter(version=version, number=number).first()
    if change is None:
        raise CannotUndo(_("There is no such step."))
    if DraftChange.objects.filter(undoes=change).exists():
        raise CannotUndo(_("This step has been taken back already."))
    _refuse_if_overtaken(version, now, change)
    back = _put_section if change.part == Part.SECTION else _put_criterion
    back(version, now, change)
    kind = _back_kind(change)
    return _log(version, Part(change.part), kind, change.code, change.after, change.before, by, at, undoes=change)


@transaction.atomic
def discard(*, version: ChecklistVersion, by: User | None, at: datetime) -> None:
    """Lays a draft aside for good. Its number is not given again; what it said and every step stay, to be read.

    Raises NotADraft.
    """
    _open(version)
    ChecklistVersion.objects.filter(pk=version.pk).update(state=ChecklistVersion.State.DISCARDED)
    version.refresh_from_db()
    ChecklistEvent.objects.create(version=version, kind=ChecklistEvent.Kind.DISCARDED, at=at, by=by)


def _open(version: ChecklistVersion) -> Outline:
    """What the draft holds, its row held until the transaction ends. Raises NotADraft."""
    checklists.lock_draft(version=version)
    return outline(version)


def _without(plain: Content, *names: str) -> Content:
    return {name: value for name, value in plain.items() if name not in names}


def _section_at(now: Outline, version: ChecklistVersion, code: str) -> Content:
    for position, each in enumerate(now.sections):
        if each.code == code:
            return _without(content.of_section(each), "criteria") | {"position": position}
    raise Gone(last_step(version, Part.SECTION, code))


def _criterion_at(now: Outline, version: ChecklistVersion, code: str) -> Content:
    for section in now.sections:
        for position, each in enumerate(section.criteria):
            if each.code == code:
                return content.of_criterion(each) | {"section": section.code, "position": position}
    raise Gone(last_step(version, Part.CRITERION, code))


def _insert_section(version: ChecklistVersion, now: Outline, plain: Content, position: int) -> None:
    checklists.fill_draft(version=version, sections=[plain])
    order = [each.code for each in now.sections]
    order.insert(position, plain["code"])
    _order_sections(version, order)


def _order_sections(version: ChecklistVersion, order: Sequence[str]) -> None:
    rows = {row.code: row for row in Section.objects.filter(version=version)}
    for position, code in enumerate(order):
        rows[code].position = position
    Section.objects.bulk_update(rows.values(), ["position"])


def _moved(order: Iterable[str], code: str, position: int) -> list[str]:
    rest = [each for each in order if each != code]
    return [*rest[:position], code, *rest[position:]]


def _insert_criterion(version: ChecklistVersion, now: Outline, plain: Content, section: str, position: int) -> None:
    row = Section.objects.get(version=version, code=section)
    made = Criterion(version=version, section=row, code=plain["code"], position=position, **_columns(plain))
    Criterion.objects.bulk_create([made])
    _write_parts(made.pk, plain)
    _order_criteria(row, _moved((each.code for each in now.section_by_code[section].criteria), made.code, position))


def _place_criterion(version: ChecklistVersion, now: Outline, code: str, section: str, position: int) -> None:
    row = Section.objects.get(version=version, code=section)
    Criterion.objects.filter(version=version, code=code).update(section=row)
    _order_criteria(row, _moved((each.code for each in now.section_by_code[section].criteria), code, position))


def _order_criteria(section: Section, order: Sequence[str]) -> None:
    rows = {row.code: row for row in Criterion.objects.filter(section=section)}
    for position, code in enumerate(order):
        rows[code].position = position
    Criterion.objects.bulk_update(rows.values(), ["position"])


def _update_criterion(version: ChecklistVersion, before: Content, after: Content) -> None:
    rows = Criterion.objects.filter(version=version, code=after["code"])
    rows.update(**_columns(after))
    if any(before[name] != after[name] for name in ("options", "thresholds")):
        key = rows.values_list("pk", flat=True).get()
        CriterionOption.objects.filter(criterion=key).delete()
        CriterionThreshold.objects.filter(criterion=key).delete()
        _write_parts(key, after)


def _columns(plain: Content) -> dict[str, Any]:
    columns = _without(plain, "code", "theme", "picture", "options", "thresholds", *_PLACE)
    theme = Theme.objects.get(code=plain["theme"]).pk if plain["theme"] else None
    picture = ExamplePicture.objects.get(public_id=plain["picture"]).pk if plain["picture"] else None
    return columns | {"weight": Decimal(str(plain["weight"])), "theme_id": theme, "picture_id": picture}


def _write_parts(criterion: int, plain: Mapping[str, Any]) -> None:
    CriterionOption.objects.bulk_create(
        CriterionOption(criterion_id=criterion, position=place, **option)
        for place, option in enumerate(plain["options"])
    )
    CriterionThreshold.objects.bulk_create(
        CriterionThreshold(criterion_id=criterion, position=place, **threshold)
        for place, threshold in enumerate(plain["thresholds"])
    )


def _refuse_if_overtaken(version: ChecklistVersion, now: Outline, change: DraftChange) -> None:
    """Raises CannotUndo unless the part stands as `change` left it, wherever it stands now."""
    part = Part(change.part)
    stands: Content | None
    try:
        if part == Part.SECTION:
            stands = _section_at(now, version, change.code)
        else:
            stands = _criterion_at(now, version, change.code)
    except Gone:
        stands = None
    left = change.after and _without(change.after, "criteria", *_PLACE)
    if (stands and _without(stands, *_PLACE)) != left:
        raise CannotUndo(_("It has been changed since."), last_step(version, part, change.code))


def _put_section(version: ChecklistVersion, now: Outline, change: DraftChange) -> None:
    code, wanted = change.code, change.before
    rows = Section.objects.filter(version=version, code=code)
    if wanted is None:
        if content.of_section(now.section_by_code[code])["criteria"] != (change.after or {}).get("criteria", []):
            raise CannotUndo(_("The section has criteria now. Delete or move them first."))
        rows.delete()
        _order_sections(version, [each.code for each in now.sections if each.code != code])
    elif change.after is None:
        plain: Content = {"criteria": []} | _without(wanted, "position")
        taken = [each["code"] for each in plain["criteria"] if each["code"] in now.by_code]
        if taken:
            raise CannotUndo(_("The draft has %(codes)s elsewhere by now.") % {"codes": ", ".join(taken)})
        if len(now.criteria) + len(plain["criteria"]) > MOST_CRITERIA or len(now.sections) >= MOST_SECTIONS:
            raise TooLong
        _insert_section(version, now, plain, wanted["position"])
    else:
        rows.update(name_vi=wanted["name_vi"], name_en=wanted["name_en"])
        if change.kind == Kind.MOVED:
            _order_sections(version, _moved((each.code for each in now.sections), code, wanted["position"]))


def _put_criterion(version: ChecklistVersion, now: Outline, change: DraftChange) -> None:
    wanted = change.before
    if wanted is None:
        Criterion.objects.filter(version=version, code=change.code).delete()
    elif change.after is None or change.kind == Kind.MOVED:
        if wanted["section"] not in now.section_by_code:
            deleted = last_step(version, Part.SECTION, wanted["section"])
            raise CannotUndo(_("Its section is not there any more. Bring the section back first."), deleted)
        if change.kind == Kind.MOVED:
            _place_criterion(version, now, change.code, wanted["section"], wanted["position"])
            return
        if len(now.criteria) >= MOST_CRITERIA:
            raise TooLong
        _insert_criterion(version, now, wanted, wanted["section"], wanted["position"])
    else:
        _update_criterion(version, change.after, wanted)


def _back_kind(change: DraftChange) -> DraftChange.Kind:
    return {Kind.ADDED: Kind.DELETED, Kind.DELETED: Kind.ADDED}.get(Kind(change.kind), Kind(change.kind))


def _log(
    version: ChecklistVersion,
    part: DraftChange.Part,
    kind: DraftChange.Kind,
    code: str,
    before: Content | None,
    after: Content | None,
    by: User | None,
    at: datetime,
    undoes: DraftChange | None = None,
    page: str = "",
) -> DraftChange:
    last = DraftChange.objects.filter(version=version).aggregate(last=Max("number"))["last"] or 0
    return DraftChange.objects.create(
        version=version,
        number=last + 1,
        part=part,
        kind=kind,
        code=code,
        before=before,
        after=after,
        undoes=undoes,
        page=page,
        at=at,
        by=by,
    )
