"""What waits to be told: a board counts what will really leave, and says when."""

from datetime import UTC, datetime

from flows.bootstrap import App
from flows.dashboard import board_page
from flows.reading import Board, round_board
from flows.reading.outgoing import deliveries
from flows.rehearsal import rehearsed_board, round_future
from notifiers.carrying import carry
from notifiers.outbox import notify
from states.clock import VirtualClock
from states.commands.timing import HoldRound, ReleaseRound
from states.records import Records
from states.tables import Notification
from tests.flows.conftest import SLUG, Give

NIGHT, MORNING = datetime(2023, 6, 6, 13, tzinfo=UTC), datetime(2023, 6, 7, 1, tzinfo=UTC)


def test_board_counts_what_will_be_told_and_says_when_it_leaves(opened: App, clock: VirtualClock, give: Give) -> None:
    carry(opened.house, opened.channels, "postman")
    clock.move_to(NIGHT)
    give(HoldRound(round=SLUG, operator="JB01", reason="等待批复"))
    held = _read(opened)
    assert held.posting.waiting > 0
    assert held.posting.leaving == {MORNING: held.posting.waiting}
    assert [(line.at, line.what) for line in held.coming] == [(MORNING, f"发出 {held.posting.waiting} 条通知")]
    assert f"- 06-07 09:00 发出 {held.posting.waiting} 条通知\n" in board_page(opened, held)
    give(ReleaseRound(round=SLUG, operator="JB01"))
    released = _read(opened)
    assert (released.posting.waiting, released.posting.leaving) == (0, {})
    assert not any("发出" in line.what for line in released.coming)
    assert deliveries(opened, slug=SLUG).waiting == deliveries(opened).waiting == 0


def test_board_and_plan_agree_on_what_waits(opened: App, clock: VirtualClock, give: Give) -> None:
    clock.move_to(NIGHT)
    give(HoldRound(round=SLUG, operator="JB01", reason="等待批复"))
    give(ReleaseRound(round=SLUG, operator="JB01"))
    board = _read(opened)
    with opened.house.store.read() as connection:
        assert board.posting.waiting < len(Records(connection).where(Notification, round=SLUG, delivery=None))
    assert board.coming[0].count == sum(message.at == MORNING for message in round_future(opened, SLUG).messages) == board.posting.waiting
    assert rehearsed_board(opened, SLUG).coming[0] == board.coming[0]


def _read(app: App) -> Board:
    notify(app.house)
    return round_board(app, SLUG)
