"""The future of a round: what the clock alone will do and tell, and what is expected beyond that."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from config.calendar import WorkCalendar
from config.labels import label
from config.programme import Programme
from config.vocabulary import RoundState, Stage, WorkKind
from flows.bootstrap import App
from flows.charts import Chart, chart_rows
from flows.charts.rows import Span, spans_of_expected, spans_of_items, spans_of_notices
from flows.reading import find_round
from flows.reading.foresight import Foreseen, foresee_expected, foresee_programme, in_order
from flows.reading.naming import Names
from flows.reading.timeline import StageLine, timeline
from flows.reading.told import ToldMessage, message_lines, told_messages
from flows.rehearsal.copy_of_house import copied_house
from flows.rehearsal.run import Rehearsal
from states.frozen import frozen_programme
from states.records import Records
from states.tables import NoticeBatch, Round, StageClock, WorkItem

_ENDED = (RoundState.CLOSED, RoundState.CANCELLED)


@dataclass(frozen=True)
class Future:
    """A round from now on, if nobody does anything: plan lines, the messages one by one, and when a tick will act (UTC).

    Lines that are ``expected`` go further: they take every stage to be concluded on its last day.
    """

    title: str
    lines: tuple[Foreseen, ...]
    messages: tuple[ToldMessage, ...]
    ticks: tuple[datetime, ...]
    zone: ZoneInfo
    stages: tuple[StageLine, ...]
    spans: tuple[Span, ...]


def round_future(app: App, slug: str) -> Future:
    """Run a round ahead on a copy, by the clock alone, and say what will happen. Raises ``NotFound``."""
    with app.house.store.read() as connection:
        row = find_round(connection, slug)
    programme = frozen_programme(row.rules)
    calendar, now = app.house.calendar(programme.zone), app.house.clock.now()
    with copied_house(app.house, row.slug) as (house, clock, slugs):
        rehearsal = Rehearsal(house, clock, slugs, app.channels)
        rehearsal.run()
        with house.store.read() as connection:
            messages = told_messages(connection, row.slug, calendar, rehearsal.left)
            teller = _Teller(connection, row, programme, calendar, now)
            lines = in_order([*message_lines(messages, Names(connection), calendar), *teller.deadlines(), *teller.expected()])
            return Future(
                title=row.title,
                lines=tuple(lines),
                messages=tuple(messages),
                ticks=tuple(rehearsal.acted[row.slug]),
                zone=calendar.zone,
                stages=teller.stages(),
                spans=teller.spans(lines),
            )


def programme_future(programme: Programme, calendar: WorkCalendar, opens_on: date) -> Future:
    """Say what a round of a programme will be that opens on a day of its zone and uses all its time."""
    stages, lines = timeline(programme, calendar, opens_on), foresee_programme(programme, calendar, opens_on)
    spans = spans_of_expected(stages, lines)
    return Future(programme.title, tuple(lines), (), (), calendar.zone, stages, tuple(spans))


def future_chart(future: Future, calendar: WorkCalendar, now: datetime) -> Chart:
    """Draw what is to come against today; ``now`` is aware."""
    local = calendar.local(now)
    rows = chart_rows(future.stages, future.spans, future.lines, calendar, now)
    return Chart(future.title, f"{future.zone.key}，截至 {local:%Y-%m-%d %H:%M}", rows, local.date())


class _Teller:
    """Reads the deadlines of a round that was run ahead from ``now`` (aware)."""

    def __init__(self, connection: Connection, row: Round, programme: Programme, calendar: WorkCalendar, now: datetime) -> None:
        records = Records(connection)
        self._still = row.held or row.state in _ENDED
        self._row, self._programme, self._calendar, self._now = row, programme, calendar, now
        self._clocks = {clock.stage: clock for clock in records.where(StageClock, round=row.slug)}
        self._items = records.where(WorkItem, round=row.slug)
        self._names = Names(connection)
        self._batches = records.where(NoticeBatch, round=row.slug)
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

    def stages(self) -> tuple[StageLine, ...]:
        """Give all stages; those that the clock reaches as it will enter them, the others as they are expected."""
        today = self._calendar.local(self._now).date()
        lines = timeline(self._programme, self._calendar, self._row.opens_on, self._clocks, today)
        return tuple(line for line in lines if not (line.expected and (self._row.state in _ENDED or self._ends)))

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
