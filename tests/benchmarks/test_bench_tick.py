# ruff: noqa: T201 - a benchmark prints what it measured
"""What a tick costs: idle over a million open work items, and with ten thousand due; time as ratios of one run, and memory.

Each measurement is made in a process of its own, over a house that the database has filled before.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from states.store import Store
from tests.benchmarks.crowds import DUE_AT, analyzed, crowded, uncertain
from tests.postgres import running_postgres
from tests.states.builders import Story
from tests.states.figures import BEIJING

FEW, MANY = 10_000, 1_000_000
DUE, SAMPLE = 10_000, 300
IDLE_TICKS = 30
DEAREST_IDLE, CHEAPEST_BULK, MOST_MEGABYTES = 1.5, 20, 300


class Measured(NamedTuple):
    """Seconds and steps fired of each single item and each tick; the process's peak in megabytes before the ticks and after."""

    singles: list[tuple[float, int]]
    ticks: list[tuple[float, int]]
    before: float
    after: float


def _measured(url: str, at: datetime, times: int, first: int = 1, last: int = 0) -> Measured:
    command = [sys.executable, "-m", "tests.benchmarks.one_tick", url, at.isoformat(), str(times), str(first), str(last)]
    return Measured(**json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


@pytest.fixture(params=["sqlite", "postgresql"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Two empty databases of one kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'few.db'}", f"sqlite:///{tmp_path / 'many.db'}"
        return
    with running_postgres() as server:
        for name in ("few", "many"):
            server.psql(f"CREATE DATABASE {name}")
        yield str(server.get_uri("few")), str(server.get_uri("many"))


def _fill(url: str, count: int, due: int = 0) -> None:
    store = Store(url)
    store.migrate()
    crowded(Story(store), count, due)
    store.dispose()


def _idle(urls: tuple[str, str], at: datetime) -> list[float]:
    """Give the seconds of an idle tick over few open items and over many."""
    idle = [min(seconds for seconds, _ in _measured(url, at, IDLE_TICKS).ticks) for url in urls]
    print(f"\n{urls[0].partition(':')[0]}: idle tick in ms: {idle[0] * 1000:.2f} over {FEW:,} open items, ", end="")
    print(f"{idle[1] * 1000:.2f} over {MANY:,}: × {idle[1] / idle[0]:.2f}")
    return idle


def test_tick_over_a_million_open_items(urls: tuple[str, str]) -> None:
    few, many = urls
    _fill(few, FEW)
    _fill(many, MANY, DUE + SAMPLE)
    earlier = DUE_AT - timedelta(hours=1)
    idle = _idle(urls, earlier)
    due = _measured(many, DUE_AT, 1, 1, SAMPLE)
    ((bulk, fired),) = due.ticks
    single = sum(seconds for seconds, _ in due.singles) / SAMPLE * fired
    print(f"{fired:,} due: {bulk:.2f} s in one tick; {single:.1f} s row by row (measured on {SAMPLE}, scaled): × {single / bulk:.1f}")
    print(f"memory of that process in MB: {due.before:.0f} before the tick, {due.after:.0f} at its greatest")
    assert sum(count for _, count in due.singles) == SAMPLE
    assert fired >= DUE
    assert idle[1] <= DEAREST_IDLE * idle[0]
    assert single >= CHEAPEST_BULK * bulk
    assert due.after < MOST_MEGABYTES


def test_idle_tick_over_a_million_open_items_of_a_year_that_nobody_has_announced(urls: tuple[str, str]) -> None:
    for url, count in zip(urls, (FEW, MANY), strict=True):
        store = Store(url)
        store.migrate()
        uncertain(Story(store), count)
        analyzed(store)
        store.dispose()
    idle = _idle(urls, datetime(2035, 6, 7, 9, tzinfo=BEIJING))
    assert idle[1] <= DEAREST_IDLE * idle[0]
