# ruff: noqa: T201 - a benchmark prints what it measured
"""What the board costs over very many open work items, against laying out each of them by itself; a ratio of one run."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from pydantic import SecretStr

from config.calendar import WorkCalendar
from config.settings import Settings
from flows.bootstrap import App, build
from flows.calendar_runs import wanted_runs
from flows.reading import find_round, foresee_round, round_board, round_plan
from flows.reading.board import stage_lines
from flows.reading.naming import Names
from flows.reading.open_work import open_work
from flows.rehearsal import ticking
from states.clock import VirtualClock
from states.frozen import frozen_programme
from tests.benchmarks.crowds import DUE_AT, crowded
from tests.benchmarks.test_bench_tick import urls  # noqa: F401 - a fixture
from tests.states.builders import Story
from tests.states.figures import SLUG

OPEN, CHEAPER = 20_000, 10
REHEARSED = ticking._MOST


def crowded_app(url: str, folder: Path, count: int) -> App:
    """A house with one round of so many open items, an hour before the first reminder."""
    app = build(Settings(home=folder / "home", database_url=SecretStr(url)), VirtualClock(DUE_AT - timedelta(hours=1)))
    crowded(Story(app.house.store), count)
    return app


def test_board_over_twenty_thousand_open_items(urls: tuple[str, str], tmp_path: Path) -> None:  # noqa: F811 - the fixture
    app = crowded_app(urls[0], tmp_path, OPEN)
    started = perf_counter()
    board, runs = round_board(app, SLUG), wanted_runs(app, SLUG)
    grouped = perf_counter() - started
    with app.house.store.read() as connection:
        row, names, now = find_round(connection, SLUG), Names(connection), app.house.clock.now()
        programme = frozen_programme(row.rules)
        stages = stage_lines(connection, row, programme, WorkCalendar(), now)
        single = [replace(each, count=1) for each in open_work(connection, SLUG) for _ in range(each.count)]
    started = perf_counter()
    lines = foresee_round(programme, WorkCalendar(), stages, work=single, names=names, now=now)
    one_by_one = perf_counter() - started
    app.house.store.dispose()
    print(f"\nboard and calendar over {board.open_work:,} open items: {grouped:.2f} s; each laid out by itself {one_by_one:.2f} s", end="")
    print(f": × {one_by_one / grouped:.1f}")
    assert board.open_work >= OPEN
    assert [line.count for line in board.coming] == [line.count for line in lines[: len(board.coming)]]
    assert runs
    assert one_by_one >= CHEAPER * grouped


def test_calendar_rehearsed_over_the_most_open_items(urls: tuple[str, str], tmp_path: Path) -> None:  # noqa: F811 - the fixture
    app = crowded_app(urls[0], tmp_path, REHEARSED - 10)
    started = perf_counter()
    rehearsed = wanted_runs(app, SLUG)
    seconds = perf_counter() - started
    started = perf_counter()
    round_plan(app, SLUG)
    reckoned = perf_counter() - started
    app.house.store.dispose()
    print(f"\ncalendar of {REHEARSED:,} open items: rehearsed {seconds:.2f} s; reckoned from the open work {reckoned:.2f} s", end="")
    print(f": × {seconds / reckoned:.0f}")
    assert any("进入“专家评审”阶段" in run.name for run in rehearsed)
