"""A batch of messages leaves, several at once; what was begun and what was not stays known whatever happens."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from notifiers.outgoing import Outcome, Outgoing, Unknown
from notifiers.routes import Sender

AT_ONCE = 10
"""Messages of one deliverer on their way at the same time: mail servers turn away clients with many more connections."""

BROKE_OFF = "发送途中程序出错，对方是否收到不明，请人工核实"


class Sending:
    """``outcomes`` holds, for each message, how far it got; None where no byte of it has left."""

    def __init__(self, sender: Sender, messages: Sequence[Outgoing]) -> None:
        self.outcomes: list[Outcome | None] = [None] * len(messages)
        self._sender = sender
        self._messages = messages
        self._stop = threading.Event()

    def run(self, at_once: int) -> None:
        """Send everything, ``at_once`` together; with 1 in order and in this thread.

        Whatever is raised stops those that have not begun, waits for those that have, and comes out of here.
        """
        if at_once == 1:
            for index in range(len(self._messages)):
                self._one(index)
            return
        with ThreadPoolExecutor(at_once) as pool:
            try:
                for future in [pool.submit(self._one, index) for index in range(len(self._messages))]:
                    future.result()
            finally:
                self._stop.set()

    def _one(self, index: int) -> None:
        if self._stop.is_set():
            return
        # Stands where sending itself raises: nobody can say how far it got.
        self.outcomes[index] = Unknown(BROKE_OFF)
        self.outcomes[index] = self._sender.send(self._messages[index])
