"""Notifications become deliveries: one person, one message of all rounds, at an hour when messages may leave."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from config.vocabulary import DeliveryStatus, Promptness
from notifiers.departures import Departures
from notifiers.kinds import URGENCY, MessageKind
from notifiers.messages import as_told
from notifiers.on_hold import take_back
from notifiers.outbox import scene_of
from notifiers.overtaken import NOT_NEEDED
from notifiers.relevance import still_matters
from notifiers.scene import Scene
from notifiers.waiting import rounds_with_news, waiting
from notifiers.withdrawing import withdraw
from states.cursors import NOTIFICATIONS, lock_cursor
from states.faults import Faults, guarded
from states.house import House
from states.ledger import digest
from states.records import Records, table_of
from states.tables import Delivery, Notification

WAITING = (DeliveryStatus.QUEUED.value, DeliveryStatus.REFUSED_FOR_NOW.value)
_ID_LENGTH = 32
_NOTIFICATION, _DELIVERY = table_of(Notification), table_of(Delivery)
_Message = tuple[str, str]
"""What makes one message: its recipient, and what sets it apart where the recipient wants that kind by itself."""


def queue(house: House, faults: Faults | None = None) -> int:
    """Put every notification that may leave now into its recipient's delivery; gives how many deliveries are new.

    Grouping waits until the messages may leave, so that what came up in the quiet hours is one message in the morning,
    without what was done meanwhile. A message carries what its recipient is told of any round. What a round on hold would
    remind of waits for its release, and what a later decision has overtaken is withdrawn. What is told of a round that has a fault,
    noted in ``faults``, waits for its mend.
    """
    take_back(house)
    withdraw(house, faults)
    with house.store.read() as connection:
        rounds = rounds_with_news(connection)
    return _group(house, rounds, faults) if rounds else 0


def next_departure(house: House, faults: Faults | None = None) -> datetime | None:
    """Give the next instant (UTC), now or later, at which something may leave; None where nothing waits but what has a fault."""
    now = house.clock.now()
    found: list[datetime] = []
    with house.store.read() as connection:
        departures = Departures(house, connection, now)
        for slug in rounds_with_news(connection):
            with guarded(faults, slug, SQLAlchemyError):
                told = [departures.of(row) for row in waiting(connection, slug)]
                found += [departures.window(slug).allowed_from(max(at, now)) for at in told]
        for slug, due_at in _queued(connection):
            with guarded(faults, slug, SQLAlchemyError):
                # From the evening on a message waits for the morning's hour, and whatever is late for an hour that is not quiet.
                window = departures.window(slug)
                found.append(window.allowed_from(max(window.allowed_from(due_at), now)))
    return min(found, default=None)


def delivery_id(keys: Iterable[str]) -> str:
    """Give the id of the message that carries these notifications: the same ones always have the same id."""
    return digest(*sorted(keys))[:_ID_LENGTH]


def _queued(connection: Connection) -> list[tuple[str, datetime]]:
    queued = select(_DELIVERY.c.round, _DELIVERY.c.due_at).where(_DELIVERY.c.status.in_(WAITING)).distinct()
    return [(slug, instant) for slug, instant in connection.execute(queued)]


def _group(house: House, slugs: list[str], faults: Faults | None) -> int:
    now = house.clock.now()
    messages: dict[_Message, list[Any]] = {}
    with house.store.write() as connection:
        # In the order of their names, so that two runs never wait for each other.
        for slug in slugs:
            lock_cursor(connection, NOTIFICATIONS, slug)
        departures, records = Departures(house, connection, now), Records(connection)
        for slug in slugs:
            with guarded(faults, slug, SQLAlchemyError):
                pointless, told = _leaving(scene_of(house, records, slug), departures, waiting(connection, slug))
                _assign(connection, pointless, NOT_NEEDED)
                for message, row in told:
                    messages.setdefault(message, []).append(row)
        for (recipient, _), rows in sorted(messages.items()):
            _enqueue(connection, recipient, rows, now)
    return len(messages)


def _leaving(scene: Scene, departures: Departures, rows: list[Any]) -> tuple[list[str], list[tuple[_Message, Any]]]:
    """Give, of what waits in a round, the keys of what has become pointless, and what may leave now with the message that carries it."""
    if departures.window(scene.slug).allowed_from(departures.now) > departures.now:
        return [], []
    ready = [row for row in rows if departures.of(row) <= departures.now]
    wanted = [row for row in ready if still_matters(scene, as_told(row))]
    told = [((row.recipient, _apart(row, departures.promptness(row))), row) for row in wanted]
    kept = {row.key for row in wanted}
    return [row.key for row in ready if row.key not in kept], told


def _apart(row: Any, promptness: Promptness | None) -> str:
    """Give what sets a message apart whose recipient wants that kind by itself; escalations of all rounds are one digest for anybody."""
    if promptness != Promptness.IMMEDIATE:
        return ""
    return row.kind if row.kind == MessageKind.ESCALATION else f"{row.round} {row.kind}"


def _enqueue(connection: Connection, recipient: str, rows: list[Any], now: datetime) -> None:
    """Make a delivery. Its round is that of the most urgent thing it carries, the earliest of these."""
    keys = [row.key for row in rows]
    first = min(rows, key=lambda row: (URGENCY[MessageKind(row.kind)], row.at, row.round))
    delivery = delivery_id(keys)
    values = {"id": delivery, "round": first.round, "recipient": recipient, "due_at": now, "status": DeliveryStatus.QUEUED.value}
    defaults = {"channel": "", "tried": [], "attempts": 0, "holder": "", "answer": "", "in_ledger": False}
    connection.execute(insert(_DELIVERY).values(**defaults, **values))
    _assign(connection, keys, delivery)


def _assign(connection: Connection, keys: list[str], delivery: str) -> None:
    if keys:
        mine = update(_NOTIFICATION).where(_NOTIFICATION.c.key == bindparam("mine")).values(delivery=delivery)
        connection.execute(mine, [{"mine": key} for key in keys])
