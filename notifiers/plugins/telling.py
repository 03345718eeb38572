"""What a channel of a house's own can say besides True and False: that the other side does not take a message, at all or just now."""

from contextvars import ContextVar

from notifiers.cleaning import quotable
from notifiers.outgoing import RefusedForGood, RefusedForNow

Said = RefusedForGood | RefusedForNow
_said: ContextVar[Said | None] = ContextVar("what_a_channel_said", default=None)


def refused(reason: str) -> bool:
    """Say that a message will never be taken (no such number), so that the next address is tried; give back what this gives."""
    _said.set(RefusedForGood(quotable(reason)))
    return False


def not_now(reason: str) -> bool:
    """Say that nothing of a message was taken yet, so that it is sent again later; give back what this gives."""
    _said.set(RefusedForNow(quotable(reason)))
    return False


def forget() -> None:
    """Forget what was said of the message before, in this thread."""
    _said.set(None)


def said() -> Said | None:
    """Give what was said since, None where nothing was."""
    return _said.get()
