"""What the dashboard is shown: the board, previews, events' names."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete

from flows.bootstrap import App
from flows.calendar_runs import wanted_runs
from flows.command_line.looking import _stage_row
from flows.converting import roster_entries
from flows.dashboard import board_page, gantt
from flows.reading import round_board, round_plan
from flows.rehearsal import rehearsed_board, ticking
from flows.showing import event_name, preview_page
from flows.workbooks.synthetic import synthetic_candidates
from flows.workbooks.synthetic_roster import synthetic_roster
from states.clock import VirtualClock
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.intake import SubmitNominations, SubmittedRow
from states.commands.qualification import RecordQualification, Verdict, VerdictRow
from states.commands.roster import ImportRoster
from states.commands.rounds import OpenRound
from states.commands.tick import Tick
from states.commands.timing import HoldRound, ReleaseRound
from states.heartbeat import beat
from states.house import Envelope
from states.machine import MOVES
from states.records import table_of
from states.tables import Chain
from tests.flows.conftest import OPENING, OPERATOR, SLUG, Give
from tests.flows.simulated import rules


def test_board_shows_counts_stages_and_what_comes_next(opened: App) -> None:
    page = board_page(opened, round_board(opened, SLUG))
    assert "| 状态 | 份数 |\n|---|---|\n| 已申报 | 5 |" in page
    assert "| 申报推荐 | 2023-06-06 | 2023-07-05 | 进行中 |" in page
    assert "没有逾期。" in page
    assert "06-09 09:00 催办“出具推荐意见”" in page


def test_board_shouts_on_its_first_line_when_the_clock_has_stopped(opened: App, clock: VirtualClock) -> None:
    assert "时钟已停" not in board_page(opened, round_board(opened, SLUG))
    clock.move_to(OPENING.replace(day=20))
    never = board_page(opened, round_board(opened, SLUG))
    assert never.startswith("> # ⚠ 时钟已停")
    assert "本届启动以来没有走动" in never
    beat(opened.house.store, SLUG, OPENING.replace(day=19))
    assert "自 2023-06-19 09:00 起没有走动" in board_page(opened, round_board(opened, SLUG))


def test_board_marks_what_comes_only_if_people_act_first(opened: App) -> None:
    coming = {line.what: line for line in round_plan(opened, SLUG)[0] if line.kind in ("stage_opens", "stage_due")}
    # Intake closes by the clock and qualification follows by itself; whatever is after it waits for people.
    certain = ["“申报推荐”阶段到期", "进入“资格审核”阶段", "“资格审核”阶段到期"]
    assert [what for what, line in coming.items() if not line.expected] == certain
    board = round_board(opened, SLUG)
    page = board_page(opened, replace(board, coming=(coming["“申报推荐”阶段到期"], coming["进入“专家评审”阶段"])))
    assert "- 07-05 24:00 “申报推荐”阶段到期\n" in page
    assert "- 07-28 00:00 进入“专家评审”阶段（预计）\n" in page


def test_board_shows_the_marks_in_a_units_name(opened: App, clock: VirtualClock) -> None:
    clock.move_to(OPENING.replace(month=8, day=1))
    board = round_board(opened, SLUG)
    hostile = "西兴<街道>&*总工会*_[1]"
    owed, told = replace(board.overdue[0], owner=hostile), replace(board.coming[0], to=(hostile,))
    page = board_page(opened, replace(board, overdue=(owed,), coming=(told,)))
    assert page.count(r"西兴\<街道\>\&\*总工会\*\_\[1\]") == 2
    assert hostile not in page


def test_board_lists_what_the_calendar_has(opened: App, clock: VirtualClock) -> None:
    """Also what the clock alone will enter: qualification opens work by itself, and its reminders come before anybody concludes anything."""
    clock.move_to(OPENING.replace(month=7, day=1))
    board = rehearsed_board(opened, SLUG)
    assert len(board.coming) == 10
    assert [line.kind for line in board.coming if line.at_once] == ["catch_up"]  # reminders whose day was days ago
    instants = list(dict.fromkeys(line.at for line in board.coming if not line.at_once))
    assert instants == [run.at for run in wanted_runs(opened, SLUG)][: len(instants)]
    page = board_page(opened, board)
    assert "- 07-20 09:00 催办“资格审核”余5个工作日 区工匠认定工作领导小组办公室\n" in page
    assert "- 07-27 24:00 “资格审核”到期 区工匠认定工作领导小组办公室\n" in page


def test_board_is_written_also_where_no_tick_can_be_carried_out(opened: App) -> None:
    """Then the clock stands still, and this is where it is shouted."""
    with opened.house.store.write() as connection:
        connection.execute(delete(table_of(Chain)).where(table_of(Chain).c.name == SLUG))
    board = rehearsed_board(opened, SLUG)
    assert board == replace(round_board(opened, SLUG), remarks=board.remarks)
    said = "日程未能预演，以下日期按截止日和办法推算；原因见到期处理（tick）的运行日志。"
    assert f"## 接下来\n\n{said}\n\n- 06-09 09:00 " in board_page(opened, board)


def test_fault_of_a_rehearsal_is_warned_of_once_by_its_kind_and_our_line(opened: App, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever is wrong hides here first: its text stays out, since it may hold what people entered."""
    ticking._warn.cache_clear()
    with opened.house.store.write() as connection:
        connection.execute(delete(table_of(Chain)).where(table_of(Chain).c.name == SLUG))
    for _ in range(3):
        rehearsed_board(opened, SLUG)
    ((level, said),) = [(record.levelname, record.getMessage()) for record in caplog.records if record.name == ticking.__name__]
    assert level == "WARNING"
    assert re.fullmatch(rf"{SLUG} 的日程未能预演（\w+，(states|flows)/[\w/]+\.py 第 \d+ 行），改按截止日推算", said)


def test_board_of_a_held_round_lists_nothing_to_come(opened: App, give: Give, who: dict[str, Any]) -> None:
    give(HoldRound(**who, reason="台风停工。"))
    assert round_board(opened, SLUG).coming == ()
    page = board_page(opened, round_board(opened, SLUG))
    assert (
        "本届已暂停：恢复计时（release-round）之前没有事项到期，不催办。自 06-06 09:00 起暂停；恢复后，未办结事项的日期全部顺延。" in page
    )
    assert re.search(r"^title .*（已暂停，恢复后日期顺延）$", page, re.MULTILINE)
    assert "台风" not in page  # free text stays out of Prefect
    give(ReleaseRound(**who))
    assert "暂停" not in board_page(opened, round_board(opened, SLUG))


def test_board_names_what_is_overdue_and_with_whom(opened: App, clock: VirtualClock) -> None:
    clock.move_to(OPENING.replace(day=20))
    page = board_page(opened, round_board(opened, SLUG))
    assert "## 逾期待办 5 项" in page
    assert "| 出具推荐意见 | BJGJ-2023-0001 | 滨江区西兴街道总工会 | 2023-06-13 | 5 |" in page


def test_gantt_marks_the_running_stage_and_lets_an_overdue_one_grow(opened: App, clock: VirtualClock) -> None:
    assert "申报推荐 :active, 2023-06-06, 2023-07-05" in gantt(round_board(opened, SLUG))
    clock.move_to(OPENING.replace(month=7, day=20))
    assert "申报推荐 :crit, 2023-06-06, 2023-07-20" in gantt(round_board(opened, SLUG))


def test_stage_that_the_clock_will_end_early_says_so(opened: App) -> None:
    board = round_board(opened, SLUG)
    early = replace(board.stages[0], closes_at=datetime(2023, 6, 15, 16, tzinfo=UTC))
    board = replace(board, stages=(early, *board.stages[1:]))
    assert "申报推荐 :active, 2023-06-06, 2023-06-15\n" in gantt(board)
    assert "| 申报推荐 | 2023-06-06 | 2023-07-05 | 进行中（06-15 自动办结） |" in board_page(opened, board)


def test_stage_table_marks_a_beginning_that_is_provisional(app: App, clock: VirtualClock, give: Give, who: dict[str, Any]) -> None:
    """Also that of the stage which the clock enters by itself."""
    clock.move_to(datetime(2035, 6, 6, 1, tzinfo=UTC))
    give(ImportRoster(operator=OPERATOR, entries=roster_entries(synthetic_roster(Random(3)))))
    give(OpenRound(**who, rules=rules(), opens_on=date(2035, 6, 6)))
    rows = (SubmittedRow(place="第2行", candidate=synthetic_candidates(Random(11), 1, flaws=False)[0]),)
    give(SubmitNominations(**who, rows=rows))
    board = rehearsed_board(app, SLUG)
    assert [(line.unsure, line.expected) for line in board.stages] == [(False, False), (True, False)] + [(True, True)] * 5
    assert "| 资格审核 | 2035-07-06（暂定） | 2035-07-27（暂定） | 未开始 |" in board_page(app, board)
    assert _stage_row(board.stages[1], ZoneInfo(board.zone), held=False)[1:3] == ("2035-07-06（暂定）", "2035-07-27（暂定）")


def test_stage_table_tells_what_the_clock_enters_from_what_people_must_do_first(opened: App) -> None:
    page = board_page(opened, rehearsed_board(opened, SLUG))
    assert "| 资格审核 | 2023-07-06 | 2023-07-27 | 未开始 |\n| 专家评审 | 2023-07-28 | 2023-08-17 | 预计 |" in page


def test_gantt_lets_stages_meet_and_ends_a_concluded_one_with_its_conclusion(opened: App, clock: VirtualClock, give: Give) -> None:
    assert "inclusiveEndDates" in gantt(round_board(opened, SLUG))
    assert "资格审核 :2023-07-06, 2023-07-27\n专家评审（预计） :2023-07-28, 2023-08-17\n" in gantt(round_board(opened, SLUG))
    clock.move_to(datetime(2023, 7, 5, 16, tzinfo=UTC))  # midnight, when the clock closes intake
    give(Tick(round=SLUG))
    clock.move_to(datetime(2023, 7, 12, 2, tzinfo=UTC))
    board = round_board(opened, SLUG)
    assert "申报推荐 :done, 2023-06-06, 2023-07-05\n资格审核 :active, 2023-07-06, 2023-07-27\n" in gantt(board)
    early = replace(board, stages=(board.stages[0], replace(board.stages[1], concluded_at=clock.now()), *board.stages[2:]))
    assert "资格审核 :done, 2023-07-06, 2023-07-11\n" in gantt(early)  # on the 12th the next one begins


def test_preview_lists_touched_skipped_told_and_the_plan_code(opened: App, who: dict[str, Any]) -> None:
    rows = (
        EndorsementRow(nomination="BJGJ-2023-0001", unit="JD01", agrees=True),
        EndorsementRow(nomination="BJGJ-2023-0099", unit="JD01", agrees=True),
    )
    command = RecordEndorsements(**who, rows=rows)
    result = opened.house.execute(command, Envelope("run", opened.house.clock.now()))
    page = preview_page(command, result)
    assert not result.applied
    assert f"`{result.plan_code}`" in page
    assert "BJGJ-2023-0001" in page
    assert "BJGJ-2023-0099：本届没有这个申报编号" in page


def test_preview_shows_the_due_day_that_is_no_part_of_the_plan(opened: App) -> None:
    row = VerdictRow(nomination="BJGJ-2023-0001", verdict=Verdict.RETURN, reason="请补证明", fields=("证明材料",))
    command = RecordQualification(round=SLUG, operator="JB01", rows=(row,))
    page = preview_page(command, opened.house.execute(command, Envelope("run", opened.house.clock.now())))
    assert "| BJGJ-2023-0001 | 已申报 | 退回补正 | 补正截止 06-13 |" in page


def test_preview_of_a_release_says_why_nobody_is_told(opened: App, clock: VirtualClock, give: Give) -> None:
    clock.move_to(datetime(2023, 6, 6, 13, tzinfo=UTC))  # nine in the evening
    give(HoldRound(round=SLUG, operator="JB01", reason="等待批复"))
    command = ReleaseRound(round=SLUG, operator="JB01")
    page = preview_page(command, opened.house.preview(command))
    assert "## 将通知 0 项\n\n没有人需要通知：此前的决定还没有告知任何人" in page


def test_event_names_follow_the_ledger() -> None:
    assert {event_name(move.event) for move in MOVES} >= {"hallmark.nomination.qualified", "hallmark.nomination.certified"}


def test_what_is_provisional_is_marked_wherever_its_day_stands(opened: App, clock: VirtualClock) -> None:
    board = round_board(opened, SLUG)
    assert "暂定" not in board_page(opened, board)
    clock.move_to(OPENING.replace(day=20))
    board = round_board(opened, SLUG)
    unsure = replace(
        board,
        stages=tuple(replace(line, provisional=True) for line in board.stages),
        overdue=tuple(replace(line, provisional=True) for line in board.overdue),
        coming=tuple(replace(line, provisional=True) for line in board.coming),
    )
    page = board_page(opened, unsure)
    assert "申报推荐（暂定） :active, 2023-06-06, 2023-07-05" in page
    assert "| 申报推荐 | 2023-06-06 | 2023-07-05（暂定） |" in page
    assert "| 2023-06-13（暂定） | 5 |" in page
    assert page.count("暂定") == 2 * len(board.stages) + len(board.overdue) + len(board.coming)
