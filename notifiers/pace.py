"""Who may use a channel now: the rate of a channel holds for all processes together, so it is kept in the database."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from config.rates import Rate
from notifiers.outgoing import Load
from states.clock import Clock
from states.cursors import insert_new
from states.records import table_of
from states.store import Store
from states.tables import ChannelUse

_USE = table_of(ChannelUse)
_TAKEN = select(_USE.c.taken).where(_USE.c.channel == bindparam("channel")).with_for_update()

Promises = dict[str, list[datetime]]
"""For each channel the instants, in order, that were named to those who have to wait; each counts as if it were taken."""


class Turns:
    """Gives turns on channels that have a rate, inside the transaction of whoever asks."""

    def __init__(self, connection: Connection, now: datetime, promised: Promises | None = None) -> None:
        self._connection = connection
        self._now = now
        self._promised: Promises = {} if promised is None else promised
        self._taken: dict[str, list[datetime]] = {}

    def lock(self, channels: Iterable[str]) -> None:
        """Lock what is known of these channels, in one order for everybody."""
        for channel in sorted(set(channels) - self._taken.keys()):
            insert_new(self._connection, ChannelUse, [{"channel": channel, "taken": []}])
            row = self._connection.execute(_TAKEN, {"channel": channel}).scalar_one()
            self._taken[channel] = sorted(datetime.fromisoformat(instant) for instant in row)

    def wait(self, channel: str, load: Load) -> datetime | None:
        """Give None where so much may leave by a locked channel now, else the instant (UTC) at which to ask again.

        Whoever has to wait is promised a turn behind all who wait already, so that each asks again when it is likely to get one.
        """
        if load.rate.ready_at(self._taken[channel], self._now, load.parts) <= self._now:
            return None
        promised = self._promised.setdefault(channel, [])
        turn = load.rate.ready_at(self._taken[channel] + promised, self._now, load.parts)
        promised += [turn] * load.parts
        del promised[: -max(limit.count for limit in load.rate.limits)]
        return turn

    def take(self, channel: str, load: Load) -> None:
        """Take what ``wait`` found free."""
        taken = self._taken[channel]
        taken[:] = [instant for instant in taken if instant > self._now - load.rate.longest] + [self._now] * load.parts
        values = {"taken": [instant.isoformat() for instant in taken]}
        self._connection.execute(update(_USE).where(_USE.c.channel == channel).values(values))


class Pace:
    """Gives turns on channels that have a rate, each in a transaction of its own."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def take(self, channel: str, rate: Rate, messages: int) -> datetime | None:
        """Take room for so many messages at once: None where they may leave now, else the instant to ask again (UTC)."""
        load = Load(rate, messages)
        with self._store.write() as connection:
            turns = Turns(connection, self._clock.now())
            turns.lock([channel])
            until = turns.wait(channel, load)
            if until is None:
                turns.take(channel, load)
        return until
