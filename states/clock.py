"""The only place that reads the time and the machine's randomness; everything else is handed a clock and a chance."""

import random
import secrets
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Gives the present instant, aware, in UTC."""

    def now(self) -> datetime:
        """Give the present instant, aware, in UTC."""
        ...


class Chance(Protocol):
    """Gives random bytes: salts, nonces, keys."""

    def token(self, size: int) -> bytes:
        """Give ``size`` random bytes."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Give the present instant, aware, in UTC."""
        return datetime.now(UTC)


class SystemChance:
    """The operating system's randomness, fit for secrets."""

    def token(self, size: int) -> bytes:
        """Give ``size`` random bytes."""
        return secrets.token_bytes(size)


class VirtualClock:
    """A clock that stands still until it is moved; for simulations and tests."""

    def __init__(self, start: datetime) -> None:
        self._now = _aware(start)

    def now(self) -> datetime:
        """Give the virtual instant, aware, in UTC."""
        return self._now

    def move_to(self, instant: datetime) -> None:
        """Set the clock; it never goes back. Raises ``ValueError`` for a naive or earlier instant."""
        if _aware(instant) < self._now:
            raise ValueError("a virtual clock never goes back")
        self._now = _aware(instant)


class SeededChance:
    """Reproducible randomness for simulations and tests; never for a real house."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def token(self, size: int) -> bytes:
        """Give ``size`` bytes that depend on the seed and the calls before."""
        return self.random.randbytes(size)


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant must be aware")
    return instant.astimezone(UTC)
