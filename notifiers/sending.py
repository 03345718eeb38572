"""Messages leave, several at once; what was begun and what was not stays known whatever happens."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager

from notifiers.outgoing import Outcome, Outgoing, Unknown
from notifiers.routes import Sender

AT_ONCE = 10
"""Messages of one deliverer on their way at the same time: mail servers turn away clients with many more connections."""

BROKE_OFF = "发送途中程序出错，对方是否收到不明，请人工核实"


class Sending:
    """A batch on its way. ``outcomes`` holds, for each message, how far it got; None where no byte of it has left."""

    def __init__(self, sender: Sender, messages: Sequence[Outgoing]) -> None:
        self.outcomes: list[Outcome | None] = [None] * len(messages)
        self._sender = sender
        self._messages = messages
        self._stop = threading.Event()

    def run(self, pool: ThreadPoolExecutor | None) -> None:
        """Let everything leave through the pool; without one in order, in this thread.

        Whatever is raised stops those that have not begun, waits for those that have, and comes out of here.
        """
        indices = range(len(self._messages))
        if pool is None:
            for index in indices:
                self._one(index)
            return
        futures = [pool.submit(self._one, index) for index in indices]
        try:
            for future in futures:
                future.result()
        finally:
            self._stop.set()
            wait(futures)

    def _one(self, index: int) -> None:
        if self._stop.is_set():
            return
        # Stands where sending itself raises: nobody can say how far it got.
        self.outcomes[index] = Unknown(BROKE_OFF)
        self.outcomes[index] = self._sender.send(self._messages[index])


@contextmanager
def senders(at_once: int) -> Iterator[ThreadPoolExecutor | None]:
    """Give so many hands; None for one, which is the caller's own."""
    if at_once == 1:
        yield None
        return
    with ThreadPoolExecutor(at_once) as pool:
        yield pool
