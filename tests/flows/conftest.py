"""A house for the flows' tests: real settings in a temporary home, a virtual clock, no Prefect server."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from config.loader import find_programme, read_text
from config.settings import Settings
from flows import clockwork, desk
from flows.bootstrap import App, build
from flows.converting import roster_entries
from flows.workbooks.synthetic import synthetic_candidates
from flows.workbooks.synthetic_roster import synthetic_roster
from states.clock import SeededChance, VirtualClock
from states.command import CLOCK, Command
from states.commands.intake import SubmitNominations, SubmittedRow
from states.commands.roster import ImportRoster
from states.commands.rounds import OpenRound
from states.house import Envelope
from states.outcome import Result

SLUG, OPERATOR = "bjgj-2023", "JB02"
OPENING = datetime(2023, 6, 6, 1, 0, tzinfo=UTC)
Give = Callable[[Command], Result]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(OPENING)


@pytest.fixture
def app(tmp_path: Path, clock: VirtualClock) -> Iterator[App]:
    """A house with nothing in it."""
    built = build(Settings(home=tmp_path / "home"), clock, SeededChance(5))
    yield built
    built.house.store.dispose()


@pytest.fixture
def give(app: App) -> Give:
    """Carry a command out, with its plan code where it needs one."""

    def carry_out(command: Command) -> Result:
        result = app.house.execute(command, Envelope(str(uuid4()), app.house.clock.now(), clock=command.operator == CLOCK))
        if not result.applied:
            confirmed = command.model_copy(update={"plan_code": result.plan_code})
            result = app.house.execute(confirmed, Envelope(str(uuid4()), app.house.clock.now()))
        return result

    return carry_out


@pytest.fixture
def who() -> dict[str, Any]:
    return {"round": SLUG, "operator": OPERATOR}


@pytest.fixture
def opened(app: App, give: Give, who: dict[str, Any]) -> App:
    """A house with its roster and the round of the notice, opened on 2023-06-06, and five candidates."""
    give(ImportRoster(operator=OPERATOR, entries=roster_entries(synthetic_roster(Random(3)))))
    give(OpenRound(**who, rules=read_text(find_programme("binjiang-craftsman-2023")), opens_on=date(2023, 6, 6)))
    candidates = synthetic_candidates(Random(11), 5, flaws=False)
    rows = tuple(SubmittedRow(place=f"“推荐汇总表”第{row}行", candidate=each) for row, each in enumerate(candidates, start=2))
    give(SubmitNominations(**who, rows=rows))
    return app


@pytest.fixture
def at_desk(opened: App, monkeypatch: pytest.MonkeyPatch) -> App:
    return behind_the_desk(opened, monkeypatch)


def behind_the_desk(app: App, monkeypatch: pytest.MonkeyPatch) -> App:
    """Let the flows open this house; without a server nothing is shown anywhere, and no run has a logger."""
    monkeypatch.setattr(desk, "build", lambda: app)
    monkeypatch.setenv("PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW", "ignore")
    monkeypatch.setattr(desk, "get_run_logger", _Silent)
    monkeypatch.setattr(clockwork, "get_run_logger", _Silent)
    return app


class _Silent:
    def warning(self, *_: object) -> None:
        """Take a line and drop it."""
