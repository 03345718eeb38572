"""A channel that keeps failing is rested: its messages wait and use up no attempt, other channels go on (circuit breaker).

After a rest one message goes ahead as a probe. If it fails too, the next rest is longer; if it is answered, all follow.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeGuard

from sqlalchemy import Connection, bindparam, delete, select, update

from notifiers.outgoing import ChannelRefused, Outcome, RefusedForGood, RefusedForNow, Sent, Unknown
from states.cursors import insert_or_lock
from states.records import table_of
from states.tables import ChannelHealth

FAILURES = 5
"""Failures in a row after which a channel rests. An answer that refuses one message alone, for good or for now, is no failure of
the channel; one that refuses the channel itself rests it at once, since every other message would hear the same."""

PUT_OFF = FAILURES * 4
"""So many messages that a server puts off each by itself, in one run and with nobody served in between, rest the channel too: it may
say so of everybody."""

FIRST_REST = timedelta(minutes=2)
LONGEST_REST = timedelta(minutes=30)

_HEALTH = table_of(ChannelHealth)
_LOCKED = select(_HEALTH).where(_HEALTH.c.channel.in_(bindparam("channels", expanding=True))).order_by(_HEALTH.c.channel).with_for_update()
_HEALED = delete(_HEALTH).where(_HEALTH.c.channel == bindparam("channel"))

Failure = RefusedForNow | Unknown | ChannelRefused


def refused_channels(connection: Connection, now: datetime) -> dict[str, datetime]:
    """Give the channels that the other side refuses for their own sake, and until when each rests: then one message may ask again."""
    found = connection.execute(select(_HEALTH.c.channel, _HEALTH.c.rests_until).where(_HEALTH.c.refused_at.is_not(None)))
    return {channel: rests_until or now for channel, rests_until in found}


def rest_after(rests: int) -> timedelta:
    """Give the rest after so many before it: 2, 4, 8, 16, then always 30 minutes."""
    return min(FIRST_REST * int(2 ** min(rests, 10)), LONGEST_REST)


class Health:
    """What a transaction knows of the health of some channels: one look, which locks their rows, in one order for everybody.

    Of those that are ``failing`` a row is made where there is none, since another one, made meanwhile, may have to be waited for.
    """

    def __init__(self, connection: Connection, channels: Iterable[str], now: datetime, failing: Collection[str] = ()) -> None:
        self.connection = connection
        self.now = now
        self._ill: dict[str, ChannelHealth] = {}
        names = sorted({*channels, *failing})
        # Otherwise all at once: this is done at every commit of a deliverer.
        for some in [[name] for name in names] if failing else filter(None, [names]):
            found = [self._made(some[0])] if failing and some[0] in failing else self._locked(some)
            self._ill |= {row.channel: row for row in found}

    def of(self, channel: str) -> ChannelHealth | None:
        """Give what is known of a channel; None of a healthy one."""
        return self._ill.get(channel)

    def ill(self, channel: str) -> ChannelHealth:
        """Give what is known of a channel that fails, if nothing but that."""
        return self._ill.get(channel) or self._made(channel)

    def put(self, channel: str, **values: Any) -> None:
        """Note something of a channel that fails."""
        self.connection.execute(update(_HEALTH).where(_HEALTH.c.channel == channel).values(values))
        self._ill[channel] = ChannelHealth(**{**self._ill[channel].model_dump(), **values})

    def forget(self, channel: str) -> ChannelHealth | None:
        """Know a channel as healthy; gives what it suffered from."""
        if channel in self._ill:
            self.connection.execute(_HEALED, {"channel": channel})
        return self._ill.pop(channel, None)

    def _locked(self, channels: Sequence[str]) -> list[ChannelHealth]:
        return [ChannelHealth(**row) for row in self.connection.execute(_LOCKED, {"channels": channels}).mappings()]

    def _made(self, channel: str) -> ChannelHealth:
        blank = ChannelHealth(channel=channel, failing_since=self.now).model_dump()
        self._ill[channel] = ChannelHealth(**insert_or_lock(self.connection, ChannelHealth, blank)._mapping)
        return self._ill[channel]


class Gate:
    """Says for one batch, inside its transaction, which messages may go by which channel now; ``health`` knows them."""

    def __init__(self, health: Health, now: datetime) -> None:
        self._health = health
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
        row = self._health.of(channel)
        if row is None or row.rests_until is None or row.rests_until > self._now:
            return row.rests_until if row else None
        # Until the probe is answered the channel rests for everybody else; should its deliverer die, that ends by itself.
        self._health.put(channel, rests_until=self._now + rest_after(row.rests))
        return self._now


def note(
    health: Health, channel: str, outcomes: Sequence[Outcome], now: datetime, *, probe: bool = False, definition: str | None = None
) -> ChannelHealth | None:
    """Keep what a channel's outcomes, in order, say of its health; a healthy one has no row. Gives the row of one that a probe found mended.

    What fails while the channel rests and was no ``probe`` left before the rest began: it makes the rest no longer. A probe that
    is put off by itself proves the server well, but where it rests for putting off everybody. ``definition`` is the digest of how
    the channel is configured.
    """
    before = health.of(channel)
    everybody = before is not None and before.failures == 0
    alone = [outcome for outcome in outcomes if probe and is_alone(outcome)]
    answered = [index for index, outcome in enumerate(outcomes) if is_answer(outcome) or (outcome in alone and not everybody)]
    since = outcomes[answered[-1] + 1 :] if answered else outcomes
    ill = health.forget(channel) if answered else None
    if failed := [outcome for outcome in since if is_failure(outcome)]:
        health.put(channel, **_failed(health.ill(channel), failed, now, probe=probe), definition=definition)
    elif everybody and alone and not answered:
        rest(health, channel, alone[-1], now, definition)
    return ill if probe else None


def rest(health: Health, channel: str, outcome: RefusedForNow, now: datetime, definition: str | None) -> None:
    """Let a channel rest that puts off everybody, one by one; it counts no failure, which tells it from one that fails."""
    row = health.ill(channel)
    values = {"failures": 0, "rests": row.rests + 1, "rests_until": now + rest_after(row.rests), "reason": outcome.reason}
    health.put(channel, **values, definition=definition)


def is_failure(outcome: Outcome) -> TypeGuard[Failure]:
    """Whether an outcome, where no answer follows it, says that the channel does not work."""
    return isinstance(outcome, RefusedForNow | Unknown | ChannelRefused) and not is_alone(outcome)


def is_alone(outcome: Outcome) -> TypeGuard[RefusedForNow]:
    """Whether an outcome puts off one message by itself: it says nothing of the channel, since a server may say so of everybody."""
    return isinstance(outcome, RefusedForNow) and outcome.alone


def is_answer(outcome: Outcome) -> bool:
    """Whether an outcome shows that the channel works, whatever it says of this one message."""
    return isinstance(outcome, Sent) or (isinstance(outcome, RefusedForGood) and outcome.asked)


def _failed(row: ChannelHealth, failed: Sequence[Failure], now: datetime, *, probe: bool) -> dict[str, Any]:
    """Give what failures make of what is known of a channel."""
    refused = [outcome.reason for outcome in failed if isinstance(outcome, ChannelRefused)]
    values: dict[str, Any] = {"failures": row.failures + len(failed), "reason": (refused or [failed[-1].reason])[-1]}
    values |= {"failing_since": min(row.failing_since, now)}  # another deliverer, later than this one, may have been quicker
    if refused:
        values |= {"refused_at": now}
    if (refused or values["failures"] >= FAILURES) and (row.rests_until is None or probe):
        values |= {"rests": row.rests + 1, "rests_until": now + rest_after(row.rests)}
    return values
