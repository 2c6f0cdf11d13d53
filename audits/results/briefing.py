"""What a manager starts the week with: each channel, which outlets need help or deserve thanks, what to talk about."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain

from audits.checklists.models import Checklist
from audits.results import below, comparing, months, peers, reading, regrouped, scorecard
from audits.results.facts import CriterionRow, Headline
from audits.results.kept import Kept, Stamp, stamp
from audits.results.models import Period
from audits.results.months import Span, SpanKind
from audits.results.scorecard import Scorecard
from audits.results.statistics import Range, Rung
from outlets.models import Outlet, Unit

TOPICS = 3
PRAISED = 3


@dataclass(frozen=True)
class Placed:
    """An outlet at or below the unit that stands out, in one channel."""

    unit: Unit
    above: str
    checklist: Checklist
    visits: int
    range: Range


@dataclass(frozen=True)
class Topic:
    """A criterion to talk about, of one channel; its points are lost per visit of that channel."""

    headline: Headline
    row: CriterionRow


@dataclass(frozen=True)
class Standing:
    """How the open outlets at or below a unit stand over the year up to the month, each among all of its channel.

    Each stands in one rung (statistics.Rung): `help`, `lower`, `higher` and `thanks` begin with who is farthest from
    the mean; `usual` counts the others, `thin` those of fewer than nine visits. `channels` are those of all.
    """

    span: Span
    help: tuple[Placed, ...] = ()
    thanks: tuple[Placed, ...] = ()
    lower: tuple[Placed, ...] = ()
    higher: tuple[Placed, ...] = ()
    usual: int = 0
    thin: int = 0
    channels: tuple[Checklist, ...] = ()

    @property
    def help_in(self) -> tuple[Checklist, ...]:
        return _channels(self.help)

    @property
    def thanks_in(self) -> tuple[Checklist, ...]:
        return _channels(self.thanks)

    @property
    def lower_in(self) -> tuple[Checklist, ...]:
        return _channels(self.lower)

    @property
    def higher_in(self) -> tuple[Checklist, ...]:
        return _channels(self.higher)

    @property
    def has_any(self) -> bool:
        return bool(self.channels)


def _channels(placed: Iterable[Placed]) -> tuple[Checklist, ...]:
    return tuple(sorted({each.checklist for each in placed}, key=lambda each: (each.position, each.code)))


@dataclass(frozen=True)
class Briefing:
    """`standing` is None for a single outlet. `weighed` are the channels whose topics were considered."""

    card: Scorecard
    standing: Standing | None
    weighed: tuple[Headline, ...]
    topics: tuple[Topic, ...]

    @property
    def left_out(self) -> tuple[Headline, ...]:
        """The channels with too few visits for topics, beside others that have enough."""
        return tuple(each for each in self.card.headlines if each.range and each not in self.weighed)

    @property
    def without_topic(self) -> tuple[Headline, ...]:
        """The channels that were considered and have none among the few topics."""
        return tuple(each for each in self.weighed if each not in [topic.headline for topic in self.topics])

    @property
    def praise(self) -> tuple[CriterionRow, ...]:
        """What goes best in the channel with most visits: where no outlet is to be thanked, a week begins here."""
        if self.card.detail is None or (self.standing and self.standing.thanks):
            return ()
        return self.card.detail.strengths[:PRAISED]


def last_closed() -> date | None:
    """The latest closed month. One query."""
    return Period.objects.order_by("-month").values_list("month", flat=True).first()


_kept: Kept[Standing] = Kept(64)


def read(unit: Unit, month: date) -> Briefing:
    """The briefing after `month` was closed. At most twenty queries, whatever the unit."""
    as_of = stamp()
    card = scorecard.read(unit, month, top=scorecard.top_unit(unit), as_of=as_of)
    bases = scorecard.bases_of(card.span.first, card.span.last, as_of)
    year = months.span(SpanKind.TWELVE, month)
    is_outlet = Outlet.objects.filter(pk=unit.pk).exists()
    weighed = _weighed(card)
    return Briefing(
        card=card,
        standing=None if is_outlet else _kept.get((unit.pk, month, as_of), lambda: _standing(unit, year, as_of)),
        weighed=weighed,
        topics=_topics(unit, card, weighed, bases, as_of),
    )


def _standing(unit: Unit, year: Span, as_of: Stamp) -> Standing:
    """Three queries, and those of what this process has not read yet of all units."""
    bases = scorecard.bases_of(year.first, year.last, as_of)
    outlets = {each.unit.pk: each for each in below.outlets(unit) if each.unit.closed_on is None}
    pieces = regrouped.pieces(year.first, year.last, as_of)
    figures = reading.of_units(list(outlets), list(bases), year, pieces=pieces)
    every = peers.read(list(bases), year, as_of)
    rungs: dict[Rung | None, list[Placed]] = {rung: [] for rung in (None, *Rung)}
    for (key, checklist), figure in figures.items():
        basis, outlet = bases[checklist][-1], outlets[key]
        value = comparing.range_of(figure, basis.spread)
        if value is not None:
            placed = Placed(outlet.unit, outlet.above, basis.checklist, figure.visits, value)
            rungs[every.rung(checklist, peers.OUTLETS, figure, value)].append(placed)

    centres = {checklist: held.centre for checklist in bases if (held := every.of(checklist, peers.OUTLETS))}
    return Standing(
        span=year,
        help=by_distance(rungs[Rung.LOW], centres),
        thanks=by_distance(rungs[Rung.HIGH], centres, highest_first=True),
        lower=by_distance(rungs[Rung.LOWER], centres),
        higher=by_distance(rungs[Rung.HIGHER], centres, highest_first=True),
        usual=len(rungs[Rung.WITHIN]),
        thin=len(rungs[None]),
        channels=_channels(chain.from_iterable(rungs.values())),
    )


def by_distance(
    placed: Iterable[Placed], centres: Mapping[int, int], *, highest_first: bool = False
) -> tuple[Placed, ...]:
    """By how far each lies from its own checklist's mean, the lowest first: scores of different ones do not compare."""

    def distance(each: Placed) -> tuple[int, str]:
        return each.range.mean - centres[each.checklist.pk], each.unit.sort_key

    return tuple(sorted(placed, key=distance, reverse=highest_first))


def _weighed(card: Scorecard) -> tuple[Headline, ...]:
    """The channels with enough visits to speak of, or all when none has; the one with most visits first."""
    shown = [each for each in card.headlines if each.range]
    enough = [each for each in shown if not each.is_for_reference]
    return tuple(sorted(enough or shown, key=lambda each: -each.visits))


def _topics(
    unit: Unit,
    card: Scorecard,
    weighed: Iterable[Headline],
    bases: Mapping[int, tuple[scorecard.Basis, ...]],
    as_of: Stamp,
) -> tuple[Topic, ...]:
    """What costs each of these channels most.

    Points of one checklist do not compare with another's, nor are they ranked: the channels take turns, the one with
    most visits first, each with the costliest of its criteria that is left.
    """
    pieces = regrouped.pieces(card.span.first, card.span.last, as_of).get(unit.pk) if card.is_regrouped else None
    found = [
        (place, headline, row)
        for headline in weighed
        for place, row in enumerate(_costliest(headline, bases[headline.checklist.pk], card.span, pieces or (unit.pk,)))
    ]
    found.sort(key=lambda each: each[0])
    return tuple(Topic(headline, row) for _place, headline, row in found[:TOPICS])


def _costliest(
    headline: Headline, bases: tuple[scorecard.Basis, ...], span: Span, pieces: Collection[int]
) -> list[CriterionRow]:
    told = scorecard.criteria_of(headline, bases, span, pieces)
    return sorted((row for row in told if row.lost > 0 and not row.is_rest), key=lambda row: -row.lost)[:TOPICS]
