"""A message in parts as a delivery: half of it arrived, and nothing is sent again by itself."""

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
