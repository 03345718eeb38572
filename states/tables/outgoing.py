"""Notifications and their deliveries. They follow from the ledger; only a delivery's outcome goes back into it."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from config.vocabulary import DeliveryStatus
from states.tables.base import Readable, Row, instant, one_of


def _is_text(item: Any) -> bool:
    return isinstance(item, str)


def _is_answer(item: Any) -> bool:
    return isinstance(item, list) and len(item) == 2 and all(map(_is_text, item))


def _is_instant(item: Any) -> bool:
    """Whether an item is an aware instant; a clock without its zone cannot be held against any."""
    try:
        return datetime.fromisoformat(item).tzinfo is not None
    except (TypeError, ValueError):
        return False


_TRIED: Any = Readable(list, items=_is_text)
_ANSWERS: Any = Readable(list, items=_is_answer, nullable=True)
_TAKEN: Any = Readable(list, items=_is_instant)
_REST: Any = Readable(dict, (("first", int), ("parts", int), ("sealed", str)), nullable=True)


class Notification(Row, table=True):
    """What one recipient must be told, and why; unique by (round, cause, recipient, version of the due time)."""

    __table_args__ = (UniqueConstraint("round", "cause", "recipient", "due_version"),)
    sought_by: ClassVar[tuple[str, ...]] = ("delivery",)

    key: str = Field(primary_key=True)
    round: str = Field(index=True)
    cause: str
    recipient: str = Field(index=True)
    due_version: int = 0
    kind: str
    subject: str
    context: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime = instant()
    delivery: str | None = Field(default=None, index=True)


class Delivery(Row, table=True):
    """One physical message to one party: queued, claimed under a lease, sending, and then how it ended.

    ``answers`` are those of the addresses that were ``tried`` to the end, in this order: which address, masked, and what was said.
    ``rest`` is there where the first parts of a message are known to have arrived: the number of the ``first`` part that is not,
    how many ``parts`` there are, and these themselves, encrypted, with the address that they go to. ``channel_refused_at`` is when
    a channel that was refused for its own sake let it wait for the first time.
    """

    __table_args__ = (one_of("status", DeliveryStatus), Index("ix_delivery_due", "status", "due_at", "id"))

    id: str = Field(primary_key=True)
    round: str = Field(index=True)
    recipient: str
    channel: str = ""
    tried: list[str] = Field(default_factory=list, sa_type=_TRIED)
    status: str = Field(default="queued", index=True)
    attempts: int = 0
    due_at: datetime = instant(index=True)
    holder: str = ""
    lease_until: datetime | None = instant(default=None, nullable=True)
    settled_at: datetime | None = instant(default=None, nullable=True)
    answer: str = ""
    in_ledger: bool = False
    answers: list[list[str]] | None = Field(default=None, sa_type=_ANSWERS)
    rest: dict[str, Any] | None = Field(default=None, sa_type=_REST)
    channel_refused_at: datetime | None = instant(default=None, nullable=True)


class ChannelHealth(Row, table=True):
    """A channel whose last messages failed: since when, how often in a row, and until when it rests. A healthy one has none.

    ``refused_at`` is when the other side last refused the channel itself: its key, its password, its sender. ``definition`` is the
    keyed digest of how it was configured when it last failed, None where that is not known.
    """

    __tablename__ = "channel_health"

    channel: str = Field(primary_key=True)
    failures: int = 0
    rests: int = 0
    rests_until: datetime | None = instant(default=None, nullable=True)
    reason: str = ""
    failing_since: datetime = instant()
    refused_at: datetime | None = instant(default=None, nullable=True)
    definition: str | None = None


class ChannelDefinition(Row, table=True):
    """How a channel was configured, as a keyed digest, when that was last met while the channel failed."""

    __tablename__ = "channel_definition"

    channel: str = Field(primary_key=True)
    definition: str = Field(primary_key=True)
    at: datetime = instant()


class Alarm(Row, table=True):
    """When operators were last alarmed of a cause, by whatever process, and up to which instant what happened was told."""

    cause: str = Field(primary_key=True)
    at: datetime = instant()
    told_until: datetime | None = instant(default=None, nullable=True)


class Cursor(Row, table=True):
    """How far a consumer of the ledger has read a chain."""

    consumer: str = Field(primary_key=True)
    chain: str = Field(primary_key=True)
    seq: int = 0


class ChannelUse(Row, table=True):
    """When a channel with a rate was last used, by whatever process; locked while it is asked."""

    __tablename__ = "channel_use"

    channel: str = Field(primary_key=True)
    taken: list[str] = Field(default_factory=list, sa_type=_TAKEN)
