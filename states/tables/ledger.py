"""The ledger and what keeps commands from being applied twice."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from states.tables.base import Row, instant


class Chain(Row, table=True):
    """One hash chain: a round's (its slug) or the house's. Its row is locked before anything is appended."""

    name: str = Field(primary_key=True)
    genesis: str
    seq: int = 0
    head: str


class LedgerEntry(Row, table=True):
    """One thing that happened. ``payload`` is canonical JSON, hashed as stored; nothing personal stands in it."""

    __tablename__ = "ledger_entry"
    __table_args__ = (UniqueConstraint("round", "prev"), Index("ix_ledger_entry_event", "round", "event"))

    round: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    at: str
    event: str
    subject: str = Field(default="", index=True)
    source: str = ""
    target: str = ""
    operator: str = ""
    on_behalf_of: str = ""
    document: str = ""
    payload: str = "{}"
    prev: str
    hash: str


class CommandRow(Row, table=True):
    """A command that was applied: the same id again gives this result and changes nothing."""

    __tablename__ = "command"

    id: str = Field(primary_key=True)
    name: str
    round: str = Field(index=True)
    digest: str = Field(index=True)
    operator: str
    at: datetime = instant()
    result: str


class SpentCode(Row, table=True):
    """A one-time code that was evaluated, right or wrong: it never counts again."""

    __tablename__ = "spent_code"

    operator: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    run: str
    at: datetime = instant()


class Heartbeat(Row, table=True):
    """When the clock last ticked in a round, whether it found something to do or not."""

    round: str = Field(primary_key=True)
    at: datetime = instant()
