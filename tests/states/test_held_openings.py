"""The opening of a planned round, put off by holds over days that nobody has announced yet."""

import json
from datetime import date

import pytest

from states.commands.intake import SubmitNominations
from states.commands.timing import HoldRound, ReleaseRound
from states.tables import Round, StageClock
from tests.states.builders import Story
from tests.states.figures import local
from tests.states.test_recounted_holds import FIFTH, NEW_YEAR, held, hold
from tests.states.test_replanning import announce, at, whole


@pytest.fixture
def planned(story: Story) -> Story:
    """A round entered on Monday 2026-12-21, to be opened on Wednesday 2027-01-13."""
    story.clock.move_to(at(12, 21, year=2026))
    return story.open(opens_on=date(2027, 1, 13))


def opening(story: Story) -> tuple[date, bool]:
    story.verified()
    return story.row(Round).opens_on, story.row(Round).planned_on is not None


@pytest.mark.parametrize(
    ("days", "day"),
    [(NEW_YEAR, date(2027, 1, 15)), (FIFTH, date(2027, 1, 14)), ({date(2027, 1, 14): False}, date(2027, 1, 18)), ({}, date(2027, 1, 15))],
)
def test_planned_opening_is_counted_again_past_the_days_held(planned: Story, days: dict[date, bool], day: date) -> None:
    hold(planned, date(2027, 1, 4), date(2027, 1, 6))
    assert opening(planned) == (date(2027, 1, 15), True)
    assert planned.tick().happened == ()
    announce(planned, whole(2027, days))
    planned.tick()
    assert opening(planned) == (day, False)
    moved = json.loads(planned.entries(event="dates_replanned")[-1].payload).get("opening", [])
    assert moved == ([{"id": planned.slug, "from": "2027-01-15", "to": f"{day}"}] if day != date(2027, 1, 15) else [])
    assert planned.tick().happened == ()
    planned.tick(at(day.month, day.day, 0))
    assert planned.row(StageClock).counted_from == day
    planned.verified()


def test_release_of_a_planned_round_says_that_its_opening_is_provisional(planned: Story) -> None:
    with held(planned, date(2027, 1, 4), date(2027, 1, 6)):
        planned.clock.move_to(at(1, 6))
        outcome = planned.send(ReleaseRound(**planned.who)).outcome
    assert "将于 2027-01-15 启动（暂定：放假安排公布后重新排定）" in outcome.summary
    assert [each.when for each in outcome.touched] == ["2027-01-13 → 2027-01-15（暂定）"]


def test_holds_before_the_opening_add_up(planned: Story) -> None:
    hold(planned, date(2026, 12, 22), date(2026, 12, 24))  # certain by itself, but the way to its new day is not
    hold(planned, date(2027, 1, 4), date(2027, 1, 6))
    assert opening(planned) == (date(2027, 1, 19), True)
    announce(planned, whole(2027, FIFTH | {date(2027, 1, 19): False}))
    planned.tick()
    assert opening(planned) == (date(2027, 1, 18), False)


def test_opening_in_an_announced_year_keeps_nothing_of_its_holds(story: Story) -> None:
    story.open(opens_on=date(2023, 6, 13))
    story.clock.move_to(local(6, 7))
    story.do(HoldRound(**story.who, reason="等待批复"))
    story.clock.move_to(local(6, 9))
    story.do(ReleaseRound(**story.who))
    assert opening(story) == (date(2023, 6, 15), False)
    assert story.row(Round).holds == ""


def test_opening_is_never_counted_to_before_today(planned: Story) -> None:
    hold(planned, date(2027, 1, 4), date(2027, 1, 6))
    planned.clock.move_to(at(1, 14, 10))
    announce(planned, whole(2027, FIFTH | {date(2027, 1, 6): False, date(2027, 1, 9): True}))
    planned.tick()
    assert opening(planned) == (date(2027, 1, 14), False)
    assert planned.stage() == "intake"
    assert planned.row(StageClock).counted_from == date(2027, 1, 14)


def test_rest_day_on_which_a_round_opens_stays_where_no_working_day_was_held(story: Story) -> None:
    story.clock.move_to(at(12, 21, year=2026))
    story.open(opens_on=date(2027, 1, 16))
    hold(story, date(2027, 1, 8), date(2027, 1, 10))
    assert opening(story) == (date(2027, 1, 16), True)
    announce(story, whole(2027, {date(2027, 1, 9): True}))
    story.tick()
    assert opening(story) == (date(2027, 1, 18), False)


def test_nominations_before_the_opening_are_refused_with_its_day(planned: Story) -> None:
    command = SubmitNominations(**planned.who, rows=())
    hold(planned, date(2027, 1, 4), date(2027, 1, 6))
    assert [str(each) for each in planned.refused(command)] == [
        "本届定于 2027-01-15（周五，暂定）启动，启动以前不接收申报，请到启动那天再导入；启动日期要改的，在“修订本届办法”（amend-round）里填写"
    ]
    announce(planned, whole(2027, FIFTH))
    planned.tick()
    planned.hold()
    assert [str(each) for each in planned.refused(command)] == [
        "本届已暂停，请先恢复计时",
        "本届定于 2027-01-14（周四）启动（恢复计时后顺延），启动以前不接收申报，请到启动那天再导入；启动日期要改的，在“修订本届办法”（amend-round）里填写",
    ]
