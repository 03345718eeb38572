"""Holds over days of a year that nobody has announced: how long they took is a guess, and comes out right afterwards."""

from datetime import date

import pytest

from states.commands.timing import ExtendDeadline, ReleaseRound
from states.tables import StageClock, WorkItem
from tests.states.builders import Story
from tests.states.figures import candidate
from tests.states.test_replanning import LONG, announce, at, whole


def held(story: Story, opens: date, hold: date, release: date) -> Story:
    """Twenty working days of intake from ``opens``, on hold from one day to another; every day is one of winter 2026."""
    story.clock.move_to(at(opens.month, opens.day, year=opens.year))
    story.open(opens_on=opens)
    story.clock.move_to(at(hold.month, hold.day, year=hold.year))
    story.hold()
    story.clock.move_to(at(release.month, release.day, year=release.year))
    result = story.do(ReleaseRound(**story.who))
    assert "暂定" in result.outcome.summary
    return story


def due(story: Story) -> tuple[date, bool]:
    clock, item = story.row(StageClock), story.row(WorkItem)
    assert (clock.due_day, clock.provisional) == (item.due_day, item.provisional)
    story.verified()
    return item.due_day, item.provisional


@pytest.mark.parametrize(
    ("rest", "day"),
    [
        (date(2027, 1, 1), date(2027, 1, 18)),  # in the hold: eight working days are left at its end, whatever it took
        (date(2027, 1, 7), date(2027, 1, 19)),  # after it
    ],
)
def test_provisional_date_after_a_hold_over_days_not_announced_comes_out_right(story: Story, rest: date, day: date) -> None:
    held(story, date(2026, 12, 14), date(2026, 12, 30), date(2027, 1, 6))
    assert due(story) == (date(2027, 1, 18), True)
    announce(story, whole(2027, {rest: False}))
    story.tick()
    assert due(story) == (day, False)


@pytest.mark.parametrize(("rest", "day"), [(date(2027, 1, 1), date(2027, 1, 7)), (date(2027, 1, 7), date(2027, 1, 8))])
def test_certain_date_becomes_provisional_by_a_hold_over_days_not_announced(story: Story, rest: date, day: date) -> None:
    held(story, date(2026, 12, 1), date(2026, 12, 28), date(2027, 1, 6))
    assert due(story) == (date(2027, 1, 7), True)
    announce(story, whole(2027, {rest: False}))
    story.tick()
    assert due(story) == (day, False)


def test_hold_within_a_year_not_announced_leaves_its_days_before_to_be_counted_again(story: Story) -> None:
    held(story, date(2026, 12, 14), date(2027, 1, 4), date(2027, 1, 6))
    assert due(story) == (date(2027, 1, 14), True)
    announce(story, whole(2027, {date(2027, 1, 1): False, date(2027, 1, 7): False}))
    story.tick()
    assert due(story) == (date(2027, 1, 15), False)


def test_overdue_work_is_as_overdue_after_a_hold_over_days_not_announced(story: Story) -> None:
    story.clock.move_to(at(12, 18, year=2026))
    story.open(opens_on=date(2026, 12, 18)).submit(candidate(1))
    story.tick(at(12, 29, year=2026))
    story.hold()
    story.clock.move_to(at(1, 6))
    story.hold(False)
    item = story.row(WorkItem, kind="endorsement")
    assert (item.due_day, item.provisional) == (date(2027, 1, 4), True)
    announce(story, whole(2027, {date(2027, 1, 1): False}))
    story.tick()
    item = story.row(WorkItem, kind="endorsement")
    assert (item.due_day, item.provisional) == (date(2027, 1, 4), False)
    story.verified()


def taken_back(story: Story, day: date) -> None:
    """An extension that stands is taken back to that day, the first that does: not to the working day before it."""
    before = story.house.calendar("Asia/Shanghai").shift(day, -1)
    order = ExtendDeadline(**story.who, due_day=before, reason="日期误填")
    assert story.codes(order) == ["before-planned"]
    story.do(order.model_copy(update={"due_day": day}))
    assert due(story)[0] == day


def extended(story: Story) -> Story:
    """Intake of twenty working days from Monday 2026-12-14, until 2027-01-12 as things are known, extended by two weeks."""
    story.clock.move_to(at(12, 14, year=2026))
    story.open(opens_on=date(2026, 12, 14))
    story.do(ExtendDeadline(**story.who, due_day=date(2027, 1, 25), reason="雪灾"))
    return story


def test_planned_day_that_was_provisional_is_the_one_that_is_counted_now(story: Story) -> None:
    extended(story)
    announce(story, whole(2027, LONG))
    taken_back(story, date(2027, 1, 13))
    assert due(story) == (date(2027, 1, 13), False)


def test_extension_that_is_taken_back_before_the_year_is_announced_is_provisional_again(story: Story) -> None:
    taken_back(extended(story), date(2027, 1, 12))
    assert due(story) == (date(2027, 1, 12), True)
    announce(story, whole(2027, LONG))
    story.tick()
    assert due(story) == (date(2027, 1, 13), False)


@pytest.mark.parametrize(
    ("hold", "guess", "rest", "day"),
    [
        (date(2026, 12, 30), date(2027, 1, 18), date(2027, 1, 1), date(2027, 1, 18)),  # in the hold: eight days are left at its end
        (date(2026, 12, 30), date(2027, 1, 18), date(2027, 1, 7), date(2027, 1, 19)),
        (date(2027, 1, 4), date(2027, 1, 14), date(2027, 1, 11), date(2027, 1, 14)),  # after it, and 01-01 was worked before it
    ],
)
def test_planned_day_after_a_hold_over_days_not_announced_comes_out_right(
    story: Story, hold: date, guess: date, rest: date, day: date
) -> None:
    extended(story)
    story.clock.move_to(at(hold.month, hold.day, year=hold.year))
    story.hold()
    story.clock.move_to(at(1, 6))
    story.hold(False)
    (refusal,) = story.refused(ExtendDeadline(**story.who, due_day=story.row(StageClock).due_day, reason="日期误填"))
    assert f"最早改为 {guess}（原定的期限）" in refusal.sentence
    announce(story, whole(2027, {rest: False}))
    taken_back(story, day)
