"""A published version cannot change: not by a model, not by an update, not by raw SQL."""

import pytest
from django.db import DatabaseError, connection, migrations, models, transaction
from django.db.migrations.loader import MigrationLoader

from audits.checklists import actions as checklists
from audits.checklists import triggers
from audits.checklists.drafts import actions as drafts
from audits.checklists.models import Immutable
from audits.models import ChecklistVersion, Criterion, CriterionOption, CriterionThreshold, Section
from tests import sheets
from tests.worlds import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def running():
    return sheets.every_kind().versions.get()


def run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audits_section SET name_vi = 'khác'",
        "UPDATE audits_criterion SET weight = 9",
        "UPDATE audits_criterion SET text_vi = 'khác'",
        "UPDATE audits_criterionoption SET result = 1",
        "UPDATE audits_criterionthreshold SET result = 1",
        "UPDATE audits_checklistversion SET note = 'khác'",
        "UPDATE audits_checklistversion SET band_good = 81",
        "UPDATE audits_checklistversion SET state = 'draft', published_at = NULL",
        "UPDATE audits_checklistversion SET state = 'retired', retired_at = published_at, number = 7",
        "INSERT INTO audits_section (version_id, code, position, name_vi, name_en) "
        "SELECT version_id, 'Q', 9, 'Mới', '' FROM audits_section WHERE code = 'A'",
        "INSERT INTO audits_criterion (section_id, version_id, code, position, text_vi, text_en, guidance_vi, "
        "guidance_en, kind, weight, critical, allows_na, photo, note_rule, controlled_by, stage, measure) "
        "SELECT section_id, version_id, 'Q', 9, text_vi, '', '', '', kind, weight, critical, allows_na, photo, "
        "note_rule, controlled_by, stage, measure FROM audits_criterion WHERE code = 'TK-A1'",
        "INSERT INTO audits_criterionoption (criterion_id, code, position, label_vi, label_en, result) "
        "SELECT criterion_id, 'q', 9, 'Mới', '', 0 FROM audits_criterionoption WHERE code = 'a'",
        "INSERT INTO audits_criterionthreshold (criterion_id, position, upper, result) "
        "SELECT criterion_id, 9, 99, 0 FROM audits_criterionthreshold WHERE position = 0",
    ],
)
def test_raw_sql_on_a_published_version_is_refused(running, sql):
    with pytest.raises(DatabaseError, match=triggers.REFUSAL):
        run(sql)


def test_nor_does_a_picture_change_nor_a_published_criterion_get_another(running):
    draft = checklists.draft_from(version=running, by=None, at=NOW)
    sheets.example(draft, "TK-A1")
    for sql in (
        "UPDATE audits_examplepicture SET file = 'khác'",
        "UPDATE audits_criterion SET picture_id = (SELECT id FROM audits_examplepicture)",
    ):
        with pytest.raises(DatabaseError, match=triggers.REFUSAL):
            run(sql)


@pytest.mark.parametrize("model", [Section, Criterion, CriterionOption, CriterionThreshold])
def test_bulk_and_queryset_writes_are_refused(running, model):
    with pytest.raises(DatabaseError, match=triggers.REFUSAL), transaction.atomic():
        model.objects.update(position=5)
    copy = model.objects.first()
    copy.pk = None
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.bulk_create([copy])


@pytest.mark.parametrize("model", [ChecklistVersion, Section, Criterion, CriterionOption, CriterionThreshold])
def test_models_refuse_to_save_and_delete(running, model):
    row = model.objects.first()
    for refused in (row.save, row.delete, model.objects.all().delete):
        with pytest.raises(Immutable):
            refused()


@pytest.mark.parametrize(
    ("model", "columns"),
    [
        (Section, {"version": "draft"}),
        (Criterion, {"version": "draft", "section": "draft section"}),
        (Criterion, {"section": "draft section"}),
        (CriterionOption, {"criterion": "draft criterion"}),
    ],
)
def test_a_part_does_not_leave_its_version(running, model, columns):
    draft = checklists.draft_from(version=running, by=None, at=NOW)
    rows = {
        "draft": draft,
        "draft section": draft.sections.get(code="A"),
        "draft criterion": draft.criteria.get(code="TK-A1"),
    }
    moved = model.objects.filter(**{model.state_path: "published"}).first()
    with pytest.raises(DatabaseError, match=triggers.REFUSAL), transaction.atomic():
        model.objects.filter(pk=moved.pk).update(**{name: rows[row] for name, row in columns.items()})


def test_nor_does_a_part_of_one_draft_go_to_another(running):
    one, two = (checklists.draft_from(version=running, by=None, at=NOW) for _ in range(2))
    with pytest.raises(DatabaseError, match=triggers.REFUSAL), transaction.atomic():
        Section.objects.filter(version=one, code="A").update(version=two, code="AA")
    with pytest.raises(DatabaseError, match=triggers.REFUSAL), transaction.atomic():
        Criterion.objects.filter(version=one, code="TK-A1").update(section=two.sections.get(code="A"))


def test_a_version_is_not_born_published(running):
    born = ChecklistVersion(
        checklist=running.checklist, number=9, state="retired", created_at=NOW, published_at=NOW, retired_at=NOW
    )
    with pytest.raises(DatabaseError, match=triggers.REFUSAL), transaction.atomic():
        ChecklistVersion.objects.bulk_create([born])


def test_retiring_is_the_one_change_allowed(running):
    ChecklistVersion.objects.filter(pk=running.pk).update(state="retired", retired_at=NOW)
    running.refresh_from_db()
    assert running.state == "retired"


def test_a_discarded_draft_changes_no_more(running):
    draft = checklists.draft_from(version=running, by=None, at=NOW)
    drafts.discard(version=draft, by=None, at=NOW)
    for sql in (
        "UPDATE audits_checklistversion SET state = 'draft' WHERE number = 2",
        "UPDATE audits_checklistversion SET note = 'khác' WHERE number = 2",
        f"UPDATE audits_criterion SET weight = 9 WHERE version_id = {draft.pk}",
    ):
        with pytest.raises(DatabaseError, match=triggers.REFUSAL):
            run(sql)


def test_a_draft_can_be_changed_by_all_of_them(running):
    draft = ChecklistVersion.objects.create(checklist=running.checklist, number=2, created_at=NOW)
    section = Section.objects.create(version=draft, code="A", name_vi="Mục", position=1)
    Section.objects.filter(pk=section.pk).update(name_vi="Khác")
    section.delete()
    draft.delete()


def test_every_trigger_is_there_after_all_migrations():
    """A migration that alters a guarded table, or adds a column to versions, goes through `triggers.unguarded`."""
    assert triggers.faults(connection) == []


@pytest.mark.parametrize("name", triggers.names())
def test_a_lost_trigger_is_noticed(name):
    table = name.rpartition("_")[0]
    run(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))
    assert triggers.faults(connection) == [name]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", ["checklistversion", "section", "criterion", "criterionoption", "examplepicture"])
def test_a_later_migration_alters_a_guarded_table(model):
    """Adds a column with a default, for which SQLite rebuilds the table, and takes it away again."""
    before = MigrationLoader(connection).project_state()
    after = before.clone()
    column = models.CharField(max_length=5, default="x", null=True, unique=True)
    operations = triggers.unguarded(migrations.AddField(model, "extra", column))
    try:
        for operation in operations:
            step = after.clone()
            operation.state_forwards("audits", step)
            with connection.schema_editor() as editor:
                operation.database_forwards("audits", editor, after, step)
            after = step
        assert triggers.faults(connection) == []
    finally:
        with connection.schema_editor() as editor:
            triggers.remove(None, editor)
        with connection.schema_editor() as editor:
            migrations.AddField(model, "extra", column).database_backwards("audits", editor, after, before)
        with connection.schema_editor() as editor:
            triggers.install(None, editor)
    assert triggers.faults(connection) == []
