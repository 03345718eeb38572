"""A copy of one round in memory, in which the clock may run ahead. Nothing personal of a candidate goes into it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, event, insert, or_, select

from notifiers.cursors import NOTIFICATIONS
from notifiers.digest import WAITING
from states.clock import SeededChance, VirtualClock
from states.house import House
from states.records import table_of
from states.store import Store
from states.tables import (
    Chain,
    CommandRow,
    Contact,
    Cursor,
    Delivery,
    Heartbeat,
    LedgerEntry,
    Nomination,
    Notification,
    Party,
    Person,
    Round,
    RulesText,
    SpentCode,
    VaultText,
    metadata,
)

_CHAIN, _CURSOR, _DELIVERY = table_of(Chain), table_of(Cursor), table_of(Delivery)
_ENTRY, _NOMINATION, _NOTIFICATION = table_of(LedgerEntry), table_of(Nomination), table_of(Notification)
_LEFT_OUT = {table_of(kind) for kind in (Person, VaultText, CommandRow, SpentCode, RulesText, Heartbeat)}
_WHOLE = {table_of(kind) for kind in (Party, Contact)}
_RECENT = timedelta(days=7)
"""Older messages are no longer looked at by anybody who decides what leaves next."""


@contextmanager
def copied_house(house: House, slug: str) -> Iterator[tuple[House, VirtualClock]]:
    """Open a house in memory that holds one round as it stands, with a clock that begins at this instant.

    The source is read in one consistent look and is not locked.
    """
    clock = VirtualClock(house.clock.now())
    store = Store("sqlite://")
    try:
        # Rows of the house that the round does not need are left behind, whoever points at them.
        event.listen(store.engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=OFF"))
        with house.store.read() as source, store.write() as target:
            metadata.create_all(target)
            _copy(source, target, slug, clock.now())
        yield House(store, clock, SeededChance(0), house.vault, lambda _: [], house.calendar), clock
    finally:
        store.dispose()


def _copy(source: Connection, target: Connection, slug: str, now: datetime) -> None:
    for table in metadata.sorted_tables:
        wanted = None if table in _LEFT_OUT else _wanted(source, table, slug, now)
        rows = [dict(row) for row in source.execute(wanted).mappings()] if wanted is not None else []
        if rows:
            target.execute(insert(table), rows)


def _wanted(source: Connection, table: Table, slug: str, now: datetime) -> Select[Any] | None:
    """Say which rows of a table belong to the round; None where none can."""
    if table in _WHOLE:
        return select(table)
    special = _special(source, slug, now).get(table.name)
    if special is not None:
        return select(table).where(special)
    if "round" in table.c:
        return select(table).where(table.c.round == slug)
    if "nomination" in table.c:
        numbers = select(_NOMINATION.c.number).where(_NOMINATION.c.round == slug)
        return select(table).where(table.c.nomination.in_(numbers))
    return None


def _special(source: Connection, slug: str, now: datetime) -> dict[str, ColumnElement[bool]]:
    """Give what is not found by its round alone, and what of the past is needed: what nobody was told of yet, and the last days."""
    since = now - _RECENT
    mine = and_(_DELIVERY.c.round == slug, or_(_DELIVERY.c.status.in_(WAITING), _DELIVERY.c.due_at > since))
    letters = select(_DELIVERY.c.id).where(mine)
    told = and_(
        _NOTIFICATION.c.round == slug,
        or_(_NOTIFICATION.c.delivery.is_(None), _NOTIFICATION.c.delivery.in_(letters)),
    )
    return {
        table_of(Round).name: table_of(Round).c.slug == slug,
        _CHAIN.name: _CHAIN.c.name == slug,
        _CURSOR.name: _CURSOR.c.chain == slug,
        _DELIVERY.name: mine,
        _NOTIFICATION.name: told,
        _ENTRY.name: and_(_ENTRY.c.round == slug, _unread_or_cause(source, slug, told)),
    }


def _unread_or_cause(source: Connection, slug: str, told: ColumnElement[bool]) -> ColumnElement[bool]:
    read = select(_CURSOR.c.seq).where(_CURSOR.c.chain == slug, _CURSOR.c.consumer == NOTIFICATIONS)
    seq = source.execute(read).scalar_one_or_none() or 0
    causes = source.execute(select(_NOTIFICATION.c.cause).where(told)).scalars()
    return or_(_ENTRY.c.seq > seq, _ENTRY.c.seq.in_({int(cause.rpartition(":")[2]) for cause in causes}))
