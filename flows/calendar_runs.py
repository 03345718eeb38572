"""The dashboard's scheduled runs are the round's calendar: one run of the tick for each instant at which something is due.

Reconciled, not only added: a run too many is deleted, one too few is made, whatever an operator did by hand. Nothing
beyond the horizon is scheduled; the horizon moves with every tick.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from config.calendar import WorkCalendar
from config.vocabulary import RoundState
from flows.bootstrap import App
from flows.prefect_api import ROUND_TAG, ScheduledRun, delete_run, list_scheduled, schedule_run
from flows.reading import Foreseen, find_round
from flows.reading.board import open_items, stage_clocks
from flows.reading.foresight import foresee_round
from flows.reading.naming import Names
from states.frozen import frozen_programme
from states.ledger import digest

TICK = "到期处理/tick"
CALENDAR = "日历"
HORIZON = 30
"""How many instants ahead stand in the calendar."""
_LONGEST_NAME = 90


@dataclass(frozen=True)
class Wanted:
    """One run that should stand in the calendar. ``at`` is aware, in UTC."""

    at: datetime
    name: str
    key: str


async def reconcile(app: App, slug: str) -> tuple[int, int]:
    """Bring a round's scheduled runs into line with what is due; gives how many were made and how many deleted."""
    wanted = wanted_runs(app, slug)
    tags = [CALENDAR, ROUND_TAG.format(slug)]
    standing = await list_scheduled(TICK, tags)
    stale = stale_runs(standing, wanted)
    for run in stale:
        await delete_run(run.id)
    there = {(run.at, run.name) for run in standing} - {(run.at, run.name) for run in stale}
    missing = [each for each in wanted if (each.at, each.name) not in there]
    for each in missing:
        await schedule_run(TICK, each.at, each.name, tags, {"slug": slug}, each.key)
    return len(missing), len(stale)


def wanted_runs(app: App, slug: str) -> list[Wanted]:
    """Give the runs that should stand: one an instant, named for what it will do, the nearest first."""
    calendar, coming = to_come(app, slug)
    runs = []
    for at, meeting in groupby(coming, key=lambda each: each.at):
        name = f"{calendar.local(at):%m-%d %H:%M} {_what(list(meeting))}"[:_LONGEST_NAME]
        runs.append(Wanted(at, name, digest(slug, at.isoformat(), name)[:32]))
    return runs[:HORIZON]


def to_come(app: App, slug: str) -> tuple[WorkCalendar, list[Foreseen]]:
    """Give everything that is still to come in a round, and the calendar of its days; nothing once it has ended."""
    house = app.house
    with house.store.read() as connection:
        row = find_round(connection, slug)
        programme = frozen_programme(row.rules)
        calendar = house.calendar(programme.zone)
        if row.held or row.state in (RoundState.CLOSED, RoundState.CANCELLED):
            return calendar, []
        clocks, items, names = stage_clocks(connection, slug), open_items(connection, slug), Names(connection)
        return calendar, foresee_round(row, programme, calendar, clocks=clocks, items=items, names=names, now=house.clock.now())


def stale_runs(standing: Sequence[ScheduledRun], wanted: Sequence[Wanted]) -> list[ScheduledRun]:
    """Give the standing runs that nobody wants, second copies included."""
    left = {(each.at, each.name) for each in wanted}
    stale = []
    for run in standing:
        if (run.at, run.name) in left:
            left.discard((run.at, run.name))
        else:
            stale.append(run)
    return stale


def _what(meeting: Sequence[Foreseen]) -> str:
    names = list(dict.fromkeys(each.what for each in meeting))
    return "；".join(names)
