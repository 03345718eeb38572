"""Many processes tick one round at once, and one of them is killed again and again: the round ends as if none had been late."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from states.store import Store
from tests.postgres import running_postgres
from tests.states.history import GAPS, prepared
from tests.states.schedules import Telling, never_late
from tests.states.tickers import Ticker, at_random, tickers

pytestmark = pytest.mark.drill
SEEDS = range(2)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'house.db'}"
        return
    with running_postgres() as server:
        yield str(server.get_uri())


@pytest.mark.parametrize("seed", SEEDS)
def test_ticker_killed_in_its_work_leaves_nothing_half_done(url: str, seed: int, tmp_path: Path) -> None:
    store = Store(url)
    store.migrate()
    prepared(store)
    store.dispose()
    telling, source = Telling(url), random.Random(seed)
    with tickers(url, 2) as steady:
        for gap in range(GAPS):
            victim = Ticker(url, 1_000 + gap)
            assert victim.done() == ""
            victim.start(at_random(source, gap, 60))
            for ticker in steady:
                ticker.start(at_random(source, gap, 5))
            assert [ticker.done() for ticker in steady] == ["", ""]
            victim.stop()
            telling.act(gap)
    telling.end()
    telling.check()
    assert telling.outcome() == never_late(f"sqlite:///{tmp_path / 'never-late.db'}")
    telling.story.store.dispose()
