"""What was planned before a deadline was extended: as far as that, and no farther than today, an extension may be taken back.

A due day that was extended keeps how the one before it was counted, ``planned_from``, ``planned_days`` and ``planned_holds``.
Which day that is follows from the calendar as it is known, so that a planned day which was provisional needs no planning anew.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from config.calendar import DueDate, Hold
from states.counted import Timed, due_of, known, read, written
from states.errors import Refusal
from states.tables import StageClock
from states.work import Work

Planned = Mapping[str, object]
"""The columns that say what was planned."""

_AS_PLANNED: Planned = {"planned_from": None, "planned_days": 0, "planned_holds": ""}


def planned(work: Work, row: Timed) -> DueDate | None:
    """Give the due date before the extension that stands, later by holds as the due day is, but for what was over by then; None where none stands."""
    if row.planned_from is None:
        return None
    due = work.calendar.after(row.planned_from, row.planned_days)
    for hold in read(row.planned_holds):
        due = work.calendar.later(due, [hold]) if due.day >= hold.since else due
    return due


def earliest(work: Work, row: Timed) -> date | None:
    """Give the first day to which an extension may be taken back; None where nothing of it can be."""
    before = planned(work, row)
    if before is None:
        return None
    first = work.calendar.shift(max(before.day, work.today), 0)
    return first if first < row.due_day else None


def moved_by_hand(work: Work, row: Timed, day: date) -> tuple[DueDate, Planned]:
    """Give a row's due date on the day that an operator gives, and what was planned; on the planned day all is as before."""
    before = planned(work, row) or known(work, row)
    return (before, _AS_PLANNED) if before.day == day else (work.calendar.after(day, 0), _as(before))


def planned_as(row: Timed) -> Planned:
    """Say what was planned for work that takes over the time of other work."""
    return {"planned_from": row.planned_from, "planned_days": row.planned_days, "planned_holds": row.planned_holds}


def planned_with(work: Work, clock: StageClock | None, due: DueDate) -> Planned:
    """Say what work opened today was planned for, where it is given the time of a stage that is extended."""
    if clock is None or due.basis != due_of(clock).basis:
        return _AS_PLANNED
    before = planned(work, clock)
    if before is not None and before.day <= work.today:
        before = work.calendar.after(work.today, 1)
    return _AS_PLANNED if before is None or before.day >= due.day else _as(before)


def planned_past(row: Timed, holds: Iterable[Hold]) -> Planned:
    """Give what was planned for a row that is put off by holds."""
    return {} if row.planned_from is None else {"planned_holds": written((*read(row.planned_holds), *holds))}


def not_to_be_moved(work: Work, row: Timed, what: str, day: date) -> Refusal | None:
    """Refuse the present due day, and an earlier one that was never the plan; the sentence names the first that would do, and why.

    Where the present due day is over, any day that is not is later.
    """
    if day > row.due_day or row.due_day < work.today:
        return None
    first = earliest(work, row)
    if first is None:
        return Refusal("not-later", f"{what} {row.due_day:%Y-%m-%d}，新期限须晚于这一天{_why_not(row)}")
    if first <= day < row.due_day:
        return None
    return Refusal("not-later" if day == row.due_day else "before-planned", f"{what} {row.due_day:%Y-%m-%d}，{_mend(work, row, first)}")


def stays(work: Work, row: Timed) -> str:
    """Say why work does not go back with its stage."""
    first = earliest(work, row)
    why = f"最早可以改为 {first:%Y-%m-%d}" if first is not None else "没有可以收回的延长"
    return f"的期限 {row.due_day:%Y-%m-%d} 不变：{why}"


def _as(before: DueDate) -> Planned:
    return {"planned_from": before.start, "planned_days": before.days, "planned_holds": written(before.holds)}


def _why_not(row: Timed) -> str:
    return "；没有延长过的，不能提前" if row.planned_from is None else "；延长的部分已经不能收回"


def _mend(work: Work, row: Timed, first: date) -> str:
    return f"新期限须晚于这一天；要收回延长的，最早改为 {first:%Y-%m-%d}（{_why(work, row, first)}）"


def _why(work: Work, row: Timed, first: date) -> str:
    """Say why an extension may be taken back no farther than to a day."""
    before = planned(work, row)
    if before is None or before.day == first:
        return "原定的期限"
    over = f"原定的 {before.day:%Y-%m-%d} 已过"
    return f"{over}，最早为今天" if first == work.today else f"{over}，今天是休息日，其后的第一个工作日"
