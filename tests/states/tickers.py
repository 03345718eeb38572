"""Processes that tick one house at the same time, each with a clock of its own."""

import multiprocessing as mp
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from multiprocessing.connection import Connection

from tests.states.history import FIRST, HISTORY, gap_ends
from tests.states.schedules import Telling

_PATIENCE = 60
"""Seconds after which a ticker that does not answer is taken for stuck."""


class Ticker:
    """One further process over a house; it ticks at the instants it is given, makes the messages, and then says what went wrong.

    It sends none of them: whose lease has run out is a question to one clock, and each of these has its own.
    """

    def __init__(self, url: str, seed: int) -> None:
        context = mp.get_context("spawn")
        self._mine, theirs = context.Pipe()
        self.process = context.Process(target=_ticking, args=(theirs, url, seed), daemon=True)
        self.process.start()
        theirs.close()

    def start(self, instants: list[datetime]) -> None:
        self._mine.send(instants)

    def done(self) -> str:
        """Wait for the end of what was started; gives the error that ended it, or nothing."""
        assert self._mine.poll(_PATIENCE), "a ticker is stuck"
        return str(self._mine.recv())

    def stop(self) -> None:
        self.process.kill()
        self.process.join()
        self._mine.close()


def _ticking(orders: Connection, url: str, seed: int) -> None:
    telling = Telling(url, seed)
    orders.send("")
    while True:
        try:
            for at in orders.recv():
                telling.tick(at)
                telling.gather()
            orders.send("")
        except EOFError:
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must show it
            orders.send(f"{type(error).__name__}: {error}")


@contextmanager
def tickers(url: str, count: int) -> Iterator[list[Ticker]]:
    """Start so many processes over one house, ready to tick, and end them."""
    started = [Ticker(url, seed) for seed in range(20, 20 + count)]
    try:
        assert [each.done() for each in started] == [""] * count
        yield started
    finally:
        for each in started:
            each.stop()


def tick_at_once(pair: list[Ticker], telling: Telling, gaps: list[list[list[datetime]]]) -> None:
    """Tell the history with all processes ticking in every gap; ``gaps`` has each process's instants."""
    for gap, instants in enumerate(gaps):
        for ticker, mine in zip(pair, instants, strict=True):
            ticker.start(mine)
        assert [ticker.done() for ticker in pair] == [""] * len(pair)
        telling.act(gap)
    telling.end()


def at_random(source: random.Random, gap: int, count: int) -> list[datetime]:
    """Draw instants of a gap: most of them just when something falls due, so that processes meet over it; in any order."""
    first = HISTORY[gap - 1].at if gap else FIRST
    minutes = int((gap_ends(gap) - first).total_seconds()) // 60
    drawn = [first + timedelta(minutes=source.randint(0, minutes)) for _ in range(count)]
    edges = [at.replace(hour=1, minute=0) if source.random() < 0.7 else at for at in drawn]
    return [at for at in edges if at <= gap_ends(gap)]
