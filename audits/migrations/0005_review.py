import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from audits.checklists import triggers

PAPERS = ("TQ-G3", "KT-E3", "BH-F1")  # of the default checklists: receipt, acceptance record, written quote


def keep_papers_private(apps, schema_editor):
    """Versions that are there already are no less careful than those to come. No score depends on it."""
    apps.get_model("audits", "Criterion").objects.filter(code__in=PAPERS).update(photo_is_private=True)


class Migration(migrations.Migration):
    """Review: who has a visit open, what was noticed, drafts of remarks, and what the unit may see."""

    dependencies = [
        ("audits", "0004_immutable_versions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        *triggers.unguarded(
            migrations.AddField("criterion", "photo_is_private", models.BooleanField(default=False)),
            migrations.RunPython(keep_papers_private, migrations.RunPython.noop),
        ),
        migrations.CreateModel(
            name="Claim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="DraftRemark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Screening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("flags", models.JSONField(default=list)),
                ("flag_count", models.PositiveSmallIntegerField(default=0)),
                ("screened_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="ShownNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("text", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="ShownPhoto",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("file", models.CharField(max_length=120)),
                ("thumbnail", models.CharField(max_length=120)),
                ("width", models.PositiveSmallIntegerField()),
                ("height", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.AlterField(
            model_name="visitevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("planned", "Planned"),
                    ("assigned", "Assigned"),
                    ("unassigned", "Assignment withdrawn"),
                    ("rescheduled", "Dates changed"),
                    ("started", "Started"),
                    ("submitted", "Submitted"),
                    ("followed_up", "Follow-up submitted"),
                    ("returned", "Returned"),
                    ("taken_back", "Return taken back"),
                    ("approved", "Approved"),
                    ("hidden", "Withdrawn from what the unit may see"),
                    ("published", "Published"),
                    ("not_possible", "Could not be carried out"),
                    ("voided", "Voided"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddIndex(
            model_name="photo",
            index=models.Index(fields=["sha256"], name="photo_by_content"),
        ),
        migrations.AddField(
            model_name="claim",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="claims", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="claim",
            name="visit",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="claim", to="audits.visit"
            ),
        ),
        migrations.AddField(
            model_name="draftremark",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="draftremark",
            name="criterion",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="audits.criterion"
            ),
        ),
        migrations.AddField(
            model_name="draftremark",
            name="visit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="draft_remarks", to="audits.visit"
            ),
        ),
        migrations.AddField(
            model_name="screening",
            name="submission",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="screening", to="audits.submission"
            ),
        ),
        migrations.AddField(
            model_name="shownnote",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="shownnote",
            name="criterion",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="audits.criterion"
            ),
        ),
        migrations.AddField(
            model_name="shownnote",
            name="visit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="shown_notes", to="audits.visit"
            ),
        ),
        migrations.AddField(
            model_name="shownphoto",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="shownphoto",
            name="photo",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="shown", to="audits.photo"
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(fields=["at"], name="claim_by_age"),
        ),
        migrations.AddConstraint(
            model_name="draftremark",
            constraint=models.UniqueConstraint(fields=("visit", "criterion"), name="one_draft_remark"),
        ),
        migrations.AddConstraint(
            model_name="shownnote",
            constraint=models.UniqueConstraint(fields=("visit", "criterion"), name="one_shown_note"),
        ),
        migrations.AddConstraint(
            model_name="shownnote",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="shown_note_has_words"
            ),
        ),
    ]
