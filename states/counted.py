"""How due days were counted, as rows keep it, and counting one again.

A row keeps the day from which its due day was counted, the working days, and the holds that have put it off since. Nothing of
it is a number of days that somebody guessed: while a due day is provisional, it is counted again by the calendar as it is known.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from config.calendar import DueDate, Hold, WorkCalendar
from states.tables import StageClock, WorkItem
from states.work import Work

Timed = WorkItem | StageClock


def written(holds: Iterable[Hold]) -> str:
    """Write holds for a column: their days in the programme's zone, ``2026-12-30/2027-01-06``, in order."""
    return " ".join(f"{hold.since}/{hold.until}" for hold in holds)


def read(column: str) -> tuple[Hold, ...]:
    """Read what ``written`` wrote."""
    return tuple(Hold(*map(date.fromisoformat, each.split("/"))) for each in column.split())


def due_of(row: Timed) -> DueDate:
    """Give a row's due date as it stands, with how it was counted."""
    return DueDate(row.due_day, row.provisional, row.counted_from, row.working_days, read(row.holds))


def columns(calendar: WorkCalendar, due: DueDate) -> dict[str, object]:
    """Give the columns of a row that is due then."""
    return {
        "due_day": due.day,
        "due_at": calendar.due_at(due.day),
        "counted_from": due.start,
        "working_days": due.days,
        "holds": written(due.holds),
        "provisional": due.provisional,
    }


def known(work: Work, row: Timed, holds: Iterable[Hold] = ()) -> DueDate:
    """Count a row's due date by the calendar as it is known, and past further holds; one that is certain stands as the day that it is."""
    start, days, before = due_of(row).basis if row.provisional else (row.due_day, 0, ())
    return work.calendar.after(start, days, (*before, *holds))


def again(work: Work, row: Timed, holds: Iterable[Hold] = ()) -> DueDate:
    """Do what ``known`` does, but never to before today, where it was not due before: whoever owes keeps at least this day."""
    due, stands = known(work, row, holds), work.calendar.after(row.due_day, 0, holds)
    first = work.calendar.after(min(stands.day, work.today), 0)
    guessed = due.provisional or (first.day > due.day and first.provisional)
    return replace(due, day=max(due.day, first.day), provisional=guessed)


def opening(work: Work, holds: Iterable[Hold] = ()) -> DueDate:
    """Give the day on which a planned round opens, counted again and past further holds as a due day is; it may be a rest day."""
    row, calendar = work.round, work.calendar
    due = calendar.later(DueDate(row.planned_on or row.opens_on, provisional=False), (*read(row.holds), *holds))
    stands = calendar.later(DueDate(row.opens_on, provisional=False), holds)
    return replace(due, day=max(due.day, min(stands.day, work.today)))


def opening_columns(due: DueDate) -> dict[str, object]:
    """Give the columns of a round that opens then; how it was counted is kept while that is a guess."""
    kept = (due.start, written(due.holds)) if due.provisional else (None, "")
    return {"opens_on": due.day, "planned_on": kept[0], "holds": kept[1]}
