"""Steps of ladders whose day was a guess, while the due day of their work item stands.

The due day may be certain, and a step of it fall into the next year, which nobody had announced when it was planned; or
two days off and worked may leave the due day where it is, and not what comes before it. Level-triggered, as all planning
anew: it is looked whether each such work item waits for an instant that its ladder still has.
"""

from collections.abc import Iterator
from datetime import date, time, timedelta
from functools import cache, partial
from typing import Any

from config.vocabulary import WorkKind, WorkStatus
from states.ladders import TimedStep, next_step_at
from states.obligations import timed_steps
from states.records import table_of
from states.tables import WorkItem
from states.tables.rounds import STEP_BASIS, UNSURE_STEP
from states.work import Work

_REACH = timedelta(days=90)
"""No ladder reaches farther beyond its due day. It bounds what is looked at in a year's first weeks."""


def replan_steps(work: Work) -> None:
    """Let every work item whose next step's day has turned out to be another one wait for that day; one entry for all."""
    ladder = cache(partial(timed_steps, work))  # laid out once for all items of one kind and due day
    moved = []
    for item in _suspects(work, ladder):
        at = _next(work, item, ladder(WorkKind(item.kind), item.due_day))
        if at != item.next_step_at:
            moved.append((item, at))
    if moved:
        recorder = work.record("dates_replanned", work.round.slug, payload={"steps": [item.id for item, _ in moved]})
        for item, at in moved:
            recorder.update(WorkItem, item, next_step_at=at)


def _next(work: Work, item: WorkItem, timed: list[TimedStep]) -> Any:
    """Tell when an item next has something to record; steps that its opening spoke for wait for the others, as then."""
    waiting = [step for step in timed if step.at > item.opened_at]
    return next_step_at(waiting, item.steps_done, work.now) or item.next_step_at


def _suspects(work: Work, ladder: Any) -> Iterator[WorkItem]:
    """Find open items whose next step is to come and none of their ladder's instants, or comes after another that is to come."""
    for alike in (each for each in _alike(work) if each.next_step_at is not None and each.next_step_at > work.now):
        coming = [step.at for step in ladder(WorkKind(alike.kind), alike.due_day) if step.at > work.now]
        if alike.next_step_at != min(coming, default=None):
            yield from work.records.where(WorkItem, round=work.round.slug, status=WorkStatus.OPEN.value, **vars(alike))


def _alike(work: Work) -> Iterator[WorkItem]:
    """Give, once each, what waits for a step: provisional work, and work due in one year whose step is early in the following.

    Each has one index that holds little else, and no second bound by which SQLite would walk through all open work instead.
    """
    column = table_of(WorkItem).c
    here = column.round == work.round.slug
    yield from work.records.stepped(WorkItem, STEP_BASIS, here, UNSURE_STEP)
    for year in (work.today.year, work.today.year + 1):
        first = date(year, 1, 1)
        begins, ends = (work.calendar.at_hour(day, time()) for day in (first, first + _REACH))
        if work.now < ends:
            early = (column.next_step_at >= max(begins, work.now), column.next_step_at < ends, column.due_day < first)
            yield from work.records.distinct(WorkItem, STEP_BASIS, here, column.status == WorkStatus.OPEN.value, *early)
