"""Dates of documents and months."""

from datetime import date

import pytest

from outlets.dates import document_date, month_bounds

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2026, 2, 5), "ngày 05 tháng 02 năm 2026"),
        (date(2026, 3, 5), "ngày 05 tháng 3 năm 2026"),
        (date(2025, 1, 31), "ngày 31 tháng 01 năm 2025"),
        (date(2025, 12, 10), "ngày 10 tháng 12 năm 2025"),
    ],
)
def test_document_date_pads_days_below_ten_and_the_first_two_months(day: date, written: str) -> None:
    assert document_date(day) == written


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2026, 2, 28), date(2026, 2, 1), date(2026, 2, 28)),
        (date(2028, 2, 1), date(2028, 2, 1), date(2028, 2, 29)),
        (date(2026, 4, 17), date(2026, 4, 1), date(2026, 4, 30)),
        (date(9999, 12, 31), date(9999, 12, 1), date(9999, 12, 31)),
    ],
)
def test_month_bounds_are_its_first_and_last_day(day: date, first: date, last: date) -> None:
    assert month_bounds(day) == (first, last)
