"""What closing a month would have written over its visits, by the same arithmetic."""

from audits.results import blocks, closing, figures, folding, months, tallies, tree, writing
from audits.results.folding import BlockVisit
from audits.results.models import Period
from audits.results.tallies import Tally
from vnpt_smile.national.visits import Country, Made, closed_at


class Waiting(Exception):
    """The rule of blocks in force leaves visits unpublished: the months would not be those of the application."""


def close(country: Country, number: int, made: list[Made]) -> None:
    """The month's period, blocks, published visits, tree and figures. Raises Waiting.

    The spread of the checklists needs the months before and is written when all are there.
    """
    month = country.scale.all_months[number]
    rule, day = closing.rule(), months.last_day(month)
    period = Period.objects.create(
        month=month,
        closed_at=closed_at(month),
        closed_by=country.team.office,
        least_visits=rule.visits,
        least_shoppers=rule.shoppers,
    )
    candidates = [each.candidate(country.checklists[each.point.channel]) for each in made]
    split = blocks.split(candidates, rule, tree.heirs_on(day))
    if split.waiting:
        raise Waiting
    writing.publish(period, split.published, late=())
    parents = writing.freeze_tree(period, day)
    drawn = {each.visit_id: each for each in made}
    outlets: dict[blocks.Place, Tally] = {}
    for place, some in split.published.items():
        visits = [drawn[candidate.visit_id] for candidate in some]
        outlets[place] = folding.of_block(
            [BlockVisit(each.shopper_id, each.pattern.score, each.pattern.critical) for each in visits], rule
        )
    figures.write(period, tallies.roll_up(outlets, parents))
