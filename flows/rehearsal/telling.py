"""Reads what a round that was run ahead has to say: what opens, what falls due, what is expected beyond that."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection

from config.calendar import WorkCalendar
from config.labels import label
from config.programme import Programme
from config.vocabulary import RoundState, Stage, WorkKind
from flows.charts.rows import Span, spans_of_expected, spans_of_items, spans_of_notices
from flows.reading.foresight import Foreseen, foresee_expected
from flows.reading.naming import Names
from flows.reading.timeline import StageLine, timeline
from states.records import Records
from states.tables import NoticeBatch, Round, StageClock, WorkItem

ENDED = (RoundState.CLOSED, RoundState.CANCELLED)


class Teller:
    """Reads the deadlines of a round that was run ahead from ``now`` (aware)."""

    def __init__(self, connection: Connection, row: Round, programme: Programme, calendar: WorkCalendar, now: datetime) -> None:
        records = Records(connection)
        self._still = row.held or row.state in ENDED
        self._row, self._programme, self._calendar, self._now = row, programme, calendar, now
        self._clocks = {clock.stage: clock for clock in records.where(StageClock, round=row.slug)}
        self._items = records.where(WorkItem, round=row.slug)
        self._names = Names(connection)
        self._batches = records.where(NoticeBatch, round=row.slug)
        self._ends = records.where(Round, slug=row.slug)[0].state in ENDED

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

    def stages(self) -> tuple[StageLine, ...]:
        """Give all stages; those that the clock reaches as it will enter them, the others as they are expected."""
        today = self._calendar.local(self._now).date()
        lines = timeline(self._programme, self._calendar, self._row.opens_on, self._clocks, today)
        return tuple(line for line in lines if not (line.expected and (self._row.state in ENDED or self._ends)))

    def spans(self, lines: Sequence[Foreseen]) -> tuple[Span, ...]:
        """Give what open work, work to come and public notices span."""
        open_work = spans_of_items(self._items, self._calendar, self._now)
        return (*open_work, *spans_of_notices(self._batches), *spans_of_expected(self.stages(), lines))

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
