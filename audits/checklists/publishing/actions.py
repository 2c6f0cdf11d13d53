"""The way of a draft into force: proposed by one person, approved by another, running from its day on.

Once proposed, a draft does not change until it is taken back or sent back, which makes it a draft again. So a decision
says what it was taken on (`seen`), and counts for nothing else.
"""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audits.checklists import actions as checklists
from audits.checklists.actions import ChecklistRefused
from audits.checklists.drafts.merging import Overtaken
from audits.checklists.drafts.undone import Undone, mark_of, undone
from audits.checklists.models import Checklist, ChecklistEvent, ChecklistVersion
from audits.checklists.publishing import facts
from audits.checklists.publishing.facts import Facts
from outlets.models import User
from outlets.text import clean

State = ChecklistVersion.State
Kind = ChecklistEvent.Kind
MADE = (Kind.DRAFTED, Kind.SETTINGS)  # with these somebody takes part in what a draft says, besides its changes
_NOT_PROPOSED: dict[str, Any] = {"proposed_at": None, "proposed_by": None, "approved_at": None, "approved_by": None}


class NoNote(ChecklistRefused):
    message = _("Say in the draft's settings what changes and why: whoever approves it reads that first.")


class SamePerson(ChecklistRefused):
    """`message` says what the person has done with the draft already."""

    def __init__(self, message: str | Promise):
        super().__init__(message)


class Decided(ChecklistRefused):
    """Somebody was faster; `event` says who did what."""

    message = _("Somebody has decided on this draft meanwhile.")

    def __init__(self, event: ChecklistEvent | None):
        self.event = event
        super().__init__()


class NotAsShown(ChecklistRefused):
    """The decision was taken on another content than the one that waits now."""

    message = _(
        "Nothing has been decided: the draft was changed and sent again after your page was loaded. This is what it "
        "says now."
    )


class WouldUndo(ChecklistRefused):
    """`undone` says what of other versions would be taken back, without the person having said that it is meant."""

    message = _("What other versions changed would be taken back. If that is meant, say so for each of them.")

    def __init__(self, undone: tuple[Undone, ...]):
        self.undone = undone
        super().__init__()


class GraceTooShort(ChecklistRefused):
    message = _("The last day cannot be in the past.")


@transaction.atomic
def set_facts(
    *,
    version: ChecklistVersion,
    note: str,
    effective_on: date | None,
    bands: dict[str, Decimal],
    by: User | None,
    at: datetime,
    seen: Facts | None = None,
) -> ChecklistVersion:
    """Says of a draft what changes and why, from which day it is to run, and the lower bounds of its grades.

    `bands` by column (`band_excellent`, …), in order and at most 100. `seen` is what stood there when the page was
    drawn: what the page left as it was stays as it stands. None is what stands. Nothing is written, nor said in the
    history, where nothing differs. Raises NotADraft, Overtaken.
    """
    checklists.lock_draft(version=version)
    version.refresh_from_db()
    columns: dict[str, Any] = {"note": clean(note), "effective_on": effective_on, **bands}
    stands = facts.of(version)
    known = stands if seen is None else seen
    mine = {name: value for name, value in columns.items() if name not in known or value != known[name]}
    theirs = {
        name: stands[name]
        for name, value in mine.items()
        if stands[name] != value and (name not in known or stands[name] != known[name])
    }
    if theirs:
        raise Overtaken(version.events.filter(kind=Kind.SETTINGS).select_related("by").first(), theirs)
    written = {name: value for name, value in mine.items() if value != stands[name]}
    if written:
        ChecklistVersion.objects.filter(pk=version.pk).update(**written)
        version.refresh_from_db()
        _say(version, Kind.SETTINGS, by, at, facts.changed(stands, written))
    return version


@transaction.atomic
def propose(*, version: ChecklistVersion, by: User, at: datetime, meant: Collection[str] = ()) -> ChecklistVersion:
    """Sends a draft for approval; from now on it does not change.

    `meant` are the marks of what it may take back of other versions (see `undone`). Raises NotADraft, Unpublishable,
    NoNote, WouldUndo.
    """
    checklists.lock_draft(version=version)
    version.refresh_from_db()
    checklists.require_sound(version)
    if not version.note:
        raise NoNote
    _require_meant(version, meant, at)
    return _decide(version, Kind.PROPOSED, by, at, state=State.PROPOSED, proposed_at=at, proposed_by=by)


@transaction.atomic
def withdraw(*, version: ChecklistVersion, by: User, at: datetime) -> ChecklistVersion:
    """Takes back what waits for approval or for its day; it is a draft again. Raises Decided."""
    _lock(version, {State.PROPOSED, State.APPROVED})
    return _decide(version, Kind.WITHDRAWN, by, at, state=State.DRAFT, **_NOT_PROPOSED)


@transaction.atomic
def send_back(*, version: ChecklistVersion, seen: str, note: str, by: User, at: datetime) -> ChecklistVersion:
    """Gives a proposed draft back to its editors, with words of what to change. `seen` as in `approve`.

    Raises Decided, NotAsShown.
    """
    _lock(version, {State.PROPOSED})
    _require_shown(version, seen)
    return _decide(version, Kind.SENT_BACK, by, at, clean(note), state=State.DRAFT, **_NOT_PROPOSED)


@transaction.atomic
def approve(
    *, version: ChecklistVersion, seen: str, by: User, at: datetime, meant: Collection[str] = (), note: str = ""
) -> ChecklistVersion:
    """Approves a proposed draft: it runs from its day on, or at once when that has come.

    `seen` is the mark (`mark_of`) of what the person was shown, `meant` as in `propose`: the person says it, too.
    Raises Decided; NotAsShown; WouldUndo; SamePerson for whoever proposed it, made it, or changed anything in it.
    """
    take_effect(at=at, checklist=version.checklist)  # or what is due already would retire this one right away
    _lock(version, {State.PROPOSED})
    if version.proposed_by_id == by.pk:
        raise SamePerson(_("You sent this draft for approval yourself: somebody else has to approve it."))
    made = version.events.filter(by=by, kind__in=MADE)
    if made.exists() or version.changes.filter(by=by).exists():
        raise SamePerson(_("You have changed this draft yourself: somebody else has to approve it."))
    _require_shown(version, seen)
    _require_meant(version, meant, at)
    today = timezone.localdate(at)
    facts = {"approved_at": at, "approved_by": by}
    if version.effective_on is None or version.effective_on <= today:
        _say(version, Kind.APPROVED, by, at, clean(note))
        return checklists.put_in_force(version, by, at, version.note, **facts)
    return _decide(version, Kind.APPROVED, by, at, clean(note), state=State.APPROVED, **facts)


@transaction.atomic
def take_effect(*, at: datetime, checklist: Checklist | None = None) -> list[ChecklistVersion]:
    """Publishes what is approved and whose day has come, the earliest first; of one checklist, or of all.

    One query where nothing is due. Called before a visit starts, and daily: see `manage.py take_effect`.
    """
    due = ChecklistVersion.objects.filter(state=State.APPROVED, effective_on__lte=timezone.localdate(at))
    if checklist is not None:
        due = due.filter(checklist=checklist)
    published = []
    for version in due.order_by("effective_on", "number"):
        checklists.lock_checklist(version.checklist_id)
        locked = ChecklistVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
        if locked.state == State.APPROVED:  # nobody was faster, nor took it back
            published.append(checklists.put_in_force(locked, locked.approved_by, at, locked.note))
    return published


@transaction.atomic
def retire(*, version: ChecklistVersion, note: str, grace_until: date, by: User, at: datetime) -> ChecklistVersion:
    """Retires the running version without another in its place. Raises NotRunning, GraceTooShort."""
    if grace_until < timezone.localdate(at):
        raise GraceTooShort
    return checklists.retire(version=version, by=by, at=at, note=clean(note), grace_until=grace_until)


@transaction.atomic
def extend_grace(*, version: ChecklistVersion, grace_until: date, by: User, at: datetime) -> ChecklistVersion:
    """Another last day for visits begun with a retired version. Raises Decided, GraceTooShort."""
    _lock(version, {State.RETIRED})
    if grace_until < timezone.localdate(at):
        raise GraceTooShort
    return _decide(version, Kind.GRACE, by, at, f"{grace_until:%d/%m/%Y}", grace_until=grace_until)


def _lock(version: ChecklistVersion, states: set[State]) -> None:
    """Holds the checklist's row and the version's, which has to be in one of these states. Raises Decided."""
    checklists.lock_checklist(version.checklist_id)
    locked = ChecklistVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    version.refresh_from_db()
    if State(locked.state) not in states:
        raise Decided(version.events.select_related("by").first())


def _require_shown(version: ChecklistVersion, seen: str) -> None:
    if seen != mark_of(version):
        raise NotAsShown


def _require_meant(version: ChecklistVersion, meant: Collection[str], at: datetime) -> None:
    found = undone(version, today=timezone.localdate(at))
    if any(each.mark not in meant for each in found):
        raise WouldUndo(found)


def _decide(
    version: ChecklistVersion, kind: Kind, by: User | None, at: datetime, note: str = "", **columns: Any
) -> ChecklistVersion:
    ChecklistVersion.objects.filter(pk=version.pk).update(**columns)
    version.refresh_from_db()
    _say(version, kind, by, at, note)
    return version


def _say(version: ChecklistVersion, kind: Kind, by: User | None, at: datetime, note: str) -> None:
    ChecklistEvent.objects.create(version=version, kind=kind, at=at, by=by, note=note)
