"""Who answers in time and who must be reminded: paces dealt out like cards, so that every round has some of each."""

from collections.abc import Iterator, Sequence
from enum import Enum
from random import Random
from typing import TYPE_CHECKING

from config.vocabulary import WorkKind

if TYPE_CHECKING:
    from datetime import datetime

    from flows.simulation.world import World
    from states.tables import WorkItem


class Pace(Enum):
    """In time, only after the first escalation, or only after the last one."""

    PROMPT = "prompt"
    LATE = "late"
    VERY_LATE = "very_late"


UNITS = (Pace.VERY_LATE, Pace.LATE, Pace.PROMPT, Pace.PROMPT, Pace.PROMPT, Pace.PROMPT)
EXPERTS = (Pace.LATE, Pace.PROMPT, Pace.PROMPT, Pace.PROMPT)


def dealt(random: Random, deck: Sequence[Pace]) -> Iterator[Pace]:
    """Deal the cards of a deck, shuffled anew each time it is used up."""
    while True:
        yield from random.sample(deck, len(deck))


def answers_at(world: "World", item: "WorkItem", pace: Pace, first: int, last: int) -> "datetime":
    """Draw when a work item's owner does it: ``first`` to ``last`` working days from today, or late by the pace."""
    if pace is Pace.PROMPT:
        return world.hours.later(world.random.randint(first, max(first, last)))
    escalations = world.programme.work[WorkKind(item.kind)].ladder.escalations
    missed = sorted(step.after for step in escalations) or [1]
    after = missed[0] if pace is Pace.LATE else missed[-1]
    return world.hours.on(world.calendar.shift(item.due_day, after + 1))
