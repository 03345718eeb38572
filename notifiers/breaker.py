"""A channel that keeps failing is rested: its messages wait and use up no attempt, other channels go on (circuit breaker).

After a rest one message goes ahead as a probe. If it fails too, the next rest is longer; if it is answered, all follow.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from notifiers.outgoing import ChannelRefused, Outcome, RefusedForGood, RefusedForNow, Sent, Unknown
from states.cursors import insert_new
from states.records import table_of
from states.tables import ChannelHealth

FAILURES = 5
"""Failures in a row after which a channel rests. An answer that refuses one message alone, for good or for now, is no failure of
the channel; one that refuses the channel itself rests it at once, since every other message would hear the same."""

FIRST_REST = timedelta(minutes=2)
LONGEST_REST = timedelta(minutes=30)

_HEALTH = table_of(ChannelHealth)
_OF_CHANNEL = select(_HEALTH).where(_HEALTH.c.channel == bindparam("channel"))
_HEALED = delete(_HEALTH).where(_HEALTH.c.channel == bindparam("channel")).returning(_HEALTH)


def refused_channels(connection: Connection, now: datetime) -> dict[str, datetime]:
    """Give the channels that the other side refuses for their own sake, and until when each rests: then one message may ask again."""
    found = connection.execute(select(_HEALTH.c.channel, _HEALTH.c.rests_until).where(_HEALTH.c.refused_at.is_not(None)))
    return {channel: rests_until or now for channel, rests_until in found}


def rest_after(rests: int) -> timedelta:
    """Give the rest after so many before it: 2, 4, 8, 16, then always 30 minutes."""
    return min(FIRST_REST * int(2 ** min(rests, 10)), LONGEST_REST)


class Gate:
    """Says for one batch, inside its transaction, which messages may go by which channel now."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._closed: dict[str, datetime | None] = {}
        self.probed: set[str] = set()
        """Channels for which a message of this batch goes ahead."""

    def closed_until(self, channel: str) -> datetime | None:
        """Give None where a message may go now, else the instant (UTC) at which to ask again.

        Behind a probe the rest of the batch may ask again at once: by then its outcome is known.
        """
        if channel not in self._closed:
            self._closed[channel] = self._look(channel)
            if self._closed[channel] == self._now:
                self.probed.add(channel)
                return None
        return self._closed[channel]

    def _look(self, channel: str) -> datetime | None:
        """Give the end of the rest; ``now`` itself where this batch has the probe; None for a healthy channel."""
        row = self._connection.execute(_OF_CHANNEL, {"channel": channel}).one_or_none()
        if row is None or row.rests_until is None:
            return None
        resting: datetime = row.rests_until
        if resting > self._now:
            return resting
        # Until the probe is answered the channel rests for everybody else; should its deliverer die, that ends by itself.
        until = self._now + rest_after(row.rests)
        mine = (_HEALTH.c.channel == channel, _HEALTH.c.rests_until == resting)
        won = self._connection.execute(update(_HEALTH).where(*mine).values(rests_until=until)).rowcount == 1
        return self._now if won else until


def note(
    connection: Connection, channel: str, outcomes: Sequence[Outcome], now: datetime, *, probe: bool = False, definition: str | None = None
) -> Row[Any] | None:
    """Keep what a channel's outcomes, in order, say of its health; a healthy one has no row. Gives the row of one that a probe found mended.

    What fails while the channel rests and was no ``probe`` left before the rest began: it makes the rest no longer. ``definition``
    is the digest of how the channel is configured.
    """
    answered = [index for index, outcome in enumerate(outcomes) if _is_answer(outcome)]
    since = outcomes[answered[-1] + 1 :] if answered else outcomes
    failed = [outcome for outcome in since if isinstance(outcome, RefusedForNow | Unknown | ChannelRefused)]
    ill = connection.execute(_HEALED, {"channel": channel}).one_or_none() if answered else None
    if failed:
        _fail(connection, channel, failed, now, probe=probe, definition=definition)
    return ill if probe else None


def _is_answer(outcome: Outcome) -> bool:
    """Whether an outcome shows that the channel works, whatever it says of this one message."""
    refused = (isinstance(outcome, RefusedForGood) and outcome.asked) or (isinstance(outcome, RefusedForNow) and outcome.alone)
    return isinstance(outcome, Sent) or refused


def _fail(
    connection: Connection,
    channel: str,
    failed: Sequence[RefusedForNow | Unknown | ChannelRefused],
    now: datetime,
    *,
    probe: bool,
    definition: str | None,
) -> None:
    blank: dict[str, Any] = {"channel": channel, "failures": 0, "rests": 0, "rests_until": None, "reason": "", "failing_since": now}
    blank |= {"refused_at": None, "definition": definition}
    refused = [outcome.reason for outcome in failed if isinstance(outcome, ChannelRefused)]
    insert_new(connection, ChannelHealth, [blank])
    row = connection.execute(select(_HEALTH).where(_HEALTH.c.channel == channel).with_for_update()).one()
    values = {"failures": row.failures + len(failed), "reason": (refused or [failed[-1].reason])[-1], "definition": definition}
    values |= {"failing_since": min(row.failing_since, now)}  # another deliverer, later than this one, may have been quicker
    if refused:
        values |= {"refused_at": now}
    if (refused or values["failures"] >= FAILURES) and (row.rests_until is None or probe):
        values |= {"rests": row.rests + 1, "rests_until": now + rest_after(row.rests)}
    connection.execute(update(_HEALTH).where(_HEALTH.c.channel == channel).values(values))
