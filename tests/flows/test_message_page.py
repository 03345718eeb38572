"""What the board says of messages: by day, by kind, which are unknown and what to do, which channels rest."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from config.vocabulary import DeliveryStatus as Status
from flows.bootstrap import App
from flows.dashboard import board_page
from flows.reading import round_board
from flows.reading.naming import PERSONS
from flows.reading.outgoing import deliveries
from flows.reading.posting import resting
from notifiers.delivery import deliver
from notifiers.digest import queue
from notifiers.kind_names import KIND_NAMES
from notifiers.kinds import MessageKind
from notifiers.outbox import notify
from states.clock import VirtualClock
from states.commands.timing import HoldRound
from states.records import Records, table_of
from states.tables import ChannelHealth, Delivery, Notification, Party
from tests.flows.conftest import SLUG, Give


def sent(app: App) -> None:
    notify(app.house)
    queue(app.house)
    deliver(app.house, app.channels, "postman", at_once=1)


def change(app: App, **values: object) -> str:
    """Change one delivery; gives its id."""
    with app.house.store.write() as connection:
        table = table_of(Delivery)
        key = str(connection.execute(table.select().order_by(table.c.id).limit(1)).one().id)
        connection.execute(table.update().where(table.c.id == key).values(**values))
    return key


def test_board_counts_messages_by_day_and_by_kind(opened: App, clock: VirtualClock) -> None:
    sent(opened)
    board = round_board(opened, SLUG)
    today, total = board.posting.by_day[board.today], board.deliveries[Status.SENT]
    assert (len(board.posting.by_day), today) == (7, {Status.SENT: total})
    assert set(board.posting.by_kind) >= {"intake_opened", "work_opened"}
    page = board_page(opened, board)
    assert f"| {board.today:%m-%d} | {total} |  |  |  |" in page
    assert "| 启动通知 | " in page
    assert "| 新待办 | " in page
    assert not [kind for kind in MessageKind if kind.value in page]
    assert "结果不明的消息" not in page
    clock.move_to(clock.now() + timedelta(days=7))
    later = round_board(opened, SLUG).posting
    assert not any(later.by_day.values())
    assert later.by_kind == {}


def test_board_counts_what_is_in_no_message_yet_as_queued(opened: App) -> None:
    notify(opened.house)
    with opened.house.store.read() as connection:
        rows = Records(connection).where(Notification)
    to = {kind: len({row.recipient for row in rows if row.kind == kind}) for kind in {row.kind for row in rows}}
    board = round_board(opened, SLUG)
    page = board_page(opened, board)
    everyone = len({row.recipient for row in rows})
    assert 0 < everyone < len(rows)
    assert board.posting.by_day[board.today] == {Status.QUEUED: everyone}
    assert board.posting.by_kind == {kind: {Status.QUEUED: count} for kind, count in to.items()}
    assert f"尚未成信的通知 {len(rows)}" in page
    assert f"| {board.today:%m-%d} |  | {everyone} |  |  |" in page
    sent(opened)
    assert "尚未成信" not in board_page(opened, round_board(opened, SLUG))


def test_board_lists_what_is_unknown_and_says_what_to_run(opened: App) -> None:
    sent(opened)
    key = change(opened, status="unknown", answer="没有答复")
    board = round_board(opened, SLUG)
    page = board_page(opened, board)
    assert [line.id for line in board.posting.unknown] == [key]
    assert f"| {key[:12]} |" in page
    assert f"| {'、'.join(KIND_NAMES[MessageKind(kind)] for kind in board.posting.unknown[0].kinds)} |" in page
    assert "运行“再发一次”（resend-messages）" in page
    assert "运行“确认已送达”（confirm-delivered）" in page


@pytest.mark.parametrize(("refused", "trouble"), [(False, "接连失败"), (True, "被对方拒绝，请改正渠道的设置")])
def test_board_says_which_channel_rests_and_why(opened: App, trouble: str, *, refused: bool) -> None:
    sent(opened)
    now = opened.house.clock.now()
    row = {
        "channel": "mail",
        "failures": 5,
        "rests": 1,
        "rests_until": now + timedelta(minutes=2),
        "reason": "拒绝|连接",
        "failing_since": now,
        "refused_at": now if refused else None,
    }
    with opened.house.store.write() as connection:
        connection.execute(insert(table_of(ChannelHealth)), [row])
    page = board_page(opened, round_board(opened, SLUG))
    assert f"⚠ 渠道 mail {trouble}，歇到 " in page
    assert "拒绝｜连接" in page


def test_board_says_when_a_channel_is_asked_again_by_whatever_waits_for_it(opened: App) -> None:
    sent(opened)
    now, table = opened.house.clock.now(), table_of(Delivery)
    row = {"channel": "mail", "failures": 5, "rests": 1, "rests_until": now + timedelta(minutes=2), "reason": "拒绝", "failing_since": now}
    with opened.house.store.write() as connection:
        connection.execute(insert(table_of(ChannelHealth)), [row])
        waits = {"status": "refused_for_now", "channel": "mail", "due_at": now + timedelta(minutes=25), "settled_at": None}
        connection.execute(table.update().values(**waits))
        assert [each.until for each in resting(connection, now)] == [now + timedelta(minutes=25)]
        connection.execute(table.update().values(due_at=now + timedelta(minutes=1)))
        assert [each.until for each in resting(connection, now)] == [now + timedelta(minutes=2)]


def test_deliveries_are_found_by_kind_and_by_day(opened: App) -> None:
    sent(opened)
    every = deliveries(opened).deliveries
    called = deliveries(opened, kind="intake_opened").deliveries
    assert 0 < len(called) <= len(every)
    assert all("intake_opened" in line.kinds for line in called)
    now = opened.house.clock.now()
    assert deliveries(opened, since=now).deliveries == every
    assert deliveries(opened, since=now + timedelta(seconds=1)).deliveries == ()


def test_deliveries_say_what_went_where_and_why_not_without_a_name_or_an_address(opened: App, give: Give, who: dict[str, Any]) -> None:
    give(HoldRound(**who, reason="等待批复"))
    sent(opened)
    found = deliveries(opened, slug=SLUG)
    every = found.deliveries
    assert set(found.counts) == set(Status)
    assert {status: count for status, count in found.counts.items() if count} == Counter(line.status for line in every)
    with opened.house.store.read() as connection:
        parties = {party.id: party for party in Records(connection).where(Party)}
    people = [line for line in every if parties[line.party].kind in PERSONS]
    assert people
    assert all(line.recipient.startswith(f"{parties[line.party].name[0]}*") for line in people)
    assert all(line.recipient == parties[line.party].name for line in every if line not in people)
    said = str(found)
    assert not any(parties[line.party].name in said for line in people)
    assert "@" not in said
