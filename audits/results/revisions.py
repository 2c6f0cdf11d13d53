"""A published visit as the office corrects it: what counts now, and every revision with what it moved."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, QuerySet
from django.utils import timezone

from audits import scoring
from audits.checklists.outline import CriterionOutline, Outline, outline, short_code
from audits.fieldwork.models import Submission, Visit
from audits.fieldwork.visits import wording
from audits.fieldwork.visits.completeness import Given
from audits.results import rescoring
from audits.results.actions import CorrectedValue
from audits.results.kept import Kept, Stamp
from audits.results.models import Correction, PublishedVisit, Revision
from outlets.models import Unit


@dataclass(frozen=True)
class Counted:
    """A scored criterion with what it counts as now, in words. `answered` is empty unless it has been corrected."""

    criterion: CriterionOutline
    label: str
    look: str
    answered: str = ""


@dataclass(frozen=True)
class Effect:
    """What a revision moved: a unit's mean before and after, per cent x 10,000; None without a scored visit."""

    unit: str
    visits: int
    before: int | None
    after: int | None


@dataclass(frozen=True)
class RevisionRow:
    revision: Revision
    percent_before: int | None
    corrected: tuple[str, ...]
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class ListedRevision:
    """A revision in the list of all: the criteria by their short codes, the visit's figure before it."""

    revision: Revision
    corrected: tuple[str, ...]
    percent_before: int | None


@dataclass(frozen=True)
class Figure:
    """A visit's figure: per cent x 10,000, the grade in words, and whether a critical criterion caps it."""

    percent: int | None
    grade: str
    is_capped: bool


@dataclass(frozen=True)
class Foreseen:
    """What a correction would change: `label` is what the criterion would count as, in words.

    `seen` stands for all that was foreseen: another value, or another correction meanwhile, gives another.
    """

    label: str
    is_change: bool
    before: Figure
    after: Figure
    seen: str


@dataclass(frozen=True, eq=False)
class Published:
    published: PublishedVisit
    outline: Outline
    counted: tuple[Counted, ...]
    revisions: tuple[RevisionRow, ...]


def correctable(visits: QuerySet[Visit]) -> QuerySet[PublishedVisit]:
    """The published ones of some visits, with all that a page names."""
    return PublishedVisit.objects.filter(visit__in=visits.order_by().values("pk")).select_related(
        "block__period", "block__checklist", "visit__version__checklist", "visit__outlet__unit", "submission"
    )


def read(published: PublishedVisit) -> Published:
    """Six queries, besides the outline's."""
    asked = outline(published.visit.version)  # type: ignore[arg-type]  # a published visit has one
    now = rescoring.given_answers([published])[published.pk]
    answered = rescoring.shoppers_answers([published])[published.pk]
    counted = tuple(
        as_counted(criterion, now.get(criterion.code), answered.get(criterion.code))
        for criterion in asked.criteria
        if criterion.is_scored
    )
    return Published(published, asked, counted, _rows(published, asked))


def counts_as(published: PublishedVisit, criterion: CriterionOutline) -> Counted:
    """What one criterion of a published visit counts as now. Three queries."""
    now = rescoring.given_answers([published])[published.pk].get(criterion.code)
    answered = rescoring.shoppers_answers([published])[published.pk].get(criterion.code)
    return as_counted(criterion, now, answered)


def foresee(published: PublishedVisit, criterion: CriterionOutline, value: CorrectedValue) -> Foreseen:
    """The figure of a visit before and after a correction, which is not made. Four queries, besides the outline's."""
    asked = outline(published.visit.version)  # type: ignore[arg-type]  # a published visit has one
    given, answer = rescoring.given_answers([published])[published.pk], value.answer(criterion.code)
    after = scoring.score(asked.rules, (given | {criterion.code: answer}).values(), asked.bands)
    return Foreseen(
        label=_said(criterion, answer)[0],
        is_change=given.get(criterion.code) != answer,
        before=_figure(rescoring.counted(published)),
        after=_figure(after),
        seen=f"{published.revisions.count()}:{value.value}:{value.number}",
    )


def _figure(score: scoring.Score) -> Figure:
    return Figure(score.percent, str(Submission.Grade(score.grade.value).label) if score.grade else "", score.capped)


def of_visits(visits: QuerySet[Visit]) -> QuerySet[Revision]:
    """All revisions of some visits, with what their list names."""
    return Revision.objects.filter(published__visit__in=visits.order_by().values("pk")).select_related(
        "made_by", "published__block__period", "published__visit__outlet__unit", "published__submission"
    )


def of_units_matching(rows: QuerySet[Revision], query: str) -> QuerySet[Revision]:
    """Revisions at outlets that match `query`, or that stand below a unit that does. No query of its own."""
    units = Unit.objects.within(Unit.objects.matching(query).order_by().values("pk"))
    return rows.filter(published__block__outlet__unit__in=units)


def listed(some: Iterable[Revision]) -> tuple[ListedRevision, ...]:
    """The revisions of one page of the list. Two queries."""
    some = list(some)
    codes: dict[int, list[str]] = defaultdict(list)
    rows = Correction.objects.filter(revision__in=some).order_by("criterion__position", "pk")
    for revision_id, code in rows.values_list("revision_id", "criterion__code"):
        codes[revision_id].append(short_code(code))
    earlier = Revision.objects.filter(published__in={each.published_id for each in some})
    percents = {
        (visit, number): percent for visit, number, percent in earlier.values_list("published", "number", "percent")
    }
    return tuple(
        ListedRevision(
            each,
            tuple(codes[each.pk]),
            percents.get((each.published_id, each.number - 1), each.published.submission.percent),
        )
        for each in some
    )


def as_counted(criterion: CriterionOutline, now: scoring.Answer | None, answered: scoring.Answer | None) -> Counted:
    """What a criterion counts as, in words, and what was answered if that is another thing."""
    label, look = _said(criterion, now)
    return Counted(criterion, label, look, "" if now == answered else _said(criterion, answered)[0])


def _said(criterion: CriterionOutline, answer: scoring.Answer | None) -> tuple[str, str]:
    return wording.said(criterion, Given(value=answer.value or "", number=answer.number) if answer else Given())


def _rows(published: PublishedVisit, asked: Outline) -> tuple[RevisionRow, ...]:
    """The revisions, the latest first."""
    revisions: Sequence[Revision] = list(
        published.revisions.select_related("made_by").prefetch_related("corrections__criterion").order_by("number")
    )
    units = Unit.objects.in_bulk({effect[0] for revision in revisions for effect in revision.effects})
    rows, percent = [], published.submission.percent
    for revision in revisions:
        corrected = tuple(asked.by_code[each.criterion.code].short_code for each in revision.corrections.all())
        effects = tuple(
            Effect(units[unit].name, visits, _mean(before, visits), _mean(after, visits))
            for unit, visits, before, after in revision.effects
        )
        rows.append(RevisionRow(revision, percent, corrected, effects))
        percent = revision.percent
    return tuple(reversed(rows))


def _mean(total: int, visits: int) -> int | None:
    return (2 * total + visits) // (2 * visits) if visits else None


_kept: Kept[dict[date, date]] = Kept(256)


def corrected_months(unit: Unit, checklist: int, first: date, last: date, as_of: Stamp) -> dict[date, date]:
    """The months in which some figure of the unit was corrected, each with the day of the last time.

    One query where this process has not read them since then.
    """
    place = unit, checklist, first, last
    return _kept.get((*place, as_of), lambda: _corrected_months(*place))


def _corrected_months(unit: Unit, checklist: int, first: date, last: date) -> dict[date, date]:
    rows = Revision.objects.filter(
        published__block__checklist=checklist,
        published__block__period__month__gte=first,
        published__block__period__month__lte=last,
        published__block__outlet__unit__ancestor_links__ancestor=unit,
    ).order_by()
    found = rows.values_list("published__block__period__month").annotate(Max("made_at"))
    return {month: timezone.localdate(at) for month, at in found}
