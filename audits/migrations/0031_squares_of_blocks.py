"""Squares of blocks' means in place of squares of visits, and the usual spread from those (decision 0019).

An outlet's row of a month is one block, so its sum gives its square; a unit's rows are the sums of those of the outlets
below it, as organised on the month's last day. Backwards squares of totals come from the published visits again. Those
of sections and themes become the most that their sums allow, which no page reads but a correction adds to; the spreads
stay as they are.
"""

from datetime import date
from fractions import Fraction

from django.db import migrations
from django.db.models import Sum

# As in audits.results.closing and audits.results.statistics.
SPREAD_MONTHS = 12
LEAST_DEGREES = 9
LEAST = 10_000**2

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
    for row in apps.get_model('audits', 'PeriodChecklist').objects.select_related('period'):
        row.variance, row.degrees, row.between = _spread(apps, row.checklist_id, row.period.month)
        row.save(update_fields=['variance', 'degrees', 'between'])


def _spread(apps, checklist, month):
    """The variance within outlets with its degrees, and that between them, from the blocks of twelve months."""
    months = month.year * 12 + month.month - SPREAD_MONTHS
    rows = apps.get_model('audits', 'UnitScore').objects.filter(
        checklist=checklist,
        kind='t',
        unit__in=apps.get_model('outlets', 'Outlet').objects.values('pk'),
        period__month__gte=date(months // 12, months % 12 + 1, 1),
        period__month__lte=month,
    )
    summed = rows.order_by().values('unit').annotate(
        n=Sum('visits'), sum_total=Sum('total'), sum_squares=Sum('squares'), blocks=Sum('outlets')
    )
    outlets = [each for each in summed if each['n']]
    several = [each for each in outlets if each['blocks'] > 1]
    degrees = sum(each['blocks'] - 1 for each in several)
    if degrees < LEAST_DEGREES:
        return None, 0, None
    deviations = (each['sum_squares'] - Fraction(each['sum_total'] ** 2, each['n']) - each['blocks'] for each in several)
    variance = max(sum((max(Fraction(0), each) for each in deviations), Fraction(0)) / degrees, Fraction(LEAST))
    if len(outlets) < 2:
        return round(variance), degrees, None
    n = sum(each['n'] for each in outlets)
    whole = Fraction(sum(each['sum_total'] for each in outlets) ** 2, n)
    squares = sum((Fraction(each['sum_total'] ** 2, each['n']) for each in outlets), Fraction(0))
    mean_square = (squares - whole) / (len(outlets) - 1)
    usual = (n - Fraction(sum(each['n'] ** 2 for each in outlets), n)) / (len(outlets) - 1)
    return round(variance), degrees, round(max(Fraction(0), (mean_square - variance) / usual))


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
