"""Dates as Vietnamese documents write them, and the ends of a month. Pure: no clock."""

import calendar
from datetime import date


def document_date(day: date) -> str:
    """The date of an official document (Decree 30/2020): `ngày 05 tháng 02 năm 2026`, `ngày 05 tháng 3 năm 2026`.

    Days below 10 and the months 1 and 2 take a leading zero, the other months do not. Always Vietnamese.
    """
    month = f"{day.month:02}" if day.month <= 2 else f"{day.month}"
    return f"ngày {day.day:02} tháng {month} năm {day.year}"


def month_bounds(day: date) -> tuple[date, date]:
    """The first and the last day of the month of `day`, both belonging to it."""
    return day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])
