"""Outcomes go back into the ledger, and messages can be counted and listed."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import update

from config.vocabulary import DeliveryStatus as Status
from notifiers import settling
from notifiers.delivery import deliver
from notifiers.kinds import MessageKind
from notifiers.outgoing import RefusedForNow, Unknown
from notifiers.overview import listing, summary
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


# --- counts and lists -----------------------------------------------------------------------------------------------------------------------


def test_summary_has_every_status_and_counts_what_is_not_grouped_yet(town: Town) -> None:
    town.post(Post(answers={"mail": [Unknown("没有答复")]}))
    town.at("2023-06-06T21:00")
    town.submit("张建国", "李秀英")
    town.tell()
    counts = summary(town.house, SLUG)
    assert counts == {**dict.fromkeys(Status, 0), Status.SENT: 2, Status.UNKNOWN: 1, Status.REFUSED_FOR_GOOD: 1, Status.QUEUED: 1}
    assert summary(town.house) == counts
    assert set(summary(town.house, "another").values()) == {0}


def test_listing_says_what_went_where_and_why_not(town: Town) -> None:
    town.post(Post())
    (refused,) = listing(town.house, SLUG, [Status.REFUSED_FOR_GOOD])
    assert (refused.recipient, refused.answer, refused.channel) == ("城市建设投资集团", "没有联系方式", "")
    (office,) = listing(town.house, recipient="QB01")
    assert (office.kinds, office.subjects, office.attempts, office.status) == ((MessageKind.WORK_OPENED,), (SLUG,), 1, Status.SENT)
    assert len(listing(town.house, SLUG)) == 4
    assert listing(town.house, "another") == []


def test_listing_masks_people_and_shows_no_address(town: Town) -> None:
    town.submit("张建国")
    town.at("2023-07-06T09:00")
    town.tick()
    town.at("2023-07-28T09:00")
    town.tick()
    town.tell()
    deliver(town.house, Post(), "postman")
    shown = str(listing(town.house, SLUG))
    assert "LD01 吴*" in shown
    assert "吴领" not in shown
    assert "example" not in shown
    assert "张建国" not in shown
