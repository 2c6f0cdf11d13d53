"""Worlds whose scorecards are computed by hand."""

from datetime import date, timedelta

from audits.results import months, scorecard
from audits.results.months import SpanKind
from outlets.models import Unit
from tests import published

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
MONTHS = [months.later(OCTOBER, -number) for number in (3, 2, 1, 0)]
USUAL = ("yy", "ny", "yn")
APART, NEAR = ("yy", "nn", "yy"), ("yn", "ny", "yy")  # alike in every criterion and in their sum


def block(outlet, people, month, *answers):
    """Visits on following days; the last one is the second shopper's."""
    for number, each in enumerate(answers):
        shopper = people.shopper2 if number == len(answers) - 1 else people.shopper
        published.approved(outlet, shopper, month + timedelta(days=4 + number), each)


def two_months(at, people):
    """September: 75 three times. October: 100, 75, 25 at the first counter; 100, 100, 0 far away."""
    block(at.counter, people, SEPTEMBER, "ny", "ny", "ny")
    published.closed(SEPTEMBER)
    block(at.counter, people, OCTOBER, "yy", "ny", "yn")
    block(at.far_counter, people, OCTOBER, "yy", "yy", "nn")
    published.closed(OCTOBER)


def read(unit, kind=SpanKind.MONTH, month=OCTOBER, **options):
    return scorecard.read(unit, month, kind=kind, top=Unit.objects.get(code="VNPT"), **options)
