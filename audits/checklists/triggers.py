"""Triggers that keep a published version as it is, whoever writes and by whatever way.

Refused: an UPDATE or INSERT of a section, criterion, option or threshold whose version is not a draft, or that
would tie two versions together; an UPDATE of a version that is not a draft, other than the steps of its approval, the
one move from published to retired, and another last day for visits begun with a retired one; any UPDATE of a discarded
draft; an INSERT of a version that is not a draft; any UPDATE of a picture. DELETE is left to foreign keys and the
models: test databases must still be emptied.

For later migrations: SQLite rebuilds a table to alter it. That silently drops the table's own triggers, and fails
while a trigger of another table names it. So every operation on one of `TABLES` goes through `unguarded`:

    operations = triggers.unguarded(migrations.AddField("criterion", ...))
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps.registry import Apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython
from django.db.migrations.operations.base import Operation

VERSION = "audits_checklistversion"
REFUSAL = "A published version does not change"

# How each table finds the version of a row called {row}.
_OWN_VERSION = "{row}.version_id"
_VERSION_OF_CRITERION = "(SELECT version_id FROM audits_criterion WHERE id = {row}.criterion_id)"
_PARTS = {
    "audits_section": _OWN_VERSION,
    "audits_criterion": _OWN_VERSION,
    "audits_criterionoption": _VERSION_OF_CRITERION,
    "audits_criterionthreshold": _VERSION_OF_CRITERION,
}
PICTURE = "audits_examplepicture"
TABLES = (VERSION, *_PARTS, PICTURE)
_CHANGED_BY_GRACE = {"grace_until"}
_CHANGED_BY_RETIRING = {"state", "retired_at", "retired_by_id", *_CHANGED_BY_GRACE}
_DECIDED = ("proposed", "approved", "published")
_CHANGED_BY_DECIDING = {"state", *(f"{step}_{fact}" for step in _DECIDED for fact in ("at", "by_id"))}

_STATE = "(SELECT state FROM audits_checklistversion WHERE id = {version})"
_VERSION_OF_SECTION = "(SELECT version_id FROM audits_section WHERE id = NEW.section_id)"
# Whoever writes a part holds its version until the part is committed: publishing waits for that, and the part for it.
_HOLD = "PERFORM 1 FROM audits_checklistversion WHERE id = {version} FOR SHARE; "


@dataclass(frozen=True)
class _Trigger:
    """Refuses `event` on `table` under a condition. `hold` is for PostgreSQL; SQLite has one writer at a time."""

    table: str
    event: str
    refused_when: str
    hold: str = ""

    @property
    def name(self) -> str:
        return f"{self.table}_{self.event.lower()}"


def names() -> list[str]:
    """The triggers that must exist."""
    both = [f"{table}_{event}" for table in (VERSION, *_PARTS) for event in ("insert", "update")]
    return [*both, f"{PICTURE}_update"]


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Puts every trigger in place, anew where it exists. For migrations.RunPython."""
    remove(apps, schema_editor)
    there = _tables(schema_editor.connection)  # an earlier migration knows less of them
    for trigger in _triggers(schema_editor.connection):
        if trigger.table not in there:
            continue
        for statement in _statements(schema_editor.connection, trigger):
            schema_editor.execute(statement)


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Takes every trigger away. For migrations.RunPython."""
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for table in sorted(set(TABLES) & _tables(schema_editor.connection)):
        for event in ("insert", "update"):
            name = f"{table}_{event}"
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if is_postgresql else ""))
            if is_postgresql:
                schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}_refuse()")


def unguarded(*operations: Operation) -> list[Operation]:
    """The operations of a migration that alters one of `TABLES`: triggers off, `operations`, triggers on again."""
    return [RunPython(remove, install), *operations, RunPython(install, remove)]


def faults(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of triggers that are absent, switched off or not what `install` would write now. One or two queries."""
    stored = dict(_stored(connection))
    return [t.name for t in _triggers(connection) if stored.get(t.name) != _text(connection, t)]


def _triggers(connection: BaseDatabaseWrapper) -> Iterator[_Trigger]:
    differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    for table, version in _PARTS.items():
        old, new = version.format(row="OLD"), version.format(row="NEW")
        refused = f"{_STATE.format(version=new)} {differs} 'draft'"
        if table == "audits_criterion":
            refused += f" OR {_VERSION_OF_SECTION} {differs} {new}"
        hold = _HOLD.format(version=new)
        yield _Trigger(table, "INSERT", refused, hold)
        yield _Trigger(table, "UPDATE", f"{refused} OR {old} {differs} {new}", hold)
    yield _Trigger(VERSION, "INSERT", f"NEW.state {differs} 'draft'")
    columns = _columns(connection)

    def others(changeable: set[str]) -> str:
        return " OR ".join(f"OLD.{name} {differs} NEW.{name}" for name in columns if name not in changeable)

    not_deciding = f"NEW.state IN ('retired', 'discarded') OR {others(_CHANGED_BY_DECIDING)}"
    not_retiring = f"NEW.state <> 'retired' OR {others(_CHANGED_BY_RETIRING)}"
    refused = (
        f"(OLD.state IN ('proposed', 'approved') AND ({not_deciding})) "
        f"OR (OLD.state = 'published' AND ({not_retiring})) "
        f"OR (OLD.state = 'retired' AND ({others(_CHANGED_BY_GRACE)})) "
        "OR OLD.state = 'discarded'"
    )
    yield _Trigger(VERSION, "UPDATE", refused)
    yield _Trigger(PICTURE, "UPDATE", "1 = 1")


def _tables(connection: BaseDatabaseWrapper) -> set[str]:
    return set(connection.introspection.table_names())


def _columns(connection: BaseDatabaseWrapper) -> list[str]:
    with connection.cursor() as cursor:
        return [column.name for column in connection.introspection.get_table_description(cursor, VERSION)]


def _statements(connection: BaseDatabaseWrapper, trigger: _Trigger) -> list[str]:
    if connection.vendor != "postgresql":
        return [_text(connection, trigger)]
    function = f"{trigger.name}_refuse()"
    return [
        f"CREATE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql AS $${_text(connection, trigger)}$$",
        f"CREATE TRIGGER {trigger.name} BEFORE {trigger.event} ON {trigger.table} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}",
    ]


def _text(connection: BaseDatabaseWrapper, trigger: _Trigger) -> str:
    """The text that the database stores: the whole trigger on SQLite, the function's body on PostgreSQL."""
    if connection.vendor != "postgresql":
        return (
            f"CREATE TRIGGER {trigger.name} BEFORE {trigger.event} ON {trigger.table} WHEN {trigger.refused_when} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )
    return (
        f" BEGIN {trigger.hold}IF {trigger.refused_when} THEN RAISE EXCEPTION '{REFUSAL}' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END "
    )


def _stored(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    sql = (
        "SELECT t.tgname, f.prosrc FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid "
        "WHERE NOT t.tgisinternal AND t.tgenabled = 'O'"
        if connection.vendor == "postgresql"
        else "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())
