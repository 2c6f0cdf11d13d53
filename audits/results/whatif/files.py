"""The units of a what-if as a file, a workbook or text: the same rows in both, percentages as on the page."""

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import xlsxwriter
from django.utils import formats
from django.utils.translation import gettext as _

from audits.results.whatif.sharing import Asked
from audits.results.whatif.shown import Found
from audits.scoring import shown
from outlets.csv_files import Figure, csv_text

Cell = str | int | Decimal | None  # a Decimal is a figure of one decimal
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_WIDTHS = (16, 40, 22, 9, 10, 10, 12, 18, 18, 14)
# All texts are written as texts: nothing in them becomes a formula, a link or a number.
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def as_text(found: Found, asked: Asked) -> str:
    """Semicolons, decimal commas and a byte order mark, as Excel set to Vietnamese expects them."""
    rows = [*_head(found, asked), [], _heading(), *_rows(found)]
    return csv_text([_written(cell) for cell in row] for row in rows)


def as_workbook(found: Found, asked: Asked) -> bytes:
    """A workbook with a sheet of the units, filters above them, and one that says what is counted."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        book.set_properties({"created": LONG_AGO})  # a file tells nobody when it was made
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        looks = {int: book.add_format({"num_format": "#,##0"}), Decimal: book.add_format({"num_format": "0.0"})}
        sheet = book.add_worksheet(_("Figures"))
        sheet.freeze_panes(1, 2)
        for place, (heading, width) in enumerate(zip(_heading(), _WIDTHS, strict=True)):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, str(heading), bold)
        for number, row in enumerate(_rows(found), start=1):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, place, cell)
                elif cell is not None:
                    sheet.write_number(number, place, float(cell), looks[type(cell)])
        sheet.autofilter(0, 0, max(1, len(found.rows)), len(_WIDTHS) - 1)
        about = book.add_worksheet(_("Explanation"))
        about.set_column(0, 1, 60)
        for number, row in enumerate(_head(found, asked)):
            for place, cell in enumerate(row):
                about.write_string(number, place, str(cell))
    return out.getvalue()


def _head(found: Found, asked: Asked) -> Iterator[Sequence[Cell]]:
    names = {"checklist": found.version.checklist.name, "number": found.version.number}
    yield [_("%(checklist)s, version %(number)d") % names, f"{asked.first:%m/%Y}-{asked.last:%m/%Y}"]
    yield [_("Scored again on shared criteria"), f"{found.shared}/{found.scored}"]
    yield [_("Counted"), _("every visit by itself") if asked.whole else _("whole blocks of visits published together")]


def _heading() -> list[str]:
    return [
        _("Code"),
        _("Name"),
        _("Type"),
        _("Visits"),
        _("Before, %"),
        _("After, %"),
        _("Difference, points"),
        _("Grade before"),
        _("Grade after"),
        _("Mostly from"),
    ]


def _rows(found: Found) -> Iterable[Sequence[Cell]]:
    for row in found.rows:
        yield [
            row.code,
            row.name,
            row.unit.unit_type.name,
            row.visits,
            shown(row.before),
            shown(row.after),
            Decimal("0.0") if row.is_tiny else shown(row.size).copy_sign(row.difference),
            row.grade_before_label,
            row.grade_after_label,
            row.cause.code if row.cause else None,
        ]


def _written(cell: Cell) -> object:
    return Figure(formats.number_format(cell, 1)) if isinstance(cell, Decimal) else cell
