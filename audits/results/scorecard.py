"""The scorecard of a unit: every figure with its range and number of visits, ready for a page, a file or a home.

All percentages are per cent x `scoring.SCALE`. What is not here cannot be shown: pages and exports read this alone.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.utils import timezone

from audits import scoring
from audits.checklists.models import Checklist, ChecklistVersion
from audits.checklists.outline import CriterionOutline, Outline, outline
from audits.results import below, beside, comparing, months, reading, regrouped, shared, sides, wording
from audits.results.beside import Held
from audits.results.facts import CriterionRow, Detail, Headline, PartRow, Point, Quarter, QuarterAnswer, quarter_answer
from audits.results.kept import Kept, Stamp, stamp
from audits.results.models import PeriodChecklist, PeriodUnit
from audits.results.months import Span, SpanKind
from audits.results.reading import Tree
from audits.results.reliability import Components
from audits.results.shared import Shared
from audits.results.sides import Sides
from audits.results.statistics import Pooled
from audits.results.tallies import OTHERS, CriterionFigure, Figure, Kind
from outlets.models import Unit
from outlets.people.permissions import Scope

TRENDS = (12, 24, 36)  # months that a trend may have
COMPARED = 24  # months that the longest span needs with the one before it
NOTHING_ELSE = Scope()  # whoever does not say what its reader may see shows no unit that stands elsewhere today


@dataclass(frozen=True)
class Basis:
    """What a checklist's figures rest on in a month: its version then, and the usual spread within outlets."""

    month: date
    checklist: Checklist
    outline: Outline
    number: int
    spread: Pooled | None
    parts: Components | None
    published_on: date


@dataclass(frozen=True)
class Scorecard:
    """A unit's scorecard. `detail` is None when nothing of what is shown has been published in the span."""

    unit: Unit
    name: str
    span: Span
    tree: Tree
    is_top: bool  # with no group to be held against
    is_regrouped: bool
    headlines: tuple[Headline, ...]
    shown: Headline | None  # the channel asked for, or the one with most visits
    detail: Detail | None
    sides: Sides | None = None  # of a reorganised unit

    @property
    def rounded_in(self) -> str:
        """The first place of the page where a difference, as printed, is not that of the figures beside it; or none."""
        if not all(each.quarter.adds_up for each in self.headlines if each.quarter):
            return "quarter"
        if self.sides and not self.sides.add_up:
            return "sides"
        return "trend" if self.detail and not self.detail.adds_up else ""

    @property
    def quarter(self) -> QuarterAnswer:
        """Whether the quarter up to the last month shown is better than the one before."""
        return quarter_answer(self.headlines, self.shown, months.span(SpanKind.QUARTER, self.span.last))


def read(
    unit: Unit,
    month: date,
    *,
    top: Unit,
    kind: SpanKind | None = None,
    tree: Tree = Tree.TODAY,
    checklist: str = "",
    scope: Scope = NOTHING_ELSE,
    trend: int = TRENDS[0],
    above: Unit | None = None,
    as_of: Stamp | None = None,
) -> Scorecard:
    """The scorecard of a span that ends with a closed month; `top` is the unit at the top of today's tree.

    Without `kind`: the shortest span with figures. Of `checklist` (a code), or of the one with most visits; its trend
    has `trend` months. Units below that are outside `scope` today are counted, not shown. With `above`, the unit that
    it stands under, those beside it there are told together. `as_of` is the stamp, where the caller knows it. At most
    thirteen queries, whatever the unit; where it was reorganised two more, besides those of `regrouped` and `sides`
    that this process asks once.
    """
    ground = _ground(unit, month, top, kind, tree, trend, above, as_of or stamp())
    headlines = _headlines(ground)
    shown = _chosen(headlines, checklist)
    have_moved = regrouped.have_moved(unit.pk, ground.span.first, ground.span.last, ground.as_of)
    is_regrouped = not ground.are_equal or have_moved
    return Scorecard(
        unit=unit,
        name=_name(unit, ground.span, tree),
        span=ground.span,
        tree=tree,
        is_top=unit == top,
        is_regrouped=is_regrouped,
        headlines=headlines,
        shown=shown,
        detail=_detail(ground, shown, scope, trend) if shown is not None and shown.visits else None,
        sides=_sides(ground, scope) if is_regrouped and unit != top else None,
    )


@dataclass(frozen=True)
class Ground:
    """What a card stands on: months of the unit, of the group and of what the unit stands under, by checklist.

    `are_equal`: the unit's own rows give the same sums as its outlets of today. `group` is empty for the top unit,
    `whole` where too few units stand beside this one.
    """

    unit: Unit
    top: Unit
    span: Span
    tree: Tree
    are_equal: bool
    as_of: Stamp
    own: reading.Months
    then: reading.Months
    today: reading.Months
    group: reading.Months
    whole: reading.Months
    bases: Mapping[int, tuple[Basis, ...]]

    def pieces(self, first: date, last: date) -> Collection[int]:
        """The units of which the own rows in these months make up what is shown: itself, unless it differs."""
        if self.are_equal or self.tree is Tree.THEN:
            return (self.unit.pk,)
        return regrouped.pieces(first, last, self.as_of).get(self.unit.pk, (self.unit.pk,))


def _ground(
    unit: Unit,
    month: date,
    top: Unit,
    kind: SpanKind | None,
    tree: Tree,
    trend: int,
    above: Unit | None,
    as_of: Stamp,
) -> Ground:
    first = months.later(month, 1 - max(COMPARED, trend))
    then = reading.monthly_then([unit, top, above or top], first, month)
    pieces = regrouped.pieces(first, month, as_of).get(unit.pk) if unit != top else None
    today = then[unit.pk] if pieces is None else reading.monthly_of(pieces, first, month)
    own = today if tree is Tree.TODAY else then[unit.pk]
    span = months.span(kind or _shortest(own, month), month)
    # Untouched, it stood under the same unit in every month, so that unit's rows hold the unit's own.
    whole = {}
    if above is not None and above != top and unit.pk not in regrouped.touched(first, month, as_of):
        units = beside.units_beside(above, span)
        whole = {place: each for place, each in then[above.pk].items() if units.get(place[0], 0) > beside.FEWEST}
    return Ground(
        unit=unit,
        top=top,
        span=span,
        tree=tree,
        are_equal=today == then[unit.pk],
        as_of=as_of,
        own=own,
        then=then[unit.pk],
        today=today,
        group={} if unit == top else then[top.pk],  # nothing is held against itself
        whole=whole,
        bases=bases_of(first, month, as_of),
    )


def _sides(ground: Ground, scope: Scope) -> Sides:
    span = ground.span
    told = {place[0] for months in (ground.then, ground.today) for place, each in months.items() if each.visits}
    bases = sorted((ground.bases[key][-1] for key in told), key=lambda each: each.checklist.position)
    checklists = [(each.checklist, each.spread) for each in bases]
    return sides.read(ground.unit, span, ground.then, ground.today, checklists, scope, ground.as_of)


def _headlines(ground: Ground) -> tuple[Headline, ...]:
    with_figures = {checklist for checklist, _month in ground.own}
    checklists = [bases[-1].checklist for key, bases in ground.bases.items() if key in with_figures]
    found = [_headline(ground, each) for each in sorted(checklists, key=lambda each: (each.position, each.code))]
    return tuple(each for each in found if each.figure.outlets or each.visits_before)


def _detail(ground: Ground, shown: Headline, scope: Scope, trend: int) -> Detail:
    unit, span, checklist, bases = ground.unit, ground.span, shown.checklist.pk, ground.bases[shown.checklist.pk]
    criteria = criteria_of(shown, bases, span, ground.pieces(span.first, span.last))
    children, elsewhere = below.children(unit, span, ground.tree, scope)
    spread = bases[-1].spread
    rows, peers = below.rows(unit, children, checklist, spread, span, ground.tree, ground.as_of)
    points = _trend(ground, checklist, [months.later(span.last, by) for by in range(1 - trend, 1)])
    return Detail(
        headline=shown,
        trend=points,
        **_parts(ground, checklist, bases[-1].outline, criteria),
        criteria=criteria,
        children=rows,
        peers=peers,
        bands=bases[-1].outline.bands,
        elsewhere=elsewhere,
        weights=tuple(dict.fromkeys(_weight(each) for each in _outlines(bases, span))),
        shared=_shared(ground, checklist, points),
        parts=bases[-1].parts,
        spread=spread,
    )


def _shortest(own: reading.Months, month: date) -> SpanKind:
    with_figures = {place[1] for place, figure in own.items() if figure.visits}
    for kind in (SpanKind.MONTH, SpanKind.QUARTER):
        if with_figures & set(months.span(kind, month)):
            return kind
    return SpanKind.TWELVE


def top_unit(unit: Unit) -> Unit:
    """The unit at the top of today's tree above this one. One query."""
    link = unit.ancestor_links.select_related("ancestor").order_by("-depth").first()
    return link.ancestor if link else unit


_kept: Kept[Mapping[int, tuple[Basis, ...]]] = Kept(64)


def bases_of(first: date, last: date, as_of: Stamp | None = None) -> Mapping[int, tuple[Basis, ...]]:
    """What figures rest on, month by month, by checklist. One query, besides the outlines' own.

    None where the caller knows the stamp and this process has read them.
    """
    return _bases_of(first, last) if as_of is None else _kept.get((first, last, as_of), lambda: _bases_of(first, last))


def _bases_of(first: date, last: date) -> Mapping[int, tuple[Basis, ...]]:
    found: dict[int, list[Basis]] = {}
    rows = PeriodChecklist.objects.filter(period__month__gte=first, period__month__lte=last)
    for row in rows.select_related("period", "version__checklist").order_by("period__month"):
        parts = None if row.between is None or row.variance is None else Components(row.between, row.variance)
        of_month = (row.period.month, row.version.checklist, outline(row.version), row.version.number)
        published_on = timezone.localdate(row.period.closed_at)
        found.setdefault(row.checklist_id, []).append(Basis(*of_month, row.spread, parts, published_on))
    return {checklist: tuple(bases) for checklist, bases in found.items()}


def _within(figures: reading.Months, checklist: int, some: Iterable[date]) -> Figure:
    return reading.total([figures.get((checklist, month), comparing.NOTHING) for month in some])


def _headline(ground: Ground, checklist: Checklist) -> Headline:
    span, bases = ground.span, ground.bases[checklist.pk]
    figure = _within(ground.own, checklist.pk, span)
    before = _within(ground.own, checklist.pk, span.before())
    spread = bases[-1].spread
    value = comparing.range_of(figure, spread)
    group = _within(ground.group, checklist.pk, span)
    return Headline(
        checklist=checklist,
        figure=figure,
        range=value,
        grade=scoring.grade_of(value.mean, bases[-1].outline.bands) if value else "",
        of_group=beside.held(group, spread),
        change=comparing.change(before, figure, spread),
        before=span.before(),
        visits_before=before.visits,
        rest=beside.against(figure, group, spread),
        beside=beside.against(figure, _within(ground.whole, checklist.pk, span), spread),
        quarter=_quarter(ground, checklist.pk, spread),
    )


def _quarter(ground: Ground, checklist: int, spread: Pooled | None) -> Quarter | None:
    span = months.span(SpanKind.QUARTER, ground.span.last)
    figure, before = _within(ground.own, checklist, span), _within(ground.own, checklist, span.before())
    value, earlier = (comparing.range_of(each, spread) for each in (figure, before))
    change = comparing.change(before, figure, spread)
    if value is None or earlier is None or change is None:
        return None
    return Quarter(span, figure.visits, value, span.before(), before.visits, earlier, change)


def _chosen(headlines: Sequence[Headline], code: str) -> Headline | None:
    asked = next((each for each in headlines if each.checklist.code == code), None)
    return asked or max(headlines, key=lambda each: each.visits, default=None)


def _trend(ground: Ground, checklist: int, some: Iterable[date]) -> tuple[Point, ...]:
    by_month = {basis.month: basis for basis in ground.bases[checklist]}
    points, version = [], None
    for month in some:
        basis = by_month.get(month)
        number = basis.number if basis else None
        figure, group = (each.get((checklist, month), comparing.NOTHING) for each in (ground.own, ground.group))
        spread = basis.spread if basis else None
        points.append(
            Point(
                month=month,
                figure=figure,
                range=comparing.range_of(figure, spread),
                of_group=beside.held(group, spread),
                version=number,
                is_new_version=None not in (number, version) and number != version,
                published_on=basis.published_on if basis and figure.visits else None,
            )
        )
        version = number or version
    return tuple(points)


def _shared(ground: Ground, checklist: int, trend: Sequence[Point]) -> Shared | None:
    """The score on what the versions of a trend share. One query where there is more than one, else none."""
    since = max((point.month for point in trend if point.is_new_version), default=None)
    if since is None:
        return None
    first, last = trend[0].month, trend[-1].month
    cells = reading.criteria_by_month(ground.pieces(first, last), checklist, first, last)
    return shared.of_months(cells, {basis.month: basis.outline for basis in ground.bases[checklist]}, since)


def _parts(
    ground: Ground, checklist: int, content: Outline, criteria: Sequence[CriterionRow]
) -> dict[str, tuple[PartRow, ...]]:
    span = ground.span
    own, group = reading.parts(ground.pieces(span.first, span.last), ground.top, checklist, span)
    has_group = ground.unit != ground.top
    scored = {criterion.section_code for criterion in content.criteria if criterion.is_scored}
    named = {
        Kind.SECTION: [(each.code, each.name) for each in content.sections if each.code in scored],
        Kind.THEME: [(each.code, each.name) for each in content.themes],
    }

    spread = ground.bases[checklist][-1].spread

    def row(kind: Kind, code: str, name: str) -> PartRow:
        figure, whole = (each.get((kind, code), comparing.NOTHING) for each in (own, group))
        usual = comparing.spread_of_part(spread, _share(content, kind, code))
        found, held = (comparing.range_of_part(each, usual) for each in (figure, whole))
        return PartRow(
            code=code,
            name=name,
            visits=figure.visits,
            range=found,
            of_group=Held(held, whole.visits) if has_group and held else None,
            lost=sum(each.lost for each in criteria if code == each.part(kind)),
            total=figure.total,
        )

    def rows(kind: Kind) -> tuple[PartRow, ...]:
        """Those of the latest version, then what is lost besides, so that all add up."""
        codes = {code for code, _name in named[kind]}
        others = [each for each in criteria if not each.is_rest and each.part(kind) not in codes]
        lines = [
            (str(wording.WITHOUT_THEME), sum(each.lost for each in others if not each.part(kind))),
            (str(wording.EARLIER_VERSIONS), sum(each.lost for each in others if each.part(kind))),
        ]
        rest = [PartRow(OTHERS, text, 0, None, None, lost) for text, lost in lines if lost]
        rest += [PartRow(OTHERS, each.text, 0, None, None, each.lost) for each in criteria if each.is_rest]
        return (*(row(kind, *each) for each in named[kind]), *rest)

    return {"sections": rows(Kind.SECTION), "themes": rows(Kind.THEME)}


def _share(content: Outline, kind: Kind, code: str) -> Fraction:
    """How much of a version's weight a section or theme holds."""
    of_part = (
        each.weight
        for each in content.criteria
        if each.is_scored and code == (each.section_code if kind is Kind.SECTION else each.theme)
    )
    whole = _weight(content)
    return Fraction(sum(of_part, Decimal(0))) / Fraction(whole) if whole else Fraction(0)


def criteria_of(
    headline: Headline, bases: Sequence[Basis], span: Span, pieces: Collection[int]
) -> tuple[CriterionRow, ...]:
    """Mean lost shares in tenths by largest remainder, so that they add up to 100 less the mean, all as printed.

    `pieces` are the units that make up the one of the headline.
    """
    found = reading.criteria(pieces, headline.checklist.pk, span)
    known = _known(bases, headline.checklist, found.keys() - {OTHERS})
    told = (code for code, figure in found.items() if code in known and figure != CriterionFigure())
    codes = sorted(told, key=list(known).index)
    others = found.get(OTHERS)
    if others is not None:
        codes.append(OTHERS)
    if not codes:
        return ()
    tenths = scoring.apportion(headline.lost // comparing.TENTH, [Fraction(max(found[code].lost, 0)) for code in codes])
    rows = {code: some * comparing.TENTH for code, some in zip(codes, tenths, strict=True)}
    weights = _weights(bases, span)
    rest = [_others(others, rows.pop(OTHERS))] if others is not None else []
    return tuple(
        CriterionRow(
            code=code,
            short_code=known[code].short_code,
            section=known[code].section_code,
            theme=known[code].theme,
            text=known[code].text,
            is_critical=known[code].critical,
            figure=found[code],
            lost=share,
            weights=weights.get(code) or (known[code].weight,),
        )
        for code, share in rows.items()
    ) + tuple(rest)


def _outlines(bases: Sequence[Basis], span: Span) -> list[Outline]:
    """What the versions of a span ask, the earliest first."""
    within = set(span)
    return list({basis.number: basis.outline for basis in bases if basis.month in within}.values())


def _weight(content: Outline) -> Decimal:
    """Of all criteria that count."""
    return sum((each.weight for each in content.criteria if each.is_scored), Decimal(0))


def _weights(bases: Sequence[Basis], span: Span) -> Mapping[str, tuple[Decimal, ...]]:
    """By code, each weight once: two versions may ask a criterion with different ones.

    Of each month those of its latest version; a visit begun under an earlier one was weighed as that one says.
    """
    found: dict[str, dict[Decimal, None]] = {}
    for content in _outlines(bases, span):
        for criterion in content.criteria:
            found.setdefault(criterion.code, {})[criterion.weight] = None
    return {code: tuple(some) for code, some in found.items()}


def _others(figure: CriterionFigure, lost: int) -> CriterionRow:
    """What criteria lost together of which so little was seen that none may be shown for itself."""
    return CriterionRow(OTHERS, "", "", None, str(wording.OTHER_CRITERIA), False, figure, lost)


def _known(bases: Sequence[Basis], checklist: Checklist, codes: Collection[str]) -> dict[str, CriterionOutline]:
    """Criteria by code as the latest version that has them words them, in its order.

    A visit may have been made with a version that was retired before its month was closed: one query more then.
    """
    known: dict[str, CriterionOutline] = {}
    for basis in reversed(bases):
        for criterion in basis.outline.criteria:
            known.setdefault(criterion.code, criterion)
    if set(codes) - known.keys():
        older = ChecklistVersion.objects.filter(checklist=checklist, published_at__isnull=False)
        for version in older.select_related("checklist").order_by("-number"):
            for criterion in outline(version).criteria:
                known.setdefault(criterion.code, criterion)
    return known


def _name(unit: Unit, span: Span, tree: Tree) -> str:
    """What the unit is called today, or was on the last day of the span."""
    if tree is Tree.TODAY:
        return unit.name
    row = PeriodUnit.objects.filter(period__month=span.last, unit=unit).first()
    return row.name if row else unit.name
