"""Looks a submission over by machine and keeps what it noticed. Set-based: the queries do not grow with the visits."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from audits.checklists.outline import short_code
from audits.fieldwork.models import Answer, Photo, Submission, Visit
from audits.fieldwork.states import VisitState
from audits.review.flags import SAME_FROM, Flag, Kind, told
from audits.review.models import Passage, Screening
from outlets import text
from outlets.models import Placement

CHUNK = 200  # visits looked over together
ALIKE = 4  # bits of 64 in which two pictures of the same thing may differ
_ALIKE_WITHIN = timedelta(days=366)
# A picture of a plain surface has nearly all bits alike: its hash says nothing.
_PLAIN = 6
_TOLD_IN_HOURS = 48  # fewer hours than these are told as such, not in days


def screen_waiting(*, at: datetime) -> int:
    """Screens every submitted or returned visit whose latest submission has not been; how many that were."""
    unseen = Submission.objects.filter(visit=OuterRef("pk"), screening__isnull=True)
    waiting = Visit.objects.filter(state__in=(VisitState.SUBMITTED, VisitState.RETURNED)).filter(Exists(unseen))
    return screen(waiting.order_by("started_at", "pk"), at=at)


def screen(visits: Iterable[Visit], *, at: datetime) -> int:
    """Writes the screening of each visit's latest submission; how many visits that were.

    The same visits again give the same flags. Eleven queries for each CHUNK visits.
    """
    all_visits = [visit for visit in visits if visit.started_at is not None]
    for start in range(0, len(all_visits), CHUNK):
        chunk = all_visits[start : start + CHUNK]
        with transaction.atomic():
            _screen(chunk, at)
    return len(all_visits)


def _screen(visits: Sequence[Visit], at: datetime) -> None:
    submissions: dict[int, list[Submission]] = defaultdict(list)
    rows = (
        Submission.objects.filter(visit__in=visits).order_by("visit", "number").only("visit", "number", "submitted_at")
    )
    for submission in rows:
        submissions[submission.visit_id].append(submission)
    submitted = [visit for visit in visits if submissions[visit.pk]]
    flags: dict[int, list[Flag]] = {
        visit.pk: list(_of_time(visit, submissions[visit.pk][0].submitted_at)) for visit in submitted
    }
    for each in (_of_pictures(submitted), _of_texts(submitted)):
        for visit_id, flag in each:
            flags[visit_id].append(flag)
    written = [
        Screening(
            submission=submission,
            flags=[flag.as_row() for flag in flags[visit.pk]],
            flag_count=len(flags[visit.pk]),
            screened_at=at,
        )
        for visit in submitted
        for submission in submissions[visit.pk][-1:]
    ]
    Screening.objects.bulk_create(
        written,
        update_conflicts=True,
        unique_fields=["submission"],
        update_fields=["flags", "flag_count", "screened_at"],
    )


def _of_time(visit: Visit, submitted_at: datetime) -> Iterator[Flag]:
    """`submitted_at` is that of the first submission: later ones are mended, not filled in."""
    taken = submitted_at - visit.started_at  # type: ignore[operator]  # a screened visit was started
    if taken < timedelta(minutes=settings.REVIEW_FASTEST_MINUTES):
        yield Flag(Kind.TOO_FAST, detail={"minutes": max(1, round(taken.total_seconds() / 60))})
    days = (timezone.localdate(submitted_at) - visit.visited_on).days  # type: ignore[operator]
    if days > settings.REVIEW_LATE_DAYS:
        detail = {"days": days}
        # A form begun on a later day says nothing of the hour of the visit.
        begun = visit.started_at if timezone.localdate(visit.started_at) == visit.visited_on else None
        since = visit.left_at or begun
        if since is not None and (hours := (submitted_at - since) // timedelta(hours=1)) < _TOLD_IN_HOURS:
            detail["hours"] = max(1, hours)
        yield Flag(Kind.LATE_ANSWERS, detail=detail)


# --- Pictures ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Picture:
    pk: int
    visit_id: int
    visit: UUID
    outlet_id: int
    shopper_id: int | None
    code: str
    sha256: str
    bits: int
    added_at: datetime

    @property
    def when(self) -> tuple[datetime, int]:
        return self.added_at, self.pk

    @property
    def is_plain(self) -> bool:
        return not _PLAIN <= self.bits.bit_count() <= 64 - _PLAIN


_COLUMNS = (
    "pk",
    "visit_id",
    "visit__public_id",
    "visit__outlet_id",
    "visit__shopper_id",
    "criterion__code",
    "sha256",
    "phash",
    "added_at",
)


def _pictures(**conditions: object) -> list[_Picture]:
    rows = Photo.objects.kept().filter(criterion__isnull=False, **conditions).order_by("added_at", "pk")
    return [
        _Picture(pk, visit_id, visit, outlet_id, shopper_id, code, sha256, int(phash or "0", 16), added_at)
        for pk, visit_id, visit, outlet_id, shopper_id, code, sha256, phash, added_at in rows.values_list(*_COLUMNS)
    ]


def _of_pictures(visits: Sequence[Visit]) -> Iterator[tuple[int, Flag]]:
    """The same picture anywhere before, by its content; nearly the same one within a year at this outlet or of
    this shopper: those are compared one by one."""
    own = _pictures(visit__in=[visit.pk for visit in visits])
    same: dict[str, list[_Picture]] = defaultdict(list)
    for each in _pictures(sha256__in={picture.sha256 for picture in own}):
        same[each.sha256].append(each)
    if not own:
        return
    since = min(picture.added_at for picture in own) - _ALIKE_WITHIN
    here: dict[int, list[_Picture]] = defaultdict(list)
    for each in _pictures(visit__outlet__in={visit.outlet_id for visit in visits}, added_at__gte=since):
        here[each.outlet_id].append(each)
    theirs: dict[int | None, list[_Picture]] = defaultdict(list)
    for each in _pictures(visit__shopper__in={visit.shopper_id for visit in visits}, added_at__gte=since):
        theirs[each.shopper_id].append(each)
    flagged: set[tuple[int, str]] = set()
    for picture in own:
        if (picture.visit_id, picture.code) in flagged:
            continue
        found = _earlier(picture, same[picture.sha256], 64)
        if found is None and not picture.is_plain:
            found = _earlier(picture, here[picture.outlet_id], ALIKE)
            found = found or _earlier(picture, theirs[picture.shopper_id], ALIKE)
        if found is not None:
            flagged.add((picture.visit_id, picture.code))
            other = "" if found.visit_id == picture.visit_id else str(found.visit)
            detail = {"visit": other, "code": short_code(found.code), "exact": found.sha256 == picture.sha256}
            yield picture.visit_id, Flag(Kind.SAME_PICTURE, (picture.code,), detail)


def _earlier(picture: _Picture, among: Iterable[_Picture], differing: int) -> _Picture | None:
    """The first picture taken before that differs in at most so many bits; of the same criterion never counts."""
    for other in among:
        if other.when >= picture.when:
            return None
        if other.visit_id == picture.visit_id and other.code == picture.code:
            continue
        if (picture.bits ^ other.bits).bit_count() <= differing:
            return other
    return None


# --- Texts ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Said:
    """A passage with its visit: whose and where it is, and when that was begun."""

    key: str
    code: str
    visit_id: int
    visit: UUID
    shopper_id: int | None
    outlet_id: int
    started_at: datetime


_PASSAGE_COLUMNS = (
    "key",
    "answer__criterion__code",
    "answer__visit_id",
    "answer__visit__public_id",
    "answer__visit__shopper_id",
    "answer__visit__outlet_id",
    "answer__visit__started_at",
)


def _of_texts(visits: Sequence[Visit]) -> Iterator[tuple[int, Flag]]:
    """What a text gives away, and the same words in an earlier visit, of the same shopper or at the same outlet."""
    known = names(visits)
    answers: dict[int, list[Answer]] = defaultdict(list)
    rows = Answer.objects.filter(visit__in=visits).exclude(note="", text="").select_related("criterion")
    for answer in rows.order_by("criterion__section__position", "criterion__position"):
        answers[answer.visit_id].append(answer)
    keys = {answer.pk: _keys(answer) for each in answers.values() for answer in each}
    Passage.objects.filter(answer__visit__in=visits).delete()
    Passage.objects.bulk_create(Passage(answer_id=pk, key=key) for pk, each in keys.items() for key in each)
    said = _said_by_or_at(visits, {key for each in keys.values() for key in each})
    for visit in visits:
        for answer in answers[visit.pk]:
            code = answer.criterion.code
            if found := [what.value for what in told(f"{answer.note}\n{answer.text}", known[visit.outlet_id])]:
                yield visit.pk, Flag(Kind.NAMES_OR_NUMBERS, (code,), {"told": found})
            before = [each for key in keys[answer.pk] for each in said[key] if _is_before(each, visit)]
            own = next((each for each in before if each.shopper_id == visit.shopper_id), None)
            if other := own or next((each for each in before if each.outlet_id == visit.outlet_id), None):
                seen = {"visit": str(other.visit), "code": short_code(other.code)}
                whose = {} if own else {"is_others": True}
                yield visit.pk, Flag(Kind.SAME_NOTE, (code,), seen | whose)


def _keys(answer: Answer) -> list[str]:
    """A digest of each of the answer's texts that is long enough not to be said twice by chance."""
    folded = [text.fold(each) for each in (answer.note, answer.text) if len(each) >= SAME_FROM]
    return [hashlib.blake2s(each.encode(), digest_size=16).hexdigest() for each in folded if len(each) >= SAME_FROM]


def _said_by_or_at(visits: Sequence[Visit], keys: set[str]) -> Mapping[str, list[_Said]]:
    """The passages of these keys, by key and in the order of their visits, of any of the shoppers or outlets."""
    shoppers, outlets = ({getattr(visit, name) for visit in visits} for name in ("shopper_id", "outlet_id"))
    rows = (
        Passage.objects.filter(key__in=keys)
        .filter(Q(answer__visit__shopper__in=shoppers) | Q(answer__visit__outlet__in=outlets))
        .order_by("answer__visit__started_at", "answer__visit", "pk")
    )
    found: dict[str, list[_Said]] = defaultdict(list)
    for row in rows.values_list(*_PASSAGE_COLUMNS):
        found[row[0]].append(_Said(*row))
    return found


def _is_before(said: _Said, visit: Visit) -> bool:
    return (said.started_at, said.visit_id) < (visit.started_at, visit.pk)


def names(visits: Sequence[Visit]) -> Mapping[int, list[str]]:
    """Who has ever worked at each visit's outlet, by full name. One query."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = Placement.objects.filter(unit__in={visit.outlet_id for visit in visits}).order_by("pk")
    for unit_id, name in rows.values_list("unit_id", "staff__full_name"):
        found[unit_id].append(name)
    return found
