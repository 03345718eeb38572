"""Every limit in time to the second, on a machine of whatever zone: one second before nothing, at it and after it the thing itself."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from config.vocabulary import Stage
from states.tables import NoticeBatch, Round, StageClock, WorkItem
from tests.states.builders import Story
from tests.states.figures import number

SECOND = timedelta(seconds=1)


def utc(month: int, day: int, hour: int) -> datetime:
    return datetime(2023, month, day, hour, tzinfo=UTC)


def _planned(story: Story) -> None:
    story.open(opens_on=date(2023, 6, 12))


def _stage(story: Story) -> object:
    return story.stage()


def _state(story: Story) -> object:
    return story.state(1)


def _steps(story: Story) -> object:
    return story.row(WorkItem, kind="endorsement").steps_done


LIMITS: dict[str, tuple[Callable[[Story], object], datetime, Callable[[Story], object], object, object]] = {
    "the opening": (_planned, utc(6, 11, 16), _stage, "planned", "intake"),
    "intake's end": (Story.submitted, utc(7, 5, 16), _stage, "intake", "qualification"),
    "a reminder": (Story.submitted, utc(6, 9, 1), _steps, [], ["r-2"]),
    "an escalation": (Story.submitted, utc(6, 14, 1), _steps, [], ["e+1:superior", "r-2", "r0"]),
    "a correction's end": (Story.returned, utc(7, 13, 16), _state, "returned", "lapsed"),
    "a notice's end": (Story.on_notice, utc(7, 12, 16), _state, "leadership_approved", "publicly_noticed"),
}
"""What is told first, the limit in UTC, what is looked at, and how it is one second before and from then on."""


@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize("limit", LIMITS)
def test_limit_holds_to_the_second(story: Story, limit: str, after: int) -> None:
    begin, at, look, before, then = LIMITS[limit]
    begin(story)
    story.clock.move_to(at - SECOND)
    if limit != "an escalation":  # its reminders come first
        story.tick()
        assert look(story) == before
    story.tick(at + after * SECOND)
    assert look(story) == then


def test_escalation_comes_at_its_hour_and_not_a_second_before(story: Story) -> None:
    story.submitted()
    story.tick(utc(6, 14, 1) - SECOND)
    assert story.row(WorkItem, kind="endorsement").steps_done == ["r-2", "r0"]
    story.tick(utc(6, 14, 1))
    assert story.row(WorkItem, kind="endorsement").steps_done == ["e+1:superior", "r-2", "r0"]


def test_instants_are_the_same_in_every_zone_of_the_machine(story: Story, machine_zone: str) -> None:
    assert machine_zone
    story.on_notice(1)
    assert story.row(Round).opened_at == utc(6, 6, 1)
    assert story.row(StageClock, stage=Stage.INTAKE.value).due_at == utc(7, 5, 16)
    assert story.row(WorkItem, kind="endorsement", subject=number(1)).due_at == utc(6, 13, 16)
    batch = story.row(NoticeBatch)
    assert (batch.starts_at, batch.ends_at) == (utc(7, 5, 16), utc(7, 12, 16))
    item = story.row(WorkItem, kind="notice_completion")
    assert (item.due_at, item.next_step_at) == (utc(7, 12, 16), utc(7, 12, 1))
