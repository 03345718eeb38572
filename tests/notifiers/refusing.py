"""Channels that are refused for their own sake: whoever may answer by two of them, and what becomes of it hour by hour."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from config.channels import ChannelKind
from config.vocabulary import PartyKind
from notifiers import breaker
from notifiers.delivery import deliver
from notifiers.digest import next_departure
from notifiers.outgoing import ChannelRefused, Outcome, Outgoing, Sent
from states.commands.roster import RosterEntry
from states.tables import Delivery
from tests.notifiers.rounds import Post, Town

BOTH = {"mail": ChannelKind.MAIL, "hook": ChannelKind.WEB}
DEAD = ChannelRefused("535 口令不对")
DEPUTY = RosterEntry(id="ZJ99", kind=PartyKind.EXPERT, name="代理人", contacts={"mail": "deputy@union.example"})


class Answering(Post):
    """A sender whose answer to each message is worked out."""

    def __init__(self, answer: Callable[[Outgoing], Outcome | None], **kinds: ChannelKind) -> None:
        super().__init__(kinds=kinds or BOTH)
        self._answer = answer

    def send(self, message: Outgoing) -> Outcome:
        super().send(message)
        return self._answer(message) or Sent("250 OK")


def with_hook(entry: RosterEntry) -> RosterEntry:
    """Give a party a second address, by web; none to one without any."""
    return entry.model_copy(update={"contacts": {**entry.contacts, "web": "https://x.example"}}) if entry.contacts else entry


def note(connection: Connection, channel: str, outcomes: Sequence[Outcome], now: datetime, *, probe: bool = False) -> None:
    """Note outcomes of a channel, as a commit that knows of no other does."""
    breaker.note(breaker.Health(connection, [channel], now), channel, outcomes, now, probe=probe)


def refuse(town: Town, channel: str) -> None:
    """Let a channel have been refused now."""
    with town.house.store.write() as connection:
        note(connection, channel, [DEAD], town.clock.now())


def carry_on(town: Town, sender: Post, until: datetime) -> None:
    """Deliver whenever something may leave, up to an instant."""
    while (instant := next_departure(town.house)) is not None and instant < until:
        town.clock.move_to(max(instant, town.clock.now()))
        deliver(town.house, sender, "postman")


def for_hours(town: Town, sender: Post, hours: float) -> Counter[str]:
    """Carry on for so long; gives how often each channel was asked."""
    carry_on(town, sender, town.clock.now() + timedelta(hours=hours))
    return Counter(message.channel for message in sender.messages)


def statuses(town: Town) -> Counter[str]:
    """Count the deliveries of each status, without those that nobody can get."""
    return Counter(row.status for row in town.rows(Delivery) if row.recipient != "CY01")
