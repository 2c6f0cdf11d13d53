"""The four questions of a scorecard asked of the answers themselves: how good, is it a change, where lost, what now.

All of the whole group and of a checklist, in SQL as plain as can be. What the published figures say must be the same,
or the comparison would be of something else.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction

from audits.results import closing, months
from audits.results.models import Period, UnitScore
from audits.results.tallies import Kind

# The percentage of every visit, from what its answers lost: answers are joined to their visit and its month.
_VISITS = """
    SELECT v.id, v.outlet_id, p.month, 1000000 - SUM(a.lost) AS percent
    FROM audits_answer a
    JOIN audits_visit v ON v.id = a.visit_id
    JOIN audits_publishedvisit pv ON pv.visit_id = v.id
    JOIN audits_block b ON b.id = pv.block_id
    JOIN audits_period p ON p.id = b.period_id
    WHERE b.checklist_id = %s AND p.month BETWEEN %s AND %s
    GROUP BY v.id, v.outlet_id, p.month
"""
# S608: the texts are those of this module.
MONTHLY = (
    f"SELECT month, COUNT(*), SUM(percent), SUM(percent * percent) FROM ({_VISITS}) AS each "  # noqa: S608
    "GROUP BY month ORDER BY month"
)
CRITERIA = """
    SELECT c.code, COUNT(a.result), SUM(a.result), SUM(a.lost)
    FROM audits_answer a
    JOIN audits_criterion c ON c.id = a.criterion_id
    JOIN audits_publishedvisit pv ON pv.visit_id = a.visit_id
    JOIN audits_block b ON b.id = pv.block_id
    JOIN audits_period p ON p.id = b.period_id
    WHERE b.checklist_id = %s AND p.month BETWEEN %s AND %s
    GROUP BY c.code ORDER BY c.code
"""
CHILDREN = (
    f"SELECT l.ancestor_id, COUNT(*), SUM(percent), SUM(percent * percent) FROM ({_VISITS}) AS each "  # noqa: S608
    "JOIN outlets_unitclosure l ON l.descendant_id = each.outlet_id "
    "JOIN outlets_unitparent up ON up.unit_id = l.ancestor_id AND up.valid_to IS NULL "
    "WHERE up.parent_id = %s GROUP BY l.ancestor_id ORDER BY l.ancestor_id"
)


@dataclass(frozen=True)
class Asked:
    """What is asked: of the group's key and a checklist's, over a year of months up to `last`."""

    top_id: int
    checklist_id: int
    last: date

    @property
    def year(self) -> tuple[str, str]:
        return self._months(11, 0)

    @property
    def year_before(self) -> tuple[str, str]:
        return self._months(23, 12)

    def _months(self, first: int, last: int) -> tuple[str, str]:
        """From so many months back to so many, as both databases write days."""
        return months.later(self.last, -first).isoformat(), months.later(self.last, -last).isoformat()


def ask(asked: Asked) -> dict[str, list[tuple[Any, ...]]]:
    """All four, from the answers. Four queries."""
    with transaction.atomic(), connection.cursor() as cursor:
        closing.take_time()

        def rows(sql: str, *given: int | str) -> list[tuple[Any, ...]]:
            cursor.execute(sql, [asked.checklist_id, *given])
            return [tuple(row) for row in cursor.fetchall()]

        return {
            "how good": rows(MONTHLY, *asked.year),
            "a change": rows(MONTHLY, *asked.year_before),
            "where lost": rows(CRITERIA, *asked.year),
            "what now": rows(CHILDREN, *asked.year, asked.top_id),
        }


def published(asked: Asked) -> list[tuple[int, int]]:
    """What the group's own rows say to the first question: visits and sum, by month. One query."""
    rows = UnitScore.objects.filter(
        unit=asked.top_id,
        checklist=asked.checklist_id,
        kind=Kind.TOTAL,
        period__month__range=asked.year,
    )
    return list(rows.order_by("period__month").values_list("visits", "total"))


def check(asked: Asked, found: dict[str, list[tuple[Any, ...]]]) -> None:
    """Raises RuntimeError unless the answers say what the published figures say."""
    told = [tuple(map(int, row[1:3])) for row in found["how good"]]
    if told != published(asked) or not told:
        raise RuntimeError("the answers and the published figures differ: the comparison would be of something else")


def of_last_year(top_id: int, checklist_id: int) -> Asked:
    return Asked(top_id, checklist_id, Period.objects.latest("month").month)
