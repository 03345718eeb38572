"""What the ticks of a round will find to do: the instants of its calendar, and what to call each of them."""

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from config.calendar import WorkCalendar
from config.programme import Programme
from config.vocabulary import Audience, Stage, WorkKind
from flows.bootstrap import App
from flows.reading import Board, find_round, round_board, round_plan
from flows.reading.board import next_lines
from flows.reading.foresight import Foreseen, Owners, in_order, spoken_to, step_text
from flows.reading.naming import Names
from flows.reading.open_work import count_open
from flows.reading.remarks import awaits_nominations
from flows.reading.timeline import StageLine
from flows.rehearsal.catching_up import caught_up, head_of, in_words
from flows.rehearsal.copy_of_house import copied_house
from flows.rehearsal.run import Rehearsal
from flows.rehearsal.telling import ENDED, Teller
from states.faults import kind_and_line
from states.frozen import frozen_programme
from states.records import Records
from states.tables import LedgerEntry, Round, WorkItem

_MOST = 2_000
"""Open work items that are still run ahead one by one; beyond that they are reckoned from their due days, group by group."""
_FULL = "未办结的待办超过 {} 项，以下日期按截止日和办法推算：因提前办结而提前进入的环节，以届时为准。"
_UNREHEARSED = "日程未能预演，以下日期按截止日和办法推算；原因见到期处理（tick）的运行日志。"
_REMINDED = "work_item_reminded"


@dataclass(frozen=True)
class Ahead:
    """What the ticks of a round will do, and the zone that it is read in.

    ``stages`` as a rehearsal found them; where that could not be, None, and ``remark`` says how the lines came about.
    ``late`` is what waits for the next tick, whenever that comes.
    """

    lines: Sequence[Foreseen]
    zone: ZoneInfo
    stages: tuple[StageLine, ...] | None = None
    remark: str = ""
    late: Sequence[Foreseen] = ()


def rehearsed_board(app: App, slug: str, ahead: Ahead | None = None) -> Board:
    """Read a round's board, with its stages and next instants as rehearsed; ``ahead`` are those where known. Raises ``NotFound``."""
    ahead = ahead or coming_ticks(app, slug)
    board = round_board(app, slug)
    remarks = (ahead.remark, *board.remarks) if ahead.remark else board.remarks
    coming = next_lines((*ahead.late, *ahead.lines), board.posting, board.state, ahead.zone)
    return replace(board, coming=coming, stages=ahead.stages or board.stages, remarks=remarks)


def coming_ticks(app: App, slug: str) -> Ahead:
    """Give what the ticks of a round will do after this instant, as its plan foretells it, with the zone it is read in.

    Nothing but messages is left out: those are the deliverer's. Raises ``NotFound``.
    """
    with app.house.store.read() as connection:
        row = find_round(connection, slug)
        programme = frozen_programme(row.rules)
        many = count_open(connection, row.slug) > _MOST
        awaits = awaits_nominations(connection, row, programme, app.house.clock.now())
    calendar = app.house.calendar(programme.zone)
    if row.held or row.state in ENDED:
        return Ahead((), calendar.zone)
    if many:
        return Ahead(*round_plan(app, row.slug), remark=_FULL.format(_MOST))
    try:
        return _run_ahead(app, row, programme, calendar, awaits=awaits)
    except Exception as error:  # noqa: BLE001 - what breaks this breaks the next tick too, and then the board must still say that the clock stands still
        _warn(row.slug, kind_and_line(error))
        return Ahead(*round_plan(app, row.slug), remark=_UNREHEARSED)


@cache
def _warn(slug: str, fault: str) -> None:
    """Say of a fault, once, that a round's calendar is only reckoned; in the log of the run, where there is one."""
    # Only here: the command line looks at boards without Prefect, which takes seconds to load.
    from prefect import get_run_logger
    from prefect.exceptions import MissingContextError

    try:
        log: logging.Logger | logging.LoggerAdapter[Any] = get_run_logger()
    except MissingContextError:
        log = logging.getLogger(__name__)
    log.warning("%s 的日程未能预演（%s），改按截止日推算", slug, fault)


def _run_ahead(app: App, row: Round, programme: Programme, calendar: WorkCalendar, *, awaits: bool) -> Ahead:
    with copied_house(app.house, row.slug, posts=False) as (house, clock, slugs):
        now, head = clock.now(), head_of(house, row.slug)
        Rehearsal(house, clock, slugs, app.channels, posts=False).run()
        with house.store.read() as connection:
            teller = Teller(connection, row, programme, calendar, now, awaits=awaits)
            steps = _steps(Records(connection), row.slug, programme, calendar, Names(connection))
            certain = [*(line for line in steps if teller.happens(line.at)), *teller.deadlines()]
            expected = [line for line in teller.expected() if line.kind != "message"]
            late = caught_up(connection, row, head, now, calendar)
            entries = Records(connection).where(LedgerEntry, round=row.slug)
            others = _others((each for each in entries if teller.happens(datetime.fromisoformat(each.at))), certain, calendar)
    lines = in_order(teller.doubted(line) for line in (*certain, *others, *expected) if line.at > now)
    return Ahead(lines, calendar.zone, teller.stages(), late=late)


def _steps(records: Records, slug: str, programme: Programme, calendar: WorkCalendar, names: Names) -> Iterator[Foreseen]:
    """Give the steps of ladders that fire, one for each audience."""
    items = {item.id: item for item in records.where(WorkItem, round=slug)}
    named = names.named(programme)
    for entry in records.where(LedgerEntry, round=slug, event=_REMINDED):
        payload, at = json.loads(entry.payload), datetime.fromisoformat(entry.at)
        item, day = items[payload["item"]], calendar.local(at).date()
        owners = Owners((names.of(item.owner),), (names.above(item.owner, day),))
        for step in payload["fired"]:
            audience, kind = Audience(step["audience"]), WorkKind(item.kind)
            yield Foreseen(
                at=at,
                day=day,
                kind="reminder" if audience == Audience.OWNER else "escalation",
                stage=Stage(item.stage),
                what=step_text(audience, kind, step["offset"]),
                audience=audience.value,
                to=spoken_to(audience, owners, named),
                work=kind,
                provisional=item.provisional or not calendar.is_announced(day),
            )


def _others(entries: Iterable[LedgerEntry], told: Sequence[Foreseen], calendar: WorkCalendar) -> Iterator[Foreseen]:
    """Give what ticks do at instants of which nothing else speaks, by what they will enter into the ledger."""
    spoken = {line.at for line in told}
    for at, together in groupby(sorted(entries, key=lambda entry: entry.seq), key=lambda entry: datetime.fromisoformat(entry.at)):
        if at not in spoken:
            yield Foreseen(at, calendar.local(at).date(), "other", Stage.INTAKE, in_words(together))
