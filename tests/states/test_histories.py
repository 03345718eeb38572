"""Random histories of commands: whatever is tried in whatever order, the house's promises hold."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from config.vocabulary import PartyKind, Vote, WorkKind
from states.command import Command
from states.commands.aftermath import Disqualify, ReasonRow, Reopen, Withdraw
from states.commands.certification import Revoke, RevokeRow
from states.commands.clearances import ClearanceRow, RecordClearances
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.notice import AnswerRow, PublishNotice, ResolveObjection
from states.commands.reassigning import ReassignWork
from states.commands.review import AssignExperts, ConcludeReview, RecordScores, SeatRow
from states.commands.roster import ImportRoster
from states.commands.rounds import AmendRound
from states.commands.timing import ExtendDeadline, HoldRound, ReleaseRound
from states.errors import CommandRefused, Refusal
from states.frozen import frozen_programme
from states.outcome import Result
from states.replay import verify
from states.tables import Benefit, Nomination, Objection, PanelSeat, Round, WorkItem
from tests.states.builders import Story
from tests.states.figures import BEIJING, FEDERATION, ROSTER, TOWN, UNIT, candidate, clearing, number
from tests.states.test_machine import TABLE

QUOTA = 2
IN_PLACES = ("leadership_approved", "publicly_noticed", "government_certified")
STARTS: dict[str, Callable[[Story], Any]] = {
    "submitted": lambda story: story.submitted(3),
    "intake over": lambda story: story.intake_over(3),
    "departments asked": lambda story: story.intake_over(3, clearing("D1", "D2")),
    "two layers": lambda story: story.submitted(3, unit=FEDERATION, unit_kind=PartyKind.UNION_FEDERATION),
    "returned": lambda story: story.returned(),
    "qualified": lambda story: story.qualified(4),
    "reviewed": lambda story: story.reviewed(4),
    "approved": lambda story: story.approved(2, reserves=2),
    "on notice": lambda story: story.on_notice(2, reserves=1),
    "noticed": lambda story: story.noticed(2, reserves=1),
    "certified": lambda story: story.certified(2, reserves=1),
}
STEPS = {(source, target) for source, _, target, _, _ in TABLE if source not in ("rejected", "lapsed", "not_selected")}
LEFT_BY = {
    "rejected": {"nomination_reopened"},
    "lapsed": {"nomination_reopened"},
    "not_selected": {"nomination_reopened"},
    "withdrawn": set[str](),
    "revoked": set[str](),
    "government_certified": {"nomination_revoked"},
}
ordinals = st.integers(min_value=1, max_value=5)


class Histories(RuleBasedStateMachine):
    """One house; each step is a command that may be refused, but never by any other error."""

    make: Callable[[], Story]

    def __init__(self) -> None:
        super().__init__()
        self.story = type(self).make()
        self.people = 10
        self.read = 0
        self.states: dict[str, str] = {}
        self.recused: set[tuple[str, str]] = set()

    @property
    def today(self) -> date:
        return self.story.clock.now().astimezone(BEIJING).date()

    def try_to(self, command: Command) -> None:
        refusals = self.refusals_of(lambda: self.story.do(command.model_copy(update={"again": True})))
        assert all(each.code and each.sentence for each in refusals)

    def refusals_of(self, action: Callable[[], Any]) -> list[Refusal]:
        try:
            action()
        except CommandRefused as error:
            return error.refusals or [Refusal("", "")]
        return []

    def reason(self, ordinal: int, document: str = "报告") -> tuple[ReasonRow, ...]:
        return (ReasonRow(nomination=number(ordinal), reason="说明", document=document),)

    @initialize(start=st.sampled_from(sorted(STARTS)))
    def begin(self, start: str) -> None:
        STARTS[start](self.story)

    @rule()
    def submit(self) -> None:
        self.people += 1
        refusals = self.refusals_of(lambda: self.story.submit(candidate(self.people)))
        assert all(each.code.startswith(("intake-", "round-")) for each in refusals)

    @rule(ordinal=ordinals, unit=st.sampled_from([UNIT, TOWN, FEDERATION]), agrees=st.booleans())
    def endorse(self, ordinal: int, unit: str, agrees: bool) -> None:
        row = EndorsementRow(nomination=number(ordinal), unit=unit, agrees=agrees, text="意见")
        self.try_to(RecordEndorsements(**self.story.who, rows=(row,)))

    @rule(ordinal=ordinals, matter=st.sampled_from(["tax", "safety", "D2"]), clear=st.booleans())
    def clear(self, ordinal: int, matter: str, clear: bool) -> None:
        row = ClearanceRow(nomination=number(ordinal), clearance=matter, clear=clear, text="意见")
        self.try_to(RecordClearances(**self.story.who, rows=(row,)))

    @rule(parties=st.sampled_from([("U1", "U2"), ("U2", "U1"), ("U3", "U1"), ("E2", "E1"), ("E1", "E2"), ("D1", "D2"), ("D2", "D1")]))
    def hand_over(self, parties: tuple[str, str]) -> None:
        """Whoever handed over owes nothing of the kind any more, but for seats that the other may not take."""
        source, target = parties
        results: list[Result] = []
        command = ReassignWork(**self.story.who, source=source, target=target, reason="合并", again=True)
        self.refusals_of(lambda: results.append(self.story.do(command)))
        if results and not results[0].outcome.skipped and source[0] != "E":
            assert self.story.rows(WorkItem, owner=source, status="open") == []

    @rule(superior=st.sampled_from(["U1", "U2"]), merged=st.sampled_from(["", "U1", "U2"]))
    def merge(self, superior: str, merged: str) -> None:
        """The roster puts the federation under another street, and one street has left it, or none."""
        ended = {merged: self.today - timedelta(days=1)}
        units = [entry for entry in ROSTER if entry.id in ("U1", "U2")]
        entries = [entry.model_copy(update={"valid_to": ended.get(entry.id)}) for entry in units]
        entries += [entry.model_copy(update={"parent": superior}) for entry in ROSTER if entry.id == "U3"]
        self.try_to(ImportRoster(operator="op1", entries=tuple(entries)))

    @rule(departments=st.sampled_from([("D1",), ("D2",), ("D1", "D2"), ("D2", "D1"), ("D2", "D2")]))
    def amend(self, departments: tuple[str, ...]) -> None:
        """Whatever an amendment puts another department in charge of is owed by that one alone."""
        before = {each.id: each.department for each in frozen_programme(self.story.row(Round).rules).clearances}
        command = AmendRound(**self.story.who, rules=clearing(*departments), reason="职责调整", again=True)
        moved = {} if self.refusals_of(lambda: self.story.do(command)) else dict(zip(("tax", "safety"), departments, strict=False))
        for matter, department in moved.items():
            owners = {item.owner for item in self.story.rows(WorkItem, kind="clearance", detail=matter, status="open")}
            assert before.get(matter) == department or owners <= {department}

    @rule(ordinal=ordinals, verdict=st.sampled_from(["qualify", "return", "reject"]))
    def judge(self, ordinal: int, verdict: str) -> None:
        self.try_to(self.story.verdict(ordinal, verdict, reason="说明", fields=("证明材料",)))

    @rule(ordinal=ordinals)
    def resubmit(self, ordinal: int) -> None:
        self.try_to(self.story.resubmission(ordinal, evidence=f"补充{ordinal}"))

    @rule(days=st.sampled_from([0, 1, 3, 8, 30]))
    def pass_time(self, days: int) -> None:
        """Ticking twice at one instant is ticking once."""
        self.story.tick(self.story.clock.now() + timedelta(days=days))
        before = self.story.rows(Nomination), self.story.rows(Round)
        assert self.story.tick().happened == ()
        assert (self.story.rows(Nomination), self.story.rows(Round)) == before

    @rule()
    def review(self) -> None:
        waiting = [row.number for row in self.story.rows(Nomination, state="qualified")]
        if waiting:
            self.try_to(AssignExperts(**self.story.who, rows=tuple(SeatRow(nomination=each, expert="E2") for each in waiting)))
            sheets = tuple(self.story.sheet(int(each[-4:]), 30 - int(each[-4:])) for each in waiting)
            self.try_to(RecordScores(**self.story.who, rows=sheets))
        self.try_to(ConcludeReview(**self.story.who))

    @rule(ordinal=ordinals, expert=st.sampled_from(["E1", "E2"]))
    def recuse(self, ordinal: int, expert: str) -> None:
        row = SeatRow(nomination=number(ordinal), expert=expert, recused=True, reason="师徒")
        if not self.refusals_of(lambda: self.story.do(AssignExperts(**self.story.who, rows=(row,), again=True))):
            self.recused.add((number(ordinal), expert))

    @rule(votes=st.dictionaries(ordinals, st.sampled_from(Vote), min_size=1, max_size=4))
    def resolve(self, votes: dict[int, Vote]) -> None:
        ranks = iter(range(1, 9))
        rows = [self.story.vote(each, vote, next(ranks) if vote == Vote.RESERVE else None) for each, vote in votes.items()]
        self.try_to(self.story.resolution(*rows))

    @rule()
    def publish(self) -> None:
        self.try_to(PublishNotice(**self.story.who, first_day=self.today))

    @rule(ordinal=ordinals, signed=st.booleans())
    def object_to(self, ordinal: int, signed: bool) -> None:
        self.try_to(self.story.objection(ordinal, signed=signed, received_on=self.today))

    @precondition(lambda self: self.story.rows(Objection, status="open"))
    @rule(upheld=st.booleans())
    def answer(self, upheld: bool) -> None:
        objection = self.story.rows(Objection, status="open")[0]
        self.try_to(ResolveObjection(**self.story.who, rows=(AnswerRow(objection=objection.number, upheld=upheld, report="报告"),)))

    @rule()
    def certify(self) -> None:
        self.try_to(self.story.certify(document_date=self.today))

    @precondition(lambda self: self.story.rows(Benefit, status="due"))
    @rule()
    def grant(self) -> None:
        self.try_to(self.story.grants())

    @rule(ordinal=ordinals)
    def withdraw(self, ordinal: int) -> None:
        self.try_to(Withdraw(**self.story.who, rows=self.reason(ordinal)))

    @rule(ordinal=ordinals)
    def disqualify(self, ordinal: int) -> None:
        self.try_to(Disqualify(**self.story.who, rows=self.reason(ordinal)))

    @rule(given=st.lists(ordinals, min_size=1, max_size=3, unique=True))
    def reopen(self, given: list[int]) -> None:
        rows = tuple(row for each in given for row in self.reason(each))
        self.try_to(Reopen(**self.story.who, rows=rows))

    @rule(ordinal=ordinals)
    def revoke(self, ordinal: int) -> None:
        row = RevokeRow(nomination=number(ordinal), reason="造假")
        self.try_to(Revoke(**self.story.who, rows=(row,), document="文", document_date=self.today, certificate_recalled=True))

    @rule()
    def hold_or_release(self) -> None:
        held = self.story.row(Round).held
        self.try_to(ReleaseRound(**self.story.who) if held else HoldRound(**self.story.who, reason="等待批复"))

    @rule(days=st.sampled_from([0, 1, 3, 5, 12]), kind=st.sampled_from([None, WorkKind.ENDORSEMENT, WorkKind.CORRECTION]))
    def move_deadline(self, days: int, kind: WorkKind | None) -> None:
        """Nothing is ever due earlier than it was but what was extended, and then on the day given, today or later."""
        day = self.story.house.calendar("Asia/Shanghai").shift(self.today, days)
        before = {item.id: item for item in self.story.rows(WorkItem, status="open")}
        self.try_to(ExtendDeadline(**self.story.who, due_day=day, reason="台风停工", kind=kind))
        for item in self.story.rows(WorkItem, status="open"):
            old = before.get(item.id, item)
            assert item.due_day >= old.due_day or (old.planned_from is not None and item.due_day == day >= self.today)

    @invariant()
    def quota_is_never_exceeded(self) -> None:
        assert sum(row.state in IN_PLACES for row in self.story.rows(Nomination)) <= QUOTA

    @invariant()
    def every_move_is_one_of_the_table_and_follows_the_last(self) -> None:
        entries = self.story.entries(round=self.story.slug)
        for entry in entries[self.read :]:
            if not entry.event.startswith("nomination_"):
                continue
            assert entry.source == self.states.get(entry.subject, ""), entry
            if entry.source in LEFT_BY:
                assert entry.event in LEFT_BY[entry.source]
            elif entry.source:
                assert (entry.source, entry.target) in STEPS
            self.states[entry.subject] = entry.target
        self.read = len(entries)
        assert {row.number: row.state for row in self.story.rows(Nomination)} == self.states

    @invariant()
    def ledger_replays_to_the_tables(self) -> None:
        assert verify(self.story.store, self.story.vault).findings == []

    @invariant()
    def nobody_is_asked_twice_for_one_thing(self) -> None:
        asked = [(item.kind, item.subject, item.detail, item.owner) for item in self.story.rows(WorkItem, status="open")]
        assert len(asked) == len(set(asked))
        clearances = [(subject, detail) for kind, subject, detail, _ in asked if kind == "clearance"]
        layers = [subject for kind, subject, _, _ in asked if kind == "endorsement"]
        assert (len(clearances), len(layers)) == (len(set(clearances)), len(set(layers)))

    @invariant()
    def who_is_recused_never_gets_a_seat_again(self) -> None:
        out = {(seat.nomination, seat.expert) for seat in self.story.rows(PanelSeat, recused=True) if seat.handed_to is None}
        assert self.recused == out

    @invariant()
    def certificates_are_of_the_certified(self) -> None:
        given = [row.certificate for row in self.story.rows(Nomination) if row.certificate]
        assert len(given) == len(set(given))

    def teardown(self) -> None:
        for entry in self.story.entries():
            json.loads(entry.payload)
        self.story.store.dispose()


def test_promises_hold_in_random_histories(light_story: Callable[[], Story]) -> None:
    class OfThisTest(Histories):
        make = staticmethod(light_story)

    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        OfThisTest, settings=settings(max_examples=10, stateful_step_count=20, deadline=None, suppress_health_check=checks)
    )


@pytest.mark.parametrize("start", sorted(STARTS))
def test_every_start_verifies(light_story: Callable[[], Story], start: str) -> None:
    story = light_story()
    STARTS[start](story)
    story.verified()
