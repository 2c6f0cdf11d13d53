"""A scorecard as a file: the figures of the page, no more and no fewer."""

from collections.abc import Iterable, Sequence

from django.utils import formats
from django.utils.translation import gettext as _

from audits.results import wording
from audits.results.below import RECENT
from audits.results.beside import Held
from audits.results.comparing import tenths
from audits.results.facts import Detail, Headline
from audits.results.scorecard import Scorecard
from audits.results.statistics import Change, Range
from audits.scoring import shown
from outlets import text
from outlets.csv_files import Figure, csv_text


def file_name(card: Scorecard) -> str:
    return f"{text.slug(card.name)}-{text.slug(wording.span_label(card.span))}.csv"


def scorecard_csv(card: Scorecard) -> str:
    """Semicolons, decimal commas and a byte order mark, as Excel set to Vietnamese expects them.

    One table below the other, each with its title and headings; percentages to one decimal, as on the page.
    """
    return csv_text(_rows(card))


def _percent(stored: int | None) -> str:
    return "" if stored is None else formats.number_format(shown(stored), 1)


def _difference(stored: int) -> Figure:
    sign = "-" if tenths(stored) < 0 else ""  # what is written as nought has none
    return Figure(f"{sign}{_percent(abs(stored))}")


def _rows(card: Scorecard) -> Iterable[Sequence[object]]:
    yield [card.name, card.unit.code, wording.span_label(card.span), wording.TREES[card.tree]]
    yield []
    yield [
        _("Checklist"),
        _("Score, %"),
        *_score_ends(),
        _("Visits"),
        _("Grade"),
        *_change_headings(),
        *_group_headings(),
        _("Critical failures"),
    ]
    for headline in card.headlines:
        yield _headline(headline)
    if card.detail:
        yield from _detail(card.detail)


def _score_ends() -> list[str]:
    return [_("Score from"), _("Score to")]


def _group_headings() -> list[str]:
    return [_("Group"), _("Group from"), _("Group to"), _("Visits of the group")]


def _change_headings() -> list[str]:
    return [_("Change, points"), _("Change from"), _("Change to"), _("Reading")]


def _headline(each: Headline) -> Sequence[object]:
    return [
        each.checklist.name,
        *_range(each.range),
        each.visits or "",
        each.grade_label,
        *_change(each.change),
        *_held(each.of_group),
        each.figure.failures,
    ]


def _range(figure: Range | None) -> list[str]:
    return ["", "", ""] if figure is None else [_percent(figure.mean), _percent(figure.low), _percent(figure.high)]


def _held(held: Held | None) -> list[object]:
    return [*_range(held.range), held.visits] if held else [""] * 4


def _change(change: Change | None) -> list[object]:
    if change is None:
        return [""] * 4
    return [*map(_difference, (change.difference, change.low, change.high)), wording.change_label(change)]


def _detail(detail: Detail) -> Iterable[Sequence[object]]:
    headline = detail.headline
    yield []
    yield [headline.checklist.name]
    on_shared = [_("Shared criteria")] if detail.shared else []
    yield [
        _("Month"),
        _("Score, %"),
        *_score_ends(),
        _("Visits"),
        *_group_headings(),
        _("Version of the checklist"),
        *on_shared,
    ]
    for point in detail.trend:
        same = [_percent(detail.shared.months.get(point.month))] if detail.shared else []
        figures = (*_range(point.range), point.figure.visits or "", *_held(point.of_group), point.version)
        yield [f"{point.month:%m/%Y}", *figures, *same]
    for title, parts in ((_("Section"), detail.sections), (_("Theme"), detail.themes)):
        yield []
        yield [title, _("Score, %"), *_score_ends(), _("Visits"), *_group_headings(), _("Points lost")]
        for part in parts:
            lost = _percent(part.lost) if part.is_told else ""
            yield [part.name, *_range(part.range), part.visits or "", *_held(part.of_group), lost]
        if headline.range:
            whole = (*_range(headline.range), headline.visits, *_held(headline.of_group))
            yield [_("Whole visit"), *whole, _percent(headline.lost)]
    yield []
    yield [_("Criterion"), _("Code"), _("Met"), _("Partly met"), _("Not met"), _("Not applicable"), _("Points lost")]
    for row in detail.criteria:
        figure = row.figure
        counts: list[object] = [figure.met, figure.partly, figure.not_met, figure.not_applicable]
        if row.is_rest:
            counts = [""] * len(counts)
        yield [row.text, row.short_code, *counts, _percent(row.lost)]
    if detail.children:
        yield []
        recent = [f"{point.month:%m/%Y}" for point in detail.trend[-RECENT:]]
        yield [
            _("Unit"),
            _("Code"),
            _("Score, %"),
            *_score_ends(),
            _("Visits"),
            *_change_headings(),
            _("Group of units"),
            *recent,
        ]
        for child in detail.children:
            group = wording.RUNGS[child.rung] if child.rung else _("For reference only")
            yield [
                child.name,
                child.unit.code,
                *_range(child.range),
                child.figure.visits or "",
                *_change(child.change),
                group if child.range else "",
                *map(_percent, child.months),
            ]
