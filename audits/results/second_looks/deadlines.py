"""Until when a unit may ask for a second look at what a month published."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from audits.results.models import Period


def until(period: Period) -> date:
    """The last day: so many days after that of the closing."""
    return timezone.localdate(period.closed_at) + timedelta(days=settings.SECOND_LOOK_DAYS)


def is_open(period: Period, at: datetime) -> bool:
    return timezone.localdate(at) <= until(period)


def open_periods(at: datetime) -> QuerySet[Period]:
    """The months about which may still be asked. One query when read."""
    first = timezone.localdate(at) - timedelta(days=settings.SECOND_LOOK_DAYS)
    midnight = timezone.make_aware(datetime.combine(first, datetime.min.time()))
    return Period.objects.filter(closed_at__gte=midnight).order_by("-month")
