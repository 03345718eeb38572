"""Due days that were certain and that an override has made rest days since: a typhoon, a late change of an arrangement.

They move to the next working day, never earlier, and are counted from themselves. Where that day is over too, nothing moves.
Only such days that an override takes away are looked for, so that a house without any pays nothing.
"""

from datetime import date

from config.calendar import DueDate
from states.counted import known
from states.records import table_of
from states.tables import StageClock, WorkItem
from states.work import Work


def overridden_stages(work: Work) -> list[tuple[StageClock, DueDate]]:
    """Give the running stages that are due on such a day, each with the next working day."""
    days = _days(work)
    clocks = work.records.where(StageClock, round=work.round.slug, concluded_at=None, provisional=False) if days else []
    return [(clock, known(work, clock)) for clock in clocks if clock.due_day in days]


def overridden_items(work: Work) -> list[tuple[WorkItem, DueDate]]:
    """Do the same for open work; the days that any is due on are asked for first, however much there is."""
    days = _days(work)
    if not days:
        return []
    column = table_of(WorkItem).c
    certain = (column.round == work.round.slug, column.status == "open", column.provisional.is_(False))
    found = [each.due_day for each in work.records.distinct(WorkItem, ("due_day",), *certain, column.due_day.in_(days))]
    wanted = {"round": work.round.slug, "status": "open", "provisional": False}
    items = work.records.where(WorkItem, due_day=found, **wanted) if found else []
    return [(item, known(work, item)) for item in items]


def _days(work: Work) -> list[date]:
    """Give the days taken away whose next working day is not over: a tick that comes late still sees those just gone."""
    calendar, today = work.calendar, work.today
    return [day for day in calendar.taken_away() if day >= today or calendar.shift(day, 0) >= today]
