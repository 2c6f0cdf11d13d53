"""A published visit as the office corrects it: what counts now, and every revision with what it moved."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from audits import scoring
from audits.checklists.outline import CriterionOutline, Outline, outline
from audits.fieldwork.models import Visit
from audits.fieldwork.visits import wording
from audits.fieldwork.visits.completeness import Given
from audits.results import rescoring
from audits.results.models import PublishedVisit, Revision
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
        _counted(criterion, now.get(criterion.code), answered.get(criterion.code))
        for criterion in asked.criteria
        if criterion.is_scored
    )
    return Published(published, asked, counted, _rows(published, asked))


def _counted(criterion: CriterionOutline, now: scoring.Answer | None, answered: scoring.Answer | None) -> Counted:
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
