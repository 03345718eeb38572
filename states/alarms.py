"""Who may alarm the operators of a cause now: one process, once an hour. Beside the ledger, since no decision hangs on it."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from config.vocabulary import AlarmCause
from states.records import table_of
from states.store import Store
from states.tables import Alarm

QUIET = timedelta(hours=1)
"""After an alarm its cause is silent for so long."""

_ALARM = table_of(Alarm)


def claim(store: Store, cause: AlarmCause, now: datetime) -> bool:
    """Take the turn to alarm of a cause at an aware instant; of any number of processes one gets it, and none within the hour."""
    insert = sqlite.insert if store.is_sqlite else postgresql.insert
    wanted = insert(_ALARM).values(cause=cause.value, at=now)
    silent = wanted.on_conflict_do_update(index_elements=[_ALARM.c.cause], set_={"at": now}, where=_ALARM.c.at <= now - QUIET)
    with store.write() as connection:
        return connection.execute(silent.returning(_ALARM.c.cause)).one_or_none() is not None


def alarmed_at(connection: Connection, cause: AlarmCause) -> datetime | None:
    """Give when operators were last alarmed of a cause (UTC), None before the first time."""
    return connection.execute(select(_ALARM.c.at).where(_ALARM.c.cause == cause.value)).scalar_one_or_none()


def told_until(connection: Connection, cause: AlarmCause) -> datetime | None:
    """Give up to which instant (UTC) operators know what happened; None before the first alarm that left."""
    return connection.execute(select(_ALARM.c.told_until).where(_ALARM.c.cause == cause.value)).scalar_one_or_none()


def tell_until(store: Store, cause: AlarmCause, until: datetime) -> None:
    """Note that an alarm left that tells of everything up to an aware instant."""
    with store.write() as connection:
        connection.execute(update(_ALARM).where(_ALARM.c.cause == cause.value).values(told_until=until))
