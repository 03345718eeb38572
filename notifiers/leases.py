"""A delivery's way through its statuses, in small batches, each step committed before the next (wall 7).

Whoever works on a delivery holds a lease. One that ran out before the first byte may be taken over; one that ran out
while sending is *unknown*: nobody knows what the other side got, so nothing is sent again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Update, and_, bindparam, select, update

from config.vocabulary import DeliveryStatus as Status
from states.house import House
from states.records import table_of
from states.tables import Delivery

BATCH = 20
"""Deliveries on their way together: so many become unknown at most when a deliverer is killed."""

LOT = BATCH // 2
"""Deliveries that begin by one commit: while one lot is on its way, the next is made ready behind it."""

CLAIMED = 40
"""Deliveries that are claimed and written at one look at the database; they leave lot by lot."""

LEASE = timedelta(minutes=15)
"""So long after its last sign of life a run is taken for dead. While it lives it keeps its lease, however slow the other side is."""

STUCK = timedelta(hours=1)
"""A run of which nothing ended for so long keeps its lease no more: longer than every answer of two lots at a channel's longest time-out."""

DIED_SENDING = "发送途中程序中断，对方是否收到不明，请人工核实"
_DELIVERY = table_of(Delivery)

# Made once: to put a statement together takes longer than to carry it out.
_HELD = (
    select(_DELIVERY.c.id)
    .where(
        _DELIVERY.c.id.in_(bindparam("ids", expanding=True)),
        _DELIVERY.c.holder == bindparam("holder"),
        _DELIVERY.c.lease_until == bindparam("until"),
        _DELIVERY.c.status == bindparam("status"),
    )
    .with_for_update()
)
# Several claim at once: what another has locked is passed over, not waited for. SQLite has one writer at a time anyway.
_DUE = [
    select(_DELIVERY)
    .where(_DELIVERY.c.status == status.value, instant <= bindparam("now"))
    .order_by(_DELIVERY.c.due_at, _DELIVERY.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    for status, instant in (
        (Status.QUEUED, _DELIVERY.c.due_at),
        (Status.REFUSED_FOR_NOW, _DELIVERY.c.due_at),
        (Status.CLAIMED, _DELIVERY.c.lease_until),
    )
]
_TAKEN = (
    update(_DELIVERY)
    .where(_DELIVERY.c.id.in_(bindparam("ids", expanding=True)))
    .values(status=Status.CLAIMED.value, holder=bindparam("holder"), lease_until=bindparam("until"))
)


_KEPT = (
    update(_DELIVERY)
    .where(
        _DELIVERY.c.holder == bindparam("whose"),
        _DELIVERY.c.lease_until == bindparam("before"),
        _DELIVERY.c.status.in_((Status.CLAIMED.value, Status.SENDING.value)),
    )
    .values(lease_until=bindparam("until"))
)


@dataclass
class Lease:
    """What all that one run has in its hands is held by; ``until`` moves on while it lives, ``moved_at`` is when anything last began or ended."""

    holder: str
    until: datetime
    moved_at: datetime


@dataclass(frozen=True)
class Claim:
    """One delivery in somebody's hands, as it was when it was claimed. ``before`` is the status it had, ``rest`` what is left to send.

    ``channel`` is the one that its ``attempts`` were by; those that ``refused_by`` names have just refused it for their own sake, in this run.
    ``answers`` are those of what was ``tried``; at ``channel_refused_at`` a channel's own refusal let it wait for the first time.
    """

    id: str
    round: str
    recipient: str
    tried: tuple[str, ...]
    attempts: int
    due_at: datetime
    before: Status
    lease: Lease
    rest: dict[str, Any] | None = field(default=None, repr=False, hash=False)
    channel: str = ""
    refused_by: frozenset[str] = frozenset()
    answers: tuple[tuple[str, str], ...] = ()
    channel_refused_at: datetime | None = None

    def attempt(self, channel: str) -> int:
        """Give the number of the next attempt by a channel: each has its own count, and none is charged to the next."""
        return self.attempts + 1 if channel == self.channel else 1

    def counted(self) -> dict[str, Any]:
        """Give the count as it was before, for what was no attempt."""
        return {"channel": self.channel, "attempts": self.attempts}


def recover(house: House) -> int:
    """Make every delivery unknown whose sender died while sending; gives how many."""
    now = house.clock.now()
    lost = and_(_DELIVERY.c.status == Status.SENDING.value, _DELIVERY.c.lease_until <= now)
    values = {"status": Status.UNKNOWN.value, "settled_at": now, "answer": DIED_SENDING, "lease_until": None}
    with house.store.write() as connection:
        return int(connection.execute(update(_DELIVERY).where(lost).values(values)).rowcount)


def keep(house: House, lease: Lease) -> None:
    """Move a lease on that is a third through; not that of a run that is stuck."""
    now = house.clock.now()
    if lease.until - now <= LEASE * 2 / 3 and now - lease.moved_at < STUCK:
        with house.store.write() as connection:
            until = extend(connection, now, lease)
        lease.until = until


def extend(connection: Connection, now: datetime, lease: Lease) -> datetime:
    """Move on the lease of whatever is still held by it, and give its new end, which stands once this is committed."""
    until = now + LEASE
    connection.execute(_KEPT, {"whose": lease.holder, "before": lease.until, "until": until})
    return until


def take(connection: Connection, now: datetime, lease: Lease, most: int) -> list[Claim]:
    """Take the deliveries that are due first, or those whose holder let the lease run out before sending; at most ``most``."""
    if most <= 0:
        return []
    rows = _first_due(connection, now, most)
    if rows:
        connection.execute(_TAKEN, {"ids": [row.id for row in rows], "holder": lease.holder, "until": now + LEASE})
    return [_claimed(row, lease) for row in rows]


def held(connection: Connection, batch: Sequence[Claim], status: Status) -> set[str]:
    """Lock those of a batch that are still in these hands and have this status, and give their ids.

    The end of the lease tells one claim from the next; whatever is missing somebody else has taken over or found unknown.
    """
    if not batch:
        return set()
    given = {"ids": [each.id for each in batch], "holder": batch[0].lease.holder, "until": batch[0].lease.until, "status": status.value}
    return set(connection.execute(_HELD, given).scalars())


def change(connection: Connection, changes: Iterable[tuple[Claim, dict[str, Any]]]) -> None:
    """Change deliveries that ``held`` gave in this transaction, those with the same columns together."""
    shapes: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for mine, values in changes:
        shapes.setdefault(tuple(sorted(values)), []).append({**values, "mine": mine.id})
    for shape, rows in shapes.items():
        connection.execute(_changing(shape), rows)


@cache
def _changing(shape: tuple[str, ...]) -> Update:
    return update(_DELIVERY).where(_DELIVERY.c.id == bindparam("mine")).values({name: bindparam(name) for name in shape})


def begun(mine: Claim, channel: str) -> dict[str, Any]:
    """Say that bytes are about to leave."""
    return {"status": Status.SENDING.value, "channel": channel, "attempts": mine.attempt(channel)}


def released(mine: Claim, due_at: datetime) -> dict[str, Any]:
    """Put a delivery back of which no byte has left, for later."""
    return {"status": mine.before.value, "due_at": due_at, "lease_until": None, **mine.counted()}


def given_up(answer: str, now: datetime) -> dict[str, Any]:
    """Refuse a delivery for good without sending it."""
    return {"status": Status.REFUSED_FOR_GOOD.value, "settled_at": now, "answer": answer, "lease_until": None}


def _first_due(connection: Connection, now: datetime, most: int) -> list[Any]:
    """Find what is due first: each status by itself, along the index, so that a full outbox costs no more than an empty one."""
    given = {"now": now, "most": most}
    found = [row for statement in _DUE for row in connection.execute(statement, given)]
    return sorted(found, key=lambda row: (row.due_at, row.id))[:most]


def _claimed(row: Any, lease: Lease) -> Claim:
    before = Status.QUEUED if row.status == Status.CLAIMED else Status(row.status)
    tried, answers = tuple(row.tried), tuple(map(tuple, row.answers or ()))
    return Claim(
        row.id,
        row.round,
        row.recipient,
        tried,
        row.attempts,
        row.due_at,
        before,
        lease,
        row.rest,
        row.channel,
        answers=answers,
        channel_refused_at=row.channel_refused_at,
    )
