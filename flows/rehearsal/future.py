"""The future of a round: what the clock alone will do and tell, and what is expected beyond that."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from config.calendar import WorkCalendar
from config.labels import label
from config.programme import Programme
from config.vocabulary import RoundState, Stage, WorkKind
from flows.bootstrap import App
from flows.reading import find_round
from flows.reading.foresight import Foreseen, foresee_expected, in_order
from flows.reading.naming import Names
from flows.reading.told import ToldMessage, message_lines, told_messages
from flows.rehearsal.copy_of_house import copied_house
from flows.rehearsal.run import Rehearsal
from states.frozen import frozen_programme
from states.records import Records
from states.tables import Round, StageClock, WorkItem

_ENDED = (RoundState.CLOSED, RoundState.CANCELLED)


@dataclass(frozen=True)
class Future:
    """A round from now on, if nobody does anything: plan lines, the messages one by one, and when a tick will act (UTC).

    Lines that are ``expected`` go further: they take every stage to be concluded on its last day.
    """

    lines: tuple[Foreseen, ...]
    messages: tuple[ToldMessage, ...]
    ticks: tuple[datetime, ...]
    zone: ZoneInfo


def round_future(app: App, slug: str) -> Future:
    """Run a round ahead on a copy, by the clock alone, and say what will happen. Raises ``NotFound``."""
    with app.house.store.read() as connection:
        row = find_round(connection, slug)
    programme = frozen_programme(row.rules)
    calendar, now = app.house.calendar(programme.zone), app.house.clock.now()
    with copied_house(app.house, row.slug) as (house, clock, slugs):
        rehearsal = Rehearsal(house, clock, slugs)
        rehearsal.run()
        with house.store.read() as connection:
            messages = told_messages(connection, row.slug, calendar, rehearsal.left)
            teller = _Teller(connection, row, programme, calendar, now)
            lines = [*message_lines(messages, Names(connection), calendar), *teller.deadlines(), *teller.expected()]
    return Future(tuple(in_order(lines)), tuple(messages), tuple(rehearsal.acted[row.slug]), calendar.zone)


class _Teller:
    """Reads the deadlines of a round that was run ahead from ``now`` (aware)."""

    def __init__(self, connection: Connection, row: Round, programme: Programme, calendar: WorkCalendar, now: datetime) -> None:
        records = Records(connection)
        self._still = row.held or row.state in _ENDED
        self._row, self._programme, self._calendar, self._now = row, programme, calendar, now
        self._clocks = {clock.stage: clock for clock in records.where(StageClock, round=row.slug)}
        self._items = records.where(WorkItem, round=row.slug)
        self._names = Names(connection)
        self._ends = records.where(Round, slug=row.slug)[0].state in _ENDED

    def deadlines(self) -> Iterator[Foreseen]:
        """Give what the clock opens and what falls due; what is done before its time does not fall due. Nothing in a round on hold."""
        if self._still:
            return
        for clock in self._clocks.values():
            yield from self._of_stage(clock)
        for item in self._items:
            if item.due_at > self._now and (item.done_at is None or item.done_at >= item.due_at):
                what, kind = f"“{label(WorkKind(item.kind))}”到期", WorkKind(item.kind)
                to = (self._names.of(item.owner),)
                yield Foreseen(item.due_at, item.due_day, "work_due", Stage(item.stage), what, None, to, kind, 1, item.provisional)

    def expected(self) -> Iterator[Foreseen]:
        """Give the stages that people must conclude others for, with the work that they open."""
        if not self._still and not self._ends:
            today = self._calendar.local(self._now).date()
            yield from foresee_expected(self._row, self._programme, self._calendar, clocks=self._clocks, today=today)

    def _of_stage(self, clock: StageClock) -> Iterator[Foreseen]:
        stage = Stage(clock.stage)
        title = f"“{label(stage)}”阶段"
        if clock.opened_at >= self._now and not clock.passed_through and self._row.state != clock.stage:
            day = self._calendar.local(clock.opened_at).date()
            unsure = not self._calendar.is_announced(day)
            yield Foreseen(clock.opened_at, day, "stage_opens", stage, f"进入{title}", provisional=unsure)
        in_time = clock.concluded_at is not None and clock.concluded_at < clock.due_at
        if clock.due_at > self._now and not clock.passed_through and not in_time:
            yield Foreseen(clock.due_at, clock.due_day, "stage_due", stage, f"{title}到期", provisional=clock.provisional)
