"""A clock that comes late: what is to come is shown as the catching-up will have it, in one line of plain words and the days of one in time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from config.vocabulary import Audience, RoundState, Stage
from flows.bootstrap import App
from flows.calendar_runs import wanted_runs
from flows.command_line.programmes import _plan_row
from flows.converting import roster_entries
from flows.dashboard import board_page
from flows.reading import StageLine, round_plan
from flows.reading.planned import as_planned
from flows.rehearsal import coming_ticks, rehearsed_board, round_future, ticking
from flows.workbooks.synthetic_roster import synthetic_roster
from states.clock import VirtualClock
from states.commands.roster import ImportRoster
from states.commands.rounds import OpenRound
from states.commands.tick import Tick
from tests.flows.conftest import OPERATOR, SLUG, Give
from tests.flows.simulated import rules

LATE = datetime(2023, 7, 8, 3, 50, tzinfo=UTC)  # a Saturday; intake ended with Wednesday the 5th


def days(stages: tuple[StageLine, ...]) -> list[tuple[Stage, date]]:
    return [(line.stage, line.due_day) for line in stages]


@pytest.fixture
def empty(app: App, give: Give, who: dict[str, Any]) -> App:
    """A house whose round nobody is nominated in."""
    give(ImportRoster(operator=OPERATOR, entries=roster_entries(synthetic_roster(Random(3)))))
    give(OpenRound(**who, rules=rules(), opens_on=date(2023, 6, 6)))
    return app


class Going(VirtualClock):
    """A clock that goes on between two looks at it, as every real one does."""

    def now(self) -> datetime:
        self.move_to(super().now() + timedelta(microseconds=1))
        return super().now()


@pytest.fixture
def late(opened: App, clock: VirtualClock, give: Give) -> App:
    clock.move_to(datetime(2023, 7, 5, 1, 0, tzinfo=UTC))
    give(Tick(round=SLUG))
    return replace(opened, house=replace(opened.house, clock=Going(LATE)))


def test_board_says_in_one_line_what_the_next_tick_makes_up_for(late: App) -> None:
    board = rehearsed_board(late, SLUG)
    listed = board_page(late, board).partition("## 接下来\n\n")[2].splitlines()
    assert listed[:2] == [
        "- 现在 补办：截止申报、进入“资格审核”阶段",
        "- 07-20 09:00 催办“资格审核”余5个工作日 区工匠认定工作领导小组办公室",
    ]
    assert [line.kind for line in board.coming if line.at_once] == ["catch_up"]


def test_plan_begins_with_the_same_line_and_lets_what_is_late_leave_now(late: App) -> None:
    future = round_future(late, SLUG)
    rows = [_plan_row(line, future.zone)[:4] for line in future.lines]
    assert rows[0] == ("现在", "到期处理", "申报推荐", "补办：截止申报、进入“资格审核”阶段")
    assert ("现在", "通知", "资格审核", "新待办“资格审核”") in rows
    assert not [row for row in rows if str(row[0]).startswith("2023-07-08")]
    assert as_planned(future.lines[0])["audience"] == Audience.DISTRICT_OFFICE


def test_catching_up_is_no_instant_of_the_calendar(late: App) -> None:
    assert wanted_runs(late, SLUG)[0].name == "07-20 09:00 催办“资格审核”余5个工作日"


def test_reminders_that_are_late_are_counted(opened: App, clock: VirtualClock) -> None:
    clock.move_to(LATE)
    assert rehearsed_board(opened, SLUG).coming[0].what == "补办：截止申报、进入“资格审核”阶段、催办 5 项、升级 5 项"


def test_a_round_without_nominations_stands_after_catching_up_as_it_was_shown(empty: App, clock: VirtualClock, give: Give) -> None:
    """Nobody can be nominated any more, so nothing is taken for granted; the days count from the end of intake."""
    clock.move_to(LATE)
    before, future = rehearsed_board(empty, SLUG), round_future(empty, SLUG)
    assert before.coming[0].what == "补办：截止申报、“资格审核”阶段办结、进入“专家评审”阶段"
    assert (before.remarks, future.stages) == ((), before.stages)
    give(Tick(round=SLUG))
    after = rehearsed_board(empty, SLUG)
    assert after.state == RoundState.EXPERT_REVIEW
    assert days(after.stages) == days(before.stages)
    assert coming_ticks(empty, SLUG).late == []
    assert after.coming[:9] == before.coming[1:]


def test_reckoned_days_count_from_the_end_of_intake_too(opened: App, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    in_time = days(rehearsed_board(opened, SLUG).stages)
    clock.move_to(LATE)
    monkeypatch.setattr(ticking, "_MOST", 0)
    assert days(rehearsed_board(opened, SLUG).stages) == in_time
    assert not [line for line in round_plan(opened, SLUG)[0] if line.at <= LATE]
