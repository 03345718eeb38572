"""Amendments and moves of time that meet open work: ladders reckoned anew, work that became pointless left alone."""

from datetime import date, timedelta

import pytest

from config.vocabulary import WorkKind
from states.commands.rounds import AmendRound
from states.commands.timing import ExtendDeadline
from states.tables import StageClock, WorkItem
from tests.states.builders import Story
from tests.states.figures import clearing, local, rules

LAPSE_BY_OFFICE = rules(("lapse: automatic", "lapse: office"))
LADDER = 'ladder: {reminders: [-5d, -2d, 0d], escalations: ["+1d: leading_group"]}'


def amend(story: Story, text: str) -> None:
    story.do(AmendRound(**story.who, rules=text, reason="补充催办"))


def steps_of(story: Story) -> list[str]:
    return story.row(WorkItem, kind="qualification").steps_done


def test_rung_added_to_a_ladder_that_is_through_fires(story: Story) -> None:
    story.intake_over(1)
    due = story.row(WorkItem, kind="qualification").due_at
    story.tick(due + timedelta(days=6))
    amend(story, rules((LADDER, LADDER.replace('"]}', '", "+10d: leading_group"]}'))))
    story.tick(due + timedelta(days=60))
    assert "e+10:leading_group" in steps_of(story)
    story.verified()


def test_rung_added_before_the_next_one_fires_at_its_time(story: Story) -> None:
    story.intake_over(1)
    amend(story, rules((LADDER, LADDER.replace("[-5d", "[-10d, -5d"))))
    at = story.row(WorkItem, kind="qualification").next_step_at
    assert at == local(7, 13, 9)
    story.tick(at - timedelta(seconds=1))
    assert steps_of(story) == []
    story.tick(at)
    assert steps_of(story) == ["r-10"]
    story.verified()


def test_amendment_may_take_clearances_and_their_ladder_away(story: Story) -> None:
    story.intake_over(1, clearing("D1", "D2"))
    before, _, rest = rules().partition("\n  clearance: ")
    amend(story, f"{before}\n  qualification:{rest.split(chr(10) + '  qualification:', 1)[1]}")
    assert {item.status for item in story.rows(WorkItem, kind="clearance")} == {"dropped"}
    story.verified()


@pytest.mark.parametrize("released", [True, False])
def test_overdue_work_that_became_pointless_is_not_moved(story: Story, released: bool) -> None:
    story.returned(LAPSE_BY_OFFICE)
    story.do(ExtendDeadline(**story.who, due_day=date(2023, 7, 14), reason="材料多", kind=WorkKind.CORRECTION))
    story.tick(local(7, 15, 1))
    if released:
        story.clock.move_to(local(7, 15, 10))
        story.hold()
        story.clock.move_to(local(7, 17, 9))
        story.hold(False)
    else:
        story.do(ExtendDeadline(**story.who, due_day=date(2023, 7, 20), reason="再延", whole_round=True))
    overdue = story.row(WorkItem, kind="overdue_correction")
    assert overdue.next_step_at is None or overdue.status == "open"
    story.verified()


def asked_in_a_hold(story: Story, text: str) -> date:
    """Held on Thursday 2023-07-06; the clearance is first asked for on Monday the 10th; gives when it was due then."""
    story.intake_over(1)
    story.hold()
    story.clock.move_to(local(7, 10))
    amend(story, text)
    due = story.row(WorkItem, kind="clearance").due_day
    story.clock.move_to(local(7, 12))
    story.hold(False)
    story.verified()
    return due


def test_work_opened_in_a_hold_is_due_later_by_the_days_since_its_opening(story: Story) -> None:
    due, calendar = asked_in_a_hold(story, clearing("D1")), story.house.calendar("Asia/Shanghai")
    assert story.row(WorkItem, kind="clearance").due_day == calendar.shift(due, 2)
    assert story.row(WorkItem, kind="qualification").due_day == calendar.shift(date(2023, 7, 27), 4)


def test_work_opened_in_a_hold_that_is_due_with_its_stage_stays_with_it(story: Story) -> None:
    due = asked_in_a_hold(
        story, clearing("D1").replace("    working_days: 7\n    ladder: {reminders: [-3d, 0d]", "    ladder: {reminders: [-3d, 0d]")
    )
    assert due == date(2023, 7, 27)
    assert story.row(WorkItem, kind="clearance").due_day == story.row(StageClock, stage="qualification").due_day == date(2023, 8, 2)
