"""One visit on a reviewer's desk: everything its page shows, decided and ready to print."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audits.fieldwork.models import Photo, Submission, Visit
from audits.fieldwork.states import VisitState
from audits.review import flags
from audits.review.actions import fingerprint
from audits.review.flags import Flag
from audits.review.models import CLAIMED_FOR, Claim, DraftRemark, Screening, ShownNote, ShownPhoto
from audits.review.queries import Reading, ReadLine, with_latest_score
from outlets.models import Channel, User

EARLIER = 5
_IDENTIFIES = {Channel.TECHNICIAN, Channel.SALES}  # the customer is known by the order


@dataclass(frozen=True)
class DeskPhoto:
    """A photo with its copy for the unit, if there is one. `is_private`: never shown to a unit."""

    photo: Photo
    shown: ShownPhoto | None
    is_private: bool


@dataclass(frozen=True)
class Item:
    """One criterion on the desk. `words` is what the unit shall read; `has_words`: there is a text to show at all.

    `elsewhere` is what another tab saved meanwhile, to be laid beside what has been typed here.
    """

    line: ReadLine
    flags: tuple[Flag, ...]
    photos: tuple[DeskPhoto, ...]
    remark: str
    remark_seen: str
    words: str
    words_seen: str
    is_shown: bool
    has_words: bool
    errors: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        return self.line.criterion.code

    @property
    def lost(self) -> int:
        return self.line.score.lost if self.line.score else 0

    @property
    def is_critical_failure(self) -> bool:
        return bool(self.line.score and self.line.score.critical_failed)

    @property
    def wants_a_look(self) -> bool:
        return bool(self.flags or self.lost or self.errors or self.elsewhere)


@dataclass(frozen=True)
class RestSection:
    """The criteria of a section that nothing calls attention to. `is_open`: something is written or shown there."""

    code: str
    name: str
    items: tuple[Item, ...]

    @property
    def is_open(self) -> bool:
        return any(item.remark or item.is_shown or any(each.shown for each in item.photos) for item in self.items)


@dataclass(frozen=True)
class EarlierResult:
    visit: Visit
    percent: int | None
    grade: str


@dataclass(frozen=True, eq=False)
class Desk:
    """`claim` is that of a reviewer who has it open now, the reader's own or a colleague's."""

    visit: Visit
    reading: Reading
    items: tuple[Item, ...]
    screening: Screening | None
    claim: Claim | None
    is_mine: bool
    earlier: tuple[EarlierResult, ...]

    @cached_property
    def to_look_at(self) -> tuple[Item, ...]:
        """Flagged ones and critical failures first, then what lost most."""
        wanted = [item for item in self.items if item.wants_a_look]
        wanted.sort(key=lambda item: (not (item.flags or item.is_critical_failure), -item.lost))
        return tuple(wanted)

    @cached_property
    def rest(self) -> tuple[RestSection, ...]:
        by_code = {item.code: item for item in self.items}
        sections = (
            RestSection(
                section.section.code,
                section.section.name,
                tuple(item for line in section.lines if not (item := by_code[line.criterion.code]).wants_a_look),
            )
            for section in self.reading.sections
        )
        return tuple(section for section in sections if section.items)

    @property
    def rest_count(self) -> int:
        return sum(len(section.items) for section in self.rest)

    @property
    def is_others(self) -> bool:
        return self.claim is not None and not self.is_mine

    @property
    def visit_flags(self) -> tuple[Flag, ...]:
        """Those of the visit as a whole."""
        return tuple(flag for flag in self._flags if not flag.codes)

    @cached_property
    def _flags(self) -> tuple[Flag, ...]:
        return flags.from_rows(self.screening.flags) if self.screening else ()

    @property
    def flag_count(self) -> int:
        return len(self._flags)

    @property
    def remark_count(self) -> int:
        return sum(bool(item.remark) for item in self.items)

    @property
    def shown_count(self) -> int:
        return sum(item.is_shown for item in self.items) + sum(
            photo.shown is not None for item in self.items for photo in item.photos
        )

    @property
    def identifies_customer(self) -> bool:
        """The unit knows the customer by the order, whatever is shown or not."""
        return self.visit.outlet.channel in _IDENTIFIES

    @property
    def awaits_follow_up(self) -> bool:
        return self.reading.sheet.is_awaiting_follow_up


def desk(
    visit: Visit,
    reading: Reading,
    user: User,
    at: datetime,
    *,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
    conflicts: Sequence[str] = (),
) -> Desk:
    """The desk of a submitted visit; `typed` are a form's fields that have not been saved. Six queries."""
    drafts = dict(DraftRemark.objects.filter(visit=visit).values_list("criterion__code", "text"))
    notes = dict(ShownNote.objects.filter(visit=visit).values_list("criterion__code", "text"))
    copies = {shown.photo_id: shown for shown in ShownPhoto.objects.filter(photo__visit=visit)}
    screening = Screening.objects.filter(submission=reading.submission).first()
    noticed = flags.from_rows(screening.flags) if screening else ()
    claim = Claim.objects.filter(visit=visit, at__gt=at - CLAIMED_FOR).select_related("by").first()

    def item(line: ReadLine) -> Item:
        code, given = line.criterion.code, line.said.given
        written = "\n\n".join(each for each in (given.text, given.note) if each)
        draft, note = drafts.get(code, ""), notes.get(code, "")
        get = (lambda name, stored: typed.get(f"{name}-{code}", stored)) if typed is not None else _stored
        is_elsewhere = code in conflicts
        return Item(
            line=line,
            flags=tuple(flag for flag in noticed if code in flag.codes),
            photos=tuple(
                DeskPhoto(photo, copies.get(photo.pk), line.criterion.photo_is_private) for photo in line.said.photos
            ),
            remark=get("remark", draft),
            # Beside what is there now, the same text may be sent again: it has been seen.
            remark_seen=fingerprint(draft) if is_elsewhere else get("remark-seen", fingerprint(draft)),
            words=get("words", note or written),
            words_seen=fingerprint(note) if is_elsewhere else get("words-seen", fingerprint(note)),
            is_shown=bool(typed.get(f"show-{code}")) if typed is not None else bool(note),
            has_words=bool(written),
            errors=tuple((errors or {}).get(code, ())),
            elsewhere=tuple(each for each in (draft, note) if each) or (_("nothing"),) if is_elsewhere else (),
        )

    return Desk(
        visit=visit,
        reading=reading,
        items=tuple(item(line) for section in reading.sections for line in section.lines),
        screening=screening,
        claim=claim,
        is_mine=claim is not None and claim.by_id == user.pk,
        earlier=_earlier(visit),
    )


def _stored(_name: str, stored: str) -> str:
    return stored


def _earlier(visit: Visit) -> tuple[EarlierResult, ...]:
    """The outlet's last results of the same checklist. One query."""
    rows = Visit.objects.filter(
        outlet=visit.outlet_id,
        wave__checklist=visit.wave.checklist_id,
        state__in=(VisitState.APPROVED, VisitState.PUBLISHED),
    )
    last: QuerySet[Any] = with_latest_score(rows).exclude(pk=visit.pk).order_by("-visited_on", "-pk")[:EARLIER]
    return tuple(
        EarlierResult(each, each.percent, str(Submission.Grade(each.grade).label) if each.grade else "")
        for each in last
    )
