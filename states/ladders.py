"""Ladders of a work item: which reminders and escalations are due, pure and level-triggered.

A step is due when its time has come and nothing is recorded of it yet; whether a tick was missed, late or doubled makes
no difference. Of several steps due for one audience only the newest speaks. Every step ends up exactly once as fired or
as covered, and the ledger can say by what.

Whoever opens a work item tells its owner at once, with the due time. So steps whose time was not after the opening are
covered by it, for every audience: nobody is reminded of, or complained about for, a thing that was first asked for later.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NamedTuple

from config.calendar import WorkCalendar
from config.programme import Ladder, Programme
from config.vocabulary import Audience, WorkKind


@dataclass(frozen=True)
class Step:
    """One rung: ``offset`` working days from the due day, minus before it. ``key`` is unique in its ladder and stable."""

    key: str
    offset: int
    audience: Audience


@dataclass(frozen=True)
class TimedStep:
    """A step of one work item with its instant, aware, in UTC; provisional where its day was counted over one not announced yet."""

    step: Step
    at: datetime
    provisional: bool = False


class Covered(NamedTuple):
    """A step that will never fire, and the newer step that spoke for it; ``by`` is ``None`` for the opening itself."""

    timed: TimedStep
    by: TimedStep | None


@dataclass(frozen=True)
class Due:
    """What a tick has to record: steps to fire, at most one for each audience, and steps covered without a word."""

    fire: tuple[TimedStep, ...]
    covered: tuple[Covered, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys to add to what is done."""
        return tuple(timed.step.key for timed in (*self.fire, *(each.timed for each in self.covered)))


def ladder_steps(ladder: Ladder) -> tuple[Step, ...]:
    """Lay out a programme's ladder: ``r-5`` for a reminder to the owner, ``e+1:superior`` for an escalation.

    The audience is part of the key, so that a rung keeps its key when another is put beside it. One audience twice at
    the same offset is one step.
    """
    reminders = [Step(f"r{_sign(offset)}", offset, Audience.OWNER) for offset in ladder.reminders]
    escalations = [Step(f"e{_sign(each.after)}:{each.audience}", each.after, each.audience) for each in ladder.escalations]
    steps: dict[tuple[int, Audience], Step] = {}
    for step in (*reminders, *escalations):
        steps.setdefault((step.offset, step.audience), step)
    return tuple(steps.values())


def work_steps(programme: Programme, kind: WorkKind) -> tuple[Step, ...]:
    """Lay out the ladder of a kind of work; none where an amendment took the kind away.

    What the clock itself does when its time comes has no steps after that: nobody can be late with it, whatever it still waits for.
    """
    rule = programme.work.get(kind)
    steps = ladder_steps(rule.ladder) if rule else ()
    return tuple(step for step in steps if step.offset <= 0) if programme.by_clock(kind) else steps


def step_times(due_day: date, steps: Iterable[Step], calendar: WorkCalendar, hour: time) -> list[TimedStep]:
    """Give each step its instant, oldest first: its working day, at ``hour`` on the calendar's zone.

    From a due day on a rest day, offset 0 falls on the next working day.
    """
    moved = [(step, calendar.moved(due_day, step.offset)) for step in steps]
    return sorted((TimedStep(step, calendar.at_hour(due.day, hour), due.provisional) for step, due in moved), key=_age)


def due_steps(timed: Iterable[TimedStep], done: Collection[str], now: datetime, opened_at: datetime) -> Due:
    """Find what a tick at ``now`` has to record; ``done`` holds the keys of steps already fired or covered.

    For each audience by itself the newest step fires and covers the older ones, also those before the due time of an
    item that is overdue by now. Where the newest was fired before, it covers a late-comer (an amended ladder, a due time
    moved). All instants are aware.
    """
    come = sorted((each for each in timed if each.at <= now), key=_age)
    newest = {each.step.audience: each for each in come}  # oldest first, so the last one stays
    fire: list[TimedStep] = []
    covered: list[Covered] = []
    for each in come:
        if each.step.key in done:
            continue
        by = newest[each.step.audience] if each.at > opened_at else None
        if each is by:
            fire.append(each)
        else:
            covered.append(Covered(each, by))
    return Due(tuple(fire), tuple(covered))


def next_step_at(timed: Iterable[TimedStep], done: Collection[str], now: datetime) -> datetime | None:
    """Tell when a tick will next have something to record, never earlier than ``now``; ``None`` when all is done."""
    waiting = [each.at for each in timed if each.step.key not in done]
    return max(min(waiting), now) if waiting else None


def _sign(offset: int) -> str:
    return f"{offset:+d}" if offset else "0"


def _age(timed: TimedStep) -> tuple[datetime, int]:
    # Offsets that meet on one day (from a rest day, 0 and +1) keep the ladder's order.
    return timed.at, timed.step.offset
