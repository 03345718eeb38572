"""Which boards a run of the post leaves out of date: those of rounds whose news was read, or of which a message ended."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from flows.reading.rounds import running_rounds
from states.cursors import NOTIFICATIONS
from states.records import table_of
from states.tables import Cursor, Delivery, Notification

_CURSOR, _DELIVERY, _NOTIFICATION = table_of(Cursor), table_of(Delivery), table_of(Notification)


def news_read(connection: Connection) -> dict[str, int]:
    """Give how far each round's ledger was made into notifications."""
    rows = connection.execute(select(_CURSOR.c.chain, _CURSOR.c.seq).where(_CURSOR.c.consumer == NOTIFICATIONS))
    return {row.chain: row.seq for row in rows}


def moved_since(connection: Connection, before: Mapping[str, int], at: datetime) -> list[str]:
    """Give the running rounds of which anything was read beyond ``before``, or a message ended at or after an aware instant."""
    read = {chain for chain, seq in news_read(connection).items() if seq > before.get(chain, 0)}
    carried = select(_NOTIFICATION.c.round).join(_DELIVERY, _DELIVERY.c.id == _NOTIFICATION.c.delivery)
    ended = set(connection.execute(carried.where(_DELIVERY.c.settled_at >= at).distinct()).scalars())
    return [slug for slug in running_rounds(connection) if slug in read | ended]
