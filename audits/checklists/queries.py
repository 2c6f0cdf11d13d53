"""What pages read of checklists."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, Count, Exists, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from audits import scoring
from audits.checklists.models import Checklist, ChecklistEvent, ChecklistVersion, Criterion
from audits.checklists.outline import CriterionOutline, Outline, SectionOutline, outline
from outlets import text


def checklists(*, only_running: bool) -> QuerySet[Checklist]:
    """Checklists with number, public id, publication and number of criteria of the version that runs, for a listing.

    One without a running version has number and criteria 0, no `running_id` and no `published_at`; `only_running`
    leaves it out. `last_id` is the public id of the version that runs or ran last, None before the first;
    `retired_number` the number of that one, where none runs.
    """
    running = ChecklistVersion.objects.filter(checklist=OuterRef("pk"), state=ChecklistVersion.State.PUBLISHED)
    criteria = (
        Criterion.objects.filter(version__checklist=OuterRef("pk"), version__state=ChecklistVersion.State.PUBLISHED)
        .order_by()
        .values("version__checklist")
        .annotate(number=Count("pk"))
    )
    ran = ChecklistVersion.objects.filter(checklist=OuterRef("pk"), published_at__isnull=False)
    ran = ran.order_by("-published_at", "-number")
    rows = Checklist.objects.annotate(
        is_running=Exists(running),
        last_id=Subquery(ran.values("public_id")[:1]),
        retired_number=Case(When(is_running=False, then=Subquery(ran.values("number")[:1]))),
        number=Coalesce(Subquery(running.values("number")[:1]), 0),
        running_id=Subquery(running.values("public_id")[:1]),
        published_at=Subquery(running.values("published_at")[:1]),
        criteria=Coalesce(Subquery(criteria.values("number")[:1]), 0),
    )
    return rows.filter(is_running=True) if only_running else rows


def matching(rows: QuerySet[Checklist], query: str) -> QuerySet[Checklist]:
    """Checklists whose Vietnamese or English name, or code, holds every word; there are few, so Python looks."""
    words = text.search_words(query)
    found = [
        row.pk
        for row in Checklist.objects.all()
        if all(word in text.fold(f"{row.code} {row.name_vi} {row.name_en}") for word in words)
    ]
    return rows.filter(pk__in=found)


def add_drafts(checklists: Iterable[Checklist]) -> None:
    """Gives each checklist its `drafts`, also those that wait for approval or for their day, the newest first.

    One query.
    """
    found = defaultdict(list)
    for draft in unpublished().filter(checklist__in=checklists).order_by("-number"):
        found[draft.checklist_id].append(draft)
    for checklist in checklists:
        checklist.drafts = found[checklist.pk]  # type: ignore[attr-defined]


def unpublished() -> QuerySet[ChecklistVersion]:
    """Drafts, also those that wait for approval or for their day; not what was discarded."""
    return ChecklistVersion.objects.filter(published_at=None).exclude(state=ChecklistVersion.State.DISCARDED)


def not_yet_run(versions: Iterable[ChecklistVersion]) -> list[ChecklistVersion]:
    """Those of `versions` that are among `unpublished`."""
    return [each for each in versions if not each.published_at and each.state != ChecklistVersion.State.DISCARDED]


def ran_last(versions: Iterable[ChecklistVersion]) -> ChecklistVersion | None:
    """That of `versions` which runs or ran last."""
    ran = [(each.published_at, each.number, each) for each in versions if each.published_at]
    return max(ran)[-1] if ran else None


def add_sent_back(versions: Iterable[ChecklistVersion]) -> None:
    """Gives each version the event with which it was last sent back as `sent_back`, None once it was sent on again.

    One query.
    """
    kinds = (ChecklistEvent.Kind.SENT_BACK, ChecklistEvent.Kind.PROPOSED)
    events = ChecklistEvent.objects.filter(version__in=versions, kind__in=kinds).select_related("by")
    last = {event.version_id: event for event in events.order_by("at", "pk")}
    for version in versions:
        event = last.get(version.pk)
        is_back = event is not None and event.kind == ChecklistEvent.Kind.SENT_BACK
        version.sent_back = event if is_back else None  # type: ignore[attr-defined]


def versions(checklist: Checklist) -> QuerySet[ChecklistVersion]:
    """All versions of a checklist, the newest first. One query."""
    return checklist.versions.order_by("-number")


@dataclass(frozen=True)
class Reading:
    """A criterion as a page prints it: kind and rules in words."""

    criterion: CriterionOutline
    kind: str
    rules: tuple[str, ...]
    results: tuple[str, ...]
    theme: str
    share: Decimal | None


@dataclass(frozen=True)
class ReadingSection:
    section: SectionOutline
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class VersionReading:
    """A whole version to read. `grades` are names with their lower bounds in words, the best first."""

    outline: Outline
    sections: tuple[ReadingSection, ...]
    grades: tuple[tuple[str, str], ...]
    scored: int
    critical: int
    photos: int


def read(version: ChecklistVersion) -> VersionReading:
    """A version in words. No query besides the outline's."""
    content = outline(version)
    return VersionReading(
        outline=content,
        sections=tuple(
            ReadingSection(section, tuple(_reading(content, criterion) for criterion in section.criteria))
            for section in content.sections
        ),
        grades=tuple(_grades(content.bands)),
        scored=sum(criterion.is_scored for criterion in content.criteria),
        critical=sum(criterion.critical for criterion in content.criteria),
        photos=sum(criterion.photo == Criterion.Photo.REQUIRED for criterion in content.criteria),
    )


def _reading(content: Outline, criterion: CriterionOutline) -> Reading:
    rules = []
    if criterion.stage != Criterion.Stage.DURING:
        rules.append(str(Criterion.Stage(criterion.stage).label))
    if criterion.photo != Criterion.Photo.NONE:
        rules.append(str(Criterion.Photo(criterion.photo).label))
    if criterion.note_rule != Criterion.NoteRule.OPTIONAL:
        rules.append(str(Criterion.NoteRule(criterion.note_rule).label))
    if criterion.allows_na:
        rules.append(_("“Not applicable” is possible"))
    if criterion.is_scored and criterion.controlled_by == Criterion.ControlledBy.PERSON:
        rules.append(_("Counts for the person served by"))
    return Reading(
        criterion=criterion,
        kind=str(Criterion.Kind(criterion.kind).label),
        rules=tuple(rules),
        results=tuple(_results(criterion)),
        theme=content.theme_name(criterion.theme),
        share=criterion.weight if criterion.is_scored else None,
    )


def _grades(bands: scoring.Bands) -> Iterator[tuple[str, str]]:
    bounds = (
        (_("Excellent"), bands.excellent),
        (_("Good"), bands.good),
        (_("Fair"), bands.fair),
        (_("To improve"), bands.to_improve),
    )
    for name, bound in bounds:
        yield name, _("from %(bound)s%%") % {"bound": _plain(bound)}
    yield _("Needs support"), _("below %(bound)s%%") % {"bound": _plain(bands.to_improve)}


def _plain(value: Decimal) -> str:
    """A number as the reader's language writes it, without needless zeros."""
    return number_format(value.normalize(), force_grouping=False)


def _results(criterion: CriterionOutline) -> list[str]:
    if criterion.kind == scoring.Kind.CHOICE:
        return [f"{option.label}: {option.result}%" for option in criterion.options]
    found = []
    for threshold in criterion.thresholds:
        params = {"unit": criterion.measure_label, "result": threshold.result}
        if threshold.upper is None:
            found.append(_("more: %(result)d%%") % params)
        else:
            params["upper"] = _plain(threshold.upper)
            found.append(_("up to %(upper)s %(unit)s: %(result)d%%") % params)
    return found
