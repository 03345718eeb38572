"""Expert review, the leading group's sessions, and public notices."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import JSON, CheckConstraint
from sqlmodel import Field

from config.vocabulary import Vote
from states.tables.base import Row, instant, one_of


class PanelSeat(Row, table=True):
    """An expert's seat for one nomination; a recused expert (回避) neither scores nor counts.

    One who handed the seat to another (``handed_to``) counts no more either.
    """

    __tablename__ = "panel_seat"
    sought_by: ClassVar[tuple[str, ...]] = ("nomination",)

    nomination: str = Field(primary_key=True, foreign_key="nomination.number")
    expert: str = Field(primary_key=True, foreign_key="party.id")
    round: str = Field(foreign_key="round.slug", index=True)
    recused: bool = False
    reason: str | None = None
    handed_to: str | None = Field(default=None, foreign_key="party.id")


class ScoreSheet(Row, table=True):
    """One expert's points for one nomination (评分表): criterion id to points as decimal text."""

    __tablename__ = "score_sheet"
    sought_by: ClassVar[tuple[str, ...]] = ("nomination",)

    nomination: str = Field(primary_key=True, foreign_key="nomination.number")
    expert: str = Field(primary_key=True, foreign_key="party.id")
    round: str = Field(foreign_key="round.slug", index=True)
    points: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    remark: str | None = None
    at: datetime = instant()


class ResolutionSession(Row, table=True):
    """A sitting of the leading group (审定会议), with its heads counted and its minutes' document."""

    __tablename__ = "resolution_session"
    __table_args__ = (CheckConstraint("0 <= present AND present <= members", name="heads"),)

    id: str = Field(primary_key=True)
    round: str = Field(foreign_key="round.slug", index=True)
    held_on: date
    members: int
    present: int
    document: str


class Ballot(Row, table=True):
    """What a session said of one nomination, as counts only (secret ballot)."""

    __table_args__ = (one_of("vote", Vote), CheckConstraint("approve >= 0 AND against >= 0 AND abstain >= 0", name="counts"))
    sought_by: ClassVar[tuple[str, ...]] = ("nomination",)

    session: str = Field(primary_key=True, foreign_key="resolution_session.id")
    nomination: str = Field(primary_key=True, foreign_key="nomination.number")
    round: str = Field(foreign_key="round.slug", index=True)
    vote: str
    approve: int
    against: int
    abstain: int
    recused: int = 0
    reserve_rank: int | None = None


class NoticeBatch(Row, table=True):
    """One public notice and its window (公示批次), half-open, in whole working days, first day counted."""

    __tablename__ = "notice_batch"

    id: str = Field(primary_key=True)
    round: str = Field(foreign_key="round.slug", index=True)
    first_day: date
    last_day: date
    starts_at: datetime = instant()
    ends_at: datetime = instant(index=True)
    working_days: int
    provisional: bool = False
    completed_at: datetime | None = instant(default=None, nullable=True)
    document: str = ""
