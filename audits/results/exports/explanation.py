"""What goes with figures that are taken along: what they are, what they rest on, what is withheld and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audits.results import scorecard, statistics, wording
from audits.results.comparing import tenths
from audits.results.exports.columns import Column
from audits.results.exports.rows import Wanted
from audits.results.models import Period


@dataclass(frozen=True)
class Part:
    """A heading with its lines, each of some texts beside each other."""

    title: str
    lines: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Explanation:
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Counted:
    """What was written: `rows` of figures, and how many units had none."""

    rows: int = 0
    without: int = 0


def explanation(wanted: Wanted, columns: Sequence[Column], counted: Counted, *, by: str, at: datetime) -> Explanation:
    """Three queries, besides the outlines' own."""
    return Explanation(
        (_what(wanted, counted, by, at), _whole(wanted), _how(wanted), _meaning(columns), *_when(wanted))
    )


def _what(wanted: Wanted, counted: Counted, by: str, at: datetime) -> Part:
    card = wanted.card
    each = _("one row for each month") if wanted.by_month else _("one row for the span")
    lines = [
        (_("Unit"), f"{card.name} ({card.unit.code})"),
        (_("Span"), wording.span_label(card.span)),
        (_("Organisation"), str(wording.TREES[card.tree])),
        (_("Rows"), f"{wanted.of.label}; {each}"),
        (_("Rows with figures"), formats.number_format(counted.rows, force_grouping=True)),
        (_("Units without figures"), formats.number_format(counted.without, force_grouping=True)),
        (_("Taken by"), by),
        (_("Taken on"), formats.date_format(timezone.localtime(at), "H:i d/m/Y")),
    ]
    return Part(_("What this is"), tuple(lines))


def _whole(wanted: Wanted) -> Part:
    card = wanted.card
    lines = [(_("Checklist"), _("The whole unit: score, its range, visits"))]
    for each in card.headlines:
        if each.range:
            score, low, high = (_written(figure) for figure in (each.range.mean, each.range.low, each.range.high))
            visits = ngettext("%(visits)s visit", "%(visits)s visits", each.visits)
            number = formats.number_format(each.visits, force_grouping=True)
            lines.append((each.checklist.name, f"{score}; {low}–{high}; {visits % {'visits': number}}"))
    return Part(_("The whole unit"), tuple(lines))


def _written(stored: int) -> str:
    return formats.number_format(tenths(stored) / 10, 1)


def _how(wanted: Wanted) -> Part:
    enough = {"visits": statistics.ENOUGH}
    lines = [
        (
            _("Blocks"),
            _(
                "Visits of an outlet are published together, in blocks: every figure is a sum over whole blocks, so "
                "that none can be traced to one visit. What each month asked of a block stands below."
            ),
        ),
        (
            _("Withheld"),
            _(
                "Visits that are too few for a block wait for a later month. Until then nothing is told of such an "
                "outlet, not even whether there are any; it stands in the table without figures."
            ),
        ),
        (
            _("Number of visits and range"),
            _(
                "The range says where the true score lies, 95 times of 100. From %(visits)s visits it follows from how "
                "far the unit's own blocks lie apart and visits of one block usually do, below that from how far "
                "visits of one outlet usually do."
            )
            % enough,
        ),
        (
            _("Few visits"),
            _("Below %(visits)s visits a figure is for reference only: it is in no group of units.") % enough,
        ),
        (
            _("Means"),
            _("Do not average scores: weigh each by its visits, or take the figure of the unit above."),
        ),
        (
            _("Rounding"),
            _(
                "Figures are kept to four decimals and rounded once, half up, to the one decimal shown everywhere; a "
                "change is that of the exact figures. Points lost are rounded so that they add up to 100 less the "
                "score."
            ),
        ),
    ]
    return Part(_("How to read it"), tuple(lines))


def _meaning(columns: Sequence[Column]) -> Part:
    return Part(_("Columns"), tuple((str(column.heading), str(column.says)) for column in columns))


def _when(wanted: Wanted) -> tuple[Part, Part]:
    """When each month was published, by which rule, and with which version of each checklist."""
    span = wanted.span
    periods = Period.objects.filter(month__gte=span.first, month__lte=span.last).order_by("month")
    published = [
        (
            f"{each.month:%m/%Y}",
            _("Published on %(day)s; blocks of at least %(visits)s visits by at least %(shoppers)s shoppers")
            % {
                "day": formats.date_format(timezone.localdate(each.closed_at), "d/m/Y"),
                "visits": each.least_visits,
                "shoppers": each.least_shoppers,
            },
        )
        for each in periods
    ]
    versions = [
        (f"{basis.checklist.name}", f"{basis.month:%m/%Y}: {basis.number}")
        for bases in scorecard.bases_of(span.first, span.last).values()
        for basis in bases
    ]
    return Part(_("Months covered"), tuple(published)), Part(_("Versions of the checklists, by month"), tuple(versions))
