"""The desk: refusals end as sentences, a committed command never fails for what follows it, one bad round stops no other."""

import re
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from prefect.client.schemas.objects import State

from config.loader import find_programme, read_text
from flows import clockwork, dashboard, intake, qualification, rounds, timing
from flows.bootstrap import App
from flows.failures import worth_an_alarm
from flows.prefect_api import FailedRun
from flows.workbooks import write_rows
from flows.workbooks.rows import ClearanceRow, EndorsementRow
from flows.workbooks.synthetic import synthetic_candidates
from flows.workbooks.synthetic_roster import synthetic_roster
from states.clock import VirtualClock
from states.commands.rounds import AmendRound, CancelRound, OpenRound
from states.commands.timing import HoldRound
from states.records import Records
from states.tables import Clearance, Nomination, WorkItem
from tests.flows.conftest import OPERATOR, SLUG, Give


async def _import(file: str, **more: Any) -> State[Any]:
    state: State[Any] = await intake.import_nominations.fn(SLUG, OPERATOR, file, **more)
    return state


def _put(app: App, count: int, seed: int = 12) -> str:
    candidates = synthetic_candidates(Random(seed), count, flaws=False)
    write_rows("nominations", app.settings.inbox / "表.xlsx", candidates)
    return "表.xlsx"


async def test_unknown_operator_is_refused_with_a_sentence(at_desk: App) -> None:
    state = await rounds.conclude_stage.fn(SLUG, "XX99")
    assert (state.name, state.is_failed()) == ("已拒绝", True)
    assert "名册里没有编号为“XX99”的在任经办人" in str(state.message)


async def test_file_that_is_not_there_is_refused_without_naming_others(at_desk: App) -> None:
    _put(at_desk, 1)
    (at_desk.settings.inbox / "张建国材料.xlsx").write_bytes(b"x")
    state = await _import("没有.xlsx")
    assert state.name == "已拒绝"
    assert "2 个其他文件" in str(state.message)
    assert "张建国" not in str(state.message)


async def test_good_rows_go_in_and_the_marked_copy_is_named(at_desk: App) -> None:
    file = _put(at_desk, 2)
    state = await _import(file)
    assert state.name == "已办理", state.message
    again = await _import(_put(at_desk, 3, seed=12), again=True)
    assert "重复略过 2 行" in str(again.message)


async def test_committed_import_stands_when_the_marked_copy_cannot_be_written(at_desk: App) -> None:
    rows = synthetic_candidates(Random(12), 2, flaws=False)
    other = rows[1].model_copy(update={"deeds": "另一份事迹。"})
    write_rows("nominations", at_desk.settings.inbox / "表.xlsx", [*rows[:1], rows[1]])
    await _import("表.xlsx")
    write_rows("nominations", at_desk.settings.inbox / "二.xlsx", [other])
    (at_desk.settings.outbox / "退回-二.xlsx").mkdir(parents=True, exist_ok=True)
    state = await _import("二.xlsx")
    assert state.name == "已办理"
    assert "未能写入 outbox" in str(state.message)
    with at_desk.house.store.read() as connection:
        assert len(Records(connection).where(Nomination, round=SLUG)) == 7


async def test_name_of_a_strange_sheet_stays_out_of_the_sentence(at_desk: App) -> None:
    file = "意见.xlsx"
    write_rows("endorsements", at_desk.settings.inbox / file, [EndorsementRow(nomination="BJGJ-2023-0001", unit="JD01", endorses=True)])
    book = load_workbook(at_desk.settings.inbox / file)
    book.worksheets[0].title = "张建国的表"
    book.worksheets[0].cell(row=2, column=3, value="也许")
    book.save(at_desk.settings.inbox / file)
    state = await intake.record_endorsements.fn(SLUG, OPERATOR, file)
    assert "“工作表”第2行 C列“意见”" in str(state.message)


async def test_name_of_a_strange_sheet_stays_out_of_what_is_said_of_rows_that_are_there_twice(at_desk: App) -> None:
    one = EndorsementRow(nomination="BJGJ-2023-0001", unit="JD01", endorses=True)
    write_rows("endorsements", at_desk.settings.inbox / "意见.xlsx", [one, one])
    _rename_sheet(at_desk, "意见.xlsx")
    state = await intake.record_endorsements.fn(SLUG, OPERATOR, "意见.xlsx")
    assert "与“工作表”第2行的" in str(state.message)
    assert "张建国" not in str(state.message)


async def test_name_of_a_strange_sheet_stays_out_of_what_a_command_says_and_keeps_of_rows(at_desk: App) -> None:
    one = synthetic_candidates(Random(12), 1, flaws=False)[0]
    write_rows("nominations", at_desk.settings.inbox / "表.xlsx", [one, one.model_copy(update={"deeds": "另一份事迹。"})])
    _rename_sheet(at_desk, "表.xlsx")
    state = await _import("表.xlsx")
    assert state.name == "已办理"
    assert "张建国" not in str(state.message)
    with sqlite3.connect(at_desk.settings.folder / "hallmark.db") as connection:
        kept = [str(row) for table in ("command", "ledger_entry") for row in connection.execute(f"SELECT * FROM {table}")]  # noqa: S608 - two names
    assert any("“工作表”第3行" in row for row in kept)
    assert not any("张建国的表" in row for row in kept)


def _rename_sheet(app: App, file: str) -> None:
    book = load_workbook(app.settings.inbox / file)
    book.worksheets[0].title = "张建国的表"
    book.save(app.settings.inbox / file)


async def test_database_error_names_nobody(at_desk: App) -> None:
    write_rows("roster", at_desk.settings.inbox / "名册.xlsx", synthetic_roster(Random(99)))
    with sqlite3.connect(at_desk.settings.folder / "hallmark.db") as connection:
        connection.execute("CREATE TRIGGER full BEFORE UPDATE ON party BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    state = await intake.import_roster.fn(SLUG, OPERATOR, "名册.xlsx")
    assert state.name == "已拒绝"
    assert str(state.message).startswith("数据库出错")
    assert not any(row.name in str(state.message) for row in synthetic_roster(Random(99)))


@pytest.mark.parametrize(
    "breaking",
    [
        "UPDATE round SET rules = 'broken: [' WHERE slug = 'aaa'",
        "UPDATE work_item SET steps_done = '张建国', next_step_at = '2023-01-01 00:00:00.000000' WHERE round = 'aaa'",
    ],
    ids=["its rules", "a row of it"],
)
async def test_one_bad_round_does_not_stop_the_clock_of_the_others(at_desk: App, give: Give, breaking: str) -> None:
    rules = read_text(find_programme("binjiang-craftsman-2023")).replace("BJGJ-2023", "AAA-2023")
    give(OpenRound(round="aaa", operator=OPERATOR, rules=rules, opens_on=date(2023, 6, 6)))
    with sqlite3.connect(at_desk.settings.folder / "hallmark.db") as connection:
        connection.execute(breaking)
    state = await clockwork.tick.fn()
    assert state.name == "已办理一部分"
    assert "aaa 未能办理" in str(state.message)
    assert "张建国" not in str(state.message)
    assert f"{SLUG} 自动办理" in str(state.message)


def failing(shown: list[str]) -> Callable[[App, str], Awaitable[None]]:
    """Give what notes whose board it was to show, and cannot: no run may fail by that."""

    async def show(_: App, slug: str) -> None:
        shown.append(slug)
        raise ConnectionError

    return show


async def test_boards_of_rounds_whose_messages_have_moved_are_written_after_a_delivery(
    at_desk: App, clock: VirtualClock, give: Give, who: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []

    async def nothing(*_: object) -> None:
        pass

    rules = read_text(find_programme("binjiang-craftsman-2023")).replace("BJGJ-2023", "AAA-2023")
    await clockwork.deliver.fn()  # what there is to tell of the round so far, with no server to show it
    monkeypatch.setattr(clockwork, "has_server", lambda: True)
    monkeypatch.setattr(dashboard, "write_board", failing(shown))
    for name in ("_come_back", "_name_runs", "_look_for_failures"):
        monkeypatch.setattr(clockwork, name, nothing)
    clock.move_to(clock.now() + timedelta(minutes=1))
    assert (await clockwork.deliver.fn()).name == "已办理"
    assert shown == []
    give(OpenRound(round="aaa", operator=OPERATOR, rules=rules, opens_on=date(2023, 6, 6)))
    assert (await clockwork.deliver.fn()).name == "已办理"
    assert shown == ["aaa"]
    assert (await clockwork.deliver.fn()).name == "已办理"
    assert shown == ["aaa"]
    clock.move_to(datetime(2023, 6, 6, 22, tzinfo=ZoneInfo("Asia/Shanghai")))
    give(HoldRound(round="aaa", operator=OPERATOR, reason="等待批复"))
    for at in (clock.now(), clock.now() + timedelta(hours=12), clock.now() + timedelta(hours=13)):
        clock.move_to(at)  # told in the evening, left in the morning; after that there is nothing to show
        assert (await clockwork.deliver.fn()).name == "已办理"
    assert shown == ["aaa", "aaa", "aaa"]


async def test_dashboard_of_a_round_is_mended_also_after_its_end(
    at_desk: App, clock: VirtualClock, give: Give, who: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server may have been away when the round ended: its board and its scheduled runs would stay as they were for good."""
    shown: list[str] = []

    async def name() -> None:
        raise ConnectionError

    give(CancelRound(**who, reason="不办了。"))
    monkeypatch.setattr(clockwork, "has_server", lambda: True)
    monkeypatch.setattr(dashboard, "refresh", failing(shown))
    monkeypatch.setattr(clockwork, "name_scheduled", name)
    assert [(await each.fn()).name for each in (clockwork.tick, clockwork.refresh_board)] == ["已办理", "已办理"]
    assert shown == [SLUG, SLUG]
    clock.move_to(clock.now() + timedelta(days=8))
    await clockwork.tick.fn()
    assert shown == [SLUG, SLUG]


async def test_a_tick_names_the_runs_that_stand_ahead(at_desk: App, monkeypatch: pytest.MonkeyPatch) -> None:
    named: list[str] = []

    async def name() -> None:
        named.append("every run")

    monkeypatch.setattr(clockwork, "has_server", lambda: True)
    monkeypatch.setattr(clockwork, "name_scheduled", name)
    assert (await clockwork.tick.fn()).name == "已办理"
    assert named == ["every run"]


async def test_one_bad_round_does_not_stop_the_post_of_the_others_and_is_told_to_the_operators(at_desk: App, give: Give) -> None:
    """The run ends as done in part, and for that the operators are alarmed, once an hour."""
    rules = read_text(find_programme("binjiang-craftsman-2023")).replace("BJGJ-2023", "AAA-2023")
    give(OpenRound(round="aaa", operator=OPERATOR, rules=rules, opens_on=date(2023, 6, 6)))
    with sqlite3.connect(at_desk.settings.folder / "hallmark.db") as connection:
        connection.execute("UPDATE round SET rules = 'broken: [' WHERE slug = 'aaa'")
    state = await clockwork.deliver.fn()
    assert state.name == "已办理一部分"
    assert "aaa 未能办理：认定办法 本届冻结的认定办法 有 1 处问题" in str(state.message)
    assert re.search(r"送达 [1-9]\d*，被拒 0，结果不明 0，待发 0", str(state.message))
    assert worth_an_alarm(FailedRun(uuid4(), clockwork.deliver.name, state.name, at_desk.house.clock.now()))


async def test_work_is_handed_over_after_a_look_with_its_reason_out_of_a_file(at_desk: App) -> None:
    (at_desk.settings.inbox / "理由.txt").write_text("两街道合并", encoding="utf-8")
    with at_desk.house.store.read() as connection:
        source = Records(connection).where(WorkItem, round=SLUG, kind="endorsement")[0].owner
    target = next(unit for unit in ("JD01", "JD02") if unit != source)
    form = {"slug": SLUG, "operator": OPERATOR, "source": source, "target": target, "reason_file": "理由.txt"}
    nothing = await timing.reassign_work.fn(**form, work="补正材料")
    assert "没有这样的未办待办" in str(nothing.message)
    looked = await timing.reassign_work.fn(**form, work="出具推荐意见")
    assert (looked.name, "两街道合并" in str(looked.message)) == ("待核对", False)
    done = await timing.reassign_work.fn(**form, work="出具推荐意见", plan_code=_plan_code(looked))
    assert done.name == "已办理", done.message
    with at_desk.house.store.read() as connection:
        assert source not in {item.owner for item in Records(connection).where(WorkItem, round=SLUG, status="open")}


async def test_clearances_are_recorded_out_of_a_workbook(at_desk: App, give: Give, who: dict[str, Any]) -> None:
    asked = "clearances: [{id: tax, title: 依法纳税情况, department: BM01, ours: true}]"
    rules = read_text(find_programme("binjiang-craftsman-2023")).replace("clearances: []", asked)
    give(AmendRound(**who, rules=rules, reason="增加联审"))
    row = ClearanceRow(nomination="BJGJ-2023-0001", clearance="区税务部门", clear=False, opinion="欠税未缴")
    write_rows("clearances", at_desk.settings.inbox / "联审.xlsx", [row])
    looked = await qualification.record_clearances.fn(SLUG, OPERATOR, "联审.xlsx")
    done = await qualification.record_clearances.fn(SLUG, OPERATOR, "联审.xlsx", plan_code=_plan_code(looked))
    assert (done.name, "欠税" in str(done.message)) == ("已办理", False)
    with at_desk.house.store.read() as connection:
        (said,) = Records(connection).where(Clearance)
    assert (said.clearance, said.department, said.clear) == ("tax", "BM01", False)


def _plan_code(state: State[Any]) -> str:
    found = re.search(r"填入计划码 (\S+) 再运行", str(state.message))
    assert found, state.message
    return found[1]
