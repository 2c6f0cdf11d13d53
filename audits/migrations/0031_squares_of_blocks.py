"""Squares of blocks' means in place of squares of visits, and a usual spread of three blocks or more (decision 0019).

An outlet's row of a month is one block, so its sum gives its square; a unit's rows are the sums of those of the outlets
below it, as organised on the month's last day. A usual spread that came with fewer new blocks gives way to the one
before. Backwards squares of totals come from the published visits again; those of sections and themes, which nothing
reads, and the spreads stay as they are.
"""

from collections import Counter

from django.db import migrations
from django.db.models import Count

SPREAD_BLOCKS = 3

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


def of_blocks(apps, schema_editor):
    _write(apps, schema_editor, OF_BLOCKS)
    blocks = apps.get_model('audits', 'Block').objects.order_by()
    counted = blocks.values_list('checklist_id', 'period_id').annotate(Count('pk')).order_by('period__month')
    waiting: Counter[int] = Counter()
    told = {}
    rows = {(row.checklist_id, row.period_id): row for row in apps.get_model('audits', 'PeriodChecklist').objects.all()}
    for checklist, period, number in counted:
        waiting[checklist] += number
        row = rows[checklist, period]
        if waiting[checklist] >= SPREAD_BLOCKS:
            waiting[checklist], told[checklist] = 0, (row.variance, row.degrees, row.between)
        row.variance, row.degrees, row.between = told.get(checklist, (None, 0, None))
        row.save(update_fields=['variance', 'degrees', 'between'])


def of_visits(apps, schema_editor):
    _write(apps, schema_editor, OF_VISITS)


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
