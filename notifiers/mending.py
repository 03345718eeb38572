"""A channel that is mended, here or by the other side: it rests no longer, and what waits for it may leave at once."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, delete, or_, select, update

from config.vocabulary import DeliveryStatus as Status
from notifiers.breaker import LONGEST_REST, PUT_OFF, Health, is_alone, is_answer, is_failure, note, rest
from notifiers.lots import Ended, Lot
from notifiers.routes import Sender
from states.cursors import insert_new
from states.house import House
from states.records import table_of
from states.tables import ChannelDefinition, ChannelHealth, Delivery

PutOff = dict[str, set[str]]
"""For each channel the messages that it has put off, each by itself, since it served anybody."""

KNOWN = timedelta(days=1)
"""So long a configuration that was met while its channel failed is no news."""

_DEFINITION, _DELIVERY, _HEALTH = table_of(ChannelDefinition), table_of(Delivery), table_of(ChannelHealth)
_FAILED = and_(_DELIVERY.c.status == Status.REFUSED_FOR_NOW.value, _DELIVERY.c.attempts > 0)
_UNCHARGED = {"channel_refused_at": None, "attempts": case((_FAILED, _DELIVERY.c.attempts - 1), else_=_DELIVERY.c.attempts)}
"""What is asked again sooner, since its channel was changed, uses up no attempt."""


def forget_changed(house: House, sender: Sender) -> None:
    """Forget that channels failed which were configured anew since: what they refused or put off may leave at once.

    Once a day for each configuration: two machines with different ones would otherwise forget in turns what the other met.
    """
    now = house.clock.now()
    with house.store.read() as connection:
        ill = connection.execute(select(_HEALTH).where(_HEALTH.c.definition.is_not(None)).order_by(_HEALTH.c.channel)).all()
        changed = [(row, mine) for row in ill if row.definition != (mine := _digest(house, sender, row.channel))]
        news = [(row, mine) for row, mine in changed if not _is_known(connection, row.channel, mine, now)]
    if not news:
        return
    with house.store.write() as connection:
        for row, mine in news:
            known = (_HEALTH.c.channel == row.channel, _HEALTH.c.definition == row.definition)
            if connection.execute(delete(_HEALTH).where(*known)).rowcount:
                _keep_known(connection, row.channel, {row.definition, mine}, now)
                _let_leave(connection, now, or_(_put_off(now + LONGEST_REST), _refused(row.channel)), **_UNCHARGED)


def _is_known(connection: Connection, channel: str, definition: str, now: datetime) -> bool:
    """Whether a channel was lately seen configured so, while it failed."""
    mine = (_DEFINITION.c.channel == channel, _DEFINITION.c.definition == definition, _DEFINITION.c.at > now - KNOWN)
    return connection.execute(select(_DEFINITION.c.at).where(*mine)).one_or_none() is not None


def _keep_known(connection: Connection, channel: str, definitions: Collection[str], now: datetime) -> None:
    connection.execute(delete(_DEFINITION).where(_DEFINITION.c.channel == channel, _DEFINITION.c.at <= now - KNOWN))
    insert_new(connection, ChannelDefinition, [{"channel": channel, "definition": each, "at": now} for each in sorted(definitions)])


def look(connection: Connection, lots: Sequence[Lot], channels: Iterable[str], now: datetime) -> Health:
    """Lock what is known of the channels by which lots have left, and of others, for all that a transaction does with them."""
    ended = [each for lot in lots for each in lot.ended]
    failing = {each.channel for each in ended if is_failure(each.outcome)}
    return Health(connection, (*(each.channel for each in ended), *channels), now, failing)


def note_all(house: House, sender: Sender, health: Health, lots: Sequence[Lot], put_off: PutOff) -> list[set[str]]:
    """Keep what lots, in order, say of their channels; gives for each those that its probe found mended. What waits for them may leave.

    What such a channel has refused for its own sake may leave once for each message: it may be the message that it refuses.
    ``put_off`` is kept up to date.
    """
    mended: list[set[str]] = [set() for _ in lots]
    # Channel by channel, in one order, so that two deliverers never wait for each other.
    for channel in sorted({each.channel for lot in lots for each in lot.ended}):
        definition = _digest(house, sender, channel)
        for lot, found in zip(lots, mended, strict=True):
            ended = [each for each in lot.ended if each.channel == channel]
            outcomes = [each.outcome for each in ended]
            ill = note(health, channel, outcomes, health.now, probe=channel in lot.probed, definition=definition)
            if ill is not None:
                found.add(channel)
                newly = and_(_refused(channel), _DELIVERY.c.channel_refused_at >= ill.failing_since)
                _let_leave(health.connection, health.now, or_(_put_off(ill.rests_until or health.now), newly))
            _count(health, channel, ended, put_off.setdefault(channel, set()), definition)
    return mended


def _count(health: Health, channel: str, ended: Iterable[Ended], alone: set[str], definition: str) -> None:
    """Count whom a channel puts off by themselves while it serves nobody; too many of them rest it."""
    for each in ended:
        if is_answer(each.outcome):
            alone.clear()
        elif is_alone(each.outcome):
            alone.add(each.message)
            known = health.of(channel)
            if len(alone) >= PUT_OFF and (known is None or known.rests_until is None):
                rest(health, channel, each.outcome, health.now, definition)


def _digest(house: House, sender: Sender, channel: str) -> str:
    return house.vault.fingerprint(sender.definition(channel))


def _put_off(until: datetime) -> ColumnElement[bool]:
    """What waits for the end of a rest, with whatever else is due by then: each is looked at before it leaves."""
    return and_(_DELIVERY.c.status == Status.QUEUED.value, _DELIVERY.c.due_at <= until)


def _refused(channel: str) -> ColumnElement[bool]:
    return and_(_DELIVERY.c.status == Status.REFUSED_FOR_NOW.value, _DELIVERY.c.channel == channel)


def _let_leave(connection: Connection, now: datetime, which: ColumnElement[bool], **values: Any) -> None:
    """Make due what waits; what another run has in its hands is passed over, not waited for."""
    found = select(_DELIVERY.c.id).where(which, _DELIVERY.c.due_at > now).with_for_update(skip_locked=True)
    connection.execute(update(_DELIVERY).where(_DELIVERY.c.id.in_(found)).values(due_at=now, **values))
