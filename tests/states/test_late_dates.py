"""Deadlines count from the instant that decided them, however late the clock comes: a late tick gives nobody more time."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from states.command import Command
from states.commands.expiry import CompleteNotices, LapseCorrections
from states.commands.intake import CloseIntake
from states.tables import StageClock, WorkItem
from tests.states.builders import NOTICE_ENDS, Story
from tests.states.figures import INTAKE_ENDS, local, rules
from tests.states.test_late_clock import COMMANDS, LATE

DAYS_LATE = 4
BY_HAND: dict[str, Callable[[Story], Command]] = {
    "intake": lambda story: CloseIntake(**story.who),
    "correction": lambda story: LapseCorrections(**story.who),
    "notice": lambda story: CompleteNotices(**story.who),
}
"""How the office does by hand what is the clock's own."""


def dates(story: Story) -> dict[str, Any]:
    """What is due when, and since when each stage counts."""
    return {
        "stages": [(row.stage, row.counted_from, row.due_day) for row in story.rows(StageClock)],
        "work": sorted((item.kind, item.subject, item.counted_from, item.due_day) for item in story.rows(WorkItem)),
    }


@pytest.mark.parametrize("due", sorted(LATE))
def test_late_tick_gives_the_due_times_of_one_in_time(light_story: Callable[[], Story], due: str) -> None:
    found = []
    for days in (0, DAYS_LATE):
        story = light_story()
        LATE[due].begin(story)
        story.tick(LATE[due].due + timedelta(days=days))
        found.append(dates(story))
    assert found[0] == found[1]


@pytest.mark.parametrize("due", sorted(BY_HAND))
def test_office_in_the_clocks_stead_gives_the_due_times_of_a_tick_in_time(light_story: Callable[[], Story], due: str) -> None:
    in_time, by_hand = light_story(), light_story()
    LATE[due].begin(in_time)
    in_time.tick(LATE[due].due)
    LATE[due].begin(by_hand)
    by_hand.clock.move_to(LATE[due].due + timedelta(days=DAYS_LATE))
    by_hand.do(BY_HAND[due](by_hand))
    assert dates(in_time)["stages"] == dates(by_hand)["stages"]


def test_intake_that_the_office_closes_counts_from_the_day_of_that(story: Story) -> None:
    story.submitted(1, rules(("conclude: automatic", "conclude: office")))
    story.clock.move_to(local(7, 10))
    story.do(CloseIntake(**story.who))
    assert story.row(StageClock, stage="qualification").counted_from == date(2023, 7, 10)


def test_tick_after_everything_is_over_leaves_until_the_next_working_day(story: Story) -> None:
    story.submitted(2)
    story.tick(local(8, 18))  # a Friday
    assert story.row(StageClock, stage="qualification").due_day == date(2023, 8, 21)
    assert {item.due_day for item in story.rows(WorkItem, kind="qualification")} == {date(2023, 8, 21)}


def test_work_on_an_overdue_correction_counts_from_its_end(story: Story) -> None:
    story.returned(rules(("lapse: automatic", "lapse: office")))
    story.tick(local(7, 17))
    assert story.row(WorkItem, kind="overdue_correction").due_day == date(2023, 7, 18)  # two working days after 07-14
    story.verified()


def test_notice_that_waited_for_an_objection_counts_from_its_answer(story: Story) -> None:
    story.on_notice(1)
    story.do(story.objection())
    story.clock.move_to(local(7, 18))
    story.do(COMMANDS["answer"](story))
    story.tick(local(7, 20))
    assert story.stage() == "certification"
    assert story.row(StageClock, stage="certification").counted_from == date(2023, 7, 18)


def test_notice_that_ran_out_on_hold_counts_from_the_release(story: Story) -> None:
    story.on_notice(1)
    story.hold()
    story.clock.move_to(NOTICE_ENDS + timedelta(days=5))
    story.hold(False)
    story.tick(NOTICE_ENDS + timedelta(days=7))
    assert story.row(StageClock, stage="certification").counted_from == date(2023, 7, 18)


def test_late_tick_tells_what_fell_due_in_its_order(story: Story) -> None:
    story.endorsed(2)
    story.do(story.verdict(1, "return", reason="请补证明", fields=("证明材料",)))
    story.tick(INTAKE_ENDS + timedelta(days=3))
    events = [event for event in story.events() if event in ("nomination_lapsed", "stage_concluded")]
    assert events == ["nomination_lapsed", "stage_concluded"]
