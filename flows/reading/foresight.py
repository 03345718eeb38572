"""What is to come: stages that open and fall due, work that falls due, reminders and escalations."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from config.calendar import DueDate, WorkCalendar
from config.labels import label
from config.programme import Programme
from config.vocabulary import Audience, Stage, WorkKind
from flows.reading.expected_work import expected_work
from flows.reading.naming import Names
from flows.reading.open_work import OpenWork
from flows.reading.timeline import StageLine, timeline
from notifiers.kind_names import name_of
from notifiers.kinds import MessageKind
from states.ladders import TimedStep, step_times, work_steps
from states.obligations import GOVERNMENT, LEADING_GROUP, OFFICE

Kind = Literal["stage_opens", "stage_due", "work_due", "reminder", "escalation", "message", "other", "catch_up"]
_DUE = ("stage_due", "work_due")
AT_ONCE = "现在"
_SHOWN = 3
_STAGES = tuple(Stage)
_ORDER: tuple[Kind, ...] = ("catch_up", "reminder", "escalation", "work_due", "stage_due", "stage_opens", "other", "message")
"""Of what meets at one instant: something falls due before the next thing begins."""


@dataclass(frozen=True)
class Foreseen:
    """One instant (aware, UTC) and what will happen at it; ``to`` are the shown names of those it speaks to.

    ``count`` work items of one kind that meet at one instant are one line. ``what`` is Chinese, ``day`` the day it is
    about in the programme's zone: for a due time the last day, for anything else the day of ``at``. A message's
    ``audience`` may also be ``unit``. ``expected`` is what takes stages to be concluded by people on their last day;
    ``on_hold`` says of a day of a round on hold whether it moves with its release. ``begins`` is when work to come will be opened.
    ``at_once`` marks what waits for nothing but the clock's next coming by; a ``catch_up`` is all that was due before and is late.
    """

    at: datetime
    day: date
    kind: Kind
    stage: Stage
    what: str
    audience: str | None = None
    to: tuple[str, ...] = ()
    work: WorkKind | None = None
    count: int = 1
    provisional: bool = False
    expected: bool = False
    on_hold: str = ""
    begins: datetime | None = None
    at_once: bool = False

    def when(self, zone: ZoneInfo, day: str = "%m-%d") -> str:
        """Write the instant for people: a due time is the end of its last day, not the beginning of the next."""
        if self.at_once:
            return AT_ONCE
        return f"{self.day:{day}} 24:00" if self.kind in _DUE else f"{self.at.astimezone(zone):{day} %H:%M}"

    @property
    def marks(self) -> str:
        """What keeps the line from being certain: the year's arrangement, what people must do first, or a hold."""
        known = (("暂定", self.provisional), ("预计", self.expected), (self.on_hold, self.on_hold))
        return "、".join(word for word, on in known if on)

    @property
    def doubt(self) -> str:
        """The marks as they stand behind the line."""
        return f"（{self.marks}）" if self.marks else ""

    @property
    def named(self) -> str:
        """Who is spoken to, in one text: the first few by name."""
        return "、".join(self.to[:_SHOWN]) + (f"等 {len(self.to)} 家" if len(self.to) > _SHOWN else "")


class Owners(NamedTuple):
    """Those who owe work, and those above them, as they are shown."""

    names: tuple[str, ...]
    above: tuple[str, ...]


def foresee_programme(programme: Programme, calendar: WorkCalendar, opens_on: date) -> list[Foreseen]:
    """Foresee a round that is not opened yet: every stage after the other, with the work that the stages themselves open.

    Only intake is certain; whatever comes after it is expected.
    """
    return foresee_coming(programme, calendar, timeline(programme, calendar, opens_on))


def foresee_coming(programme: Programme, calendar: WorkCalendar, lines: Sequence[StageLine]) -> list[Foreseen]:
    """Foresee the stages that a round has not entered, as if people concluded each one before on its last day."""
    coming = {line.stage: line for line in lines if line.coming}
    names = _bodies(programme)
    found = [*_of_stages(programme, calendar, lines, names), *_told_by_stages(programme, calendar, lines, names)]
    return in_order(replace(each, expected=coming[each.stage].expected) for each in found if each.stage in coming)


def foresee_round(
    programme: Programme, calendar: WorkCalendar, lines: Sequence[StageLine], *, work: Iterable[OpenWork], names: Names, now: datetime
) -> list[Foreseen]:
    """Foresee a running round after ``now`` (aware): its open work, and the stages to come; those are expected if people must act first."""
    expected = {line.stage for line in lines if line.expected}
    to_come = (replace(each, expected=each.stage in expected) for each in _of_stages(programme, calendar, lines, _bodies(programme)))
    return in_order(each for each in (*to_come, *_of_open_work(programme, calendar, work, names, now)) if each.at > now)


def _bodies(programme: Programme) -> dict[str, str]:
    bodies = programme.bodies
    return {OFFICE: bodies.office, LEADING_GROUP: bodies.leading_group, GOVERNMENT: bodies.government}


def _of_stages(programme: Programme, calendar: WorkCalendar, lines: Sequence[StageLine], names: Mapping[str, str]) -> Iterator[Foreseen]:
    for line in lines:
        title = f"“{label(line.stage)}”阶段"
        if line.coming and not line.skipped:
            yield Foreseen(line.opens_at, line.opens_day, "stage_opens", line.stage, f"进入{title}", provisional=line.unsure)
            yield from _of_stage_work(programme, calendar, line, names)
        if line.concluded_at is None and not line.skipped:
            yield Foreseen(line.due_at, line.due_day, "stage_due", line.stage, f"{title}到期", provisional=line.provisional)


def _told_by_stages(
    programme: Programme, calendar: WorkCalendar, lines: Sequence[StageLine], names: Mapping[str, str]
) -> Iterator[Foreseen]:
    """Foresee what is told when a stage not entered yet begins, and when the last one ends; messages wait for the morning."""
    for line in lines:
        if not line.coming or line.skipped:
            continue
        if line.stage == Stage.INTAKE:
            what = name_of(MessageKind.INTAKE_OPENED)
            yield _message(programme, calendar, line.opens_at, line.stage, what, "unit", "各推荐单位", unsure=line.unsure)
        for each in expected_work(programme, calendar, line, names):
            what, owner = f"{name_of(MessageKind.WORK_OPENED)}“{label(each.kind)}”", (Audience.OWNER.value, each.owner)
            doubt = line.unsure or not calendar.is_announced(calendar.local(each.opens_at).date())
            yield _message(programme, calendar, each.opens_at, line.stage, what, *owner, work=each.kind, unsure=doubt)
        if line.stage == Stage.FULFILMENT:
            for audience, to in ((Audience.DISTRICT_OFFICE, names[OFFICE]), (Audience.LEADING_GROUP, names[LEADING_GROUP])):
                yield _message(
                    programme, calendar, line.due_at, line.stage, name_of(MessageKind.ROUND_CLOSED), audience, to, unsure=line.provisional
                )


def _message(
    programme: Programme,
    calendar: WorkCalendar,
    at: datetime,
    stage: Stage,
    what: str,
    audience: str,
    to: str,
    *,
    work: WorkKind | None = None,
    unsure: bool,
) -> Foreseen:
    hours = programme.messages
    leaves = calendar.next_allowed(at, hours.hour, hours.quiet_from, hours.quiet_to)
    return Foreseen(leaves, calendar.local(leaves).date(), "message", stage, what, audience, (to,), work, 1, unsure)


def _of_stage_work(programme: Programme, calendar: WorkCalendar, line: StageLine, names: Mapping[str, str]) -> Iterator[Foreseen]:
    for work in expected_work(programme, calendar, line, names):
        due = DueDate(work.due.day, work.due.provisional or line.unsure)
        found = _of_work(programme, calendar, work.kind, line.stage, due, _body(programme, work.owner))
        yield from (replace(each, begins=work.opens_at) for each in found if each.at > work.opens_at)


def _body(programme: Programme, owner: str) -> Owners:
    """Give whoever will owe work to come, by its shown name, with who stands above; of any but a body that is not known yet."""
    bodies = programme.bodies
    above = {bodies.office: bodies.leading_group, bodies.leading_group: bodies.office, bodies.government: bodies.office}
    return Owners((owner,), (above.get(owner, f"{owner}的{label(Audience.SUPERIOR)}"),))


def _of_open_work(
    programme: Programme, calendar: WorkCalendar, work: Iterable[OpenWork], names: Names, now: datetime
) -> Iterator[Foreseen]:
    today = calendar.local(now).date()
    for each in work:
        above = dict.fromkeys(names.above(owner, today) for owner in each.owners)
        owners = Owners(tuple(names.of(owner) for owner in each.owners), tuple(above))
        due = DueDate(each.due_day, each.provisional)
        found = _of_work(programme, calendar, each.kind, each.stage, due, owners, done=each.steps_done)
        yield from (replace(line, count=each.count) for line in found)


def _of_work(
    programme: Programme,
    calendar: WorkCalendar,
    kind: WorkKind,
    stage: Stage,
    due: DueDate,
    owners: Owners,
    *,
    done: Collection[str] = (),
) -> Iterator[Foreseen]:
    """Foresee work of one kind that is due together: its due time and the steps of its ladder that are not done."""
    due_at = calendar.due_at(due.day)
    yield Foreseen(due_at, due.day, "work_due", stage, f"“{label(kind)}”到期", None, owners.names, kind, 1, due.provisional)
    for timed in step_times(due.day, work_steps(programme, kind), calendar, programme.messages.hour):
        if timed.step.key not in done:
            to = spoken_to(timed.step.audience, owners, programme)
            yield _of_step(timed, calendar, stage, kind, to, provisional=due.provisional or timed.provisional)


def _of_step(timed: TimedStep, calendar: WorkCalendar, stage: Stage, kind: WorkKind, to: tuple[str, ...], *, provisional: bool) -> Foreseen:
    step = timed.step
    reminds = step.audience == Audience.OWNER
    return Foreseen(
        at=timed.at,
        day=calendar.local(timed.at).date(),
        kind="reminder" if reminds else "escalation",
        stage=stage,
        what=step_text(step.audience, kind, step.offset),
        audience=step.audience,
        to=to,
        work=kind,
        provisional=provisional,
    )


def spoken_to(audience: Audience, owners: Owners, programme: Programme) -> tuple[str, ...]:
    """Name those to whom a step speaks before it fires: who of a body is told is found only then."""
    bodies = programme.bodies
    return {
        Audience.OWNER: owners.names,
        Audience.SUPERIOR: owners.above,
        Audience.DISTRICT_OFFICE: (bodies.office,),
        Audience.LEADING_GROUP: (bodies.leading_group,),
    }[audience]


def step_text(audience: Audience, kind: WorkKind, offset: int) -> str:
    """Say what a step of a ladder does: a reminder to the owner, an escalation to anybody else."""
    kind_of_step = MessageKind.REMINDER if audience == Audience.OWNER else MessageKind.ESCALATION
    return f"{name_of(kind_of_step)}“{label(kind)}”{offset_text(offset)}"


def offset_text(offset: int) -> str:
    """Say how far a step stands from the due day, in working days."""
    if offset == 0:
        return "当日到期"
    return f"余{-offset}个工作日" if offset < 0 else f"逾期{offset}个工作日"


def put_together(found: Iterable[Foreseen]) -> list[Foreseen]:
    """Put together what says the same at the same instant."""
    together: dict[tuple[object, ...], list[Foreseen]] = {}
    for each in found:
        key = (each.at, each.kind, each.stage, each.what, each.audience, each.provisional, each.expected)
        together.setdefault(key, []).append(each)
    return [_as_one(alike) for alike in together.values()]


def _as_one(alike: Sequence[Foreseen]) -> Foreseen:
    names = dict.fromkeys(name for each in alike for name in each.to)
    return replace(alike[0], count=sum(each.count for each in alike), to=tuple(names))


def in_order(found: Iterable[Foreseen]) -> list[Foreseen]:
    """Order by time, and put together what says the same at the same instant."""
    return sorted(put_together(found), key=_place)


def _place(line: Foreseen) -> tuple[datetime, int, int, str, str]:
    return line.at, _ORDER.index(line.kind), _STAGES.index(line.stage), line.what, line.audience or ""
