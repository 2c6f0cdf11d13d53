"""Days as the demo's history needs them: months back, the lunar new year, working days. Pure."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from audits.fieldwork.planning.schedule import months_apart

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
# First day of the lunar year. Outside the list the season is not played.
TET = tuple(
    date.fromisoformat(day)
    for day in (
        "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13", "2030-02-03",
        "2031-01-23", "2032-02-11", "2033-01-31", "2034-02-19", "2035-02-08",
    )
)  # fmt: skip


def local(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """That moment in Vietnam."""
    return datetime.combine(day, time(hour, minute), LOCAL)


def month_before(day: date, number: int) -> date:
    """The first day of the month that lies `number` months before that of `day`; later when negative."""
    return months_apart(day.replace(day=1), -number)


def month_end(first: date) -> date:
    """The last day of the month that begins on `first`."""
    return months_apart(first, 1) - timedelta(days=1)


def season(day: date) -> float:
    """How much the rush before the lunar new year, and the days after it, take from the service: 0 to 0.09."""
    days = min((abs((day - tet).days), (day - tet).days) for tet in TET)[1]
    if -30 <= days < -10:
        return 0.06
    return 0.09 if -10 <= days <= 8 else 0.0


def is_served(day: date) -> bool:
    """Whether outlets are open: not on Sundays, nor in the days of the lunar new year, nor on fixed holidays."""
    if day.weekday() == 6 or (day.month, day.day) in ((1, 1), (4, 30), (5, 1), (9, 2)):
        return False
    return not any(-2 <= (day - tet).days <= 4 for tet in TET)


def served_between(first: date, last: date) -> list[date]:
    """The days of that span on which outlets are open; all of them where none is."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [day for day in days if is_served(day)] or days
