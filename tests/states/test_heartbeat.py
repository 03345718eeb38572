"""The clock's own trace: one row a round, newest wins, and since when a round waits without one."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from states.heartbeat import beat, last_beat, waited_since
from states.records import table_of
from states.store import Store
from states.tables import CommandRow

NOON = datetime(2023, 6, 19, 4, 0, tzinfo=UTC)


def test_the_newest_beat_of_each_round_stands(store: Store) -> None:
    for slug, hours in (("a", 0), ("b", 1), ("a", 2)):
        beat(store, slug, NOON + timedelta(hours=hours))
    with store.read() as connection:
        assert (last_beat(connection, "a"), last_beat(connection, "b")) == (NOON + timedelta(hours=2), NOON + timedelta(hours=1))
        assert last_beat(connection, "c") is None


def test_a_round_waits_since_its_first_command_until_the_clock_comes_by(store: Store) -> None:
    rows = [
        {"id": f"run-{hour}", "name": "X", "round": "a", "digest": "", "operator": "", "at": NOON + timedelta(hours=hour), "result": ""}
        for hour in (0, 5)
    ]
    with store.write() as connection:
        connection.execute(insert(table_of(CommandRow)), rows)
    with store.read() as connection:
        assert (waited_since(connection, "a"), waited_since(connection, "b")) == (NOON, None)
    beat(store, "a", NOON + timedelta(hours=1))
    with store.read() as connection:
        assert waited_since(connection, "a") == NOON + timedelta(hours=1)
