"""A message in parts as a delivery: half of it arrived, and nothing is sent again by itself."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.channels import ChannelConfig, ChannelKind
from notifiers.channels import Channels
from notifiers.delivery import Report, deliver
from states.commands.messages import ConfirmDelivered, ResendMessages
from states.commands.roster import ImportRoster
from states.tables import Delivery
from tests.notifiers.rounds import ROSTER, Post, Town, opened
from tests.receivers import HttpManners, HttpReceiver
from tests.robots import WeComService


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town with one new message waiting, to the unit JD01."""
    town = opened(tmp_path)
    town.post(Post())
    town.submit("张建国")
    town.tell()
    yield town
    town.house.store.dispose()


def robot(town: Town, port: int) -> Channels:
    """A robot in the unit's group, which takes a hundred bytes at once."""
    url = SecretStr(f"hwecom://0123456789?via=http://127.0.0.1:{port}")
    return Channels([ChannelConfig(name="mail", kind=ChannelKind.WECOM, url=url, limit=100)], Path("unused"), town.clock)


def test_message_of_which_a_part_was_refused_is_unknown_and_never_sent_again(town: Town) -> None:
    service = WeComService("0123456789", now=town.clock.now(), code=45009, after=1)
    with HttpReceiver(HttpManners(service=service)) as receiver:
        channels = robot(town, receiver.port)
        assert deliver(town.house, channels, "postman") == Report(unknown=1)
        service.code = 0
        town.clock.move_to(town.clock.now() + timedelta(days=1))
        assert deliver(town.house, channels, "postman") == Report()
    assert len(service.texts) == 1
    [answer] = [row.answer for row in town.rows(Delivery, status="unknown")]
    assert "第1部分已送达，第2部分没有确认送达" in answer


@pytest.mark.parametrize("later", [timedelta(minutes=1), timedelta(days=1)])
def test_what_is_sent_again_by_hand_is_what_did_not_arrive(town: Town, later: timedelta) -> None:
    """As it was written: a day later the whole message would count its days otherwise, and be cut elsewhere."""
    service = WeComService("0123456789", now=town.clock.now(), code=45009, after=1)
    with HttpReceiver(HttpManners(service=service)) as receiver:
        channels = robot(town, receiver.port)
        deliver(town.house, channels, "postman")
        service.code = 0
        town.clock.move_to(town.clock.now() + later)
        (touch,) = town.act(ResendMessages).outcome.touched
        (row,) = town.rows(Delivery, status="queued")
        assert (
            touch.note
            == f"收件方 JD01；共{row.rest['parts']}部分，只再发没有确认送达的第2至{row.rest['parts']}部分（收件地址或渠道已改的，全部重发）"
        )
        assert deliver(town.house, channels, "postman") == Report(sent=1)
    assert len(service.texts) == len(set(service.texts)) == row.rest["parts"]
    assert [f"（{n}/{row.rest['parts']}）" in text for n, text in enumerate(service.texts, 1)] == [True] * row.rest["parts"]
    assert [each.rest for each in town.rows(Delivery, id=[row.id])] == [None]


def test_what_is_left_stays_left_until_it_arrives(town: Town) -> None:
    service = WeComService("0123456789", now=town.clock.now(), code=45009, after=1)
    with HttpReceiver(HttpManners(service=service)) as receiver:
        channels = robot(town, receiver.port)
        deliver(town.house, channels, "postman")
        (before,) = town.rows(Delivery, status="unknown")
        town.act(ResendMessages)
        assert deliver(town.house, channels, "postman") == Report(unknown=1)
        (row,) = town.rows(Delivery, status="unknown")
        assert {name: row.rest[name] for name in ("first", "parts")} == {name: before.rest[name] for name in ("first", "parts")}
        assert "张" not in str(row.rest)
        town.act(ConfirmDelivered)
    assert len(service.texts) == 1
    assert [each.rest for each in town.rows(Delivery, id=[row.id])] == [None]


def test_another_address_gets_all_of_it(town: Town) -> None:
    service = WeComService("0123456789", now=town.clock.now(), code=45009, after=1)
    with HttpReceiver(HttpManners(service=service)) as receiver:
        channels = robot(town, receiver.port)
        deliver(town.house, channels, "postman")
        moved = next(entry for entry in ROSTER if entry.id == "JD01").model_copy(update={"contacts": {"mail": "another-group"}})
        town.do(ImportRoster(operator="OP01", entries=(moved,)))
        service.code = 0
        town.act(ResendMessages)
        assert deliver(town.house, channels, "postman") == Report(sent=1)
    assert ["（1/" in text for text in service.texts[:2]] == [True, True]


def test_message_of_which_every_part_was_taken_is_sent_once(town: Town) -> None:
    service = WeComService("0123456789", now=town.clock.now())
    with HttpReceiver(HttpManners(service=service)) as receiver:
        assert deliver(town.house, robot(town, receiver.port), "postman") == Report(sent=1)
    assert len(service.texts) > 1
    assert len(set(service.texts)) == len(service.texts)


def test_message_of_which_the_first_part_was_refused_comes_again_whole(town: Town) -> None:
    service = WeComService("0123456789", now=town.clock.now(), code=45009)
    with HttpReceiver(HttpManners(service=service)) as receiver:
        channels = robot(town, receiver.port)
        assert deliver(town.house, channels, "postman") == Report(queued=1)
        service.code = 0
        town.clock.move_to(town.clock.now() + timedelta(hours=1))
        assert deliver(town.house, channels, "postman") == Report(sent=1)
    assert len(set(service.texts)) == len(service.texts) > 1
