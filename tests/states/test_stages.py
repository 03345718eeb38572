"""Stages that a programme skips: their moves are recorded as passed through, and quotas hold all the same."""

import json

import pytest

from states.commands.notice import PublishNotice
from states.commands.review import ConcludeReview
from states.tables import Nomination, StageClock, WorkItem
from tests.states.builders import NOTICE_ENDS, Story
from tests.states.figures import INTAKE_ENDS, local, number, skipping


def passed_through(story: Story) -> list[tuple[str, str, str]]:
    found = []
    for entry in story.entries(round=story.slug):
        stage = json.loads(entry.payload).get("passed_through")
        found += [(entry.subject, entry.event, stage)] if stage else []
    return found


def test_skipped_qualification_passes_everybody_through(story: Story) -> None:
    story.submitted(2, skipping("qualification"))
    story.tick(INTAKE_ENDS)
    assert (story.states(), story.stage()) == (["qualified", "qualified"], "expert_review")
    assert passed_through(story) == [(number(each), "nomination_qualified", "qualification") for each in (1, 2)]
    clock = story.row(StageClock, stage="qualification")
    assert (clock.passed_through, clock.concluded_at) == (True, INTAKE_ENDS)
    assert story.rows(WorkItem, kind="qualification") == []
    story.verified()


def test_skipped_review_passes_everybody_through(story: Story) -> None:
    story.qualified(2, skipping("expert_review"))
    assert (story.states(), story.stage()) == (["expert_reviewed", "expert_reviewed"], "leadership")
    assert story.rows(WorkItem, kind="assignment") == []
    story.verified()


def test_skipped_leadership_passes_the_best_up_to_the_quota_and_no_more(story: Story) -> None:
    story.scored([25, 30, 28], skipping("leadership"))
    story.do(ConcludeReview(**story.who))
    assert (story.states(), story.stage()) == (["not_selected", "leadership_approved", "leadership_approved"], "notice")
    assert passed_through(story) == [
        (number(2), "nomination_approved", "leadership"),
        (number(3), "nomination_approved", "leadership"),
        (number(1), "nomination_passed_over", "leadership"),
    ]
    story.verified()


def test_skipped_notice_passes_who_is_approved(story: Story) -> None:
    story.approved(2, text=skipping("notice"))
    assert (story.states(), story.stage()) == (["publicly_noticed", "publicly_noticed"], "certification")
    assert {row.batch for row in story.rows(Nomination)} == {"passed-through"}
    story.clock.move_to(local(7, 13))
    story.do(story.certify())
    assert story.stage() == "fulfilment"
    story.verified()


@pytest.mark.parametrize("stage", ["certification", "fulfilment"])
def test_stage_without_moves_of_its_own_may_be_skipped_too(story: Story, stage: str) -> None:
    story.certified(1, text=skipping(stage))
    assert story.states() == ["government_certified"]
    assert story.row(StageClock, stage=stage).passed_through is True
    story.do(story.grants())
    assert story.stage() == "closed"
    story.verified()


def test_skipped_intake_opens_no_work_and_ends_with_its_time(story: Story) -> None:
    story.submitted(1, skipping("intake"))
    assert story.rows(WorkItem, kind="close_intake") == []
    story.tick(INTAKE_ENDS)
    assert story.stage() == "qualification"


def test_stage_clock_runs_in_working_days_from_the_day_before(story: Story) -> None:
    story.noticed(1)
    dues = {clock.stage: (clock.due_day.isoformat(), clock.concluded_at is not None) for clock in story.rows(StageClock)}
    assert dues == {
        "intake": ("2023-07-05", True),
        "qualification": ("2023-07-27", True),
        "expert_review": ("2023-07-27", True),
        "leadership": ("2023-07-20", True),
        "notice": ("2023-07-27", True),
        "certification": ("2023-08-10", False),
    }
    assert story.row(StageClock, stage="notice").concluded_at == NOTICE_ENDS


def test_publication_is_asked_for_once_the_notice_stage_begins(story: Story) -> None:
    story.approved(2)
    assert [item.status for item in story.rows(WorkItem, kind="publication")] == ["open"]
    story.do(PublishNotice(**story.who, nominations=(number(1),), first_day=INTAKE_ENDS.date().replace(day=6)))
    assert [item.status for item in story.rows(WorkItem, kind="publication")] == ["done"]
