"""Deliveries leave once: leases, crashes, two deliverers, refusals, and receivers that misbehave."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from config.channels import ChannelKind
from notifiers.answers import NO_CONTACT
from notifiers.delivery import Report, deliver
from notifiers.leases import LEASE
from notifiers.outgoing import Outcome, Outgoing, RefusedForGood, RefusedForNow, Sent, Unknown
from notifiers.verdicts import MOST_ATTEMPTS, POINTLESS
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.roster import ImportRoster
from states.records import table_of
from states.tables import Contact, Delivery, Notification
from states.vault import Vault, VaultError
from tests.notifiers.rounds import ROSTER, Post, Town, opened

UNIT = "changhe@union.example"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town whose opening was told, with one new message to the unit JD01 waiting."""
    town = opened(tmp_path)
    town.post(Post())
    town.submit("张建国")
    yield town
    town.house.store.dispose()


def waiting(town: Town) -> Delivery:
    """Give the newest delivery to the unit."""
    deliveries: list[Delivery] = town.rows(Delivery, recipient="JD01")
    return max(deliveries, key=lambda row: (row.due_at, row.status != "sent"))


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


# --- the ordinary way ---------------------------------------------------------------------------------------------------------------------


def test_message_is_sent_once_and_never_again(town: Town) -> None:
    post = Post()
    assert town.post(post) == Report(sent=1)
    assert town.post(post) == Report()
    assert [message.recipient_address for message in post.messages] == [UNIT]


def test_sent_delivery_keeps_what_the_other_side_said(town: Town) -> None:
    town.post(Post(answers={"mail": [Sent("250 2.0.0 queued as 4F5A")]}))
    row = waiting(town)
    assert (row.status, row.channel, row.attempts, row.answer) == ("sent", "mail", 1, "250 2.0.0 queued as 4F5A")
    assert row.settled_at == town.clock.now()
    assert row.lease_until is None


def test_message_carries_the_deliverys_id_and_opens_names_in_the_body_only(town: Town) -> None:
    post = Post()
    town.post(post)
    message = post.messages[0]
    assert message.message_id == waiting(town).id
    assert "BJGJ-2023-0001 张建国" in message.body
    assert "张建国" not in message.subject


def test_limit_leaves_the_rest_for_the_next_run(tmp_path: Path) -> None:
    town = opened(tmp_path)
    post = Post()
    assert town.post(post, limit=1).queued == 3
    assert town.post(post, limit=10).queued == 0
    assert len(post.messages) == 3
    assert max(post.times.values()) == 1


def test_sending_is_committed_before_the_first_byte(town: Town) -> None:
    seen: list[str] = []

    class Watching(Post):
        def send(self, message: Outgoing) -> Outcome:
            seen.append(waiting(town).status)
            return super().send(message)

    town.post(Watching())
    assert seen == ["sending"]


def test_address_is_looked_up_when_it_is_sent(town: Town) -> None:
    town.tell()
    moved = next(entry for entry in ROSTER if entry.id == "JD01").model_copy(update={"contacts": {"mail": "new@union.example"}})
    town.do(ImportRoster(operator="OP01", entries=(moved,)))
    post = Post()
    deliver(town.house, post, "postman")
    assert [message.recipient_address for message in post.messages] == ["new@union.example"]


# --- refusals -----------------------------------------------------------------------------------------------------------------------------


def test_refusal_for_now_comes_again_after_its_wait_and_under_the_same_id(town: Town) -> None:
    post = Post(answers={"mail": [RefusedForNow("邮箱已满")]})
    assert town.post(post) == Report(queued=1)
    assert town.post(post) == Report(queued=1)
    town.clock.move_to(town.clock.now() + timedelta(minutes=5))
    assert town.post(post) == Report(sent=1)
    assert [message.message_id for message in post.messages] == [waiting(town).id] * 2


def test_retry_waits_out_the_quiet_hours(town: Town) -> None:
    town.at("2023-06-06T19:58")
    town.post(Post(answers={"mail": [RefusedForNow("邮箱已满")]}))
    assert waiting(town).due_at == beijing("2023-06-07T09:00")


def test_refusals_for_now_end_after_more_than_two_days(town: Town) -> None:
    post, began = Post(answers={"mail": [RefusedForNow("邮箱已满")] * 50}), town.clock.now()
    for _ in range(200):
        report = town.post(post)
        if report.failed:
            break
        town.clock.move_to(waiting(town).due_at)
    assert town.clock.now() - began > timedelta(days=2)
    assert waiting(town).status == "refused_for_good"
    assert waiting(town).answer == "多次未送达，不再尝试：邮箱已满"
    assert len(post.messages) == MOST_ATTEMPTS


def test_refusal_for_good_goes_on_by_the_next_contact(tmp_path: Path) -> None:
    town = opened(tmp_path)
    kinds = {"mail": ChannelKind.MAIL, "hook": ChannelKind.WEB}
    post = Post(kinds=kinds, answers={"mail": [RefusedForGood("550 no such user")] * 3})
    town.post(post)
    sent = [(message.channel, message.recipient_address) for message in post.messages if message.channel == "hook"]
    assert sent == [("hook", "iot")]
    row = town.rows(Delivery, recipient="LH01")[0]
    assert (row.status, row.tried, row.channel, row.attempts) == ("sent", ["LH01:mail/mail"], "hook", 1)
    assert {row.status for row in town.rows(Delivery)} == {"sent", "refused_for_good"}


def test_unknown_never_tries_another_channel(tmp_path: Path) -> None:
    town = opened(tmp_path)
    kinds = {"mail": ChannelKind.MAIL, "hook": ChannelKind.WEB}
    post = Post(kinds=kinds, answers={"mail": [Unknown("没有答复")] * 3})
    assert town.post(post) == Report(unknown=3, failed=1)
    town.clock.move_to(town.clock.now() + timedelta(days=3))
    assert deliver(town.house, post, "postman") == Report()
    assert {message.channel for message in post.messages} == {"mail"}
    assert max(post.times.values()) == 1


def test_party_without_contact_is_refused_and_says_so(tmp_path: Path) -> None:
    town = opened(tmp_path)
    town.post(Post())
    row = town.rows(Delivery, recipient="CY01")[0]
    assert (row.status, row.answer, row.attempts) == ("refused_for_good", NO_CONTACT, 0)


def test_whole_message_that_became_pointless_is_not_sent(town: Town) -> None:
    post = Post()
    town.post(post)
    town.at("2023-06-09T09:00")
    town.tick()
    town.tell()
    town.act(RecordEndorsements, rows=(EndorsementRow(nomination="BJGJ-2023-0001", unit="JD01", agrees=True),))
    assert deliver(town.house, post, "postman") == Report(failed=1)
    assert len(post.messages) == 1
    assert waiting(town).answer == POINTLESS


def test_message_that_cannot_be_written_is_refused_and_does_not_stop_the_others(tmp_path: Path) -> None:
    town = opened(tmp_path)
    town.tell()
    table = table_of(Notification)
    with town.house.store.write() as connection:
        connection.execute(update(table).where(table.c.recipient == "QB01").values(kind="work_dropped", context={"item": "nothing"}))
    post = Post()
    assert deliver(town.house, post, "postman") == Report(sent=2, failed=2)
    assert town.rows(Delivery, recipient="QB01")[0].answer == "消息无法写成（LookupError）"


def test_wrong_key_stops_before_anything_leaves(town: Town) -> None:
    town.tell()
    post = Post()
    stranger = town.house.__class__(town.house.store, town.clock, town.house.chance, Vault(b"x" * 32, town.house.chance), lambda _: [])
    with pytest.raises(VaultError):
        deliver(stranger, post, "postman")
    assert post.messages == []
    town.clock.move_to(town.clock.now() + LEASE)
    assert deliver(town.house, post, "postman") == Report(sent=1)


# --- quiet hours at the last moment ---------------------------------------------------------------------------------------------------------


def test_queued_in_the_afternoon_and_carried_in_the_evening_waits_for_the_morning(town: Town) -> None:
    town.at("2023-06-06T19:59")
    town.tell()
    town.at("2023-06-06T20:01")
    post = Post()
    assert deliver(town.house, post, "postman") == Report(queued=1)
    assert (waiting(town).status, waiting(town).due_at) == ("queued", beijing("2023-06-07T09:00"))
    town.at("2023-06-07T09:00")
    assert deliver(town.house, post, "postman") == Report(sent=1)


def test_contact_that_is_purged_leaves_nothing_to_send_to(town: Town) -> None:
    town.tell()
    with town.house.store.write() as connection:
        connection.execute(table_of(Contact).delete().where(table_of(Contact).c.party == "JD01"))
    post = Post()
    assert deliver(town.house, post, "postman") == Report(failed=1)
    assert post.messages == []
