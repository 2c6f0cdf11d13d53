"""Every write to a checklist that has a rule. A published version never changes: it is copied to a new draft.

Writes to one checklist take turns on its row, writes to one draft on the draft's row.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audits.checklists import content
from audits.checklists.content import Content
from audits.checklists.drafts import checks
from audits.checklists.models import (
    Checklist,
    ChecklistEvent,
    ChecklistVersion,
    Criterion,
    CriterionOption,
    CriterionThreshold,
    ExamplePicture,
    Section,
    Theme,
)
from audits.checklists.outline import outline
from outlets.models import User
from outlets.text import clean

State = ChecklistVersion.State


class ChecklistRefused(Exception):
    """A rule does not allow it. Its text says which, in the reader's language."""

    message: str | Promise = ""

    def __str__(self) -> str:
        return str(self.args[0] if self.args else self.message)


class CodeTaken(ChecklistRefused):
    message = _("There is a checklist with this code already.")


class NotADraft(ChecklistRefused):
    """It is past changing; `state` is what it is now."""

    texts = {
        State.PROPOSED: _("This draft waits for approval. Take it back to change it."),
        State.APPROVED: _("This draft has been approved. Take it back to change it; it then has to be approved anew."),
        State.DISCARDED: _("This draft has been discarded."),
    }

    def __init__(self, state: str) -> None:
        self.state = state
        super().__init__(
            self.texts.get(State(state), _("This version has been published. Copy it to a new draft to change it."))
        )


class NotRunning(ChecklistRefused):
    message = _("This version is not the running one any more.")


class MadeAlready(ChecklistRefused):
    """The reading of a file is a draft already, which is `draft`."""

    message = _("The file has been made a draft already. This is it.")

    def __init__(self, draft: ChecklistVersion) -> None:
        self.draft = draft
        super().__init__()


class Unpublishable(ChecklistRefused):
    """A draft with faults; `faults` lists them, each a sentence."""

    def __init__(self, faults: Sequence[str]):
        self.faults = tuple(faults)
        super().__init__(" ".join(self.faults))


@transaction.atomic
def create(*, by: User | None, at: datetime, **columns: Any) -> ChecklistVersion:
    """A new checklist (code, channel, names, methods, position) with an empty first draft, which is returned.

    Raises CodeTaken.
    """
    try:
        with transaction.atomic():
            checklist = Checklist.objects.create(**columns)
    except IntegrityError as refused:
        if Checklist.objects.filter(code=columns["code"]).exists():
            raise CodeTaken from refused
        raise
    return _new_draft(checklist, None, by, at)


@transaction.atomic
def draft_from(*, version: ChecklistVersion, by: User | None, at: datetime) -> ChecklistVersion:
    """A new draft with everything `version` holds, under the next number. The queries do not grow with the size."""
    draft = _new_draft(version.checklist, version, by, at)
    sections = {}
    for section in Section.objects.filter(version=version).order_by("position", "pk"):
        sections[section.pk] = _copy(section, version=draft)
    Section.objects.bulk_create(sections.values())
    criteria = {}
    for criterion in Criterion.objects.filter(version=version).order_by("section__position", "position", "pk"):
        criteria[criterion.pk] = _copy(criterion, version=draft, section=sections[criterion.section_id])
    Criterion.objects.bulk_create(criteria.values())
    for model in (CriterionOption, CriterionThreshold):
        rows = model.objects.filter(criterion__version=version).order_by("position", "pk")
        model.objects.bulk_create(_copy(row, criterion=criteria[row.criterion_id]) for row in rows)
    return draft


@transaction.atomic
def draft_of(
    *,
    version: ChecklistVersion,
    sections: Sequence[Content],
    by: User | None,
    at: datetime,
    reading: UUID | None = None,
) -> ChecklistVersion:
    """A new draft with the grades of `version`, and with these sections in place of its own.

    `reading` is the one reading of a file that they come from: it makes one draft only. Raises MadeAlready, and as
    `fill_draft`.
    """
    lock_checklist(version.checklist_id)
    made = reading and ChecklistVersion.objects.filter(reading=reading).first()
    if made:
        raise MadeAlready(made)
    draft = _new_draft(version.checklist, version, by, at, reading=reading)
    return fill_draft(version=draft, sections=sections)


@transaction.atomic
def fill_draft(*, version: ChecklistVersion, sections: Sequence[Content]) -> ChecklistVersion:
    """Adds sections with their criteria (see `content`) to a draft, texts cleaned. No event: those tell of drafts made.

    Raises NotADraft; KeyError for an unknown theme or picture; IntegrityError for what no draft may hold (a code used
    twice, a scored criterion without weight). The queries do not grow with the size.
    """
    lock_draft(version=version)
    themes = dict(Theme.objects.values_list("code", "pk"))
    pictures = _pictures(plain.get("picture") for each in sections for plain in each["criteria"])
    added = Section.objects.bulk_create(
        Section(version=version, position=position, **_columns(each, leaving="criteria"))
        for position, each in enumerate(sections)
    )
    criteria, options, thresholds = [], [], []
    for section, each in zip(added, sections, strict=True):
        for position, plain in enumerate(each["criteria"]):
            criterion = _criterion(version, section, position, plain, themes, pictures)
            criteria.append(criterion)
            options += [
                CriterionOption(criterion=criterion, position=place, **_columns(option))
                for place, option in enumerate(plain.get("options", ()))
            ]
            thresholds += [
                CriterionThreshold(criterion=criterion, position=place, **_columns(threshold))
                for place, threshold in enumerate(plain.get("thresholds", ()))
            ]
    Criterion.objects.bulk_create(criteria)
    CriterionOption.objects.bulk_create(options)
    CriterionThreshold.objects.bulk_create(thresholds)
    return version


@transaction.atomic
def publish(*, version: ChecklistVersion, by: User | None, at: datetime, note: str = "") -> ChecklistVersion:
    """Makes a draft the running version, unasked: for what the product itself brings. People ask: see `publishing`.

    The one running before is retired in the same transaction. Raises Unpublishable with every fault, NotADraft when
    somebody published it meanwhile. Of two drafts published at once the later one runs and the earlier one is retired.
    """
    lock_checklist(version.checklist_id)
    lock_draft(version=version)
    require_sound(version)
    return put_in_force(version, by, at, note)


def require_sound(version: ChecklistVersion) -> None:
    """Raises Unpublishable with everything that stands in the way."""
    if found := checks.check(outline(version)).errors:
        raise Unpublishable([each.text for each in found])


def put_in_force(
    version: ChecklistVersion, by: User | None, at: datetime, note: str, **columns: object
) -> ChecklistVersion:
    """Publishes a version whose row the transaction holds, and retires the one that ran. Visits begun keep theirs.

    `columns` are further facts of the version to be written with it.
    """
    running = ChecklistVersion.objects.filter(checklist=version.checklist_id, state=State.PUBLISHED).first()
    if running is not None:
        _retire(running, by, at, "", None)
    columns |= {"state": State.PUBLISHED, "published_at": at, "published_by": by}
    ChecklistVersion.objects.filter(pk=version.pk).update(**columns)
    version.refresh_from_db()
    ChecklistEvent.objects.create(version=version, kind=ChecklistEvent.Kind.PUBLISHED, at=at, by=by, note=note)
    return version


@transaction.atomic
def retire(
    *, version: ChecklistVersion, by: User | None, at: datetime, note: str = "", grace_until: date | None = None
) -> ChecklistVersion:
    """Retires the running version, so that no visit can start with its checklist until another one runs.

    Visits begun keep it; they can be submitted until the end of `grace_until`, or always. Raises NotRunning.
    """
    lock_checklist(version.checklist_id)
    _retire(version, by, at, note, grace_until)
    version.refresh_from_db()
    return version


@transaction.atomic
def install_defaults(
    *, by: User | None, at: datetime, pictures: Mapping[str, str] | None = None
) -> list[ChecklistVersion]:
    """The default themes and checklists, each published as its first version. What exists is left as it is.

    `pictures` are public ids of example pictures by the codes of the criteria that get them.
    """
    shown = {code: {"picture": picture} for code, picture in (pictures or {}).items()}
    for position, theme in enumerate(content.default_themes()):
        Theme.objects.get_or_create(code=theme["code"], defaults=theme | {"position": position})
    installed = []
    for position, plain in enumerate(content.default_checklists()):
        columns = {name: plain[name] for name in ("code", "channel", "name_vi", "name_en", "method_vi", "method_en")}
        if Checklist.objects.filter(code=columns["code"]).exists():
            continue
        draft = create(by=by, at=at, position=position, **columns)
        sections = [
            section | {"criteria": [each | shown.get(each["code"], {}) for each in section["criteria"]]}
            for section in plain["sections"]
        ]
        fill_draft(version=draft, sections=sections)
        installed.append(publish(version=draft, by=by, at=at))
    return installed


def _new_draft(
    checklist: Checklist,
    based_on: ChecklistVersion | None,
    by: User | None,
    at: datetime,
    reading: UUID | None = None,
) -> ChecklistVersion:
    lock_checklist(checklist.pk)
    bands = {}
    if based_on is not None:
        names = ("band_excellent", "band_good", "band_fair", "band_to_improve")
        bands = {name: getattr(based_on, name) for name in names}
    last = checklist.versions.aggregate(last=Max("number"))["last"] or 0
    draft = ChecklistVersion.objects.create(
        checklist=checklist,
        number=last + 1,
        based_on=based_on,
        created_at=at,
        created_by=by,
        reading=reading,
        **bands,
    )
    ChecklistEvent.objects.create(version=draft, kind=ChecklistEvent.Kind.DRAFTED, at=at, by=by)
    return draft


def _copy(row: Any, **changed: Any) -> Any:
    """An unsaved copy of a row. `bulk_create` and the database's own trigger both see a draft's part."""
    columns = {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key
    }
    made = type(row)(**{name: value for name, value in columns.items() if name.removesuffix("_id") not in changed})
    for name, value in changed.items():
        setattr(made, name, value)
    return made


def _columns(plain: Content, leaving: str = "") -> Content:
    """The columns named in a piece of content, texts cleaned as at every other door."""
    return {name: clean(value) if isinstance(value, str) else value for name, value in plain.items() if name != leaving}


def _pictures(named: Iterable[str | None]) -> dict[str, int]:
    wanted = [each for each in named if each]
    rows = ExamplePicture.objects.filter(public_id__in=wanted) if wanted else ()
    return {str(row.public_id): row.pk for row in rows}


def _criterion(
    version: ChecklistVersion,
    section: Section,
    position: int,
    plain: Content,
    themes: dict[str, int],
    pictures: dict[str, int],
) -> Criterion:
    columns = {
        name: value
        for name, value in _columns(plain).items()
        if name not in ("theme", "picture", "options", "thresholds", "weight")
    }
    return Criterion(
        version=version,
        section=section,
        position=position,
        weight=Decimal(str(plain.get("weight", 0))),
        theme_id=themes[plain["theme"]] if plain.get("theme") else None,
        picture_id=pictures[plain["picture"]] if plain.get("picture") else None,
        **columns,
    )


def lock_checklist(checklist_id: int) -> None:
    """Holds the checklist's row until the transaction ends. Rows that point at it can still be written."""
    Checklist.objects.select_for_update(no_key=True).get(pk=checklist_id)


def lock_draft(*, version: ChecklistVersion) -> None:
    """Holds the version's row until the transaction ends: publishing and editing take turns. Raises NotADraft."""
    locked = ChecklistVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    if not locked.is_draft:
        raise NotADraft(locked.state)


def _retire(version: ChecklistVersion, by: User | None, at: datetime, note: str, grace_until: date | None) -> None:
    retired = ChecklistVersion.objects.filter(pk=version.pk, state=State.PUBLISHED).update(
        state=State.RETIRED, retired_at=at, retired_by=by, grace_until=grace_until
    )
    if not retired:
        raise NotRunning
    ChecklistEvent.objects.create(version=version, kind=ChecklistEvent.Kind.RETIRED, at=at, by=by, note=note)
