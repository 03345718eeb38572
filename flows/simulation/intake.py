"""The units: they send in candidates, and endorse them in time or late (notice, N17-N18)."""

from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from config.vocabulary import Stage
from flows.simulation.paces import answers_at
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.intake import CloseIntake, SubmitNominations, SubmittedRow

if TYPE_CHECKING:
    from flows.simulation.world import World
    from states.tables import WorkItem

_OPINION = "经本单位集体研究，情况属实，同意推荐。"
_SENT_IN = 0.6
"""The part of the intake in which the units send in their candidates."""


def plan_submissions(world: "World", submissions: Sequence[SubmittedRow]) -> None:
    """Let each unit send in its candidates together, on a day of its own."""
    days = int(world.programme.stages[Stage.INTAKE].working_days * _SENT_IN)
    by_unit = sorted(submissions, key=lambda row: row.candidate.unit)
    for _, rows in groupby(by_unit, key=lambda row: row.candidate.unit):
        world.agenda.plan(world.hours.later(world.random.randint(0, days)), partial(_submit, world, tuple(rows)))


def _submit(world: "World", rows: tuple[SubmittedRow, ...]) -> None:
    outcome = world.do(SubmitNominations, rows=rows).outcome
    for refused in outcome.data["refused"]:
        world.returned[refused["subject"]] = refused["reason"]
        world.tell(f"{refused['subject']}：{refused['reason']}")


def plan_endorsements(world: "World", items: Sequence["WorkItem"]) -> None:
    """Let each unit endorse what it was asked for at once, in time or late by its pace."""
    for owner, owned in groupby(sorted(items, key=lambda item: (item.owner, item.id)), key=lambda item: item.owner):
        asked = list(owned)
        at = answers_at(world, asked[0], world.unit_pace(owner), 1, 4)
        world.agenda.plan(at, partial(_endorse, world, asked))


def _endorse(world: "World", items: Sequence["WorkItem"]) -> None:
    document = world.document("推荐函")
    rows = [
        EndorsementRow(nomination=item.subject, unit=item.owner, agrees=True, text=_OPINION, document=document)
        for item in world.still_open(items)
    ]
    if rows:
        world.do(RecordEndorsements, rows=tuple(rows))


def plan_closing(world: "World", items: Sequence["WorkItem"]) -> None:
    """Let the office close intake on the first working day on which it may, where the clock does not."""
    if world.programme.stages[Stage.INTAKE].conclude == "automatic":
        return
    for item in items:
        world.agenda.plan(world.hours.on(world.calendar.after(item.due_day, 1).day), partial(world.do, CloseIntake))
