"""Closing a month, and correcting what was published. Nothing else changes a published figure."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from random import SystemRandom

from django.db import IntegrityError, transaction
from django.utils import timezone

from audits import scoring
from audits.checklists.models import ChecklistVersion
from audits.checklists.outline import outline
from audits.fieldwork.models import Visit, VisitEvent
from audits.fieldwork.states import VisitState
from audits.fieldwork.transitions import move_many
from audits.results import blocks, closing, early_topics, figures, folding, months, rescoring, tallies, tree, writing
from audits.results.blocks import Rule
from audits.results.folding import BlockVisit
from audits.results.models import Block, Correction, Period, PeriodUnit, PublishedVisit, Revision
from audits.results.tallies import Tally
from audits.results.writing import Blocks
from outlets.models import User

PLACES = 100  # outlets whose visits' scores are in memory at a time


class MonthNotOver(Exception):
    """The month still has days to come."""


class NotTheNextMonth(Exception):
    """Months are closed in their order; `expected` is the one that is next, or None when nothing is approved yet."""

    def __init__(self, expected: date | None):
        self.expected = expected
        super().__init__(f"next is {expected}")


class AlreadyClosed(Exception):
    """The month has been closed before, by `period.closed_by` at `period.closed_at`."""

    def __init__(self, period: Period):
        self.period = period
        super().__init__(f"{period} was closed at {period.closed_at}")


class NotPublished(Exception):
    """Only a published visit is corrected; before that it is returned."""


class NothingCorrected(Exception):
    """The correction leaves every answer as it counts already."""


class TooFewLeft(Exception):
    """After the correction a published figure would rest on fewer visits or shoppers than its month's rule asks for.

    `codes` are the criteria whose figures would; empty where it is the whole.
    """

    def __init__(self, codes: Collection[str], rule: Rule):
        self.codes = tuple(sorted(codes))
        self.rule = rule
        super().__init__(f"too few visits left: {', '.join(self.codes) or 'of the whole'}")


@dataclass(frozen=True)
class CorrectedValue:
    """What a criterion is to count as: a value ("yes", "partly", an option's code, "na"), or a measured number."""

    value: str = ""
    number: Decimal | None = None

    def answer(self, code: str) -> scoring.Answer:
        return scoring.Answer(code, self.value or None, self.number)


@dataclass(frozen=True)
class Closed:
    """What a closing did. `waiting` are approved visits that no block could be made of yet."""

    period: Period
    blocks: int
    visits: int
    late: int
    waiting: int


def close_month(*, month: date, by: User | None, at: datetime) -> Closed:
    """Publishes every outlet's approved visits up to the month's last day, and writes the figures of all units.

    `month` is its first day; `by` is None from the server's console. Late visits, of earlier months, are marked so.
    All of it or nothing. Raises MonthNotOver, NotTheNextMonth, and AlreadyClosed, also to the slower of two closings.
    """
    if timezone.localdate(at) <= months.last_day(month):
        raise MonthNotOver
    _refuse_closed(month)
    try:
        with transaction.atomic():
            closing.take_time()
            return _close(month, by, at)
    except IntegrityError:
        _refuse_closed(month)
        raise


def _refuse_closed(month: date) -> None:
    period = Period.objects.select_related("closed_by").filter(month=month).first()
    if period is not None:
        raise AlreadyClosed(period)


def _close(month: date, by: User | None, at: datetime) -> Closed:
    rule, day = closing.rule(), months.last_day(month)
    expected = closing.next_month()
    if expected != month:
        _refuse_closed(month)  # a closing that was faster has made another month the next
        raise NotTheNextMonth(expected)
    # The row comes first: its unique month makes the second of two closings wait here, and fail.
    period = Period.objects.create(
        month=month, closed_at=at, closed_by=by, least_visits=rule.visits, least_shoppers=rule.shoppers
    )
    rows = closing.approved_until(day, at).only("state", "shopper", "version", "visited_on", "approved_at")
    approved = {visit.pk: visit for visit in rows.select_for_update().order_by("pk")}
    locked = [each for each in closing.candidates(closing.approved_until(day, at)) if each.visit_id in approved]
    split = blocks.split(locked, rule, tree.heirs_on(day))
    published = [candidate for some in split.published.values() for candidate in some]
    wanted = [approved[candidate.visit_id] for candidate in published]
    move_many(wanted, VisitState.PUBLISHED, kind=VisitEvent.Kind.PUBLISHED, by=by, at=at)
    done = {each.pk: (each.visited_on, each.approved_at) for each in wanted}
    late = closing.late(done, month)  # type: ignore[arg-type]  # an approved visit has both
    writing.publish(period, split.published, late)
    parents = writing.freeze_tree(period, day)
    versions = {visit.pk: visit.version_id for visit in wanted}
    _write_figures(period, split.published, parents, versions)  # type: ignore[arg-type]  # an approved visit has one
    writing.freeze_checklists(period)
    early_topics.write(period, split, SystemRandom())
    return Closed(
        period=period,
        blocks=len(split.published),
        visits=len(published),
        late=len(late),
        waiting=sum(len(some) for some in split.waiting.values()),
    )


def _write_figures(period: Period, split: Blocks, parents: Mapping[int, int], versions: Mapping[int, int]) -> None:
    """`versions` holds the version's key of each visit."""
    rule = Rule(period.least_visits, period.least_shoppers)
    used = ChecklistVersion.objects.filter(pk__in=set(versions.values()))
    critical = {version.pk: outline(version).critical_codes for version in used}
    outlets: dict[blocks.Place, Tally] = {}
    places = sorted(split)
    for start in range(0, len(places), PLACES):  # scores are large: only those of some places are in memory
        some = {each.submission_id: (place, each) for place in places[start : start + PLACES] for each in split[place]}
        visits: dict[blocks.Place, list[BlockVisit]] = defaultdict(list)
        for submission_id, score in closing.scores(some):
            place, each = some[submission_id]
            visits[place].append(BlockVisit(each.shopper_id, score, critical[versions[each.visit_id]]))
        outlets |= {place: folding.of_block(block, rule) for place, block in visits.items()}
    figures.write(period, tallies.roll_up(outlets, parents))


@transaction.atomic
def correct(*, visit: Visit, values: Mapping[str, CorrectedValue], reason: str, by: User, at: datetime) -> Revision:
    """Corrects what criteria of a published visit count as, by code, and every figure that stands on them.

    The answers of the shopper stay; the visit is scored again with the corrected ones, in a revision of its own.
    Raises NotPublished, NothingCorrected, TooFewLeft; ValueError for a value that the criterion does not know.
    """
    # All of the block is held: corrections of one block take turns, since each decides anew what of it may be shown.
    together = {
        each.visit_id: each
        for each in PublishedVisit.objects.select_for_update(of=("self",))
        .select_related("block__period", "visit__version__checklist", "submission")
        .filter(block__published=visit.pk)
        .order_by("pk")
    }
    if not together:
        raise NotPublished
    published = together[visit.pk]
    given = rescoring.given_answers([published])[published.pk]
    corrected = given | {code: value.answer(code) for code, value in values.items()}
    if all(corrected[code] == given.get(code) for code in values):
        raise NothingCorrected
    asked = outline(published.visit.version)  # type: ignore[arg-type]  # a published visit has one
    after = scoring.score(asked.rules, corrected.values(), asked.bands)
    effects = _shift(published, list(together.values()), after)
    revision = Revision.objects.create(
        published=published,
        number=published.revisions.count() + 1,
        reason=reason,
        made_at=at,
        made_by=by,
        percent=after.percent,
        personal=after.personal,
        grade=after.grade or "",
        is_capped=after.capped,
        critical_failures=len(after.critical_failed),
        rules=after.rules,
        workings=scoring.workings(after),
        effects=effects,
    )
    Correction.objects.bulk_create(
        Correction(revision=revision, criterion_id=asked.by_code[code].id, value=value.value, number=value.number)
        for code, value in values.items()
    )
    PublishedVisit.objects.filter(pk=published.pk).update(
        percent=after.percent, critical_failures=len(after.critical_failed)
    )
    return revision


def _shift(published: PublishedVisit, together: Sequence[PublishedVisit], after: scoring.Score) -> list[list[int]]:
    """Moves every figure above a block to what it is with the new score of one visit. Raises TooFewLeft."""
    block = published.block
    rule = Rule(block.period.least_visits, block.period.least_shoppers)
    before = {each.pk: rescoring.block_visit(each, rescoring.counted(each)) for each in together}
    new = before | {published.pk: rescoring.block_visit(published, after)}
    if not rule.hides([each.shopper_id for each in new.values() if each.score.percent is not None]):
        raise TooFewLeft((), rule)
    shown = folding.of_block(before.values(), rule)
    thin = folding.shown_too_thin(new.values(), shown, rule)
    if thin:
        raise TooFewLeft(thin, rule)
    return figures.shift(
        block.period, block.checklist_id, _units_above(block), shown, folding.of_block(new.values(), rule)
    )


def _units_above(block: Block) -> list[int]:
    """The outlet and all that its figures were counted in. One query."""
    rows = PeriodUnit.objects.filter(period=block.period, parent__isnull=False)
    return list(tallies.line_up(block.outlet_id, dict(rows.values_list("unit_id", "parent_id"))))
