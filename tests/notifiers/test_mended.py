"""A channel that was mended, here or by the other side, is used by the next run of the deliverer; nothing is sent twice for it."""

import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from config.channels import ChannelKind
from notifiers.breaker import FIRST_REST
from notifiers.channels import Channels
from notifiers.delivery import deliver
from notifiers.mending import KNOWN
from notifiers.outgoing import Outcome, Outgoing, RefusedForNow, Unknown
from notifiers.verdicts import FIRST_WAIT, MENDED_SOONEST
from states.clock import VirtualClock
from states.tables import ChannelHealth, Delivery
from tests.notifiers.arrivals import arrivals, crowd
from tests.notifiers.deliverers import config_of
from tests.notifiers.refusing import BOTH, DEAD, Answering, for_hours, statuses
from tests.notifiers.rounds import Post, Town, opened
from tests.receivers import HttpManners, HttpReceiver, SmtpReceiver, unused_port

ALL = 43
"""Who can be reached in the town with forty more units."""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = opened(tmp_path, crowd(40))
    town.tell()
    yield town
    town.house.store.dispose()


def speaking(town: Town, url: str) -> Channels:
    return Channels([config_of(url)], Path("unused"), town.clock, timeout=5)


def test_password_that_was_put_right_lets_all_leave_in_the_next_run(town: Town, tls_context: ssl.SSLContext) -> None:
    with SmtpReceiver(tls="implicit", context=tls_context, login=("office", "right-one")) as receiver:
        wrong, right = (speaking(town, receiver.url("&verify=no", user=f"office:{each}@")) for each in ("wrong-one", "right-one"))
        for _ in range(2):
            assert deliver(town.house, wrong, "postman").sent == 0
        (ill,) = town.rows(ChannelHealth)
        assert (len(ill.definition), "one" in ill.definition) == (64, False)
        assert ill.rests == 1  # what is as it was is asked no sooner
        town.clock.move_to(town.clock.now() + FIRST_REST / 2)
        assert deliver(town.house, right, "postman").sent == ALL
        seen = arrivals(town, receiver)
    assert (seen.counts["sent"], seen.lost, seen.twice, town.rows(ChannelHealth)) == (ALL, [], [], [])


def test_port_that_was_put_right_ends_the_wait_of_messages_that_failed(town: Town) -> None:
    with SmtpReceiver() as receiver:
        dead = speaking(town, f"hmail://127.0.0.1:{unused_port()}/?from=office@binjiang.example")
        assert deliver(town.house, dead, "postman").sent == 0
        assert deliver(town.house, speaking(town, receiver.url()), "postman").sent == ALL


def test_channel_that_is_configured_no_longer_holds_up_nobody(town: Town) -> None:
    deliver(town.house, Post(answers={"mail": [DEAD] * 100}), "postman")
    assert deliver(town.house, Post(kinds={"smtp": ChannelKind.MAIL}, definitions={"mail": ""}), "postman").sent == ALL
    assert town.rows(ChannelHealth) == []


def test_other_channel_that_was_changed_ends_no_wait(town: Town) -> None:
    deliver(town.house, Post(kinds=BOTH, answers={"mail": [DEAD] * 100}), "postman")
    assert deliver(town.house, Post(kinds=BOTH, definitions={"hook": "other"}), "postman").sent == 0


def test_unknown_outcome_is_sent_by_no_change_of_its_channel(town: Town) -> None:
    post = Post(answers={"mail": [Unknown("没有答复")] * 20})
    deliver(town.house, post, "postman", at_once=1)
    unknown = {row.id for row in town.rows(Delivery, status="unknown")}
    assert unknown
    mended = Post(definitions={"mail": "changed"})
    for_hours(town, mended, 48)
    assert unknown.isdisjoint(mended.times)
    assert (Counter(post.times) + mended.times).most_common(1)[0][1] == 1


def test_change_in_the_quiet_hours_lets_messages_leave_in_the_morning(town: Town) -> None:
    town.at("2023-06-06T19:55")
    deliver(town.house, Post(answers={"mail": [DEAD] * 100}), "postman")
    town.at("2023-06-06T20:30")
    assert deliver(town.house, Post(definitions={"mail": "changed"}), "postman").sent == 0
    town.at("2023-06-07T09:00")
    assert deliver(town.house, Post(definitions={"mail": "changed"}), "postman").sent == ALL


def test_probe_that_is_taken_lets_leave_what_was_refused_before(town: Town) -> None:
    """The other side mended it: nothing of ours changed."""
    with HttpReceiver(HttpManners(status=401)) as receiver:
        hook = speaking(town, receiver.url())
        deliver(town.house, hook, "postman")
        receiver.manners = HttpManners()
        town.clock.move_to(town.clock.now() + FIRST_REST)
        assert deliver(town.house, hook, "postman").sent == ALL


class Restless(Answering):
    """A sender of a machine that is configured otherwise than the next one."""

    def __init__(self, definition: str, answer: Callable[[Outgoing], Outcome | None]) -> None:
        super().__init__(answer, mail=ChannelKind.MAIL)
        self.definitions = {"mail": definition}


@pytest.mark.parametrize("failing", ["the server", "one message"])
def test_two_machines_that_are_configured_otherwise_lose_nothing_and_ask_no_oftener_than_one(tmp_path: Path, failing: str) -> None:
    def answered(message: Outgoing) -> Outcome | None:
        if failing == "the server":
            return RefusedForNow("421 没有应答")
        own: dict[str, Outcome] = {"u0@union.example": RefusedForNow("452 4.2.2 邮箱已满", alone=True), "u1@union.example": DEAD}
        return own.get(message.recipient_address)

    asked = []
    for definitions in (("same", "same"), ("one", "other")):
        (folder := tmp_path / "-".join(definitions)).mkdir()
        town = opened(folder, crowd(2))
        town.tell()
        senders = [Restless(each, answered) for each in definitions]
        for minute in range(24):
            deliver(town.house, senders[minute % 2], f"machine {minute % 2}", at_once=1)
            town.clock.move_to(town.clock.now() + timedelta(minutes=10))
        asked.append(max((senders[0].times + senders[1].times).values()))
        assert set(statuses(town)) <= {"sent", "refused_for_now", "queued"}
        town.house.store.dispose()
    assert asked[1] <= asked[0] + 2


def test_channel_that_is_put_back_as_it_was_is_forgotten_again_on_the_next_day(town: Town) -> None:
    wrong = Post(answers={"mail": [DEAD] * 100}, definitions={"mail": "wrong"})
    right = Post(answers={"mail": [DEAD] * 100}, definitions={"mail": "right"})
    deliver(town.house, wrong, "postman")
    deliver(town.house, right, "postman")
    asked = len(wrong.messages)
    deliver(town.house, wrong, "postman")
    assert (len(wrong.messages), len(right.messages)) == (asked, asked)
    town.clock.move_to(town.clock.now() + KNOWN)
    deliver(town.house, wrong, "postman")
    assert len(wrong.messages) == asked * 2


class Ticking(VirtualClock):
    """A clock that never says the same instant twice, as no real one does."""

    def now(self) -> datetime:
        self.move_to(super().now() + timedelta(microseconds=50))
        return super().now()


def test_probe_that_is_taken_lets_leave_what_was_refused_before_it_on_a_clock_that_goes(town: Town) -> None:
    clock = Ticking(town.clock.now())
    town = Town(replace(town.house, clock=clock), clock)
    deliver(town.house, Post(answers={"mail": [DEAD] * 100}), "postman")
    clock.move_to(clock.now() + FIRST_REST)
    assert deliver(town.house, Post(), "postman").sent == ALL


def test_message_that_is_refused_by_itself_is_let_leave_once(town: Town) -> None:
    deliver(town.house, Post(answers={"mail": [DEAD] * 100}), "postman")
    ours = town.rows(Delivery, status="refused_for_now")[0].id
    post = Answering(lambda message: DEAD if message.message_id == ours else None)
    for number in range(9):
        town.clock.move_to(town.clock.now() + FIRST_REST)
        town.submit(f"张建{number}")
        town.tell()
        deliver(town.house, post, "postman")
    assert FIRST_REST * 9 < MENDED_SOONEST
    assert post.times[ours] == 1
    assert statuses(town) == {"sent": ALL - 1 + 9, "refused_for_now": 1}


def test_message_that_failed_for_now_waits_on_where_a_probe_is_taken(town: Town) -> None:
    deliver(town.house, Post(answers={"mail": [RefusedForNow("421")] * 100}), "postman")
    failed = len(town.rows(Delivery, status="refused_for_now"))
    town.clock.move_to(town.clock.now() + FIRST_REST)
    assert deliver(town.house, Post(), "postman").sent == ALL - failed
    town.clock.move_to(town.clock.now() + FIRST_WAIT)
    assert deliver(town.house, Post(), "postman").sent == failed
