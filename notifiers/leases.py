"""A delivery's way through its statuses, in small batches, each step committed before the next (wall 7).

Whoever works on a delivery holds a lease. One that ran out before the first byte may be taken over; one that ran out
while sending is *unknown*: nobody knows what the other side got, so nothing is sent again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, or_, select, update

from config.vocabulary import DeliveryStatus as Status
from states.house import House
from states.records import table_of
from states.tables import Delivery

BATCH = 20
"""Deliveries in one pair of hands: so many become unknown at most when a deliverer is killed."""

LEASE = timedelta(minutes=15)
"""Longer than a batch takes: a few answers for each message, some messages at once."""

DIED_SENDING = "发送途中程序中断，对方是否收到不明，请人工核实"
_DELIVERY = table_of(Delivery)


@dataclass(frozen=True)
class Claim:
    """One delivery in somebody's hands, as it was when it was claimed. ``before`` is the status it had."""

    id: str
    round: str
    recipient: str
    tried: tuple[str, ...]
    attempts: int
    due_at: datetime
    before: Status
    holder: str
    until: datetime


def recover(house: House) -> int:
    """Make every delivery unknown whose sender died while sending; gives how many."""
    now = house.clock.now()
    lost = and_(_DELIVERY.c.status == Status.SENDING.value, _DELIVERY.c.lease_until <= now)
    values = {"status": Status.UNKNOWN.value, "settled_at": now, "answer": DIED_SENDING, "lease_until": None}
    with house.store.write() as connection:
        return int(connection.execute(update(_DELIVERY).where(lost).values(values)).rowcount)


def claim(house: House, holder: str, most: int = BATCH) -> list[Claim]:
    """Take the deliveries that are due first, or those whose holder let the lease run out before sending; at most ``most``."""
    now = house.clock.now()
    until = now + LEASE
    with house.store.write() as connection:
        rows = connection.execute(_first_due(now, most)).all()
        values = {"status": Status.CLAIMED.value, "holder": holder, "lease_until": until}
        if rows:
            connection.execute(update(_DELIVERY).where(_DELIVERY.c.id.in_([row.id for row in rows])).values(values))
    return [_claimed(row, holder, until) for row in rows]


def begin(connection: Connection, mine: Claim, channel: str) -> bool:
    """Note that bytes are about to leave; False where the lease was lost and somebody else may be sending."""
    values = {"status": Status.SENDING.value, "channel": channel, "attempts": mine.attempts + 1}
    return _step(connection, mine, Status.CLAIMED, values)


def release(connection: Connection, mine: Claim, due_at: datetime) -> None:
    """Put a claimed delivery back unsent, for later."""
    _step(connection, mine, Status.CLAIMED, {"status": mine.before.value, "due_at": due_at, "lease_until": None})


def give_up(connection: Connection, mine: Claim, answer: str, now: datetime) -> None:
    """Refuse a claimed delivery for good without sending it."""
    values = {"status": Status.REFUSED_FOR_GOOD.value, "settled_at": now, "answer": answer, "lease_until": None}
    _step(connection, mine, Status.CLAIMED, values)


def put_back(connection: Connection, mine: Claim) -> None:
    """Undo the beginning of a sending of which no byte has left."""
    values = {"status": mine.before.value, "attempts": mine.attempts, "due_at": mine.due_at, "lease_until": None}
    _step(connection, mine, Status.SENDING, values)


def finish(connection: Connection, mine: Claim, values: dict[str, Any]) -> bool:
    """Record how a sending ended; False where it was already found unknown, which stands."""
    return _step(connection, mine, Status.SENDING, {**values, "lease_until": None})


def _first_due(now: datetime, most: int) -> Any:
    waiting = and_(_DELIVERY.c.status.in_((Status.QUEUED.value, Status.REFUSED_FOR_NOW.value)), _DELIVERY.c.due_at <= now)
    abandoned = and_(_DELIVERY.c.status == Status.CLAIMED.value, _DELIVERY.c.lease_until <= now)
    ordered = select(_DELIVERY).where(or_(waiting, abandoned)).order_by(_DELIVERY.c.due_at, _DELIVERY.c.id)
    # Several claim at once: what another has locked is passed over, not waited for. SQLite has one writer at a time anyway.
    return ordered.limit(most).with_for_update(skip_locked=True)


def _claimed(row: Any, holder: str, until: datetime) -> Claim:
    before = Status.QUEUED if row.status == Status.CLAIMED else Status(row.status)
    return Claim(row.id, row.round, row.recipient, tuple(row.tried), row.attempts, row.due_at, before, holder, until)


def _step(connection: Connection, mine: Claim, status: Status, values: dict[str, Any]) -> bool:
    """Change the delivery where it is still in these hands: the end of the lease tells one claim from the next."""
    held = (_DELIVERY.c.id == mine.id, _DELIVERY.c.status == status.value, *_held(mine))
    return int(connection.execute(update(_DELIVERY).where(*held).values(values)).rowcount) == 1


def _held(mine: Claim) -> tuple[Any, ...]:
    return _DELIVERY.c.holder == mine.holder, _DELIVERY.c.lease_until == mine.until
