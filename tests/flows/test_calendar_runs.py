"""The round's calendar as scheduled runs: what should stand, and what is stale."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from flows.bootstrap import App
from flows.calendar_runs import HORIZON, Wanted, runs_at_once, stale_runs, wanted_runs
from flows.converting import roster_entries
from flows.prefect_api import ScheduledRun
from flows.reading import round_plan
from flows.rehearsal import coming_ticks, rehearsed_board, ticking
from flows.workbooks.rows import DepartmentRow, UnitRow
from flows.workbooks.synthetic_roster import synthetic_roster
from states.clock import VirtualClock
from states.commands.roster import ImportRoster
from states.commands.rounds import AmendRound, OpenRound
from states.commands.tick import Tick
from states.commands.timing import HoldRound, ReleaseRound
from tests.flows.conftest import OPERATOR, SLUG, Give
from tests.flows.simulated import rules

AT = datetime(2023, 7, 3, 1, 0, tzinfo=UTC)
BEFORE = AT - timedelta(days=1)


def _standing(at: datetime, name: str) -> ScheduledRun:
    return ScheduledRun(id=uuid4(), name=name, at=at, tags=frozenset(), key=None)


def test_wanted_runs_name_each_instant_once_in_order(opened: App) -> None:
    runs = wanted_runs(opened, SLUG)
    assert [run.at for run in runs] == sorted({run.at for run in runs})
    assert len(runs) <= HORIZON
    assert runs[0].name == "06-09 09:00 催办“出具推荐意见”余2个工作日"


def test_wanted_runs_say_which_instants_are_provisional(app: App, clock: VirtualClock, give: Give, who: dict[str, Any]) -> None:
    clock.move_to(datetime(2035, 6, 6, 1, tzinfo=UTC))
    give(ImportRoster(operator=OPERATOR, entries=roster_entries(synthetic_roster(Random(3)))))
    give(OpenRound(**who, rules=rules(), opens_on=date(2035, 6, 6)))
    assert wanted_runs(app, SLUG)[0].name == "07-03 09:00（暂定）催办“截止申报”余2个工作日"


def test_wanted_runs_say_which_instants_wait_for_people(opened: App) -> None:
    names = [run.name for run in wanted_runs(opened, SLUG)]
    assert "07-06 00:00 “截止申报”到期；“申报推荐”阶段到期；进入“资格审核”阶段" in names
    assert "07-28 00:00 “资格审核”到期；“资格审核”阶段到期；进入“专家评审”阶段" in names  # the due day is certain, what follows is not
    assert "08-02 00:00（预计）“组建评审组”到期" in names


def test_a_very_full_round_is_reckoned_from_its_open_work_and_its_rules(opened: App, monkeypatch: pytest.MonkeyPatch) -> None:
    rehearsed, (reckoned, _) = coming_ticks(opened, SLUG), round_plan(opened, SLUG)
    assert (list(rehearsed.lines) != reckoned, rehearsed.remark) == (True, "")
    runs = wanted_runs(opened, SLUG)
    monkeypatch.setattr(ticking, "_MOST", 5)  # six are open
    assert coming_ticks(opened, SLUG).lines == reckoned
    assert wanted_runs(opened, SLUG) == runs
    assert rehearsed_board(opened, SLUG).remarks == (
        "未办结的待办超过 5 项，以下日期按截止日和办法推算：因提前办结而提前进入的环节，以届时为准。",
    )


def test_wanted_runs_leave_the_past_behind(opened: App, clock: VirtualClock) -> None:
    clock.move_to(AT)
    assert all(run.at > AT for run in wanted_runs(opened, SLUG))


def test_what_is_due_already_is_run_at_once_unless_a_run_is_about_to_begin(opened: App, clock: VirtualClock, give: Give) -> None:
    def at_once() -> list[str]:
        ahead, now = coming_ticks(opened, SLUG), clock.now()
        assert runs_at_once(SLUG, ahead, [_standing(now, "甲")], now) == []
        return [run.name for run in runs_at_once(SLUG, ahead, [_standing(now + timedelta(hours=1), "乙")], now) if run.at == now]

    assert at_once() == []
    clock.move_to(datetime(2023, 7, 7, 2, 0, tzinfo=UTC))
    (name,) = at_once()
    assert name.startswith("07-07 10:00 补办：截止申报、进入“资格审核”阶段")
    give(Tick(round=SLUG))
    assert at_once() == []


def test_what_a_release_makes_due_is_run_at_once(app: App, clock: VirtualClock, give: Give, who: dict[str, Any]) -> None:
    give(ImportRoster(operator=OPERATOR, entries=roster_entries(synthetic_roster(Random(3)))))
    give(OpenRound(**who, rules=rules(), opens_on=date(2023, 6, 12)))
    give(HoldRound(**who, reason="台风停工。"))
    give(AmendRound(**who, rules=rules(), reason="日期误填", opens_on=date(2023, 6, 6)))
    assert runs_at_once(SLUG, coming_ticks(app, SLUG), [], clock.now()) == []
    give(ReleaseRound(**who))
    (run,) = runs_at_once(SLUG, coming_ticks(app, SLUG), [], clock.now())
    assert (run.at, run.name) == (clock.now(), "06-06 09:00 补办：启动本届、进入“申报推荐”阶段")


def test_wanted_runs_carry_no_name_of_a_person(opened: App) -> None:
    people = [row.name for row in synthetic_roster(Random(3)) if not isinstance(row, UnitRow | DepartmentRow)]
    names = "".join(run.name for run in wanted_runs(opened, SLUG))
    assert not [person for person in people if person in names]


def test_keys_change_when_an_instant_moves(opened: App, clock: VirtualClock) -> None:
    before = {run.name: run.key for run in wanted_runs(opened, SLUG)}
    clock.move_to(clock.now() + timedelta(minutes=1))
    assert {run.name: run.key for run in wanted_runs(opened, SLUG)} == before


def test_stale_runs_are_those_at_another_time_or_under_another_name() -> None:
    moved, renamed, right = _standing(AT + timedelta(hours=1), "甲"), _standing(AT, "乙"), _standing(AT, "甲")
    assert stale_runs([moved, renamed, right], [Wanted(AT, "甲", "k")], BEFORE) == [moved, renamed]


def test_stale_runs_include_second_copies() -> None:
    first, second = _standing(AT, "甲"), _standing(AT, "甲")
    assert stale_runs([first, second], [Wanted(AT, "甲", "k")], BEFORE) == [second]


def test_a_run_whose_time_has_come_is_left_to_the_worker() -> None:
    late = _standing(AT, "乙")
    assert stale_runs([late], [], AT) == []
    assert stale_runs([late], [], BEFORE) == [late]


def test_a_held_round_has_nothing_in_its_calendar(opened: App, give: Give, who: dict[str, Any]) -> None:
    give(HoldRound(**who, reason="台风停工。"))
    assert wanted_runs(opened, SLUG) == []
