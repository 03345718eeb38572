"""The stages of a round against their due days: those entered as they are, those to come as they are expected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from config.calendar import WorkCalendar
from config.programme import Programme
from config.vocabulary import RoundState, Stage
from states.tables import Round, StageClock

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class StageLine:
    """One stage: its first day and due day in the programme's zone; ``opens_at`` and ``due_at`` (half-open) are in UTC.

    Its working days are counted after ``counts_from``: the day of the conclusion that lets it begin. One that is expected to
    begin when another one's last day is over has its first day after that.
    ``coming`` marks a stage not entered yet, reckoned as if every stage before it took its whole time; ``expected`` one of
    these that is entered only if people act first, and ``unsure`` one whose beginning is provisional; ``skipped`` one that the
    programme passes through. ``concluded_at`` and ``closes_at`` are aware: when a stage ended, and when the clock alone will end it before its due time.
    ``cancelled`` marks the stage in which the round was cancelled: it ended then, and was not concluded.
    """

    stage: Stage
    counts_from: date
    opens_day: date
    opens_at: datetime
    due_day: date
    due_at: datetime
    provisional: bool
    coming: bool
    expected: bool = False
    unsure: bool = False
    skipped: bool = False
    concluded_at: datetime | None = None
    closes_at: datetime | None = None
    cancelled: bool = False

    @property
    def running(self) -> bool:
        """Whether the round is in this stage."""
        return not self.coming and not self.skipped and self.concluded_at is None

    def ends_on(self, zone: ZoneInfo) -> date:
        """Give the last day: that after which the clock alone ends the stage, else its due day. Midnight belongs to the day before."""
        return last_day(self.closes_at, zone) if self.closes_at else self.due_day


def last_day(instant: datetime, zone: ZoneInfo) -> date:
    """Give the day that an instant ends: midnight, when the clock acts, still belongs to the day before."""
    return (instant - timedelta.resolution).astimezone(zone).date()


def timeline(
    programme: Programme,
    calendar: WorkCalendar,
    opens_on: date,
    clocks: Mapping[str, StageClock] | None = None,
    today: date | None = None,
    *,
    nominated: bool = False,
    unsure: bool = False,
) -> tuple[StageLine, ...]:
    """Lay out all stages in their order, from ``opens_on``; ``clocks`` are the stages that were entered, by id.

    A stage that is overdue at ``today`` is taken to end today, but an intake that the clock closes: that counts from its last
    day, however late the clock is. Days are in the programme's zone. ``nominated`` says that intake will end with somebody on
    the way: only then is it certain what comes after it. ``unsure`` says that the opening is still to be counted
    again, and with it all that follows: a stage that was entered has been so ahead of time, in a rehearsal.
    """
    late = {stage: today for stage in Stage if stage != Stage.INTAKE or programme.stages[stage].conclude != "automatic"}
    lines: list[StageLine] = []
    opening = _Start(opens_on, calendar.at_hour(opens_on, time()), unsure or not calendar.is_announced(opens_on))
    for stage in Stage:
        clock = (clocks or {}).get(stage.value)
        if clock is not None:
            lines.append(_entered(stage, clock, calendar, unsure=unsure))
        else:
            lines.append(_coming(stage, _start(lines, opening, calendar, late), programme, calendar))
    certain = _certain(programme, nominated=nominated)
    return tuple(replace(line, expected=line.coming and line.stage not in certain) for line in lines)


def cut_short(lines: Iterable[StageLine], row: Round) -> tuple[StageLine, ...]:
    """Mark the stage in which a round was cancelled, where it was."""
    cancelled = row.state == RoundState.CANCELLED
    return tuple(
        replace(line, cancelled=cancelled and line.concluded_at is not None and line.concluded_at == row.closed_at) for line in lines
    )


def _certain(programme: Programme, *, nominated: bool) -> set[Stage]:
    """Give the stages that the clock alone enters: intake, and what comes after it where that closes by itself upon somebody."""
    after_intake = [stage for stage in Stage if stage != Stage.INTAKE and not programme.stages[stage].skip]
    closes = nominated and programme.stages[Stage.INTAKE].conclude == "automatic"
    return {Stage.INTAKE, *(after_intake[:1] if closes else [])}


def _entered(stage: Stage, clock: StageClock, calendar: WorkCalendar, *, unsure: bool) -> StageLine:
    opened = calendar.local(clock.opened_at).date()
    return StageLine(
        stage=stage,
        counts_from=opened,
        opens_day=opened,
        opens_at=clock.opened_at,
        due_day=clock.due_day,
        due_at=clock.due_at,
        provisional=clock.provisional or unsure,
        coming=False,
        unsure=unsure,
        skipped=clock.passed_through,
        concluded_at=clock.concluded_at,
    )


class _Start(NamedTuple):
    """When a stage is entered at the latest: the day that it counts from, the instant, and whether these are provisional."""

    day: date
    at: datetime
    provisional: bool


def _start(before: list[StageLine], opening: _Start, calendar: WorkCalendar, late: Mapping[Stage, date | None]) -> _Start:
    if not before:
        return opening
    last = before[-1]
    if last.concluded_at is not None:
        return _Start(calendar.local(last.concluded_at).date(), last.concluded_at, last.unsure)
    if last.skipped:
        return _Start(last.counts_from, last.opens_at, last.provisional)
    end = max(last.due_day, late.get(last.stage) or last.due_day)
    # Intake runs its whole last day and is closed by the clock after it; what a person concludes ends on the due day.
    next_day = end + _DAY if last.stage == Stage.INTAKE and end == last.due_day else end
    return _Start(next_day, calendar.due_at(end), last.provisional)


def _coming(stage: Stage, start: _Start, programme: Programme, calendar: WorkCalendar) -> StageLine:
    rule = programme.stages[stage]
    due = calendar.after(start.day, 0 if rule.skip else rule.working_days)
    day = start.day if rule.skip else due.day
    return StageLine(
        stage=stage,
        counts_from=start.day,
        opens_day=calendar.local(start.at).date(),
        opens_at=start.at,
        due_day=day,
        due_at=calendar.due_at(day),
        provisional=start.provisional or due.provisional,
        coming=True,
        unsure=start.provisional,
        skipped=rule.skip,
    )
