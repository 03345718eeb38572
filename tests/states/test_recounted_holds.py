"""Holds wholly within a year that nobody has announced: their working days are counted again once it is announced."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from alembic import command
from alembic.config import Config

from states.commands.timing import ExtendDeadline
from states.store import MIGRATIONS
from states.tables import NoticeBatch, Round, StageClock, WorkItem
from tests.states.builders import Story
from tests.states.figures import candidate, clearing, local
from tests.states.test_amending_time import amend
from tests.states.test_replanning import LONG, announce, at, on_notice, whole

__all__ = ["on_notice"]
NEW_YEAR = {date(2027, 1, 1): False}
FIFTH = {date(2027, 1, 5): False}
"""The Tuesday in the middle of the hold of most of these tests."""


@contextmanager
def held(story: Story, since: date, until: date) -> Iterator[None]:
    """The round is on hold from one day to another."""
    story.clock.move_to(at(since.month, since.day, year=since.year))
    story.hold()
    yield
    story.clock.move_to(at(until.month, until.day, year=until.year))
    story.hold(False)
    story.verified()


def hold(story: Story, since: date, until: date) -> None:
    with held(story, since, until):
        pass


def due(story: Story, **wanted: str) -> tuple[date, bool]:
    """The end of intake, with the work that is due with it."""
    clock, item = story.row(StageClock), story.row(WorkItem, **(wanted or {"kind": "close_intake"}))
    assert (clock.due_day, clock.provisional, clock.holds) == (item.due_day, item.provisional, item.holds)
    story.verified()
    return item.due_day, item.provisional


@pytest.fixture
def winter(story: Story) -> Story:
    """Twenty working days of intake from Monday 2026-12-14, until 2027-01-12 by guess."""
    story.clock.move_to(at(12, 14, year=2026))
    return story.open(opens_on=date(2026, 12, 14))


@pytest.mark.parametrize(
    ("days", "day"),
    [
        (FIFTH, date(2027, 1, 13)),  # one working day less held, one more to wait for what was left
        (NEW_YEAR, date(2027, 1, 14)),
        (NEW_YEAR | FIFTH, date(2027, 1, 14)),
        ({date(2027, 1, 2): True}, date(2027, 1, 12)),  # worked before the hold
        ({date(2027, 1, 9): True}, date(2027, 1, 12)),  # and after it
        ({date(2027, 1, 5): False, date(2027, 1, 6): False}, date(2027, 1, 13)),  # nothing of the hold was worked
    ],
)
def test_days_of_a_hold_are_counted_again_once_they_are_announced(winter: Story, days: dict[date, bool], day: date) -> None:
    hold(winter, date(2027, 1, 4), date(2027, 1, 6))
    assert due(winter) == (date(2027, 1, 14), True)
    announce(winter, whole(2027, days))
    winter.tick()
    assert due(winter) == (day, False)
    assert winter.tick().happened == ()


def test_arrangement_that_comes_in_the_hold_is_counted_by_at_its_release(winter: Story) -> None:
    with held(winter, date(2027, 1, 4), date(2027, 1, 6)):
        announce(winter, whole(2027, NEW_YEAR | FIFTH))
        winter.tick(at(1, 5))
    assert due(winter) == (date(2027, 1, 14), False)
    assert winter.tick().happened == ()


def test_holds_add_up_whether_they_were_guessed_or_not(winter: Story) -> None:
    hold(winter, date(2026, 12, 21), date(2026, 12, 23))
    hold(winter, date(2026, 12, 30), date(2027, 1, 4))
    hold(winter, date(2027, 1, 4), date(2027, 1, 6))
    assert due(winter) == (date(2027, 1, 20), True)
    assert winter.row(StageClock).holds == "2026-12-21/2026-12-23 2026-12-30/2027-01-04 2027-01-04/2027-01-06"
    announce(winter, whole(2027, NEW_YEAR | FIFTH))
    winter.tick()
    assert due(winter) == (date(2027, 1, 20), False)  # what was left on 12-30 and on 01-04 is left on 01-06
    announce(winter, whole(2027, NEW_YEAR | FIFTH | {date(2027, 1, 20): False}))
    winter.tick()
    assert due(winter) == (date(2027, 1, 21), False)


def test_hold_after_the_announcement_adds_to_the_day_that_is_certain(winter: Story) -> None:
    hold(winter, date(2027, 1, 4), date(2027, 1, 6))
    announce(winter, whole(2027, NEW_YEAR | FIFTH))
    winter.tick()
    hold(winter, date(2027, 1, 7), date(2027, 1, 11))
    assert due(winter) == (date(2027, 1, 18), False)
    assert winter.row(StageClock).holds == "2027-01-07/2027-01-11"


def test_override_that_is_taken_away_again_leaves_the_guess(winter: Story) -> None:
    hold(winter, date(2027, 1, 4), date(2027, 1, 6))
    announce(winter, {date(2027, 1, 9): True})
    winter.tick()
    assert due(winter) == (date(2027, 1, 13), True)
    announce(winter, {})
    winter.tick()
    assert due(winter) == (date(2027, 1, 14), True)
    announce(winter, whole(2027, FIFTH | {date(2027, 1, 9): True}))
    winter.tick()
    assert due(winter) == (date(2027, 1, 12), False)


def test_moved_day_is_told_once_for_each_piece_of_work(winter: Story) -> None:
    hold(winter, date(2027, 1, 4), date(2027, 1, 6))
    announce(winter, whole(2027, NEW_YEAR | {date(2027, 1, 8): False}))
    winter.tick()
    winter.tick(at(1, 7))
    (entry,) = winter.entries(event="work_item_replanned")
    assert {"from": "2027-01-14", "to": "2027-01-15"}.items() <= json.loads(entry.payload).items()
    (entry,) = winter.entries(event="dates_replanned")
    assert json.loads(entry.payload)["stages"] == [{"id": "intake", "from": "2027-01-14", "to": "2027-01-15"}]


@pytest.mark.parametrize(
    ("rest", "day"),
    [
        (date(2027, 1, 6), date(2027, 1, 18)),  # in the hold, as one of the seven days and one of those held
        (date(2027, 1, 8), date(2027, 1, 19)),
        (date(2027, 1, 5), date(2027, 1, 18)),  # before its opening: none of its affairs
    ],
)
def test_work_opened_in_a_hold_waits_from_its_opening(story: Story, rest: date, day: date) -> None:
    """A clearance of seven working days, first asked for on Tuesday 2027-01-05 in a hold."""
    story.clock.move_to(at(11, 30, year=2026))
    story.open(opens_on=date(2026, 11, 30)).submit(candidate(1))
    story.endorse([1])
    story.tick(at(12, 29, year=2026))
    with held(story, date(2027, 1, 4), date(2027, 1, 7)):
        story.clock.move_to(at(1, 5))
        amend(story, clearing("D1"))
    item = story.row(WorkItem, kind="clearance")
    assert (item.due_day, item.provisional, item.holds) == (date(2027, 1, 18), True, "2027-01-05/2027-01-07")
    announce(story, whole(2027, {rest: False}))
    story.tick()
    item = story.row(WorkItem, kind="clearance")
    assert (item.due_day, item.provisional) == (day, False)
    story.verified()


def on_its_first_day(story: Story, since: date, until: date, days: dict[date, bool]) -> tuple[date, date]:
    """An endorsement due on the day on which a hold began: when it is due at the release, and once the year is announced."""
    story.clock.move_to(at(12, 24, year=2026))
    story.open(opens_on=date(2026, 12, 24)).submit(candidate(1))  # due on 12-31
    hold(story, since, until)
    first = story.row(WorkItem, kind="endorsement").due_day
    announce(story, whole(2027, days))
    story.tick()
    story.verified()
    return first, story.row(WorkItem, kind="endorsement").due_day


@pytest.mark.parametrize(
    ("days", "day"),
    [
        ({}, date(2027, 1, 4)),
        (NEW_YEAR, date(2027, 1, 4)),
        ({date(2027, 1, 2): True}, date(2027, 1, 2)),  # the very day of the release, as is known on it
        ({date(2027, 1, 3): True}, date(2027, 1, 3)),
        ({date(2027, 1, 4): False}, date(2027, 1, 5)),
    ],
)
def test_what_is_due_on_the_first_day_of_a_hold_is_due_on_the_next_working_day_after_it(
    story: Story, days: dict[date, bool], day: date
) -> None:
    """Released on Saturday 2027-01-02."""
    assert on_its_first_day(story, date(2026, 12, 31), date(2027, 1, 2), days) == (date(2027, 1, 4), day)


def test_what_is_due_on_the_first_day_of_a_hold_within_an_announced_year_is_not_overdue_at_its_end(story: Story) -> None:
    story.submitted()  # an endorsement due on Tuesday 2023-06-13
    story.tick(local(6, 13, 9))
    story.do(ExtendDeadline(**story.who, due_day=date(2023, 6, 16), reason="路途远", whole_round=True))
    story.clock.move_to(local(6, 16))
    story.hold()
    story.clock.move_to(local(6, 18))
    story.hold(False)
    assert story.row(WorkItem, kind="endorsement").due_day == date(2023, 6, 19)
    story.verified()


@pytest.mark.parametrize(
    ("days", "day"), [({}, date(2027, 1, 4)), (NEW_YEAR, date(2027, 1, 4)), ({date(2027, 1, 3): True}, date(2027, 1, 3))]
)
def test_overdue_work_that_a_guessed_hold_moved_is_counted_again_and_stays_as_overdue(
    story: Story, days: dict[date, bool], day: date
) -> None:
    """Due on Thursday 2026-12-31 and held from Saturday 01-02 on, over a Monday and a Tuesday."""
    story.clock.move_to(at(12, 24, year=2026))
    story.open(opens_on=date(2026, 12, 24)).submit(candidate(1))
    story.tick(at(1, 2))
    hold(story, date(2027, 1, 2), date(2027, 1, 5))
    item = story.row(WorkItem, kind="endorsement")
    assert (item.due_day, item.provisional) == (date(2027, 1, 5), True)
    announce(story, whole(2027, days))
    story.tick()
    item = story.row(WorkItem, kind="endorsement")
    assert item.due_day >= day
    assert not item.provisional
    story.verified()


def test_work_that_takes_over_or_is_opened_keeps_the_holds_of_its_stage(story: Story) -> None:
    story.clock.move_to(at(11, 30, year=2026))
    story.open(opens_on=date(2026, 11, 30)).submit(candidate(1))
    story.endorse([1])
    story.tick(at(12, 29, year=2026))  # qualification: fifteen working days, until 2027-01-19
    story.do(ExtendDeadline(**story.who, due_day=date(2027, 1, 29), reason="雪灾"))
    hold(story, date(2027, 1, 4), date(2027, 1, 6))
    story.do(story.verdict(1, "return", reason="请补证明", fields=("证明材料",)))
    story.do(story.resubmission(1, evidence="补充"))
    clock, item = story.row(StageClock, stage="qualification"), story.row(WorkItem, kind="qualification", status="open")
    kept = ("counted_from", "working_days", "holds", "planned_from", "planned_days", "planned_holds")
    assert [getattr(item, name) for name in kept] == [getattr(clock, name) for name in kept]
    assert item.holds == item.planned_holds == "2027-01-04/2027-01-06"
    announce(story, whole(2027, FIFTH))
    story.do(ExtendDeadline(**story.who, due_day=date(2027, 1, 21), reason="日期误填"))
    assert story.row(WorkItem, kind="qualification", status="open").due_day == date(2027, 1, 21)
    story.verified()


def test_published_notice_is_moved_by_no_hold_and_keeps_its_working_days(on_notice: Story) -> None:
    """Published from Tuesday 2026-12-29, until 2027-01-05 by guess."""
    hold(on_notice, date(2027, 1, 1), date(2027, 1, 4))
    batch, item = on_notice.row(NoticeBatch), on_notice.row(WorkItem, kind="notice_completion")
    assert (batch.last_day, item.due_day, item.holds) == (date(2027, 1, 5), date(2027, 1, 5), "")
    announce(on_notice, whole(2027, LONG))
    on_notice.tick()
    batch, item = on_notice.row(NoticeBatch), on_notice.row(WorkItem, kind="notice_completion")
    assert batch.last_day == item.due_day == date(2027, 1, 6)
    on_notice.verified()


def test_house_of_the_schema_before_is_brought_forward(winter: Story) -> None:
    """Rows made before there were holds to keep stand without any, and are counted again as they were."""
    store = winter.store
    with store.engine.connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, "0009")
        connection.commit()
    store.migrate()
    assert winter.row(Round).holds == winter.row(StageClock).holds == winter.row(WorkItem).planned_holds == ""
    announce(winter, whole(2027, NEW_YEAR))
    winter.tick()
    assert due(winter) == (date(2027, 1, 12), False)
