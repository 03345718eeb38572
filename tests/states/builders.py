"""A round in a test's own house: the operator's commands in a line each, and ways to bring a round to a wished stage."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar, cast

import pytest
from sqlalchemy import select

from config.vocabulary import BenefitKind, Vote
from states.clock import SeededChance, VirtualClock
from states.command import CLOCK, Command
from states.commands.certification import BenefitRow, Certify, RecordBenefits
from states.commands.clearances import ClearanceRow, RecordClearances
from states.commands.corrections import CorrectionRow, Resubmit
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.intake import SubmitNominations, SubmittedRow
from states.commands.leadership import RecordResolution, VoteRow
from states.commands.notice import FileObjection, ObjectionRow, PublishNotice
from states.commands.qualification import RecordQualification, Verdict, VerdictRow
from states.commands.review import AssignExperts, ConcludeReview, RecordScores, SeatRow, SheetRow
from states.commands.roster import ImportRoster
from states.commands.rounds import OpenRound
from states.commands.tick import Tick
from states.commands.timing import HoldRound, ReleaseRound
from states.errors import CommandRefused, Refusal
from states.house import Envelope, House
from states.outcome import Result
from states.records import Light, table_of
from states.replay import verify
from states.store import Store
from states.tables import Benefit, LedgerEntry, Nomination, Round, Row, WorkItem
from states.vault import Vault
from tests.states.figures import BEIJING, INTAKE_ENDS, MORNING, OPENS, ROSTER, SLUG, UNIT, candidate, local, number, rules
from tests.states.scenes import once

R = TypeVar("R", bound=Row)
NOTICE_ENDS = local(7, 13, 0)
"""The end of a notice of five working days from Thursday 2023-07-06."""
FULL = {"skill": 30, "achievement": 30, "influence": 15, "mentoring": 15, "ethics": 10}


@dataclass
class Story:
    """One house with its clock, and the round that a test tells.

    ``told`` is what the house foretells as recipients, unless ``told_by`` is asked: after the plan, before anything is written.
    """

    store: Store
    slug: str = SLUG
    told: list[str] = field(default_factory=list)
    told_by: Callable[[], list[str]] | None = None
    runs: int = 0

    def __post_init__(self) -> None:
        self.clock = VirtualClock(MORNING)
        self.chance = SeededChance(7)
        self.vault = Vault(self.chance.token(32), self.chance)
        self.house = House(self.store, self.clock, self.chance, self.vault, lambda _: self.told_by() if self.told_by else list(self.told))
        self._as_made = self._parts()

    def _parts(self) -> tuple[Any, ...]:
        return self.house, self.clock, self.chance, self.vault, self.store, self.chance.random.getstate()

    @property
    def is_untouched(self) -> bool:
        """Whether nothing has been told yet, and nothing about the house but its time was changed by its test."""
        return (self.slug, self.runs, self.told, self.told_by) == (SLUG, 0, [], None) and self._parts() == self._as_made

    # --- giving commands

    @property
    def who(self) -> dict[str, Any]:
        """What every command of the round starts with."""
        return {"round": self.slug, "operator": "op1"}

    def send(self, command: Command, run: str = "", created_at: datetime | None = None) -> Result:
        """Give a command once, as one flow run would; a new run unless it is named."""
        self.runs += 1
        envelope = Envelope(run or f"run-{self.runs}", created_at or self.clock.now(), clock=command.operator == CLOCK)
        return self.house.execute(command, envelope)

    def do(self, command: Command) -> Result:
        """Give a command, and where it is bulk once more with its plan code."""
        result = self.send(command)
        if not result.applied:
            result = self.send(command.model_copy(update={"plan_code": result.plan_code}))
        assert result.applied
        return result

    def refused(self, command: Command) -> list[Refusal]:
        """Give a command that must be refused and must leave no trace; gives every refusal."""
        before = self.entries()
        with pytest.raises(CommandRefused) as caught:
            self.do(command)
        assert self.entries() == before
        return caught.value.refusals

    def codes(self, command: Command) -> list[str]:
        return [refusal.code for refusal in self.refused(command)]

    def tick(self, at: datetime | None = None) -> Result:
        if at is not None:
            self.clock.move_to(at)
        return self.send(Tick(round=self.slug))

    # --- looking

    def rows(self, row_type: type[R], **wanted: Any) -> list[R]:
        """Rows of the database whose columns equal what is wanted, by primary key."""
        table = table_of(row_type)
        query = select(table).where(*(table.c[name] == value for name, value in wanted.items())).order_by(*table.primary_key)
        with self.store.read() as connection:
            return [cast("R", Light(**row)) for row in connection.execute(query).mappings()]

    def row(self, row_type: type[R], **wanted: Any) -> R:
        (found,) = self.rows(row_type, **wanted)
        return found

    def entries(self, **wanted: Any) -> list[LedgerEntry]:
        return self.rows(LedgerEntry, **wanted)

    def events(self) -> list[str]:
        return [entry.event for entry in self.entries(round=self.slug)]

    def state(self, ordinal: int) -> str:
        return self.row(Nomination, number=number(ordinal)).state

    def states(self) -> list[str]:
        return [row.state for row in self.rows(Nomination, round=self.slug)]

    def stage(self) -> str:
        return self.row(Round, slug=self.slug).state

    def verified(self) -> None:
        assert verify(self.store, self.vault).findings == []

    # --- bringing a round to a stage

    @once
    def open(self, text: str | None = None, opens_on: date = OPENS) -> "Story":
        """The roster is in and the round is open."""
        self.do(ImportRoster(operator="op1", entries=ROSTER))
        self.do(OpenRound(**self.who, rules=text or rules(), opens_on=opens_on))
        return self

    @once
    def submitted(self, count: int = 1, text: str | None = None, **changes: Any) -> "Story":
        """So many candidates are in, all of one unit."""
        self.open(text)
        self.submit(*(candidate(ordinal, **changes) for ordinal in range(1, count + 1)))
        return self

    def submit(self, *candidates: Any) -> Result:
        rows = tuple(SubmittedRow(place=f"第{place}行", candidate=each) for place, each in enumerate(candidates, start=2))
        return self.do(SubmitNominations(**self.who, rows=rows))

    @once
    def endorsed(self, count: int = 1, text: str | None = None, **changes: Any) -> "Story":
        self.submitted(count, text, **changes)
        self.endorse(range(1, count + 1))
        return self

    def endorse(self, ordinals: Iterable[int], unit: str = UNIT, agrees: bool = True, words: str = "") -> Result:
        rows = tuple(EndorsementRow(nomination=number(each), unit=unit, agrees=agrees, text=words) for each in ordinals)
        return self.do(RecordEndorsements(**self.who, rows=rows))

    @once
    def intake_over(self, count: int = 1, text: str | None = None, **changes: Any) -> "Story":
        """All layers have endorsed, and intake has ended by the clock."""
        self.endorsed(count, text, **changes)
        self.tick(INTAKE_ENDS)
        return self

    def verdict(self, ordinal: int, verdict: str = "qualify", **changes: Any) -> Command:
        values: dict[str, Any] = {"confirmed": ("全部",)} if verdict == "qualify" else {}
        row = VerdictRow(nomination=number(ordinal), verdict=Verdict(verdict), **(values | changes))
        return RecordQualification(**self.who, rows=(row,))

    @once
    def returned(self, text: str | None = None, **changes: Any) -> "Story":
        """One candidate, returned at the end of intake for want of evidence: due on 2023-07-13, five working days on."""
        self.intake_over(1, text, **changes)
        self.do(self.verdict(1, "return", reason="请补证明", fields=("证明材料",)))
        return self

    def resubmission(self, ordinal: int, **changes: Any) -> Command:
        row = CorrectionRow(place="第2行", nomination=number(ordinal), candidate=candidate(ordinal, **changes))
        return Resubmit(**self.who, rows=(row,))

    @once
    def qualified(self, count: int = 1, text: str | None = None) -> "Story":
        """Everybody is cleared by the departments, where the rules ask some, and qualified; the expert review has begun."""
        self.intake_over(count, text)
        self.clear()
        rows = tuple(VerdictRow(nomination=number(each), verdict=Verdict.QUALIFY, confirmed=("全部",)) for each in range(1, count + 1))
        self.do(RecordQualification(**self.who, rows=rows))
        return self

    def clear(self) -> None:
        """Every department answers yes to whatever it was asked."""
        asked = self.rows(WorkItem, round=self.slug, kind="clearance", status="open")
        rows = tuple(ClearanceRow(nomination=item.subject, clearance=item.detail, clear=True) for item in asked)
        if rows:
            self.do(RecordClearances(**self.who, rows=rows))

    @once
    def scored(self, points: Sequence[int], text: str | None = None) -> "Story":
        """One sheet each, by expert E2; ``points`` go to 技能水平, the rest is full, so that nobody ties who is not meant to."""
        self.qualified(len(points), text)
        self.score(points)
        return self

    def score(self, points: Sequence[int]) -> None:
        seats = tuple(SeatRow(nomination=number(each), expert="E2") for each in range(1, len(points) + 1))
        self.do(AssignExperts(**self.who, rows=seats))
        self.do(RecordScores(**self.who, rows=tuple(self.sheet(each, skill) for each, skill in enumerate(points, start=1))))

    def sheet(self, ordinal: int, skill: float = 30, expert: str = "E2") -> SheetRow:
        points = {name: Decimal(full) for name, full in FULL.items()} | {"skill": Decimal(str(skill))}
        return SheetRow(expert=expert, nomination=number(ordinal), points=points)

    @once
    def reviewed(self, count: int = 3, text: str | None = None) -> "Story":
        """The first are the best; those beyond the shortlist of five are passed over."""
        self.scored([30 - each for each in range(count)], text)
        self.do(ConcludeReview(**self.who))
        return self

    def vote(self, ordinal: int, vote: Vote = Vote.APPROVE, rank: int | None = None, **counts: int) -> VoteRow:
        values = {"approve": 9, "against": 0} if vote == Vote.APPROVE else {"approve": 0, "against": 9}
        return VoteRow(nomination=number(ordinal), vote=vote, reserve_rank=rank, **(values | counts))

    def resolution(self, *rows: VoteRow, **changes: Any) -> RecordResolution:
        values: dict[str, Any] = {
            "held_on": self.clock.now().astimezone(BEIJING).date(),
            "members": 9,
            "present": 9,
            "document": "纪要〔2023〕1号",
        }
        return RecordResolution(**self.who, **(values | changes), rows=rows)

    @once
    def approved(self, count: int = 2, reserves: int = 0, text: str | None = None) -> "Story":
        """The first ``count`` are approved, the next are reserves in order, and nobody else was reviewed."""
        self.reviewed(count + reserves, text)
        rows = [self.vote(each) for each in range(1, count + 1)]
        rows += [self.vote(count + each, Vote.RESERVE, each) for each in range(1, reserves + 1)]
        self.do(self.resolution(*rows))
        return self

    @once
    def on_notice(self, count: int = 2, reserves: int = 0, text: str | None = None) -> "Story":
        """Published from Thursday 2023-07-06: five working days end with 07-12."""
        self.approved(count, reserves, text)
        self.do(PublishNotice(**self.who, first_day=date(2023, 7, 6)))
        return self

    @once
    def noticed(self, count: int = 2, reserves: int = 0, text: str | None = None) -> "Story":
        self.on_notice(count, reserves, text)
        self.tick(NOTICE_ENDS)
        return self

    def certify(self, *ordinals: int, **changes: Any) -> Certify:
        values: dict[str, Any] = {"document": "滨政发〔2023〕9号", "document_date": date(2023, 7, 13)}
        return Certify(**self.who, nominations=tuple(number(each) for each in ordinals), **(values | changes))

    @once
    def certified(self, count: int = 2, reserves: int = 0, text: str | None = None) -> "Story":
        self.noticed(count, reserves, text)
        self.do(self.certify())
        return self

    def grants(self, **wanted: Any) -> RecordBenefits:
        """Everything that is owed, given today."""
        rows = tuple(
            BenefitRow(
                nomination=each.nomination,
                kind=BenefitKind(each.kind),
                granted_on=date(2023, 7, 13),
                amount=each.amount,
                tax=6000 if each.amount else None,
                voucher="付字1号" if each.amount else "",
            )
            for each in self.rows(Benefit, round=self.slug, status="due", **wanted)
        )
        return RecordBenefits(**self.who, rows=rows)

    def objection(self, ordinal: int = 1, **changes: Any) -> FileObjection:
        values: dict[str, Any] = {"objector": "钱某某", "signed": True, "received_on": date(2023, 7, 6), "text": "业绩不实"}
        return FileObjection(**self.who, rows=(ObjectionRow(nomination=number(ordinal), **(values | changes)),))

    def hold(self, held: bool = True) -> None:
        self.do(HoldRound(**self.who, reason="等待批复") if held else ReleaseRound(**self.who))
