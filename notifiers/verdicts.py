"""What an outcome makes of a delivery: pure, so that every case is on one screen."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from config.vocabulary import DeliveryStatus as Status
from notifiers.outgoing import ChannelRefused, NoChannel, NotYet, Outcome, RefusedForGood, RefusedForNow, Sent, Unknown

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=6)
MENDING = timedelta(minutes=30)
"""What a channel refused for its own sake waits so long, and then goes behind what else waits for the channel."""

MENDED_SOONEST = timedelta(minutes=24)
"""What a channel refused for its own sake is not asked again by that channel before, whatever else becomes of it in between."""

MOST_ATTEMPTS = 20
"""Even with the shortest waits the last attempt comes after more than two days: a server that is dead for two loses nothing."""

_SHORTENED = 0.2

POINTLESS = "事项已办结，或收件人已不在任，不再发送"
TRIED_LONG_ENOUGH = "多次未送达，不再尝试"


def wait_before(attempt: int, lot: float = 0.0) -> timedelta:
    """Give the wait after so many attempts: 5, 10, 20 … minutes, then always six hours.

    ``lot``, from 0 to 1, shortens it by up to a fifth, so that what failed together does not come again together.
    """
    return min(FIRST_WAIT * int(2 ** (attempt - 1)), LONGEST_WAIT) * (1 - _SHORTENED * lot)


def verdict(
    outcome: Outcome,
    attempts: int,
    tried: tuple[str, ...],
    now: datetime,
    *,
    route: str,
    more: bool,
    allowed: Callable[[datetime], datetime],
    lot: float = 0.0,
) -> dict[str, Any]:
    """Give the columns of a delivery after one sending; ``attempts`` counts those on this channel, the last included.

    Only a definite refusal lets another way (``more``) be tried. One of the channel itself uses up no way and no attempt: the
    message leaves by another channel meanwhile, or waits until that is mended, however long. ``allowed`` moves an instant out of the quiet hours;
    ``lot``, from 0 to 1, is drawn for the wait.
    """
    if isinstance(outcome, Sent):
        return _settled(Status.SENT, outcome.answer, now)
    if isinstance(outcome, Unknown):
        return _settled(Status.UNKNOWN, outcome.reason, now)
    if isinstance(outcome, NotYet | ChannelRefused):
        return {**_put_off(outcome, now, allowed, lot, more=more), "attempts": attempts - 1}
    if isinstance(outcome, RefusedForNow) and attempts < MOST_ATTEMPTS:
        later = allowed(now + wait_before(attempts, lot))
        return {"status": Status.REFUSED_FOR_NOW.value, "answer": outcome.reason, "due_at": later}
    reason = _for_good(outcome)
    if more:
        again = {"status": Status.QUEUED.value, "attempts": 0, "due_at": now}
        return {**again, "tried": [*tried, route], "answer": reason}
    return {**_settled(Status.REFUSED_FOR_GOOD, reason, now), "tried": [*tried, route]}


def _put_off(
    outcome: NotYet | ChannelRefused, now: datetime, allowed: Callable[[datetime], datetime], lot: float, *, more: bool
) -> dict[str, Any]:
    if isinstance(outcome, NotYet):
        return {"status": Status.QUEUED.value, "due_at": allowed(max(outcome.until, now))}
    if more:
        return {"status": Status.QUEUED.value, "due_at": now, "answer": outcome.reason}
    later = allowed(now + MENDING * (1 - _SHORTENED * lot))
    return {"status": Status.REFUSED_FOR_NOW.value, "answer": outcome.reason, "due_at": later}


def _for_good(outcome: RefusedForGood | RefusedForNow | NoChannel) -> str:
    return f"{TRIED_LONG_ENOUGH}：{outcome.reason}" if isinstance(outcome, RefusedForNow) else outcome.reason


def _settled(status: Status, answer: str, now: datetime) -> dict[str, Any]:
    return {"status": status.value, "answer": answer, "settled_at": now}
