"""Deliveries whose sender dies, is slow, or is not alone: taken over, left unknown, never sent twice."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from notifiers.delivery import Report, deliver
from notifiers.leases import DIED_SENDING, LEASE, begin, claim, finish, recover
from notifiers.outgoing import Outcome, Outgoing
from states.tables import Delivery
from tests.notifiers.rounds import ROSTER, Post, Town, opened


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
