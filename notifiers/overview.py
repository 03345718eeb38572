"""What became of the messages: counts for the board, and a list for whoever asks after one."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select

from config.vocabulary import DeliveryStatus as Status
from notifiers.kinds import MessageKind
from notifiers.scene import shown
from notifiers.settling import of_round
from states.house import House
from states.records import Records, table_of
from states.tables import Delivery, Notification, Party

_DELIVERY, _NOTIFICATION = table_of(Delivery), table_of(Notification)


class Message(NamedTuple):
    """One delivery as an operator may see it: the recipient masked where it is a person, no address; instants in UTC."""

    id: str
    round: str
    recipient: str
    status: Status
    kinds: tuple[MessageKind, ...]
    subjects: tuple[str, ...]
    channel: str
    attempts: int
    due_at: datetime
    settled_at: datetime | None
    answer: str


def summary(house: House, slug: str = "") -> dict[Status, int]:
    """Count deliveries by status, of one round or of all; every status is there.

    What was not put into a message yet (the quiet hours) counts as queued, one for each recipient.
    """
    waiting = select(_NOTIFICATION.c.round, _NOTIFICATION.c.recipient).where(_NOTIFICATION.c.delivery.is_(None)).distinct()
    counted = select(_DELIVERY.c.status, func.count()).group_by(_DELIVERY.c.status)
    if slug:
        waiting, counted = waiting.where(_NOTIFICATION.c.round == slug), counted.where(of_round(slug))
    with house.store.read() as connection:
        counts = {Status(status): int(count) for status, count in connection.execute(counted)}
        counts[Status.QUEUED] = counts.get(Status.QUEUED, 0) + len(connection.execute(waiting).all())
    return {status: counts.get(status, 0) for status in Status}


def listing(house: House, slug: str = "", statuses: Iterable[Status] = (), recipient: str = "") -> list[Message]:
    """List deliveries, the newest first; of one round, of some statuses, to one party where these are given."""
    query = select(_DELIVERY).order_by(_DELIVERY.c.due_at.desc(), _DELIVERY.c.id)
    wanted = [status.value for status in statuses]
    query = query.where(of_round(slug)) if slug else query
    query = query.where(_DELIVERY.c.recipient == recipient) if recipient else query
    query = query.where(_DELIVERY.c.status.in_(wanted)) if wanted else query
    with house.store.read() as connection:
        records = Records(connection)
        return [_message(records, row) for row in connection.execute(query).all()]


def _message(records: Records, row: Any) -> Message:
    party = records.get(Party, row.recipient)
    told = records.where(Notification, delivery=row.id)
    return Message(
        row.id,
        row.round,
        shown(party) if party else row.recipient,
        Status(row.status),
        tuple(dict.fromkeys(MessageKind(each.kind) for each in told)),
        tuple(dict.fromkeys(each.subject for each in told)),
        row.channel,
        row.attempts,
        row.due_at,
        row.settled_at,
        row.answer,
    )
