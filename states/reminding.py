"""Reminding and escalating: the steps of open work that are due by now are recorded, and whom they are for is told."""

from collections.abc import Iterable
from functools import cache, partial

from config.vocabulary import WorkKind
from states.ladders import Due, due_steps, next_step_at
from states.obligations import timed_steps
from states.replanning import move_steps
from states.tables import WorkItem
from states.work import Work


def remind(work: Work, items: Iterable[WorkItem]) -> int:
    """Fire the steps that are due of open work items, the newest for each audience; gives how many fired."""
    fired = 0
    ladder = cache(partial(timed_steps, work))  # laid out once for all items of one kind and due day
    for item in items:
        timed = ladder(WorkKind(item.kind), item.due_day)
        due = due_steps(timed, item.steps_done, work.now, item.opened_at)
        if not due.keys:
            move_steps(work, item, timed)
            continue
        recorder = work.record("work_item_reminded", item.subject, payload=_steps(item, due))
        done = sorted({*item.steps_done, *due.keys})
        recorder.update(WorkItem, item, steps_done=done, next_step_at=next_step_at(timed, done, work.now))
        fired += len(due.fire)
    return fired


def _steps(item: WorkItem, due: Due) -> dict[str, object]:
    fired = [{"key": each.step.key, "offset": each.step.offset, "audience": each.step.audience.value} for each in due.fire]
    covered = [{"key": each.timed.step.key, "by": each.by.step.key if each.by else ""} for each in due.covered]
    about = {"item": item.id, "kind": item.kind, "owner": item.owner, "due_version": item.due_version}
    return {**about, "fired": fired, "covered": covered}
