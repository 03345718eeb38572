"""Deliveries whose sender dies, is slow, or is not alone: taken over, left unknown, never sent twice."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from config.vocabulary import DeliveryStatus as Status
from notifiers import leases
from notifiers.delivery import Report, deliver
from notifiers.leases import LEASE, Claim, recover
from notifiers.outgoing import Outcome, Outgoing
from notifiers.sending import BROKE_OFF
from states.tables import Delivery
from tests.notifiers.rounds import ROSTER, Post, Town, claimed, opened


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


def claim(town: Town, holder: str) -> Claim | None:
    """Claim one delivery, where one is due."""
    return next(iter(claimed(town.house, holder, 1)), None)


def begin(town: Town, mine: Claim) -> bool:
    with town.house.store.write() as connection:
        if not leases.held(connection, [mine], Status.CLAIMED):
            return False
        leases.change(connection, [(mine, leases.begun(mine, "mail"))])
        return True


class Died(BaseException):
    """The process is gone: nothing catches this."""


class Dying(Post):
    def send(self, message: Outgoing) -> Outcome:
        super().send(message)
        raise Died


@pytest.mark.parametrize("at_once", [1, 10])
def test_error_while_sending_is_unknown_at_once_and_never_sent_again(town: Town, at_once: int) -> None:
    town.tell()
    dying, post = Dying(), Post()
    with pytest.raises(Died):
        deliver(town.house, dying, "first", at_once=at_once)
    assert (waiting(town).status, waiting(town).answer) == ("unknown", BROKE_OFF)
    town.clock.move_to(town.clock.now() + timedelta(days=3))
    assert deliver(town.house, post, "third") == Report()
    assert post.messages == []


def test_error_in_one_of_a_batch_puts_back_what_had_not_begun(tmp_path: Path) -> None:
    town = opened(tmp_path)
    town.tell()
    with pytest.raises(Died):
        deliver(town.house, Dying(), "first", at_once=1)
    found = Counter((row.status, row.attempts, row.lease_until) for row in town.rows(Delivery))
    assert found == {("unknown", 1, None): 1, ("queued", 0, None): 2, ("refused_for_good", 0, None): 1}
    assert deliver(town.house, Post(), "second") == Report(sent=2)


def test_batch_that_cannot_be_prepared_is_put_back(town: Town) -> None:
    town.tell()

    class Broken(Post):
        @property
        def names(self) -> tuple[str, ...]:
            raise Died

    with pytest.raises(Died):
        deliver(town.house, Broken(), "first")
    assert (waiting(town).status, waiting(town).lease_until) == ("queued", None)
    assert deliver(town.house, Post(), "second") == Report(sent=1)


def test_death_before_sending_is_taken_over_when_the_lease_ran_out(town: Town) -> None:
    town.tell()
    assert claim(town, "first") is not None
    post = Post()
    assert deliver(town.house, post, "second") == Report()
    town.clock.move_to(town.clock.now() + LEASE)
    assert deliver(town.house, post, "second") == Report(sent=1)


def test_deliverer_whose_lease_was_taken_over_sends_nothing(town: Town) -> None:
    town.tell()
    slow = claim(town, "first")
    assert slow is not None
    town.clock.move_to(town.clock.now() + LEASE)
    post = Post()
    assert deliver(town.house, post, "second") == Report(sent=1)
    assert begin(town, slow) is False


def test_the_same_holder_twice_cannot_send_on_an_older_lease(town: Town) -> None:
    town.tell()
    slow = claim(town, "same")
    assert slow is not None
    town.clock.move_to(town.clock.now() + LEASE)
    again = claim(town, "same")
    assert again is not None
    assert begin(town, slow) is False
    assert begin(town, again) is True


def test_answer_that_comes_after_the_lease_leaves_it_unknown(town: Town) -> None:
    town.tell()
    slow = claim(town, "first")
    assert slow is not None
    assert begin(town, slow)
    town.clock.move_to(town.clock.now() + LEASE)
    assert recover(town.house) == 1
    with town.house.store.write() as connection:
        assert leases.held(connection, [slow], Status.SENDING) == set()
    assert waiting(town).status == "unknown"


def test_half_sent_delivery_is_claimed_by_nobody_however_long_it_lies(town: Town) -> None:
    town.tell()
    slow = claim(town, "first")
    assert slow is not None
    begin(town, slow)
    town.clock.move_to(town.clock.now() + LEASE + timedelta(days=1))
    assert claim(town, "second") is None


def test_lease_that_still_runs_is_not_recovered(town: Town) -> None:
    town.tell()
    mine = claim(town, "first")
    assert mine is not None
    begin(town, mine)
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
