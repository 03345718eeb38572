"""Moving due times: of a work item with the steps of its ladder that were not sent, and of a stage."""

from datetime import date
from functools import cache, partial
from types import MappingProxyType

from config.calendar import DueDate, Hold
from config.vocabulary import NominationState, Stage, WorkKind, WorkStatus
from states.counted import columns, due_of
from states.ladders import next_step_at
from states.obligations import close_items, stage_clock, timed_steps
from states.planned import Planned
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
    at = next_step_at(timed, item.steps_done, work.now)
    recorder.update(WorkItem, item, next_step_at=at, due_version=version, **planned, **columns(work.calendar, due))
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
    recorder.update(StageClock, clock, **planned, **columns(work.calendar, due))


def held_for(work: Work, row: WorkItem | StageClock, held: date) -> tuple[Hold, ...]:
    """Give the hold of a row in a round that was held from that day until today; none within one day.

    What was opened in the hold waits from its opening. What was given the time of its stage keeps to it, whenever it was opened.
    """
    clock = stage_clock(work, Stage(row.stage))
    with_stage = clock is not None and due_of(clock).basis == due_of(row).basis
    since = held if with_stage else max(held, work.calendar.local(row.opened_at).date())
    return (Hold(since, work.today),) if since < work.today else ()
