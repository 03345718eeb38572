"""The deliverer comes back before its next regular run where something may leave earlier: a channel's rate, a rest, a retry."""

from datetime import UTC, datetime, timedelta
from math import ceil

from flows.prefect_api import ScheduledRun, schedule_run
from flows.run_names import run_name

DELIVER = "发送消息/deliver"
REGULAR = timedelta(minutes=9)
"""What may leave later than that is met by the regular run, every ten minutes."""

_STEP = 30


def wake_at(departure: datetime | None, now: datetime) -> datetime | None:
    """Give the instant of the next run, the whole half minute after ``departure`` and after ``now``; None where none is needed."""
    if departure is None or departure - now >= REGULAR:
        return None
    earliest = max(departure, now + timedelta(seconds=1)).timestamp()
    return datetime.fromtimestamp(ceil(earliest / _STEP) * _STEP, UTC)


async def come_back(departure: datetime | None, now: datetime, deployment: str = DELIVER) -> ScheduledRun | None:
    """Schedule the next run, once however many ask for the same instant."""
    at = wake_at(departure, now)
    if at is None:
        return None
    return await schedule_run(deployment, at, run_name("发送消息", at), idempotency_key=f"deliver-{at.isoformat()}")
