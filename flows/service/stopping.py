"""Ctrl-C and its kin: asked once a service stops in order, asked again it hurries."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_delay, wait_fixed

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
POLL_SECONDS = 0.1


class StopAsked(Exception):
    """Somebody asked the service to stop while it was waiting for something."""


class StopSignals:
    """Remembers that SIGINT, SIGTERM or SIGHUP came. A handler sets a number and no lock, so it cannot deadlock."""

    def __init__(self) -> None:
        self._times = 0
        self._interrupts = False

    @property
    def asked(self) -> bool:
        """Somebody asked us to stop."""
        return self._times > 0

    @property
    def hurried(self) -> bool:
        """Somebody asked again while we were stopping."""
        return self._times > 1

    def ask(self) -> None:
        """Ask the service to stop, as a signal does."""
        self._times += 1

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Listen to the signals; main thread only."""
        before = {name: signal.signal(name, self._handle) for name in SIGNALS}
        try:
            yield
        finally:
            for name, handler in before.items():
                signal.signal(name, handler)

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """Inside, a signal raises ``StopAsked`` at once: for work that does not look at us by itself."""
        self._interrupts = True
        try:
            yield
        finally:
            self._interrupts = False

    def sleep(self, seconds: float) -> None:
        """Wait a moment. Raises ``StopAsked`` when the service was asked to stop."""
        if self.asked:
            raise StopAsked
        time.sleep(seconds)

    def wait_until(self, condition: Callable[[], bool], *, seconds: float) -> bool:
        """Poll a condition; False when ``seconds`` have passed without it. Raises ``StopAsked``."""
        return _poll(condition, seconds, self.sleep)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self.ask()
        if self._interrupts:
            raise StopAsked


def wait_patiently(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Poll a condition; False when ``seconds`` have passed without it."""
    return _poll(condition, seconds, time.sleep)


def _poll(condition: Callable[[], bool], seconds: float, sleep: Callable[[float], None]) -> bool:
    retrying = Retrying(
        stop=stop_after_delay(seconds),
        wait=wait_fixed(POLL_SECONDS),
        sleep=sleep,
        retry=retry_if_result(lambda met: not met),
        retry_error_callback=_not_met,
    )
    return bool(retrying(condition))


def _not_met(_state: RetryCallState) -> bool:
    return False
