"""While a round is on hold its reminders and escalations stay, also those that wait in a delivery already: they speak of dates that stand still."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, update

from config.vocabulary import DeliveryStatus as Status
from notifiers.kinds import MessageKind
from states.house import House
from states.records import table_of
from states.tables import Delivery, Notification, Round

STOPPED = frozenset({MessageKind.REMINDER, MessageKind.ESCALATION})
"""What the clock of a round says, and says no more while it stands still; everything else was decided, and is told."""

_DELIVERY, _NOTIFICATION, _ROUND = table_of(Delivery), table_of(Notification), table_of(Round)
_HELD = select(_ROUND.c.slug).where(_ROUND.c.held)


def stopped() -> ColumnElement[bool]:
    """Give the condition that a notification may not leave, since its round is on hold."""
    return and_(_NOTIFICATION.c.kind.in_([kind.value for kind in STOPPED]), _NOTIFICATION.c.round.in_(_HELD))


def take_back(house: House) -> None:
    """Take what is stopped out of the deliveries of which no byte is leaving; it waits again, and one that is empty then is gone.

    After the release it leaves in another delivery, unless its due time has moved.
    """
    now = house.clock.now()
    waiting = and_(stopped(), _NOTIFICATION.c.delivery.in_(select(_DELIVERY.c.id).where(in_nobodys_hands(now))))
    with house.store.read() as connection:
        if not connection.execute(_HELD.limit(1)).first():
            return
        if not connection.execute(select(_NOTIFICATION.c.key).where(waiting).limit(1)).first():
            return
    with house.store.write() as connection:
        _take_back(connection, now)


def _take_back(connection: Connection, now: datetime) -> None:
    carrying = select(_NOTIFICATION.c.delivery).where(stopped(), _NOTIFICATION.c.delivery.is_not(None))
    waiting = select(_DELIVERY.c.id, _DELIVERY.c.rest).where(in_nobodys_hands(now), _DELIVERY.c.id.in_(carrying))
    # What a deliverer has taken up meanwhile is passed over here: it looks for itself before it sends.
    rows = connection.execute(waiting.with_for_update(skip_locked=True)).all()
    found = [row.id for row in rows if row.rest is None]  # of the others the first parts have arrived: they only wait
    connection.execute(update(_NOTIFICATION).where(_NOTIFICATION.c.delivery.in_(found), stopped()).values(delivery=None))
    drop_empty(connection, found)


def in_nobodys_hands(now: datetime) -> ColumnElement[bool]:
    """Give the condition that a delivery waits, or was left by a deliverer whose lease has run out."""
    left_alone = and_(_DELIVERY.c.status == Status.CLAIMED.value, _DELIVERY.c.lease_until <= now)
    return or_(_DELIVERY.c.status.in_((Status.QUEUED.value, Status.REFUSED_FOR_NOW.value)), left_alone)


def drop_empty(connection: Connection, deliveries: Collection[str]) -> None:
    """Drop the deliveries among some that carry nothing any more."""
    full = select(_NOTIFICATION.c.delivery).where(_NOTIFICATION.c.delivery.in_(deliveries))
    connection.execute(delete(_DELIVERY).where(_DELIVERY.c.id.in_(deliveries), _DELIVERY.c.id.not_in(full)))
