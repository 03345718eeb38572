"""Extensions in a round that was on hold: the extended day and the planned one are put off by the days held, as they are announced."""

from datetime import date

import pytest

from config.calendar import WorkCalendar
from states.commands.timing import ExtendDeadline
from states.tables import StageClock
from tests.states.builders import Story
from tests.states.test_recounted_holds import FIFTH, NEW_YEAR, due, hold, winter
from tests.states.test_replanning import announce, whole

__all__ = ["winter"]
EXTENDED = date(2027, 1, 25)


def extended(story: Story) -> Story:
    story.do(ExtendDeadline(**story.who, due_day=EXTENDED, reason="雪灾"))
    return story


def back(story: Story, day: date) -> ExtendDeadline:
    return ExtendDeadline(**story.who, due_day=day, reason="日期误填")


@pytest.mark.parametrize(
    ("days", "day"), [(FIFTH, date(2027, 1, 26)), (NEW_YEAR, date(2027, 1, 27)), ({date(2027, 1, 25): False}, date(2027, 1, 28))]
)
def test_extended_day_is_put_off_by_the_days_held_as_they_are_announced(winter: Story, days: dict[date, bool], day: date) -> None:
    hold(extended(winter), date(2027, 1, 4), date(2027, 1, 6))
    assert due(winter) == (date(2027, 1, 27), True)
    announce(winter, whole(2027, days))
    winter.tick()
    assert due(winter) == (day, False)


@pytest.mark.parametrize(
    ("days", "day"), [(FIFTH, date(2027, 1, 13)), (NEW_YEAR, date(2027, 1, 14)), ({date(2027, 1, 9): True}, date(2027, 1, 12))]
)
@pytest.mark.parametrize("before", [True, False], ids=["before the announcement", "after it"])
def test_extension_is_taken_back_to_the_planned_day_put_off_by_the_days_held(
    winter: Story, days: dict[date, bool], day: date, before: bool
) -> None:
    hold(extended(winter), date(2027, 1, 4), date(2027, 1, 6))
    if before:
        winter.do(back(winter, date(2027, 1, 14)))
        assert due(winter) == (date(2027, 1, 14), True)
    announce(winter, whole(2027, days))
    if not before:
        shift = WorkCalendar(overrides=whole(2027, days)).shift
        assert winter.codes(back(winter, shift(day, -1))) == ["before-planned"]
        winter.do(back(winter, day))
    winter.tick()
    assert due(winter) == (day, False)
    assert {(row.planned_from, row.planned_days, row.planned_holds) for row in winter.rows(StageClock)} == {(None, 0, "")}
