"""Published visits of some months scored under another version. Nothing is written.

Who may not read visits gets figures that published cells give as well: sums over whole blocks, on the criteria alone
that are told of all the block's visits and counted alike in all of them (`plan.of_block`). Anything else would with
weights or answers chosen for it lead to single visits: docs/decisions/0012-what-if.md.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from audits import scoring
from audits.checklists.models import ChecklistVersion
from audits.checklists.outline import Outline, outline
from audits.fieldwork.models import Answer
from audits.results.models import Correction, PublishedVisit, UnitCriterionScore
from audits.results.whatif.plan import Change, Eligible, Plan, Shared, of_block, plan
from outlets.models import Outlet

BATCH = 2000  # visits whose answers are in memory at a time

Told = dict[str, int]  # visits by the code of the criterion


@dataclass(frozen=True, slots=True)
class _Visit:
    """A published visit, as far as it is needed here."""

    id: int
    block: int
    outlet: int
    version: int
    period: int
    percent: int | None


@dataclass(frozen=True)
class Progress:
    """How many visits are done."""

    done: int
    total: int


@dataclass(frozen=True)
class Rescored:
    """What a span of months would have been under a version.

    `units` are by key: every outlet and every unit above it in today's tree. `visits` are those that are in the scores,
    of `published_visits`; `published` is the sum of their published percentages. `used` counts the pairs of a visit and
    a criterion that are in both scores.
    """

    after: Outline
    units: Mapping[int, Change]
    outlets: frozenset[int]
    visits: int
    published_visits: int
    published: int
    used: int
    versions: Mapping[int, Plan]  # by the number of each version that visits were made with

    @property
    def shared(self) -> frozenset[int]:
        """The places of the criteria that every version in the span shares with the later one."""
        found = [frozenset(each.index for each in one.by_id.values()) for one in self.versions.values()]
        return frozenset.intersection(*found) if found else frozenset()


@dataclass
class _Count:
    size: int
    outlets: dict[int, Change] = field(default_factory=dict)
    done: int = 0
    visits: int = 0
    published: int = 0
    used: int = 0

    def add(self, visits: Sequence[_Visit], lines: Sequence[Eligible]) -> None:
        """Counts visits of one outlet, whose results `lines` add up; nothing where there are none."""
        if lines:
            outlet = self.outlets.setdefault(visits[0].outlet, Change(by_criterion=[0] * self.size))
            outlet.add_visits(len(visits), lines)
            self.visits += len(visits)
            self.published += sum(visit.percent or 0 for visit in visits)
            self.used += len(visits) * len(lines)


def rescore(version: ChecklistVersion, first: date, last: date, *, whole: bool) -> Iterator[Progress | Rescored]:
    """Scores the published visits from month `first` to `last` anew; says how far it is, and at last what came out.

    `whole` for a reader of visits. Three queries besides the outlines', and at most four for each 2,000 visits.
    """
    after = outline(version)
    visits = PublishedVisit.objects.filter(
        block__checklist=version.checklist_id, block__period__month__range=(first, last), percent__isnull=False
    )
    total = visits.count()
    numbers = {each.pk: each for each in version.checklist.versions.all()}
    plans: dict[int, Plan] = {}
    count = _Count(len(after.criteria))
    rows = visits.order_by("block", "pk").values_list(
        "pk", "block", "block__outlet", "visit__version", "block__period", "percent"
    )
    yield Progress(0, total)
    for batch in _batches(_Visit(*row) for row in rows.iterator(chunk_size=BATCH)):
        for key in {visit.version for visit in batch} - plans.keys():
            plans[key] = plan(outline(numbers[key]), after)
        _count(batch, plans, count, None if whole else _told(batch, version.checklist_id))
        yield Progress(count.done, total)
    yield Rescored(
        after=after,
        units=_rolled_up(count),
        outlets=frozenset(count.outlets),
        visits=count.visits,
        published_visits=total,
        published=count.published,
        used=count.used,
        versions={numbers[key].number: one for key, one in plans.items()},
    )


def _batches(visits: Iterator[_Visit]) -> Iterator[list[_Visit]]:
    """Whole blocks, about BATCH visits together."""
    batch: list[_Visit] = []
    for _block, some in groupby(visits, key=lambda visit: visit.block):
        batch.extend(some)
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _count(batch: Sequence[_Visit], plans: Mapping[int, Plan], count: _Count, told: Mapping[int, Told] | None) -> None:
    """Adds a batch. `told` is by block, what its published cells tell; None where all may be used."""
    lines = _lines(batch, plans)
    count.done += len(batch)
    for block, some in groupby(batch, key=lambda visit: visit.block):
        visits = list(some)
        if told is not None:
            count.add(visits, of_block([lines.get(visit.id, ()) for visit in visits], told.get(block, {})))
            continue
        for visit in visits:
            count.add([visit], lines.get(visit.id, ()))


def _told(batch: Sequence[_Visit], checklist_id: int) -> dict[int, Told]:
    """The visits that each published cell of a block holds, by block and code. One query."""
    blocks = {(visit.outlet, visit.period): visit.block for visit in batch}
    cells = UnitCriterionScore.objects.filter(
        unit__in={visit.outlet for visit in batch}, period__in={visit.period for visit in batch}, checklist=checklist_id
    )
    found: dict[int, Told] = defaultdict(dict)
    rows = cells.values_list("unit_id", "period_id", "code", "met", "partly", "not_met")
    for unit, period, code, met, partly, not_met in rows.iterator():
        if (unit, period) in blocks:
            found[blocks[unit, period]][code] = met + partly + not_met
    return found


def _lines(batch: Sequence[_Visit], plans: Mapping[int, Plan]) -> dict[int, list[Eligible]]:
    """The shared criteria of each visit that have a result under both versions, corrections laid over."""
    ids = [visit.id for visit in batch]
    shared: dict[int, Shared] = {}
    for key in {visit.version for visit in batch}:
        shared |= plans[key].by_id
    corrected: dict[tuple[int, int], scoring.Answer] = {}
    corrections = Correction.objects.filter(revision__published__in=ids).order_by("revision__number")
    for visit, criterion, value, number in corrections.values_list(
        "revision__published", "criterion", "value", "number"
    ):
        corrected[visit, criterion] = scoring.Answer("", value or None, number)
    found: dict[int, list[Eligible]] = defaultdict(list)
    answers = Answer.objects.filter(visit__in=ids).order_by()
    alike = [key for key, each in shared.items() if each.gives_the_same]
    results: Any = answers.filter(criterion__in=alike, result__isnull=False)
    for visit, criterion, result in results.values_list("visit_id", "criterion_id", "result"):
        if (visit, criterion) not in corrected:
            found[visit].append(Eligible(shared[criterion], result, result))
    other = [key for key, each in shared.items() if not each.gives_the_same]
    if other:
        results = answers.filter(criterion__in=other, result__isnull=False)
        for visit, criterion, result, value, number in results.values_list(
            "visit_id", "criterion_id", "result", "value", "number"
        ):
            later = shared[criterion].result_after(value, number)
            if (visit, criterion) not in corrected and later is not None:
                found[visit].append(Eligible(shared[criterion], result, later))
    for (visit, criterion), answer in corrected.items():
        if one := shared.get(criterion):
            was = scoring.result_of(one.before, scoring.Answer(one.before.code, answer.value, answer.number))
            later = one.result_after(answer.value or "", answer.number)
            if was is not None and later is not None:
                found[visit].append(Eligible(one, was, later))
    return found


def _rolled_up(count: _Count) -> dict[int, Change]:
    """The outlets' changes, and those of all units above them in today's tree. One query."""
    units: dict[int, Change] = {}
    links = Outlet.objects.filter(pk__in=list(count.outlets)) if len(count.outlets) < BATCH else Outlet.objects.all()
    for outlet, above in links.values_list("pk", "unit__ancestor_links__ancestor").iterator():
        if outlet in count.outlets:
            if above not in units:
                units[above] = Change(by_criterion=[0] * count.size)
            units[above].add(count.outlets[outlet])
    return units
