"""A roster through its form: all that is wrong at once, and what was not read is remarked on, as by the command line."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from prefect.client.schemas.objects import State

from flows import dashboard, intake, showing
from flows.bootstrap import App
from flows.workbooks import write_rows
from flows.workbooks.synthetic_roster import synthetic_roster
from states.records import Records
from states.tables import Party
from tests.flows.conftest import OPERATOR, SLUG

FILE = "名册.xlsx"


async def _import() -> State[Any]:
    state: State[Any] = await intake.import_roster.fn(SLUG, OPERATOR, FILE, again=True)
    return state


def _book(app: App) -> Workbook:
    write_rows("roster", app.settings.inbox / FILE, synthetic_roster(Random(99)))
    return load_workbook(app.settings.inbox / FILE)


def _set(book: Workbook, sheet: str, row: int, header: str, value: str) -> None:
    page = book[sheet]
    headers = [str(cell.value).strip("*＊ ") for cell in page[1]]
    page.cell(row, headers.index(header) + 1, value)


def _parties(app: App) -> list[tuple[str, str]]:
    with app.house.store.read() as connection:
        return [(party.id, party.name) for party in Records(connection).where(Party)]


async def test_boards_of_all_running_rounds_show_the_new_roster_at_once(at_desk: App, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    async def show(_: App, slug: str) -> None:
        shown.append(slug)

    async def emit(*_: object, **__: object) -> None: ...

    monkeypatch.setattr(showing, "has_server", lambda: True)
    monkeypatch.setattr(showing, "emit_event", emit)
    monkeypatch.setattr(dashboard, "write_board", show)
    _book(at_desk)
    assert (await _import()).name == "已办理"
    assert shown == [SLUG]


async def test_what_was_not_read_is_remarked_on_without_the_senders_words(at_desk: App) -> None:
    book = _book(at_desk)
    book.create_sheet("张建国的备忘")["A1"] = "王小明"
    book["单位"].cell(row=1, column=book["单位"].max_column + 1, value="李建华批注")
    book.save(at_desk.settings.inbox / FILE)
    state = await _import()
    assert state.name == "已办理", state.message
    said = str(state.message)
    assert "提醒 “工作表”：这张工作表没有读取" in said
    assert "不是本表的列，没有读取" in said
    assert not any(word in said for word in ("张建国", "王小明", "李建华"))


async def test_bad_cells_and_what_is_at_odds_are_told_at_once_and_counted_right(at_desk: App) -> None:
    before = _parties(at_desk)
    book = _book(at_desk)
    _set(book, "单位", 3, "类别", "不是类别")
    _set(book, "经办人", 2, "代理人编号", "NOBODY")
    book.save(at_desk.settings.inbox / FILE)
    state = await _import()
    said = str(state.message)
    assert state.name == "已拒绝"
    assert said.startswith(f"“{FILE}”有 2 处错误，未作任何改动；标注了错误的副本：outbox/退回-{FILE}：① ")
    assert "“单位”第3行" in said
    assert "“经办人”第2行：" in said
    assert "代理人编号 NOBODY 不在名册中" in said
    assert "③" not in said
    assert _parties(at_desk) == before
    assert _comments(at_desk.settings.outbox / f"退回-{FILE}") == ["单位 C3", "经办人 A2"]


def _comments(copy: Path) -> list[str]:
    cells = [(page.title, cell) for page in load_workbook(copy).worksheets for line in page.iter_rows() for cell in line]
    return [f"{title} {cell.coordinate}" for title, cell in cells if cell.comment and cell.comment.author == "审核退回"]


async def test_sheet_of_a_strange_name_is_counted_and_not_named(at_desk: App) -> None:
    book = Workbook()
    book.worksheets[0].title = "张建国的表"
    book.worksheets[0]["A1"] = "编号"
    book.save(at_desk.settings.inbox / FILE)
    state = await _import()
    assert state.name == "已拒绝"
    assert f"文件“{FILE}”里没有名册的工作表，现有 1 张别的工作表；" in str(state.message)
    assert "张建国" not in str(state.message)
