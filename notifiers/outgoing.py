"""What leaves the house: one message to one recipient, and how far it got."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from config.calendar import HOUSE_ZONE
from config.rates import Rate


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a message. The name holds nothing personal; what is in the file may."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


class PaperKind(StrEnum):
    """Files that are made for a message: an expert's empty score sheets, the text of a public notice."""

    SCORE_SHEET = "score_sheet"
    NOTICE = "notice"


@dataclass(frozen=True)
class Paper:
    """A file still to be made, by whoever can: for a party or a notice batch (``subject``) and its nominations."""

    kind: PaperKind
    name: str
    round: str
    subject: str
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rest:
    """What is to leave of a message in ``total`` parts: ``parts``, subject and body each, from the one numbered ``first`` (1 …) on."""

    first: int
    total: int
    parts: tuple[tuple[str, str], ...] = field(repr=False)


@dataclass(frozen=True)
class Outgoing:
    """One physical message. Only its id and channel show in ``repr``: the rest is personal.

    ``message_id`` derives from the notification's key, so that the same message always carries the same id: it is the
    Message-ID of a mail and the Idempotency-Key of a web request. With a ``rest`` only that leaves: the parts before it arrived.
    For ``room`` parts of it a turn on the channel's rate was taken before it left. Its date is written in a ``zone``: that of its first
    round, or the house's.
    """

    message_id: str
    recipient_address: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    channel: str
    papers: tuple[Paper, ...] = field(default=(), repr=False)
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    rest: Rest | None = field(default=None, repr=False)
    room: int = field(default=0, repr=False)
    zone: str = field(default=HOUSE_ZONE, repr=False)

    def written_at(self, instant: datetime) -> datetime:
        """Give an aware instant as the message's date says it."""
        return instant.astimezone(ZoneInfo(self.zone))


@dataclass(frozen=True)
class Load:
    """What a message asks of a channel with a rate: so many parts at once."""

    rate: Rate
    parts: int


@dataclass(frozen=True)
class Sent:
    """The other side took the message; ``answer`` is what it said, with addresses masked."""

    answer: str


@dataclass(frozen=True)
class RefusedForGood:
    """A definite no that will not change by itself: another channel may be tried. ``reason`` is Chinese, nothing personal.

    Without ``asked`` nothing left the house, and it says nothing of the channel. With a ``rest`` only that was refused: the parts
    before it have arrived, and another channel would tell them twice.
    """

    reason: str
    asked: bool = field(default=True, compare=False)
    rest: Rest | None = None


@dataclass(frozen=True)
class RefusedForNow:
    """A definite no, or nothing left the house: the same channel may be tried later. ``reason`` is Chinese, nothing personal.

    With a ``rest`` that alone may be tried: the parts before it have arrived. ``alone`` where the other side is well and
    puts off no more than this address or message.
    """

    reason: str
    rest: Rest | None = None
    alone: bool = False


@dataclass(frozen=True)
class ChannelRefused:
    """A definite no to the channel itself, whoever the recipient: its key, its password, its sender. Nothing arrived, but what is before a ``rest``.

    With ``by_address`` it is what the URL names that is unknown, which may be the recipient's own. ``reason`` as above.
    """

    reason: str
    by_address: bool = False
    rest: Rest | None = None


@dataclass(frozen=True)
class NotYet:
    """The channel's rate is used up: nothing left the house, and no attempt is counted. ``until`` is aware.

    With a ``rest`` the parts before it have arrived, and it was not begun.
    """

    until: datetime
    rest: Rest | None = None


@dataclass(frozen=True)
class Unknown:
    """Bytes went out and no clear answer came: only a person may send it again. ``reason`` is Chinese, nothing personal.

    Where the first parts of a message are known to have arrived, ``rest`` is what may be sent again.
    """

    reason: str
    rest: Rest | None = None


@dataclass(frozen=True)
class NoChannel:
    """There is no such channel, or it has nobody behind it; nothing left the house."""

    reason: str


Outcome = Sent | RefusedForGood | RefusedForNow | ChannelRefused | NotYet | Unknown | NoChannel
