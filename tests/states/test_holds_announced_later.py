"""Whenever a year's arrangement comes, holds end where they would have ended had it been known from the beginning."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from config.calendar import WorkCalendar
from states.commands.timing import ExtendDeadline
from states.errors import CommandRefused
from states.tables import Round, StageClock, WorkItem
from tests.states.builders import Story
from tests.states.figures import candidate, rules
from tests.states.test_replanning import announce, at, whole

FIRST = date(2026, 12, 30)
BY_OFFICE = rules(("working_days: 20\n    conclude: automatic", "working_days: 20\n    conclude: office"))
"""Intake ends when the office says so, and not in one of the two stories only."""
arrangements = st.dictionaries(st.dates(date(2027, 1, 1), date(2027, 1, 24)), st.booleans(), min_size=6, max_size=16)
acts = st.sampled_from(["hold or release", "hold or release", "tick", "submit", "extend", "take back"])
held = st.tuples(st.tuples(st.integers(1, 4), st.just("hold or release")), st.tuples(st.integers(2, 7), st.just("hold or release")))
courses = st.builds(
    lambda one, two, rest: [*one, *two, *rest],
    st.lists(st.tuples(st.integers(1, 2), acts), max_size=2),
    held,
    st.lists(st.tuples(st.integers(1, 5), acts), max_size=4),
)
"""So many days, and then what is done: at least one hold."""


class _Kept(NamedTuple):
    """The day from which on the two must agree: whoever was overdue by then in the one may have more time in the other."""

    day: date
    due: Mapping[str, date]


class _Course:
    """One story, told step by step; every step is verified."""

    def __init__(self, story: Story, opens_on: date) -> None:
        self.story, self.submitted, self.day = story, 0, FIRST
        story.clock.move_to(at(FIRST.month, FIRST.day, year=FIRST.year))
        story.open(BY_OFFICE, opens_on=opens_on)

    def step(self, days: int, act: str) -> bool:
        """Go on by some days; says whether what was wanted could be done."""
        self.day += timedelta(days=days)
        self.story.clock.move_to(at(self.day.month, self.day.day, year=self.day.year))
        try:
            self._do(act)
        except CommandRefused:
            return False
        finally:
            self.story.tick()
            self.story.verified()
        return True

    def _do(self, act: str) -> None:
        if act == "hold or release":
            self.story.hold(not self.held)
        elif act == "submit":
            self.submitted += 1
            self.story.submit(candidate(self.submitted))
        elif act in ("extend", "take back"):
            day = date(2027, 2, 10) if act == "extend" else date(2027, 2, 4)
            self.story.do(ExtendDeadline(**self.story.who, due_day=day, reason="雪灾"))

    @property
    def held(self) -> bool:
        return self.story.row(Round).held

    def due(self) -> dict[str, date]:
        stages = {row.stage: row.due_day for row in self.story.rows(StageClock)}
        return stages | {f"{row.kind} {row.subject}": row.due_day for row in self.story.rows(WorkItem, status="open")}

    def kept(self) -> _Kept:
        """What is not overdue: since the hold began, if one has."""
        since = self.story.row(Round).held_at
        return _Kept(since.astimezone(WorkCalendar().zone).date() if since else self.day, self.due())


def _at_the_end(course: _Course) -> None:
    if course.held:
        assert course.step(1, "hold or release")
    assert course.story.tick().happened == ()


def _told(light_story: Callable[[], Story], opens_on: date, days: Mapping[date, bool], acts: Sequence[tuple[int, str]], known: int) -> None:
    early, late = _Course(light_story(), opens_on), _Course(light_story(), opens_on)
    announce(early.story, whole(2027, days))
    early.story.tick()
    kept = early.kept()
    for place, (after, act) in enumerate(acts):
        if place == known:
            kept = early.kept()
            announce(late.story, whole(2027, days))
            late.story.tick()
        done = early.step(after, act), late.step(after, act)
        assume(done[0] == done[1])  # the plans of then differ, and with them what may be extended or taken back
    for course in (early, late):
        _at_the_end(course)
    _agree(early, late, kept)


def _agree(early: _Course, late: _Course, kept: _Kept) -> None:
    one, other = early.due(), late.due()
    assert one.keys() == other.keys()
    assert {key for key in one if other[key] < one[key]} == set()
    exact = {key for key in one if kept.due.get(key, kept.day) >= kept.day}
    assert {key: other[key] for key in exact} == {key: one[key] for key in exact}
    assert early.story.row(Round).opens_on == late.story.row(Round).opens_on


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(days=arrangements, course=courses, data=st.data())
def test_announced_later_is_as_announced_first(
    light_story: Callable[[], Story], days: dict[date, bool], course: list[tuple[int, str]], data: st.DataObject
) -> None:
    _told(light_story, FIRST, days, course, data.draw(st.integers(min(2, len(course) - 1), len(course) - 1)))


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(days=arrangements, holds=st.lists(held, min_size=1, max_size=2))
def test_planned_opening_announced_later_is_as_announced_first(
    light_story: Callable[[], Story], days: dict[date, bool], holds: list[tuple[tuple[int, str], tuple[int, str]]]
) -> None:
    course = [*(act for hold in holds for act in hold), (1, "tick")]
    _told(light_story, date(2027, 1, 25), days, course, len(course) - 1)
