"""What is foretold of a round whose opening is still to be counted again, past a hold over days that nobody has announced."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import pytest

from config.calendar import WorkCalendar
from flows.bootstrap import App
from flows.calendar_runs import wanted_runs
from flows.converting import roster_entries
from flows.reading import round_plan
from flows.rehearsal import rehearsed_board, round_future
from flows.workbooks.synthetic_roster import synthetic_roster
from states.clock import VirtualClock
from states.commands.roster import ImportRoster
from states.commands.rounds import OpenRound
from states.commands.timing import HoldRound, ReleaseRound
from tests.flows.conftest import OPERATOR, SLUG, Give
from tests.flows.simulated import rules

OPENS = date(2027, 1, 15)
"""Two working days after 2027-01-13, by guess."""
_DAYS = [date(2027, 1, 6) + timedelta(days=off) for off in range(400)]
ANNOUNCED = partial(WorkCalendar, overrides={day: day.weekday() < 5 for day in _DAYS})
"""An arrangement of all days after those that were held."""


@pytest.fixture
def guessed(app: App, clock: VirtualClock, give: Give, who: dict[str, Any]) -> App:
    clock.move_to(datetime(2026, 12, 21, 1, tzinfo=UTC))
    give(ImportRoster(operator=OPERATOR, entries=roster_entries(synthetic_roster(Random(3)))))
    give(OpenRound(**who, rules=rules(), opens_on=date(2027, 1, 13)))
    clock.move_to(datetime(2027, 1, 4, 1, tzinfo=UTC))
    give(HoldRound(**who, reason="等待批复"))
    clock.move_to(datetime(2027, 1, 6, 1, tzinfo=UTC))
    give(ReleaseRound(**who))
    return replace(app, house=replace(app.house, calendar=ANNOUNCED))


def test_all_that_follows_a_guessed_opening_is_provisional_in_plan_board_and_calendar(guessed: App) -> None:
    future, board = round_future(guessed, SLUG), rehearsed_board(guessed, SLUG)
    from_then = [line for line in future.lines if line.at >= guessed.house.calendar("Asia/Shanghai").due_at(OPENS - timedelta(days=1))]
    assert {line.day for line in from_then if line.kind == "stage_opens"} >= {OPENS}
    assert {line.provisional for line in (*from_then, *board.coming, *round_plan(guessed, SLUG)[0])} == {True}
    assert {(line.provisional, line.unsure) for line in (*board.stages, *future.stages)} == {(True, True)}
    assert {span.provisional for span in future.spans} == {True}
    assert not [run.name for run in wanted_runs(guessed, SLUG) if "暂定" not in run.name]


def test_what_leaves_before_a_guessed_opening_is_certain(guessed: App) -> None:
    before = [line for line in round_future(guessed, SLUG).lines if line.day < OPENS]
    assert {(line.what, line.provisional) for line in before} == {("恢复计时", False)}
