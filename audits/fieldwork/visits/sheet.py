"""Everything a visit holds, read once: the checklist, the answers, photos and remarks laid over it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from types import MappingProxyType

from audits.checklists.models import Criterion
from audits.checklists.outline import CriterionOutline, Outline, SectionOutline, outline
from audits.fieldwork.models import Answer, Photo, Remark, Visit
from audits.fieldwork.states import OPEN_TO_SHOPPER, VisitState
from audits.fieldwork.visits import completeness, wording
from audits.fieldwork.visits.completeness import NOTHING, Gap, Given, Missing

FOLLOW_UP_DAYS = 7


@dataclass(frozen=True)
class Progress:
    """How far a set of criteria is: answers, and photos of those that need one."""

    answered: int
    asked: int
    photos: int
    photos_asked: int

    @property
    def is_complete(self) -> bool:
        return self.answered >= self.asked and self.photos >= self.photos_asked


@dataclass(frozen=True)
class Task:
    """One section in the task list."""

    section: SectionOutline
    progress: Progress
    gaps: tuple[Gap, ...]

    @property
    def is_started(self) -> bool:
        return self.progress.answered > 0


@dataclass(frozen=True)
class Line:
    """One answer in words: what was said, and how it looks (an icon's name, empty for what is not scored)."""

    criterion: CriterionOutline
    given: Given
    label: str
    look: str
    photos: tuple[Photo, ...]

    @property
    def css(self) -> str:
        return f"t-{self.look}" if self.look else "quiet" if not self.given.is_answered else ""


@dataclass(frozen=True)
class Group:
    """A section to read. `is_open`: the shopper may still change something in it."""

    section: SectionOutline
    lines: tuple[Line, ...]
    is_open: bool


@dataclass(frozen=True)
class RemarkItem:
    """A reviewer's open remark with its place in the form."""

    code: str
    short_code: str
    section_code: str
    text: str
    is_acted_on: bool


@dataclass(frozen=True, eq=False)
class Sheet:
    """A visit as the shopper's form and the office's page read it. `version` must be pinned."""

    visit: Visit
    outline: Outline
    answers: Mapping[str, Answer]
    photos: Mapping[str, tuple[Photo, ...]]  # kept ones, by criterion code; "" for those of the visit itself
    removed: Mapping[str, tuple[Photo, ...]]
    remarks: Mapping[str, Remark]  # open ones

    @cached_property
    def given(self) -> Mapping[str, Given]:
        return MappingProxyType(
            {
                criterion.code: given_of(self.answers.get(criterion.code), len(self.photos.get(criterion.code, ())))
                for criterion in self.outline.criteria
            }
        )

    @property
    def proof(self) -> Photo | None:
        """The photo that shows that the shopper was there, if one was given."""
        return next((photo for photo in self.photos.get("", ()) if photo.proof), None)

    @property
    def is_returned(self) -> bool:
        return self.visit.state == VisitState.RETURNED

    @cached_property
    def open_codes(self) -> frozenset[str]:
        """The criteria that the shopper may change now."""
        if self.visit.state == VisitState.SUBMITTED:
            return frozenset(c.code for c in self.follow_ups) if self.is_awaiting_follow_up else frozenset()
        if self.visit.state not in OPEN_TO_SHOPPER:
            return frozenset()
        if self.is_returned:
            return frozenset(self.remarks)
        return frozenset(self.outline.by_code)

    @cached_property
    def follow_ups(self) -> tuple[CriterionOutline, ...]:
        return tuple(completeness.asked_later(self.outline.criteria))

    @cached_property
    def open_follow_ups(self) -> tuple[CriterionOutline, ...]:
        return tuple(c for c in self.follow_ups if completeness.gaps_of(c, self.given[c.code]))

    @property
    def follow_up_due_on(self) -> date:
        visited_on: date = self.visit.visited_on  # type: ignore[assignment]  # a started visit has one
        return visited_on + timedelta(days=FOLLOW_UP_DAYS)

    @property
    def is_awaiting_follow_up(self) -> bool:
        """Submitted with follow-up items that the last submission did not hold."""
        if self.visit.state != VisitState.SUBMITTED:
            return False
        return self.last_submission is not None and self.last_submission.open_follow_ups > 0

    @cached_property
    def last_submission(self):
        return next(iter(self.visit.submissions.all()), None)

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """What keeps the visit from being submitted now."""
        asked = completeness.asked_now(self.outline.criteria)
        found = completeness.gaps(asked, self.given)
        if self.is_returned:
            late = completeness.gaps(self.follow_ups, self.given, only=self.remarks)
            ignored = [
                Gap(Missing.REMARK, self.outline.by_code[code]) for code in self.remarks if not self.is_acted_on(code)
            ]
            return (*found, *late, *ignored)
        if not self.visit.met_staff_id and not self.visit.met_description:
            return (Gap(Missing.MET), *found)
        return found

    def is_acted_on(self, code: str) -> bool:
        """The shopper has changed something of this criterion since the reviewer's remark."""
        since = self.remarks[code].made_at
        answer = self.answers.get(code)
        photos = (*self.photos.get(code, ()), *self.removed.get(code, ()))
        return bool(answer and answer.changed_at > since) or any(
            photo.added_at > since or (photo.removed_at and photo.removed_at > since) for photo in photos
        )

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        by_section = defaultdict(list)
        for gap in self.gaps:
            if gap.criterion:
                by_section[gap.criterion.section_code].append(gap)
        return tuple(
            Task(section, self.progress_of(section.criteria), tuple(by_section[section.code]))
            for section in self.outline.sections
        )

    @property
    def is_open(self) -> bool:
        """The shopper can still fill it in and submit it."""
        return self.visit.state in OPEN_TO_SHOPPER

    @cached_property
    def photo_count(self) -> int:
        return sum(len(photos) for photos in self.photos.values())

    @cached_property
    def remark_items(self) -> tuple[RemarkItem, ...]:
        return tuple(
            RemarkItem(
                criterion.code,
                criterion.short_code,
                criterion.section_code,
                self.remarks[criterion.code].text,
                self.is_acted_on(criterion.code),
            )
            for criterion in self.outline.criteria
            if criterion.code in self.remarks
        )

    @cached_property
    def reading(self) -> tuple[Group, ...]:
        """All answers in the checklist's order, in words."""
        return tuple(
            Group(
                section,
                tuple(self.line(criterion) for criterion in section.criteria),
                any(criterion.code in self.open_codes for criterion in section.criteria) and self.is_open,
            )
            for section in self.outline.sections
        )

    def line(self, criterion: CriterionOutline) -> Line:
        given = self.given[criterion.code]
        label, look = wording.said(criterion, given)
        return Line(criterion, given, label, look, self.photos.get(criterion.code, ()))

    @cached_property
    def progress(self) -> Progress:
        return self.progress_of(self.outline.criteria)

    @cached_property
    def progress_now(self) -> Progress:
        """Of what can be filled in now: the whole visit, or after submitting what is answered later."""
        return self._progress(self.follow_ups) if self.is_awaiting_follow_up else self.progress

    def progress_of(self, criteria) -> Progress:
        return self._progress(completeness.asked_now(criteria))

    def _progress(self, asked) -> Progress:
        given = [(criterion, self.given[criterion.code]) for criterion in asked]
        with_photo = [
            (criterion, each)
            for criterion, each in given
            if criterion.photo == Criterion.Photo.REQUIRED and not each.is_na and not each.photo_waiver
        ]
        return Progress(
            answered=sum(each.is_answered for _, each in given),
            asked=len(asked),
            photos=sum(bool(each.photos) for _, each in with_photo),
            photos_asked=len(with_photo),
        )

    def next_section(self, code: str) -> SectionOutline | None:
        codes = [section.code for section in self.outline.sections]
        after = self.outline.sections[codes.index(code) + 1 :]
        return after[0] if after else None


def given_of(answer: Answer | None, photos: int) -> Given:
    if answer is None:
        return Given(photos=photos) if photos else NOTHING
    return Given(
        value=answer.value,
        number=answer.number,
        text=answer.text,
        note=answer.note,
        na_reason=answer.na_reason,
        photos=photos,
        photo_waiver=answer.photo_waiver,
    )


def _open_remarks(visit: Visit) -> Iterable[Remark]:
    """Returning opens remarks and submitting settles them: in any other state there are none to look for."""
    if visit.state != VisitState.RETURNED:
        return ()
    return Remark.objects.filter(visit=visit, resolved_at__isnull=True)


def read(visit: Visit) -> Sheet:
    """The sheet of a started visit. At most four queries besides the outline's: answers, photos, remarks of a returned
    visit, submissions.

    The submissions come from a prefetch when the visit was read with one.
    """
    content = outline(visit.version)  # type: ignore[arg-type]  # a started visit has one
    codes: dict[int | None, str] = {criterion.id: criterion.code for criterion in content.criteria}
    kept: dict[str, list[Photo]] = defaultdict(list)
    removed: dict[str, list[Photo]] = defaultdict(list)
    for photo in Photo.objects.filter(visit=visit).order_by("pk"):
        (kept if photo.removed_at is None else removed)[codes.get(photo.criterion_id, "")].append(photo)
    return Sheet(
        visit=visit,
        outline=content,
        answers={codes[answer.criterion_id]: answer for answer in Answer.objects.filter(visit=visit)},
        photos={code: tuple(photos) for code, photos in kept.items()},
        removed={code: tuple(photos) for code, photos in removed.items()},
        remarks={codes[remark.criterion_id]: remark for remark in _open_remarks(visit)},
    )
