"""Overrides that take days of an announced year away: what stands moves to the next working day, and is told once."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.calendar import WorkCalendar
from config.vocabulary import NominationState
from states.commands.timing import ExtendDeadline
from states.tables import Nomination, NoticeBatch, StageClock, WorkItem
from tests.states.builders import Story
from tests.states.figures import local
from tests.states.test_replanning import announce


def off(*days: int, month: int = 7) -> dict[date, bool]:
    return {date(2023, month, day): False for day in days}


def test_notice_keeps_its_working_days(story: Story) -> None:
    story.on_notice()
    announce(story, off(10, 11))
    story.tick(local(7, 7))
    batch, item = story.row(NoticeBatch), story.row(WorkItem, kind="notice_completion", status="open")
    assert batch.last_day == item.due_day == date(2023, 7, 14)
    assert (batch.ends_at, batch.provisional, item.due_at, item.due_version) == (local(7, 15, 0), False, local(7, 15, 0), 2)
    story.tick(local(7, 14, 23))
    assert story.state(1) == NominationState.LEADERSHIP_APPROVED
    story.tick(local(7, 15, 0))
    assert story.state(1) == NominationState.PUBLICLY_NOTICED
    story.verified()


def test_notice_does_not_end_earlier_for_a_day_that_is_worked_now(story: Story) -> None:
    story.on_notice()
    announce(story, {date(2023, 7, 8): True, date(2023, 7, 9): True})
    assert story.tick(local(7, 7)).happened == ()
    assert story.row(NoticeBatch).last_day == date(2023, 7, 12)


def test_notice_whose_clock_stood_still_past_its_end_keeps_its_working_days(story: Story) -> None:
    story.on_notice()
    announce(story, off(12))
    story.tick(local(7, 13))
    assert (story.row(NoticeBatch).last_day, story.state(1)) == (date(2023, 7, 13), NominationState.LEADERSHIP_APPROVED)


def test_notice_whose_moved_end_is_over_too_is_completed_as_published(story: Story) -> None:
    story.on_notice()
    announce(story, off(12))
    story.tick(local(7, 14, 0))
    assert (story.row(NoticeBatch).last_day, story.state(1)) == (date(2023, 7, 12), NominationState.PUBLICLY_NOTICED)


@pytest.mark.parametrize("at", [local(7, 10), local(7, 14, 0)], ids=["early", "after the old end"])
def test_correction_does_not_lapse_at_the_end_of_a_rest_day(story: Story, at: datetime) -> None:
    story.returned()
    announce(story, off(12, 13))
    story.tick(at)
    item = story.row(WorkItem, kind="correction")
    assert (item.due_day, item.due_version, story.state(1)) == (date(2023, 7, 14), 2, NominationState.RETURNED)
    assert story.row(Nomination).correction_due_at == item.due_at == local(7, 15, 0)
    story.tick(local(7, 15, 0))
    assert story.state(1) == NominationState.LAPSED
    story.verified()


def test_stage_and_its_work_move_together_and_are_told_once(story: Story) -> None:
    story.submitted()
    announce(story, off(5))
    story.tick(local(6, 30))
    clock, items = story.row(StageClock), story.rows(WorkItem, due_day=date(2023, 7, 6))
    assert (clock.due_day, clock.due_at, clock.provisional) == (date(2023, 7, 6), local(7, 7, 0), False)
    assert items
    assert {(each.counted_from, each.working_days) for each in items} == {(clock.counted_from, clock.working_days)}
    (entry,) = story.entries(event="dates_replanned")
    assert json.loads(entry.payload)["stages"] == [{"id": "intake", "from": "2023-07-05", "to": "2023-07-06"}]
    assert len(story.entries(event="work_item_replanned")) == len(items)
    assert story.tick().happened == ()
    story.tick(local(7, 6, 0))
    assert story.stage() == "intake"
    story.tick(local(7, 7, 0))
    assert story.stage() == "qualification"
    story.verified()


def test_steps_move_with_the_due_day(story: Story) -> None:
    story.submitted()
    endorsement = story.row(WorkItem, kind="endorsement")
    assert endorsement.due_day == date(2023, 6, 13)
    story.tick(local(6, 9))
    announce(story, off(13, month=6))
    story.tick(local(6, 12))
    moved = story.row(WorkItem, kind="endorsement")
    assert (moved.due_day, moved.next_step_at) == (date(2023, 6, 14), local(6, 14))
    story.tick(local(6, 13))
    story.tick(local(6, 14))
    keys = [step["key"] for each in story.entries(event="work_item_reminded", subject=moved.subject) for step in fired(each.payload)]
    assert "e+1:superior" not in keys
    story.verified()


def fired(payload: str) -> list[dict[str, str]]:
    steps: list[dict[str, str]] = json.loads(payload)["fired"]
    return steps


def test_extended_day_moves_to_the_next_working_day_and_no_farther(story: Story) -> None:
    story.open()
    story.do(ExtendDeadline(**story.who, due_day=date(2023, 7, 10), reason="路途远"))
    announce(story, off(6, 10))
    story.tick()
    assert story.row(StageClock).due_day == story.row(WorkItem).due_day == date(2023, 7, 11)
    story.verified()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    overrides=st.dictionaries(st.dates(date(2023, 7, 1), date(2023, 8, 15)), st.booleans(), max_size=25),
    hours=st.integers(0, 7 * 24 - 1),
    stage=st.sampled_from([Story.on_notice, Story.returned, Story.qualified]),
)
def test_overrides_that_come_at_any_moment_take_no_time_away(
    light_story: Callable[[], Story], overrides: dict[date, bool], hours: int, stage: Callable[[Story], Story]
) -> None:
    story = stage(light_story())
    story.tick()
    story.clock.move_to(local(7, 6) + timedelta(hours=hours) if hours else story.clock.now())
    story.tick()
    before = {each.id: each.due_day for each in story.rows(WorkItem, status="open")}
    ends = {each.id: each.last_day for each in story.rows(NoticeBatch)}
    announce(story, overrides)
    story.tick()
    calendar, today = WorkCalendar(overrides=overrides), story.clock.now().astimezone(local(7, 6).tzinfo).date()
    for batch in story.rows(NoticeBatch, completed_at=None):
        held = calendar.working_days_between(batch.first_day - timedelta(days=1), batch.last_day)
        assert batch.last_day >= ends[batch.id]
        assert held >= batch.working_days
    for item in story.rows(WorkItem, status="open"):
        assert item.due_day >= before.get(item.id, item.due_day)
        assert item.due_day < today or calendar.is_working_day(item.due_day)
    clocks = [each for each in story.rows(StageClock, concluded_at=None) if each.due_day >= today]
    assert all(calendar.is_working_day(each.due_day) for each in clocks)
    assert story.tick().happened == ()
    story.verified()


def test_house_without_days_taken_away_asks_for_no_due_days() -> None:
    assert WorkCalendar(overrides={date(2023, 7, 8): False, date(2023, 7, 9): True}).taken_away() == []
    assert WorkCalendar(
        overrides=off(11, 10) | {date(2027, 1, 2): False, date(2027, 1, 4): False, date(2027, 1, 1): False}
    ).taken_away() == [
        date(2023, 7, 10),
        date(2023, 7, 11),
        date(2027, 1, 4),  # the days before it were not worked without
    ]


def test_due_day_taken_away_in_a_hold_leaves_after_it_what_was_left_before(story: Story) -> None:
    story.returned()
    story.clock.move_to(local(7, 10))
    story.hold()
    announce(story, off(13))
    story.clock.move_to(local(7, 17))
    story.hold(False)
    item = story.row(WorkItem, kind="correction")
    assert item.due_day == date(2023, 7, 20)  # three working days, as before: 18, 19 and 20 for 11, 12 and 13
    assert story.row(Nomination).correction_due_at == item.due_at
    story.tick(local(7, 17, 10))
    assert story.row(WorkItem, kind="correction").due_day == date(2023, 7, 20)
    story.verified()
