"""A clock that stands still is seen on the dashboard though no worker tells of it."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from config.settings import Settings
from config.vocabulary import PartyKind, Role
from flows.bootstrap import build
from flows.dashboard import write_board
from flows.watching import show_stopped
from states.clock import SeededChance, VirtualClock
from states.commands.roster import ImportRoster, RosterEntry
from states.commands.rounds import OpenRound
from states.heartbeat import beat
from states.house import Envelope
from tests.e2e.harness import Hallmark
from tests.flows.conftest import OPENING
from tests.flows.simulated import rules

pytestmark = pytest.mark.e2e

SLUG = "bjgj-still"


def test_boards_shout_by_themselves_until_the_clock_comes_by_again(hallmark: Hallmark, tmp_path: Path) -> None:
    clock = VirtualClock(OPENING)
    app = build(Settings(home=tmp_path / "home"), clock, SeededChance(5))
    operator = RosterEntry(id="JB01", kind=PartyKind.OPERATOR, name="张三", roles=(Role.OFFICE,))
    app.house.execute(ImportRoster(operator="JB01", entries=(operator,)), Envelope("a", clock.now()))
    opening = OpenRound(round=SLUG, operator="JB01", rules=rules(("bjgj-2023", SLUG)), opens_on=date(2023, 6, 6))
    app.house.execute(opening, Envelope("b", clock.now()))
    hallmark.ask(write_board(app, SLUG))
    assert "时钟已停" not in str(hallmark.artifact(f"board-{SLUG}"))
    address = hallmark.artifact_page(f"board-{SLUG}")

    clock.move_to(OPENING + timedelta(hours=2, seconds=1))
    assert hallmark.ask(show_stopped(app)) == [SLUG]
    assert str(hallmark.artifact(f"board-{SLUG}")).startswith("> # ⚠ 时钟已停")
    assert hallmark.artifact_page(f"board-{SLUG}") == address

    beat(app.house.store, SLUG, clock.now())
    assert hallmark.ask(show_stopped(app)) == []
    app.house.store.dispose()
