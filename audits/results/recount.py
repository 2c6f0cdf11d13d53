"""The figures of closed months counted again from the shoppers' answers, and held against what is stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from audits.results import figures, folding, rescoring, tallies
from audits.results.blocks import Rule
from audits.results.folding import BlockVisit
from audits.results.models import Period, PeriodUnit, PublishedVisit
from audits.results.tallies import CriterionFigure, Figure, Place, Tally


@dataclass(frozen=True)
class Drift:
    """One stored value that the answers do not give. `what` names the row."""

    period: Period
    what: str
    stored: object
    counted: object


@dataclass
class Recount:
    """How much has been counted so far."""

    visits: int = 0
    rows: int = 0


def of_period(period: Period, count: Recount) -> Iterator[Drift]:
    """Every drift of one month: of its visits, then of its units. Memory grows with the units, not with the visits."""
    rule = Rule(period.least_visits, period.least_shoppers)
    outlets: dict[Place, Tally] = {}
    visits = (
        PublishedVisit.objects.filter(block__period=period)
        .select_related("block", "visit__version__checklist")
        .order_by("block", "pk")
    )
    scored = rescoring.rescored(visits.iterator(chunk_size=rescoring.CHUNK))
    for block, some in groupby(scored, key=lambda each: each[0].block):
        of_block: list[BlockVisit] = []
        for published, score in some:
            count.visits += 1
            stored = (published.percent, published.critical_failures)
            counted = (score.percent, len(score.critical_failed))
            if stored != counted:
                yield Drift(period, f"visit {published.visit.public_id}", stored, counted)
            of_block.append(rescoring.block_visit(published, score))
        outlets[block.outlet_id, block.checklist_id] = folding.of_block(of_block, rule)
    parents = PeriodUnit.objects.filter(period=period, parent__isnull=False)
    expected = tallies.roll_up(
        outlets,
        dict(parents.values_list("unit_id", "parent_id")),
    )
    yield from _compare(period, figures.read(period), expected, count)


def _compare(
    period: Period, stored: dict[Place, Tally], expected: dict[Place, Tally], count: Recount
) -> Iterator[Drift]:
    for place in sorted(stored.keys() | expected.keys()):
        have, want = stored.get(place, Tally()), expected.get(place, Tally())
        name = f"unit {place[0]} checklist {place[1]}"
        for figure in sorted(have.figures.keys() | want.figures.keys()):
            count.rows += 1
            pair = have.figures.get(figure, Figure()), want.figures.get(figure, Figure())
            if pair[0] != pair[1]:
                yield Drift(period, f"{name} {' '.join(figure)}".strip(), *pair)
        for code in sorted(have.criteria.keys() | want.criteria.keys()):
            count.rows += 1
            both = have.criteria.get(code, CriterionFigure()), want.criteria.get(code, CriterionFigure())
            if both[0] != both[1]:
                yield Drift(period, f"{name} {code}", *both)
