"""The triggers by which the database itself refuses UPDATE, DELETE, TRUNCATE and INSERT OR REPLACE on the ledger."""

from sqlalchemy import Connection, text

_REFUSAL = "hallmark: the ledger is append-only"
_BODY = f" BEGIN RAISE EXCEPTION '{_REFUSAL}'; END "
_BEFORE_ROW, _BEFORE_STATEMENT, _DELETE, _UPDATE, _TRUNCATE = 3, 2, 8, 16, 32
_POSTGRES = {"ledger_no_change": _BEFORE_ROW | _UPDATE | _DELETE, "ledger_no_truncate": _BEFORE_STATEMENT | _TRUNCATE}
"""When PostgreSQL's triggers fire, as its catalogue says it (``pg_trigger.tgtype``)."""


def _sqlite(name: str, when: str, condition: str = "") -> str:
    return f"CREATE TRIGGER {name} BEFORE {when} ON ledger_entry {condition} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"


# INSERT OR REPLACE deletes without firing a DELETE trigger, so a taken place is refused before the insert.
_TAKEN = (
    "WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE round = NEW.round AND (seq = NEW.seq OR prev = NEW.prev))"
    " OR EXISTS (SELECT 1 FROM ledger_entry WHERE rowid = NEW.rowid)"
)
STATEMENTS: dict[str, dict[str, str]] = {
    "sqlite": {
        "ledger_no_update": _sqlite("ledger_no_update", "UPDATE"),
        "ledger_no_delete": _sqlite("ledger_no_delete", "DELETE"),
        "ledger_no_replace": _sqlite("ledger_no_replace", "INSERT", _TAKEN),
    },
    "postgresql": {
        "ledger_refuse": (f"CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $${_BODY}$$"),
        "ledger_no_change": (
            "CREATE TRIGGER ledger_no_change BEFORE UPDATE OR DELETE ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_refuse()"
        ),
        "ledger_no_truncate": (
            "CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()"
        ),
    },
}


def missing_triggers(connection: Connection) -> list[str]:
    """Name the triggers that no longer stand as they were put up; empty when the ledger is guarded."""
    if connection.dialect.name == "sqlite":
        return _missing_sqlite(connection)
    found = connection.execute(
        text(
            "SELECT t.tgname, t.tgtype FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_language l ON l.oid = p.prolang"
            " WHERE t.tgrelid = 'ledger_entry'::regclass AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')"
            " AND t.tgqual IS NULL AND t.tgattr::text = '' AND t.tgnargs = 0"
            " AND p.proname = 'ledger_refuse' AND l.lanname = 'plpgsql' AND p.prosrc = :body"
        ),
        {"body": _BODY},
    )
    standing = {row.tgname: row.tgtype for row in found}
    return sorted(name for name, fires in _POSTGRES.items() if standing.get(name) != fires)


def _missing_sqlite(connection: Connection) -> list[str]:
    found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ledger_entry'"))
    standing = {row.name: row.sql for row in found}
    return sorted(name for name, statement in STATEMENTS["sqlite"].items() if standing.get(name) != statement)
