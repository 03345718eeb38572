"""Any schedule of ticks comes to the same end: missed for days, doubled, with the clock set back, from two processes at once."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from states.store import Store
from tests.states.conftest import Postgres
from tests.states.history import EARLIEST, FIRST, GAPS, HISTORY, gap_ends, prepared
from tests.states.schedules import Schedule, Telling, never_late, tell_history
from tests.states.tickers import at_random, tick_at_once, tickers

EXAMPLES = {"sqlite": 15, "postgresql": 6}
AT_ONCE = 2
"""Schedules that two processes carry out at once, on each database; other ones at each run."""


def _instants(gap: int) -> st.SearchStrategy[datetime]:
    """Mostly of the gap itself, else of any time before; often at the hours at which something falls due, or a second off."""
    begins = HISTORY[gap - 1].at if gap else FIRST

    def between(first: datetime) -> st.SearchStrategy[datetime]:
        days = st.integers(0, (gap_ends(gap) - first).days).map(lambda day: first.replace(hour=1, minute=0) + timedelta(days=day))
        edges = st.tuples(days, st.sampled_from([timedelta(seconds=each) for each in (-1, 0, 1)])).map(sum_of)
        minutes = st.integers(0, int((gap_ends(gap) - first).total_seconds()) // 60).map(lambda minute: first + timedelta(minutes=minute))
        return st.one_of(edges, minutes).filter(lambda at: at <= gap_ends(gap))

    return st.one_of(between(begins), between(begins), between(EARLIEST))


def sum_of(pair: tuple[datetime, timedelta]) -> datetime:
    return pair[0] + pair[1]


schedules = st.tuples(*(st.lists(st.tuples(_instants(gap), st.booleans()), max_size=3) for gap in range(GAPS))).map(list)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return never_late(f"sqlite:///{tmp_path_factory.mktemp('steadily') / 'house.db'}")


@pytest.fixture
def telling_anew(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Telling]:
    """Makes houses in which the history has begun, each a copy of the first."""
    if database == "sqlite":
        first = tmp_path / "first.db"
        store = Store(f"sqlite:///{first}")
        store.migrate()
        prepared(store)
        store.dispose()
        return lambda: _copied(first)
    server: Postgres = request.getfixturevalue("postgres")
    name = server.fresh()
    store = Store(server.url(name))
    prepared(store)
    store.dispose()
    return lambda: Telling(server.url(server.fresh(name)))


def _copied(first: Path) -> Telling:
    path = first.with_name("copy.db")
    for old in first.parent.glob("copy.db*"):
        old.unlink()
    path.write_bytes(first.read_bytes())
    return Telling(f"sqlite:///{path}")


def test_any_schedule_of_ticks_ends_alike(telling_anew: Callable[[], Telling], database: str, expected: dict[str, Any]) -> None:
    # A schedule that fails is told as it was found: making it smaller takes minutes.
    @settings(max_examples=EXAMPLES[database], phases=[Phase.reuse, Phase.generate], suppress_health_check=list(HealthCheck))
    @given(schedules)
    def ends_alike(schedule: Schedule) -> None:
        telling = telling_anew()
        try:
            tell_history(telling, schedule)
            telling.check()
            assert telling.outcome() == expected
        finally:
            telling.story.store.dispose()

    ends_alike()


def test_two_processes_that_tick_at_once_end_alike(telling_anew: Callable[[], Telling], expected: dict[str, Any]) -> None:
    """Each ticks and makes messages at instants of its own, out of order, while the other does the same."""

    @settings(max_examples=AT_ONCE, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 10_000))
    def ends_alike(seed: int) -> None:
        telling, instants = telling_anew(), random.Random(seed)
        with tickers(telling.url, 2) as pair:
            tick_at_once(pair, telling, [[at_random(instants, gap, 5) for _ in pair] for gap in range(GAPS)])
        telling.check()
        assert telling.outcome() == expected
        telling.story.store.dispose()

    ends_alike()
