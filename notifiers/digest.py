"""Notifications become deliveries: one person, one message, at an hour when messages may leave."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from config.calendar import WorkCalendar
from config.programme import Messages
from config.vocabulary import DeliveryStatus
from notifiers.cursors import NOTIFICATIONS, lock_cursor
from notifiers.kinds import MessageKind
from notifiers.messages import Told
from notifiers.outbox import scene_of
from notifiers.relevance import still_matters
from states.frozen import frozen_programme
from states.house import House
from states.ledger import digest
from states.records import Records, table_of
from states.tables import Delivery, Notification, Round

NOT_NEEDED = "not-needed"
"""In a notification's ``delivery``: it became pointless before it could leave."""

WAITING = (DeliveryStatus.QUEUED.value, DeliveryStatus.REFUSED_FOR_NOW.value)
_ID_LENGTH = 32
_NOTIFICATION, _DELIVERY, _ROUND = table_of(Notification), table_of(Delivery), table_of(Round)


def queue(house: House) -> int:
    """Put every notification that may leave now into its recipient's delivery; gives how many deliveries are new.

    Grouping waits until the messages may leave, so that what came up in the quiet hours is one message in the morning,
    without what was done meanwhile.
    """
    with house.store.read() as connection:
        rounds = _rounds_with_news(connection)
    return sum(_group(house, slug) for slug in rounds)


def next_departure(house: House) -> datetime | None:
    """Give the next instant (UTC), now or later, at which something may leave; None where nothing waits."""
    now = house.clock.now()
    with house.store.read() as connection:
        waiting = _waiting_instants(connection)
        windows = {slug: _window(house, connection, slug) for slug, _ in waiting}
    # From the evening on a message waits for the morning's hour, and whatever is late for an hour that is not quiet.
    first = [allowed_from(*windows[slug], instant) for slug, instant in waiting]
    return min((allowed_from(*windows[slug], max(at, now)) for (slug, _), at in zip(waiting, first, strict=True)), default=None)


def _waiting_instants(connection: Connection) -> list[tuple[str, datetime]]:
    told = select(_NOTIFICATION.c.round, _NOTIFICATION.c.at).where(_NOTIFICATION.c.delivery.is_(None)).distinct()
    queued = select(_DELIVERY.c.round, _DELIVERY.c.due_at).where(_DELIVERY.c.status.in_(WAITING)).distinct()
    return [(slug, instant) for query in (told, queued) for slug, instant in connection.execute(query)]


def allowed_from(calendar: WorkCalendar, messages: Messages, instant: datetime) -> datetime:
    """Give the first instant, not before this one, at which a message may leave: outside the quiet hours."""
    return calendar.next_allowed(instant, messages.hour, messages.quiet_from, messages.quiet_to)


def delivery_id(keys: Iterable[str]) -> str:
    """Give the id of the message that carries these notifications: the same ones always have the same id."""
    return digest(*sorted(keys))[:_ID_LENGTH]


def as_told(row: Any) -> Told:
    """Give a notification's row as it was told."""
    return Told(MessageKind(row.kind), row.recipient, row.subject, row.due_version, row.context)


def _rounds_with_news(connection: Connection) -> list[str]:
    slugs = select(_NOTIFICATION.c.round).where(_NOTIFICATION.c.delivery.is_(None)).distinct()
    return list(connection.execute(slugs.order_by(_NOTIFICATION.c.round)).scalars())


def _window(house: House, connection: Connection, slug: str) -> tuple[WorkCalendar, Messages]:
    rules = connection.execute(select(_ROUND.c.rules).where(_ROUND.c.slug == slug)).scalar_one()
    programme = frozen_programme(rules)
    return house.calendar(programme.zone), programme.messages


def _group(house: House, slug: str) -> int:
    now = house.clock.now()
    with house.store.write() as connection:
        lock_cursor(connection, NOTIFICATIONS, slug)
        window = _window(house, connection, slug)
        if allowed_from(*window, now) > now:
            return 0
        ready = _ready(connection, slug, now, window)
        scene = scene_of(house, Records(connection), slug)
        by_recipient: dict[str, list[str]] = {}
        for row in ready:
            wanted = still_matters(scene, as_told(row))
            by_recipient.setdefault(row.recipient if wanted else NOT_NEEDED, []).append(row.key)
        _assign(connection, by_recipient.pop(NOT_NEEDED, []), NOT_NEEDED)
        for recipient, keys in sorted(by_recipient.items()):
            _enqueue(connection, slug, recipient, keys, now)
    return len(by_recipient)


def _ready(connection: Connection, slug: str, now: datetime, window: tuple[WorkCalendar, Messages]) -> list[Any]:
    waiting = select(_NOTIFICATION).where(_NOTIFICATION.c.round == slug, _NOTIFICATION.c.delivery.is_(None))
    rows = connection.execute(waiting.order_by(_NOTIFICATION.c.at, _NOTIFICATION.c.key))
    return [row for row in rows if allowed_from(*window, row.at) <= now]


def _enqueue(connection: Connection, slug: str, recipient: str, keys: list[str], now: datetime) -> None:
    delivery = delivery_id(keys)
    values = {"id": delivery, "round": slug, "recipient": recipient, "due_at": now, "status": DeliveryStatus.QUEUED.value}
    defaults = {"channel": "", "tried": [], "attempts": 0, "holder": "", "answer": "", "in_ledger": False}
    connection.execute(insert(_DELIVERY).values(**defaults, **values))
    _assign(connection, keys, delivery)


def _assign(connection: Connection, keys: list[str], delivery: str) -> None:
    if keys:
        mine = update(_NOTIFICATION).where(_NOTIFICATION.c.key == bindparam("mine")).values(delivery=delivery)
        connection.execute(mine, [{"mine": key} for key in keys])
