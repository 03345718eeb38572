"""When people of a simulation are at work: working days of the official calendar, after the messages of the morning."""

from datetime import date, datetime, time, timedelta
from random import Random

from config.calendar import WorkCalendar
from states.clock import Clock

_FIRST_HOUR, _LAST_HOUR = 10, 16
_MINUTES = tuple(range(5, 60, 5))


class Hours:
    """Draws instants in office hours of the calendar's zone, always later than now; ``random`` gives hour and minute."""

    def __init__(self, calendar: WorkCalendar, clock: Clock, random: Random) -> None:
        self.calendar = calendar
        self._clock = clock
        self._random = random

    @property
    def today(self) -> date:
        """The present day in the zone."""
        return self.calendar.local(self._clock.now()).date()

    def later(self, days: int) -> datetime:
        """Give an instant so many working days from today; with 0 still today, where office hours are left."""
        return self.on(self.calendar.after(self.today, days).day)

    def on(self, day: date) -> datetime:
        """Give an instant on that day, or on the next working day for one that is past or no working day."""
        day = self.calendar.after(max(day, self.today), 0).day
        at = self._draw(day)
        return at if at > self._clock.now() else self._draw(self.calendar.after(day, 1).day)

    def next_full_hour(self) -> datetime:
        """Give the next full hour, when the hourly tick runs; in UTC."""
        return self._clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)

    def _draw(self, day: date) -> datetime:
        hour = time(self._random.randint(_FIRST_HOUR, _LAST_HOUR), self._random.choice(_MINUTES))
        return self.calendar.at_hour(day, hour)
