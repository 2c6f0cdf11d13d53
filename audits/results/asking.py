"""What the address of a scorecard asks for, and the addresses of what stands beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from audits.results import months, scorecard, wording
from audits.results.facts import Headline
from audits.results.kept import Kept, Stamp, stamp
from audits.results.models import Period
from audits.results.months import SpanKind
from audits.results.reading import Tree
from audits.results.scorecard import Scorecard
from outlets.models import Unit
from outlets.organisation import queries as organisation
from outlets.people.permissions import Scope


@dataclass(frozen=True)
class Choice:
    """A link to the same scorecard seen otherwise. `query` begins with a question mark."""

    label: str | Promise
    query: str
    is_current: bool


@dataclass(frozen=True)
class Asked:
    """A unit's scorecard with its way up and its other views. `card` is None while no month has been closed."""

    unit: Unit
    above: tuple[Unit, ...]
    top: Unit
    beside: Unit | None = None  # what the unit stands under, whoever reads
    card: Scorecard | None = None
    kinds: tuple[Choice, ...] = ()
    longer: Choice | None = None  # twelve months, where less is shown
    months: tuple[Choice, ...] = ()
    checklists: tuple[Choice, ...] = ()
    trees: tuple[Choice, ...] = ()
    trends: tuple[Choice, ...] = ()
    query: str = ""
    keep: tuple[tuple[str, str], ...] = ()  # the same, by name
    fallbacks: tuple[str, ...] = ()  # what was asked for, by name, that is not there: another view is shown
    has_outlets: bool = True  # found out only where there is nothing to show

    @property
    def is_fallback(self) -> bool:
        return bool(self.fallbacks)

    @property
    def cards(self) -> tuple[tuple[Headline, Choice], ...]:
        """Each channel's headline with the link that opens it."""
        return tuple(zip(self.card.headlines, self.checklists, strict=True)) if self.card else ()

    def card_of(self, unit: Unit, scope: Scope) -> Scorecard:
        """The scorecard of a unit directly below, seen as this one is. Its own queries."""
        assert self.card is not None and self.card.shown is not None  # noqa: S101 - it has units below
        return scorecard.read(
            unit,
            self.card.span.last,
            top=self.top,
            above=self.unit if self.card.tree is Tree.TODAY else None,
            kind=self.card.span.kind,
            tree=self.card.tree,
            checklist=self.card.shown.checklist.code,
            scope=scope,
        )

    @property
    def is_outlet(self) -> bool:
        return hasattr(self.unit, "outlet")


_closed: Kept[tuple[date, ...]] = Kept(4)


def asked(given: Mapping[str, str], unit: Unit, scope: Scope, as_of: Stamp | None = None) -> Asked:
    """Reads span, month, checklist and tree from an address; what it cannot mean falls back to the default.

    That something did is told. Links upwards end where the reader's scope ends. Two queries besides the scorecard's,
    three if it is empty; one less where this process has read the closed months.
    """
    links = unit.ancestor_links.select_related("ancestor").order_by("-depth")
    line = [link.ancestor for link in links]
    within = next((index for index, each in enumerate(line) if each.pk in scope.unit_ids), len(line))
    above = tuple(line[0 if scope.is_everything else within : -1])
    as_of = as_of or stamp()
    closed = _closed.get(as_of, lambda: tuple(Period.objects.order_by("-month").values_list("month", flat=True)))
    if not closed:
        return Asked(unit, above, line[0])
    month = _month(given.get("month", ""), closed)
    kind = SpanKind(given["span"]) if given.get("span") in set(SpanKind) else None
    tree = Tree.THEN if given.get("tree") == Tree.THEN else Tree.TODAY
    trend = next((each for each in scorecard.TRENDS if str(each) == given.get("trend")), scorecard.TRENDS[0])
    card = scorecard.read(
        unit,
        month,
        top=line[0],
        above=line[-2] if len(line) > 1 else None,
        kind=kind,
        tree=tree,
        checklist=given.get("checklist", ""),
        scope=scope,
        trend=trend,
        as_of=as_of,
    )
    now = {"span": card.span.kind, "month": months.written(month)}
    if card.shown:
        now["checklist"] = card.shown.checklist.code
    if tree is Tree.THEN:
        now["tree"] = tree

    if trend != scorecard.TRENDS[0]:
        now["trend"] = str(trend)

    is_year = len(card.span.months) >= 12
    settled = {"tree": str(Tree.TODAY), "trend": str(trend)} | now

    def choice(label: str | Promise, is_current: bool, **changes: str) -> Choice:
        return Choice(label, _query(now | changes), is_current)

    return Asked(
        unit=unit,
        above=above,
        top=line[0],
        beside=line[-2] if len(line) > 1 else None,
        card=card,
        kinds=tuple(choice(label, each is card.span.kind, span=each) for each, label in wording.KINDS.items()),
        longer=None if is_year else choice(wording.KINDS[SpanKind.TWELVE], False, span=SpanKind.TWELVE),
        months=tuple(choice(f"{each:%m/%Y}", each == month, month=months.written(each)) for each in closed),
        checklists=tuple(
            choice(each.checklist.name, each.checklist.code == now.get("checklist"), checklist=each.checklist.code)
            for each in card.headlines
        ),
        trees=tuple(choice(label, each is tree, tree=each) for each, label in wording.TREES.items()),
        trends=tuple(
            choice(_("%(months)s months") % {"months": each}, each == trend, trend=str(each))
            for each in scorecard.TRENDS
            if each == scorecard.TRENDS[0] or len(closed) > each - 12
        ),
        query=_query(now),
        keep=tuple((key, str(value)) for key, value in now.items()),
        fallbacks=tuple(key for key in settled if given.get(key) and given[key] != settled[key]),
        has_outlets=card.detail is not None or organisation.outlets_below(unit).exists(),
    )


def _month(written: str, closed: Sequence[date]) -> date:
    try:
        month = months.parse(written)
    except ValueError:
        return closed[0]
    return month if month in closed else closed[0]


def _query(values: Mapping[str, str]) -> str:
    return "?" + urlencode({key: str(value) for key, value in values.items() if value != Tree.TODAY})
