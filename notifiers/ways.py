"""Which way a message takes now, past channels that are refused for their own sake: pure, one rule for everybody."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar


@dataclass(frozen=True)
class Way:
    """One address by one channel, not opened. ``key`` names the party and both of these without the address."""

    key: str
    channel: str


W = TypeVar("W", bound=Way)


def way_now(ways: Iterable[W], closed: Collection[str]) -> W | None:
    """Give the first way whose channel is not ``closed``."""
    return next((way for way in ways if way.channel not in closed), None)


class Refusals:
    """What one look knows of the channels that are refused for their own sake; each is asked again after its rest, by one message."""

    def __init__(self, until: Mapping[str, datetime], now: datetime) -> None:
        """Take until when each rests."""
        self._until = dict(until)
        self._closed = {channel for channel, instant in until.items() if instant > now}

    def way(self, ways: Sequence[W], refused_by: Collection[str] = ()) -> W | None:
        """Give the way to take, or else the one to wait for: that which opens first.

        ``refused_by`` are the channels that have just refused this very message: without any other way it has to wait by itself (None).
        """
        waiting = [way for way in ways if way.channel in self._until and way.channel not in refused_by]
        taken = way_now(ways, {*self._closed, *refused_by})
        return taken or min(waiting, key=lambda way: self._until[way.channel], default=None)

    def ask(self, way: Way) -> None:
        """Say that a message takes a way: where its channel is refused, no other one asks."""
        if way.channel in self._until:
            self._closed.add(way.channel)

    def passable(self, ways: Iterable[Way], refused_by: Collection[str]) -> bool:
        """Say whether a channel that is refused now can be passed by at once: by one that nobody refused."""
        return way_now(ways, {*self._until, *refused_by}) is not None
