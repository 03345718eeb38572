"""When the clock last ticked in a round, beside the ledger: a tick that found nothing to do leaves no other trace."""

from datetime import datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from states.records import table_of
from states.store import Store
from states.tables import CommandRow, Heartbeat

_BEAT, _COMMAND = table_of(Heartbeat), table_of(CommandRow)


def beat(store: Store, slug: str, at: datetime) -> None:
    """Note that a round's tick came through at an aware instant; one statement in a transaction of its own."""
    insert = sqlite.insert if store.is_sqlite else postgresql.insert
    noted = insert(_BEAT).values(round=slug, at=at)
    with store.write() as connection:
        connection.execute(noted.on_conflict_do_update(index_elements=[_BEAT.c.round], set_={"at": noted.excluded.at}))


def last_beat(connection: Connection, slug: str) -> datetime | None:
    """Give when the round's tick last came through (UTC), None before the first."""
    return connection.execute(select(_BEAT.c.at).where(_BEAT.c.round == slug)).scalar_one_or_none()


def waited_since(connection: Connection, slug: str) -> datetime | None:
    """Give since when the round waits for its next tick (UTC): since the last one, else since its first command."""
    begun = select(func.min(_COMMAND.c.at)).where(_COMMAND.c.round == slug)
    return last_beat(connection, slug) or connection.execute(begun).scalar_one()
