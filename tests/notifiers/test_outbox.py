"""The cursor over the ledger: each entry told once, whatever is run again, dies or runs beside it."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from notifiers import outbox
from notifiers.happenings import Happening
from notifiers.kinds import MessageKind
from notifiers.messages import told
from notifiers.outbox import key_of_told, notify
from notifiers.scene import Scene
from states.cursors import NOTIFICATIONS
from states.ledger import HOUSE
from states.records import Records, table_of
from states.tables import Chain, Cursor, Notification
from tests.notifiers.rounds import MORNING, SLUG, Town, opened

K = MessageKind


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = opened(tmp_path)
    yield town
    town.house.store.dispose()


def keys(town: Town) -> list[str]:
    return sorted(row.key for row in town.rows(Notification))


def test_cursor_stands_at_the_head_of_every_chain(town: Town) -> None:
    notify(town.house)
    heads = {chain.name: chain.seq for chain in town.rows(Chain)}
    assert {cursor.chain: cursor.seq for cursor in town.rows(Cursor, consumer=NOTIFICATIONS)} == heads
    assert set(heads) == {SLUG, HOUSE}


def test_second_reading_finds_nothing_new(town: Town) -> None:
    assert notify(town.house) == 4
    before = keys(town)
    assert notify(town.house) == 0
    assert keys(town) == before


def test_ledger_read_twice_from_its_beginning_makes_no_duplicates(town: Town) -> None:
    town.submit("张建国", "李秀英")
    notify(town.house)
    before = [vars(row) for row in town.rows(Notification)]
    with town.house.store.write() as connection:
        connection.execute(update(table_of(Cursor)).values(seq=0))
    assert notify(town.house) == 0
    assert [vars(row) for row in town.rows(Notification)] == before


def test_lost_notifications_come_again_under_the_same_keys(town: Town) -> None:
    notify(town.house)
    before = keys(town)
    with town.house.store.write() as connection:
        connection.execute(delete(table_of(Notification)))
        connection.execute(delete(table_of(Cursor)))
    assert notify(town.house) == len(before)
    assert keys(town) == before


def test_key_is_over_what_makes_a_notification_unique(town: Town) -> None:
    notify(town.house)
    row = town.rows(Notification, recipient="QB01")[0]
    assert row.cause == f"{SLUG}:6"
    assert row.key == key_of_told(SLUG, row.cause, "QB01", row.due_version)
    assert key_of_told("a", "b", "c", 1) != key_of_told("a", "b", "c", 2)


def test_work_carries_the_version_of_its_due_time(town: Town) -> None:
    town.submit("张建国")
    town.at("2023-06-09T09:00")
    town.tick()
    notify(town.house)
    assert [row.due_version for row in town.rows(Notification, subject="BJGJ-2023-0001")].count(1) == 2
    assert {row.due_version for row in town.rows(Notification, kind=K.REMINDER.value)} == {1}


def test_notification_bears_the_time_of_its_entry_and_not_of_its_reading(town: Town) -> None:
    town.at("2023-06-08T15:00")
    notify(town.house)
    assert {row.at for row in town.rows(Notification)} == {MORNING}


def test_long_chain_is_read_in_batches(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.submit("张建国", "李秀英", "王大明")
    monkeypatch.setattr(outbox, "BATCH", 2)
    assert notify(town.house) == 4 + 6
    heads = {chain.name: chain.seq for chain in town.rows(Chain)}
    assert {cursor.chain: cursor.seq for cursor in town.rows(Cursor)} == heads


def test_event_that_nobody_knows_stops_the_reading_before_anything_is_written(town: Town) -> None:
    scene_of_nothing = Scene(Records(town.house.store.engine.connect()), SLUG, MORNING.date())
    with pytest.raises(KeyError, match="nobody_knows"):
        told(scene_of_nothing, Happening("nobody_knows", MORNING))


def test_reading_that_dies_leaves_no_trace_and_the_next_one_does_it(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(outbox, "move_cursor", die)
        with pytest.raises(SystemExit):
            notify(town.house)
    assert [row for row in town.rows(Notification) if row.round == SLUG] == []
    assert notify(town.house) == 4


def test_many_readers_at_once_make_each_notification_once(town: Town) -> None:
    town.submit(*(f"张建{n}" for n in range(20)))
    start = threading.Barrier(4)

    def read(_: int) -> int:
        start.wait()
        return notify(town.house)

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(read, range(4)))
    assert sum(made) == 4 + 40
    assert len({(row.cause, row.recipient) for row in town.rows(Notification)}) == 44


def test_two_processes_at_once_make_each_notification_once(town: Town, tmp_path: Path) -> None:
    town.submit(*(f"张建{n}" for n in range(20)))
    script = (
        "import sys; from tests.notifiers.rounds import reader\nfrom notifiers.outbox import notify\nprint(notify(reader(sys.argv[1])))"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) for _ in range(2)]
    assert sum(int(reader.communicate(timeout=60)[0]) for reader in readers) == 44
    assert len({(row.cause, row.recipient) for row in town.rows(Notification)}) == len(town.rows(Notification)) == 44
