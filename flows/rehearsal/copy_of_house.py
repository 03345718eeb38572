"""A copy of a round in memory, in which the clock may run ahead. Nothing personal of a candidate goes into it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, event, insert, or_, select, update

from config.vocabulary import DeliveryStatus, RoundState
from notifiers.digest import WAITING
from states.clock import SeededChance, VirtualClock
from states.cursors import NOTIFICATIONS
from states.due_now import LETS_TIME_GO_ON
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

_CHAIN, _CURSOR, _DELIVERY, _ROUND = table_of(Chain), table_of(Cursor), table_of(Delivery), table_of(Round)
_ENTRY, _NOMINATION, _NOTIFICATION = table_of(LedgerEntry), table_of(Nomination), table_of(Notification)
_LEFT_OUT = {table_of(kind) for kind in (Person, VaultText, CommandRow, SpentCode, RulesText, Heartbeat)}
_POST = {_CURSOR, _DELIVERY, _NOTIFICATION}
"""What only messages are made of; entries are, but for those after which time could go on."""
_WHOLE = {table_of(kind) for kind in (Party, Contact)}
_CLAIMED = DeliveryStatus.CLAIMED.value
_RECENT = timedelta(days=7)
"""Older messages are no longer looked at by anybody who decides what leaves next."""


@contextmanager
def copied_house(house: House, slug: str, *, posts: bool = True) -> Iterator[tuple[House, VirtualClock, list[str]]]:
    """Open a house in memory that holds a round as it stands, with a clock that begins at this instant.

    The other rounds that run come along, for one message speaks of all of them; gives the slugs of all. Without ``posts``
    the round stands alone, with nothing of its messages. The source is read in one consistent look and is not locked.
    """
    clock = VirtualClock(house.clock.now())
    store = Store("sqlite://")
    try:
        # Rows of the house that the rounds do not need are left behind, whoever points at them.
        event.listen(store.engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=OFF"))
        with house.store.read() as source, store.write() as target:
            metadata.create_all(target)
            slugs = sorted({slug, *_running(source), *_with_news(source)}) if posts else [slug]
            _copy(source, target, slugs, clock.now(), posts=posts)
        yield House(store, clock, SeededChance(0), house.vault, lambda _: [], house.calendar), clock, slugs
    finally:
        store.dispose()


def _running(source: Connection) -> Iterable[str]:
    ended = (RoundState.CLOSED.value, RoundState.CANCELLED.value)
    return source.execute(select(_ROUND.c.slug).where(_ROUND.c.state.not_in(ended))).scalars()


def _with_news(source: Connection) -> Iterable[str]:
    """Give the rounds of which something is still to be told."""
    waiting = select(_DELIVERY.c.id).where(_DELIVERY.c.status.in_((*WAITING, _CLAIMED)))
    left = or_(_NOTIFICATION.c.delivery.is_(None), _NOTIFICATION.c.delivery.in_(waiting))
    return source.execute(select(_NOTIFICATION.c.round).where(left).distinct()).scalars()


def _copy(source: Connection, target: Connection, slugs: list[str], now: datetime, *, posts: bool) -> None:
    special, left_out = _special(source, slugs, now, posts=posts), _LEFT_OUT if posts else _LEFT_OUT | _POST
    for table in metadata.sorted_tables:
        wanted = None if table in left_out else _wanted(table, slugs, special)
        rows = [dict(row) for row in source.execute(wanted).mappings()] if wanted is not None else []
        if rows:
            target.execute(insert(table), rows)
    # What a deliverer has in its hands leaves now, by it or by whoever takes it over.
    target.execute(update(_DELIVERY).where(_DELIVERY.c.status == _CLAIMED).values(status=DeliveryStatus.QUEUED.value))


def _wanted(table: Table, slugs: list[str], special: dict[str, ColumnElement[bool]]) -> Select[Any] | None:
    """Say which rows of a table belong to the rounds; None where none can."""
    if table in _WHOLE:
        return select(table)
    if table.name in special:
        return select(table).where(special[table.name])
    if "round" in table.c:
        return select(table).where(table.c.round.in_(slugs))
    if "nomination" in table.c:
        numbers = select(_NOMINATION.c.number).where(_NOMINATION.c.round.in_(slugs))
        return select(table).where(table.c.nomination.in_(numbers))
    return None


def _special(source: Connection, slugs: list[str], now: datetime, *, posts: bool) -> dict[str, ColumnElement[bool]]:
    """Give what is not found by its round alone, and what of the past is needed: what nobody was told of yet, and the last days.

    Of the entries also those after which time could go on: what it decides counts from there.
    """
    letters = or_(_DELIVERY.c.status.in_((*WAITING, _CLAIMED)), _DELIVERY.c.due_at > now - _RECENT)
    told = or_(_NOTIFICATION.c.delivery.is_(None), _NOTIFICATION.c.delivery.in_(select(_DELIVERY.c.id).where(letters)))
    freeing = and_(_ENTRY.c.round.in_(slugs), _ENTRY.c.event.in_(LETS_TIME_GO_ON))
    unread = [_unread_or_cause(source, slug, told) for slug in slugs] if posts else []
    return {
        _ROUND.name: _ROUND.c.slug.in_(slugs),
        _CHAIN.name: _CHAIN.c.name.in_(slugs),
        _CURSOR.name: _CURSOR.c.chain.in_(slugs),
        _DELIVERY.name: letters,
        _NOTIFICATION.name: told,
        _ENTRY.name: or_(freeing, *unread),
    }


def _unread_or_cause(source: Connection, slug: str, told: ColumnElement[bool]) -> ColumnElement[bool]:
    read = select(_CURSOR.c.seq).where(_CURSOR.c.chain == slug, _CURSOR.c.consumer == NOTIFICATIONS)
    seq = source.execute(read).scalar_one_or_none() or 0
    causes = source.execute(select(_NOTIFICATION.c.cause).where(told, _NOTIFICATION.c.round == slug)).scalars()
    spoken_of = {int(cause.rpartition(":")[2]) for cause in causes}
    return and_(_ENTRY.c.round == slug, or_(_ENTRY.c.seq > seq, _ENTRY.c.seq.in_(spoken_of)))
