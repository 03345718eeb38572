"""Deliveries to real receivers on loopback, among them ones that take a message and say nothing."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.channels import ChannelConfig, ChannelKind
from notifiers.channels import Channels
from notifiers.delivery import Report, deliver
from states.tables import Delivery
from tests.notifiers.rounds import Post, Town, opened
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
