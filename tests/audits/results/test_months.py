"""Months and spans."""

from datetime import date

import pytest

from audits.results import months
from audits.results.months import Span, SpanKind

pytestmark = pytest.mark.once

JANUARY, NOVEMBER = date(2026, 1, 1), date(2026, 11, 1)


@pytest.mark.parametrize(
    ("by", "expected"),
    [(0, JANUARY), (1, date(2026, 2, 1)), (-1, date(2025, 12, 1)), (12, date(2027, 1, 1)), (-13, date(2024, 12, 1))],
)
def test_months_later_and_earlier(by, expected):
    assert months.later(JANUARY, by) == expected


@pytest.mark.parametrize(
    ("month", "expected"), [(date(2028, 2, 1), date(2028, 2, 29)), (date(2026, 12, 1), date(2026, 12, 31))]
)
def test_the_last_day_of_a_month(month, expected):
    assert months.last_day(month) == expected


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-1", "2026-10-05", "٢٠٢٦-١٠", "10/2026"])
def test_what_is_no_month_is_refused(text):
    with pytest.raises(ValueError):
        months.parse(text)


def test_a_month_is_read_as_it_is_written():
    assert months.parse(months.written(NOVEMBER)) == NOVEMBER


def test_a_quarter_is_of_the_calendar_and_may_be_cut_short():
    quarter = months.span(SpanKind.QUARTER, NOVEMBER)
    assert (quarter.months, quarter.is_whole) == ((date(2026, 10, 1), NOVEMBER), False)
    assert quarter.before() == Span(SpanKind.QUARTER, date(2026, 7, 1), date(2026, 9, 1))


@pytest.mark.parametrize(("kind", "first"), [(SpanKind.THREE, date(2026, 9, 1)), (SpanKind.TWELVE, date(2025, 12, 1))])
def test_so_many_months_up_to_one_are_always_whole_and_follow_upon_as_many(kind, first):
    span = months.span(kind, NOVEMBER)
    assert (span.first, span.last, span.is_whole) == (first, NOVEMBER, True)
    assert (len(span.before().months), span.before().last) == (len(span.months), months.later(first, -1))


def test_a_year_is_of_the_calendar_and_may_be_cut_short():
    year = months.span(SpanKind.YEAR, NOVEMBER)
    assert (year.first, year.last, year.is_whole) == (JANUARY, NOVEMBER, False)
    assert months.span(SpanKind.YEAR, date(2026, 12, 1)).is_whole
    assert year.before() == Span(SpanKind.YEAR, date(2025, 1, 1), date(2025, 12, 1))
