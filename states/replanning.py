"""Dates that were provisional, counted again once the year's arrangement or an override is there.

Level-triggered: whatever is still provisional is counted again at every tick, and only what comes out differently is
written. So is the opening of a planned round that a hold over such days has moved. A due day never moves to before today:
whoever owes keeps at least this day. A published notice stands as
published, unless its days no longer hold the working days that it promised: then it ends later, never earlier; so does one
that was certain. Other certain due days move where an override has made them rest days.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from config.calendar import DueDate
from config.vocabulary import RoundState, WorkKind, WorkStatus
from states.counted import again, opening, opening_columns
from states.due_times import move_item, move_stage
from states.ladders import TimedStep, next_step_at
from states.overridden import overridden_items, overridden_stages
from states.records import Light, table_of
from states.tables import NoticeBatch, Round, StageClock, WorkItem
from states.tables.rounds import DAY_BASIS, UNSURE
from states.unsent import Unsent
from states.unsure_steps import replan_steps
from states.work import Recorder, Work


@dataclass
class _Replan:
    """What one tick finds: rows that move and rows that have become certain where they are."""

    items: list[tuple[WorkItem, DueDate]] = field(default_factory=list)
    stages: list[tuple[StageClock, DueDate]] = field(default_factory=list)
    batches: list[tuple[NoticeBatch, DueDate]] = field(default_factory=list)
    openings: list[tuple[Round, DueDate]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.items or self.stages or self.batches or self.openings)


def replan(work: Work) -> None:
    """Count every provisional date of the round again.

    One entry holds what moved in the round as a whole and what became certain; each work item that moves has its own.
    Steps that move while their due day stands are in an entry of their own, which bothers nobody.
    """
    found = _Replan()
    _find_opening(work, found)
    _find_batches(work, found)
    _find_stages(work, found)
    _find_items(work, found)
    found.stages += overridden_stages(work)
    found.items += [(item, due) for item, due in overridden_items(work) if item.id not in {each.id for each, _ in found.items}]
    if found:
        _record(work, found)
    replan_steps(work)


def days_moved(work: Work) -> int:
    """Count the dates of the round that a unit of work has counted again and that came out on another day."""
    found = [entry.payload for entry in work.entries if entry.event == "dates_replanned"]
    return sum(int(each.get("moved", 0)) + sum(len(each.get(name, ())) for name in ("stages", "batches", "opening")) for each in found)


def move_steps(work: Work, item: WorkItem, timed: list[TimedStep]) -> None:
    """Move the steps of an item whose due day stands: the day on which its next one was planned has become a rest day."""
    recorder = work.record("dates_replanned", item.subject, payload={"item": item.id})
    recorder.update(WorkItem, item, next_step_at=next_step_at(timed, item.steps_done, work.now))


def _find_opening(work: Work, found: _Replan) -> None:
    row = work.round
    if row.state == RoundState.PLANNED and row.planned_on is not None:
        due = opening(work)
        found.openings = [(row, due)] if (due.day, due.provisional) != (row.opens_on, True) else []


def _find_stages(work: Work, found: _Replan) -> None:
    clocks = work.records.where(StageClock, round=work.round.slug, concluded_at=None, provisional=True)
    found.stages = [(clock, due) for clock in clocks if _differs(clock, due := again(work, clock))]


def _find_items(work: Work, found: _Replan) -> None:
    """Look at each way of counting once, however many work items were counted so; a notice's completion follows its batch."""
    column = table_of(WorkItem).c
    open_ones = (column.round == work.round.slug, UNSURE, column.kind != WorkKind.NOTICE_COMPLETION.value)
    for alike in work.records.stepped(WorkItem, DAY_BASIS, *open_ones):
        basis = {**vars(alike), "provisional": True}
        if _differs(counted := cast("WorkItem", Light(**basis)), due := again(work, counted)):
            items = work.records.where(WorkItem, round=work.round.slug, status="open", **basis)
            found.items += [(item, due) for item in items if item.kind != WorkKind.NOTICE_COMPLETION]


def _find_batches(work: Work, found: _Replan) -> None:
    for batch in work.records.where(NoticeBatch, round=work.round.slug, completed_at=None):
        window = work.calendar.notice_window(batch.first_day, batch.working_days)
        due = DueDate(max(window.last_day, batch.last_day), window.provisional)
        if not _moves(work, batch, due):
            continue
        found.batches.append((batch, due))
        completions = [item for item in work.open_items(batch.id) if item.kind == WorkKind.NOTICE_COMPLETION]
        found.items += [(item, due) for item in completions if batch.provisional or item.due_day < due.day]


def _moves(work: Work, batch: NoticeBatch, due: DueDate) -> bool:
    """Tell whether a notice ends on another day, or becomes certain. One that was certain has run its days where these are over."""
    if batch.provisional:
        return (due.day, due.provisional) != (batch.last_day, True)
    return due.day > batch.last_day and work.calendar.due_at(due.day) > work.now


def _differs(row: WorkItem | StageClock, due: DueDate) -> bool:
    return (row.due_day, row.provisional) != (due.day, due.provisional)


def _record(work: Work, found: _Replan) -> None:
    moved = [(item, due) for item, due in found.items if item.due_day != due.day]
    certain = [(item, due) for item, due in found.items if item.due_day == due.day]
    stages = _moved((clock.stage, clock.due_day, due.day) for clock, due in found.stages)
    batches = _moved((batch.id, batch.last_day, due.day) for batch, due in found.batches)
    opens = _moved((each.slug, each.opens_on, due.day) for each, due in found.openings)
    payload = {
        "stages": stages,
        "batches": batches,
        "moved": len(moved),
        "certain": [item.id for item, _ in certain],
    }
    recorder = work.record("dates_replanned", work.round.slug, payload=payload | ({"opening": opens} if opens else {}))
    for each, due in found.openings:
        recorder.update(Round, each, **opening_columns(due))
    for clock, due in found.stages:
        move_stage(work, recorder, clock, due)
    for batch, due in found.batches:
        ends_at = work.calendar.due_at(due.day)
        recorder.update(NoticeBatch, batch, last_day=due.day, ends_at=ends_at, provisional=due.provisional)
    unsent = Unsent(work)
    for item, due in certain:
        move_item(work, recorder, item, due, unsent)
    for item, due in ((item, due) for item, due in moved if item.status == WorkStatus.OPEN):
        move_item(work, _replanned(work, item, due), item, due, unsent)


def _replanned(work: Work, item: WorkItem, due: DueDate) -> Recorder:
    about = {"item": item.id, "kind": item.kind, "owner": item.owner, "due_version": item.due_version + 1}
    return work.record("work_item_replanned", item.subject, payload={**about, "from": item.due_day, "to": due.day})


def _moved(rows: Iterable[tuple[str, date, date]]) -> list[dict[str, object]]:
    return [{"id": key, "from": old, "to": new} for key, old, new in rows if old != new]
