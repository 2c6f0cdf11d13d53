"""CSV as Excel set to Vietnamese opens it: semicolons, a byte order mark, and no text that it takes for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

BYTE_ORDER_MARK = "\ufeff"
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")  # at the start of a cell a spreadsheet takes these for a formula


class Figure(str):
    """A number as written, which may begin with a minus: a sign here and no formula."""


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """The rows of a file. Texts that would be taken for a formula get an apostrophe before them; None is empty."""
    out = io.StringIO()
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for row in rows:
        writer.writerow([csv_cell(value) for value in row])
    return out.getvalue()


def csv_cell(value: object) -> str:
    """A value as a cell says it, harmless."""
    if value is None:
        return ""
    written = str(value)
    if isinstance(value, int | Figure):
        return written
    return f"'{written}" if written.startswith(DANGEROUS) else written
