"""Working days by the official calendar with its make-up days (调休), windows of whole days, and quiet hours.

Days are counted in the programme's zone; every instant that comes out is aware and in UTC. Nothing here asks the
time, and the machine's own zone is never used.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from config.calendar_overrides import load_overrides
from config.official_calendar import FIRST_DAY, LAST_DAY, DayOutOfReach, must_be_in_reach, officially_worked
from config.statutory_holidays import is_statutory

__all__ = ["FIRST_DAY", "LAST_DAY", "DayOutOfReach", "DueDate", "Hold", "Window", "WorkCalendar", "load_overrides"]

HOUSE_ZONE = "Asia/Shanghai"
"""What belongs to no round is dated in this zone."""
_DAY = timedelta(days=1)
_NO_OVERRIDES: Mapping[date, bool] = MappingProxyType({})
_SATURDAY = 5


class Hold(NamedTuple):
    """Days in which a clock stood still: those after ``since`` up to and with ``until``, which is never before it."""

    since: date
    until: date


@dataclass(frozen=True)
class DueDate:
    """A day found by counting; provisional where a day on the way lies in a year that is not announced yet.

    ``start``, ``days`` and ``holds`` say how it was counted, so that it can be counted again: ``after(*basis)``. A day that
    was given rather than counted, or counted back, starts from itself.
    """

    day: date
    provisional: bool
    start: date = field(default=date.min, compare=False)
    days: int = field(default=0, compare=False)
    holds: tuple[Hold, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if self.start == date.min:
            object.__setattr__(self, "start", self.day)

    @property
    def basis(self) -> tuple[date, int, tuple[Hold, ...]]:
        """How it was counted."""
        return self.start, self.days, self.holds


@dataclass(frozen=True)
class Window:
    """Whole days from ``first_day`` to ``last_day``, both included; as instants half-open, ``[starts_at, ends_at)`` in UTC."""

    starts_at: datetime
    ends_at: datetime
    first_day: date
    last_day: date
    provisional: bool

    def holds(self, instant: datetime) -> bool:
        """Tell whether the aware instant lies inside the window."""
        return self.starts_at <= instant < self.ends_at


class WorkCalendar:
    """Counts working days in one zone.

    ``overrides`` go before the official calendar: day → worked or not (``load_overrides`` reads them from a file).
    Days that nobody has announced count as worked from Monday to Friday but for the holidays that the law fixes; make-up
    days are not known, and whatever was counted over such days is provisional.
    Raises ``ZoneInfoNotFoundError`` for an unknown zone, and every method ``DayOutOfReach`` for a day that is out of reach.
    """

    def __init__(self, zone: str = HOUSE_ZONE, overrides: Mapping[date, bool] = _NO_OVERRIDES) -> None:
        self.zone = ZoneInfo(zone)
        self._overrides = dict(overrides)

    def is_working_day(self, day: date) -> bool:
        """Tell whether the day is worked. Raises ``TypeError`` for an instant: which day that is depends on the zone."""
        worked = self._overrides.get(day)
        return _worked_without(day) if worked is None else worked

    def is_announced(self, day: date) -> bool:
        """Tell whether the day's arrangement is known: an override, or a year of the official calendar."""
        return self._announced_as(day) is not None

    def is_span_announced(self, start: date, end: date) -> bool:
        """Tell whether counting between two days, whichever comes first, meets announced days only; the first is not counted."""
        first, last = sorted((start, end))
        return all(self.is_announced(first + i * _DAY) for i in range(1, (last - first).days + 1))

    def taken_away(self) -> list[date]:
        """Give the days that overrides make rest days and that are worked without them, by the official calendar or by guess."""
        return sorted(day for day, worked in self._overrides.items() if not worked and _worked_without(day))

    def is_year_announced(self, year: int) -> bool:
        """Tell whether every day of the year is announced."""
        first = date(year, 1, 1)
        return all(self.is_announced(first + i * _DAY) for i in range((date(year, 12, 31) - first).days + 1))

    def years_unannounced(self, start: date, end: date) -> list[int]:
        """Give the years between two days, whichever comes first, in which any day is not announced."""
        first, last = sorted((start.year, end.year))
        return [year for year in range(first, last + 1) if not self.is_year_announced(year)]

    def after(self, start: date, days: int, holds: Iterable[Hold] = ()) -> DueDate:
        """Count ``days`` working days on from ``start``, which is not counted itself, and put the day off by each hold, as ``later`` does.

        With 0 it is ``start``, or the next working day when ``start`` is a rest day. Raises ``ValueError`` below 0.
        """
        due = self._count(start, days, _DAY)
        return self.later(DueDate(due.day, due.provisional, start, days), holds)

    def later(self, due: DueDate, holds: Iterable[Hold]) -> DueDate:
        """Put a day off by the working days of holds, one after the other.

        So what was left of it when a hold began is left when it ends: at least that day, or the next working day where it
        ends on a rest day. What was over by then is as long over.
        """
        for hold in holds:
            held = self.working_days_between(*hold)
            day = self.after(due.day, held).day if held else due.day
            if due.day >= hold.since:
                day = max(day, self.after(hold.until, 0).day)
            guessed = not self.is_span_announced(min(due.day, hold.since), max(day, hold.until))
            due = replace(due, day=day, provisional=due.provisional or guessed, holds=(*due.holds, hold))
        return due

    def before(self, day: date, days: int) -> DueDate:
        """Count ``days`` working days back from ``day``, which is not counted itself.

        With 0 it is ``day``, or the last working day before when ``day`` is a rest day. Raises ``ValueError`` below 0.
        """
        return self._count(day, days, -_DAY)

    def shift(self, day: date, days: int) -> date:
        """Move by a signed number of working days; from a rest day, 0 goes on to the next working day."""
        return self.moved(day, days).day

    def moved(self, day: date, days: int) -> DueDate:
        """Do what ``shift`` does, and tell whether a day on the way is not announced."""
        return self.after(day, days) if days >= 0 else self.before(day, -days)

    def working_days_between(self, start: date, end: date) -> int:
        """Count the working days after ``start`` up to and with ``end`` (还有 3 个工作日); negative once ``end`` lies behind."""
        must_be_in_reach(start, end)
        if end < start:
            return -self.working_days_between(end, start)
        return sum(self.is_working_day(start + i * _DAY) for i in range(1, (end - start).days + 1))

    def notice_window(self, start: date, days: int) -> Window:
        """Give the window of a public notice of ``days`` working days, the first one counted.

        A notice that would start on a rest day begins on the next working day. Raises ``ValueError`` below 1 day.
        """
        if days < 1:
            raise ValueError(f"公示至少1个工作日，不能是{days}个")
        first = self.after(start, 0)
        last = self.after(first.day, days - 1)
        provisional = first.provisional or last.provisional
        return Window(self.at_hour(first.day, time()), self.due_at(last.day), first.day, last.day, provisional)

    def due_at(self, day: date) -> datetime:
        """Give the end of the day as the first instant that is too late: 00:00 of the next day in the zone, in UTC."""
        must_be_in_reach(day)
        return self._instant(day + _DAY, time())

    def at_hour(self, day: date, hour: time) -> datetime:
        """Give the instant in UTC of a wall-clock time on that day in the zone."""
        must_be_in_reach(day)
        return self._instant(day, hour)

    def _instant(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, self.zone).astimezone(UTC)

    def local(self, instant: datetime) -> datetime:
        """Give the instant on the zone's clock. Raises ``ValueError`` for a naive one."""
        if instant.tzinfo is None:
            raise ValueError("an instant must be aware")
        return instant.astimezone(self.zone)

    def quiet(self, instant: datetime, quiet_from: time, quiet_to: time) -> bool:
        """Tell whether the instant lies in the quiet hours ``[quiet_from, quiet_to)``, which may run over midnight.

        Two equal times mean that there are no quiet hours. Raises ``ValueError`` for a naive instant.
        """
        return _in_hours(self.local(instant).time(), quiet_from, quiet_to)

    def next_allowed(self, instant: datetime, hour: time, quiet_from: time, quiet_to: time) -> datetime:
        """Give the instant itself, or the next ``hour`` after it when it lies in the quiet hours; in UTC.

        Rest days are not avoided. Raises ``ValueError`` for a naive instant, or when ``hour`` itself is quiet.
        """
        if _in_hours(hour, quiet_from, quiet_to):
            raise ValueError(f"发送时间{hour:%H:%M}在免打扰时段{quiet_from:%H:%M}至{quiet_to:%H:%M}之内，请调整其中之一")
        local = self.local(instant)
        if not _in_hours(local.time(), quiet_from, quiet_to):
            return instant.astimezone(UTC)
        return self.at_hour(local.date() if local.time() < hour else local.date() + _DAY, hour)

    def _announced_as(self, day: date) -> bool | None:
        worked = self._overrides.get(day)
        return officially_worked(day) if worked is None else worked

    def _count(self, day: date, days: int, step: timedelta) -> DueDate:
        if days < 0:
            raise ValueError(f"工作日天数不能是负数：{days}")
        must_be_in_reach(day)
        provisional = days == 0 and not self.is_announced(day)
        left = days or int(not self.is_working_day(day))
        while left:
            day += step
            provisional = provisional or not self.is_announced(day)
            left -= self.is_working_day(day)
        return DueDate(day, provisional)


def _worked_without(day: date) -> bool:
    official = officially_worked(day)
    return day.weekday() < _SATURDAY and not is_statutory(day) if official is None else official


def _in_hours(hour: time, start: time, end: time) -> bool:
    if start <= end:
        return start <= hour < end
    return hour >= start or hour < end
