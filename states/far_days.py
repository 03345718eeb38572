"""Days so far away that they must be slips: refused where somebody enters one, before anything is counted from it."""

from collections.abc import Iterator
from datetime import date

from config.calendar import FIRST_DAY, LAST_DAY
from states.errors import Refusal

_MOST_AHEAD = 20
"""Years. No round is planned that far ahead."""


def too_far(what: str, day: date, today: date) -> Iterator[Refusal]:
    """Refuse a day that working days would be counted from, before the calendar begins or years ahead."""
    if day < FIRST_DAY:
        yield Refusal("too-early", f"{what} {day} 早于 {FIRST_DAY}，那时的工作日无从推算，请核对年份")
    if day.year > min(today.year + _MOST_AHEAD, LAST_DAY.year - 1):
        yield Refusal("too-far", f"{what} {day} 在 {_MOST_AHEAD} 年以后，请核对年份")
