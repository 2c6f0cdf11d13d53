"""Many rows into one table as they come, without model instances: COPY on PostgreSQL, executemany on SQLite.

For tables whose keys nobody needs afterwards, or whose keys have been taken with `reserve`.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection, models

PIECE = 1 << 16  # bytes that go to PostgreSQL at a time
TOGETHER = 64  # rows that are written out at a time
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Inserts `rows`, each with a value for every one of `columns` (`_id` for foreign keys), as they are read.

    A column that is not named has its field's default. Texts go in as they are: JSON comes as its text, and a time
    may come as `stored` wrote it. Raises KeyError for an unknown name, ValueError for a default that differs by row.
    """
    fields = {field.attname: field for field in model._meta.concrete_fields}
    rest = [field for name, field in fields.items() if name not in columns and not field.primary_key]
    if varying := [field.attname for field in rest if field.has_default() and callable(field.default)]:
        raise ValueError(f"{model.__name__}: {', '.join(varying)} must be given")
    names = [fields[name].column for name in columns] + [field.column for field in rest]
    defaults = tuple(field.get_default() for field in rest)
    table = connection.ops.quote_name(model._meta.db_table)
    into = f"{table} ({', '.join(connection.ops.quote_name(str(name)) for name in names)})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.copy_expert(f"COPY {into} FROM STDIN", _Lines(rows, defaults), PIECE)
        else:
            places = ", ".join(["%s"] * len(names))
            plain = ([stored(value) for value in (*row, *defaults)] for row in rows)
            cursor.executemany(f"INSERT INTO {into} VALUES ({places})", plain)  # type: ignore[arg-type]  # noqa: S608


def reserve(model: type[models.Model], number: int) -> Sequence[int]:
    """So many keys of `model` that nobody else will be given, in order. One query."""
    table, key = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)", [table, key, number]
            )
            return [found for (found,) in cursor.fetchall()]
        # A transaction that writes is alone on SQLite, so the next keys stay the next ones.
        cursor.execute(f"SELECT COALESCE(MAX({key}), 0) FROM {table}")  # noqa: S608 - names from the models
        first = cursor.fetchone()[0] + 1
        return range(first, first + number)


def stored(value: Any) -> Any:
    """A value as the database in use takes it from `insert`."""
    if value is None or type(value) in (str, int):
        return value
    if isinstance(value, datetime):
        return str(connection.ops.adapt_datetimefield_value(value))
    if isinstance(value, date | Decimal):
        return str(value)
    if isinstance(value, UUID):
        return str(value) if connection.features.has_native_uuid_field else value.hex
    return str(value) if isinstance(value, str) else value  # a choice is a text of its own class


class _Lines(io.RawIOBase):
    """Rows as the text that COPY reads."""

    def __init__(self, rows: Iterable[Sequence[Any]], defaults: tuple[Any, ...]) -> None:
        tail = "".join(f"\t{_written(value)}" for value in defaults) + "\n"
        self._lines: Iterator[str] = (_line(row) + tail for row in rows)
        self._left = b""

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._left) < size:
            some = "".join(islice(self._lines, TOGETHER))
            if not some:
                break
            self._left += some.encode()
        if size < 0:
            size = len(self._left)
        piece, self._left = self._left[:size], self._left[size:]
        return piece


def _line(row: Sequence[Any]) -> str:
    # Most values are numbers, or texts that hold nothing to be escaped: the quickest way for those.
    return "\t".join(
        [
            str(value)
            if type(value) is int
            else value
            if type(value) is str and "\\" not in value and value.isprintable()
            else _written(value)
            for value in row
        ]
    )


def _written(value: Any) -> str:
    if value is None:
        return "\\N"
    return str(stored(value)).translate(_ESCAPES)
