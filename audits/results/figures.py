"""Tallies to rows and back. Nothing else touches the tables of figures."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from operator import attrgetter, itemgetter

from django.db.models import F

from audits.results.models import Period, UnitCriterionScore, UnitScore
from audits.results.tallies import CriterionFigure, Figure, Kind, Part, Place, Tally
from outlets.rows import insert

FIGURE_COLUMNS = ("visits", "unscored", "outlets", "total", "squares", "critical_failures")
CRITERION_COLUMNS = ("met", "partly", "not_met", "not_applicable", "results", "lost")


def write(period: Period, units: Mapping[Place, Tally]) -> None:
    """Adds the rows of a month that has none yet, in the order of their keys: so that the index grows at its end."""
    in_order = sorted(units.items(), key=itemgetter(0))
    insert(
        UnitScore,
        ("period_id", "kind", "unit_id", "checklist_id", "code", *FIGURE_COLUMNS),
        (
            (period.pk, kind, unit, checklist, code, *_figure(tally.figures[kind, code]))
            for kind in sorted(Kind)
            for (unit, checklist), tally in in_order
            for code in sorted(code for of, code in tally.figures if of is kind)
        ),
    )
    insert(
        UnitCriterionScore,
        ("period_id", "unit_id", "checklist_id", "code", *CRITERION_COLUMNS),
        (
            (period.pk, unit, checklist, code, *_criterion(tally.criteria[code]))
            for (unit, checklist), tally in in_order
            for code in sorted(tally.criteria)
        ),
    )


_figure, _criterion = attrgetter(*FIGURE_COLUMNS), attrgetter(*CRITERION_COLUMNS)


def read(period: Period) -> dict[Place, Tally]:
    """The rows of a month as they stand. Two queries."""
    units: dict[Place, Tally] = defaultdict(Tally)
    rows = UnitScore.objects.filter(period=period).values_list(
        "unit_id", "checklist_id", "kind", "code", *FIGURE_COLUMNS
    )
    for unit, checklist, kind, code, *columns in rows.iterator():
        units[unit, checklist].figures[_PARTS[kind, code]] = Figure(*columns)
    criteria = UnitCriterionScore.objects.filter(period=period).values_list(
        "unit_id", "checklist_id", "code", *CRITERION_COLUMNS
    )
    for unit, checklist, code, *columns in criteria.iterator():
        units[unit, checklist].criteria[code] = CriterionFigure(*columns)
    return dict(units)


class _Parts(dict[tuple[str, str], Part]):
    """Each part once, however many rows speak of it."""

    def __missing__(self, key: tuple[str, str]) -> Part:
        self[key] = Kind(key[0]), key[1]
        return self[key]


_PARTS = _Parts()


def shift(period: Period, checklist_id: int, unit_ids: Collection[int], before: Tally, after: Tally) -> list[list[int]]:
    """Puts a block's figures after a correction in place of those before, in the rows of all that stand above it.

    Returns, for each unit, [its key, visits, sum of percentages before, the same after].
    A row is added where a section, theme or criterion is shown now and was not before. A few statements for each code
    that moved.
    """
    totals = UnitScore.objects.filter(
        period=period, checklist=checklist_id, unit__in=unit_ids, kind=Kind.TOTAL
    ).order_by("unit")
    # Held until the transaction ends: corrections of one month take turns, and each tells only what it moved itself.
    sums_before = dict(totals.select_for_update().values_list("unit_id", "total"))
    change = Tally()
    change.add(after)
    change.take_away(before)
    for (kind, code), figure in change.figures.items():
        if figure == Figure():
            continue
        rows = UnitScore.objects.filter(period=period, checklist=checklist_id, unit__in=unit_ids, kind=kind, code=code)
        missing = sorted(set(unit_ids) - set(rows.values_list("unit_id", flat=True)))
        _add(rows, FIGURE_COLUMNS, figure)
        for unit_id in missing:
            columns = {column: getattr(figure, column) for column in FIGURE_COLUMNS}
            UnitScore.objects.create(
                period=period, checklist_id=checklist_id, unit_id=unit_id, kind=kind, code=code, **columns
            )
    for code, criterion in change.criteria.items():
        if criterion != CriterionFigure():
            criteria = UnitCriterionScore.objects.filter(
                period=period, checklist=checklist_id, unit__in=unit_ids, code=code
            )
            missing = sorted(set(unit_ids) - set(criteria.values_list("unit_id", flat=True)))
            _add(criteria, CRITERION_COLUMNS, criterion)
            for unit_id in missing:
                columns = {column: getattr(criterion, column) for column in CRITERION_COLUMNS}
                UnitCriterionScore.objects.create(
                    period=period, checklist_id=checklist_id, unit_id=unit_id, code=code, **columns
                )
    return [
        [unit, visits, sums_before[unit], total]
        for unit, visits, total in totals.values_list("unit_id", "visits", "total")
    ]


def _add(rows, columns: Iterable[str], figure: Figure | CriterionFigure) -> None:
    changed = {column: getattr(figure, column) for column in columns if getattr(figure, column)}
    rows.update(**{column: F(column) + by for column, by in changed.items()})
