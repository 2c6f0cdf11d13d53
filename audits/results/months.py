"""Calendar months and the spans that pages speak of. A month is its first day. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from audits.fieldwork.planning.schedule import months_apart


def month_of(day: date) -> date:
    """The first day of the month that `day` lies in."""
    return day.replace(day=1)


def parse(text: str) -> date:
    """The month written as 2026-10, of this century. Raises ValueError for anything else."""
    if not re.fullmatch(r"20[0-9]{2}-[0-9]{2}", text):
        raise ValueError(text)
    return date.fromisoformat(f"{text}-01")


def written(month: date) -> str:
    """A month as addresses and commands name it: 2026-10."""
    return f"{month:%Y-%m}"


def last_day(month: date) -> date:
    return later(month, 1) - timedelta(days=1)


def later(month: date, by: int) -> date:
    """The month `by` months after `month`; before it when `by` is negative."""
    return months_apart(month, by)


class SpanKind(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"  # of the calendar
    THREE = "3-months"  # up to one of them
    TWELVE = "12-months"
    YEAR = "year"  # of the calendar


@dataclass(frozen=True, slots=True)
class Span:
    """Months from `first` to `last`, both of them in it. What is of the calendar may be cut short by the last month."""

    kind: SpanKind
    first: date
    last: date

    @property
    def months(self) -> tuple[date, ...]:
        return tuple(self)

    @property
    def is_whole(self) -> bool:
        return later(self.first, LENGTH[self.kind] - 1) == self.last

    def __iter__(self) -> Iterator[date]:
        month = self.first
        while month <= self.last:
            yield month
            month = later(month, 1)

    def before(self) -> "Span":
        """The whole span just before this one."""
        return Span(self.kind, later(self.first, -LENGTH[self.kind]), later(self.first, -1))


LENGTH = {SpanKind.MONTH: 1, SpanKind.QUARTER: 3, SpanKind.THREE: 3, SpanKind.TWELVE: 12, SpanKind.YEAR: 12}


def span(kind: SpanKind, month: date) -> Span:
    """The span of this kind that ends with `month`; of a quarter or a year of the calendar, its months up to then."""
    if kind in (SpanKind.QUARTER, SpanKind.YEAR):
        length = LENGTH[kind]
        return Span(kind, month.replace(month=length * ((month.month - 1) // length) + 1), month)
    return Span(kind, later(month, 1 - LENGTH[kind]), month)
