"""The rows of an export as a workbook, or as text for Vietnamese Excel. Each is written as rows come: none is kept."""

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import xlsxwriter
from django.utils.formats import get_format
from django.utils.translation import gettext as _

from audits.results.comparing import tenths
from audits.results.exports.columns import Cell, Cells, Column, Holds
from audits.results.exports.explanation import Explanation
from audits.results.exports.rows import Row
from outlets.csv_files import BYTE_ORDER_MARK, csv_cell

DAY_ZERO = date(1899, 12, 30)  # from which a workbook counts days
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
# All texts are written as texts: nothing in them becomes a formula, a link or a number.
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class Writer(Protocol):
    """Takes rows as they come; the file is whole once `finish` has been called."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...
    def write(self, rows: Iterable[Row]) -> None: ...
    def finish(self, explanation: Explanation) -> None: ...


class Workbook:
    """A sheet of figures with a frozen heading and filters, and one that explains them."""

    def __init__(self, path: Path, columns: Sequence[Column], cells: Cells) -> None:
        self._book = xlsxwriter.Workbook(str(path), OPTIONS | {"tmpdir": str(path.parent)})
        self._book.set_properties({"created": LONG_AGO})
        self._columns, self._cells, self._row = columns, cells, 0
        self._heading = self._book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self._wrap = self._book.add_format({"text_wrap": True, "valign": "top"})
        looks = {Holds.COUNT: "#,##0", Holds.FIGURE: "0.0", Holds.MONTH: "mm/yyyy"}
        self._formats = [
            self._book.add_format({"num_format": looks[each.holds]}) if each.holds in looks else None
            for each in columns
        ]
        self._sheet = self._book.add_worksheet(_("Figures"))
        for place, column in enumerate(columns):
            self._sheet.set_column(place, place, column.width)
        self._sheet.freeze_panes(1, 1)
        _fit_to_paper(self._sheet)
        self._sheet.set_landscape()
        self._sheet.repeat_rows(0)
        for place, column in enumerate(columns):
            self._sheet.write_string(0, place, str(column.heading), self._heading)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """What was begun and not finished leaves no file of its sheets behind."""
        if not self._book.fileclosed:
            for sheet in self._book.worksheets():
                if getattr(sheet, "row_data_fh", None):
                    sheet.row_data_fh.close()
                    Path(sheet.row_data_filename).unlink(missing_ok=True)
            self._book.fileclosed = True

    def write(self, rows: Iterable[Row]) -> None:
        sheet, formats, of = self._sheet, self._formats, self._cells.of
        holds = [column.holds for column in self._columns]
        for row in rows:
            self._row += 1
            number = self._row
            for place, value in enumerate(of(row)):
                if value is None:
                    continue
                if isinstance(value, str):
                    sheet.write_string(number, place, value)
                elif holds[place] is Holds.FIGURE:
                    sheet.write_number(number, place, tenths(value) / 10, formats[place])  # type: ignore[arg-type]
                elif isinstance(value, date):
                    sheet.write_number(number, place, (value - DAY_ZERO).days, formats[place])
                else:
                    sheet.write_number(number, place, value, formats[place])

    def finish(self, explanation: Explanation) -> None:
        self._sheet.autofilter(0, 0, max(1, self._row), len(self._columns) - 1)
        sheet = self._book.add_worksheet(_("Explanation"))
        _fit_to_paper(sheet)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 90)
        sheet.set_column(2, 5, 18)
        number = 0
        for part in explanation.parts:
            sheet.write_string(number, 0, part.title, self._heading)
            for line in part.lines:
                number += 1
                for place, value in enumerate(line):
                    sheet.write_string(number, place, value, self._wrap)
            number += 2
        self._book.close()


def _fit_to_paper(sheet: Any) -> None:
    """Printed on A4, all columns beside each other, the page's number below."""
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&P / &N")


class Text:
    """Semicolons, decimal commas and a byte order mark, as Excel set to Vietnamese expects them."""

    def __init__(self, path: Path, columns: Sequence[Column], cells: Cells) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._columns, self._cells = columns, cells
        self._file.write(BYTE_ORDER_MARK)
        self._writer = csv.writer(self._file, delimiter=";", lineterminator="\r\n")
        self._writer.writerow([csv_cell(str(column.heading)) for column in columns])
        self._comma = get_format("DECIMAL_SEPARATOR")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def write(self, rows: Iterable[Row]) -> None:
        of, holds = self._cells.of, [column.holds for column in self._columns]
        for row in rows:
            self._writer.writerow([self._written(value, kind) for value, kind in zip(of(row), holds, strict=True)])

    def finish(self, explanation: Explanation) -> None:
        """Rows alone: whoever reads them with a program would take an explanation for more of them."""
        self._file.close()

    def _written(self, value: Cell, holds: Holds) -> Any:
        if isinstance(value, str):
            return csv_cell(value)
        if isinstance(value, date):
            return f"{value:%m/%Y}"
        if value is not None and holds is Holds.FIGURE:
            whole, tenth = divmod(abs(tenths(value)), 10)
            return f"{'-' if tenths(value) < 0 else ''}{whole}{self._comma}{tenth}"
        return "" if value is None else value
