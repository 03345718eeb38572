"""The future of a round: what the clock alone will do and tell, and what is expected beyond that."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from config.calendar import WorkCalendar
from config.programme import Programme
from config.vocabulary import RoundState
from config.zones import zone_name
from flows.bootstrap import App
from flows.charts import Chart, chart_rows
from flows.charts.rows import Span, spans_of_coming
from flows.reading import find_round
from flows.reading.foresight import Foreseen, foresee_programme, in_order
from flows.reading.naming import Names
from flows.reading.remarks import awaits_nominations, undated, without_nominations
from flows.reading.timeline import StageLine, timeline
from flows.reading.told import ToldMessage, message_lines, told_messages
from flows.rehearsal.catching_up import caught_up, head_of
from flows.rehearsal.copy_of_house import copied_house
from flows.rehearsal.run import Rehearsal
from flows.rehearsal.telling import ENDED, Teller
from states.frozen import frozen_programme


@dataclass(frozen=True)
class Future:
    """A round from now on, if nobody does anything: plan lines, the messages one by one, and when a tick will act (UTC).

    Lines that are ``expected`` go further: they take every stage to be concluded on its last day, and somebody to be nominated.
    ``remarks`` say what the lines take for granted and what they leave out; ``held_at`` is since when the round is on hold.
    """

    title: str
    lines: tuple[Foreseen, ...]
    messages: tuple[ToldMessage, ...]
    ticks: tuple[datetime, ...]
    zone: ZoneInfo
    stages: tuple[StageLine, ...]
    spans: tuple[Span, ...]
    remarks: tuple[str, ...] = ()
    held_at: datetime | None = None


def round_future(app: App, slug: str) -> Future:
    """Run a round ahead on a copy, by the clock alone, and say what will happen. Raises ``NotFound``."""
    with app.house.store.read() as connection:
        row = find_round(connection, slug)
        programme = frozen_programme(row.rules)
        awaits = awaits_nominations(connection, row, programme, app.house.clock.now())
    calendar = app.house.calendar(programme.zone)
    with copied_house(app.house, row.slug) as (house, clock, slugs):
        now, head = clock.now(), head_of(house, row.slug)
        rehearsal = Rehearsal(house, clock, slugs, app.channels)
        rehearsal.run()
        with house.store.read() as connection:
            messages = told_messages(connection, row.slug, calendar, rehearsal.left)
            teller = Teller(connection, row, programme, calendar, now, awaits=awaits)
            told = message_lines(teller.certain(messages), Names(connection), calendar)
            late = caught_up(connection, row, head, now, calendar)
            found = in_order((*late, *map(teller.doubted, (*told, *teller.deadlines(), *teller.expected()))))
            lines = [replace(line, at_once=line.at <= now) for line in found]
            return Future(
                title=row.title,
                lines=tuple(lines),
                messages=tuple(messages),
                ticks=tuple(rehearsal.acted[row.slug]),
                zone=calendar.zone,
                stages=teller.stages(),
                spans=teller.spans(lines),
                remarks=_remarks(programme, RoundState(row.state), awaits=awaits),
                held_at=row.held_at,
            )


def programme_future(programme: Programme, calendar: WorkCalendar, opens_on: date) -> Future:
    """Say what a round of a programme will be that opens on a day of its zone and uses all its time."""
    stages, lines = timeline(programme, calendar, opens_on), foresee_programme(programme, calendar, opens_on)
    spans, remarks = spans_of_coming(lines, calendar), _remarks(programme, RoundState.PLANNED, awaits=True)
    return Future(programme.title, tuple(lines), (), (), calendar.zone, stages, tuple(spans), remarks)


def _remarks(programme: Programme, state: RoundState, *, awaits: bool) -> tuple[str, ...]:
    said = (without_nominations(programme) if awaits else "", "" if state in ENDED else undated(programme, state))
    return tuple(each for each in said if each)


def future_chart(future: Future, calendar: WorkCalendar, now: datetime, remark: str = "") -> Chart:
    """Draw what is to come against today; ``now`` is aware, ``remark`` stands beside the title."""
    local = calendar.local(now)
    rows = chart_rows(future.stages, future.spans, future.lines, calendar, future.held_at or now)
    note = f"{zone_name(future.zone, now)}，截至 {local:%Y-%m-%d %H:%M}" + (f"；{remark}" if remark else "")
    return Chart(future.title, note, rows, local.date())
