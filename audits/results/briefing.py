"""What a manager starts the week with: each channel, who needs help or deserves thanks, and what to talk about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from audits.results import comparing, reading, regrouped, scorecard, statistics
from audits.results.models import Period
from audits.results.reading import Tree
from audits.results.scorecard import CriterionRow, Headline, Scorecard
from audits.results.statistics import Pile, Range
from outlets.models import Unit
from outlets.organisation import queries as organisation

TOPICS = 3
PRAISED = 3


@dataclass(frozen=True)
class Placed:
    """A unit directly below, in one channel. `group` is the group's mean in that channel."""

    unit: Unit
    headline: Headline
    visits: int
    range: Range


@dataclass(frozen=True)
class Topic:
    """A criterion to talk about, of one channel."""

    headline: Headline
    row: CriterionRow


@dataclass(frozen=True)
class Briefing:
    """`piles` holds, for each pile, units in the order of their names; `thin` those of fewer than nine visits."""

    card: Scorecard
    piles: Mapping[Pile, tuple[Placed, ...]]
    thin: tuple[Placed, ...]
    topics: tuple[Topic, ...]

    @property
    def praise(self) -> tuple[CriterionRow, ...]:
        """What goes best in the channel with most visits: where no unit below is to be thanked, a week begins here."""
        return () if self.thanks or self.card.detail is None else self.card.detail.strengths[:PRAISED]

    @property
    def help(self) -> tuple[Placed, ...]:
        return self.piles[Pile.LOW]

    @property
    def usual(self) -> tuple[Placed, ...]:
        return self.piles[Pile.WITHIN]

    @property
    def thanks(self) -> tuple[Placed, ...]:
        return self.piles[Pile.HIGH]

    @property
    def has_below(self) -> bool:
        return bool(self.thin) or any(self.piles.values())


def last_closed() -> date | None:
    """The latest closed month. One query."""
    return Period.objects.order_by("-month").values_list("month", flat=True).first()


def read(unit: Unit, month: date) -> Briefing:
    """The briefing after `month` was closed. At most fourteen queries, whatever the unit."""
    card = scorecard.read(unit, month, top=scorecard.top_unit(unit))
    shown = {each.checklist.pk: each for each in card.headlines if each.range}
    below = list(organisation.children(unit).order_by("sort_key", "pk"))
    touched = regrouped.touched(card.span.first, card.span.last)
    keys = [each.pk for each in below]
    figures = reading.of_units(keys, list(shown), card.span, today=[key for key in keys if key in touched])
    bases = scorecard.bases_of(card.span.first, card.span.last)
    piles: dict[Pile, list[Placed]] = {pile: [] for pile in Pile}
    thin: list[Placed] = []
    for checklist, headline in shown.items():
        sums = [figures.get((each.pk, checklist), comparing.NOTHING) for each in below]
        funnel = statistics.funnel(
            [comparing.sums(each) for each in sums], headline.range.mean if headline.range else 0
        )
        for each, figure, pile in zip(below, sums, funnel.piles, strict=True):
            value = statistics.range_of(comparing.sums(figure), bases[checklist][-1].spread)
            if value is not None:
                place = thin if pile is None else piles[pile]
                place.append(Placed(each, headline, figure.visits, value))
    return Briefing(
        card=card,
        piles={pile: tuple(placed) for pile, placed in piles.items()},
        thin=tuple(thin),
        topics=_topics(unit, card, bases),
    )


def _topics(unit: Unit, card: Scorecard, bases: Mapping[int, tuple[scorecard.Basis, ...]]) -> tuple[Topic, ...]:
    """What costs most, over all channels with enough visits to speak of; over all when none has."""
    shown = [each for each in card.headlines if each.range]
    shown = [each for each in shown if not each.is_for_reference] or shown
    source = card.tree if card.is_regrouped else Tree.THEN
    found = [
        Topic(headline, row)
        for headline in shown
        for row in scorecard.criteria_of(unit, headline, bases[headline.checklist.pk], card.span, source)
        if row.lost > 0 and not row.is_rest
    ]
    return tuple(sorted(found, key=lambda topic: -topic.row.lost)[:TOPICS])
