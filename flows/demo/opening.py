"""Opening the demo round, or going on with the one that is there; killed in the middle, the next start finishes it."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from sqlalchemy import select

from config.calendar import HOUSE_ZONE, WorkCalendar
from config.labels import label
from config.vocabulary import RoundState
from flows.bootstrap import App
from flows.demo.databases import refuse_real_rounds
from flows.demo.papers import put_papers
from flows.demo.script import DAYS_GONE, OPERATOR, Scene, Step, steps
from flows.reading import Board, round_board
from states.clock import VirtualClock
from states.command import Command
from states.commands.tick import Tick
from states.heartbeat import beat
from states.house import Envelope, House
from states.records import Records, table_of
from states.tables import CommandRow, LedgerEntry, Nomination, Round

_AT_WORK, _AT_TICK = time(10), time(9)
_ENDED = (RoundState.CLOSED.value, RoundState.CANCELLED.value)


@dataclass(frozen=True)
class _Stage:
    """Where the demo is played: the house, its calendar, the round and the day it opens."""

    house: House
    calendar: WorkCalendar
    slug: str
    opens_on: date

    def scene(self) -> Scene:
        """Give what the steps may look at."""
        return Scene(self.slug, self.opens_on, self._nominations)

    def _nominations(self) -> list[Nomination]:
        with self.house.store.read() as connection:
            return Records(connection).where(Nomination, round=self.slug)


def open_demo(app: App, hallmark: str = "hallmark") -> str:
    """Stage the demo unless it is there, put workbooks for the next steps into the inbox, and say what to click first.

    ``hallmark`` is how the command line is called here. With a Prefect server its board is refreshed too. Raises ``DemoRefused`` where there is a real round.
    """
    slug = stage_demo(app)
    papers = put_papers(app, slug)
    _refresh_board(app, slug)
    return _first_clicks(round_board(app, slug), papers, hallmark)


def stage_demo(app: App) -> str:
    """Bring the demo round to its state of some working days after its opening; gives its slug. Done once.

    Everything goes through the same commands as in a real round, on a clock of the past, so nothing may work on this
    database meanwhile. Raises ``DemoRefused`` where there is a real round.
    """
    refuse_real_rounds(app.settings)
    calendar = app.house.calendar(HOUSE_ZONE)
    stage = _Stage(app.house, calendar, *_round(app, calendar))
    if not _is_done(app.house, _key(stage, steps()[-1].id)):
        for key, day, step in _acts(stage):
            _act(stage, key, day, step)
        beat(app.house.store, stage.slug, app.house.clock.now())
    return stage.slug


def _round(app: App, calendar: WorkCalendar) -> tuple[str, date]:
    """Find the demo that is running, or name a new one."""
    today = calendar.local(app.house.clock.now()).date()
    with app.house.store.read() as connection:
        rows = Records(connection).where(Round, demo=True)
    running = [row for row in rows if row.state not in _ENDED]
    if running:
        row = max(running, key=lambda each: (each.opens_on, each.slug))
        return row.slug, row.opens_on
    taken = {row.slug for row in rows}
    names = (f"demo-{today.year}{suffix}" for suffix in ("", *(f"-{number}" for number in range(2, len(taken) + 3))))
    return next(name for name in names if name not in taken), calendar.before(today, DAYS_GONE).day


def _acts(stage: _Stage) -> Iterator[tuple[str, date, Step | None]]:
    """Give the clock's ticks and the story's steps in their order, each with its key and day."""
    for number in range(DAYS_GONE + 1):
        day = stage.calendar.shift(stage.opens_on, number)
        if number:
            yield _key(stage, f"tick-{number}"), day, None
        for step in (step for step in steps() if step.day == number):
            yield _key(stage, step.id), day, step


def _key(stage: _Stage, name: str) -> str:
    """Give the id under which a command of the demo is applied once."""
    return f"{stage.slug}:demo:{name}"


def _act(stage: _Stage, key: str, day: date, step: Step | None) -> None:
    """Do one thing on its day, in the morning; never before what the ledger has already, and never in the future."""
    house = stage.house
    planned = stage.calendar.at_hour(day, _AT_TICK if step is None else _AT_WORK)
    clock = VirtualClock(min(max(planned, _last(house)), house.clock.now()))
    past = replace(house, clock=clock)
    command = Tick(round=stage.slug) if step is None else step.command(stage.scene())
    _give(past, command, Envelope(key, clock.now(), clock=step is None))


def _give(house: House, command: Command, envelope: Envelope) -> None:
    result = house.execute(command, envelope)
    if not result.applied:
        house.execute(command.model_copy(update={"plan_code": result.plan_code}), envelope)


def _last(house: House) -> datetime:
    """Give the time of the newest ledger entry, or the beginning of time."""
    table = table_of(LedgerEntry)
    with house.store.read() as connection:
        at = connection.execute(select(table.c.at).order_by(table.c.at.desc()).limit(1)).scalar_one_or_none()
    return datetime.fromisoformat(at or "1970-01-01T00:00:00Z")


def _is_done(house: House, key: str) -> bool:
    with house.store.read() as connection:
        return Records(connection).get(CommandRow, key) is not None


def _refresh_board(app: App, slug: str) -> None:
    """Show the round on the dashboard at once; without a server, or with one that fails, the next tick does it."""
    import httpx
    from prefect.exceptions import PrefectException

    from flows import dashboard
    from flows.prefect_api import has_server

    if not has_server():
        return
    try:
        asyncio.run(dashboard.refresh(app, slug))
    except (httpx.HTTPError, PrefectException):
        return


def _first_clicks(board: Board, papers: list[str], hallmark: str) -> str:
    owed = sum(line.kind == "endorsement" for line in board.overdue)
    lines = [
        f"演示届次 {board.slug}：{board.title}，现处“{label(board.state)}”阶段，申报 {board.nominations} 份，逾期推荐意见 {owed} 份。",
        f"接着这样走（届次代号填 {board.slug}，经办人编号填 {OPERATOR}）：",
        f"  · 看板：Artifacts 页（地址见上）里的 board-{board.slug}",
        *(f"  · {line}" for line in papers),
        f"  · 另开一个窗口，进入同一个文件夹：{hallmark} board {board.slug}（各项命令见 {hallmark} --help）",
    ]
    return "\n".join(lines)
