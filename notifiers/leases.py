"""A delivery's way through its statuses, each step in a short transaction of its own (wall 7).

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

LEASE = timedelta(minutes=15)
"""Longer than any channel takes for one message: several answers of at most two minutes each."""

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


def claim(house: House, holder: str) -> Claim | None:
    """Take the delivery that is due first, or one whose holder let the lease run out before sending; None where none is due."""
    now = house.clock.now()
    with house.store.write() as connection:
        row = connection.execute(_first_due(now)).one_or_none()
        if row is None:
            return None
        until = now + LEASE
        values = {"status": Status.CLAIMED.value, "holder": holder, "lease_until": until}
        connection.execute(update(_DELIVERY).where(_DELIVERY.c.id == row.id).values(values))
        before = Status.QUEUED if row.status == Status.CLAIMED else Status(row.status)
        return Claim(row.id, row.round, row.recipient, tuple(row.tried), row.attempts, before, holder, until)


def begin(house: House, mine: Claim, channel: str) -> bool:
    """Commit that bytes are about to leave; False where the lease was lost and somebody else may be sending."""
    values = {"status": Status.SENDING.value, "channel": channel, "attempts": mine.attempts + 1}
    return _step(house, mine, Status.CLAIMED, values)


def release(house: House, mine: Claim, due_at: datetime) -> None:
    """Put a claimed delivery back unsent, for later."""
    _step(house, mine, Status.CLAIMED, {"status": mine.before.value, "due_at": due_at, "lease_until": None})


def give_up(house: House, mine: Claim, answer: str) -> None:
    """Refuse a claimed delivery for good without sending it."""
    values = {"status": Status.REFUSED_FOR_GOOD.value, "settled_at": house.clock.now(), "answer": answer, "lease_until": None}
    _step(house, mine, Status.CLAIMED, values)


def finish(house: House, mine: Claim, values: dict[str, Any]) -> bool:
    """Record how a sending ended; False where it was already found unknown, which stands."""
    return _step(house, mine, Status.SENDING, {**values, "lease_until": None})


def _first_due(now: datetime) -> Any:
    waiting = and_(_DELIVERY.c.status.in_((Status.QUEUED.value, Status.REFUSED_FOR_NOW.value)), _DELIVERY.c.due_at <= now)
    abandoned = and_(_DELIVERY.c.status == Status.CLAIMED.value, _DELIVERY.c.lease_until <= now)
    ordered = select(_DELIVERY).where(or_(waiting, abandoned)).order_by(_DELIVERY.c.due_at, _DELIVERY.c.id)
    return ordered.limit(1).with_for_update(skip_locked=True)


def _step(house: House, mine: Claim, status: Status, values: dict[str, Any]) -> bool:
    """Change the delivery where it is still in these hands: the end of the lease tells one claim from the next."""
    held = (_DELIVERY.c.id == mine.id, _DELIVERY.c.status == status.value, *_held(mine))
    with house.store.write() as connection:
        return _changed(connection, update(_DELIVERY).where(*held).values(values))


def _held(mine: Claim) -> tuple[Any, ...]:
    return _DELIVERY.c.holder == mine.holder, _DELIVERY.c.lease_until == mine.until


def _changed(connection: Connection, statement: Any) -> bool:
    return int(connection.execute(statement).rowcount) == 1
