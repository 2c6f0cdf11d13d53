"""Triggers that keep a published version as it is, whoever writes and by whatever way.

Refused: an UPDATE or INSERT of a section, criterion, option or threshold whose version is not a draft; an UPDATE
of a version that is not a draft, other than the one move from published to retired; an INSERT of a version that is
not a draft. DELETE is left to foreign keys and the models: test databases must still be emptied.

SQLite drops a table's triggers when Django rebuilds the table. A migration that alters one of `TABLES` must
therefore run `install` again as its last operation; `tests/audits/checklists/test_triggers.py` finds one that does not.
"""

VERSION = "audits_checklistversion"
REFUSAL = "A published version does not change"

_OF_VERSION = "(SELECT state FROM audits_checklistversion WHERE id = {row}.version_id)"
_OF_CRITERION = (
    "(SELECT v.state FROM audits_checklistversion v JOIN audits_criterion c ON c.version_id = v.id "
    "WHERE c.id = {row}.criterion_id)"
)
# How each table finds the state of its version, from a row called {row}.
_STATE = {
    "audits_section": _OF_VERSION,
    "audits_criterion": _OF_VERSION,
    "audits_criterionoption": _OF_CRITERION,
    "audits_criterionthreshold": _OF_CRITERION,
}
TABLES = (VERSION, *_STATE)
_MAY_CHANGE = {"state", "retired_at", "retired_by_id"}


def names() -> list[str]:
    """The triggers that must exist."""
    return [f"{table}_{event}" for table in TABLES for event in ("update", "insert")]


def install(apps, schema_editor) -> None:
    """Puts every trigger in place, anew where it exists. For migrations.RunPython."""
    remove(apps, schema_editor)
    columns = [
        column.name
        for column in schema_editor.connection.introspection.get_table_description(
            schema_editor.connection.cursor(), VERSION
        )
    ]
    for table, state in _STATE.items():
        old, new = state.format(row="OLD"), state.format(row="NEW")
        _create(schema_editor, table, "update", f"{old} <> 'draft' OR {new} <> 'draft'")
        _create(schema_editor, table, "insert", f"{new} <> 'draft'")
    _create(schema_editor, VERSION, "insert", "NEW.state <> 'draft'")
    same = " AND ".join(_same(schema_editor, name) for name in columns if name not in _MAY_CHANGE)
    retiring = f"OLD.state = 'published' AND NEW.state = 'retired' AND {same}"
    _create(schema_editor, VERSION, "update", f"OLD.state <> 'draft' AND NOT ({retiring})")


def remove(apps, schema_editor) -> None:
    """Takes every trigger away."""
    vendor = schema_editor.connection.vendor
    for table in TABLES:
        for event in ("update", "insert"):
            name = f"{table}_{event}"
            if vendor == "postgresql":
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
                schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}_refuse()")
            else:
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")


def _create(schema_editor, table: str, event: str, refused_when: str) -> None:
    name, verb = f"{table}_{event}", event.upper()
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"CREATE FUNCTION {name}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {refused_when} THEN RAISE EXCEPTION '{REFUSAL}' "
            "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
        )
        schema_editor.execute(
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}_refuse()"
        )
    else:
        schema_editor.execute(
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {refused_when} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )


def _same(schema_editor, column: str) -> str:
    sign = "IS NOT DISTINCT FROM" if schema_editor.connection.vendor == "postgresql" else "IS"
    return f"OLD.{column} {sign} NEW.{column}"
