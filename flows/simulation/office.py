"""What the office does on the next working day where the programme does not leave it to the clock."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from config.vocabulary import WorkKind
from states.commands.expiry import CompleteNotices, LapseCorrections
from states.commands.rounds import ConcludeStage
from states.errors import CommandRefused

if TYPE_CHECKING:
    from flows.simulation.world import World
    from states.tables import WorkItem


def plan_lapses(world: "World", items: Sequence["WorkItem"]) -> None:
    """Let overdue corrections lapse."""
    for item in items:
        world.agenda.plan(world.hours.later(1), partial(_lapse, world, item))


def _lapse(world: "World", item: "WorkItem") -> None:
    if world.still_open([item]):
        world.do(LapseCorrections, nominations=(item.subject,))


def plan_completion(world: "World", items: Sequence["WorkItem"]) -> None:
    """Complete a notice on the first working day after its last."""
    if world.programme.by_clock(WorkKind.NOTICE_COMPLETION):
        return
    for item in items:
        world.agenda.plan(world.hours.on(world.calendar.after(item.due_day, 1).day), partial(_complete, world, item))


def _complete(world: "World", item: "WorkItem") -> None:
    """Complete a notice as far as it can be; while an objection is open, look again every working day."""
    if not world.still_open([item]):
        return
    with suppress(CommandRefused):  # every nominee who is left has an objection open
        world.do(CompleteNotices, batches=(item.subject,))
    if world.still_open([item]):
        world.agenda.plan(world.hours.later(1), partial(_complete, world, item))


def plan_conclusion(world: "World", items: Sequence["WorkItem"]) -> None:
    """Conclude a stage in which nothing is left."""
    for item in items:
        world.agenda.plan(world.hours.later(1), partial(_conclude, world, item))


def _conclude(world: "World", item: "WorkItem") -> None:
    if world.still_open([item]):
        world.do(ConcludeStage)
