"""Moving due times: of a work item with the steps of its ladder that were not sent, and of a stage."""

from dataclasses import replace
from datetime import date
from functools import cache, partial
from types import MappingProxyType

from config.calendar import DueDate
from config.vocabulary import NominationState, Stage, WorkKind, WorkStatus
from states.ladders import next_step_at
from states.obligations import close_items, stage_clock, timed_steps
from states.planned import Planned, planned_after_hold
from states.tables import Nomination, StageClock, WorkItem
from states.unsent import Unsent
from states.work import Recorder, Work

_STANDS: Planned = MappingProxyType({})


def move_item(work: Work, recorder: Recorder, item: WorkItem, due: DueDate, unsent: Unsent, planned: Planned = _STANDS) -> None:
    """Move one open work item and the steps of its ladder that were not sent; a correction's lapse moves with it.

    ``planned`` says what was planned before an extension, where that changes.

    One that was closed on the way, since another's move made it pointless, stays as it is.
    """
    if item.status != WorkStatus.OPEN:
        return
    if due.day != item.due_day:
        unsent.take_back(recorder, item, in_time=due.day >= work.today)
    timed = timed_steps(work, WorkKind(item.kind), due.day)
    version = item.due_version + (due.day != item.due_day)
    recorder.update(
        WorkItem, item, next_step_at=next_step_at(timed, item.steps_done, work.now), due_version=version, **_columns(work, due, planned)
    )
    nomination = work.nomination(item.subject)
    if item.kind == WorkKind.CORRECTION and nomination is not None and nomination.state == NominationState.RETURNED:
        recorder.update(Nomination, nomination, correction_due_at=item.due_at, version=nomination.version + 1)
        in_vain = [each for each in work.open_items(nomination.number) if each.kind == WorkKind.OVERDUE_CORRECTION]
        close_items(work, in_vain if work.now < item.due_at else [], WorkStatus.DROPPED)


def reckon_steps(work: Work, recorder: Recorder) -> None:
    """Reckon anew when each open work item next has something to record: the ladders may be other ones now."""
    ladder = cache(partial(timed_steps, work))  # laid out once for all items of one kind and due day
    for item in work.open_items():
        at = next_step_at(ladder(WorkKind(item.kind), item.due_day), item.steps_done, work.now)
        if at != item.next_step_at:
            recorder.update(WorkItem, item, next_step_at=at)


def move_stage(work: Work, recorder: Recorder, clock: StageClock, due: DueDate, planned: Planned = _STANDS) -> None:
    """Move the due time of a stage that is not concluded; ``planned`` as for a work item."""
    recorder.update(StageClock, clock, **_columns(work, due, planned))


def planned_later(work: Work, row: WorkItem | StageClock, held: date) -> Planned:
    """Give what was planned for a row that is extended later by a hold, as its due date is."""
    return planned_after_hold(work, row, _held_since(work, row, held))


def later(work: Work, row: WorkItem | StageClock, held: date) -> DueDate:
    """Give a row's due date later by the working days of a hold from that day to today.

    What was opened in the hold waits from its opening. One that was provisional is counted anew by what is known now, and
    one that a hold over days not announced yet has moved is provisional.
    """
    calendar, since = work.calendar, _held_since(work, row, held)
    if not calendar.is_span_announced(since, work.today):
        return _resumed(work, row, since)
    days = calendar.working_days_between(since, work.today)
    counted = calendar.after(row.counted_from, row.working_days + days)
    if row.provisional:
        return counted
    return DueDate(calendar.shift(_worked(work, row, since), days), counted.provisional, counted.start, counted.days)


def _resumed(work: Work, row: WorkItem | StageClock, since: date) -> DueDate:
    """Give a due date after a hold whose own working days are a guess: what was left when it began is left today.

    So the guess is out of it, and counting again comes out right. Where even that was counted over days not announced, the
    days of the hold are added as they are guessed. What was overdue keeps its distance and is not counted again.
    """
    calendar = work.calendar
    due = calendar.after(row.counted_from, row.working_days).day if row.provisional else _worked(work, row, since)
    days = calendar.working_days_between(since, work.today)
    if due < since:
        return DueDate(calendar.shift(due, days), provisional=False)
    if calendar.is_span_announced(row.counted_from if row.provisional else due, since):
        return calendar.after(work.today, calendar.working_days_between(since, due))
    return replace(calendar.after(row.counted_from, row.working_days + days), provisional=True)


def _worked(work: Work, row: WorkItem | StageClock, since: date) -> date:
    """Give the due day, or the next working day where an override took it away in the hold: no tick has moved it in there."""
    return work.calendar.shift(row.due_day, 0) if row.due_day >= since else row.due_day


def _held_since(work: Work, row: WorkItem | StageClock, held: date) -> date:
    """Tell from which day on a row was held. What was given the time of its stage keeps to it, whenever it was opened."""
    clock = stage_clock(work, Stage(row.stage))
    if clock is not None and (clock.counted_from, clock.working_days) == (row.counted_from, row.working_days):
        return held
    return min(max(held, work.calendar.local(row.opened_at).date()), work.today)


def _columns(work: Work, due: DueDate, planned: Planned) -> dict[str, object]:
    return {
        **planned,
        "due_day": due.day,
        "due_at": work.calendar.due_at(due.day),
        "counted_from": due.start,
        "working_days": due.days,
        "provisional": due.provisional,
    }
