"""Rounds, their clocks, the parties, and what the parties owe."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import JSON, CheckConstraint, Index, text
from sqlmodel import Field

from config.vocabulary import PartyKind, RoundState, Stage, WorkKind, WorkStatus
from states.tables.base import Row, instant, one_of, tied

UNSURE = text("provisional AND status = 'open'")
"""Work whose due day the tick may have to count again; a query in these very words finds the indexes that hold nothing else."""
UNSURE_STEP = text("provisional AND status = 'open' AND next_step_at IS NOT NULL")
"""Such work that still waits for a step of its ladder."""
DAY_BASIS = ("counted_from", "working_days", "holds", "due_day")
"""What work has in common whose due day comes out the same whenever it is counted again."""
STEP_BASIS = ("kind", "due_day", "next_step_at")
"""What work has in common that waits for the same step of the same ladder."""


class Round(Row, table=True):
    """One running of a programme (届). ``rules`` is the frozen programme's text, ``schema_version`` how to read it.

    While holds over days not announced yet have moved the opening, ``planned_on`` and ``holds`` say from which day and by which.
    """

    __table_args__ = (
        one_of("state", RoundState),
        tied("closed", "state IN ('closed', 'cancelled')", "closed_at IS NOT NULL"),
        tied("held", "held", "held_at IS NOT NULL"),
        CheckConstraint("state IN ('planned', 'intake', 'cancelled') OR intake_closed_at IS NOT NULL", name="intake_closed"),
    )
    beside: ClassVar[frozenset[str]] = frozenset({"rules"})
    added: ClassVar[frozenset[str]] = frozenset({"planned_on", "holds"})

    slug: str = Field(primary_key=True)
    programme: str
    title: str
    state: str
    held: bool = False
    held_at: datetime | None = instant(default=None, nullable=True)
    opens_on: date
    planned_on: date | None = None
    holds: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    opened_at: datetime | None = instant(default=None, nullable=True)
    intake_closed_at: datetime | None = instant(default=None, nullable=True)
    closed_at: datetime | None = instant(default=None, nullable=True)
    numbered: int = 0
    number_prefix: str = Field(unique=True)
    rules: str
    rules_digest: str
    rules_version: int = 1
    schema_version: int
    demo: bool = False


class RulesText(Row, table=True):
    """Every text that a round's frozen programme had; version 1 is under the genesis of its chain."""

    __tablename__ = "rules_text"

    round: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    text: str


class StageClock(Row, table=True):
    """When a stage of a round began, is due (half-open) and was concluded.

    ``counted_from``, ``working_days`` and ``holds`` say how the due day was counted: while it is provisional, it is counted
    again. While an extension stands, ``planned_from``, ``planned_days`` and ``planned_holds`` say it of the due day before it.
    """

    __tablename__ = "stage_clock"
    __table_args__ = (one_of("stage", Stage),)
    added: ClassVar[frozenset[str]] = frozenset({"holds", "planned_from", "planned_days", "planned_holds"})

    round: str = Field(primary_key=True, foreign_key="round.slug")
    stage: str = Field(primary_key=True)
    opened_at: datetime = instant()
    due_day: date
    due_at: datetime = instant()
    counted_from: date
    working_days: int
    holds: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    provisional: bool = False
    planned_from: date | None = None
    planned_days: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    planned_holds: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    passed_through: bool = False
    concluded_at: datetime | None = instant(default=None, nullable=True)


class Party(Row, table=True):
    """Anybody who can owe, decide or be told. Name and employer stand beside the ledger: they may be a person's.

    The ledger holds their salted digest; whoever purges them puts ``*`` for the name and nothing for the employer.
    From ``deputy_from`` to ``deputy_to``, both included, what is for the party goes to its ``deputy``. ``promptness``
    says for a kind of message (``*`` for any) whether it comes at once or in the morning's digest.
    """

    __table_args__ = (
        one_of("kind", PartyKind),
        CheckConstraint("deputy IS NOT NULL OR (deputy_from IS NULL AND deputy_to IS NULL)", name="deputy_dates"),
    )
    beside: ClassVar[frozenset[str]] = frozenset({"name", "employer", "salt"})
    sealed: ClassVar[tuple[str, ...]] = ("employer", "name")
    sought_by: ClassVar[tuple[str, ...]] = ("name", "kind")

    id: str = Field(primary_key=True)
    kind: str = Field(index=True)
    name: str = Field(index=True)
    parent: str | None = Field(default=None, foreign_key="party.id")
    roles: list[str] = Field(default_factory=list, sa_type=JSON)
    field: str = ""
    employer: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    deputy: str | None = None
    deputy_from: date | None = None
    deputy_to: date | None = None
    promptness: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    content: str = ""
    salt: str = ""


class WorkItem(Row, table=True):
    """Something a party owes by a due time (待办). ``due_at`` is half-open; the tick finds what is due by ``next_step_at``, indexed.

    ``counted_from``, ``working_days`` and ``holds`` say how the due day was counted: while it is provisional, it is counted
    again. While an extension stands, ``planned_from``, ``planned_days`` and ``planned_holds`` say it of the due day before it.
    """

    __tablename__ = "work_item"
    __table_args__ = (
        one_of("kind", WorkKind),
        one_of("status", WorkStatus),
        tied("open", "status = 'open'", "done_at IS NULL"),
        Index("ix_work_item_next_step", "round", "next_step_at"),
        Index("ix_work_item_subject", "round", "subject"),
        Index("ix_work_item_unsure_day", "round", *DAY_BASIS, sqlite_where=UNSURE, postgresql_where=UNSURE),
        Index("ix_work_item_unsure_step", "round", *STEP_BASIS, sqlite_where=UNSURE_STEP, postgresql_where=UNSURE_STEP),
    )
    sought_by: ClassVar[tuple[str, ...]] = ("subject",)
    added: ClassVar[frozenset[str]] = frozenset({"holds", "planned_from", "planned_days", "planned_holds"})

    id: str = Field(primary_key=True)
    round: str = Field(foreign_key="round.slug")
    stage: str
    kind: str
    subject: str
    detail: str = ""
    owner: str = Field(foreign_key="party.id", index=True)
    opened_at: datetime = instant()
    due_day: date
    due_at: datetime = instant()
    due_version: int = 1
    counted_from: date
    working_days: int
    holds: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    provisional: bool = False
    planned_from: date | None = None
    planned_days: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    planned_holds: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    status: str = "open"
    done_at: datetime | None = instant(default=None, nullable=True)
    done_by: str = ""
    next_step_at: datetime | None = instant(default=None, nullable=True)
    steps_done: list[str] = Field(default_factory=list, sa_type=JSON)
