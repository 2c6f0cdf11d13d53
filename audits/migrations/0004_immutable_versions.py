from django.db import migrations

from audits.checklists import triggers


class Migration(migrations.Migration):
    """A published version is immutable in the database itself."""

    dependencies = [("audits", "0003_blocked_unit_ended")]
    operations = [migrations.RunPython(triggers.install, triggers.remove)]
