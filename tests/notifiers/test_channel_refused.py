"""A channel that is refused for its own sake rests at once: its messages wait, however long, and none of them is lost."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.channels import ChannelConfig, ChannelKind
from config.vocabulary import PartyKind
from notifiers.breaker import FIRST_REST
from notifiers.channels import Channels
from notifiers.delivery import deliver
from notifiers.digest import next_departure
from notifiers.leases import BATCH
from notifiers.outgoing import ChannelRefused, Outcome, Outgoing, RefusedForGood, Rest, Sent, Unknown
from states.commands.messages import ResendMessages
from states.commands.roster import RosterEntry
from states.tables import ChannelHealth, Delivery
from tests.notifiers.arrivals import crowd
from tests.notifiers.refusing import note
from tests.notifiers.rounds import ROSTER, Post, Town, opened
from tests.receivers import HttpManners, HttpReceiver, SmtpManners, SmtpReceiver

BOTH = {"mail": ChannelKind.MAIL, "hook": ChannelKind.WEB}
UNREACHED = 1  # the unit without any address


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = opened(tmp_path, crowd(40))
    town.tell()
    yield town
    town.house.store.dispose()


def channels(town: Town, url: str, kind: ChannelKind) -> Channels:
    config = ChannelConfig(name="mail", kind=kind, url=SecretStr(url), file="channels.yaml", line=1)
    return Channels([config], Path("unused"), town.clock, timeout=5)


def statuses(town: Town) -> Counter[str]:
    return Counter(row.status for row in town.rows(Delivery))


def carry_on(town: Town, sender: Channels | Post, until: datetime) -> None:
    """Deliver whenever something may leave, up to an instant."""
    while (instant := next_departure(town.house)) is not None and instant < until:
        town.clock.move_to(max(instant, town.clock.now()))
        deliver(town.house, sender, "postman")


def with_hook(entry: RosterEntry) -> RosterEntry:
    return entry.model_copy(update={"contacts": {**entry.contacts, "web": "https://x.example"}})


def hooked_only(entry: RosterEntry, deputy: str) -> RosterEntry:
    return entry.model_copy(update={"contacts": {"web": "https://x.example"}, "deputy": deputy})


def waiting(town: Town, recipients: set[str]) -> list[Delivery]:
    return [row for row in town.rows(Delivery) if row.recipient in recipients]


def test_web_hook_with_a_dead_token_is_asked_one_batch_and_loses_nothing_in_a_week(town: Town) -> None:
    with HttpReceiver(HttpManners(status=401)) as receiver:
        hook = channels(town, receiver.url(), ChannelKind.WEB)
        deliver(town.house, hook, "postman")
        assert len(receiver.received) == BATCH
        (health,) = town.rows(ChannelHealth)
        assert (health.rests_until, health.refused_at) == (town.clock.now() + FIRST_REST, town.clock.now())
        assert "HTTP 401" in health.reason
        assert statuses(town) == {"refused_for_now": BATCH, "queued": 43 - BATCH, "refused_for_good": UNREACHED}
        carry_on(town, hook, town.clock.now() + timedelta(days=7))
        assert statuses(town)["refused_for_good"] == UNREACHED
        receiver.manners = HttpManners()
        carry_on(town, hook, town.clock.now() + timedelta(days=1))
    assert statuses(town) == {"sent": 43, "refused_for_good": UNREACHED}
    assert town.rows(ChannelHealth) == []


def test_mail_server_that_wants_no_such_sender_loses_nothing(town: Town) -> None:
    with SmtpReceiver(SmtpManners(mail="550 5.7.1 not from you")) as receiver:
        mail = channels(town, receiver.url(), ChannelKind.MAIL)
        carry_on(town, mail, town.clock.now() + timedelta(days=3))
        assert statuses(town)["refused_for_good"] == UNREACHED
        assert {row.attempts for row in town.rows(Delivery)} == {0}
        receiver.manners = SmtpManners()
        carry_on(town, mail, town.clock.now() + timedelta(days=1))
        assert len(receiver.received) == 43
    assert statuses(town) == {"sent": 43, "refused_for_good": UNREACHED}


def test_address_that_is_refused_rests_nothing(town: Town) -> None:
    with SmtpReceiver(SmtpManners(rcpt="550 5.1.1 no such user")) as receiver:
        deliver(town.house, channels(town, receiver.url(), ChannelKind.MAIL), "postman")
    assert statuses(town) == {"refused_for_good": 43 + UNREACHED}
    assert town.rows(ChannelHealth) == []


def test_one_message_for_which_the_channel_is_refused_does_not_keep_the_others(town: Town) -> None:
    class Choosy(Post):
        def send(self, message: Outgoing) -> Outcome:
            super().send(message)
            return ChannelRefused("HTTP 404") if message.recipient_address == "u0@union.example" else Sent("250 OK")

    carry_on(town, Choosy(), town.clock.now() + timedelta(hours=2))
    assert statuses(town) == {"sent": 42, "refused_for_now": 1, "refused_for_good": UNREACHED}


def test_whoever_has_another_way_does_not_wait_for_a_refused_channel(tmp_path: Path) -> None:
    town = opened(tmp_path, [with_hook(each) for each in crowd(40)])
    town.tell()
    dead = Post(kinds=BOTH, answers={"mail": [ChannelRefused("535 口令不对")] * 1_000})
    deliver(town.house, dead, "postman")
    carry_on(town, dead, town.clock.now() + timedelta(hours=1))
    asked = Counter(message.channel for message in dead.messages)
    assert statuses(town) == {"sent": len(town.rows(Delivery))}
    assert asked["hook"] == len(town.rows(Delivery))
    assert asked["mail"] <= BATCH + 6  # the batch that met the refusal, and one that asks again after each rest
    assert [row.channel for row in town.rows(ChannelHealth)] == ["mail"]
    town.house.store.dispose()


@pytest.mark.parametrize("hook", [ChannelRefused("HTTP 404"), RefusedForGood("没有这个地址")])
def test_channel_that_was_passed_by_is_used_again_once_it_is_mended(tmp_path: Path, hook: Outcome) -> None:
    everybody = [with_hook(each) for each in crowd(3)]
    town = opened(tmp_path, everybody)
    town.tell()
    dead = Post(kinds=BOTH, answers={"mail": [ChannelRefused("535 口令不对")] * 1_000, "hook": [hook] * 1_000})
    carry_on(town, dead, town.clock.now() + timedelta(hours=3))
    reached_by_mail = {each.id for each in everybody if "mail" in each.contacts}
    assert {row.status for row in waiting(town, reached_by_mail)} <= {"refused_for_now", "queued"}
    asked = Counter(message.message_id for message in dead.messages if message.channel == "hook")
    assert isinstance(hook, ChannelRefused) or set(asked.values()) == {1}  # who was refused for good there is not asked again
    town.clock.move_to(town.clock.now() + timedelta(hours=1))
    carry_on(town, Post(kinds=BOTH, answers={"hook": [hook] * 1_000}), town.clock.now() + timedelta(days=1))
    assert {row.status for row in waiting(town, reached_by_mail)} == {"sent"}
    town.house.store.dispose()


def test_what_is_left_of_a_message_does_not_leave_by_another_channel(tmp_path: Path) -> None:
    town = opened(tmp_path, [with_hook(each) for each in ROSTER])
    town.submit("张建国")
    half = Unknown("第1部分已送达", Rest(2, 2, (("标题", "第二部分"),)))
    town.post(Post(kinds=BOTH, answers={"mail": [half]}))
    (delivery,) = town.rows(Delivery, status="unknown")
    with town.house.store.write() as connection:
        note(connection, "mail", [ChannelRefused("535")], town.clock.now())
    town.act(ResendMessages)
    during, after = Post(kinds=BOTH), Post(kinds=BOTH)
    town.post(during)
    assert [message for message in during.messages if message.message_id == delivery.id] == []
    carry_on(town, after, town.clock.now() + timedelta(hours=1))
    (left,) = [message for message in after.messages if message.message_id == delivery.id]
    assert (left.channel, left.rest) == ("mail", half.rest)
    town.house.store.dispose()


def test_party_is_written_to_itself_where_only_a_refused_channel_reaches_its_deputy(tmp_path: Path) -> None:
    deputy = RosterEntry(id="JD99", kind=PartyKind.SUBDISTRICT_UNION, name="代理总工会", contacts={"mail": "deputy@union.example"})
    roster = [deputy, *(with_hook(each) if each.id != "JD01" else hooked_only(each, deputy.id) for each in ROSTER)]
    town = opened(tmp_path, roster)
    town.tell()
    carry_on(town, Post(kinds=BOTH, answers={"mail": [ChannelRefused("535")] * 1_000}), town.clock.now() + timedelta(hours=3))
    assert {row.status for row in town.rows(Delivery, recipient="JD01")} == {"sent"}
    assert {row.channel for row in town.rows(Delivery, recipient="JD01")} == {"hook"}
    town.house.store.dispose()


def test_address_that_was_never_asked_heals_no_channel(town: Town) -> None:
    with town.house.store.write() as connection:
        note(connection, "mail", [ChannelRefused("535"), RefusedForGood("收件地址不是一个邮箱地址", asked=False)], town.clock.now())
    (health,) = town.rows(ChannelHealth)
    assert health.refused_at == town.clock.now()
    with town.house.store.write() as connection:
        note(connection, "mail", [RefusedForGood("没有这个地址")], town.clock.now())
    assert town.rows(ChannelHealth) == []
