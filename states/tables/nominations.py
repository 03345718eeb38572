"""Nominations and what is said about them. Names and texts are in the vault; here are numbers, words and figures."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from config.vocabulary import BenefitKind, FindingResult, NominationState, ObjectionStatus, Strength
from states.tables.base import Row, instant, one_of, tied

_CERTIFIED = "state IN ('government_certified', 'revoked')"


class Nomination(Row, table=True):
    """One candidate in one round: the record that the machine moves. Only ``states.firing`` sets ``state``."""

    __table_args__ = (
        one_of("state", NominationState),
        tied("certified", _CERTIFIED, "certificate IS NOT NULL AND document IS NOT NULL AND document_date IS NOT NULL"),
        tied("revoked", "state = 'revoked'", "revoked_by_document IS NOT NULL"),
        tied("returned", "state = 'returned'", "correction_due_at IS NOT NULL"),
        tied("reserved", "state = 'reserved'", "reserve_rank IS NOT NULL"),
        tied("closed", "state IN ('rejected', 'lapsed', 'not_selected')", "came_from IS NOT NULL"),
        CheckConstraint("state != 'publicly_noticed' OR batch IS NOT NULL", name="noticed"),
        Index("ix_nomination_state", "round", "state", "correction_due_at"),
    )

    number: str = Field(primary_key=True)
    round: str = Field(foreign_key="round.slug")
    tier: str
    unit: str = Field(foreign_key="party.id")
    unit_kind: str
    state: str
    version: int = 1
    entered_at: datetime = instant()
    content: str
    came_from: str | None = None
    closed_by: str | None = None
    corrections: int = 0
    correction_due_at: datetime | None = instant(default=None, nullable=True)
    score: str | None = None
    review_rank: int | None = None
    reserve_rank: int | None = None
    batch: str | None = None
    document: str | None = None
    document_date: date | None = None
    certificate: str | None = Field(default=None, unique=True)
    revoked_by_document: str | None = None


class Endorsement(Row, table=True):
    """One layer's yes or no on a nomination (推荐意见; notice, N18). Layer 1 is the unit that recommends.

    ``taken_over_from`` is the unit that said it, where another has taken its place since and stands by it.
    """

    sought_by: ClassVar[tuple[str, ...]] = ("nomination",)

    nomination: str = Field(primary_key=True, foreign_key="nomination.number")
    unit: str = Field(primary_key=True, foreign_key="party.id")
    layer: int
    agrees: bool
    at: datetime = instant()
    text: str | None = None
    taken_over_from: str | None = Field(default=None, foreign_key="party.id")


class Clearance(Row, table=True):
    """One department's yes or veto on a nomination (联审意见), by the id of the programme's rule that asks for it."""

    sought_by: ClassVar[tuple[str, ...]] = ("nomination",)

    nomination: str = Field(primary_key=True, foreign_key="nomination.number")
    clearance: str = Field(primary_key=True)
    department: str = Field(foreign_key="party.id")
    clear: bool
    at: datetime = instant()
    document: str = ""
    text: str | None = None


class Finding(Row, table=True):
    """One condition evaluated on one nomination (审核意见), with clause, strength and the fact it rests on."""

    __table_args__ = (
        one_of("result", FindingResult),
        one_of("strength", Strength),
        CheckConstraint("result != 'waived' OR (strength != 'must' AND reason IS NOT NULL)", name="waived_with_reason"),
    )
    sought_by: ClassVar[tuple[str, ...]] = ("nomination",)

    nomination: str = Field(primary_key=True, foreign_key="nomination.number")
    condition: str = Field(primary_key=True)
    clause: str
    strength: str
    result: str
    fact: str
    reason: str | None = None


class Objection(Row, table=True):
    """What the public says against a nominee (异议). ``text`` names the vault's text; the objector is there too."""

    __table_args__ = (
        one_of("status", ObjectionStatus),
        CheckConstraint("signed OR status = 'noted'", name="unsigned_is_noted"),
        CheckConstraint("status NOT IN ('upheld', 'dismissed') OR report IS NOT NULL", name="answered_with_report"),
    )
    sought_by: ClassVar[tuple[str, ...]] = ("nomination",)

    number: str = Field(primary_key=True)
    round: str = Field(foreign_key="round.slug", index=True)
    nomination: str = Field(foreign_key="nomination.number")
    batch: str
    signed: bool
    received_on: date
    postmarked_on: date | None = None
    status: str
    report: str | None = None
    text: str


class Benefit(Row, table=True):
    """One benefit of one certified craftsman (notice, N22-N25). Amounts are whole yuan, gross and withheld tax."""

    __table_args__ = (
        one_of("kind", BenefitKind),
        tied("granted", "status = 'granted'", "granted_on IS NOT NULL"),
        CheckConstraint("status IN ('due', 'granted', 'exempt', 'cancelled')", name="status_word"),
        Index("ix_benefit_status", "round", "status"),
    )
    sought_by: ClassVar[tuple[str, ...]] = ("nomination",)

    nomination: str = Field(primary_key=True, foreign_key="nomination.number")
    kind: str = Field(primary_key=True)
    round: str = Field(foreign_key="round.slug")
    status: str = "due"
    amount: int | None = None
    tax: int | None = None
    granted_on: date | None = None
    voucher: str = ""
