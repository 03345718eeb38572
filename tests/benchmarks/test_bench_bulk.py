# ruff: noqa: T201 - a benchmark prints what it measured
"""What a change of state costs: one bulk command against the raw floor and against a command a nomination, in one run.

Ratios are printed and nothing is asserted about time: these machines are noisy.
"""

import hashlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from states.commands.aftermath import ReasonRow, Withdraw
from states.store import Store
from tests.states.builders import Story
from tests.states.figures import candidate, number

BULK, SINGLE = 2_000, 40
MICRO = 1_000_000


def _timed(do: Callable[[], object], count: int) -> float:
    """Give microseconds an item."""
    started = perf_counter()
    do()
    return (perf_counter() - started) * MICRO / count


def _story(folder: Path, count: int) -> Story:
    store = Store(f"sqlite:///{folder / 'bench.db'}")
    store.migrate()
    story = Story(store)
    story.open()
    story.submit(*(candidate(ordinal) for ordinal in range(1, count + 1)))
    return story


def _withdrawal(story: Story, first: int, last: int) -> Withdraw:
    rows = tuple(ReasonRow(nomination=number(ordinal), reason="本人申请撤回。") for ordinal in range(first, last + 1))
    return Withdraw(**story.who, rows=rows)


def _floor(folder: Path, count: int) -> None:
    """Update a row, add a chained ledger row and an outbox row for each, in one transaction: the least that can be done."""
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE n (id TEXT PRIMARY KEY, state TEXT)")
    connection.execute("CREATE TABLE l (seq INTEGER PRIMARY KEY, body TEXT, hash TEXT)")
    connection.execute("CREATE TABLE o (seq INTEGER PRIMARY KEY, body TEXT)")
    connection.executemany("INSERT INTO n VALUES (?, 'submitted')", [(str(each),) for each in range(count)])
    connection.execute("BEGIN IMMEDIATE")
    head, rows = "", []
    for each in range(count):
        head = hashlib.sha256(f"{head}{each}".encode()).hexdigest()
        rows.append((each, str(each), head))
    connection.executemany("UPDATE n SET state = 'withdrawn' WHERE id = ?", [(str(each),) for each in range(count)])
    connection.executemany("INSERT INTO l VALUES (?, ?, ?)", rows)
    connection.executemany("INSERT INTO o VALUES (?, ?)", [row[:2] for row in rows])
    connection.execute("COMMIT")
    connection.close()


def test_bulk_withdrawal_against_single_ones_and_the_floor(tmp_path: Path) -> None:
    story = _story(tmp_path, BULK + SINGLE)
    floor = _timed(lambda: _floor(tmp_path, BULK), BULK)
    single = _timed(lambda: [story.do(_withdrawal(story, each, each)) for each in range(BULK + 1, BULK + SINGLE + 1)], SINGLE)
    bulk = _timed(lambda: story.do(_withdrawal(story, 1, BULK)), BULK)
    print(f"\na withdrawal, preview included, in µs: floor {floor:.0f}, bulk {bulk:.0f}, one command each {single:.0f}")
    print(f"bulk = {bulk / floor:.1f} × floor; one command each = {single / bulk:.1f} × bulk")
    assert story.states().count("withdrawn") == BULK + SINGLE


def test_idle_tick_over_many_open_items_against_few(tmp_path: Path) -> None:
    costs = {}
    for count in (100, BULK):
        folder = tmp_path / str(count)
        folder.mkdir()
        story = _story(folder, count)
        costs[count] = min(_timed(story.tick, 1) for _ in range(5))
    assert costs.keys() == {100, BULK}
    print(f"\nidle tick in µs: {costs[100]:.0f} over 100 nominations, {costs[BULK]:.0f} over {BULK}: × {costs[BULK] / costs[100]:.2f}")
