"""Messages leave, several at once; what was begun and what was not stays known whatever happens."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ALL_COMPLETED, FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from notifiers.outgoing import Outcome, Outgoing, Unknown
from notifiers.routes import Sender

T = TypeVar("T")

AT_ONCE = 10
"""Messages of one deliverer on their way at the same time: mail servers turn away clients with many more connections."""

PATROL = 20.0
"""Seconds between two signs of life while messages are on their way."""

BROKE_OFF = "发送途中程序出错，对方是否收到不明，请人工核实"


class Sending:
    """A lot on its way. ``outcomes`` holds, for each message, how far it got; None where no byte of it has left."""

    def __init__(self, sender: Sender, messages: Sequence[Outgoing]) -> None:
        self.outcomes: list[Outcome | None] = [None] * len(messages)
        self._sender = sender
        self._messages = messages
        self._stop = threading.Event()
        self._futures: list[Future[None]] = []

    def start(self, pool: ThreadPoolExecutor | None, alive: Callable[[], None]) -> None:
        """Let everything leave through the pool; without one in order, in this thread, ``alive`` said before each."""
        for index in range(len(self._messages)):
            if pool is None:
                alive()
                self._one(index)
            else:
                self._futures.append(pool.submit(self._one, index))

    def wait(self, alive: Callable[[], None]) -> None:
        """Wait until everything has ended, ``alive`` said now and then; what sending raised comes out of here."""
        for future in self._watch(alive, FIRST_EXCEPTION):
            future.result()

    def stop(self) -> None:
        """Keep back what has not begun."""
        self._stop.set()

    def wind_up(self, alive: Callable[[], None]) -> None:
        """Wait until everything has ended, ``alive`` said now and then, whatever it raised."""
        self._watch(alive, ALL_COMPLETED)

    def _watch(self, alive: Callable[[], None], when: str) -> set[Future[None]]:
        while True:
            done, going = wait(self._futures, PATROL, when)
            if not going or (when == FIRST_EXCEPTION and any(future.exception() for future in done)):
                return done
            alive()

    def _one(self, index: int) -> None:
        if self._stop.is_set():
            return
        # Stands where sending itself raises: nobody can say how far it got.
        self.outcomes[index] = Unknown(BROKE_OFF)
        self.outcomes[index] = self._sender.send(self._messages[index])


@dataclass(frozen=True)
class Hands:
    """Who sends and who writes; None where the caller does it with its own."""

    senders: ThreadPoolExecutor | None = None
    writer: ThreadPoolExecutor | None = None

    def write(self, work: Callable[..., T], *given: Any) -> Callable[[], T]:
        """Begin some work, where there is a writer; what is given back waits for it."""
        return self.writer.submit(work, *given).result if self.writer else partial(work, *given)


@contextmanager
def hands(at_once: int) -> Iterator[Hands]:
    """Give so many hands that send and one that writes; for one at once, the caller's own."""
    if at_once == 1:
        yield Hands()
        return
    with ThreadPoolExecutor(at_once) as senders, ThreadPoolExecutor(1) as writer:
        yield Hands(senders, writer)
