"""Provisional dates: planned again by the tick once the arrangement or an override is there, and told once."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import event

from config.calendar import WorkCalendar
from config.vocabulary import NominationState
from states.commands.notice import PublishNotice
from states.commands.review import ConcludeReview
from states.commands.timing import ExtendDeadline
from states.tables import Nomination, NoticeBatch, StageClock, WorkItem
from states.tables.rounds import UNSURE
from tests.benchmarks.crowds import uncertain
from tests.states.builders import Story
from tests.states.figures import BEIJING, candidate

NEW_YEAR = {date(2027, 1, 1): False, date(2027, 1, 2): False, date(2027, 1, 3): True}
"""Friday and Saturday off, Sunday worked: the first working day of 2027 is Sunday the 3rd."""


LONG = {date(2027, 1, 1): False, date(2027, 1, 4): False}
"""One working day less than the law lets expect: the Monday after New Year's Day is off too."""


def at(month: int, day: int, hour: int = 9, year: int = 2027) -> datetime:
    return datetime(year, month, day, hour, tzinfo=BEIJING)


def whole(year: int, days: Mapping[date, bool]) -> dict[date, bool]:
    """An arrangement of a whole year: these days, and Monday to Friday otherwise."""
    first = date(year, 1, 1)
    every = [first + timedelta(days=i) for i in range(365)]
    return {day: day.weekday() < 5 for day in every} | dict(days)


def announce(story: Story, days: Mapping[date, bool]) -> None:
    """The override file is there now: every command from here on counts by it."""
    story.house = replace(story.house, calendar=partial(WorkCalendar, overrides=days))


@pytest.fixture
def winter(story: Story) -> Story:
    """A round opened on Monday 2026-12-14: twenty working days of intake run into 2027, which nobody has announced."""
    story.clock.move_to(at(12, 14, year=2026))
    return story.open(opens_on=date(2026, 12, 14))


def test_dates_in_a_year_not_announced_are_provisional(winter: Story) -> None:
    clock, item = winter.row(StageClock), winter.row(WorkItem)
    assert (clock.due_day, clock.provisional) == (item.due_day, item.provisional) == (date(2027, 1, 12), True)
    assert (item.counted_from, item.working_days) == (clock.counted_from, clock.working_days) == (date(2026, 12, 14), 20)


def test_announced_arrangement_moves_dates_and_makes_them_certain(winter: Story) -> None:
    announce(winter, whole(2027, LONG))
    winter.tick()
    clock, item = winter.row(StageClock), winter.row(WorkItem)
    assert (clock.due_day, clock.provisional) == (item.due_day, item.provisional) == (date(2027, 1, 13), False)
    assert item.due_at == clock.due_at == at(1, 14, 0)
    assert (item.due_version, item.next_step_at) == (2, at(1, 11))
    winter.verified()


def test_moved_dates_stand_in_the_ledger_with_the_old_and_the_new_day(winter: Story) -> None:
    announce(winter, whole(2027, LONG))
    assert winter.tick().outcome.summary.endswith("，日期改定 2 项")
    days = {"from": "2027-01-12", "to": "2027-01-13"}
    (entry,) = winter.entries(event="dates_replanned")
    payload = json.loads(entry.payload)
    assert (payload["stages"], payload["moved"], payload["certain"]) == ([{"id": "intake", **days}], 1, [])
    (moved,) = winter.entries(event="work_item_replanned")
    assert days.items() <= json.loads(moved.payload).items()


def test_replanning_twice_is_once(winter: Story) -> None:
    announce(winter, whole(2027, NEW_YEAR))
    winter.tick()
    assert winter.tick().happened == ()
    assert winter.row(WorkItem).due_version == 2


def test_day_that_is_kept_for_whoever_owes_is_a_guess_while_its_own_year_is_one(story: Story) -> None:
    story.clock.move_to(at(12, 7, year=2026))
    story.open(opens_on=date(2026, 12, 7))
    december = {date(2026, 12, 19): True, date(2026, 12, 26): True}  # so intake would have ended on 12-31
    announce(story, december)
    story.tick(at(1, 2))
    assert due(story) == (date(2027, 1, 4), True)
    announce(story, whole(2027, december | {date(2027, 1, 4): False}))
    story.tick()
    assert due(story) == (date(2027, 1, 5), False)


def due(story: Story) -> tuple[date, bool]:
    clock = story.row(StageClock)
    return clock.due_day, clock.provisional


def test_dates_that_only_become_certain_bother_nobody(winter: Story) -> None:
    announce(winter, whole(2027, {date(2027, 1, 1): False}))
    winter.tick()
    item = winter.row(WorkItem)
    assert (item.due_day, item.provisional, item.due_version) == (date(2027, 1, 12), False, 1)
    (entry,) = winter.entries(event="dates_replanned")
    assert json.loads(entry.payload)["certain"] == [item.id]
    assert winter.entries(event="work_item_replanned") == []
    winter.verified()


def test_single_override_moves_what_stays_provisional(winter: Story) -> None:
    announce(winter, {date(2027, 1, 4): False})
    winter.tick()
    item = winter.row(WorkItem)
    assert (item.due_day, item.provisional) == (date(2027, 1, 13), True)
    assert winter.tick().happened == ()
    announce(winter, whole(2027, {date(2027, 1, 1): False}))
    winter.tick()
    assert (winter.row(WorkItem).due_day, winter.row(WorkItem).provisional) == (date(2027, 1, 12), False)


def test_nothing_provisional_is_not_written(story: Story) -> None:
    """A certain day that is still worked stands, though a day before it is not worked any more."""
    story.open()
    announce(story, {date(2023, 7, 4): False})
    assert story.tick().happened == ()
    assert story.row(WorkItem).due_day == date(2023, 7, 5)


def test_due_day_never_moves_to_before_today(winter: Story) -> None:
    winter.clock.move_to(at(1, 11, 10))
    announce(winter, whole(2027, NEW_YEAR | {date(2027, 1, 9): True}))
    winter.tick()
    item = winter.row(WorkItem)
    assert (item.due_day, item.provisional) == (date(2027, 1, 11), False)
    assert winter.stage() == "intake"


def test_extended_day_stays_where_the_office_put_it_unless_it_is_a_rest_day(winter: Story) -> None:
    winter.do(ExtendDeadline(**winter.who, due_day=date(2027, 1, 13), reason="路途远"))
    announce(winter, {date(2027, 1, 4): False})
    assert winter.tick().happened == ()
    announce(winter, whole(2027, {date(2027, 1, 13): False}))
    winter.tick()
    assert winter.row(WorkItem).due_day == winter.row(StageClock).due_day == date(2027, 1, 14)


def test_released_round_is_still_counted_from_its_start(winter: Story) -> None:
    winter.hold()
    winter.clock.move_to(at(12, 16, year=2026))
    winter.hold(False)
    item = winter.row(WorkItem)
    assert (item.due_day, item.counted_from, item.working_days) == (date(2027, 1, 14), date(2026, 12, 14), 20)
    assert item.holds == winter.row(StageClock).holds == "2026-12-14/2026-12-16"
    announce(winter, whole(2027, LONG))
    winter.tick()
    assert winter.row(WorkItem).due_day == date(2027, 1, 15)


def test_held_round_is_planned_again_when_it_is_released(winter: Story) -> None:
    winter.hold()
    announce(winter, whole(2027, LONG))
    winter.tick()
    assert winter.row(WorkItem).provisional
    winter.hold(False)
    winter.tick()
    assert (winter.row(WorkItem).due_day, winter.row(WorkItem).provisional) == (date(2027, 1, 13), False)


def test_steps_already_sent_stay_sent(winter: Story) -> None:
    winter.tick(at(1, 8))
    assert winter.row(WorkItem).steps_done == ["r-2"]
    announce(winter, whole(2027, LONG))
    winter.tick()
    winter.tick(at(1, 11))
    item = winter.row(WorkItem)
    assert (item.steps_done, item.next_step_at) == (["r-2"], at(1, 13))


def test_step_whose_day_has_become_a_rest_day_waits_for_the_next_working_day(story: Story) -> None:
    """The due day is certain, but its first escalation was planned for a Monday that turns out to be off."""
    story.clock.move_to(at(12, 24, year=2026))
    story.open(opens_on=date(2026, 12, 24)).submit(candidate(1))
    story.tick(at(12, 31, year=2026))
    item = story.row(WorkItem, kind="endorsement")
    assert (item.due_day, item.provisional, item.next_step_at) == (date(2026, 12, 31), False, at(1, 4))
    reminded = len(story.entries(event="work_item_reminded"))
    announce(story, whole(2027, LONG))
    story.tick(at(1, 4))
    assert story.row(WorkItem, kind="endorsement").next_step_at == at(1, 5)
    assert len(story.entries(event="work_item_reminded")) == reminded
    story.tick(at(1, 5))
    assert len(story.entries(event="work_item_reminded")) == reminded + 1
    story.verified()


def test_correction_lapses_at_the_new_time(winter: Story) -> None:
    winter.submit(candidate(1))
    winter.endorse([1])
    winter.tick(at(1, 12, 0))
    winter.do(winter.verdict(1, "return", reason="请补证明", fields=("证明材料",)))
    assert winter.row(WorkItem, kind="correction").due_day == date(2027, 1, 19)
    announce(winter, whole(2027, {date(2027, 1, 15): False}))
    winter.tick()
    item = winter.row(WorkItem, kind="correction")
    assert item.due_day == date(2027, 1, 20)
    assert winter.row(Nomination).correction_due_at == item.due_at
    winter.tick(item.due_at - timedelta(seconds=1))
    assert winter.state(1) == NominationState.RETURNED
    winter.tick(item.due_at)
    assert winter.state(1) == NominationState.LAPSED
    winter.verified()


@pytest.fixture
def on_notice(story: Story) -> Story:
    """Published on Tuesday 2026-12-29: five working days end with the provisional 2027-01-05."""
    story.clock.move_to(at(10, 9, year=2026))
    story.open(opens_on=date(2026, 10, 9)).submit(candidate(1))
    story.endorse([1])
    story.tick(story.row(StageClock, stage="intake").due_at)
    story.do(story.verdict(1))
    story.score([30])
    story.do(ConcludeReview(**story.who))
    story.do(story.resolution(story.vote(1)))
    story.clock.move_to(at(12, 29, year=2026))
    story.do(PublishNotice(**story.who, first_day=date(2026, 12, 29)))
    return story


def test_published_notice_ends_later_when_its_days_no_longer_suffice(on_notice: Story) -> None:
    assert (on_notice.row(NoticeBatch).last_day, on_notice.row(NoticeBatch).provisional) == (date(2027, 1, 5), True)
    assert on_notice.tick().happened == ()
    announce(on_notice, whole(2027, LONG))
    on_notice.tick()
    batch, item = on_notice.row(NoticeBatch), on_notice.row(WorkItem, kind="notice_completion")
    assert batch.last_day == item.due_day == date(2027, 1, 6)
    assert batch.ends_at == item.due_at == at(1, 7, 0)
    assert not batch.provisional
    assert not item.provisional
    on_notice.tick(at(1, 6, 12))
    assert on_notice.state(1) == NominationState.LEADERSHIP_APPROVED
    on_notice.tick(at(1, 7, 0))
    assert on_notice.state(1) == NominationState.PUBLICLY_NOTICED
    on_notice.verified()


def test_published_notice_never_ends_earlier_than_published(on_notice: Story) -> None:
    announce(on_notice, whole(2027, {date(2027, 1, 1): False, date(2027, 1, 2): True}))
    on_notice.tick()
    batch, item = on_notice.row(NoticeBatch), on_notice.row(WorkItem, kind="notice_completion")
    assert batch.last_day == item.due_day == date(2027, 1, 5)
    assert not batch.provisional
    assert not item.provisional
    assert on_notice.tick().happened == ()


def test_idle_tick_looks_for_what_is_provisional_by_its_own_indexes(light_story: Callable[[], Story]) -> None:
    """Whatever is certain costs nothing: those indexes hold only open work with a provisional due day."""
    story, asked = light_story().intake_over(1), []
    event.listen(story.store.engine, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
    story.tick()
    unsure = [(text, values) for text, values in asked if str(UNSURE) in text]
    with story.store.read() as connection:
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()[0][-1] for text, values in unsure]
    assert len(plans) > 1
    assert all("ix_work_item_unsure" in plan for plan in plans), plans


def test_idle_tick_looks_up_what_let_time_go_on_without_walking_through_the_ledger(light_story: Callable[[], Story]) -> None:
    story, asked = light_story().intake_over(1), []
    event.listen(story.store.engine, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
    story.tick()
    looked_up = [(text, values) for text, values in asked if "round_released" in values]
    with story.store.read() as connection:
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()[0][-1] for text, values in looked_up]
    assert plans
    assert all("ix_ledger_entry_event (round=? AND event=?)" in plan for plan in plans), plans


def test_idle_tick_over_more_provisional_work_takes_no_more_steps_in_the_database(light_story: Callable[[], Story]) -> None:
    few, many = (steps_of_a_tick(uncertain(light_story(), count)) for count in (50, 2_000))
    assert few > 100
    assert many <= few * 1.2


def steps_of_a_tick(story: Story) -> int:
    """Count what SQLite's machine does in one tick."""
    steps: list[int] = []
    count = partial(steps.append, 1)
    watch = lambda connection, *_: connection.connection.dbapi_connection.set_progress_handler(count, 1)  # noqa: E731
    event.listen(story.store.engine, "before_cursor_execute", watch)
    assert story.tick().happened == ()
    return len(steps)
