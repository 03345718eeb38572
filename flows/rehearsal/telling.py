"""Reads what a round that was run ahead has to say: what opens, what falls due, what is expected beyond that."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time

from sqlalchemy import Connection

from config.calendar import WorkCalendar
from config.labels import label
from config.programme import Programme
from config.vocabulary import RoundState, Stage, WorkKind
from flows.charts.rows import Span, spans_of_coming, spans_of_items, spans_of_notices
from flows.reading.foresight import Foreseen, foresee_coming
from flows.reading.hold import AS_PUBLISHED, LATER
from flows.reading.naming import Names
from flows.reading.timeline import StageLine, cut_short, timeline
from flows.reading.told import ToldMessage
from states.opening_day import is_guessed
from states.records import Records
from states.tables import NoticeBatch, Round, StageClock, WorkItem

ENDED = (RoundState.CLOSED, RoundState.CANCELLED)
_DEADLINES = ("stage_opens", "stage_due", "work_due")
_ORDER = list(RoundState)


class Teller:
    """Reads the deadlines of a round that was run ahead from ``now`` (aware); of one on hold, those that its release will move.

    What was late and done at once is no part of them.

    Where a round ``awaits`` nominations it is read until its intake ends: what follows runs its course for whoever is nominated.
    """

    def __init__(
        self, connection: Connection, row: Round, programme: Programme, calendar: WorkCalendar, now: datetime, *, awaits: bool
    ) -> None:
        records = Records(connection)
        self._row, self._calendar, self._now = row, calendar, now
        self._names = Names(connection)
        self._programme = self._names.named(programme)
        self._as_of = row.held_at or now
        clocks = {each.stage: each for each in records.where(StageClock, round=row.slug)}
        self._intake_ended = clocks[Stage.INTAKE].concluded_at if awaits and Stage.INTAKE in clocks else None
        self._clocks = {stage: each for stage, each in clocks.items() if self._begins(each.opened_at)}
        self._items = [item for item in records.where(WorkItem, round=row.slug) if self._begins(item.opened_at)]
        self._batches = records.where(NoticeBatch, round=row.slug)
        self._ends = not awaits and records.where(Round, slug=row.slug)[0].state in ENDED
        today = calendar.local(self._as_of).date()
        unsure = is_guessed(row)
        self._guessed_from = calendar.at_hour(row.opens_on, time()) if unsure else None
        lines = timeline(programme, calendar, row.opens_on, self._clocks, today, nominated=not awaits, unsure=unsure)
        self._lines = cut_short(lines, row)

    def certain(self, messages: Iterable[ToldMessage]) -> Iterator[ToldMessage]:
        """Give those of the messages of a round run ahead that come about whoever is nominated.

        Those that left after intake too, where they are about it, or about a nomination: whoever is still to come has none.
        """
        return (each for each in messages if self.happens(each.at) or each.stage == Stage.INTAKE or each.subject != self._row.slug)

    def happens(self, at: datetime) -> bool:
        """Say whether what the clock did at an instant comes about whoever is nominated: all that it did until intake ended."""
        return self._intake_ended is None or at <= self._intake_ended

    def deadlines(self) -> Iterator[Foreseen]:
        """Give what the clock opens and what falls due; what is done before its time does not fall due."""
        if self._row.state in ENDED:
            return
        for found in (*map(self._of_stage, self._clocks.values()), map(self._of_item, filter(self._falls_due, self._items))):
            yield from map(self._held, found)

    def expected(self) -> Iterator[Foreseen]:
        """Give the stages that people must conclude others for, with the work that they open; on hold the deadlines alone."""
        if self._row.state in ENDED or self._ends:
            return
        for line in foresee_coming(self._programme, self._calendar, self._lines):
            if not self._row.held or line.kind in _DEADLINES:
                yield self._held(line)

    def doubted(self, line: Foreseen) -> Foreseen:
        """Mark a line as provisional that comes about only with an opening that is still to be counted again."""
        return replace(line, provisional=True) if self._guessed_from is not None and line.at >= self._guessed_from else line

    def stages(self) -> tuple[StageLine, ...]:
        """Give all stages as they stand now; those that the clock reaches as it will enter them, the others as they are expected."""
        ended = self._row.state in ENDED or self._ends
        return tuple(self._as_it_stands(line) for line in self._lines if not (ended and line.coming))

    def spans(self, lines: Sequence[Foreseen]) -> tuple[Span, ...]:
        """Give what open work, work to come and public notices span."""
        open_work = spans_of_items(self._items, self._calendar, self._as_of)
        if self._guessed_from is not None:
            open_work = [replace(span, provisional=True) for span in open_work]
        return (*open_work, *spans_of_notices(self._batches), *spans_of_coming(lines, self._calendar))

    def _begins(self, at: datetime) -> bool:
        """Say whether what was opened at an instant stands whoever is nominated: with the end of intake begins what follows it."""
        return self._intake_ended is None or at < self._intake_ended

    def _as_it_stands(self, line: StageLine) -> StageLine:
        """Take back what the clock has not done yet: a stage that it will enter is still to come, one that it will end runs."""
        at, now = _ORDER.index(RoundState(line.stage.value)), _ORDER.index(RoundState(self._row.state))
        if line.concluded_at is not None and at >= now:
            line = replace(line, concluded_at=None, closes_at=line.concluded_at if line.concluded_at < line.due_at else None)
        unsure = not self._calendar.is_announced(line.opens_day)
        return replace(line, coming=True, unsure=line.unsure or unsure) if at > now else line

    def _held(self, line: Foreseen) -> Foreseen:
        if not self._row.held:
            return line
        published = line.work == WorkKind.NOTICE_COMPLETION and line.begins is None
        return replace(line, on_hold=AS_PUBLISHED if published else LATER)

    def _falls_due(self, item: WorkItem) -> bool:
        return item.due_at > self._as_of and (item.done_at is None or item.done_at >= item.due_at)

    def _of_item(self, item: WorkItem) -> Foreseen:
        what, kind, to = f"“{label(WorkKind(item.kind))}”到期", WorkKind(item.kind), (self._names.of(item.owner),)
        return Foreseen(item.due_at, item.due_day, "work_due", Stage(item.stage), what, None, to, kind, 1, item.provisional)

    def _of_stage(self, clock: StageClock) -> Iterator[Foreseen]:
        stage = Stage(clock.stage)
        title = f"“{label(stage)}”阶段"
        if clock.opened_at > self._now and not clock.passed_through and self._row.state != clock.stage:
            day = self._calendar.local(clock.opened_at).date()
            unsure = not self._calendar.is_announced(day)
            yield Foreseen(clock.opened_at, day, "stage_opens", stage, f"进入{title}", provisional=unsure)
        in_time = clock.concluded_at is not None and clock.concluded_at < clock.due_at
        if clock.due_at > self._as_of and not clock.passed_through and not in_time:
            yield Foreseen(clock.due_at, clock.due_day, "stage_due", stage, f"{title}到期", provisional=clock.provisional)
