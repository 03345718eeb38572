"""The clock's command: what is due now and not done, once for each audience, however late and however often."""

import json
from datetime import date, timedelta
from typing import Any

from config.vocabulary import Vote
from states.commands.rounds import CancelRound
from states.tables import CommandRow, WorkItem
from tests.states.builders import NOTICE_ENDS, Story
from tests.states.figures import local, number

SECOND = timedelta(seconds=1)


def fired(story: Story) -> list[tuple[str, str, list[str], list[str]]]:
    """Each reminding: its subject and kind, the steps that fired and those that they covered."""
    found = []
    for entry in story.entries(round=story.slug, event="work_item_reminded"):
        payload: dict[str, Any] = json.loads(entry.payload)
        steps = [f"{each['offset']} {each['audience']}" for each in payload["fired"]]
        found.append((entry.subject, payload["kind"], steps, [each["key"] for each in payload["covered"]]))
    return found


def test_reminder_goes_at_the_programmes_hour_to_the_second(story: Story) -> None:
    """The endorsement is due on Tuesday 06-13; two working days before is Friday 06-09 at 09:00."""
    story.submitted()
    assert story.row(WorkItem, kind="endorsement").next_step_at == local(6, 9, 9)
    assert story.tick(local(6, 9, 9) - SECOND).happened == ()
    result = story.tick(local(6, 9, 9))
    assert (result.outcome.summary, result.outcome.data) == ("自动办理 0 项，催办 1 条", {"reminded": 1})
    assert fired(story) == [(number(1), "endorsement", ["-2 owner"], [])]
    assert story.row(WorkItem, kind="endorsement").next_step_at == local(6, 13, 9)
    story.verified()


def test_tick_twice_at_one_instant_is_once(story: Story) -> None:
    story.submitted()
    story.tick(local(6, 9, 9))
    before = (story.entries(), story.rows(CommandRow), story.rows(WorkItem))
    assert story.tick().happened == ()
    assert (story.entries(), story.rows(CommandRow), story.rows(WorkItem)) == before


def test_ladder_climbs_from_the_owner_to_the_superior_and_the_office(story: Story) -> None:
    story.submitted()
    for day in (9, 13, 14, 16):
        story.tick(local(6, day, 9))
    assert [steps for _, kind, steps, _ in fired(story) if kind == "endorsement"] == [
        ["-2 owner"],
        ["0 owner"],
        ["1 superior"],
        ["3 district_office"],
    ]
    assert story.row(WorkItem, kind="endorsement").next_step_at is None
    assert story.tick(local(6, 20, 9)).happened == ()


def test_three_days_late_loses_nothing_and_tells_each_audience_once(story: Story) -> None:
    story.submitted()
    story.tick(local(6, 16, 10))
    ((subject, kind, steps, covered),) = fired(story)
    assert (subject, kind) == (number(1), "endorsement")
    assert sorted(steps) == ["0 owner", "1 superior", "3 district_office"]
    assert len(covered) == 1
    story.verified()


def test_whoever_has_finished_gets_nothing(story: Story) -> None:
    story.endorsed()
    story.tick(local(6, 20, 10))
    assert [kind for _, kind, _, _ in fired(story)] == []


def test_cancelled_round_reminds_nobody(story: Story) -> None:
    story.submitted()
    story.do(CancelRound(**story.who, reason="停办"))
    assert story.tick(local(6, 20)).happened == ()


def test_everything_due_is_done_in_one_tick(story: Story) -> None:
    story.intake_over(2)
    story.do(story.verdict(1, "return", reason="请补证明", fields=("证明材料",)))
    story.do(story.verdict(2))
    result = story.tick(local(7, 14, 0))
    assert [(touch.subject, touch.target) for touch in result.outcome.touched] == [(number(1), "lapsed")]
    assert story.stage() == "expert_review"
    story.verified()


def test_notice_and_round_move_on_in_one_tick(story: Story) -> None:
    story.on_notice(2)
    result = story.tick(NOTICE_ENDS)
    assert result.outcome.summary.startswith("自动办理 2 项")
    assert story.stage() == "certification"


def test_round_opened_late_opens_and_closes_intake_in_one_tick(story: Story) -> None:
    story.open(opens_on=date(2023, 6, 12))
    story.tick(local(9, 1))
    assert story.stage() == "expert_review"
    assert [entry.target for entry in story.entries(event="round_moved")] == ["intake", "qualification", "expert_review"]
    story.verified()


def test_work_due_with_its_stage_is_never_due_before_it_is_opened(story: Story) -> None:
    """The stage's due has passed: work that opens now is due on the next working day."""
    story.intake_over(2)
    story.clock.move_to(local(8, 1))
    story.do(story.verdict(1, "return", reason="请补证明", fields=("证明材料",)))
    story.do(story.resubmission(1))
    item = story.rows(WorkItem, kind="qualification", subject=number(1))[-1]
    assert item.due_day == date(2023, 8, 2)


def test_steps_that_are_past_at_the_opening_do_not_remind(story: Story) -> None:
    story.intake_over(2)
    story.clock.move_to(local(8, 1))
    story.do(story.verdict(1, "return", reason="请补证明", fields=("证明材料",)))
    story.do(story.resubmission(1))
    item = story.rows(WorkItem, kind="qualification", subject=number(1))[-1]
    assert (item.steps_done, item.next_step_at) == ([], local(8, 2, 9))
    story.tick(local(8, 2, 9))
    payload = json.loads(story.entries(event="work_item_reminded", subject=number(1))[-1].payload)
    assert len(payload["fired"]) == 1
    assert [each["by"] for each in payload["covered"]] == ["", ""]


def test_reserves_are_passed_over_when_the_round_has_no_use_for_them(story: Story) -> None:
    story.noticed(2, reserves=1)
    story.do(story.certify())
    assert story.state(3) == "not_selected"
    entry = story.entries(event="nomination_passed_over")[-1]
    assert (entry.source, entry.on_behalf_of) == ("reserved", "clock")


def test_office_may_pass_over_a_reserve(story: Story) -> None:
    story.approved(1, reserves=1)
    story.do(story.resolution(story.vote(2, Vote.PASS_OVER), document="纪要2"))
    assert story.states() == ["leadership_approved", "not_selected"]


def test_provisional_dates_are_marked(story: Story) -> None:
    story.clock.move_to(local(6, 6).replace(year=2099))
    story.open(opens_on=date(2099, 6, 6))
    item = story.row(WorkItem, kind="close_intake")
    assert item.provisional is True
