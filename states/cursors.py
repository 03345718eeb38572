"""How far a consumer has read a chain: a row that is locked, so that two processes never work on one chain at once."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Row, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from states.records import table_of
from states.tables import Cursor

NOTIFICATIONS = "notifications"
_CURSOR = table_of(Cursor)


def lock_cursor(connection: Connection, consumer: str, chain: str) -> int:
    """Lock a cursor until the transaction ends, making it on first use; gives the number of the last entry read."""
    insert_new(connection, Cursor, [{"consumer": consumer, "chain": chain, "seq": 0}])
    row = select(_CURSOR.c.seq).where(_CURSOR.c.consumer == consumer, _CURSOR.c.chain == chain)
    return int(connection.execute(row.with_for_update()).scalar_one())


def move_cursor(connection: Connection, consumer: str, chain: str, seq: int) -> None:
    """Note that everything up to ``seq`` was read."""
    mine = (_CURSOR.c.consumer == consumer, _CURSOR.c.chain == chain)
    connection.execute(update(_CURSOR).where(*mine).values(seq=seq))


def insert_new(connection: Connection, row_type: type[Any], rows: list[dict[str, Any]]) -> int:
    """Insert the rows that are not there yet; gives how many were."""
    statement = _insert_unless_there(table_of(row_type), on_postgres=connection.dialect.name == "postgresql")
    return sum(len(connection.execute(statement, row).all()) for row in rows)


def insert_or_lock(connection: Connection, row_type: type[Any], row: dict[str, Any]) -> Row[Any]:
    """Insert a row, or lock that of its key where there is one; gives it as it stands, which nobody else can take away any more."""
    statement = _insert_or_lock(table_of(row_type), on_postgres=connection.dialect.name == "postgresql")
    return connection.execute(statement, row).one()


@cache  # to put it together takes longer than to carry it out
def _insert_unless_there(table: Table, *, on_postgres: bool) -> Executable:
    insert = postgresql.insert if on_postgres else sqlite.insert
    # Drivers do not agree on an insert's row count; what it returns is certain.
    return insert(table).on_conflict_do_nothing().returning(*table.primary_key.columns)


@cache
def _insert_or_lock(table: Table, *, on_postgres: bool) -> Executable:
    insert = (postgresql.insert if on_postgres else sqlite.insert)(table)
    key = [column.name for column in table.primary_key.columns]
    as_it_is = {name: insert.excluded[name] for name in key}
    return insert.on_conflict_do_update(index_elements=key, set_=as_it_is).returning(*table.columns)
