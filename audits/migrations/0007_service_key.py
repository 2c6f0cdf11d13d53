import outlets.columns
from django.db import migrations

from outlets import text


def fill(apps, schema_editor):
    """The key of every scenario that is there already."""
    for scenario in apps.get_model("audits", "Scenario").objects.only("service"):
        scenario.service_key = text.sort_key(scenario.service)[:400]
        scenario.save(update_fields=["service_key"])


class Migration(migrations.Migration):
    dependencies = [
        ("audits", "0006_results"),
    ]

    operations = [
        migrations.AddField(
            model_name="scenario",
            name="service_key",
            field=outlets.columns.SortKeyField(blank=True, default="", editable=False, max_length=400),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
