"""What the official calendar of make-up days (调休) says of a day, and which days are reckoned with at all."""

from datetime import date, datetime
from functools import cache

from chinese_calendar import is_workday  # type: ignore[import-untyped]  # the package ships no types

from config.errors import ConfigError

FIRST_DAY = date(2004, 1, 1)
"""The first day that the official calendar knows."""
LAST_DAY = date(2199, 12, 31)
"""The last day that is reckoned with; what lies beyond it is a slip, or stands for no end."""


class DayOutOfReach(ConfigError):
    """A day before ``FIRST_DAY`` or after ``LAST_DAY``, given or come to by counting."""

    def __init__(self) -> None:
        super().__init__(f"只能推算 {FIRST_DAY} 至 {LAST_DAY} 之间的工作日，这里超出了，请核对日期和天数")


@cache
def officially_worked(day: date) -> bool | None:
    """Ask the official calendar: worked or not, or ``None`` for a year that it does not know."""
    if isinstance(day, datetime):
        raise TypeError("a day is wanted, not an instant: take local(instant).date()")
    must_be_in_reach(day)
    try:
        return bool(is_workday(day))
    except NotImplementedError:
        return None


def must_be_in_reach(*days: date) -> None:
    """Raise ``DayOutOfReach`` for a day that is not reckoned with."""
    if not all(FIRST_DAY <= day <= LAST_DAY for day in days):
        raise DayOutOfReach
