"""A mail server that puts off one address is well: only that message waits, and the channel neither rests nor stays at rest for it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from notifiers.breaker import FAILURES, FIRST_REST, PUT_OFF
from notifiers.channels import Channels
from notifiers.delivery import deliver
from notifiers.leases import BATCH
from notifiers.outgoing import ChannelRefused, Outcome, RefusedForNow, Sent
from notifiers.verdicts import FIRST_WAIT, LONGEST_WAIT
from states.tables import ChannelHealth, Delivery
from tests.notifiers.arrivals import crowd
from tests.notifiers.conftest import ChannelsMaker, LetterMaker
from tests.notifiers.deliverers import config_of
from tests.notifiers.refusing import note
from tests.notifiers.rounds import Post, Town, opened
from tests.receivers import SmtpManners, SmtpReceiver

FULL = "452 4.2.2 mailbox full"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = opened(tmp_path, crowd(12))
    town.tell()
    yield town
    town.house.store.dispose()


@pytest.mark.parametrize(
    ("step", "answer", "alone"),
    [
        ("rcpt", "450 mailbox busy", True),
        ("rcpt", "452 mailbox full", True),
        ("rcpt", "450 4.2.0 greylisted", True),
        ("rcpt", "451 4.7.1 greylisted, come back", True),
        ("rcpt", "450 4.7.25 client host rejected", False),
        ("rcpt", "451 4.7.500 server busy", False),
        ("rcpt", "451 local error", False),
        ("rcpt", "452 4.3.1 insufficient system storage", False),
        ("rcpt", "450 4.1.8 sender's domain not found", False),
        ("rcpt", "454 4.7.1 relay access denied", False),
        ("rcpt", "421 4.3.2 closing", False),
        ("mail", "450 4.2.0 not now", False),
        ("mail", "452 storage", False),
        ("data", "451 local error", False),
        ("data", "451 4.7.1 greylisted", True),
        ("content", "451 local error", False),
        ("content", "452 storage", False),
        ("content", "450 not of this kind", True),
        ("content", "452 4.2.2 mailbox full", True),
        ("content", "421 closing", False),
    ],
)
def test_answer_says_whether_one_message_or_all_are_put_off(
    channel_to: ChannelsMaker, letter: LetterMaker, step: str, answer: str, alone: bool
) -> None:
    with SmtpReceiver() as smtp:
        setattr(smtp.manners, step, answer)
        outcome = channel_to(smtp.url()).send(letter())
    assert isinstance(outcome, RefusedForNow)
    assert (outcome.alone, smtp.received) == (alone, [])


def mail(town: Town, receiver: SmtpReceiver) -> Channels:
    return Channels([config_of(receiver.url())], Path("unused"), town.clock, timeout=5)


def test_full_mailboxes_wait_by_themselves_and_the_channel_does_not_rest(town: Town) -> None:
    with SmtpReceiver(SmtpManners(rcpt=FULL, rcpt_of={"u0@union.example": ""})) as receiver:
        deliver(town.house, mail(town, receiver), "postman")
        assert len(receiver.received) == 1
        put_off = town.rows(Delivery, status="refused_for_now")
        assert {(row.attempts, row.due_at <= town.clock.now() + FIRST_WAIT) for row in put_off} == {(1, True)}
        assert (len(put_off), town.rows(ChannelHealth)) == (12 + 3 - 1, [])
        receiver.manners = SmtpManners()
        town.clock.move_to(town.clock.now() + FIRST_WAIT)
        deliver(town.house, mail(town, receiver), "postman")
        assert len(receiver.received) == 12 + 3


def test_probe_whose_mailbox_is_full_proves_the_server_well(town: Town) -> None:
    with town.house.store.write() as connection:
        note(connection, "mail", [ChannelRefused("535")], town.clock.now())
    town.clock.move_to(town.clock.now() + FIRST_REST)
    with SmtpReceiver(SmtpManners(rcpt=FULL)) as receiver:
        deliver(town.house, mail(town, receiver), "postman")
    assert town.rows(ChannelHealth) == []
    assert len(town.rows(Delivery, status="refused_for_now")) > 1


@pytest.mark.parametrize("answer", ["421 4.3.2 closing", "451 local error"])
def test_server_that_is_in_trouble_itself_rests(town: Town, answer: str) -> None:
    with SmtpReceiver(SmtpManners(rcpt=answer)) as receiver:
        deliver(town.house, mail(town, receiver), "postman")
    (health,) = town.rows(ChannelHealth)
    assert health.rests_until == town.clock.now() + FIRST_REST < town.clock.now() + timedelta(hours=1)


SORRY = RefusedForNow("451 4.7.1 Service unavailable", alone=True)


def test_server_that_puts_off_everybody_one_by_one_rests_too(tmp_path: Path) -> None:
    town = opened(tmp_path, crowd(60))
    town.tell()
    post = Post(answers={"mail": [SORRY] * 1000})
    deliver(town.house, post, "postman")
    assert PUT_OFF <= len(post.messages) <= PUT_OFF + BATCH
    for rests in (1, 2):
        (health,) = town.rows(ChannelHealth)
        assert (health.failures, health.rests, health.reason, health.refused_at) == (0, rests, SORRY.reason, None)
        asked = len(post.messages)
        town.clock.move_to(health.rests_until)
        deliver(town.house, post, "postman")
        assert len(post.messages) == asked + 1
    town.clock.move_to(town.clock.now() + LONGEST_WAIT)
    deliver(town.house, Post(), "postman")
    assert (town.rows(ChannelHealth), len(town.rows(Delivery, status="sent"))) == ([], 63)
    town.house.store.dispose()


def test_server_that_serves_somebody_in_between_does_not_rest(tmp_path: Path) -> None:
    town = opened(tmp_path, crowd(PUT_OFF * 2))
    town.tell()
    answers: list[Outcome] = [*[SORRY] * (PUT_OFF - 1), Sent("250 OK")]
    deliver(town.house, Post(answers={"mail": answers * 3}), "postman", at_once=1)
    assert town.rows(ChannelHealth) == []
    town.house.store.dispose()


def test_message_that_is_put_off_by_itself_heals_nothing(town: Town) -> None:
    now = town.clock.now()
    with town.house.store.write() as connection:
        note(connection, "mail", [RefusedForNow("421")] * (FAILURES - 1) + [SORRY, RefusedForNow("421")], now)
    (health,) = town.rows(ChannelHealth)
    assert (health.failures, health.rests_until) == (FAILURES, now + FIRST_REST)
