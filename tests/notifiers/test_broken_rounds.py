"""A round with a fault of its own keeps no other round's post waiting, and loses nothing of its own until it is mended."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from json import JSONDecodeError
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from config.errors import ConfigError
from notifiers.carrying import carry
from notifiers.delivery import Report
from notifiers.digest import next_departure, queue
from notifiers.kinds import MessageKind
from notifiers.outbox import notify
from notifiers.overtaken import MAY_BE
from notifiers.withdrawing import withdraw
from states.commands.timing import HoldRound, ReleaseRound
from states.cursors import NOTIFICATIONS
from states.faults import Faults
from states.records import table_of
from states.tables import Cursor, Delivery, Notification, Round
from tests.notifiers.rounds import SLUG, Post, Town
from tests.notifiers.test_departures import NEXT, Towns, submit_to

ROUND = table_of(Round)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A house of two rounds; in the other one something happened that nobody was told of."""
    town = Towns(tmp_path).make(rounds=2)
    submit_to(town, NEXT, "李秀英")
    yield town
    town.house.store.dispose()


def write_rules(town: Town, rules: str) -> str:
    """Put other rules in the other round's row, and give those that stood there."""
    with town.house.store.write() as connection:
        before = str(connection.execute(select(ROUND.c.rules).where(ROUND.c.slug == NEXT)).scalar_one())
        connection.execute(update(ROUND).where(ROUND.c.slug == NEXT).values(rules=rules))
    return before


def read_to(town: Town, slug: str) -> int:
    (cursor,) = town.rows(Cursor, consumer=NOTIFICATIONS, chain=slug)
    return int(cursor.seq)


def told_of(post: Post, number: str) -> list[str]:
    return sorted(message.recipient_address for message in post.messages if number in message.body)


def nothing(_town: Town) -> None:
    """Leave it unread."""


def read(town: Town) -> None:
    """Make notifications of it, and no message yet."""
    notify(town.house)


def queued(town: Town) -> None:
    """Make messages of it, and let none leave yet."""
    town.tell()


@pytest.mark.parametrize("far", [nothing, read, queued])
def test_round_with_broken_rules_waits_while_the_others_post_leaves(town: Town, far: Callable[[Town], None]) -> None:
    far(town)
    before, rules = read_to(town, NEXT), write_rules(town, "broken: [")
    submit_to(town, SLUG, "张建国")
    post, faults = Post(), Faults()
    carry(town.house, post, "postman", faults=faults)
    assert told_of(post, "BJGJ-2023-0001") == ["iot@union.example"]
    assert told_of(post, "BJGJ-NEXT") == []
    assert list(faults.by_round) == [NEXT]
    assert "冻结的认定办法" in faults.by_round[NEXT]
    assert read_to(town, NEXT) == before
    write_rules(town, rules)
    town.clock.move_to(town.clock.now() + timedelta(hours=1))
    post, faults = Post(), Faults()
    carry(town.house, post, "postman", faults=faults)
    assert told_of(post, "BJGJ-NEXT-0001") == ["iot@union.example"]
    assert told_of(post, "BJGJ-2023") == []
    assert faults.by_round == {}
    assert carry(town.house, post, "postman", faults=faults) == Report()


def test_round_with_broken_rules_does_not_stop_the_looking_for_what_was_overtaken(town: Town) -> None:
    """As when a reminder of that round waits in a delivery, which a later decision may overtake."""
    town.tell()
    notification, kind = table_of(Notification), min(each.value for each in MAY_BE)
    with town.house.store.write() as connection:
        connection.execute(update(notification).where(notification.c.round == NEXT).values(kind=kind))
    before = [row.delivery for row in town.rows(Notification, round=NEXT)]
    write_rules(town, "broken: [")
    withdraw(town.house, faults := Faults())
    assert list(faults.by_round) == [NEXT]
    assert [row.delivery for row in town.rows(Notification, round=NEXT)] == before


_SPOILT = {
    "rest": "UPDATE delivery SET rest = '张建国' WHERE round = :slug AND status = 'queued'",
    "context": "UPDATE notification SET context = '张建国' WHERE round = :slug AND delivery IN (SELECT id FROM delivery WHERE status = 'queued')",
}


def spoil(town: Town, column: str) -> None:
    """Let nobody read a column of what waits of the other round."""
    with town.house.store.write() as connection:
        connection.execute(text(_SPOILT[column]), {"slug": NEXT})


def carried_as(town: Town, kind: MessageKind) -> dict[str, str]:
    """Let what waits in deliveries, one for each round, be of one kind; gives the deliveries by round."""
    town.submit("张建国")
    town.tell()
    notification = table_of(Notification)
    waiting = {row.id: row.round for row in town.rows(Delivery, status="queued")}
    assert sorted(waiting.values()) == [SLUG, NEXT]
    with town.house.store.write() as connection:
        connection.execute(update(notification).where(notification.c.delivery.in_(waiting)).values(kind=kind.value))
    return {slug: key for key, slug in waiting.items()}


def test_hold_leaves_what_nobody_can_read_where_it_is_and_takes_back_the_rest(town: Town) -> None:
    carried = carried_as(town, MessageKind.REMINDER)
    for slug in (NEXT, SLUG):
        town.do(HoldRound(round=slug, operator="OP01", reason="等待批复"))
    spoil(town, "rest")
    queue(town.house)
    assert {row.delivery for row in town.rows(Notification, kind="reminder", round=SLUG)} == {None}
    assert {row.delivery for row in town.rows(Notification, kind="reminder", round=NEXT)} == {carried[NEXT]}


def test_fault_in_what_was_overtaken_keeps_no_other_round_from_being_withdrawn(town: Town) -> None:
    carried = carried_as(town, MessageKind.ROUND_HELD)
    for slug in (NEXT, SLUG):
        town.do(HoldRound(round=slug, operator="OP01", reason="等待批复"))
        town.do(ReleaseRound(round=slug, operator="OP01"))
    spoil(town, "context")
    withdraw(town.house, faults := Faults())
    assert town.rows(Notification, delivery=carried[SLUG]) == []
    assert list(faults.by_round) == [NEXT]
    assert faults.by_round[NEXT].startswith("出错（JSONDecodeError，notifiers/withdrawing.py 第 ")
    with town.house.store.read() as connection:
        left = select(table_of(Notification).c.delivery).where(table_of(Notification).c.round == NEXT)
        assert carried[NEXT] in connection.execute(left).scalars().all()
    with pytest.raises(JSONDecodeError):
        withdraw(town.house)


def test_round_with_broken_rules_does_not_hide_when_the_others_messages_leave(town: Town) -> None:
    town.at("2023-06-06T22:00")
    submit_to(town, SLUG, "张建国")
    notify(town.house)
    write_rules(town, "broken: [")
    leaves = next_departure(town.house, faults := Faults())
    assert leaves is not None
    assert town.house.calendar("Asia/Shanghai").local(leaves).strftime("%m-%d %H:%M") == "06-07 09:00"
    assert list(faults.by_round) == [NEXT]


def test_fault_that_nobody_foresaw_is_told_by_its_kind_and_our_line_alone(town: Town) -> None:
    notify(town.house)
    with town.house.store.write() as connection:
        unread = text("UPDATE notification SET context = '张建国' WHERE round = :slug AND delivery IS NULL")
        connection.execute(unread, {"slug": NEXT})
    carry(town.house, Post(), "postman", faults=(faults := Faults()))
    assert faults.by_round[NEXT].startswith("出错（JSONDecodeError，notifiers/waiting.py 第 ")
    assert "张建国" not in faults.lines()[0]


def test_house_that_gathers_no_faults_hears_of_one_at_once(town: Town) -> None:
    """As that of a simulation does: nobody would look at them there."""
    write_rules(town, "broken: [")
    with pytest.raises(ConfigError):
        carry(town.house, Post(), "postman")
    assert {row.round for row in town.rows(Notification, delivery=None)} == set()
