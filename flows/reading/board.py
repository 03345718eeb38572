"""The board of a round: where everything stands, what is overdue and with whom, what comes next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from config.calendar import WorkCalendar
from config.programme import Programme
from config.vocabulary import DeliveryStatus, NominationState, RoundState, Stage, WorkKind
from flows.bootstrap import App
from flows.reading.foresight import Foreseen, foresee_round, in_order
from flows.reading.naming import Names
from flows.reading.open_work import count_open, open_work, overdue_items
from flows.reading.outgoing import delivery_counts
from flows.reading.posting import Posting, letters, posting
from flows.reading.remarks import awaits_nominations, without_nominations
from flows.reading.rounds import find_round
from flows.reading.stillness import clock_stopped
from flows.reading.timeline import StageLine, cut_short, timeline
from flows.reading.unreachable import Unreachable, unreachable
from notifiers.routes import files
from states.frozen import frozen_programme
from states.heartbeat import last_beat
from states.opening_day import is_guessed
from states.records import Records, table_of
from states.tables import Nomination, Round, StageClock, WorkItem

COMING = 10
"""How many instants ahead a board shows."""
_ENDED = (RoundState.CLOSED, RoundState.CANCELLED)


@dataclass(frozen=True)
class WorkLine:
    """One open work item; ``owner`` is shown by name (units) or masked (persons); ``days_overdue`` are working days.

    ``subject`` is a nomination's number, a batch's id or the round's slug.
    """

    id: str
    kind: WorkKind
    stage: Stage
    subject: str
    detail: str
    owner: str
    due_day: date
    due_at: datetime
    provisional: bool
    days_overdue: int = 0


@dataclass(frozen=True)
class Board:
    """One round at ``now`` (aware, UTC). ``counts`` has every state, also those nobody is in; ``overdue`` the oldest first.

    ``coming`` are the next ten lines, while the round is on hold those of messages that leave alone; ``remarks`` say what they take for granted.
    ``last_tick`` is when the clock last came by, ``None`` before that; ``clock_stopped`` says that this is longer ago than the
    settings allow. ``writes_files`` says that whoever has no address gets a file. ``zone`` names the zone of all days.
    """

    slug: str
    title: str
    programme: str
    state: RoundState
    held: bool
    held_since: datetime | None
    demo: bool
    zone: str
    opens_on: date
    quota: int
    now: datetime
    today: date
    nominations: int
    counts: Mapping[NominationState, int]
    stages: tuple[StageLine, ...]
    open_work: int
    overdue: tuple[WorkLine, ...]
    coming: tuple[Foreseen, ...]
    remarks: tuple[str, ...]
    unreachable: tuple[Unreachable, ...]
    writes_files: bool
    deliveries: Mapping[DeliveryStatus, int]
    posting: Posting
    last_tick: datetime | None
    clock_stopped: bool

    @property
    def as_of(self) -> datetime:
        """The instant that decides what is overdue: while a round is on hold nothing falls due."""
        return self.held_since or self.now


def round_board(app: App, slug: str) -> Board:
    """Read a round's board in one consistent look. Raises ``NotFound``."""
    house = app.house
    with house.store.read() as connection:
        row = find_round(connection, slug)
        programme = frozen_programme(row.rules)
        calendar, now = house.calendar(programme.zone), house.clock.now()
        names, today, as_of = Names(connection), calendar.local(now).date(), row.held_at or now
        counts = _counts(connection, row.slug)
        ended = row.state in _ENDED
        post = posting(house, connection, row.slug, programme.zone, now)
        return Board(
            slug=row.slug,
            title=row.title,
            programme=row.programme,
            state=RoundState(row.state),
            held=row.held,
            held_since=row.held_at,
            demo=row.demo,
            zone=programme.zone,
            opens_on=row.opens_on,
            quota=programme.quota,
            now=now,
            today=today,
            nominations=sum(counts.values()),
            counts=counts,
            stages=tuple(line for line in stage_lines(connection, row, programme, calendar, now) if not (ended and line.coming)),
            open_work=count_open(connection, row.slug),
            overdue=tuple(work_line(item, names, calendar, as_of) for item in overdue_items(connection, row.slug, as_of)),
            coming=next_lines(_to_come(connection, row, programme, calendar, now), post, RoundState(row.state), calendar.zone),
            remarks=(without_nominations(programme),) if awaits_nominations(connection, row, programme, now) else (),
            unreachable=unreachable(connection, row.slug, programme, app.channels, today),
            writes_files=bool(files(app.channels)),
            deliveries=delivery_counts(connection, row.slug),
            posting=post,
            last_tick=last_beat(connection, row.slug),
            clock_stopped=not ended and clock_stopped(app.settings, connection, row.slug, now),
        )


def next_lines(lines: Iterable[Foreseen], post: Posting, state: RoundState, zone: ZoneInfo) -> tuple[Foreseen, ...]:
    """Give the next lines of what is to come in a round, with what it will tell that waits."""
    return tuple(in_order((*lines, *letters(post, state, zone)))[:COMING])


def round_plan(app: App, slug: str) -> tuple[list[Foreseen], ZoneInfo]:
    """Foresee a round from now on, with the zone that its instants are read in. Raises ``NotFound``."""
    house = app.house
    with house.store.read() as connection:
        row = find_round(connection, slug)
        programme = frozen_programme(row.rules)
        calendar = house.calendar(programme.zone)
        return _to_come(connection, row, programme, calendar, house.clock.now()), calendar.zone


def _to_come(connection: Connection, row: Round, programme: Programme, calendar: WorkCalendar, now: datetime) -> list[Foreseen]:
    """Foresee a round after ``now``; on hold, or once it has ended, nothing falls due."""
    if row.held or row.state in _ENDED:
        return []
    lines = stage_lines(connection, row, programme, calendar, now)
    names = Names(connection)
    return foresee_round(names.named(programme), calendar, lines, work=open_work(connection, row.slug), names=names, now=now)


def stage_lines(connection: Connection, row: Round, programme: Programme, calendar: WorkCalendar, now: datetime) -> tuple[StageLine, ...]:
    """Lay out a round's stages at an aware instant; on hold, as they stood when that began."""
    clocks = {clock.stage: clock for clock in Records(connection).where(StageClock, round=row.slug)}
    nominated = not awaits_nominations(connection, row, programme, now)
    today, unsure = calendar.local(row.held_at or now).date(), is_guessed(row)
    return cut_short(timeline(programme, calendar, row.opens_on, clocks, today, nominated=nominated, unsure=unsure), row)


def open_items(connection: Connection, slug: str, **wanted: object) -> list[WorkItem]:
    """Give a round's open work items, by due time."""
    found = Records(connection).where(WorkItem, round=slug, status="open", **wanted)
    return sorted(found, key=lambda item: (item.due_at, item.id))


def work_line(item: WorkItem, names: Names, calendar: WorkCalendar, now: datetime) -> WorkLine:
    """Show one work item; overdue counts the working days after its due day."""
    late = item.due_at <= now
    return WorkLine(
        id=item.id,
        kind=WorkKind(item.kind),
        stage=Stage(item.stage),
        subject=item.subject,
        detail=item.detail,
        owner=names.of(item.owner),
        due_day=item.due_day,
        due_at=item.due_at,
        provisional=item.provisional,
        days_overdue=calendar.working_days_between(item.due_day, calendar.local(now).date()) if late else 0,
    )


def _counts(connection: Connection, slug: str) -> dict[NominationState, int]:
    table = table_of(Nomination)
    query = select(table.c.state, func.count().label("total")).where(table.c.round == slug).group_by(table.c.state)
    found: dict[str, int] = {row.state: row.total for row in connection.execute(query)}
    return {state: found.get(state.value, 0) for state in NominationState}
