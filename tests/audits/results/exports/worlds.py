"""Two published months of three outlets, and one outlet that waits; then the office moves to the other province."""

from datetime import date, timedelta

from outlets.organisation import actions as organisation
from tests import published

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


def publish(at, people):
    """Unlike visits in both months, so that every unit has another figure, and a change. Few visits, and many."""
    for month, shift in ((SEPTEMBER, 0), (OCTOBER, 1)):
        for number, outlet in enumerate((at.counter, at.far_counter)):
            for turn in range(3 if number else 10):
                shopper = people.shopper2 if turn % 3 == 2 else people.shopper
                answers = ("yy", "ny", "yn", "nn")[(turn * (number + 1) + shift) % 4]
                published.approved(outlet, shopper, month + timedelta(days=turn), answers)
        published.approved(at.other_counter, people.shopper, month + timedelta(days=20), "nn")
        published.closed(month)


def move(at):
    moment = published.moment(date(2026, 11, 3))
    organisation.move(unit=at.long_xuyen, parent=at.ha_noi, effective_on=date(2026, 11, 2), by=None, at=moment)
