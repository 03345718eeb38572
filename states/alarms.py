"""Who may alarm the operators of a cause now: one process, once an hour. Beside the ledger, since no decision hangs on it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from config.vocabulary import AlarmCause
from states.records import table_of
from states.store import Store
from states.tables import Alarm

QUIET = timedelta(hours=1)
"""After an alarm its cause is silent for so long."""

_ALARM = table_of(Alarm)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for no alarm where only up to when everything is known is noted."""


def claim(store: Store, cause: AlarmCause, now: datetime) -> bool:
    """Take the turn to alarm of a cause at an aware instant; of any number of processes one gets it, and none within the hour."""
    insert = sqlite.insert if store.is_sqlite else postgresql.insert
    wanted = insert(_ALARM).values(cause=cause.value, at=now)
    silent = wanted.on_conflict_do_update(index_elements=[_ALARM.c.cause], set_={"at": now}, where=_ALARM.c.at <= now - QUIET)
    with store.write() as connection:
        return connection.execute(silent.returning(_ALARM.c.cause)).one_or_none() is not None


def alarmed_at(connection: Connection, cause: AlarmCause) -> datetime | None:
    """Give when operators were last alarmed of a cause (UTC), None before the first time."""
    at = connection.execute(select(_ALARM.c.at).where(_ALARM.c.cause == cause.value)).scalar_one_or_none()
    return None if at == _NEVER else at


def told_until(connection: Connection, cause: AlarmCause) -> datetime | None:
    """Give up to which instant (UTC) operators know what happened; None where that was never noted."""
    return connection.execute(select(_ALARM.c.told_until).where(_ALARM.c.cause == cause.value)).scalar_one_or_none()


def tell_until(store: Store, cause: AlarmCause, until: datetime) -> None:
    """Note that operators know of everything up to an aware instant: an alarm left that tells of it, or there was nothing to tell."""
    insert = sqlite.insert if store.is_sqlite else postgresql.insert
    noted = insert(_ALARM).values(cause=cause.value, at=_NEVER, told_until=until)
    with store.write() as connection:
        connection.execute(noted.on_conflict_do_update(index_elements=[_ALARM.c.cause], set_={"told_until": until}))
