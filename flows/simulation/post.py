"""The post of a simulation: every message is taken by a hand that notes it down; nothing leaves the house."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from config.channels import ChannelKind
from notifiers.carrying import carry
from notifiers.digest import next_departure
from notifiers.outgoing import Outcome, Outgoing, RefusedForGood, Sent

if TYPE_CHECKING:
    from states.clock import Clock
    from states.house import House

CHANNEL = "simulation"
_NO_LIMIT = 1_000_000


@dataclass(frozen=True)
class Letter:
    """One message as it was taken, at an aware instant; all of it is personal."""

    at: datetime
    id: str
    subject: str
    body: str


class PostBox:
    """Takes every message, but for those whose address holds one of ``refusing``: they are refused for good."""

    def __init__(self, clock: "Clock", refusing: Collection[str] = ()) -> None:
        self.letters: list[Letter] = []
        self._clock = clock
        self._refusing = refusing

    @property
    def names(self) -> tuple[str, ...]:
        """The one channel there is."""
        return (CHANNEL,)

    def kind(self, name: str) -> ChannelKind | None:
        """A box takes any address, as a file does."""
        return ChannelKind.FILE if name == CHANNEL else None

    def definition(self, _name: str) -> str:
        """There is nothing to configure."""
        return ""

    def load(self, _message: Outgoing) -> None:
        """Say that no rate holds."""

    def send(self, message: Outgoing) -> Outcome:
        """Note a message down."""
        if any(part in message.recipient_address for part in self._refusing):
            return RefusedForGood("模拟：对方拒收")
        self.letters.append(Letter(self._clock.now(), message.message_id, message.subject, message.body))
        return Sent("模拟：已收下")


class Post:
    """Carries what the ledger has to tell, exactly as the house's own clockwork does."""

    def __init__(self, house: "House", box: PostBox) -> None:
        self.box = box
        self._house = house

    def go(self) -> None:
        """Carry everything that may leave at this instant, and enter how it ended."""
        carry(self._house, self.box, CHANNEL, limit=_NO_LIMIT, at_once=1)

    @property
    def next_at(self) -> datetime | None:
        """When something may leave that may not leave now; None when nothing waits."""
        return next_departure(self._house)
