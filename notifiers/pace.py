"""Who may use a channel now: the rate of a channel holds for all processes together, so it is kept in the database."""

from datetime import datetime

from sqlalchemy import select, update

from config.rates import Rate
from notifiers.cursors import insert_new
from states.clock import Clock
from states.records import table_of
from states.store import Store
from states.tables import ChannelUse

_USE = table_of(ChannelUse)


class Pace:
    """Hands out room on channels that have a rate."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def take(self, channel: str, rate: Rate, messages: int) -> datetime | None:
        """Take room for so many messages at once: None where they may leave now, else the instant to ask again (UTC)."""
        now = self._clock.now()
        with self._store.write() as connection:
            insert_new(connection, ChannelUse, [{"channel": channel, "taken": []}])
            row = select(_USE.c.taken).where(_USE.c.channel == channel).with_for_update()
            taken = sorted(datetime.fromisoformat(instant) for instant in connection.execute(row).scalar_one())
            ready = rate.ready_at(taken, now, messages)
            if ready > now:
                return ready
            kept = [instant for instant in taken if instant > now - rate.longest] + [now] * messages
            values = {"taken": [instant.isoformat() for instant in kept]}
            connection.execute(update(_USE).where(_USE.c.channel == channel).values(values))
        return None
