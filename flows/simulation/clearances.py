"""The departments: each answers for all nominations together, in time or late, and may veto one (联审，一票否决)."""

from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from flows.simulation.paces import answers_at
from states.commands.clearances import ClearanceRow, RecordClearances

if TYPE_CHECKING:
    from flows.simulation.world import World
    from states.tables import WorkItem

_VETO = "经核查，用人单位有未整改完毕的事项，不同意。"


def plan_clearances(world: "World", items: Sequence["WorkItem"]) -> None:
    """Let each department answer what it was asked at once, in time or late by its pace."""
    for owner, owned in groupby(sorted(items, key=lambda item: (item.owner, item.id)), key=lambda item: item.owner):
        asked = list(owned)
        at = answers_at(world, asked[0], world.unit_pace(owner), 2, 5)
        world.agenda.plan(at, partial(_answer, world, asked))


def _answer(world: "World", items: Sequence["WorkItem"]) -> None:
    document = world.document("联审函")
    rows = [_row(world, item, document) for item in world.still_open(items)]
    if rows:
        world.do(RecordClearances, rows=tuple(rows))


def _row(world: "World", item: "WorkItem", document: str) -> ClearanceRow:
    """Veto the one that was drawn for it, by the first rule only: one no is enough."""
    veto = item.subject == world.incidents.vetoed and item.detail == world.programme.clearances[0].id
    return ClearanceRow(nomination=item.subject, clearance=item.detail, clear=not veto, text=_VETO if veto else "", document=document)
