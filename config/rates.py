"""How fast a channel may be used: so many messages in any second, minute or hour."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

_ONE = re.compile(r"\s*([1-9][0-9]{0,3})\s*/\s*(second|minute|hour)\s*")
_PERIODS = {"second": timedelta(seconds=1), "minute": timedelta(minutes=1), "hour": timedelta(hours=1)}


@dataclass(frozen=True)
class Limit:
    """At most ``count`` messages in any stretch of time as long as ``period``."""

    count: int
    period: timedelta


@dataclass(frozen=True)
class Rate:
    """One or more limits, all of which hold."""

    limits: tuple[Limit, ...]

    @property
    def fewest(self) -> int:
        """How many messages may leave at one instant."""
        return min(limit.count for limit in self.limits)

    @property
    def longest(self) -> timedelta:
        """How long a message that has left must be remembered."""
        return max(limit.period for limit in self.limits)

    def with_slack(self, slack: timedelta) -> "Rate":
        """Give a rate at which this one holds also where messages arrive, each up to ``slack`` later than it was counted here."""
        return Rate(tuple(Limit(limit.count, limit.period + slack) for limit in self.limits))

    def ready_at(self, taken: Sequence[datetime], now: datetime, messages: int = 1) -> datetime:
        """Give the first instant, not before ``now``, at which so many more messages may leave; ``taken`` is in order."""
        return max(_free_at(limit, taken, now, messages) for limit in self.limits)


def parse_rate(text: str) -> Rate:
    """Read ``20/minute``, or several such limits with commas between. Raises ``ValueError``."""
    found = [_ONE.fullmatch(part) for part in text.split(",")]
    if not all(found):
        raise ValueError("not a rate")
    return Rate(tuple(Limit(int(each[1]), _PERIODS[each[2]]) for each in found if each))


def _free_at(limit: Limit, taken: Sequence[datetime], now: datetime, messages: int) -> datetime:
    in_the_way = [instant for instant in taken if instant > now - limit.period]
    surplus = len(in_the_way) + min(messages, limit.count) - limit.count
    return now if surplus <= 0 else in_the_way[surplus - 1] + limit.period
