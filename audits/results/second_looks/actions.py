"""A second look at what was published: asked by a unit, withdrawn by it, ruled by the office, read by the unit.

Every step is decided by one conditional UPDATE: of two that come at once, the second is told where it stands.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from audits import photos as photo_files
from audits.fieldwork.models import Visit
from audits.results import actions as results
from audits.results.actions import CorrectedValue
from audits.results.models import Block, Revision
from audits.results.second_looks import deadlines, queries
from audits.results.second_looks.attachments import Attachment, Document
from audits.results.second_looks.models import SecondLook, SecondLookEvent, SecondLookFile
from outlets.models import User

Kind, State = SecondLookEvent.Kind, SecondLook.State
RULED = (State.UPHELD, State.KEPT)


class TooLate(Exception):
    """The time to ask is over; `until` was its last day."""

    def __init__(self, until: date) -> None:
        self.until = until
        super().__init__(f"asked after {until}")


class NotAskable(Exception):
    """Nothing is told of this criterion in this block, or nothing was lost with it."""


class AlreadyAsked(Exception):
    """The block has a request for this criterion that waits, or that has been ruled."""

    def __init__(self, second_look: SecondLook) -> None:
        self.second_look = second_look
        super().__init__(f"{second_look} is {second_look.state}")


class Moved(Exception):
    """The request no longer stands where the act expected it: `second_look` is as it stands now."""

    def __init__(self, second_look: SecondLook) -> None:
        self.second_look = second_look
        super().__init__(f"{second_look} is {second_look.state}")


class NothingCorrected(Exception):
    """Upheld, but no visit would count otherwise."""


def ask(
    *, block: Block, code: str, reason: str, attachments: Sequence[Attachment], by: User, at: datetime
) -> SecondLook:
    """Asks for a second look at one criterion of a block. Raises TooLate, NotAskable, AlreadyAsked, NoRoomOnDisk."""
    until = deadlines.until(block.period)
    if timezone.localdate(at) > until:
        raise TooLate(until)
    criterion_id = queries.askable_criteria(block).get(code)
    if criterion_id is None:
        raise NotAskable
    standing = SecondLook.objects.filter(block=block, criterion=criterion_id).exclude(state=State.WITHDRAWN)
    if (found := standing.first()) is not None:
        raise AlreadyAsked(found)
    try:
        with _on_disk(attachments, at) as files, transaction.atomic():
            second_look = SecondLook.objects.create(
                block=block, criterion_id=criterion_id, reason=reason, asked_at=at, asked_by=by, turned_at=at
            )
            for each, paths in files:
                SecondLookFile.objects.create(
                    second_look=second_look,
                    file=paths.file,
                    thumbnail=paths.thumbnail,
                    sha256=each.sha256,
                    size=each.size if isinstance(each, Document) else len(each.jpeg),
                    added_at=at,
                )
            _note(second_look, Kind.ASKED, by, at, reason)
    except IntegrityError:
        if (found := standing.first()) is not None:  # somebody asked at the same moment
            raise AlreadyAsked(found) from None
        raise
    return second_look


@transaction.atomic
def withdraw(*, second_look: SecondLook, by: User, at: datetime) -> None:
    """The unit takes its request back before it is ruled; it may ask again in time. Raises Moved."""
    _move(second_look, State.ASKED, to=State.WITHDRAWN, at=at)
    _note(second_look, Kind.WITHDRAWN, by, at)


@transaction.atomic
def keep(*, second_look: SecondLook, ruling: str, by: User, at: datetime) -> None:
    """What was published stays as it is; `ruling` is what the unit reads. Raises Moved."""
    _move(second_look, State.ASKED, to=State.KEPT, at=at, ruling=ruling)
    _note(second_look, Kind.KEPT, by, at, ruling)


@transaction.atomic
def uphold(
    *, second_look: SecondLook, ruling: str, values: Mapping[Visit, CorrectedValue], by: User, at: datetime
) -> list[Revision]:
    """The unit was right: the criterion counts otherwise in these visits of the block from now on, each in a revision.

    `ruling` is what the unit reads, and the reason of the revisions. All of it or nothing. Raises Moved,
    NothingCorrected, and results.TooFewLeft; ValueError for a visit of another block.
    """
    if not values:
        raise NothingCorrected
    if any(visit.published.block_id != second_look.block_id for visit in values):
        raise ValueError("a visit of another block")
    _move(second_look, State.ASKED, to=State.UPHELD, at=at, ruling=ruling)
    code = second_look.criterion.code
    try:
        made = [
            results.correct(visit=visit, values={code: values[visit]}, reason=ruling, by=by, at=at)
            for visit in sorted(values, key=lambda visit: visit.pk)
        ]
    except results.NothingCorrected as nothing:
        raise NothingCorrected from nothing
    second_look.revisions.add(*made)
    _note(second_look, Kind.UPHELD, by, at, ruling)
    return made


@transaction.atomic
def reopen(*, second_look: SecondLook, reason: str, by: User, at: datetime) -> None:
    """The office takes up again what it kept as it is; the unit reads why. Raises Moved.

    An upheld request stays: figures moved with it, and a further correction says for itself what it does.
    """
    _move(second_look, State.KEPT, to=State.ASKED, at=at)
    _note(second_look, Kind.REOPENED, by, at, reason)


@transaction.atomic
def mark_read(*, second_look: SecondLook, by: User, at: datetime) -> None:
    """The unit has read the ruling: nothing waits for anybody any more. The first one counts. Raises Moved."""
    rows = SecondLook.objects.filter(pk=second_look.pk, state__in=RULED, read_at__isnull=True)
    if not rows.update(read_at=at):
        raise Moved(_now(second_look))
    _note(second_look, Kind.READ, by, at)


def _move(
    second_look: SecondLook, state: SecondLook.State, *, to: SecondLook.State, at: datetime, ruling: str = ""
) -> None:
    rows = SecondLook.objects.filter(pk=second_look.pk, state=state)
    if not rows.update(state=to, turned_at=at, ruling=ruling, read_at=None):
        raise Moved(_now(second_look))


def _now(second_look: SecondLook) -> SecondLook:
    return SecondLook.objects.get(pk=second_look.pk)


def _note(second_look: SecondLook, kind: SecondLookEvent.Kind, by: User, at: datetime, text: str = "") -> None:
    SecondLookEvent.objects.create(second_look=second_look, kind=kind, by=by, at=at, text=text)


@contextmanager
def _on_disk(some: Sequence[Attachment], at: datetime) -> Iterator[list[tuple[Attachment, photo_files.StoredPaths]]]:
    """Each file once, on disk before the transaction opens; those that no row came to hold are taken back."""
    files: list[tuple[Attachment, photo_files.StoredPaths]] = []
    try:
        for each in {one.sha256: one for one in some}.values():
            files.append((each, _store(each, at)))
        yield files
    finally:
        names = [paths.file for _each, paths in files]
        held = set(SecondLookFile.objects.filter(file__in=names).values_list("file", flat=True)) if names else set()
        for _each, paths in files:
            if paths.file not in held:
                photo_files.remove(paths, settings.MEDIA_ROOT)


def _store(each: Attachment, at: datetime) -> photo_files.StoredPaths:
    if isinstance(each, Document):
        return photo_files.store_document(each.data, settings.MEDIA_ROOT, at)
    return photo_files.store(each, settings.MEDIA_ROOT, at)
