"""XLSX files: cells out and in. What is too large, or is no workbook, is refused before it costs much."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from openpyxl import load_workbook

from audits.checklists.content import Content
from audits.checklists.exchange import table
from audits.checklists.exchange.table import COLUMNS, NAMES, Fault, Faulty

LARGEST = 2_000_000  # bytes of the file
LARGEST_INSIDE = 20_000_000  # bytes of all that is packed in it
MOST_PARTS = 100
MOST_ROWS, MOST_COLUMNS = 400, 60
SHEET = "criteria"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_WIDE = {"section_name_vi": 28, "text_vi": 60, "text_en": 50, "guidance_vi": 40, "options": 40, "thresholds": 18}


def written(sections: list[Content]) -> bytes:
    """A workbook with the criteria on its first sheet and what the columns mean on its second."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"created": LONG_AGO})  # a file tells nobody when it was made
        bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(SHEET)
        sheet.freeze_panes(1, 4)
        for place, name in enumerate(NAMES):
            sheet.set_column(place, place, _WIDE.get(name, 12), wrap)
            sheet.write_string(0, place, name, bold)
        for number, row in enumerate(table.rows_of(sections), start=1):
            for place, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, place, value, wrap)
                elif value is not None:
                    sheet.write_number(number, place, float(value), wrap)  # type: ignore[arg-type]  # a Decimal
        meaning = book.add_worksheet(_("columns"))
        meaning.set_column(0, 0, 20)
        meaning.set_column(1, 2, 60)
        for number, column in enumerate(COLUMNS):
            meaning.write_string(number, 0, column.name, bold)
            meaning.write_string(number, 1, str(column.says))
            meaning.write_string(number, 2, ", ".join(column.choices))
    return out.getvalue()


def read(
    file: UploadedFile, themes: list[str], stem: str, known: Mapping[str, str | None] | None = None
) -> list[Content]:
    """The sections that a file says; `known` as in `table.read`. Raises Faulty with the place of each fault."""
    if (file.size or 0) > LARGEST:
        raise Faulty([Fault(0, "", _("The file is larger than 2 MB. A checklist has some kilobytes."))])
    _refuse_bombs(file)
    try:
        book = load_workbook(file, read_only=True, keep_links=False, keep_vba=False)
    except Exception as broken:  # whatever a broken file does to the parser: it is broken
        raise Faulty([Fault(0, "", _("The file cannot be read. Save it as .xlsx and choose it again."))]) from broken
    try:
        return _read(book, themes, stem, known)
    except Faulty:
        raise
    except Exception as broken:
        raise Faulty([Fault(0, "", _("The file cannot be read. Save it as .xlsx and choose it again."))]) from broken
    finally:
        book.close()


def _refuse_bombs(file: UploadedFile) -> None:
    says = _("This is no Excel file (.xlsx). Save it as .xlsx and choose it again.")
    try:
        with zipfile.ZipFile(file) as parts:
            inside = parts.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as broken:
        raise Faulty([Fault(0, "", says)]) from broken
    if "[Content_Types].xml" not in {part.filename for part in inside}:
        raise Faulty([Fault(0, "", says)])
    if len(inside) > MOST_PARTS or sum(part.file_size for part in inside) > LARGEST_INSIDE:
        raise Faulty([Fault(0, "", _("There is far more in the file than a checklist. Copy the table to a new file."))])
    file.seek(0)


def _read(book: Any, themes: list[str], stem: str, known: Mapping[str, str | None] | None) -> list[Content]:
    sheet = book[SHEET] if SHEET in book.sheetnames else book.worksheets[0]
    sheet.reset_dimensions()  # a file may claim any
    rows = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS)
    faults: list[Fault] = []
    headings: dict[int, str] = {}
    for place, cell in enumerate(next(rows, ())):
        name = str(cell.value or "").strip().casefold()
        if name in NAMES:
            if name in headings.values():
                faults.append(Fault(1, name, _("This column stands in the table twice.")))
            headings[place] = name

    def cells() -> Iterator[tuple[int, dict[int, str | Decimal]]]:
        for number, row in enumerate(rows, start=2):
            if number > MOST_ROWS + 1 and any(cell.value is not None for cell in row):
                faults.append(Fault(number, "", _("There are more than %(rows)d rows.") % {"rows": MOST_ROWS}))
                return
            found: dict[int, str | Decimal] = {}
            for place, cell in enumerate(row):
                if place in headings and cell.value is not None:
                    if cell.data_type == "f":
                        faults.append(Fault(number, headings[place], _("This is a formula. Paste its value instead.")))
                    elif cell.data_type == "e":
                        faults.append(Fault(number, headings[place], _("This cell shows an error of Excel.")))
                    else:
                        found[place] = _plain(cell.value)
            yield number, found

    try:
        sections = table.read(headings, cells(), themes, stem, known)
    except Faulty as faulty:
        told = {(fault.row, fault.column) for fault in faults}  # such a cell came as an empty one: it is told once
        more = [fault for fault in faulty.faults if (fault.row, fault.column) not in told]
        raise Faulty(sorted((*faults, *more), key=lambda fault: fault.row)) from None
    if faults:
        raise Faulty(faults)
    return sections


def _plain(value: object) -> str | Decimal:
    """A cell as it was meant: a weight of 4 comes as 4.0, and a truth as True. Numbers stay numbers."""
    if isinstance(value, float):
        return Decimal(int(value)) if value.is_integer() else Decimal(repr(value))
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else str(value)
