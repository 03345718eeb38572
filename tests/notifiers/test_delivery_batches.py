"""Lots follow each other closely: one commit between two of them, two on their way, and never more than a batch sending."""

import threading
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from notifiers import delivery, sending
from notifiers.delivery import Report, deliver
from notifiers.leases import BATCH, LOT
from notifiers.outgoing import Outcome, Outgoing
from states.tables import Delivery
from tests.notifiers.arrivals import crowd
from tests.notifiers.rounds import Post, Town, opened

UNITS = 2 * BATCH - 5


class Counting(Post):
    """A post that notes, whenever a message leaves, how many commits there were and how many messages are sending."""

    def watch(self, town: Town) -> None:
        self.town, self.commits = town, 0
        self.seen: list[tuple[int, int]] = []
        event.listen(town.house.store.engine, "commit", self._committed)

    def _committed(self, _: object) -> None:
        self.commits += 1

    def send(self, message: Outgoing) -> Outcome:
        self.seen.append((self.commits, len(self.town.rows(Delivery, status="sending"))))
        return super().send(message)


class Lagging(Counting):
    """Its first message is answered only when more than a lot has left behind it."""

    def watch(self, town: Town) -> None:
        super().watch(town)
        self.overtaken = threading.Event()

    def send(self, message: Outgoing) -> Outcome:
        outcome = super().send(message)
        if message is self.messages[0]:
            assert self.overtaken.wait(10)
        if len(self.messages) > LOT + 1:
            self.overtaken.set()
        return outcome


def test_lot_is_settled_by_the_commit_that_begins_the_next(tmp_path: Path) -> None:
    town, post = opened(tmp_path, crowd(UNITS)), Counting()
    town.tell()
    post.watch(town)
    assert deliver(town.house, post, "postman", at_once=1) == Report(sent=UNITS + 3, failed=1)
    commits = [commits for commits, _ in post.seen]
    assert commits[-1] - commits[0] == UNITS // LOT
    assert max(sending for _, sending in post.seen) == LOT
    town.house.store.dispose()


def test_next_lot_leaves_while_one_is_on_its_way(tmp_path: Path) -> None:
    town, post = opened(tmp_path, crowd(UNITS)), Lagging()
    town.tell()
    post.watch(town)
    assert deliver(town.house, post, "postman") == Report(sent=UNITS + 3, failed=1)
    assert LOT < max(sending for _, sending in post.seen) <= BATCH
    assert max(post.times.values()) == 1
    town.house.store.dispose()


class Broken(Post):
    """The first message breaks off the run; what is on its way then takes its time, and more of the next lot than one must not begin."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.more = threading.Event()

    def send(self, message: Outgoing) -> Outcome:
        outcome = super().send(message)
        if message is self.messages[0]:
            raise ConnectionError
        if message in self.messages[LOT + 1 :]:
            self.more.set()
        # The lot's own messages outlast the one of the next lot that took the place of the first.
        self.more.wait(1 if message in self.messages[LOT:] else 2)
        return outcome


def test_run_that_breaks_off_begins_nothing_more(tmp_path: Path) -> None:
    town, post = opened(tmp_path, crowd(UNITS)), Broken()
    town.tell()
    with pytest.raises(ConnectionError):
        deliver(town.house, post, "postman")
    assert not post.more.is_set()
    statuses = Counter((row.status, row.lease_until) for row in town.rows(Delivery))
    assert statuses == {("sent", None): len(post.messages) - 1, ("unknown", None): 1, ("queued", None): UNITS + 4 - len(post.messages)}
    assert len(post.messages) <= LOT + 1
    town.house.store.dispose()


def test_database_that_fails_for_a_moment_costs_no_outcome_that_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town, failed_twice, failures = opened(tmp_path, crowd(UNITS)), threading.Event(), []

    def fail(*_: object) -> None:
        failures.append(1)
        if len(failures) == 2:
            failed_twice.set()
        raise OperationalError("UPDATE delivery", {}, Exception("disk I/O error"))

    class Waiting(Post):
        def send(self, message: Outgoing) -> Outcome:
            assert failed_twice.wait(10)
            return super().send(message)

    monkeypatch.setattr(sending, "PATROL", 0.02)
    monkeypatch.setattr(delivery, "keep", fail)
    town.tell()
    post = Waiting()
    with pytest.raises(OperationalError):
        deliver(town.house, post, "postman")
    assert len(failures) >= 2
    statuses = Counter(row.status for row in town.rows(Delivery))
    assert statuses == {"sent": len(post.messages), "queued": UNITS + 4 - len(post.messages)}
    assert post.messages != []
    town.house.store.dispose()


def test_database_that_fails_twice_in_a_row_costs_no_outcome_that_is_known(tmp_path: Path) -> None:
    town, post = opened(tmp_path, crowd(UNITS)), Post()
    failures: list[str] = []

    def fail(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if post.messages and "settled_at=" in statement and len(failures) < 2:
            failures.append(statement)
            raise OperationalError(statement, {}, Exception("deadlock detected"))

    town.tell()
    event.listen(town.house.store.engine, "before_cursor_execute", fail)
    with pytest.raises(OperationalError):
        deliver(town.house, post, "postman")
    assert len(failures) == 2
    assert {row.status for row in town.rows(Delivery) if row.id in post.times} == {"sent"}
    town.house.store.dispose()


def test_limit_holds_for_what_is_on_its_way(tmp_path: Path) -> None:
    town, post = opened(tmp_path, crowd(UNITS)), Post()
    town.tell()
    assert deliver(town.house, post, "postman", limit=BATCH + 3).sent == len(post.messages) == BATCH + 3
    town.house.store.dispose()
