"""Entries of the file of working days that are most likely slips: far ahead, or changing nothing.

None is refused, since a house may know better: an arrangement may list the weekend in a long holiday, too.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import count, takewhile
from pathlib import Path

from config.calendar import WorkCalendar
from config.calendar_overrides import read_entries
from config.days import with_weekday
from config.errors import Problem
from config.statutory_holidays import is_statutory

_DAY = timedelta(days=1)
_AHEAD = 2 * timedelta(days=366)
"""Arrangements are announced for the year that follows, at the end of the one before."""
_SATURDAY = 5


def doubtful_overrides(path: Path, today: date) -> list[Problem]:
    """Give a warning with line and mend for each entry that is most likely a slip. Raises ``OverridesInvalid`` as the loader does."""
    entries = read_entries(path)
    return [
        Problem(path.name, entries.lines[day], "date", reason, mend, warning=True)
        for day, worked in entries.days.items()
        for reason, mend in _doubts(day, worked, entries.days, today)
    ]


def _doubts(day: date, worked: bool, days: Mapping[date, bool], today: date) -> Iterator[tuple[str, str]]:
    if day > today + _AHEAD:
        yield f"{with_weekday(day)}在两年多以后", "请核对年份"
    elif worked == WorkCalendar().is_working_day(day) and (day.weekday() < _SATURDAY) == worked and not _of_a_holiday(day, days):
        yield f"{with_weekday(day)}本来就{'上班' if worked else '休息'}，这一条不起作用", "请核对日期和 kind，不需要的删去"


def _of_a_holiday(day: date, days: Mapping[date, bool]) -> bool:
    """Tell whether the day is a holiday by law, or in a row of days off with one from Monday to Friday: it is listed with it."""
    row = (each for step in (_DAY, -_DAY) for each in takewhile(lambda one: days.get(one) is False, (day + i * step for i in count(1))))
    return is_statutory(day) or (days[day] is False and any(each.weekday() < _SATURDAY for each in row))
