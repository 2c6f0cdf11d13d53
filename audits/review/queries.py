"""What the quality office reads of visits that have been submitted."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from audits import scoring
from audits.checklists.outline import CriterionOutline, SectionOutline, short_code
from audits.fieldwork.arrival import times
from audits.fieldwork.arrival.models import Place
from audits.fieldwork.arrival.queries import place_of
from audits.fieldwork.models import Photo, Submission, Visit
from audits.fieldwork.states import CARRIED_OUT, VisitState
from audits.fieldwork.visits import sheet, wording
from audits.fieldwork.visits.completeness import Given
from audits.review.models import ShownNote, ShownPhoto
from outlets.models import Membership, Placement, Role, Unit, UnitClosure, User
from outlets.organisation import tree

READABLE = frozenset({*CARRIED_OUT, VisitState.NOT_POSSIBLE})


def own_units(user: User) -> QuerySet[Unit]:
    """Where somebody works as staff, or manages, with all below and what merges and splits made of it."""
    # Not `current()`: that leaves out closed units, and what became of them is own too.
    managed = Membership.objects.filter(user=user, role=Role.MANAGER, unit__isnull=False, ended_at__isnull=True)
    placed = Placement.objects.filter(staff__user=user, valid_to__isnull=True)
    own = Unit.objects.none()
    for units in (managed.values("unit"), placed.values("unit")):
        own |= Unit.objects.within(units) | Unit.objects.within(tree.heirs(units))
    return own


def readable_by(user: User, *, also_voided: bool = False) -> QuerySet[Visit]:
    """Visits that a reviewer or the office may read: submitted or not possible, and not of the reader's own unit.

    Own is where the reader works as staff, or manages, and what merges and splits made of it. Joins all that a page
    names. `also_voided`: those too that were voided after they had been submitted, to tell who still writes on them.
    """
    own = own_units(user)
    return (
        Visit.objects.filter(
            Q(state__in=READABLE) | Q(state=VisitState.VOIDED, submitted_at__isnull=False)
            if also_voided
            else Q(state__in=READABLE)
        )
        .exclude(shopper=user)
        .exclude(outlet__unit__in=own)
        .select_related(
            "outlet__unit",
            "outlet__province",
            "wave__checklist",
            "scenario",
            "answer_card",
            "version__checklist",
            "shopper",
            "met_staff",
            "approved_by",
        )
    )


def with_unit_above(visits: QuerySet[Visit]) -> QuerySet[Visit]:
    """Adds `above`, the name of the unit below the top that each visit's outlet belongs to. No query of its own.

    That of a province, say: what stands between has names that every province has. None where the outlet is that unit.
    """
    links = UnitClosure.objects.filter(descendant=OuterRef("outlet__unit"), depth__gt=0).order_by("-depth")
    return visits.annotate(above=Subquery(links.values("ancestor__name")[1:2]))


def with_latest_score(visits: QuerySet[Visit]) -> QuerySet[Visit]:
    """Adds percent, grade, is_capped and critical_failures of each visit's latest submission, for a listing."""
    latest = Submission.objects.filter(visit=OuterRef("pk")).order_by("-number")
    return visits.annotate(
        **{
            name: Subquery(latest.values(name)[:1])
            for name in ("percent", "grade", "is_capped", "critical_failures", "receipt")
        }
    )


@dataclass(frozen=True)
class ReadLine:
    """A criterion with what was said, shown and scored. `score` is empty for what was not in the submission.

    `is_changed`: the shopper has written since; the answer shown is the one that was scored, its new words are not.
    """

    said: sheet.Line
    score: scoring.Line | None
    is_changed: bool = False

    @property
    def criterion(self) -> CriterionOutline:
        return self.said.criterion

    @property
    def written(self) -> str:
        """All that the shopper wrote about it: the text that words for the unit are made from."""
        return "\n\n".join(each for each in (self.said.given.text, self.said.given.note) if each)

    @property
    def source(self) -> str:
        """The fingerprint of `written`, 16 characters; that nothing is written has one, too."""
        return hashlib.sha256(self.written.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class ReadSection:
    section: SectionOutline
    part: scoring.Part | None
    lines: tuple[ReadLine, ...]


@dataclass(frozen=True)
class ThemeScore:
    name: str
    part: scoring.Part


@dataclass(frozen=True, eq=False)
class Reading:
    """One submitted visit as the office reads it, with the score as it was stored."""

    sheet: sheet.Sheet
    submission: Submission
    submissions: tuple[Submission, ...]
    score: scoring.Score
    sections: tuple[ReadSection, ...]
    themes: tuple[ThemeScore, ...]
    visit_photos: tuple[Photo, ...]
    place: Place | None

    @property
    def first_submitted_at(self) -> datetime:
        return min(each.submitted_at for each in self.submissions)

    @property
    def gap(self) -> str:
        """How long after leaving the outlet the answers first came, in words; empty when it is not known."""
        left_at = self.sheet.visit.left_at
        return times.gap_in_words(left_at, self.first_submitted_at) if left_at else ""

    @property
    def lines(self) -> tuple[ReadLine, ...]:
        return tuple(line for section in self.sections for line in section.lines)

    @property
    def to_look_at(self) -> tuple[ReadLine, ...]:
        """Critical failures first, then what lost most."""
        lost = [(line, line.score) for line in self.lines if line.score is not None and line.score.lost]
        lost.sort(key=lambda pair: (not pair[1].critical_failed, -pair[1].lost))
        return tuple(line for line, _score in lost)

    @property
    def lost(self) -> int:
        """All points lost, percent x 10,000: 100 % less the score."""
        return sum(line.lost for line in self.score.lines)

    @property
    def explanation(self) -> scoring.Explanation:
        return scoring.explain(self.score.lines)


def read(visit: Visit, *, number: int | None = None) -> Reading | None:
    """The reading of a visit by its latest submission, or by submission `number`; None when there is no such one.

    Six queries besides the outline's.
    """
    submissions = tuple(visit.submissions.order_by("-number"))
    chosen = next((each for each in submissions if number in (None, each.number)), None)
    if chosen is None:
        return None
    now = sheet.read(visit)
    score = scoring.from_workings(chosen.workings)
    by_code = {line.code: line for line in score.lines}
    parts = {part.code: part for part in score.sections}
    return Reading(
        sheet=now,
        submission=chosen,
        submissions=submissions,
        score=score,
        sections=tuple(
            ReadSection(
                section,
                parts.get(section.code),
                tuple(
                    _as_scored(now, criterion, by_code.get(criterion.code), chosen) for criterion in section.criteria
                ),
            )
            for section in now.outline.sections
        ),
        themes=tuple(ThemeScore(now.outline.theme_name(part.code), part) for part in score.themes),
        visit_photos=now.photos.get("", ()),
        place=place_of(now.visit),
    )


def _as_scored(
    now: sheet.Sheet, criterion: CriterionOutline, line: scoring.Line | None, submission: Submission
) -> ReadLine:
    """The answer that the figure beside it stands on, whatever the shopper has written into the form since."""
    said = now.line(criterion)
    answer = now.answers.get(criterion.code)
    if line is None or answer is None or answer.changed_at <= submission.submitted_at:
        return ReadLine(said, line)
    if line.outcome is scoring.Outcome.UNANSWERED and said.given.is_na and now.visit.approved_at is not None:
        return ReadLine(said, line)  # a follow-up that lapsed when the visit was approved
    then = Given(value=line.value or "", number=line.number, photos=said.given.photos)
    label, look = wording.said(criterion, then)
    return ReadLine(replace(said, given=then, label=label, look=look), line, is_changed=True)


@dataclass(frozen=True)
class Step:
    """One line of the arithmetic, with the words it is printed with."""

    criterion: CriterionOutline
    line: scoring.Line
    product: Decimal

    @property
    def measured(self) -> str:
        """What a measured number gives, in words; empty for other kinds."""
        if self.line.number is None:
            return ""
        below = None
        for threshold in self.criterion.thresholds:
            if threshold.upper is None or self.line.number <= threshold.upper:
                return wording.measured(self.criterion, self.line.number, below, threshold)
            below = threshold.upper
        return ""


def steps(reading: Reading) -> tuple[Step, ...]:
    """The eligible criteria in their order, each with weight × result."""
    terms = {term.code: term for term in reading.explanation.terms}
    return tuple(
        Step(reading.sheet.outline.by_code[line.code], line, terms[line.code].product)
        for line in reading.score.lines
        if line.code in terms
    )


def left_out(reading: Reading) -> tuple[ReadLine, ...]:
    """Scored criteria that are in neither sum: not applicable, or not answered yet."""
    return tuple(
        line for line in reading.lines if line.criterion.is_scored and line.score and line.score.result is None
    )


def worded(visit: Visit) -> frozenset[str]:
    """The codes of the criteria that words for the unit are kept of. One query."""
    return frozenset(ShownNote.objects.filter(visit=visit).values_list("criterion__code", flat=True))


def outdated(visit: Visit) -> tuple[str, ...]:
    """The short codes of those whose words were made over another text than the shopper's present one."""
    made_over = dict(ShownNote.objects.filter(visit=visit).values_list("criterion__code", "source"))
    reading = read(visit) if made_over else None
    if reading is None:
        return ()
    return tuple(
        line.criterion.short_code
        for line in reading.lines
        if made_over.get(line.criterion.code, line.source) != line.source
    )


@dataclass(frozen=True)
class MarkedNote:
    """A wording marked for the unit, for the quality office: `code` as it is printed, `full_code` as it is stored."""

    code: str
    full_code: str
    text: str


@dataclass(frozen=True)
class MarkedPhoto:
    code: str
    photo_id: UUID
    shown_id: UUID


@dataclass(frozen=True)
class Marked:
    notes: tuple[MarkedNote, ...]
    photos: tuple[MarkedPhoto, ...]

    def __bool__(self) -> bool:
        return bool(self.notes or self.photos)


def marked(visit: Visit) -> Marked:
    """What a reviewer has marked for the unit in this visit, published or not. Two queries."""
    order = ("criterion__section__position", "criterion__position")
    notes = ShownNote.objects.filter(visit=visit).order_by(*order).values_list("criterion__code", "text")
    photos = ShownPhoto.objects.filter(photo__visit=visit, photo__removed_at__isnull=True).order_by("photo")
    return Marked(
        tuple(MarkedNote(short_code(code), code, text) for code, text in notes),
        tuple(
            MarkedPhoto(short_code(code), photo_id, shown_id)
            for code, photo_id, shown_id in photos.values_list(
                "photo__criterion__code", "photo__public_id", "public_id"
            )
        ),
    )
