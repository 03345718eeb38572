"""The vault: everything personal, beside the ledger, so that it can be purged and the chain still verifies."""

from datetime import date
from typing import ClassVar

from sqlmodel import Field

from states.tables.base import Row


class Person(Row, table=True):
    """The candidate of one nomination. ``body`` is encrypted; the keyed hashes find the same person and content."""

    sought_by: ClassVar[tuple[str, ...]] = ("identity",)

    nomination: str = Field(primary_key=True)
    round: str = Field(index=True)
    body: str
    identity: str = Field(index=True)
    content: str
    salt: str


class Contact(Row, table=True):
    """A way to reach a party. ``channel`` is a channel's name or class; ``address`` and ``person`` are encrypted."""

    sought_by: ClassVar[tuple[str, ...]] = ("party",)

    party: str = Field(primary_key=True, foreign_key="party.id")
    channel: str = Field(primary_key=True)
    address: str
    person: str = ""
    rank: int = 1
    valid_from: date | None = None
    valid_to: date | None = None


class VaultText(Row, table=True):
    """Free text (a reason, an opinion, an objection), encrypted; the ledger holds its id and its salted digest."""

    __tablename__ = "vault_text"

    id: str = Field(primary_key=True)
    round: str = Field(index=True)
    subject: str
    kind: str
    body: str
    salt: str
