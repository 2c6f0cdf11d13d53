"""The tables of figures with the key that finds them instead of one that nothing asks for, and without padding.

A primary key of several columns cannot be given to a table that has another: new tables take the rows over, in the
order of their keys, and the old ones go. Both are there meanwhile. Backwards the same, with new surrogate keys.
"""

import django.db.models.deletion
from django.db import migrations, models

import audits.results.models

FIGURE = 'period_id, unit_id, checklist_id, code, visits, unscored, outlets, total, squares, critical_failures'
CRITERION = 'period_id, unit_id, checklist_id, code, met, partly, not_met, not_applicable, results, lost'
LETTERS = {'total': 't', 'section': 's', 'theme': 'h'}


def narrow(apps, schema_editor):
    """New rows from the old, with a letter for a word."""
    cases = ' '.join(f"WHEN '{word}' THEN '{letter}'" for word, letter in LETTERS.items())
    _copy(schema_editor, 'unitscore', 'newunitscore', FIGURE, f'CASE kind {cases} END', 'period_id, 1, unit_id, checklist_id, code')
    _copy(schema_editor, 'unitcriterionscore', 'newunitcriterionscore', CRITERION, None, 'period_id, unit_id, checklist_id, code')


def widen(apps, schema_editor):
    """Old rows from the new."""
    cases = ' '.join(f"WHEN '{letter}' THEN '{word}'" for word, letter in LETTERS.items())
    _copy(schema_editor, 'newunitscore', 'unitscore', FIGURE, f'CASE kind {cases} END', 'period_id')
    _copy(schema_editor, 'newunitcriterionscore', 'unitcriterionscore', CRITERION, None, 'period_id')


def _copy(schema_editor, old, new, columns, kind, order):
    into, of = (f'kind, {columns}', f'{kind}, {columns}') if kind else (columns, columns)
    schema_editor.execute(
        f'INSERT INTO audits_{new} ({into}) SELECT {of} FROM audits_{old} ORDER BY {order}',  # noqa: S608 - our names
        params=None,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('audits', '0029_fewer_indexes'),
        ('outlets', '0005_token'),
    ]

    operations = [
        migrations.CreateModel(
            name='NewUnitScore',
            fields=[
                ('pk', models.CompositePrimaryKey('period', 'kind', 'unit', 'checklist', 'code', blank=True, editable=False, primary_key=True, serialize=False)),
                ('total', models.BigIntegerField()),
                ('squares', models.BigIntegerField()),
                ('unit', audits.results.models.NarrowKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='outlets.unit')),
                ('period', audits.results.models.NarrowKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='audits.period')),
                ('checklist', audits.results.models.NarrowKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audits.checklist')),
                ('visits', models.PositiveIntegerField()),
                ('unscored', models.PositiveIntegerField(default=0)),
                ('outlets', models.PositiveIntegerField()),
                ('critical_failures', models.PositiveIntegerField(default=0)),
                ('kind', models.CharField(choices=[('t', 'TOTAL'), ('s', 'SECTION'), ('h', 'THEME')], max_length=1)),
                ('code', models.CharField(blank=True, max_length=20)),
            ],
        ),
        migrations.CreateModel(
            name='NewUnitCriterionScore',
            fields=[
                ('pk', models.CompositePrimaryKey('period', 'unit', 'checklist', 'code', blank=True, editable=False, primary_key=True, serialize=False)),
                ('lost', models.BigIntegerField()),
                ('unit', audits.results.models.NarrowKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='criterion_scores', to='outlets.unit')),
                ('period', audits.results.models.NarrowKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='criterion_scores', to='audits.period')),
                ('checklist', audits.results.models.NarrowKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audits.checklist')),
                ('met', models.PositiveIntegerField()),
                ('partly', models.PositiveIntegerField()),
                ('not_met', models.PositiveIntegerField()),
                ('not_applicable', models.PositiveIntegerField()),
                ('results', models.PositiveIntegerField()),
                ('code', models.CharField(max_length=16)),
            ],
        ),
        migrations.RunPython(narrow, widen),
        migrations.DeleteModel(name='UnitScore'),
        migrations.DeleteModel(name='UnitCriterionScore'),
        migrations.RenameModel(old_name='NewUnitScore', new_name='UnitScore'),
        migrations.RenameModel(old_name='NewUnitCriterionScore', new_name='UnitCriterionScore'),
    ]
