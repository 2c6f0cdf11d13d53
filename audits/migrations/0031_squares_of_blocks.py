"""Squares of blocks' means in place of squares of visits, and a usual spread of new blocks in steps (decision 0019).

An outlet's row of a month is one block, so its sum gives its square; a unit's rows are the sums of those of the outlets
below it, as organised on the month's last day. A usual spread that came with fewer new blocks gives way to the one
before. Backwards squares of totals come from the published visits again. Those of sections and themes become the most
that their sums allow, which no page reads but a correction adds to; the spreads stay as they are.
"""

from collections import defaultdict
from datetime import date
from fractions import Fraction
from math import isqrt

from django.db import migrations
from django.db.models import Count, Sum

# As in audits.results.blocks and audits.results.statistics.
SPREAD_MONTHS = 12
SPREAD_BLOCKS = 9
STEP = 2500

OF_BLOCKS = """
    UPDATE audits_unitscore SET squares = (total * total + visits - 1) / visits
    WHERE period_id = %s AND visits > 0 AND unit_id IN (SELECT unit_id FROM outlets_outlet)
"""
OF_VISITS = """
    UPDATE audits_unitscore SET squares = (
        SELECT SUM(CAST(p.percent AS bigint) * p.percent)
        FROM audits_publishedvisit p JOIN audits_block b ON b.id = p.block_id
        WHERE b.period_id = audits_unitscore.period_id AND b.outlet_id = audits_unitscore.unit_id
        AND b.checklist_id = audits_unitscore.checklist_id
    )
    WHERE period_id = %s AND visits > 0 AND kind = 't' AND unit_id IN (SELECT unit_id FROM outlets_outlet)
"""
ABOVE = """
    WITH RECURSIVE line (outlet_id, unit_id) AS (
        SELECT pu.unit_id, pu.parent_id FROM audits_periodunit pu JOIN outlets_outlet o ON o.unit_id = pu.unit_id
        WHERE pu.period_id = %s AND pu.parent_id IS NOT NULL
        UNION ALL
        SELECT line.outlet_id, pu.parent_id FROM line JOIN audits_periodunit pu ON pu.unit_id = line.unit_id
        WHERE pu.period_id = %s AND pu.parent_id IS NOT NULL
    ), sums AS (
        SELECT line.unit_id, s.kind, s.checklist_id, s.code, SUM(s.squares) AS squares
        FROM line JOIN audits_unitscore s ON s.unit_id = line.outlet_id
        WHERE s.period_id = %s AND s.kind IN ('t', 's', 'h')
        GROUP BY line.unit_id, s.kind, s.checklist_id, s.code
    )
    UPDATE audits_unitscore SET squares = sums.squares FROM sums
    WHERE audits_unitscore.period_id = %s AND audits_unitscore.kind = sums.kind
    AND audits_unitscore.unit_id = sums.unit_id AND audits_unitscore.checklist_id = sums.checklist_id
    AND audits_unitscore.code = sums.code
"""


MOST = "UPDATE audits_unitscore SET squares = 1000000 * total WHERE period_id = %s AND kind IN ('s', 'h')"


def of_blocks(apps, schema_editor):
    _write(apps, schema_editor, OF_BLOCKS)
    blocks = apps.get_model('audits', 'Block').objects.order_by()
    counted = blocks.values_list('checklist_id', 'period_id', 'period__month').annotate(Count('pk'))
    rows = {(row.checklist_id, row.period_id): row for row in apps.get_model('audits', 'PeriodChecklist').objects.all()}
    new: dict[int, list[tuple[date, int]]] = defaultdict(list)
    told = {}
    for checklist, period, month, number in counted.order_by('period__month'):
        row = rows[checklist, period]
        new[checklist] = [each for each in new[checklist] if each[0] >= _first(month)] + [(month, number)]
        if sum(each for _month, each in new[checklist]) >= SPREAD_BLOCKS:
            new[checklist], told[checklist] = [], _in_steps(apps, row, month)
        row.variance, row.degrees, row.between = told.get(checklist, (None, 0, None))
        row.save(update_fields=['variance', 'degrees', 'between'])


def _first(month):
    """The first month that a usual spread of `month` rests on."""
    months = month.year * 12 + month.month - SPREAD_MONTHS
    return date(months // 12, months % 12 + 1, 1)


def _in_steps(apps, row, month):
    if row.variance is None:
        return None, 0, None
    root = isqrt(max(0, row.variance - 1)) + 1
    variance = (-(-root // STEP) * STEP) ** 2
    between = row.between
    if between:
        between = max(0, between - round((variance - row.variance) / _usual_visits(apps, row.checklist_id, month)))
    return variance, row.degrees, between


def _usual_visits(apps, checklist, month):
    """n0 of the analysis of variance that gave `between`: (N - sum of n^2 / N) / (k - 1), of outlets over a year."""
    figures = apps.get_model('audits', 'UnitScore').objects.filter(
        checklist=checklist,
        kind='t',
        unit__in=apps.get_model('outlets', 'Outlet').objects.values('pk'),
        period__month__gte=_first(month),
        period__month__lte=month,
    )
    each = figures.order_by().values('unit').annotate(n=Sum('visits')).filter(n__gt=0).values_list('n', flat=True)
    visits = list(each)
    whole = sum(visits)
    return (whole - Fraction(sum(n * n for n in visits), whole)) / (len(visits) - 1)


def of_visits(apps, schema_editor):
    _write(apps, schema_editor, OF_VISITS)
    for period in apps.get_model('audits', 'Period').objects.values_list('pk', flat=True):
        schema_editor.execute(MOST, [period])


def _write(apps, schema_editor, of_outlets):
    for period in apps.get_model('audits', 'Period').objects.order_by('month').values_list('pk', flat=True):
        schema_editor.execute(of_outlets, [period])
        schema_editor.execute(ABOVE, [period] * 4)


class Migration(migrations.Migration):

    dependencies = [
        ('audits', '0030_narrow_figures'),
    ]

    operations = [
        migrations.RunPython(of_blocks, of_visits),
    ]
