"""One visit on a reviewer's desk: everything its page shows, decided and ready to print."""

from collections.abc import Collection, Mapping, Sequence
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
from outlets import text
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

    `is_outdated`: words are kept that were made over another text than the shopper's present one, whose fingerprint is
    `source`. `sure` is the fingerprint of words that a name or a number was noticed in; empty when nothing is asked.
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
    source: str
    is_outdated: bool
    is_confirmed: bool = False
    sure: str = ""
    is_sure: bool = False
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
        return bool(self.flags or self.lost or self.errors or self.elsewhere or self.is_outdated)


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
    """`is_capped`: the grade is lower than the percentage alone would give, for a critical criterion was not met."""

    visit: Visit
    percent: int | None
    grade: str
    is_capped: bool


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
        """Flagged and outdated ones and critical failures first, then what lost most."""
        wanted = [item for item in self.items if item.wants_a_look]
        wanted.sort(key=lambda item: (not (item.flags or item.is_critical_failure or item.is_outdated), -item.lost))
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
    telling: Collection[str] = (),
) -> Desk:
    """The desk of a submitted visit; `typed` are a form's fields that have not been saved. Six queries.

    Of the codes `telling` it is asked whether the unit shall read the words that were typed.
    """
    drafts = dict(DraftRemark.objects.filter(visit=visit).values_list("criterion__code", "text"))
    notes = {note.criterion.code: note for note in ShownNote.objects.filter(visit=visit).select_related("criterion")}
    copies = {shown.photo_id: shown for shown in ShownPhoto.objects.filter(photo__visit=visit)}
    screening = Screening.objects.filter(submission=reading.submission).first()
    noticed = flags.from_rows(screening.flags) if screening else ()
    claim = Claim.objects.filter(visit=visit, at__gt=at - CLAIMED_FOR).select_related("by").first()

    def item(line: ReadLine) -> Item:
        code, shown = line.criterion.code, notes.get(line.criterion.code)
        draft, note = drafts.get(code, ""), shown.text if shown else ""
        get = (lambda name, stored: typed.get(f"{name}-{code}", stored)) if typed is not None else _stored
        words, sure = get("words", note or line.written), get("sure", "")
        is_sure = bool(sure) and sure == fingerprint(text.clean(words))
        is_shown = bool(typed.get(f"show-{code}")) if typed is not None else bool(note)
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
            words=words,
            words_seen=fingerprint(note) if is_elsewhere else get("words-seen", fingerprint(note)),
            is_shown=is_shown,
            has_words=bool(line.written or note or is_shown),
            source=get("source", line.source),
            is_outdated=shown is not None and shown.source != line.source,
            is_confirmed=bool(get("confirm", "")),
            sure=fingerprint(text.clean(words)) if is_sure or code in telling else "",
            is_sure=is_sure,
            errors=tuple((errors or {}).get(code, ())),
            elsewhere=tuple(each for each in (draft, note) if each) or (_("nothing"),) if is_elsewhere else (),
        )

    return Desk(
        visit=visit,
        reading=reading,
        items=tuple(item(line) for line in reading.lines),
        screening=screening,
        claim=claim,
        is_mine=claim is not None and claim.by_id == user.pk,
        earlier=_earlier(visit),
    )


def _stored(_name: str, stored: str) -> str:
    return stored


@dataclass(frozen=True)
class Typed:
    """A text that a page held when it was refused: of which question, a remark or words for the unit."""

    short_code: str
    is_remark: bool
    text: str


def typed_texts(fields: Mapping[str, Any], reading: Reading | None) -> tuple[Typed, ...]:
    """What a reviewer had written into a page: every remark, and words that neither were kept nor are the note's."""
    found = []
    for line in reading.lines if reading else ():
        code, short = line.criterion.code, line.criterion.short_code
        remark, words = (text.clean(str(fields.get(f"{name}-{code}", ""))) for name in ("remark", "words"))
        if remark:
            found.append(Typed(short, True, remark))
        is_as_offered = words == text.clean(line.written) and not fields.get(f"show-{code}")
        if words and not is_as_offered and fingerprint(words) != fields.get(f"words-seen-{code}"):
            found.append(Typed(short, False, words))
    return tuple(found)


def _earlier(visit: Visit) -> tuple[EarlierResult, ...]:
    """The outlet's last results of the same checklist. One query."""
    rows = Visit.objects.filter(
        outlet=visit.outlet_id,
        wave__checklist=visit.wave.checklist_id,
        state__in=(VisitState.APPROVED, VisitState.PUBLISHED),
    )
    last: QuerySet[Any] = with_latest_score(rows).exclude(pk=visit.pk).order_by("-visited_on", "-pk")[:EARLIER]
    return tuple(
        EarlierResult(
            each,
            each.percent,
            str(Submission.Grade(each.grade).label) if each.grade else "",
            bool(each.is_capped),
        )
        for each in last
    )
