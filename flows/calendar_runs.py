"""The dashboard's scheduled runs are the round's calendar: one run of the tick for each instant at which something is due.

They are the instants of the plan, and come out of the same rehearsal. Reconciled, not only added: a run too many is
deleted, one too few is made, whatever an operator did by hand. Nothing beyond the horizon is scheduled; the horizon moves
with every tick. What a command has made due at once needs no instant: a tick is asked for now.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby, islice
from zoneinfo import ZoneInfo

from flows.bootstrap import App
from flows.prefect_api import ROUND_TAG, ScheduledRun, delete_run, list_scheduled, schedule_run
from flows.reading import Foreseen
from flows.rehearsal import coming_ticks
from flows.rehearsal.ticking import Ahead
from flows.run_names import CALENDAR
from states.ledger import digest

TICK = "到期处理/tick"
HORIZON = 30
"""How many instants ahead stand in the calendar."""
_LONGEST_NAME = 90
_MOST_VERSIONS = 50


@dataclass(frozen=True)
class Wanted:
    """One run that should stand in the calendar. ``at`` is aware, in UTC."""

    at: datetime
    name: str
    key: str


async def reconcile(app: App, slug: str, ahead: Ahead | None = None, *, ticked: bool = False) -> tuple[int, int]:
    """Bring a round's scheduled runs into line with what is due; gives how many were made and how many deleted.

    ``ahead`` is what is to come of it, where that is known. ``ticked`` says that a tick has just come by: what it left
    undone the next one would leave too, and is not run after at once.
    """
    ahead = ahead or coming_ticks(app, slug)
    now, wanted, tags = app.house.clock.now(), wanted_runs(app, slug, ahead), [CALENDAR, ROUND_TAG.format(slug)]
    standing = await list_scheduled(TICK, tags)
    stale = stale_runs(standing, wanted, now)
    for run in stale:
        await delete_run(run.id)
    # By id: of two copies one is stale, and the other one stands.
    gone = {run.id for run in stale}
    there = {(run.at, run.name) for run in standing if run.id not in gone}
    missing = [each for each in wanted if (each.at, each.name) not in there]
    missing += [] if ticked else runs_at_once(slug, ahead, standing, now)
    for each in missing:
        await _make(slug, each, tags)
    return len(missing), len(stale)


async def _make(slug: str, wanted: Wanted, tags: list[str]) -> None:
    """Make one run; where its key belongs to one that somebody cancelled, the next version of the key makes it anew."""
    for version in range(_MOST_VERSIONS):
        run = await schedule_run(TICK, wanted.at, wanted.name, tags, {"slug": slug}, f"{wanted.key}-{version}")
        if run.waiting:
            return


def wanted_runs(app: App, slug: str, ahead: Ahead | None = None) -> list[Wanted]:
    """Give the runs that should stand: one an instant, named for what it will do, the nearest first; none in a round on hold.

    Raises ``NotFound``.
    """
    ahead = ahead or coming_ticks(app, slug)
    meetings = (list(together) for _, together in groupby(ahead.lines, key=lambda each: each.at))
    return [_run(slug, meeting[0].at, meeting, ahead.zone) for meeting in islice(meetings, HORIZON)]


def runs_at_once(slug: str, ahead: Ahead, standing: Sequence[ScheduledRun], now: datetime) -> list[Wanted]:
    """Give the run that does now (aware) what is due already; none where one whose time has come is still to begin."""
    if not ahead.late or any(run.at <= now for run in standing):
        return []
    return [_run(slug, now, ahead.late, ahead.zone)]


def _run(slug: str, at: datetime, meeting: Sequence[Foreseen], zone: ZoneInfo) -> Wanted:
    name = f"{at.astimezone(zone):%m-%d %H:%M}{_doubt(meeting) or ' '}{_what(meeting)}"[:_LONGEST_NAME]
    return Wanted(at, name, digest(slug, at.isoformat(), name)[:32])


def stale_runs(standing: Sequence[ScheduledRun], wanted: Sequence[Wanted], now: datetime) -> list[ScheduledRun]:
    """Give the standing runs that nobody wants, second copies included.

    A run whose time has come is left alone: the worker is about to take it.
    """
    left = {(each.at, each.name) for each in wanted}
    stale = []
    for run in standing:
        if (run.at, run.name) in left:
            left.discard((run.at, run.name))
        elif run.at > now:
            stale.append(run)
    return stale


def _doubt(meeting: Sequence[Foreseen]) -> str:
    """Say what is uncertain: the day of any of them; whether anything happens at all, only where all of them wait for people."""
    provisional, expected = any(each.provisional for each in meeting), all(each.expected for each in meeting)
    return replace(meeting[0], provisional=provisional, expected=expected).doubt


def _what(meeting: Sequence[Foreseen]) -> str:
    names = list(dict.fromkeys(each.what for each in meeting))
    return "；".join(names)
