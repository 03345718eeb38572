"""A message in parts as a delivery: half of it arrived, and no part that has is sent again."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from config.channels import ChannelConfig, ChannelKind
from notifiers.channels import Channels
from notifiers.delivery import Report, deliver
from notifiers.url_route import PATIENCE
from notifiers.verdicts import FIRST_WAIT
from states.commands.messages import ConfirmDelivered, ResendMessages
from states.commands.roster import ImportRoster
from states.tables import ChannelHealth, Delivery, Notification
from tests.notifiers.rounds import ROSTER, Post, Town, opened
from tests.receivers import HttpManners, HttpReceiver, ReceivedRequest
from tests.robots import WeComService

MUMBLES = 1


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
    return Channels([_robot("mail", port)], Path("unused"), town.clock)


def two_ways(town: Town, port: int) -> Channels:
    """The same, and a second way to the unit, by another robot of its group."""
    also(town, "mail", spare="the same group")
    return Channels([_robot("mail", port), _robot("spare", port)], Path("unused"), town.clock)


def also(town: Town, preferred: str, **contacts: str) -> None:
    """Enter further addresses of the unit, and which is tried first."""
    unit = next(entry for entry in ROSTER if entry.id == "JD01")
    changed = unit.model_copy(update={"contacts": {**unit.contacts, **contacts}, "preferred": preferred})
    town.do(ImportRoster(operator="OP01", entries=(changed,)))


def _robot(name: str, port: int) -> ChannelConfig:
    url = SecretStr(f"hwecom://0123456789?via=http://127.0.0.1:{port}")
    return ChannelConfig(name=name, kind=ChannelKind.WECOM, url=url, limit=100)


class Mumbling(WeComService):
    """One that answers its later messages so that nobody can say whether it took them."""

    def answer(self, code: int) -> dict[str, Any]:
        return super().answer(code) if code != MUMBLES else {}


def message(town: Town) -> Any:
    """The one message that waits in the town, however it stands by now."""
    (delivery,) = {row.delivery for row in town.rows(Notification, subject="BJGJ-2023-0001", recipient="JD01")}
    (row,) = town.rows(Delivery, id=delivery)
    return row


def arrived_once(town: Town, service: WeComService) -> bool:
    """Say whether every part was told, each once and in order, and nothing is left."""
    row, parts = message(town), int(service.texts[0].partition("）")[0].rpartition("/")[2])
    marked = [f"（{number}/{parts}）" in text for number, text in enumerate(service.texts, 1)]
    return (row.status, row.rest, marked, len(set(service.texts))) == ("sent", None, [True] * parts, parts)


@pytest.mark.parametrize("later", [timedelta(minutes=5), timedelta(days=1)])
def test_part_that_was_refused_for_now_comes_again_by_itself_without_those_before_it(town: Town, later: timedelta) -> None:
    """As it was written: a day later the whole message would count its days otherwise, and be cut elsewhere."""
    service = WeComService("0123456789", now=town.clock.now(), code=45009, after=1)
    with HttpReceiver(HttpManners(service=service)) as receiver:
        channels = robot(town, receiver.port)
        assert deliver(town.house, channels, "postman") == Report(queued=1)
        row = message(town)
        assert (row.status, row.attempts, row.tried) == ("refused_for_now", 1, [])
        assert town.clock.now() < row.due_at <= town.clock.now() + FIRST_WAIT
        assert "第1部分已送达，第2部分被拒收（企业微信答复错误码 45009" in row.answer
        assert "张" not in str(row.rest)
        service.code = 0
        assert deliver(town.house, channels, "postman") == Report(queued=1)  # not before its time
        town.clock.move_to(town.clock.now() + later)
        assert deliver(town.house, channels, "postman") == Report(sent=1)
    assert arrived_once(town, service)


def test_part_that_stays_refused_waits_longer_each_time_and_keeps_what_has_arrived_meanwhile(town: Town) -> None:
    service = WeComService("0123456789", now=town.clock.now(), code=45009, after=1)
    waits = []
    with HttpReceiver(HttpManners(service=service)) as receiver:
        for taken in (1, 1, 2, 2):
            service.after = taken
            deliver(town.house, robot(town, receiver.port), "postman")
            row = message(town)
            assert (row.status, row.rest["first"], len(service.texts)) == ("refused_for_now", taken + 1, taken)
            waits.append(row.due_at - town.clock.now())
            town.clock.move_to(row.due_at)
        service.code = 0
        deliver(town.house, robot(town, receiver.port), "postman")
    assert waits == sorted(set(waits))
    assert arrived_once(town, service)


def test_part_that_a_busy_server_turns_away_comes_again_by_itself(town: Town) -> None:
    manners = HttpManners()

    class Busy(WeComService):
        def __call__(self, request: ReceivedRequest) -> bytes:
            manners.status = 503 if self.texts and town.clock.now() == self.now else 200
            return super().__call__(request) if manners.status == 200 else b""

    service = Busy("0123456789", now=town.clock.now())
    manners.service = service
    with HttpReceiver(manners) as receiver:
        channels = robot(town, receiver.port)
        assert deliver(town.house, channels, "postman") == Report(queued=1)
        town.clock.move_to(town.clock.now() + timedelta(hours=1))
        assert deliver(town.house, channels, "postman") == Report(sent=1)
    assert arrived_once(town, service)


def test_rest_goes_to_where_the_first_parts_went_whatever_other_addresses_there_are_now(town: Town) -> None:
    service = WeComService("0123456789", now=town.clock.now(), code=45009, after=1)
    with HttpReceiver(HttpManners(service=service)) as receiver:
        channels = robot(town, receiver.port)
        deliver(town.house, channels, "postman")
        also(town, "web", web="another-group")
        service.code = 0
        town.clock.move_to(town.clock.now() + timedelta(hours=1))
        assert deliver(town.house, channels, "postman") == Report(sent=1)
    assert arrived_once(town, service)


def test_part_that_is_refused_for_good_ends_the_message_and_no_other_way_repeats_the_first(town: Town) -> None:
    service = WeComService("0123456789", now=town.clock.now(), code=45002, after=1)
    with HttpReceiver(HttpManners(service=service)) as receiver:
        channels = two_ways(town, receiver.port)
        assert deliver(town.house, channels, "postman") == Report(failed=1)
        row = message(town)
        assert row.status == "refused_for_good"
        assert "第1部分已送达，第2部分被拒收（企业微信答复错误码 45002：消息太长）" in row.answer
        service.code = 0
        town.act(ResendMessages, deliveries=(row.id[:8],))
        assert deliver(town.house, channels, "postman") == Report(sent=1)
    assert arrived_once(town, service)


def test_part_that_was_refused_for_its_channels_sake_waits_for_the_mend(town: Town) -> None:
    service = WeComService("0123456789", now=town.clock.now(), code=93004, after=1)
    with HttpReceiver(HttpManners(service=service)) as receiver:
        channels = two_ways(town, receiver.port)
        assert deliver(town.house, channels, "postman") == Report(queued=1)
        service.code = 0
        town.clock.move_to(town.clock.now() + timedelta(hours=1))
        assert deliver(town.house, channels, "postman") == Report(sent=1)
    assert arrived_once(town, service)


def test_message_that_takes_too_long_goes_on_later_and_counts_as_no_failure(town: Town) -> None:
    class Slow(WeComService):
        def answer(self, code: int) -> dict[str, Any]:
            town.clock.move_to(town.clock.now() + 2 * PATIENCE)
            return super().answer(code)

    service = Slow("0123456789", now=town.clock.now())
    with HttpReceiver(HttpManners(service=service)) as receiver:
        assert deliver(town.house, robot(town, receiver.port), "postman") == Report(sent=1)
    assert arrived_once(town, service)
    assert town.rows(ChannelHealth) == []


def test_message_of_which_a_part_is_unknown_is_unknown_and_never_sent_again(town: Town) -> None:
    service = Mumbling("0123456789", now=town.clock.now(), code=MUMBLES, after=1)
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
    service = Mumbling("0123456789", now=town.clock.now(), code=MUMBLES, after=1)
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
    service = Mumbling("0123456789", now=town.clock.now(), code=MUMBLES, after=1)
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
    service = Mumbling("0123456789", now=town.clock.now(), code=MUMBLES, after=1)
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
