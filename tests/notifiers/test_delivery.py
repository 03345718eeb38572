"""Deliveries leave once: leases, crashes, two deliverers, refusals, and receivers that misbehave."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import update

from config.channels import ChannelConfig, ChannelKind
from notifiers.channels import Channels
from notifiers.delivery import POINTLESS, Report, deliver
from notifiers.leases import DIED_SENDING, LEASE, begin, claim, finish, recover
from notifiers.outgoing import Outcome, Outgoing, RefusedForGood, RefusedForNow, Sent, Unknown
from notifiers.routes import NO_CONTACT
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.roster import ImportRoster
from states.records import table_of
from states.tables import Contact, Delivery, Notification
from states.vault import Vault, VaultError
from tests.notifiers.rounds import ROSTER, SLUG, Post, Town, opened
from tests.receivers import HttpManners, HttpReceiver, SmtpManners, SmtpReceiver

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


def test_refusals_for_now_end_within_two_days(town: Town) -> None:
    post = Post(answers={"mail": [RefusedForNow("邮箱已满")] * 50})
    for _ in range(200):
        report = town.post(post)
        if report.failed:
            break
        town.clock.move_to(waiting(town).due_at)
    assert waiting(town).status == "refused_for_good"
    assert waiting(town).answer == "多次未送达，不再尝试：邮箱已满"
    assert len(post.messages) == 10


def test_refusal_for_good_goes_on_by_the_next_contact(tmp_path: Path) -> None:
    town = opened(tmp_path)
    kinds = {"mail": ChannelKind.MAIL, "hook": ChannelKind.WEB}
    post = Post(kinds=kinds, answers={"mail": [RefusedForGood("550 no such user")] * 3})
    town.post(post)
    sent = [(message.channel, message.recipient_address) for message in post.messages if message.channel == "hook"]
    assert sent == [("hook", "iot")]
    row = town.rows(Delivery, recipient="LH01")[0]
    assert (row.status, row.tried, row.channel, row.attempts) == ("sent", ["mail/mail"], "hook", 1)
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


# --- crashes ------------------------------------------------------------------------------------------------------------------------------


class Died(BaseException):
    """The process is gone: nothing catches this."""


class Dying(Post):
    def send(self, message: Outgoing) -> Outcome:
        super().send(message)
        raise Died


def test_death_while_sending_is_unknown_after_the_lease_and_never_sent_again(town: Town) -> None:
    dying, post = Dying(), Post()
    with pytest.raises(Died):
        town.post(dying)
    assert waiting(town).status == "sending"
    assert deliver(town.house, post, "second") == Report()
    town.clock.move_to(town.clock.now() + LEASE)
    assert deliver(town.house, post, "second") == Report(unknown=1)
    assert (waiting(town).status, waiting(town).answer) == ("unknown", DIED_SENDING)
    town.clock.move_to(town.clock.now() + timedelta(days=3))
    assert deliver(town.house, post, "third") == Report()
    assert post.messages == []


def test_death_before_sending_is_taken_over_when_the_lease_ran_out(town: Town) -> None:
    town.tell()
    assert claim(town.house, "first") is not None
    post = Post()
    assert deliver(town.house, post, "second") == Report()
    town.clock.move_to(town.clock.now() + LEASE)
    assert deliver(town.house, post, "second") == Report(sent=1)


def test_deliverer_whose_lease_was_taken_over_sends_nothing(town: Town) -> None:
    town.tell()
    slow = claim(town.house, "first")
    assert slow is not None
    town.clock.move_to(town.clock.now() + LEASE)
    post = Post()
    assert deliver(town.house, post, "second") == Report(sent=1)
    assert begin(town.house, slow, "mail") is False


def test_the_same_holder_twice_cannot_send_on_an_older_lease(town: Town) -> None:
    town.tell()
    slow = claim(town.house, "same")
    assert slow is not None
    town.clock.move_to(town.clock.now() + LEASE)
    again = claim(town.house, "same")
    assert again is not None
    assert begin(town.house, slow, "mail") is False
    assert begin(town.house, again, "mail") is True


def test_answer_that_comes_after_the_lease_leaves_it_unknown(town: Town) -> None:
    town.tell()
    slow = claim(town.house, "first")
    assert slow is not None
    assert begin(town.house, slow, "mail")
    town.clock.move_to(town.clock.now() + LEASE)
    assert recover(town.house) == 1
    assert finish(town.house, slow, {"status": "sent"}) is False
    assert waiting(town).status == "unknown"


def test_half_sent_delivery_is_claimed_by_nobody_however_long_it_lies(town: Town) -> None:
    town.tell()
    slow = claim(town.house, "first")
    assert slow is not None
    begin(town.house, slow, "mail")
    town.clock.move_to(town.clock.now() + LEASE + timedelta(days=1))
    assert claim(town.house, "second") is None


def test_lease_that_still_runs_is_not_recovered(town: Town) -> None:
    town.tell()
    mine = claim(town.house, "first")
    assert mine is not None
    begin(town.house, mine, "mail")
    town.clock.move_to(town.clock.now() + LEASE - timedelta(seconds=1))
    assert recover(town.house) == 0


def test_three_deliverers_at_once_send_each_message_once(tmp_path: Path) -> None:
    roster = [
        *ROSTER,
        *(
            ROSTER[1].model_copy(update={"id": f"JD{n}", "name": f"街道{n}总工会", "contacts": {"mail": f"{n}@u.example"}})
            for n in range(10, 40)
        ),
    ]
    town = opened(tmp_path, roster)
    town.tell()
    post, start = Post(), threading.Barrier(3)

    def carry(number: int) -> Report:
        start.wait()
        return deliver(town.house, post, f"postman-{number}")

    with ThreadPoolExecutor(3) as pool:
        reports = list(pool.map(carry, range(3)))
    assert sum(report.sent for report in reports) == 33
    assert len(post.times) == 33
    assert max(post.times.values()) == 1


# --- real receivers -----------------------------------------------------------------------------------------------------------------------


def mail_channel(url: str, folder: Path, town: Town, kind: ChannelKind = ChannelKind.MAIL, name: str = "mail") -> Channels:
    config = ChannelConfig(name=name, kind=kind, url=SecretStr(url), file="channels.yaml", line=3)
    return Channels([config], folder / "outbox" / "mail", town.clock, timeout=0.2)


def test_real_mail_arrives_with_its_id_and_its_names(town: Town, tmp_path: Path) -> None:
    town.tell()
    with SmtpReceiver() as receiver:
        report = deliver(town.house, mail_channel(receiver.url(), tmp_path, town), "postman")
    assert report == Report(sent=1)
    mail = receiver.received[0]
    assert mail.recipients == (UNIT,)
    assert waiting(town).id in mail.message["Message-ID"]
    assert mail.message["Subject"].startswith("【滨江工匠】2件事告知您")
    assert "BJGJ-2023-0001 张建国" in mail.text


@pytest.mark.parametrize("manners", [SmtpManners(after_content="drop"), SmtpManners(after_content="late")])
def test_mail_server_that_takes_the_mail_and_says_nothing_gets_it_once(town: Town, tmp_path: Path, manners: SmtpManners) -> None:
    town.tell()
    with SmtpReceiver(manners) as receiver:
        channels = mail_channel(receiver.url(), tmp_path, town)
        assert deliver(town.house, channels, "postman") == Report(unknown=1)
        town.clock.move_to(town.clock.now() + timedelta(days=1))
        assert deliver(town.house, channels, "postman") == Report()
    assert len(receiver.received) == 1
    assert waiting(town).status == "unknown"


def test_mail_server_that_is_busy_gets_it_later(town: Town, tmp_path: Path) -> None:
    town.tell()
    with SmtpReceiver(SmtpManners(rcpt="450 4.2.1 try later")) as receiver:
        channels = mail_channel(receiver.url(), tmp_path, town)
        assert deliver(town.house, channels, "postman") == Report(queued=1)
        receiver.manners.rcpt = ""
        town.clock.move_to(town.clock.now() + timedelta(minutes=5))
        assert deliver(town.house, channels, "postman") == Report(sent=1)
    assert len(receiver.received) == 1


def test_web_receiver_that_answers_too_late_gets_it_once(tmp_path: Path) -> None:
    town = opened(tmp_path)
    town.tell()
    with HttpReceiver(HttpManners(after_request="late")) as receiver:
        channels = mail_channel(receiver.url(), tmp_path, town, ChannelKind.WEB, "hook")
        report = deliver(town.house, channels, "postman")
        town.clock.move_to(town.clock.now() + timedelta(days=1))
        again = deliver(town.house, channels, "postman")
    assert (report.unknown, report.sent, again) == (1, 0, Report())
    assert len(receiver.received) == 1
    row = town.rows(Delivery, recipient="LH01")[0]
    assert receiver.received[0].json["id"] == row.id
    assert receiver.received[0].json["to"] == "iot"


def test_house_without_channels_writes_every_message_to_a_file(tmp_path: Path) -> None:
    town = opened(tmp_path)
    town.tell()
    mail = tmp_path / "outbox" / "mail"
    report = deliver(town.house, Channels([], mail, town.clock), "postman", dashboard="http://127.0.0.1:4200")
    assert report == Report(sent=4)
    texts = {path.name: path.read_text(encoding="utf-8") for path in mail.iterdir()}
    headers = sorted(line for text in texts.values() for line in text.splitlines() if line.startswith("To: "))
    assert headers == [
        "To: 区工匠认定工作领导小组办公室 <office@binjiang.example>",
        "To: 城市建设投资集团",
        "To: 物联网产业园工会联合会 <iot@union.example>",
        "To: 长河街道总工会 <changhe@union.example>",
    ]
    assert any("http://127.0.0.1:4200" in text for text in texts.values())


def test_contact_that_is_purged_leaves_nothing_to_send_to(town: Town) -> None:
    town.tell()
    with town.house.store.write() as connection:
        connection.execute(table_of(Contact).delete().where(table_of(Contact).c.party == "JD01"))
    post = Post()
    assert deliver(town.house, post, "postman") == Report(failed=1)
    assert post.messages == []


def test_recipient_who_left_since_queueing_gets_nothing(town: Town) -> None:
    town.tell()
    left = next(entry for entry in ROSTER if entry.id == "JD01").model_copy(update={"valid_to": date(2023, 6, 5)})
    town.do(ImportRoster(operator="OP01", entries=(left,)))
    post = Post()
    assert deliver(town.house, post, "postman") == Report(failed=1)
    assert waiting(town).answer == POINTLESS
    assert waiting(town).round == SLUG
