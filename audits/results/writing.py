"""What closing a month writes, table by table; its figures are written by `figures`. Called inside its transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from audits.checklists.models import ChecklistVersion
from audits.fieldwork.transitions import CHUNK
from audits.results import blocks, closing, tree
from audits.results.blocks import Candidate
from audits.results.models import Block, Period, PeriodChecklist, PeriodUnit, PublishedVisit
from audits.results.reliability import components
from audits.results.statistics import of_blocks
from outlets.rows import insert

Blocks = Mapping[blocks.Place, Sequence[Candidate]]


def publish(period: Period, split: Blocks, late: Collection[int]) -> None:
    """The blocks of a month, and their visits; `late` are the keys of visits of earlier months."""
    made = Block.objects.bulk_create(
        [
            Block(period=period, outlet_id=outlet, checklist_id=checklist, visits=len(some))
            for (outlet, checklist), some in split.items()
        ],
        batch_size=CHUNK,
    )
    of_place = {(block.outlet_id, block.checklist_id): block.pk for block in made}
    insert(
        PublishedVisit,
        ("visit_id", "block_id", "submission_id", "percent", "critical_failures", "is_late"),
        (
            (
                each.visit_id,
                of_place[place],
                each.submission_id,
                each.percent,
                each.critical_failures,
                each.visit_id in late,
            )
            for place, some in split.items()
            for each in some
        ),
    )


def freeze_tree(period: Period, day: date) -> dict[int, int]:
    """Every unit as it stands on the month's last day; returns under whom each one's figures are counted."""
    parents, names = tree.parents_on(day), tree.names_on(day)
    insert(
        PeriodUnit,
        ("period_id", "unit_id", "parent_id", "name"),
        ((period.pk, unit, parents.get(unit), name) for unit, name in names.items()),
    )
    return parents


def freeze_checklists(period: Period) -> None:
    """The latest version that the visits were made with, its bounds of the grades, and the usual spread.

    Not the latest there is: one published since the visits has other sections, and perhaps other bounds.
    """
    used: dict[int, ChecklistVersion] = {}
    visits = PublishedVisit.objects.filter(block__period=period).values("visit")
    for version in ChecklistVersion.objects.filter(visits__in=visits).distinct().order_by("number"):
        used[version.checklist_id] = version
    for checklist_id, version in sorted(used.items()):
        outlets = closing.outlet_blocks(checklist_id, period.month)
        spread = of_blocks(outlets)
        parts = components([sums for sums, _blocks in outlets], spread) if spread else None
        PeriodChecklist.objects.create(
            period=period,
            checklist_id=checklist_id,
            version=version,
            variance=None if spread is None else round(spread.variance),
            degrees=0 if spread is None else spread.df,
            between=None if parts is None else round(parts.between),
        )
