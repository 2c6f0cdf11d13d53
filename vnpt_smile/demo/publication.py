"""The months that are over, closed one after the other as the office would have, and one figure corrected since."""

from datetime import date, timedelta

from audits.models import Answer, PublishedVisit
from audits.results import actions as results
from audits.results import closing, months
from outlets.models import User
from vnpt_smile.demo import shown
from vnpt_smile.demo.dates import is_served, local

CLOSES_ON = 5  # the day of the next month from which the office closes, if it is a working day


def close_months(*, today: date, by: User) -> None:
    """Closes every month that the office would have closed by now; corrects a visit of the latest but one."""
    closed: list[date] = []
    while (month := closing.next_month()) and (day := _closing_day(month)) < today:
        shown.mark(month=month, by=by)
        results.close_month(month=month, by=by, at=local(day, 10))
        closed.append(month)
    if len(closed) > 1:
        _correct(month=closed[-2], day=min(today, _closing_day(closed[-1]) + timedelta(days=4)), by=by)


def _closing_day(month: date) -> date:
    day = months.later(month, 1).replace(day=CLOSES_ON)
    while not is_served(day):
        day += timedelta(days=1)
    return day


def _correct(*, month: date, day: date, by: User) -> None:
    """A “no” that the photo refutes: the answer stays, the figure moves."""
    doubted = (
        Answer.objects.filter(
            visit__in=PublishedVisit.objects.filter(block__period__month=month).values("pk"),
            criterion__code="TQ-A2",
            value="no",
        )
        .select_related("visit")
        .order_by("pk")
        .first()
    )
    if doubted is not None:
        results.correct(
            visit=doubted.visit,
            values={"TQ-A2": results.CorrectedValue("yes")},
            reason="Ảnh chụp cho thấy bảng thông tin có đủ tên điểm, địa chỉ và số điện thoại.",
            by=by,
            at=local(day, 14),
        )
