"""Outcomes go back into the ledger."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import update

from notifiers import settling
from notifiers.outgoing import RefusedForNow, Unknown
from notifiers.settling import settle_all
from states.ledger import canonical
from states.records import table_of
from states.replay import verify
from states.tables import Delivery, LedgerEntry
from tests.notifiers.rounds import SLUG, Post, Town, opened


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = opened(tmp_path)
    yield town
    town.house.store.dispose()


def settled(town: Town) -> list[LedgerEntry]:
    entries: list[LedgerEntry] = town.rows(LedgerEntry, round=SLUG, event="deliveries_settled")
    return entries


def findings(town: Town) -> list[str]:
    return list(verify(town.house.store, town.house.vault).findings)


def test_outcomes_enter_the_ledger_in_one_entry_and_it_verifies(town: Town) -> None:
    town.post(Post(answers={"mail": [Unknown("没有答复")]}))
    assert settle_all(town.house) == 4
    (entry,) = settled(town)
    outcomes = {row.id: row.status for row in town.rows(Delivery)}
    assert sorted(outcomes.values()) == ["refused_for_good", "sent", "sent", "unknown"]
    assert entry.payload == canonical({"outcomes": outcomes, "undelivered": [town.rows(Delivery, recipient="CY01")[0].id]})
    assert (entry.operator, entry.subject) == ("clock", SLUG)
    assert findings(town) == []


def test_settling_again_writes_nothing(town: Town) -> None:
    town.post(Post())
    assert settle_all(town.house) == 4
    with town.house.store.write():  # nor does it wait for whoever writes
        assert settle_all(town.house) == 0
    assert len(settled(town)) == 1


def test_what_still_waits_stays_out(town: Town) -> None:
    town.post(Post(answers={"mail": [RefusedForNow("邮箱已满")] * 3}))
    assert settle_all(town.house) == 1
    assert [row.in_ledger for row in town.rows(Delivery, status="refused_for_now")] == [False] * 3


def test_many_outcomes_enter_in_batches(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.post(Post())
    monkeypatch.setattr(settling, "BATCH", 2)
    assert settle_all(town.house) == 4
    assert len(settled(town)) == 2
    assert findings(town) == []


def test_two_at_once_settle_each_delivery_once(town: Town) -> None:
    town.post(Post())
    start = threading.Barrier(3)

    def enter(_: int) -> int:
        start.wait()
        return settle_all(town.house)

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(enter, range(3))) == 4
    assert len(settled(town)) == 1
    assert findings(town) == []


def test_outcome_changed_by_hand_is_found(town: Town) -> None:
    town.post(Post())
    settle_all(town.house)
    victim = town.rows(Delivery, status="sent")[0]
    with town.house.store.write() as connection:
        connection.execute(update(table_of(Delivery)).where(table_of(Delivery).c.id == victim.id).values(status="unknown"))
    assert findings(town) == [f"送达 {victim.id[:12]} 的结果与台账不符"]


def test_settling_what_was_sent_or_is_unknown_tells_nobody(town: Town) -> None:
    town.post(Post())
    settle_all(town.house)
    town.post(Post(answers={"mail": [Unknown("没有答复")]}))
    settle_all(town.house)
    assert town.tell() == 0
