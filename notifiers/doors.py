"""Which messages may leave now: a channel may rest, or its rate may be used up."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from notifiers.breaker import Gate, Health
from notifiers.outgoing import Load
from notifiers.pace import Promises, Turns


class Doors:
    """Says for one lot, inside its transaction, what may leave; ``probed`` are the channels for which one message goes ahead as a probe."""

    def __init__(self, connection: Connection, health: Health, now: datetime, promised: Promises) -> None:
        self._gate = Gate(health, now)
        self._turns = Turns(connection, now, promised)

    @property
    def probed(self) -> frozenset[str]:
        """The channels that are tried after a rest."""
        return frozenset(self._gate.probed)

    def expect(self, channels: Iterable[str]) -> None:
        """Name the channels with a rate that will be asked for."""
        self._turns.lock(channels)

    def closed_until(self, channel: str, load: Load | None) -> datetime | None:
        """Let a message leave now (None), its turn taken, or give the instant (UTC) at which to ask again."""
        # The rate comes first: a probe that then had to wait would leave the channel at rest for nothing.
        until = (self._turns.wait(channel, load) if load else None) or self._gate.closed_until(channel)
        if load and until is None:
            self._turns.take(channel, load)
        return until
