"""Deliveries and how they ended: what is queued, sent, refused or unknown, to whom, and about what."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from config.vocabulary import DeliveryStatus
from flows.bootstrap import App
from flows.reading.naming import Names, party_meant
from flows.reading.rounds import find_round
from notifiers.settling import of_round
from notifiers.waiting import rounds_with_news, to_be_told
from states.house import House
from states.records import Records, table_of
from states.tables import Delivery, Notification

_DELIVERY, _NOTIFICATION = table_of(Delivery), table_of(Notification)


@dataclass(frozen=True)
class DeliveryLine:
    """One physical message; ``recipient`` is shown by name (units) or masked (persons), ``party`` is its id.

    ``due_at`` is when it may leave next, ``settled_at`` when it ended (aware, UTC); ``kinds`` are the kinds of its
    ``notifications`` (so many), ``answer`` what the other side said, addresses left out.
    """

    id: str
    round: str
    recipient: str
    party: str
    channel: str
    status: DeliveryStatus
    attempts: int
    due_at: datetime
    settled_at: datetime | None
    answer: str
    kinds: tuple[str, ...]
    notifications: int


@dataclass(frozen=True)
class Deliveries:
    """What a question found: ``counts`` of every status over the round (or the house), whatever else was asked for.

    ``waiting`` notifications are in no message yet, will be told and fit whatever was asked for; ``deliveries`` are those that fit, the
    latest first.
    """

    counts: Mapping[DeliveryStatus, int]
    waiting: int
    deliveries: tuple[DeliveryLine, ...]


def deliveries(
    app: App,
    *,
    slug: str | None = None,
    status: Collection[DeliveryStatus] | None = None,
    recipient: str | None = None,
    kind: str | None = None,
    since: datetime | None = None,
    limit: int = 50,
) -> Deliveries:
    """Find deliveries, of one round or of the house; ``kind`` is one they carry, ``since`` (aware) when they ended or are due.

    ``recipient`` is an id or a name, as ``party_meant`` takes it. Raises ``NotFound`` for a round or a party that is not there.
    """
    with app.house.store.read() as connection:
        if slug is not None:
            find_round(connection, slug)
        if recipient is not None:
            recipient = party_meant(connection, recipient).id
        query = select(_DELIVERY).order_by(_DELIVERY.c.due_at.desc(), _DELIVERY.c.id).limit(limit)
        if slug is not None:
            query = query.where(of_round(slug.strip()))
        if status:
            query = query.where(_DELIVERY.c.status.in_([each.value for each in status]))
        if recipient is not None:
            query = query.where(_DELIVERY.c.recipient == recipient)
        if kind is not None:
            query = query.where(_DELIVERY.c.id.in_(select(_NOTIFICATION.c.delivery).where(_NOTIFICATION.c.kind == kind)))
        if since is not None:
            query = query.where(func.coalesce(_DELIVERY.c.settled_at, _DELIVERY.c.due_at) >= since)
        waiting = 0 if status else _waiting(app.house, connection, slug, recipient, kind, since)  # what is in no message has no status yet
        return Deliveries(delivery_counts(connection, slug), waiting, lines_of(connection, query))


def lines_of(connection: Connection, query: Select[Any]) -> tuple[DeliveryLine, ...]:
    """Give the deliveries that a query over their table finds, in its order."""
    rows = connection.execute(query).all()
    names, kinds = Names(connection), _kinds(connection, [row.id for row in rows])
    return tuple(_line(row, names, kinds.get(row.id, [])) for row in rows)


def delivery_counts(connection: Connection, slug: str | None) -> dict[DeliveryStatus, int]:
    """Count the deliveries of a round, or of the house, by status; every status is there."""
    query = select(_DELIVERY.c.status, func.count().label("total")).group_by(_DELIVERY.c.status)
    query = query if slug is None else query.where(of_round(slug.strip()))
    found: dict[str, int] = {row.status: row.total for row in connection.execute(query)}
    return {status: found.get(status.value, 0) for status in DeliveryStatus}


def _waiting(
    house: House, connection: Connection, slug: str | None, recipient: str | None, kind: str | None, since: datetime | None
) -> int:
    slugs = rounds_with_news(connection) if slug is None else [slug.strip()]
    found = (row for each in slugs for row in to_be_told(house, connection, each))
    return sum(recipient in (None, row.recipient) and kind in (None, row.kind) and (since is None or row.at >= since) for row in found)


def _kinds(connection: Connection, ids: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in Records(connection).where(Notification, delivery=ids):
        found.setdefault(str(row.delivery), []).append(row.kind)
    return found


def _line(row: Any, names: Names, kinds: list[str]) -> DeliveryLine:
    return DeliveryLine(
        id=row.id,
        round=row.round,
        recipient=names.of(row.recipient),
        party=row.recipient,
        channel=row.channel,
        status=DeliveryStatus(row.status),
        attempts=row.attempts,
        due_at=row.due_at,
        settled_at=row.settled_at,
        answer=row.answer,
        kinds=tuple(sorted(set(kinds))),
        notifications=len(kinds),
    )
