"""Deliveries on their way together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from notifiers.outgoing import ChannelRefused, Outcome
from notifiers.plans import Ready
from notifiers.sending import Sending


class Ended(NamedTuple):
    """How one message of a lot ended, and by which channel."""

    message: str
    channel: str
    outcome: Outcome


@dataclass(frozen=True, eq=False)
class Lot:
    """Deliveries on their way together; ``probed`` are the channels for which one of them goes ahead as a probe."""

    ready: Sequence[Ready]
    sending: Sending
    probed: frozenset[str]

    @property
    def ended(self) -> Iterator[Ended]:
        """Give how each ended that has begun."""
        together = zip(self.ready, self.sending.outcomes, strict=True)
        return (Ended(each.mine.id, each.route.channel, outcome) for each, outcome in together if outcome is not None)

    @property
    def refused(self) -> list[tuple[str, str]]:
        """Name the messages that were refused for the channel's own sake, each with the channel."""
        return [(each.message, each.channel) for each in self.ended if isinstance(each.outcome, ChannelRefused)]
