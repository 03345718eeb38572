"""The round's calendar on the real server: whatever an operator or the clock did to its runs, the next reconciling mends it."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from prefect.states import Cancelled, Scheduled

from config.settings import Settings
from config.vocabulary import PartyKind, Role
from flows import calendar_runs
from flows.bootstrap import App, build
from flows.calendar_runs import TICK, reconcile, wanted_runs
from flows.prefect_api import ScheduledRun, delete_run, list_scheduled, schedule_run
from states.clock import SeededChance, VirtualClock
from states.commands.roster import ImportRoster, RosterEntry
from states.commands.rounds import CancelRound, OpenRound
from states.commands.timing import ExtendDeadline, HoldRound, ReleaseRound
from states.house import Envelope
from tests.e2e.harness import Hallmark
from tests.flows.simulated import rules

pytestmark = pytest.mark.e2e

OPENS = date(2035, 6, 6)
"""Far enough from today that no worker takes a run of this calendar."""


class Calendar:
    """One round's calendar on a server, and the hands of an operator on it."""

    def __init__(self, server: Hallmark, app: App, clock: VirtualClock, slug: str) -> None:
        self.slug = slug
        self.tags = ["日历", f"届次:{slug}"]
        self.server = server
        self.app = app
        self.clock = clock
        self._given = 0

    def ask(self, question: Coroutine[Any, Any, Any]) -> Any:
        return self.server.ask(question)

    def reconcile(self) -> tuple[int, int]:
        made, deleted = self.ask(reconcile(self.app, self.slug))
        return made, deleted

    def standing(self) -> list[ScheduledRun]:
        found: list[ScheduledRun] = self.ask(list_scheduled(TICK, self.tags))
        return found

    def is_right(self) -> bool:
        """Whether what stands ahead is what is wanted, each once, and reconciling again does nothing."""
        ahead = [(run.at, run.name) for run in self.standing() if run.at > self.clock.now()]
        return ahead == [(run.at, run.name) for run in wanted_runs(self.app, self.slug)] and self.reconcile() == (0, 0)

    def give(self, command: Any) -> None:
        for _ in range(2):
            self._given += 1
            result = self.app.house.execute(command, Envelope(f"run-{self._given}", self.clock.now()))
            if result.applied:
                return
            command = command.model_copy(update={"plan_code": result.plan_code})


@contextmanager
def _calendar(server: Hallmark, home: Path, slug: str) -> Iterator[Calendar]:
    """A round of 2035 with four instants in its calendar; nothing of it is left on the server afterwards."""
    clock = VirtualClock(datetime(2035, 6, 6, 1, tzinfo=UTC))
    app = build(Settings(home=home), clock, SeededChance(5))
    found = Calendar(server, app, clock, slug)
    operator = RosterEntry(id="JB01", kind=PartyKind.OPERATOR, name="张三", roles=(Role.OFFICE,))
    found.give(ImportRoster(operator="JB01", entries=(operator,)))
    found.give(OpenRound(round=slug, operator="JB01", rules=rules(("bjgj-2023", slug)), opens_on=OPENS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calendar_runs, "HORIZON", 4)
        assert found.reconcile() == (4, 0)
        yield found
    for run in found.standing():
        found.ask(delete_run(run.id))
    app.house.store.dispose()


@pytest.fixture(scope="module")
def calendar(hallmark: Hallmark, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calendar]:
    """One calendar for all tests that leave it as it should be."""
    with _calendar(hallmark, tmp_path_factory.mktemp("calendar"), "calendar-harmed") as found:
        yield found


async def _set_state(run: UUID, state: Any) -> None:
    async with get_client() as client:
        await client.set_flow_run_state(run, state, force=True)


def _deleted(calendar: Calendar, run: ScheduledRun) -> tuple[int, int]:
    calendar.ask(delete_run(run.id))
    return 1, 0


def _cancelled(calendar: Calendar, run: ScheduledRun) -> tuple[int, int]:
    calendar.ask(_set_state(run.id, Cancelled(message="经办人取消")))
    return 1, 0


def _cancelled_twice(calendar: Calendar, run: ScheduledRun) -> tuple[int, int]:
    """Its key gives the dead run back, and the next version of the key the next dead run."""
    calendar.ask(_set_state(run.id, Cancelled()))
    assert calendar.reconcile() == (1, 0)
    again = next(each for each in calendar.standing() if each.at == run.at)
    assert (again.name, again.id != run.id, again.key != run.key) == (run.name, True, True)
    calendar.ask(_set_state(again.id, Cancelled()))
    return 1, 0


def _moved(calendar: Calendar, run: ScheduledRun) -> tuple[int, int]:
    calendar.ask(_set_state(run.id, Scheduled(scheduled_time=run.at + timedelta(hours=3))))
    return 1, 1


def _one_too_many(calendar: Calendar, run: ScheduledRun) -> tuple[int, int]:
    calendar.ask(schedule_run(TICK, run.at + timedelta(hours=1), "多出来的", calendar.tags, {"slug": calendar.slug}))
    return 0, 1


def _second_copy(calendar: Calendar, run: ScheduledRun) -> tuple[int, int]:
    calendar.ask(schedule_run(TICK, run.at, run.name, calendar.tags, {"slug": calendar.slug}, "another-key"))
    return 0, 1


@pytest.mark.parametrize("harm", [_deleted, _cancelled, _cancelled_twice, _moved, _one_too_many, _second_copy])
def test_what_was_done_by_hand_is_mended(calendar: Calendar, harm: Callable[[Calendar, ScheduledRun], tuple[int, int]]) -> None:
    wanted = harm(calendar, calendar.standing()[1])
    assert calendar.reconcile() == wanted
    assert calendar.is_right()


def test_the_horizon_moves_with_the_clock_and_two_at_once_make_each_run_once(calendar: Calendar) -> None:
    last = calendar.standing()[-1]
    calendar.clock.move_to(calendar.standing()[0].at)
    assert calendar.reconcile() == (1, 0)
    assert calendar.standing()[-1].at > last.at
    assert calendar.is_right()

    async def twice() -> None:
        for run in await list_scheduled(TICK, calendar.tags):
            await delete_run(run.id)
        await asyncio.gather(reconcile(calendar.app, calendar.slug), reconcile(calendar.app, calendar.slug))

    calendar.ask(twice())
    assert [run.name for run in calendar.standing() if run.at <= calendar.clock.now()] == ["07-03 09:00 补办：催办 1 项"]
    assert calendar.is_right()


def test_a_later_deadline_moves_the_runs_and_a_hold_takes_them_away(hallmark: Hallmark, tmp_path: Path) -> None:
    with _calendar(hallmark, tmp_path / "home", "calendar-moved") as calendar:
        _through_its_times(calendar)


def _through_its_times(calendar: Calendar) -> None:
    before = calendar.standing()
    assert all(frozenset(calendar.tags) <= run.tags for run in before)
    assert (before[0].at, before[0].name) == (datetime(2035, 7, 3, 1, tzinfo=UTC), "07-03 09:00（暂定）催办“截止申报”余2个工作日")
    who: dict[str, Any] = {"round": calendar.slug, "operator": "JB01"}
    calendar.give(ExtendDeadline(**who, due_day=date(2035, 7, 25), reason="材料多。"))
    made, deleted = calendar.reconcile()
    assert (made, deleted) > (0, 0)
    assert made == deleted
    assert {run.at for run in calendar.standing()}.isdisjoint({run.at for run in before})
    assert calendar.is_right()
    calendar.give(HoldRound(**who, reason="台风停工。"))
    assert calendar.reconcile() == (0, 4)
    assert calendar.standing() == []
    calendar.give(ReleaseRound(**who))
    assert calendar.reconcile() == (4, 0)
    calendar.give(CancelRound(**who, reason="不办了。"))
    assert calendar.reconcile() == (0, 4)
    assert calendar.standing() == []
