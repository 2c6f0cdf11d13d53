"""A published version cannot change: not by a model, not by an update, not by raw SQL."""

import pytest
from django.db import DatabaseError, connection, transaction

from audits.checklists import triggers
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
        "INSERT INTO audits_criterionoption (criterion_id, code, position, label_vi, label_en, result) "
        "SELECT criterion_id, 'q', 9, 'Mới', '', 0 FROM audits_criterionoption WHERE code = 'a'",
        "INSERT INTO audits_criterionthreshold (criterion_id, position, upper, result) "
        "SELECT criterion_id, 9, 99, 0 FROM audits_criterionthreshold WHERE position = 0",
    ],
)
def test_raw_sql_on_a_published_version_is_refused(running, sql):
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
    with pytest.raises(Immutable):
        row.save()
    with pytest.raises(Immutable):
        row.delete()


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


def test_a_draft_can_be_changed_by_all_of_them(running):
    draft = ChecklistVersion.objects.create(checklist=running.checklist, number=2, created_at=NOW)
    section = Section.objects.create(version=draft, code="A", name_vi="Mục", position=1)
    Section.objects.filter(pk=section.pk).update(name_vi="Khác")
    section.delete()
    draft.delete()


def test_every_trigger_is_there_after_all_migrations():
    """SQLite drops them with a table that a migration rebuilds; such a migration must install them again."""
    sql = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        assert {name for (name,) in cursor.fetchall()} >= set(triggers.names())
