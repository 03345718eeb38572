"""The clock of a round on hold says nothing: reminders and escalations that wait stay, and are told once after the release."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from notifiers.delivery import deliver
from notifiers.digest import next_departure
from notifiers.kinds import MessageKind
from notifiers.outbox import notify
from notifiers.outgoing import RefusedForNow, Rest, Unknown
from states.commands.messages import ResendMessages
from states.commands.timing import HoldRound, ReleaseRound
from states.replay import verify
from states.tables import Delivery, Notification
from tests.notifiers.rounds import Post, Town, opened

K = MessageKind
UNIT = "changhe@union.example"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A round in which the unit's reminder is due on 2023-06-09, at nine, and has fired."""
    town = opened(tmp_path)
    town.submit("张建国")
    town.post(Post())
    town.at("2023-06-09T09:00")
    town.tick()
    yield town
    assert list(verify(town.house.store, town.house.vault).findings) == []
    town.house.store.dispose()


def reminded(post: Post) -> int:
    """Count the messages that remind the unit."""
    return sum("催办（" in message.body for message in post.to(UNIT))


def reminders(town: Town) -> list[Notification]:
    return town.rows(Notification, kind=K.REMINDER.value, recipient="JD01")


def hold(town: Town) -> None:
    town.act(HoldRound, reason="等待批复")


def test_reminder_that_fired_before_a_hold_stays_in_it_and_leaves_once_after_it(town: Town) -> None:
    notify(town.house)
    hold(town)
    post = Post()
    for instant in ("2023-06-09T09:05", "2023-06-09T11:00"):
        town.at(instant)
        town.post(post)
    assert reminded(post) == 0
    assert sum("暂停计时" in message.subject for message in post.to(UNIT)) == 1
    assert next_departure(town.house) is None
    town.act(ReleaseRound)  # on the same day, so that its due time is what it was
    for instant in ("2023-06-09T11:05", "2023-06-09T15:00"):
        town.at(instant)
        town.post(post)
    assert reminded(post) == 1


def test_reminder_in_a_delivery_that_waits_for_its_channel_is_taken_back(town: Town) -> None:
    post = Post(answers={"mail": [RefusedForNow("邮箱已满")]})
    town.post(post)
    (row,) = reminders(town)
    (first,) = town.rows(Delivery, id=[row.delivery])
    assert first.status == "refused_for_now"
    hold(town)
    post.messages.clear()
    for day in ("09T15:00", "10T10:00", "12T10:00"):
        town.at(f"2023-06-{day}")
        town.post(post)
    assert reminded(post) == 0
    assert (reminders(town)[0].delivery, town.rows(Delivery, id=[first.id])) == (None, [])


def test_what_else_a_delivery_carries_leaves_without_what_is_on_hold(town: Town) -> None:
    town.submit("李秀英")
    town.tell()
    (row,) = reminders(town)
    (waiting,) = town.rows(Delivery, id=[row.delivery])
    assert len(town.rows(Notification, delivery=waiting.id)) > 1
    hold(town)
    post = Post()
    town.post(post)
    assert reminded(post) == 0
    assert any("BJGJ-2023-0002" in message.body for message in post.to(UNIT))
    town.act(ReleaseRound)
    town.at("2023-06-09T10:00")
    town.post(post)
    assert reminded(post) == 1


def test_reminder_on_hold_does_not_leave_with_the_due_time_that_a_release_moved(town: Town) -> None:
    town.tell()
    hold(town)
    town.at("2023-06-13T10:00")
    post = Post()
    town.post(post)
    town.act(ReleaseRound)
    town.post(post)
    assert reminded(post) == 0
    (said,) = [message for message in post.to(UNIT) if "本届已恢复计时" in message.body]
    assert "出具推荐意见（BJGJ-2023-0001）：2023年6月15日（星期四），还有2个工作日" in said.body


def test_reminder_that_a_hold_overtakes_in_a_running_deliverer_does_not_leave(town: Town) -> None:
    town.tell()
    hold(town)  # after the deliverer has looked for what to take back, and before it sends
    post = Post()
    assert deliver(town.house, post, "postman").sent == 0
    assert reminded(post) == 0
    town.at("2023-06-09T09:01")
    town.post(post)
    assert reminded(post) == 0
    assert reminders(town)[0].delivery is None


def test_message_of_which_a_part_has_arrived_keeps_what_is_left_through_a_hold(town: Town) -> None:
    half = Unknown("第1部分已送达", Rest(2, 2, (("标题", "第二部分"),)))
    town.post(Post(answers={"mail": [half]}))
    (delivery,) = town.rows(Delivery, status="unknown")
    town.act(ResendMessages)
    hold(town)
    during = Post()
    town.post(during)
    assert reminded(during) == 0
    assert [row.id for row in town.rows(Delivery, id=[delivery.id])] == [delivery.id]
    town.act(ReleaseRound)
    town.at("2023-06-09T11:00")
    after = Post()
    town.post(after)
    (left,) = [message for message in after.messages if message.message_id == delivery.id]
    assert left.rest == Rest(2, 2, (("标题", "第二部分"),))
