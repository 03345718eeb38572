"""A channel that is refused for its own sake rests at once: its messages wait, however long, and none of them is lost."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.channels import ChannelConfig, ChannelKind
from notifiers.breaker import FIRST_REST
from notifiers.channels import Channels
from notifiers.delivery import deliver
from notifiers.digest import next_departure
from notifiers.leases import BATCH
from notifiers.outgoing import ChannelRefused, Outcome, Outgoing, Sent
from states.tables import ChannelHealth, Delivery
from tests.notifiers.arrivals import crowd
from tests.notifiers.rounds import Post, Town, opened
from tests.receivers import HttpManners, HttpReceiver, SmtpManners, SmtpReceiver

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
    everybody = [each.model_copy(update={"contacts": {**each.contacts, "web": "https://x.example"}}) for each in crowd(40)]
    town = opened(tmp_path, everybody)
    town.tell()
    kinds = {"mail": ChannelKind.MAIL, "hook": ChannelKind.WEB}
    dead = Post(kinds=kinds, answers={"mail": [ChannelRefused("535 口令不对")] * 1_000})
    deliver(town.house, dead, "postman")
    carry_on(town, dead, town.clock.now() + timedelta(hours=1))
    asked = Counter(message.channel for message in dead.messages)
    assert statuses(town) == {"sent": len(town.rows(Delivery))}
    assert asked["hook"] == len(town.rows(Delivery))
    assert asked["mail"] <= BATCH + 6  # the batch that met the refusal, and one that asks again after each rest
    assert [row.channel for row in town.rows(ChannelHealth)] == ["mail"]
    town.house.store.dispose()
