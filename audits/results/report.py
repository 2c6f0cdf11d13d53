"""A published month of a unit as one document, for those who lead it and for the union: praise first, then topics.

Every figure is the scorecard's; nothing is worked out here but which of them stand in the document.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from audits.results import scorecard
from audits.results.below import ChildRow
from audits.results.facts import CriterionRow, Detail, Headline
from audits.results.models import Period
from audits.results.months import SpanKind
from audits.results.scorecard import Scorecard
from audits.results.statistics import Rung
from outlets.models import Unit
from outlets.people.permissions import Scope

TOPICS = 5  # of each kind and channel


@dataclass(frozen=True)
class Channel:
    """What the month says of one checklist; `thanks` and `help` are the best and the lowest first."""

    detail: Detail

    @property
    def headline(self) -> Headline:
        return self.detail.headline

    @property
    def strengths(self) -> tuple[CriterionRow, ...]:
        return self.detail.strengths[:TOPICS]

    @property
    def topics(self) -> tuple[CriterionRow, ...]:
        """What costs most, of what may be told one by one."""
        return tuple(row for row in self.detail.to_improve if not row.is_rest)[:TOPICS]

    @property
    def thanks(self) -> tuple[ChildRow, ...]:
        return tuple(sorted(self._placed(Rung.HIGH), key=_score, reverse=True))

    @property
    def help(self) -> tuple[ChildRow, ...]:
        return tuple(sorted(self._placed(Rung.LOW), key=_score))

    @property
    def expected(self) -> tuple[ChildRow, ...]:
        return tuple(self._placed(Rung.WITHIN))

    @property
    def praised(self) -> tuple[ChildRow, ...]:
        return tuple(self._placed(Rung.HIGHER))

    @property
    def watched(self) -> tuple[ChildRow, ...]:
        return tuple(self._placed(Rung.LOWER))

    @property
    def thin(self) -> tuple[ChildRow, ...]:
        """Units with too few visits to be placed."""
        return tuple(row for row in self.detail.published_below if row.rung is None)

    @property
    def risen(self) -> tuple[ChildRow, ...]:
        """Units that rose clearly against the month before, the largest rise first."""
        clear = [row for row in self.detail.published_below if row.change and row.change.is_clear]
        return tuple(
            sorted(
                (row for row in clear if row.change and row.change.difference > 0),
                key=lambda row: row.change.difference if row.change else 0,
                reverse=True,
            )
        )

    def _placed(self, rung: Rung) -> Iterator[ChildRow]:
        return (row for row in self.detail.published_below if row.rung is rung)


def _score(row: ChildRow) -> int:
    return row.range.mean if row.range else 0


@dataclass(frozen=True)
class Report:
    """The document. `headlines` are those of all channels, also of one without figures in the month."""

    unit: Unit
    name: str
    period: Period
    headlines: tuple[Headline, ...]
    channels: tuple[Channel, ...]


def read(first: Scorecard, *, top: Unit, scope: Scope) -> Report:
    """The report that goes with a month's scorecard. At most twelve queries for each further channel, and one more."""
    unit, month = first.unit, first.span.last
    cards = [
        first
        if headline is first.shown
        else scorecard.read(unit, month, top=top, kind=SpanKind.MONTH, scope=scope, checklist=headline.checklist.code)
        for headline in first.headlines
    ]
    details = [card.detail for card in cards if card.detail]
    return Report(
        unit=unit,
        name=first.name,
        period=Period.objects.get(month=month),
        headlines=first.headlines,
        channels=tuple(map(Channel, details)),
    )
