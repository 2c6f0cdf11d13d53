"""What a reviewer does with a submitted visit. Reviewers never edit answers; they return.

Everything about one visit takes turns on its row, as the shopper's own actions do. Who comes second is refused with
what happened meanwhile: StaleState when the visit has moved on, Claimed when a colleague has it open, NewerSubmission
when the shopper has sent something that the reviewer has not seen.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Self

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audits import scoring
from audits.checklists.models import Criterion
from audits.checklists.outline import CriterionOutline
from audits.fieldwork.models import Answer, Photo, Remark, Visit, VisitEvent
from audits.fieldwork.states import VisitState
from audits.fieldwork.transitions import StaleState, move
from audits.fieldwork.visits import sheet
from audits.review import queries, screening
from audits.review.flags import Told, told
from audits.review.models import CLAIMED_FOR, Claim, DraftRemark, ShownNote
from outlets.models import User


class FollowUpsOpen(Exception):
    """Follow-up items are still open and their last day has not passed."""


class NothingRemarked(Exception):
    """A visit is returned with at least one remark."""


class RemarksWaiting(Exception):
    """A visit is not approved over remarks that have been written and not sent; `count` says how many."""

    def __init__(self, count: int):
        self.count = count
        super().__init__(f"{count} remarks")


class WordsOutdated(Exception):
    """What the unit would read was made over a text that the shopper has changed; `codes` are the short ones."""

    def __init__(self, codes: tuple[str, ...]):
        self.codes = codes
        super().__init__(", ".join(codes))


class WordsTell(Exception):
    """What the unit would read seems to hold a name or a number; `found` says what, by the criterion's code."""

    def __init__(self, found: Mapping[str, tuple[Told, ...]]):
        self.found = found
        super().__init__(", ".join(found))


class Claimed(Exception):
    """A colleague has the visit open; `claim` says who, and since when."""

    def __init__(self, claim: Claim):
        self.claim = claim
        super().__init__(f"claimed since {claim.at}")


class NewerSubmission(StaleState):
    """The shopper has submitted again since the reviewer's page was made."""


class AlreadyBegun(Exception):
    """The shopper has begun to act on the remarks: the return can no longer be taken back."""


@dataclass(frozen=True)
class Marks:
    """What the review page holds for one criterion. `*_seen` are fingerprints of the texts it was filled over.

    `words` is what the unit shall read. An empty text takes away what is there; None says nothing about it.
    `source` is the fingerprint of the shopper's text beside it, `is_confirmed` that the same words hold over that text
    too, and `sure` the fingerprint of words that shall be shown although they seem to hold a name or a number.
    """

    code: str
    remark: str | None = None
    remark_seen: str = ""
    words: str | None = None
    words_seen: str = ""
    source: str = ""
    is_confirmed: bool = False
    sure: str = ""


@dataclass(frozen=True)
class Against:
    """What stands against marks: `conflicts`, the codes changed elsewhere meanwhile; `tells`, as in WordsTell."""

    conflicts: tuple[str, ...]
    tells: Mapping[str, tuple[Told, ...]]


def fingerprint(text: str) -> str:
    """Tells two texts apart without sending one of them back and forth."""
    return hashlib.sha256(text.encode()).hexdigest()[:16] if text else ""


# --- Who works on it --------------------------------------------------------------------------


@transaction.atomic
def claim(*, visit: Visit, by: User, at: datetime) -> Claim:
    """Takes a waiting visit, or holds it longer. Raises Claimed, StaleState.

    A claim older than CLAIMED_FOR may be taken over.
    """
    return _claim(_lock(visit, {VisitState.SUBMITTED}), by, at)


def claim_next(*, visits: Iterable[Visit], by: User, at: datetime) -> Visit | None:
    """Takes the first of `visits` that nobody else has taken meanwhile; None when there is none left."""
    for visit in visits:
        try:
            claim(visit=visit, by=by, at=at)
        except (Claimed, StaleState):
            continue
        return visit
    return None


@transaction.atomic
def release(*, visit: Visit, by: User) -> bool:
    """Puts the visit back into the queue; whether it was the reviewer's own to put back. What was saved stays."""
    deleted, _rows = Claim.objects.filter(visit=visit, by=by).delete()
    return bool(deleted)


# --- What is prepared on its page -------------------------------------------------------------


@transaction.atomic
def save(*, visit: Visit, marks: Iterable[Marks], by: User, at: datetime) -> tuple[str, ...]:
    """Keeps drafts of remarks and what the unit may read; returns the codes of those changed elsewhere meanwhile.

    Such a text is left as it is there. Raises Claimed, StaleState; and WordsTell, and then keeps nothing.
    """
    marks = tuple(marks)
    locked = _lock(visit, {VisitState.SUBMITTED})
    _claim(locked, by, at)
    kept = _Kept.of(locked)
    if found := _telling(locked, marks, kept):
        raise WordsTell(found)
    conflicts = []
    for each in kept.changes(marks):
        if each.is_conflict:
            conflicts.append(each.code)
        elif each.text:
            values = {"text": each.text, "by": by, "at": at, **each.more}
            each.model.objects.update_or_create(visit=locked, criterion_id=each.criterion_id, defaults=values)
        elif each.stored:
            each.stored.delete()
    return tuple(dict.fromkeys(conflicts))


def against(*, visit: Visit, marks: Iterable[Marks]) -> Against:
    """What stands against saving these marks as they are. Writes nothing."""
    marks, kept = tuple(marks), _Kept.of(visit)
    conflicts = dict.fromkeys(each.code for each in kept.changes(marks) if each.is_conflict)
    return Against(tuple(conflicts), _telling(visit, marks, kept))


@dataclass(frozen=True)
class _Change:
    """A text that a page would write over `stored`; a conflict, if the page was not filled over that."""

    code: str
    criterion_id: int
    model: type[DraftRemark] | type[ShownNote]
    stored: DraftRemark | ShownNote | None
    text: str
    is_conflict: bool
    more: Mapping[str, str]


@dataclass(frozen=True)
class _Kept:
    """What is prepared of a visit: drafts of remarks and words for the unit by criterion, and the criteria by code."""

    criteria: Mapping[str, int]
    drafts: Mapping[int, DraftRemark]
    notes: Mapping[int, ShownNote]

    @classmethod
    def of(cls, visit: Visit) -> Self:
        """Three queries."""
        drafts = {draft.criterion_id: draft for draft in DraftRemark.objects.filter(visit=visit)}
        notes = {note.criterion_id: note for note in ShownNote.objects.filter(visit=visit)}
        return cls(_criteria(visit), drafts, notes)

    def words(self, code: str) -> str | None:
        note = self.notes.get(self.criteria[code])
        return note.text if note else None

    def changes(self, marks: Iterable[Marks]) -> Iterator[_Change]:
        for each in marks:
            pk = self.criteria[each.code]
            words = {"source": each.source}
            for model, stored, text, seen, more in (
                (DraftRemark, self.drafts.get(pk), each.remark, each.remark_seen, {}),
                (ShownNote, self.notes.get(pk), each.words, each.words_seen, words),
            ):
                before = stored.text if stored else ""
                if text is None or (text == before and not (more and each.is_confirmed)):
                    continue
                yield _Change(each.code, pk, model, stored, text, fingerprint(before) != seen, more)


def _telling(visit: Visit, marks: Iterable[Marks], kept: _Kept) -> dict[str, tuple[Told, ...]]:
    """Of new words that are not the ones that are sure: what they seem to hold of names and numbers, by code."""
    new = [each for each in marks if each.is_confirmed or each.words != kept.words(each.code)]
    asked = {each.code: each.words for each in new if each.words and each.sure != fingerprint(each.words)}
    names = screening.names([visit])[visit.outlet_id] if asked else []
    return {code: what for code, words in asked.items() if (what := told(words, names))}


# --- The decision -----------------------------------------------------------------------------


@transaction.atomic
def approve(*, visit: Visit, by: User, at: datetime, seen: int | None = None) -> Visit:
    """Approves a submitted visit. `seen` is the number of the submission that the reviewer had before them.

    Raises FollowUpsOpen before the last day of open follow-up items, RemarksWaiting, WordsOutdated, Claimed,
    NewerSubmission, and StaleState when somebody was faster. After that day what was not submitted of them lapses: it
    becomes N/A, which leaves the score as it stands.
    """
    locked = _ready(visit, by, at, seen)
    drafts = DraftRemark.objects.filter(visit=locked).count()
    if drafts:
        raise RemarksWaiting(drafts)
    outdated = queries.outdated(locked)
    if outdated:
        raise WordsOutdated(outdated)
    now = sheet.read(locked)
    if now.is_awaiting_follow_up and timezone.localdate(at) <= now.follow_up_due_on:
        raise FollowUpsOpen
    lapsed = _not_submitted(now)
    move(
        visit,
        VisitState.APPROVED,
        kind=VisitEvent.Kind.APPROVED,
        by=by,
        at=at,
        approved_at=at,
        approved_by=by,
    )
    for criterion in lapsed:
        Answer.objects.update_or_create(
            visit=visit,
            criterion_id=criterion.id,
            defaults={
                "value": scoring.NOT_APPLICABLE,
                "number": None,
                "text": "",
                "na_reason": _("Lapsed: not answered in time"),
                "changed_at": at,
            },
        )
    Claim.objects.filter(visit=visit).delete()
    return visit


@transaction.atomic
def return_visit(*, visit: Visit, remarks: Mapping[str, str], by: User, at: datetime, seen: int | None = None) -> Visit:
    """Returns a submitted visit with a remark per criterion code; only those can then be changed.

    Raises NothingRemarked, Claimed, NewerSubmission, StaleState, and KeyError for a code the visit's version does
    not have. Drafts of remarks are used up.
    """
    if not remarks:
        raise NothingRemarked
    locked = _ready(visit, by, at, seen)
    criteria = _criteria(locked)
    move(visit, VisitState.RETURNED, kind=VisitEvent.Kind.RETURNED, by=by, at=at)
    Remark.objects.bulk_create(
        Remark(visit=visit, criterion_id=criteria[code], text=text, made_at=at, made_by=by)
        for code, text in remarks.items()
    )
    DraftRemark.objects.filter(visit=visit).delete()
    Claim.objects.filter(visit=visit).delete()
    return visit


def drafted(*, visit: Visit) -> dict[str, str]:
    """The remarks written and not sent yet, by criterion code. One query."""
    rows = DraftRemark.objects.filter(visit=visit).order_by("criterion__section__position", "criterion__position")
    return dict(rows.values_list("criterion__code", "text"))


@transaction.atomic
def take_back(*, visit: Visit, by: User, at: datetime) -> Visit:
    """Takes one's own decision back, and the visit is claimed again.

    An approval until it is published; a return while the shopper has not begun: its remarks become drafts again. Raises
    AlreadyBegun, and StaleState when the visit has moved on or somebody else had decided.
    """
    locked = _lock(visit, {VisitState.RETURNED, VisitState.APPROVED})
    back = partial(move, locked, VisitState.SUBMITTED, kind=VisitEvent.Kind.TAKEN_BACK, by=by, at=at)
    if locked.state == VisitState.APPROVED:
        if locked.approved_by_id != by.pk:
            raise StaleState(locked)
        back(only_from={VisitState.APPROVED}, approved_at=None, approved_by=None)
        Claim.objects.create(visit=locked, by=by, at=at)
        return locked
    remarks = list(Remark.objects.filter(visit=locked, resolved_at__isnull=True))
    if any(remark.made_by_id != by.pk for remark in remarks):
        raise StaleState(locked)
    since = min(remark.made_at for remark in remarks)
    photos = Photo.objects.filter(visit=locked)
    if (
        Answer.objects.filter(visit=locked, changed_at__gt=since).exists()
        or photos.filter(added_at__gt=since).exists()
        or photos.filter(removed_at__gt=since).exists()
    ):
        raise AlreadyBegun
    back(only_from={VisitState.RETURNED})
    DraftRemark.objects.bulk_create(
        DraftRemark(visit=locked, criterion_id=remark.criterion_id, text=remark.text, by=by, at=at)
        for remark in remarks
    )
    Remark.objects.filter(pk__in=[remark.pk for remark in remarks]).update(resolved_at=at)
    Claim.objects.create(visit=locked, by=by, at=at)
    return locked


def _ready(visit: Visit, by: User, at: datetime, seen: int | None) -> Visit:
    """The visit's row, held: nothing new in it, nobody else at it. Raises StaleState, Claimed, NewerSubmission."""
    locked = _lock(visit, {VisitState.SUBMITTED})
    held = _held_by_other(locked, by, at)
    if held:
        raise Claimed(held)
    latest = locked.submissions.order_by("-number").values_list("number", flat=True).first()
    if seen is not None and latest != seen:
        raise NewerSubmission(locked)
    return locked


def _lock(visit: Visit, states: set[VisitState]) -> Visit:
    """The visit's row, held until the transaction ends. Raises StaleState when it is in none of `states`.

    PostgreSQL locks the row; on SQLite every writing transaction (IMMEDIATE) already waits for the one before.
    """
    locked = Visit.objects.select_for_update().get(pk=visit.pk)
    if VisitState(locked.state) not in states:
        raise StaleState(locked)
    return locked


def _claim(locked: Visit, by: User, at: datetime) -> Claim:
    held = _held_by_other(locked, by, at)
    if held:
        raise Claimed(held)
    return Claim.objects.update_or_create(visit=locked, defaults={"by": by, "at": at})[0]


def _held_by_other(visit: Visit, by: User, at: datetime) -> Claim | None:
    held = Claim.objects.filter(visit=visit, at__gt=at - CLAIMED_FOR).exclude(by=by)
    return held.select_related("by").first()


def _criteria(visit: Visit) -> dict[str, int]:
    return dict(Criterion.objects.filter(version=visit.version_id).values_list("code", "pk"))


def _not_submitted(now: sheet.Sheet) -> list[CriterionOutline]:
    """The follow-up items that no submission holds: open, or answered and never sent."""
    last = now.last_submission
    lines = {line.code: line for line in scoring.from_workings(last.workings).lines} if last else {}
    return [
        criterion
        for criterion in now.follow_ups
        if criterion.code not in lines
        or lines[criterion.code].outcome == scoring.Outcome.UNANSWERED
        or not (criterion.is_scored or now.given[criterion.code].is_answered)
    ]
