"""A lease lives as long as its run does: slow channels lose nothing to another deliverer, and what is dead or stuck is taken over."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from config.vocabulary import DeliveryStatus as Status
from notifiers import delivery, leases, sending
from notifiers.delivery import Report, deliver
from notifiers.leases import BATCH, DIED_SENDING, LEASE, STUCK, Lease, keep, recover
from notifiers.outgoing import Outcome, Outgoing
from states.house import House
from states.tables import Delivery
from tests.notifiers.arrivals import crowd
from tests.notifiers.rounds import Post, Town, claimed, opened

SLOW = LEASE * 2 / 3
UNITS = BATCH + 7


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = opened(tmp_path, crowd(UNITS))
    town.tell()
    yield town
    town.house.store.dispose()


class Slow(Post):
    """Each message takes longer than half a lease; a second deliverer looks in after each."""

    town: Town

    def send(self, message: Outgoing) -> Outcome:
        outcome = super().send(message)
        self.town.clock.move_to(self.town.clock.now() + SLOW)
        self.second = Post()
        assert deliver(self.town.house, self.second, "second").sent == len(self.second.messages) == 0
        return outcome


def test_lot_that_takes_longer_than_its_lease_is_not_taken_over(tmp_path: Path) -> None:
    town, slow = opened(tmp_path), Slow()
    town.tell()
    slow.town = town
    assert deliver(town.house, slow, "first", at_once=1) == Report(sent=3, failed=1)
    assert {row.status for row in town.rows(Delivery)} == {"sent", "refused_for_good"}
    town.house.store.dispose()


class Trickling(Post):
    """The first message is answered only after twice a lease, in steps in each of which the deliverer shows that it lives."""

    def watch(self, town: Town) -> None:
        self.town, self.kept = town, threading.Event()

    def keep(self, house: House, lease: Lease) -> None:
        keep(house, lease)
        self.kept.set()

    def send(self, message: Outgoing) -> Outcome:
        outcome = super().send(message)
        if message is self.messages[0]:
            for _ in range(3):
                self._step(message.message_id)
        return outcome

    def _step(self, mine: str) -> None:
        self.town.clock.move_to(self.town.clock.now() + SLOW)
        for _ in range(2):  # one sign of life may be under way already
            self.kept.clear()
            assert self.kept.wait(10)
        assert self.town.rows(Delivery, id=mine)[0].lease_until >= self.town.clock.now() + LEASE / 3


def test_message_that_takes_longer_than_a_lease_keeps_it(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    post = Trickling()
    post.watch(town)
    monkeypatch.setattr(sending, "PATROL", 0.02)
    monkeypatch.setattr(delivery, "keep", post.keep)
    assert deliver(town.house, post, "first") == Report(sent=UNITS + 3, failed=1)
    assert max(post.times.values()) == 1


def test_run_that_is_stuck_keeps_its_lease_no_longer(town: Town) -> None:
    first, *others = claimed(town.house, "first")
    with town.house.store.write() as connection:
        assert leases.held(connection, [first], Status.CLAIMED)
        leases.change(connection, [(first, leases.begun(first, "mail"))])
    began = town.clock.now()
    while town.clock.now() + SLOW < began + STUCK:
        town.clock.move_to(town.clock.now() + SLOW)
        keep(town.house, first.lease)
        assert deliver(town.house, Post(), "second") == Report()
    town.clock.move_to(began + STUCK)
    last = first.lease.until
    keep(town.house, first.lease)
    assert first.lease.until == last
    town.clock.move_to(first.lease.until)
    assert deliver(town.house, Post(), "second") == Report(sent=len(others) - 1, failed=1, unknown=1)
    assert [row.id for row in town.rows(Delivery, status="unknown")] == [first.id]


def test_lease_is_not_written_anew_before_a_third_of_it_is_over(town: Town) -> None:
    (mine,) = claimed(town.house, "first", 1)
    before = mine.lease.until
    town.clock.move_to(town.clock.now() + LEASE / 3 - timedelta(seconds=1))
    keep(town.house, mine.lease)
    assert mine.lease.until == before
    town.clock.move_to(town.clock.now() + timedelta(seconds=1))
    keep(town.house, mine.lease)
    assert mine.lease.until == town.clock.now() + LEASE == town.rows(Delivery, id=mine.id)[0].lease_until


class Late(Post):
    """While the first message is on its way somebody else finds it unknown."""

    town: Town

    def send(self, message: Outgoing) -> Outcome:
        outcome = super().send(message)
        if message is self.messages[0]:
            self.town.clock.move_to(self.town.clock.now() + LEASE)
            self.found = recover(self.town.house)
        return outcome


def test_answer_that_comes_when_it_was_found_unknown_changes_nothing(tmp_path: Path) -> None:
    town, late = opened(tmp_path), Late()
    town.tell()
    late.town = town
    assert deliver(town.house, late, "first", at_once=1) == Report(sent=0, failed=1)
    assert late.found == 3
    found = {(row.status, row.answer) for row in town.rows(Delivery) if row.status != "refused_for_good"}
    assert found == {("unknown", DIED_SENDING)}
    town.house.store.dispose()


class Evening(Post):
    """The quiet hours begin while the first message is on its way."""

    town: Town

    def send(self, message: Outgoing) -> Outcome:
        if not self.messages:
            self.town.at("2023-06-06T20:01")
        return super().send(message)


def test_lot_whose_turn_comes_in_the_quiet_hours_waits_for_the_morning(town: Town) -> None:
    town.at("2023-06-06T19:59")
    post = Evening()
    post.town = town
    assert deliver(town.house, post, "postman", at_once=1) == Report(sent=leases.LOT, failed=1, queued=UNITS + 3 - leases.LOT)
    town.at("2023-06-07T09:00")
    assert {row.due_at for row in town.rows(Delivery, status="queued")} == {town.clock.now()}
    assert deliver(town.house, post, "postman") == Report(sent=UNITS + 3 - leases.LOT)
