"""What a unit may see of its published visits: notes in the unit's wording, copies of photos; by block, never by visit.

Within a block everything is in the order of random numbers, so that nothing tells which belong together.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from audits.checklists.models import Criterion
from audits.checklists.outline import outline, short_code
from audits.results.models import Block, PublishedVisit
from audits.review.models import ShownNote, ShownPhoto
from outlets.models import Unit
from outlets.people.permissions import Scope


@dataclass(frozen=True)
class ShownCriterion:
    """What is shown of one criterion of a block."""

    code: str
    text: str
    notes: tuple[str, ...]
    photos: tuple[ShownPhoto, ...]


@dataclass(frozen=True)
class ShownBlock:
    """A block with what its unit may see: no day, no visit, no shopper.

    Nor how many visits: beside the scorecard's number that would tell of visits without a score.
    """

    outlet: str
    checklist: str
    month: date
    criteria: tuple[ShownCriterion, ...]


def blocks(unit: Unit) -> QuerySet[Block]:
    """Blocks of the outlets at or below the unit, today, of which something may be seen; the latest first."""
    inside = PublishedVisit.objects.filter(block=OuterRef("pk"))
    seen = Q(Exists(inside.filter(visit__shown_notes__isnull=False)))
    copies = _copies().filter(photo__visit__published__block=OuterRef("pk"))
    seen |= Q(Exists(copies))
    return (
        Block.objects.filter(seen, outlet__unit__in=Unit.objects.within([unit.pk]))
        .select_related("outlet__unit", "checklist", "period")
        .order_by("-period__month", "outlet__unit__sort_key", "pk")
    )


def of_criterion(rows: QuerySet[Block], code: str) -> QuerySet[Block]:
    """Those blocks of which something may be seen of one criterion."""
    notes = ShownNote.objects.filter(visit__published__block=OuterRef("pk"), criterion__code=code)
    copies = _copies().filter(photo__visit__published__block=OuterRef("pk"), photo__criterion__code=code)
    return rows.filter(Q(Exists(notes)) | Q(Exists(copies)))


def criteria(unit: Unit, asked: str = "") -> list[tuple[str, str]]:
    """The criteria of which something may be seen at or below the unit, and the one of code `asked`, if there is one.

    Code and wording, in their order. One query.
    """
    there = PublishedVisit.objects.filter(block__outlet__unit__in=Unit.objects.within([unit.pk])).values("visit")
    notes = ShownNote.objects.filter(visit__in=there).values("criterion")
    copies = _copies().filter(photo__visit__in=there).values("photo__criterion")
    found = Criterion.objects.filter(Q(pk__in=notes) | Q(pk__in=copies) | Q(code=asked)).order_by(
        "version__checklist__position", "version__number", "section__position", "position"
    )
    return list({each.code: f"{short_code(each.code)} {each.text}" for each in found}.items())


def photos(scope: Scope) -> QuerySet[ShownPhoto]:
    """The copies that a reader of this scope may open: of published visits, at the reader's outlets."""
    published = _copies().filter(photo__visit__published__isnull=False)
    if scope.is_everything:
        return published
    return published.filter(photo__visit__outlet__unit__in=Unit.objects.within(scope.unit_ids))


def _copies() -> QuerySet[ShownPhoto]:
    """Copies of photos that have not been taken back and show no papers."""
    return ShownPhoto.objects.filter(photo__removed_at__isnull=True, photo__criterion__photo_is_private=False)


def shown(some: Iterable[Block], only: str = "") -> tuple[ShownBlock, ...]:
    """What may be seen of the blocks of one page; of the criterion `only`, if one is named.

    Three queries, besides the outlines'.
    """
    some = list(some)
    notes: dict[tuple[int, str], list[str]] = defaultdict(list)
    pictures: dict[tuple[int, str], list[ShownPhoto]] = defaultdict(list)
    rows = ShownNote.objects.filter(visit__published__block__in=some).order_by("public_id")
    for block, code, text in rows.values_list("visit__published__block_id", "criterion__code", "text"):
        notes[block, code].append(text)
    copies = _copies().filter(photo__visit__published__block__in=some).order_by("public_id")
    copies = copies.annotate(block=F("photo__visit__published__block_id"), code=F("photo__criterion__code"))
    for copy in copies:
        pictures[copy.block, copy.code].append(copy)
    texts = _texts(some)
    return tuple(
        ShownBlock(
            outlet=block.outlet.unit.name,
            checklist=block.checklist.name,
            month=block.period.month,
            criteria=tuple(
                ShownCriterion(short_code(code), text, tuple(notes[block.pk, code]), tuple(pictures[block.pk, code]))
                for code, text in texts[block.pk].items()
                if only in ("", code) and (notes[block.pk, code] or pictures[block.pk, code])
            ),
        )
        for block in some
    )


def _texts(some: Sequence[Block]) -> dict[int, dict[str, str]]:
    """The wording of each block's criteria by code, in the order of the latest version its visits were made with."""
    texts: dict[int, dict[str, str]] = {block.pk: {} for block in some}
    versions = PublishedVisit.objects.filter(block__in=some).select_related("visit__version__checklist")
    for published in versions.order_by("-visit__version__number", "pk"):
        for criterion in outline(published.visit.version).criteria:  # type: ignore[arg-type]  # it has one
            texts[published.block_id].setdefault(criterion.code, criterion.text)
    return texts
