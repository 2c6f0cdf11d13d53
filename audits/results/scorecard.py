"""The scorecard of a unit: every figure with its range and number of visits, ready for a page, a file or a home.

All percentages are per cent x `scoring.SCALE`. What is not here cannot be shown: pages and exports read this alone.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

from audits import scoring
from audits.checklists.models import Checklist, ChecklistVersion
from audits.checklists.outline import CriterionOutline, Outline, outline
from audits.fieldwork.models import Submission
from audits.results import months, reading, statistics, wording
from audits.results.models import PeriodChecklist, PeriodUnit
from audits.results.months import Span, SpanKind
from audits.results.reading import Tree
from audits.results.statistics import Change, Pile, Pooled, Range, Sums
from audits.results.tallies import OTHERS, CriterionFigure, Figure, Kind
from outlets.models import Unit
from outlets.organisation import queries as organisation
from outlets.people.permissions import Scope

TREND_MONTHS = 12
NOTHING = Figure()
NOTHING_ELSE = Scope()  # whoever does not say what its reader may see shows no unit that stands elsewhere today


def mean(figure: Figure) -> int | None:
    """The mean percentage of the visits, half up; None without a scored visit."""
    return (2 * figure.total + figure.visits) // (2 * figure.visits) if figure.visits else None


def sums(figure: Figure) -> Sums:
    return Sums(figure.visits, figure.total, figure.squares)


@dataclass(frozen=True)
class Basis:
    """What a checklist's figures rest on in a month: its version then, and the usual spread within outlets."""

    month: date
    outline: Outline
    number: int
    spread: Pooled | None


@dataclass(frozen=True)
class Headline:
    """A checklist's figure in a span, with all that must travel with it. `range` is None without a scored visit."""

    checklist: Checklist
    figure: Figure
    range: Range | None
    grade: str
    group: int | None
    change: Change | None
    before: Span
    visits_before: int

    @property
    def visits(self) -> int:
        return self.figure.visits

    @property
    def is_for_reference(self) -> bool:
        """Too few visits to be placed among others."""
        return self.visits < statistics.ENOUGH

    @property
    def grade_label(self) -> str:
        return str(Submission.Grade(self.grade).label) if self.grade else ""

    @property
    def lost(self) -> int:
        return 0 if self.range is None else scoring.WHOLE - self.range.mean


@dataclass(frozen=True)
class Point:
    """One month of a trend. `is_new_version`: the first month under another version of the checklist."""

    month: date
    figure: Figure
    range: Range | None
    group: int | None
    version: int | None
    is_new_version: bool


@dataclass(frozen=True)
class PartRow:
    """A section or theme beside the group's. `lost` is what it takes from 100; sections' add up, as criteria's do."""

    code: str
    name: str
    visits: int
    percent: int | None
    group: int | None
    lost: int


@dataclass(frozen=True)
class CriterionRow:
    """A criterion: how often it was met, and what it costs (mean lost share per visit)."""

    code: str
    short_code: str
    section: str
    theme: str | None
    text: str
    is_critical: bool
    figure: CriterionFigure
    lost: int

    @property
    def is_rest(self) -> bool:
        """Of several criteria together, of which the lost points alone are told."""
        return self.code == OTHERS

    @property
    def met_share(self) -> int:
        """Met of all visits in which it counted, in whole per cent, half up."""
        return (200 * self.figure.met + self.figure.visits) // (2 * self.figure.visits) if self.figure.visits else 0


@dataclass(frozen=True)
class ChildRow:
    """A unit directly below. `pile` is None below nine visits."""

    unit: Unit
    name: str
    figure: Figure
    range: Range | None
    change: Change | None
    pile: Pile | None
    months: tuple[int | None, ...]

    @property
    def is_for_reference(self) -> bool:
        return self.figure.visits < statistics.ENOUGH


@dataclass(frozen=True)
class Below:
    """A unit directly below, as it was called there; `months` are those in which it stood there, None for always."""

    unit: Unit
    name: str
    months: frozenset[date] | None


@dataclass(frozen=True)
class Detail:
    """Everything below the headlines, for one checklist."""

    headline: Headline
    trend: tuple[Point, ...]
    sections: tuple[PartRow, ...]
    themes: tuple[PartRow, ...]
    criteria: tuple[CriterionRow, ...]
    children: tuple[ChildRow, ...]
    elsewhere: int  # units that stood here then and that the reader may not see today

    @cached_property
    def to_improve(self) -> tuple[CriterionRow, ...]:
        """What costs most, the costliest first, and last what is not told one by one."""
        return tuple(sorted((row for row in self.criteria if row.lost > 0), key=lambda row: (row.is_rest, -row.lost)))

    @cached_property
    def published_below(self) -> tuple[ChildRow, ...]:
        return tuple(row for row in self.children if row.range)

    @cached_property
    def waiting_below(self) -> tuple[ChildRow, ...]:
        """Units below of which nothing was published in the span."""
        return tuple(row for row in self.children if not row.range)

    @cached_property
    def strengths(self) -> tuple[CriterionRow, ...]:
        """What is met most often, critical criteria first among equals; at least four times of five."""
        well = (row for row in self.criteria if row.figure.visits and row.met_share >= 80)
        return tuple(sorted(well, key=lambda row: (-row.met_share, not row.is_critical, row.lost)))


@dataclass(frozen=True)
class Scorecard:
    """A unit's scorecard. `detail` is None when nothing of what is shown has been published in the span."""

    unit: Unit
    name: str
    span: Span
    tree: Tree
    is_regrouped: bool
    headlines: tuple[Headline, ...]
    shown: Headline | None  # the channel asked for, or the one with most visits
    detail: Detail | None


def read(
    unit: Unit,
    month: date,
    *,
    top: Unit,
    kind: SpanKind | None = None,
    tree: Tree = Tree.TODAY,
    checklist: str = "",
    scope: Scope = NOTHING_ELSE,
) -> Scorecard:
    """The scorecard of a span that ends with a closed month; `top` is the unit at the top of today's tree.

    Without `kind`: the shortest span with figures. Of `checklist` (a code), or of the one with most visits.
    Units below that are outside `scope` today are counted, not shown. At most ten queries, whatever the unit.
    """
    first = months.later(month, 1 - 2 * TREND_MONTHS)
    then = reading.monthly_then([unit, top], first, month)
    today = then[unit.pk] if unit == top else reading.monthly_today(unit, first, month)
    # Outlets' rows are many: unless the organisation has changed they give the same sums as the unit's own.
    is_regrouped = today != then[unit.pk]
    own = today if tree is Tree.TODAY else then[unit.pk]
    source = tree if is_regrouped else Tree.THEN
    span = months.span(kind or _shortest(own, month), month)
    bases = bases_of(first, month)
    checklists = Checklist.objects.in_bulk({place[0] for place in own})
    headlines = tuple(
        _headline(each, own, then[top.pk], bases.get(each.pk, ()), span)
        for each in sorted(checklists.values(), key=lambda each: (each.position, each.code))
    )
    headlines = tuple(each for each in headlines if each.figure.outlets or each.visits_before)
    shown = _chosen(headlines, checklist)
    detail = None
    if shown is not None and shown.visits:
        basis = bases[shown.checklist.pk]
        criteria = criteria_of(unit, shown, basis, span, source)
        below, elsewhere = _below(unit, span, tree, scope)
        detail = Detail(
            headline=shown,
            trend=_trend(shown.checklist.pk, own, then[top.pk], basis, span),
            **_parts(unit, top, shown.checklist.pk, basis[-1].outline, span, source, criteria),
            criteria=criteria,
            children=_children(below, shown.checklist.pk, basis[-1], span, tree, shown),
            elsewhere=elsewhere,
        )
    return Scorecard(
        unit=unit,
        name=_name(unit, span, tree),
        span=span,
        tree=tree,
        is_regrouped=is_regrouped,
        headlines=headlines,
        shown=shown,
        detail=detail,
    )


def _shortest(own: reading.Months, month: date) -> SpanKind:
    with_figures = {place[1] for place, figure in own.items() if figure.visits}
    for kind in (SpanKind.MONTH, SpanKind.QUARTER):
        if with_figures & set(months.span(kind, month)):
            return kind
    return SpanKind.YEAR


def top_unit(unit: Unit) -> Unit:
    """The unit at the top of today's tree above this one. One query."""
    link = unit.ancestor_links.select_related("ancestor").order_by("-depth").first()
    return link.ancestor if link else unit


def bases_of(first: date, last: date) -> dict[int, tuple[Basis, ...]]:
    """What figures rest on, month by month, by checklist. One query, besides the outlines' own."""
    found: dict[int, list[Basis]] = {}
    rows = PeriodChecklist.objects.filter(period__month__gte=first, period__month__lte=last)
    for row in rows.select_related("period", "version__checklist").order_by("period__month"):
        spread = Pooled(row.variance, row.degrees) if row.variance is not None and row.degrees else None
        found.setdefault(row.checklist_id, []).append(
            Basis(row.period.month, outline(row.version), row.version.number, spread)
        )
    return {checklist: tuple(bases) for checklist, bases in found.items()}


def _within(figures: reading.Months, checklist: int, some: Iterable[date]) -> Figure:
    return reading.total([figures.get((checklist, month), NOTHING) for month in some])


def _headline(
    checklist: Checklist,
    own: reading.Months,
    group: reading.Months,
    bases: Sequence[Basis],
    span: Span,
) -> Headline:
    figure = _within(own, checklist.pk, span)
    before = _within(own, checklist.pk, span.before())
    spread = bases[-1].spread if bases else None
    value = statistics.range_of(sums(figure), spread)
    grade = scoring.grade_of(value.mean, bases[-1].outline.bands) if value and bases else ""
    return Headline(
        checklist=checklist,
        figure=figure,
        range=value,
        grade=grade,
        group=mean(_within(group, checklist.pk, span)),
        change=statistics.change(sums(before), sums(figure), spread),
        before=span.before(),
        visits_before=before.visits,
    )


def _chosen(headlines: Sequence[Headline], code: str) -> Headline | None:
    asked = next((each for each in headlines if each.checklist.code == code), None)
    return asked or max(headlines, key=lambda each: each.visits, default=None)


def _trend(
    checklist: int,
    own: reading.Months,
    group: reading.Months,
    bases: Sequence[Basis],
    span: Span,
) -> tuple[Point, ...]:
    by_month = {basis.month: basis for basis in bases}
    points, version = [], None
    for month in months.span(SpanKind.YEAR, span.last):
        basis = by_month.get(month)
        number = basis.number if basis else None
        figure = own.get((checklist, month), NOTHING)
        points.append(
            Point(
                month=month,
                figure=figure,
                range=statistics.range_of(sums(figure), basis.spread if basis else None),
                group=mean(group.get((checklist, month), NOTHING)),
                version=number,
                is_new_version=None not in (number, version) and number != version,
            )
        )
        version = number or version
    return tuple(points)


def _parts(
    unit: Unit,
    top: Unit,
    checklist: int,
    content: Outline,
    span: Span,
    source: Tree,
    criteria: Sequence[CriterionRow],
) -> dict[str, tuple[PartRow, ...]]:
    own, group = reading.parts(unit, top, checklist, span, source)
    scored = {criterion.section_code for criterion in content.criteria if criterion.is_scored}
    named = {
        Kind.SECTION: [(each.code, each.name) for each in content.sections if each.code in scored],
        Kind.THEME: [(each.code, each.name) for each in content.themes],
    }
    rows = {
        kind: tuple(
            PartRow(
                code=code,
                name=name,
                visits=own.get((kind, code), NOTHING).visits,
                percent=mean(own.get((kind, code), NOTHING)),
                group=mean(group.get((kind, code), NOTHING)),
                lost=sum(row.lost for row in criteria if code == (row.section if kind is Kind.SECTION else row.theme)),
            )
            for code, name in names
        )
        for kind, names in named.items()
    }
    rest = tuple(PartRow(OTHERS, row.text, 0, None, None, row.lost) for row in criteria if row.is_rest)
    return {"sections": rows[Kind.SECTION] + rest, "themes": rows[Kind.THEME]}


def criteria_of(
    unit: Unit, headline: Headline, bases: Sequence[Basis], span: Span, source: Tree
) -> tuple[CriterionRow, ...]:
    """Mean lost shares by largest remainder, so that they add up to 100 less the mean as shown."""
    found = reading.criteria(unit, headline.checklist.pk, span, source)
    known = _known(bases, headline.checklist, found.keys() - {OTHERS})
    told = (code for code, figure in found.items() if code in known and figure != CriterionFigure())
    codes = sorted(told, key=list(known).index)
    others = found.get(OTHERS)
    if others is not None:
        codes.append(OTHERS)
    if not codes:
        return ()
    lost = scoring.apportion(headline.lost, [Fraction(max(found[code].lost, 0)) for code in codes])
    rows = dict(zip(codes, lost, strict=True))
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
        )
        for code, share in rows.items()
    ) + tuple(rest)


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


def _children(
    below: Sequence[Below], checklist: int, basis: Basis, span: Span, tree: Tree, headline: Headline
) -> tuple[ChildRow, ...]:
    """The units directly below, in the order of their names, each with what it brought to this unit. One query."""
    figures = reading.of_units([each.unit.pk for each in below], [checklist], _earliest(span), span.last, tree)
    rows = []
    for each in below:
        child, name = each.unit, each.name
        by_month = {
            month: figure
            for month, figure in figures.get((child.pk, checklist), {}).items()
            if each.months is None or month in each.months
        }
        figure = reading.total([by_month.get(month, NOTHING) for month in span])
        before = reading.total([by_month.get(month, NOTHING) for month in span.before()])
        rows.append((child, name, figure, before, by_month))
    funnel = statistics.funnel([sums(row[2]) for row in rows], headline.range.mean if headline.range else 0)
    recent = [months.later(span.last, by) for by in range(-5, 1)]
    return tuple(
        ChildRow(
            unit=child,
            name=name,
            figure=figure,
            range=statistics.range_of(sums(figure), basis.spread),
            change=statistics.change(sums(before), sums(figure), basis.spread),
            pile=pile,
            months=tuple(mean(by_month.get(month, NOTHING)) for month in recent),
        )
        for (child, name, figure, before, by_month), pile in zip(rows, funnel.piles, strict=True)
    )


def _earliest(span: Span) -> date:
    """The first month that a row of a unit below speaks of: of the span before, or of its small trend."""
    return min(span.before().first, months.later(span.last, -5))


def _below(unit: Unit, span: Span, tree: Tree, scope: Scope) -> tuple[list[Below], int]:
    """The units directly below, and how many more there were that the reader may not see. One query, then two.

    As organised then: every unit that stood here on the last day of some month of the span.
    """
    if tree is Tree.TODAY:
        children = organisation.children(unit).order_by("sort_key", "pk")
        return [Below(child, child.name, None) for child in children], 0
    rows = PeriodUnit.objects.filter(parent=unit, period__month__gte=_earliest(span), period__month__lte=span.last)
    found: dict[int, list[tuple[date, str]]] = {}
    for child, month, name in rows.order_by("period__month").values_list("unit_id", "period__month", "name"):
        found.setdefault(child, []).append((month, name))
    here = {pk for pk, stood in found.items() if any(month in span for month, _name in stood)}
    seen = Unit.objects.visible_to(scope).filter(pk__in=here).order_by("sort_key", "pk")
    below = [Below(each, found[each.pk][-1][1], frozenset(month for month, _name in found[each.pk])) for each in seen]
    return below, len(here) - len(below)


def _name(unit: Unit, span: Span, tree: Tree) -> str:
    """What the unit is called today, or was on the last day of the span."""
    if tree is Tree.TODAY:
        return unit.name
    row = PeriodUnit.objects.filter(period__month=span.last, unit=unit).first()
    return row.name if row else unit.name
