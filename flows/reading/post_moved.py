"""Which boards a run of the post leaves out of date: the ledger of each round says what was read of it, and how its messages ended."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from flows.reading.rounds import running_rounds
from states.cursors import NOTIFICATIONS
from states.records import table_of
from states.tables import Cursor

_CURSOR = table_of(Cursor)


def news_read(connection: Connection) -> dict[str, int]:
    """Give how far each round's ledger was made into notifications."""
    rows = connection.execute(select(_CURSOR.c.chain, _CURSOR.c.seq).where(_CURSOR.c.consumer == NOTIFICATIONS))
    return {row.chain: row.seq for row in rows}


def moved_since(connection: Connection, before: Mapping[str, int]) -> list[str]:
    """Give the running rounds whose ledger was read beyond ``before``: the post ends by reading how its own messages ended."""
    now = news_read(connection)
    return [slug for slug in running_rounds(connection) if now.get(slug, 0) > before.get(slug, 0)]
