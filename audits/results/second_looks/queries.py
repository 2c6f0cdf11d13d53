"""Who reads which requests, what may be asked, and the visits in which the office looks."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, IntegerField, Min, Q, QuerySet, Value, When

from audits.checklists.outline import CriterionOutline, outline
from audits.fieldwork.models import Answer, Photo
from audits.results import rescoring, revisions
from audits.results.models import Block, PublishedVisit, UnitCriterionScore
from audits.results.revisions import Counted
from audits.results.second_looks.models import SecondLook, SecondLookFile
from audits.results.tallies import OTHERS
from audits.review.queries import own_units, readable_by
from outlets.models import Unit, User
from outlets.people.permissions import Access, Right

State, Turn = SecondLook.State, SecondLook.Turn
OF_TURN: dict[str, Q] = {
    Turn.OFFICE: Q(state=State.ASKED),
    Turn.UNIT: Q(state__in=(State.UPHELD, State.KEPT), read_at__isnull=True),
    Turn.NOBODY: Q(state=State.WITHDRAWN) | Q(read_at__isnull=False),
}


@dataclass(frozen=True)
class Askable:
    """A criterion of a block that lost points, with how it went, and the request that there is already."""

    criterion: CriterionOutline
    met: int
    partly: int
    not_met: int
    second_look: SecondLook | None

    @property
    def code(self) -> str:
        return self.criterion.code


@dataclass(frozen=True)
class LookedAt:
    """A visit of the block as the office sees the criterion in it: what it counts as, the note, the photos."""

    published: PublishedVisit
    criterion: CriterionOutline
    counted: Counted
    note: str
    photos: tuple[Photo, ...]


def readable(user: User, access: Access) -> QuerySet[SecondLook]:
    """Requests that somebody may read: the office those of all units but its own, a manager those of the own units."""
    rows = SecondLook.objects.select_related(
        "block__outlet__unit", "block__period", "block__checklist", "criterion", "asked_by"
    )
    wanted = Q(block__outlet__unit__in=Unit.objects.visible_to(access.scope(Right.ASK_SECOND_LOOKS)))
    if access.may(Right.RULE_SECOND_LOOKS):
        wanted |= ~Q(block__outlet__unit__in=own_units(user))
    return rows.filter(wanted)


def with_turn(rows: QuerySet[SecondLook]) -> QuerySet[SecondLook]:
    """With the place of each in the order of whose turn it is, and since when it stands so."""
    turns = [When(OF_TURN[turn], then=Value(place)) for place, turn in enumerate((Turn.OFFICE, Turn.UNIT))]
    return rows.annotate(
        turn_place=Case(*turns, default=Value(2), output_field=IntegerField()),
        stands_since=Case(When(read_at__isnull=False, then=F("read_at")), default=F("turned_at")),
    )


def may_ask(access: Access, block: Block) -> bool:
    """Whether the block is of one of the reader's own units. One query."""
    scope = access.scope(Right.ASK_SECOND_LOOKS)
    return Unit.objects.visible_to(scope).filter(pk=block.outlet_id).exists()


def may_rule(user: User, access: Access, second_look: SecondLook) -> bool:
    """Whether the reader rules, and not on the own unit. One query at most."""
    own = own_units(user).filter(pk=second_look.block.outlet_id)
    return access.may(Right.RULE_SECOND_LOOKS) and not own.exists()


@dataclass(frozen=True)
class OfficeTurn:
    """How many requests wait for a ruling, and since when the oldest does."""

    waiting: int
    since: datetime


def waiting_for_office(user: User) -> OfficeTurn | None:
    """What waits for a ruling by this person; None where nothing does. One query."""
    rows = SecondLook.objects.filter(OF_TURN[Turn.OFFICE]).exclude(block__outlet__unit__in=own_units(user))
    found = rows.aggregate(waiting=Count("pk"), since=Min("turned_at"))
    return OfficeTurn(**found) if found["waiting"] else None


def waiting_for_unit(access: Access) -> int:
    """How many rulings have not been read in the reader's own units. One query."""
    units = Unit.objects.visible_to(access.scope(Right.ASK_SECOND_LOOKS))
    return SecondLook.objects.filter(OF_TURN[Turn.UNIT], block__outlet__unit__in=units).count()


def own_blocks(access: Access) -> QuerySet[Block]:
    """The published blocks of the reader's own units."""
    units = Unit.objects.visible_to(access.scope(Right.ASK_SECOND_LOOKS))
    return Block.objects.filter(outlet__unit__in=units).select_related("outlet__unit", "period", "checklist")


def askable_criteria(block: Block) -> dict[str, int]:
    """By code, the keys of the criteria that may be asked about. Two queries, besides the outlines'."""
    outlines = _outlines(block)
    return {row.code: outlines[row.code].id for row in _lost(block) if row.code in outlines}


def askable(block: Block) -> tuple[Askable, ...]:
    """The criteria that may be asked about, in the order of the checklist. Three queries, besides the outlines'."""
    asked = {each.criterion_id: each for each in block.second_looks.exclude(state=State.WITHDRAWN)}
    rows, outlines = {row.code: row for row in _lost(block)}, _outlines(block)
    return tuple(
        Askable(each, rows[code].met, rows[code].partly, rows[code].not_met, asked.get(each.id))
        for code, each in outlines.items()
        if code in rows
    )


def _lost(block: Block) -> QuerySet[UnitCriterionScore]:
    """What closing tells of the block criterion by criterion, where not all of it was met.

    What is folded there is not asked about: the ruling would tell that it was seen.
    """
    rows = UnitCriterionScore.objects.filter(
        unit=block.outlet_id, checklist=block.checklist_id, period=block.period_id
    ).exclude(code=OTHERS)
    return rows.filter(results__lt=100 * (F("met") + F("partly") + F("not_met")))


def _outlines(block: Block) -> dict[str, CriterionOutline]:
    """The scored criteria of the block's visits by code, each as in the latest version, in that one's order."""
    found: dict[str, CriterionOutline] = {}
    rows = block.published.select_related("visit__version__checklist").order_by("-visit__version__number", "pk")
    for version in dict.fromkeys(row.visit.version for row in rows):
        for criterion in outline(version).criteria:  # type: ignore[arg-type]  # a published visit has one
            if criterion.is_scored:
                found.setdefault(criterion.code, criterion)
    return found


def looked_at(second_look: SecondLook, user: User) -> tuple[LookedAt, ...]:
    """The visits of the block in which the criterion was asked, for who rules. Six queries, besides the outlines'."""
    code = second_look.criterion.code
    rows = PublishedVisit.objects.filter(
        block=second_look.block_id, visit__in=readable_by(user).order_by().values("pk")
    ).select_related(
        "visit__version__checklist", "visit__shopper", "visit__outlet__unit", "visit__met_staff", "submission", "block"
    )
    visits = list(rows.order_by("visit__visited_on", "pk"))
    now, answered = rescoring.given_answers(visits), rescoring.shoppers_answers(visits)
    of_criterion = {"visit__in": [each.pk for each in visits], "criterion__code": code}
    notes = dict(Answer.objects.filter(**of_criterion).values_list("visit", "note"))
    photos: dict[int, list[Photo]] = defaultdict(list)
    for photo in Photo.objects.kept().filter(**of_criterion).order_by("pk"):
        photos[photo.visit_id].append(photo)
    found = []
    for published in visits:
        criterion = outline(published.visit.version).by_code.get(code)  # type: ignore[arg-type]  # it has one
        if criterion is not None:
            counted = revisions.as_counted(criterion, now[published.pk].get(code), answered[published.pk].get(code))
            found.append(
                LookedAt(published, criterion, counted, notes.get(published.pk, ""), tuple(photos[published.pk]))
            )
    return tuple(found)


def of_units_matching(rows: QuerySet[SecondLook], query: str) -> QuerySet[SecondLook]:
    """Requests of outlets that match `query`, or that stand below a unit that does. No query of its own."""
    units = Unit.objects.within(Unit.objects.matching(query).order_by().values("pk"))
    return rows.filter(block__outlet__unit__in=units)


def files(some: QuerySet[SecondLook], second_look_id: UUID) -> QuerySet[SecondLookFile]:
    """What was sent along with a request that the reader may read."""
    return SecondLookFile.objects.filter(second_look__in=some.values("pk"), second_look__public_id=second_look_id)


def upheld_by_code(blocks: Iterable[int] | QuerySet[Any]) -> dict[str, int]:
    """By code, how many requests about these blocks were upheld. One query."""
    rows = SecondLook.objects.filter(state=State.UPHELD, block__in=blocks).values_list("criterion__code", flat=True)
    counts: dict[str, int] = defaultdict(int)
    for code in rows:
        counts[code] += 1
    return dict(counts)
