"""Grouping: one person, one message; nothing in the quiet hours; nothing that has become pointless."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from config.vocabulary import PartyKind, WorkKind
from notifiers.digest import delivery_id, next_departure, queue
from notifiers.kinds import MessageKind
from notifiers.outbox import notify
from notifiers.overtaken import NOT_NEEDED
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.roster import ImportRoster
from states.commands.rounds import CancelRound
from states.commands.timing import ExtendDeadline
from states.tables import Delivery, Notification
from tests.notifiers.rounds import ROSTER, SLUG, Post, Town, opened

K = MessageKind


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = opened(tmp_path)
    yield town
    town.house.store.dispose()


@pytest.fixture
def quiet_town(town: Town) -> Town:
    """A town whose opening has been told already."""
    town.post(Post())
    return town


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


def endorse(town: Town, *numbers: str) -> None:
    town.act(RecordEndorsements, rows=tuple(EndorsementRow(nomination=number, unit="JD01", agrees=True) for number in numbers))


def test_forty_nominations_are_one_message_to_their_unit(quiet_town: Town) -> None:
    quiet_town.submit(*(f"张建{n}" for n in range(40)))
    assert quiet_town.tell() == 1
    delivery = quiet_town.rows(Delivery, recipient="JD01", status="queued")[0]
    carried = quiet_town.rows(Notification, delivery=delivery.id)
    assert len(carried) == 80
    assert delivery.id == delivery_id(row.key for row in carried)


def test_queueing_again_makes_nothing_new(quiet_town: Town) -> None:
    quiet_town.submit("张建国")
    assert quiet_town.tell() == 1
    assert queue(quiet_town.house) == 0


def test_delivery_id_does_not_depend_on_the_order() -> None:
    assert delivery_id(["a", "b"]) == delivery_id(["b", "a"]) != delivery_id(["a", "c"])


def test_evening_waits_for_the_morning_hour(quiet_town: Town) -> None:
    quiet_town.at("2023-06-06T20:00")
    quiet_town.submit("张建国")
    assert quiet_town.tell() == 0
    assert next_departure(quiet_town.house) == beijing("2023-06-07T09:00")
    quiet_town.at("2023-06-07T08:30")  # the quiet hours are over, but what came in them waits for 09:00
    assert queue(quiet_town.house) == 0
    quiet_town.at("2023-06-07T09:00")
    assert queue(quiet_town.house) == 1


def test_afternoon_leaves_at_once(quiet_town: Town) -> None:
    quiet_town.at("2023-06-06T19:59")
    quiet_town.submit("张建国")
    assert quiet_town.tell() == 1


def test_whatever_was_read_too_late_waits_for_the_morning_too(quiet_town: Town) -> None:
    quiet_town.at("2023-06-06T19:00")
    quiet_town.submit("张建国")
    quiet_town.at("2023-06-06T21:00")
    assert quiet_town.tell() == 0
    assert next_departure(quiet_town.house) == beijing("2023-06-07T09:00")


def test_evening_and_night_are_one_message_in_the_morning(quiet_town: Town) -> None:
    quiet_town.at("2023-06-06T20:30")
    quiet_town.submit("张建国")
    quiet_town.tell()
    quiet_town.at("2023-06-06T23:30")
    quiet_town.act(RecordEndorsements, rows=(EndorsementRow(nomination="BJGJ-2023-0001", unit="JD01", agrees=True),))
    quiet_town.tell()
    quiet_town.at("2023-06-07T09:00")
    assert quiet_town.tell() == 1


def test_nothing_waits_where_nothing_was_told(quiet_town: Town) -> None:
    assert next_departure(quiet_town.house) is None


def test_queued_message_may_leave_now(quiet_town: Town) -> None:
    quiet_town.submit("张建国")
    quiet_town.tell()
    assert next_departure(quiet_town.house) == quiet_town.clock.now()


def test_work_done_before_the_morning_is_not_reminded_of(quiet_town: Town) -> None:
    quiet_town.submit("张建国", "李秀英")
    quiet_town.post(Post())
    quiet_town.at("2023-06-09T09:00")
    quiet_town.tick()
    notify(quiet_town.house)
    endorse(quiet_town, "BJGJ-2023-0001")
    assert quiet_town.tell() == 1
    reminders = quiet_town.rows(Notification, kind=K.REMINDER.value)
    assert {row.subject: row.delivery == NOT_NEEDED for row in reminders} == {"BJGJ-2023-0001": True, "BJGJ-2023-0002": False}


def test_reminder_of_a_due_time_that_was_moved_is_not_sent(quiet_town: Town) -> None:
    quiet_town.submit("张建国", "李秀英")
    quiet_town.post(Post())
    quiet_town.at("2023-06-09T09:00")
    quiet_town.tick()
    notify(quiet_town.house)
    one = {"round": SLUG, "operator": "OP01", "subject": "BJGJ-2023-0001"}
    quiet_town.do(ExtendDeadline.model_validate({**one, "due_day": date(2023, 6, 20), "reason": "台风停工", "kind": WorkKind.ENDORSEMENT}))
    quiet_town.tell()
    reminders = quiet_town.rows(Notification, kind=K.REMINDER.value)
    assert {row.subject: row.delivery == NOT_NEEDED for row in reminders} == {"BJGJ-2023-0001": True, "BJGJ-2023-0002": False}


def test_recipient_who_left_meanwhile_reads_nothing_and_only_what_is_open_is_kept(quiet_town: Town) -> None:
    quiet_town.at("2023-06-06T21:00")
    quiet_town.submit("张建国")
    quiet_town.tell()
    left = next(entry for entry in ROSTER if entry.id == "JD01").model_copy(update={"valid_to": date(2023, 6, 6)})
    quiet_town.do(ImportRoster(operator="OP01", entries=(left,)))
    quiet_town.at("2023-06-07T09:00")
    assert quiet_town.tell() == 1
    told = {row.kind: row.delivery == NOT_NEEDED for row in quiet_town.rows(Notification, subject="BJGJ-2023-0001")}
    assert told == {K.WORK_OPENED: False, K.SUBMITTED: True}
    post = Post()
    quiet_town.post(post)
    assert post.messages == []


def test_call_for_nominations_is_pointless_after_the_round_was_cancelled(tmp_path: Path) -> None:
    town = opened(tmp_path)
    town.act(CancelRound, reason="上级统一安排")
    town.tell()
    kinds = {row.kind for row in town.rows(Notification) if row.delivery != NOT_NEEDED}
    assert kinds == {K.ROUND_CANCELLED.value}


def test_digest_puts_what_is_due_first_before_news(quiet_town: Town) -> None:
    quiet_town.submit("张建国")
    post = Post()
    quiet_town.post(post)
    quiet_town.at("2023-06-13T09:00")
    quiet_town.tick()
    quiet_town.submit("李秀英", "王大明")
    quiet_town.post(post)
    body = post.to("changhe@union.example")[-1].body
    heads = [line for line in body.splitlines() if line[:2] in ("1.", "2.", "3.")]
    assert heads == [
        "1. 催办（今天到期）：出具推荐意见（BJGJ-2023-0001 张*）",
        "2. 6月20日（含）前请办理：出具推荐意见（2项）",
        "3. 已收到申报（2项）",
    ]
    assert "  · BJGJ-2023-0003 王大明" in body


def test_escalation_names_who_is_late_and_why_it_came(tmp_path: Path) -> None:
    town = opened(tmp_path)
    town.submit("张建国", unit="物联网产业园工会联合会", unit_kind=PartyKind.UNION_FEDERATION)
    post = Post()
    town.post(post)
    town.at("2023-06-14T09:00")
    town.tick()
    town.post(post)
    message = post.to("changhe@union.example")[-1]
    assert message.subject == "【滨江工匠】已逾期1个工作日：物联网产业园工会联合会 出具推荐意见（BJGJ-2023-0001 张*）"
    assert "您是物联网产业园工会联合会的上级" in message.body
    assert "  · BJGJ-2023-0001 张建国" in message.body
