"""Boards, nominations and what is to come, read on a clock of the notice's own year."""

import ast
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import states
from config.calendar import WorkCalendar
from config.loader import find_programme, load_programme, parse_programme, read_text
from config.vocabulary import Audience, NominationState, RoundState, Stage, WorkKind
from flows.bootstrap import App
from flows.due import next_due
from flows.reading import NotFound, find_round, foresee_programme, foresee_round, nomination_view, round_board, round_plan, timeline
from flows.reading.board import stage_lines
from flows.reading.events import EVENT_LABELS, event_label
from flows.reading.foresight import Foreseen, in_order
from flows.reading.naming import Names
from flows.reading.open_work import open_work
from flows.reading.outgoing import deliveries
from flows.reading.rounds import not_found
from flows.rehearsal import round_future
from states.clock import VirtualClock
from states.commands.clearances import ClearanceRow, RecordClearances
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.rounds import AmendRound, CancelRound, OpenRound
from states.commands.tick import Tick
from states.commands.timing import HoldRound, ReleaseRound
from states.heartbeat import beat
from states.house import Envelope
from states.machine import MOVES
from states.records import Records
from states.tables import Nomination
from tests.flows.conftest import SLUG, Give

PROGRAMME = load_programme(find_programme("binjiang-craftsman-2023"))
CALENDAR = WorkCalendar()


def move(clock: VirtualClock, day: date, hour: int = 9) -> None:
    clock.move_to(datetime(day.year, day.month, day.day, hour - 8, tzinfo=UTC))


def endorse_all(app: App, give: Give, who: dict[str, Any]) -> None:
    with app.house.store.read() as connection:
        rows = Records(connection).where(Nomination, round=SLUG)
    give(RecordEndorsements(**who, rows=tuple(EndorsementRow(nomination=row.number, unit=row.unit, agrees=True) for row in rows)))


def test_a_fresh_round_stands_in_intake_with_its_coming_stages_expected(opened: App) -> None:
    board = round_board(opened, SLUG)
    assert (board.state, board.held, board.demo, board.today) == (RoundState.INTAKE, False, False, date(2023, 6, 6))
    assert (board.nominations, board.counts[NominationState.SUBMITTED], board.quota) == (5, 5, 10)
    assert list(board.counts) == list(NominationState)
    assert [(line.stage, line.opens_day, line.due_day) for line in board.stages[:3]] == [
        (Stage.INTAKE, date(2023, 6, 6), date(2023, 7, 5)),
        (Stage.QUALIFICATION, date(2023, 7, 6), date(2023, 7, 27)),
        (Stage.EXPERT_REVIEW, date(2023, 7, 28), date(2023, 8, 17)),
    ]
    assert [line.running for line in board.stages] == [True] + [False] * 6
    assert (board.overdue, board.last_tick) == ((), None)


def test_what_meets_at_one_instant_is_one_line(opened: App) -> None:
    first = round_board(opened, SLUG).coming[0]
    # 5 working days from 2023-06-06 is the 13th; two before it the 9th.
    assert (first.at, first.kind, first.work) == (datetime(2023, 6, 9, 1, tzinfo=UTC), "reminder", WorkKind.ENDORSEMENT)
    assert (first.count, first.what) == (5, "催办“出具推荐意见”余2个工作日")
    assert len(first.to) == 5
    assert first.named.endswith("等 5 家")


def test_overdue_counts_working_days_and_keeps_the_oldest_first(opened: App, clock: VirtualClock) -> None:
    clock.move_to(datetime(2023, 6, 13, 16, tzinfo=UTC))  # midnight in Beijing: the first instant that is too late
    assert len(round_board(opened, SLUG).overdue) == 5
    move(clock, date(2023, 6, 26))
    board = round_board(opened, SLUG)
    # After Tuesday the 13th: 14, 15, 16, 19, 20, 21, Sunday 25 (worked), 26; the 22nd to 24th are off.
    assert {line.days_overdue for line in board.overdue} == {8}
    assert [line.due_day for line in board.overdue] == [date(2023, 6, 13)] * 5


def test_a_work_item_is_not_overdue_on_its_last_day(opened: App, clock: VirtualClock) -> None:
    clock.move_to(datetime(2023, 6, 13, 15, 59, 59, tzinfo=UTC))
    assert round_board(opened, SLUG).overdue == ()


def test_a_step_that_is_done_is_not_foreseen_again(opened: App) -> None:
    with opened.house.store.read() as connection:
        (asked,) = (each for each in open_work(connection, SLUG) if each.kind == WorkKind.ENDORSEMENT)
        work = [replace(asked, steps_done=frozenset({"r-2", "e+1:superior"}))]
        now = opened.house.clock.now()
        stages = stage_lines(connection, find_round(connection, SLUG), PROGRAMME, CALENDAR, now)
        lines = foresee_round(PROGRAMME, CALENDAR, stages, work=work, names=Names(connection), now=now)
    steps = [line.what for line in lines if line.work == WorkKind.ENDORSEMENT]
    assert steps == ["催办“出具推荐意见”当日到期", "“出具推荐意见”到期", "升级“出具推荐意见”逾期3个工作日"]


def test_the_clock_has_stopped_when_nobody_came_by_for_two_hours(opened: App, clock: VirtualClock) -> None:
    move(clock, date(2023, 6, 6), 11)
    assert (round_board(opened, SLUG).last_tick, round_board(opened, SLUG).clock_stopped) == (None, False)
    clock.move_to(clock.now() + timedelta(seconds=1))
    assert round_board(opened, SLUG).clock_stopped
    beat(opened.house.store, SLUG, clock.now())
    ticked = clock.now()
    clock.move_to(ticked + timedelta(hours=2))
    assert (round_board(opened, SLUG).last_tick, round_board(opened, SLUG).clock_stopped) == (ticked, False)
    beat(opened.house.store, SLUG, clock.now())
    assert round_board(opened, SLUG).last_tick == clock.now()


def test_a_round_that_has_ended_needs_no_clock(opened: App, clock: VirtualClock, give: Give, who: dict[str, Any]) -> None:
    give(CancelRound(**who, reason="不办了"))
    move(clock, date(2023, 6, 20))
    assert not round_board(opened, SLUG).clock_stopped


def test_a_stage_that_was_concluded_early_moves_the_expected_ones(
    opened: App, clock: VirtualClock, give: Give, who: dict[str, Any]
) -> None:
    endorse_all(opened, give, who)
    move(clock, date(2023, 7, 6), 8)
    give(Tick(round=SLUG))
    board = round_board(opened, SLUG)
    assert board.state == RoundState.QUALIFICATION
    assert board.stages[0].concluded_at == clock.now()
    assert [line.coming for line in board.stages] == [False, False, True, True, True, True, True]


def test_a_stage_that_is_overdue_pushes_the_expected_ones_on(opened: App, clock: VirtualClock, give: Give, who: dict[str, Any]) -> None:
    endorse_all(opened, give, who)
    move(clock, date(2023, 7, 6), 8)
    give(Tick(round=SLUG))
    expected = round_board(opened, SLUG).stages[2].opens_day
    move(clock, date(2023, 8, 8), 9)
    later = round_board(opened, SLUG)
    assert (later.stages[1].due_day, expected) == (date(2023, 7, 27), date(2023, 7, 28))
    assert later.stages[2].opens_day == date(2023, 8, 9)


def test_a_cancelled_round_expects_nothing(opened: App, give: Give, who: dict[str, Any]) -> None:
    give(CancelRound(**who, reason="不办了"))
    board = round_board(opened, SLUG)
    assert (board.state, board.coming, board.open_work) == (RoundState.CANCELLED, (), 0)
    assert [line.stage for line in board.stages] == [Stage.INTAKE]
    assert round_plan(opened, SLUG) == ([], CALENDAR.zone)


def test_a_round_held_before_its_opening_is_planned_from_the_later_day(opened: App, clock: VirtualClock, give: Give) -> None:
    who: dict[str, Any] = {"round": "later", "operator": "JB02"}
    text = read_text(find_programme("binjiang-craftsman-2023"))
    give(OpenRound(**who, rules=text.replace("number_prefix: BJGJ-2023", "number_prefix: BJGJ-L"), opens_on=date(2023, 6, 13)))
    give(HoldRound(**who, reason="等待批复"))
    move(clock, date(2023, 6, 9))
    give(ReleaseRound(**who))
    board, (lines, _) = round_board(opened, "later"), round_plan(opened, "later")
    assert board.opens_on == board.stages[0].opens_day == lines[0].day == date(2023, 6, 16)
    assert next_due(opened.house, "later", clock.now()) == lines[0].at == datetime(2023, 6, 15, 16, tzinfo=UTC)


def test_an_opening_that_a_hold_moved_by_guess_is_provisional_until_its_days_are_counted_again(
    opened: App, clock: VirtualClock, give: Give
) -> None:
    who: dict[str, Any] = {"round": "later", "operator": "JB02"}
    text = read_text(find_programme("binjiang-craftsman-2023"))
    move(clock, date(2026, 12, 21))
    give(OpenRound(**who, rules=text.replace("number_prefix: BJGJ-2023", "number_prefix: BJGJ-L"), opens_on=date(2027, 1, 13)))
    move(clock, date(2027, 1, 4))
    give(HoldRound(**who, reason="等待批复"))
    move(clock, date(2027, 1, 6))
    give(ReleaseRound(**who))
    (first, *_), _ = round_plan(opened, "later")
    assert (first.day, first.provisional) == (date(2027, 1, 15), True)
    year = [date(2027, 1, 1) + timedelta(days=day) for day in range(365)]
    announced = partial(WorkCalendar, overrides={day: day.weekday() < 5 and day != date(2027, 1, 5) for day in year})
    known = replace(opened, house=replace(opened.house, calendar=announced))
    (first, *_), _ = round_plan(known, "later")
    stands = (round_board(known, "later").stages[0].provisional, round_board(known, "later").opens_on, first.provisional)
    assert stands == (True, date(2027, 1, 15), True)
    foretold = next(line for line in round_future(known, "later").lines if line.kind == "stage_opens")
    assert (foretold.day, foretold.provisional) == (date(2027, 1, 14), False)  # a plan begins with what the next tick does
    known.house.execute(Tick(round="later"), Envelope("tick", clock.now(), clock=True))
    (first, *_), _ = round_plan(known, "later")
    assert (first.day, first.provisional) == (round_board(known, "later").opens_on, False) == (date(2027, 1, 14), False)
    assert not round_board(known, "later").stages[0].provisional
    assert next_due(known.house, "later", clock.now()) == first.at


def test_the_board_is_one_consistent_look(opened: App) -> None:
    board = round_board(opened, f" {SLUG} ")
    assert board.slug == SLUG
    assert sum(board.counts.values()) == board.nominations


def test_an_unknown_round_is_answered_with_near_ones(opened: App) -> None:
    with pytest.raises(NotFound, match=f"；最接近的是“{SLUG}”。") as found:
        round_board(opened, "bjgj-2032")
    assert found.value.near == (SLUG,)


def test_not_found_lists_what_there_is_when_nothing_is_near() -> None:
    assert "还没有任何届次" in str(not_found("届次", "x", []))
    many = str(not_found("届次", "zzz", [f"a-{number}" for number in range(12)]))
    assert "等 12 个" in many


def test_a_view_shows_what_each_department_said_and_who_has_not_answered(opened: App, give: Give, who: dict[str, Any]) -> None:
    asked = "[{id: tax, title: 纳税, department: BM01, ours: true}, {id: safety, title: 安全, department: BM02, ours: true}]"
    text = read_text(find_programme("binjiang-craftsman-2023")).replace("clearances: []", f"clearances: {asked}")
    assert nomination_view(opened, "BJGJ-2023-0001").clearances == ()
    give(AmendRound(**who, rules=text, reason="增加联审"))
    row = ClearanceRow(nomination="BJGJ-2023-0001", clearance="BM02", clear=False, text="事故未结案", document="应急〔2023〕1号")
    give(RecordClearances(**who, rows=(row,)))
    tax, safety = nomination_view(opened, "BJGJ-2023-0001").clearances
    assert (tax.title, tax.department, tax.clear, tax.at, tax.document) == ("纳税", "区税务部门", None, None, "")
    assert (safety.title, safety.department, safety.clear, safety.document) == ("安全", "区应急管理部门", False, "应急〔2023〕1号")
    assert safety.at == opened.house.clock.now()


def test_a_view_follows_the_nomination_through_its_layers(opened: App, give: Give, who: dict[str, Any]) -> None:
    before = nomination_view(opened, "bjgj-2023-0001")
    assert [line.kind for line in before.waits_for] == [WorkKind.ENDORSEMENT]
    endorse_all(opened, give, who)
    view = nomination_view(opened, "BJGJ-2023-0001")
    assert (view.waits_for, [(line.layer, line.agrees) for line in view.endorsements]) == ((), [(1, True)])
    assert [line.event for line in view.history] == [
        "nomination_submitted",
        "work_item_opened",
        "endorsement_recorded",
        "work_item_done",
    ]
    assert [line.seq for line in view.history] == sorted(line.seq for line in view.history)
    assert [line.condition for line in view.findings] == [condition.id for condition in PROGRAMME.conditions]
    assert all(line.quote for line in view.findings)


def test_an_operator_stands_in_the_history_masked(opened: App, clock: VirtualClock, give: Give) -> None:
    move(clock, date(2023, 6, 9))
    give(Tick(round=SLUG))
    operators = {line.operator for line in nomination_view(opened, "BJGJ-2023-0001").history}
    assert len(operators) == 2
    assert "系统时钟" in operators
    assert any(operator.endswith("*（JB02）") for operator in operators)


def test_nothing_is_said_of_deliveries_before_there_are_any(opened: App) -> None:
    found = deliveries(opened, slug=SLUG)
    assert (found.waiting, found.deliveries, sum(found.counts.values())) == (0, (), 0)
    with pytest.raises(NotFound):
        deliveries(opened, slug="nowhere")


def test_a_skipped_stage_takes_no_time_and_says_nothing() -> None:
    text = read_text(find_programme("binjiang-craftsman-2023"))
    skipping = parse_programme(re.sub(r"(?m)^  expert_review:.*$", "  expert_review:\n    skip: true", text, count=1), "x")
    lines = {line.stage: line for line in timeline(skipping, CALENDAR, date(2023, 6, 6))}
    assert lines[Stage.EXPERT_REVIEW].skipped
    assert lines[Stage.LEADERSHIP].opens_day == lines[Stage.EXPERT_REVIEW].opens_day == date(2023, 7, 28)
    assert Stage.EXPERT_REVIEW not in {line.stage for line in foresee_programme(skipping, CALENDAR, date(2023, 6, 6))}


def test_only_what_lies_beyond_the_announced_years_is_provisional() -> None:
    last = next(year for year in range(2023, 2100) if not CALENDAR.is_year_announced(year + 1))
    lines = foresee_programme(PROGRAMME, CALENDAR, date(last, 11, 2))
    assert {line.provisional for line in lines if line.day.year == last and line.kind == "stage_opens"} == {False}
    assert {line.provisional for line in lines if line.day.year > last} == {True}


def test_a_step_in_a_year_not_announced_is_provisional_though_its_due_day_is_certain() -> None:
    last = max(year for year in range(2023, 2050) if CALENDAR.is_year_announced(year))
    openings = (date(last, 10, 1) + timedelta(days=day) for day in range(40))
    lines = [line for opens in openings for line in foresee_programme(PROGRAMME, CALENDAR, opens)]
    steps = [line for line in lines if line.kind in ("reminder", "escalation")]
    assert all(line.provisional for line in steps if line.day.year > last)


def test_nobody_is_late_with_what_the_clock_does() -> None:
    lines = foresee_programme(PROGRAMME, CALENDAR, date(2023, 6, 6))
    closing = [line for line in lines if line.work == WorkKind.CLOSE_INTAKE]
    assert [line.kind for line in closing] == ["message", "reminder", "reminder", "work_due"]


def test_a_step_names_whom_it_speaks_to() -> None:
    lines = foresee_programme(PROGRAMME, CALENDAR, date(2023, 6, 6))
    escalation = next(line for line in lines if line.work == WorkKind.RESOLUTION and line.kind == "escalation")
    assert (escalation.audience, escalation.to) == (Audience.DISTRICT_OFFICE, ("区工匠认定工作领导小组办公室",))


def test_stages_that_meet_at_one_instant_stand_in_their_order() -> None:
    at = datetime(2023, 6, 6, tzinfo=UTC)
    meeting = [Foreseen(at, at.date(), "stage_opens", stage, "进入") for stage in reversed(Stage)]
    assert [line.stage for line in in_order(meeting)] == list(Stage)


def test_many_names_are_cut_short() -> None:
    at = datetime(2023, 6, 6, tzinfo=UTC) + timedelta(days=1)
    line = Foreseen(at, date(2023, 6, 7), "reminder", Stage.INTAKE, "催办", to=("甲", "乙", "丙", "丁"))
    assert line.named == "甲、乙、丙等 4 家"


def test_every_event_of_the_ledger_has_its_chinese() -> None:
    written = {move.event for move in MOVES}
    for path in Path(next(iter(states.__path__))).rglob("*.py"):
        written |= set(map(event_of, ast.walk(ast.parse(path.read_text(encoding="utf-8"))))) - {""}
    assert len(written) > 30
    assert written - set(EVENT_LABELS) == set()
    assert event_label("something_new") == "something_new"


def event_of(node: ast.AST) -> str:
    """Give the event that a call of ``work.record("…")`` writes, "" for anything else."""
    match node:
        case ast.Call(func=ast.Attribute(attr="record"), args=[ast.Constant(value=str(event)), *_]):
            return event
    return ""
