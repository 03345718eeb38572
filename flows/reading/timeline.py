"""The stages of a round against their due days: those entered as they are, those to come as they are expected."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from config.calendar import WorkCalendar
from config.programme import Programme
from config.vocabulary import Stage
from states.tables import StageClock

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class StageLine:
    """One stage: its first day and due day in the programme's zone; ``opens_at`` and ``due_at`` (half-open) are in UTC.

    ``expected`` marks a stage not entered yet, reckoned as if every stage before it took its whole time; ``skipped``
    one that the programme passes through. ``concluded_at`` is aware.
    """

    stage: Stage
    opens_day: date
    opens_at: datetime
    due_day: date
    due_at: datetime
    provisional: bool
    expected: bool
    skipped: bool = False
    concluded_at: datetime | None = None

    @property
    def running(self) -> bool:
        """Whether the round is in this stage."""
        return not self.expected and not self.skipped and self.concluded_at is None


def timeline(
    programme: Programme, calendar: WorkCalendar, opens_on: date, clocks: Mapping[str, StageClock] | None = None, today: date | None = None
) -> tuple[StageLine, ...]:
    """Lay out all stages in their order, from ``opens_on``; ``clocks`` are the stages that were entered, by id.

    A stage that is overdue at ``today`` is taken to end today. Days are in the programme's zone.
    """
    lines: list[StageLine] = []
    for stage in Stage:
        clock = (clocks or {}).get(stage.value)
        if clock is not None:
            lines.append(_entered(stage, clock, calendar))
        else:
            start, provisional = _start(lines, opens_on, calendar, today)
            lines.append(_expected(stage, start, programme, calendar, provisional=provisional))
    return tuple(lines)


def _entered(stage: Stage, clock: StageClock, calendar: WorkCalendar) -> StageLine:
    return StageLine(
        stage=stage,
        opens_day=calendar.local(clock.opened_at).date(),
        opens_at=clock.opened_at,
        due_day=clock.due_day,
        due_at=clock.due_at,
        provisional=clock.provisional,
        expected=False,
        skipped=clock.passed_through,
        concluded_at=clock.concluded_at,
    )


def _start(before: list[StageLine], opens_on: date, calendar: WorkCalendar, today: date | None) -> tuple[date, bool]:
    """Give the day on which the next stage is entered at the latest, and whether that day is provisional."""
    if not before:
        return opens_on, not calendar.is_announced(opens_on)
    last = before[-1]
    if last.concluded_at is not None:
        return calendar.local(last.concluded_at).date(), False
    if last.skipped:
        return last.opens_day, last.provisional
    # Intake runs its whole last day and is closed by the clock after it; what a person concludes ends on the due day.
    end = last.due_day + _DAY if last.stage == Stage.INTAKE else last.due_day
    return max(end, today or end), last.provisional


def _expected(stage: Stage, start: date, programme: Programme, calendar: WorkCalendar, *, provisional: bool) -> StageLine:
    rule = programme.stages[stage]
    due = calendar.after(start, 0 if rule.skip else rule.working_days)
    day = start if rule.skip else due.day
    return StageLine(
        stage=stage,
        opens_day=start,
        opens_at=calendar.due_at(start - _DAY),
        due_day=day,
        due_at=calendar.due_at(day),
        provisional=provisional or due.provisional,
        expected=True,
        skipped=rule.skip,
    )
