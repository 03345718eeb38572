"""The form that opens a round: what it takes, what it refuses, and what an operator reads of either."""

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from config.loader import find_programme, read_text
from config.vocabulary import RECOMMENDING_KINDS
from flows import rounds
from flows.bootstrap import App
from flows.converting import roster_entries
from flows.workbooks.rows import UnitRow
from flows.workbooks.synthetic_roster import synthetic_roster
from states.clock import VirtualClock
from states.commands.roster import ImportRoster
from states.commands.rounds import OpenRound
from states.records import Records
from states.tables import LedgerEntry, Round
from tests.flows.conftest import OPERATOR, SLUG, Give, behind_the_desk

ROSTER = synthetic_roster(Random(3))
RULES = read_text(find_programme("binjiang-craftsman-2023"))


@pytest.fixture
def empty(app: App, give: Give, monkeypatch: pytest.MonkeyPatch) -> App:
    """A house with its roster and no round yet, on 2023-06-06."""
    give(ImportRoster(operator=OPERATOR, entries=roster_entries(ROSTER)))
    return behind_the_desk(app, monkeypatch)


async def fill_in(**fields: Any) -> tuple[str, str]:
    """Run the form; gives how it ended and what the operator reads."""
    state = await rounds.open_round.fn(**{"slug": SLUG, "operator": OPERATOR, **fields})
    return str(state.name), str(state.message)


def left(app: App) -> tuple[int, int]:
    """How many rounds and ledger entries there are."""
    with app.house.store.read() as connection:
        records = Records(connection)
        return len(records.where(Round)), len(records.where(LedgerEntry))


async def test_form_left_blank_keeps_to_the_programmes_own_day(empty: App, clock: VirtualClock) -> None:
    (empty.settings.inbox / "next.yaml").write_text(RULES.replace("opens: 2023-06-06", "opens: 2023-06-12"), encoding="utf-8")
    name, message = await fill_in(programme="next.yaml", opens_on=None)
    assert (name, "将于 2023-06-12（周一，办法所写）启动" in message) == ("已办理", True)


async def test_form_left_blank_is_refused_once_that_day_has_passed_and_takes_todays_date(empty: App, clock: VirtualClock) -> None:
    clock.move_to(clock.now() + timedelta(days=1))
    before = left(empty)
    name, message = await fill_in()
    assert (name, "认定办法所写的启动日期（opens）2023-06-06（周二）已过" in message, left(empty)) == ("已拒绝", True, before)
    name, message = await fill_in(opens_on="2023-06-07")
    assert (name, "已启动，开始申报推荐：启动日期 2023-06-07（周三，所填）" in message) == ("已办理", True)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"programme": ""}, "没有填写“认定办法”；要用收件夹（inbox）里的办法，请填文件名，连同 .yaml"),
        (
            {"programme": "binjang-craftsman-2023"},
            "没有编号为“binjang-craftsman-2023”的认定办法；最接近的是“binjiang-craftsman-2023”；要用",
        ),
        ({"programme": "README.md"}, "没有编号为“README.md”的认定办法；现有：binjiang-craftsman-2023；要用收件夹（inbox）里的办法"),
        ({"programme": "none.yaml"}, "收件夹（inbox）里没有“none.yaml”"),
        ({"opens_on": "2003-06-06"}, "启动日期 2003-06-06（周五）在一年多以前"),
        ({"opens_on": "2033-06-06"}, "启动日期 2033-06-06（周一）在一年多以后"),
        ({"opens_on": "明天"}, "“启动日期”所填内容不是日期，请写成 2023-06-06 的样子"),
        ({"slug": ""}, "代号“”只能用小写字母、数字和短横线"),
    ],
)
async def test_slip_in_the_form_is_refused_with_its_mend_and_changes_nothing(empty: App, fields: dict[str, Any], sentence: str) -> None:
    before = left(empty)
    name, message = await fill_in(**fields)
    assert (name, left(empty)) == ("已拒绝", before)
    assert sentence in message


async def test_double_click_opens_one_round_and_says_that_it_is_open(empty: App) -> None:
    assert (await fill_in())[0] == "已办理"
    before = left(empty)
    for again in (False, True):
        name, message = await fill_in(again=again)
        assert (name, left(empty)) == ("已拒绝", before)
        assert "代号“bjgj-2023”已有一届在用：第四届“滨江工匠”认定，启动日期 2023-06-06，现在是“申报推荐”；如是重复点击" in message


def test_result_counts_the_units_that_are_told(app: App, give: Give) -> None:
    give(ImportRoster(operator=OPERATOR, entries=roster_entries(ROSTER)))
    result = give(OpenRound(round=SLUG, operator=OPERATOR, rules=RULES, opens_on=date(2023, 6, 6)))
    units = {row.name for row in ROSTER if isinstance(row, UnitRow) and row.kind in RECOMMENDING_KINDS} & set(result.told)
    assert len(units) > 1
    assert f"，将告知 {len(units)} 个推荐单位" in result.outcome.summary


async def test_form_that_amends_moves_a_day_that_was_mistyped(empty: App) -> None:
    await fill_in(opens_on="2023-07-12")
    (empty.settings.inbox / "why.txt").write_text("日期误填", encoding="utf-8")
    fields = {"slug": SLUG, "operator": OPERATOR, "programme": "binjiang-craftsman-2023", "reason_file": "why.txt"}
    state = await rounds.amend_round.fn(**fields, opens_on="2023-06-12")
    code = str(state.message).partition("填入计划码 ")[2].split()[0]
    state = await rounds.amend_round.fn(**fields, opens_on="2023-06-12", plan_code=code)
    assert (state.name, state.message) == ("已办理", "本届办法修订为第 2 版（改动：启动日期），改在 2023-06-12（周一，所填）启动")
