"""Withdrawal, disqualification and reopening: what may happen at any time, and until when it may be undone."""

from datetime import date
from typing import Any

import pytest

from config.vocabulary import Body, Vote
from states.commands.aftermath import Disqualify, ReasonRow, Reopen, Withdraw
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.notice import AnswerRow, PublishNotice, ResolveObjection
from states.commands.review import AssignExperts, ConcludeReview, RecordScores, SeatRow
from states.tables import Endorsement, Nomination, VaultText, WorkItem
from tests.states.builders import NOTICE_ENDS, Story
from tests.states.figures import UNIT, local, number


def rows(*ordinals: int, reason: str = "说明", document: str = "") -> tuple[ReasonRow, ...]:
    return tuple(ReasonRow(nomination=number(each), reason=reason, document=document) for each in ordinals)


def reopen(story: Story, *ordinals: int, **changes: Any) -> Reopen:
    return Reopen(**story.who, rows=rows(*ordinals, **changes))


def disqualify(story: Story, *ordinals: int, by: Body = Body.OFFICE, **changes: Any) -> Disqualify:
    return Disqualify(**story.who, rows=rows(*ordinals, **({"document": "调查报告1"} | changes)), decided_by=by)


def open_work(story: Story, kind: str) -> int:
    return len(story.rows(WorkItem, kind=kind, status="open"))


# --- withdraw


def test_withdrawal_keeps_its_reason_in_the_vault_and_drops_what_is_owed(story: Story) -> None:
    story.submitted(2)
    story.do(Withdraw(**story.who, rows=rows(1, reason="本人离职")))
    assert story.states() == ["withdrawn", "submitted"]
    text = story.row(VaultText, kind="reason")
    assert story.vault.open(text.body, f"text {text.id}") == "本人离职"
    assert story.row(WorkItem, subject=number(1)).status == "dropped"
    entry = story.entries(event="nomination_withdrawn")[0]
    assert (entry.on_behalf_of, entry.operator) == ("unit", "op1")
    story.verified()


def test_withdrawal_needs_a_reason_and_an_open_nomination(story: Story) -> None:
    story.submitted()
    assert story.refused(Withdraw(**story.who, rows=rows(1, reason=" ")))[0].sentence == f"{number(1)}：须写明理由"
    story.do(Withdraw(**story.who, rows=rows(1)))
    assert story.refused(Withdraw(**story.who, rows=rows(1, reason="再次")))[0].sentence == f"{number(1)}：现为“已撤回”，此状态下不能办理"


# --- disqualify


@pytest.mark.parametrize("by", [Body.OFFICE, Body.LEADING_GROUP])
def test_disqualification_names_its_report_and_who_decided(story: Story, by: Body) -> None:
    story.approved(2, reserves=1)
    story.do(disqualify(story, 1, 3, by=by))
    assert story.states() == ["rejected", "leadership_approved", "rejected"]
    row = story.row(Nomination, number=number(3))
    assert (row.came_from, row.closed_by, row.reserve_rank) == ("reserved", by.value, None)
    assert story.entries(event="nomination_disqualified")[0].document == "调查报告1"
    story.verified()


def test_disqualification_needs_reason_report_and_a_body_that_may(story: Story) -> None:
    story.reviewed(1)
    assert story.refused(disqualify(story, 1, reason="", document=" "))[0].sentence == f"{number(1)}：① 须写明理由；② 须附调查报告的文号"
    (refusal,) = story.refused(disqualify(story, 1, by=Body.UNIT))
    assert refusal.sentence == f"{number(1)}：应由领导小组办公室、领导小组决定，不能由推荐单位决定"


# --- reopen


def test_reopened_rejection_waits_for_the_offices_verdict_again(story: Story) -> None:
    story.intake_over(2)
    story.do(story.verdict(1, "reject", reason="误判"))
    story.do(reopen(story, 1, document="复核记录"))
    row = story.row(Nomination, number=number(1))
    assert (row.state, row.came_from, row.closed_by) == ("submitted", None, None)
    assert [item.status for item in story.rows(WorkItem, kind="qualification", subject=number(1))] == ["done", "open"]
    story.do(story.verdict(1))
    assert story.state(1) == "qualified"
    story.verified()


def test_reopened_refusal_waits_for_that_layers_opinion_anew(story: Story) -> None:
    story.submitted(2)
    said = EndorsementRow(nomination=number(1), unit=UNIT, agrees=False, text="名额所限")
    story.do(RecordEndorsements(**story.who, rows=(said,)))
    story.do(reopen(story, 1))
    assert story.state(1) == "submitted"
    assert [item.status for item in story.rows(WorkItem, kind="endorsement", subject=number(1))] == ["done", "open"]
    story.tick(local(7, 6, 0))
    assert f"{UNIT} 不同意推荐" in story.refused(story.verdict(1))[0].sentence
    story.endorse([1])
    assert story.row(Endorsement, nomination=number(1)).agrees is True
    assert [item.status for item in story.rows(WorkItem, kind="endorsement", subject=number(1))] == ["done", "done"]
    story.verified()


def test_reopened_lapse_has_the_units_time_again(story: Story) -> None:
    story.intake_over(2)
    story.do(story.verdict(1, "return", reason="请补证明", fields=("证明材料",)))
    story.tick(local(7, 14, 0))
    assert story.state(1) == "lapsed"
    story.clock.move_to(local(7, 17))
    story.do(reopen(story, 1))
    row = story.row(Nomination, number=number(1))
    assert (row.state, row.correction_due_at) == ("returned", local(7, 25, 0))
    assert [item.status for item in story.rows(WorkItem, kind="correction")] == ["dropped", "open"]
    story.do(story.resubmission(1))
    story.verified()


def test_reopened_passing_over_goes_back_to_the_stage_it_came_from(story: Story) -> None:
    """Five were let in already: whoever comes back is ranked among all, and there is no place left for the sixth."""
    story.reviewed(6)
    assert story.state(6) == "not_selected"
    story.do(reopen(story, 6))
    assert story.state(6) == "qualified"
    assert (open_work(story, "review_conclusion"), open_work(story, "resolution")) == (1, 1)
    result = story.do(ConcludeReview(**story.who, document="复核纪要"))
    assert result.outcome.touched[0].note.startswith("第6名")
    assert (story.state(6), story.row(Nomination, number=number(6)).review_rank) == ("not_selected", 6)
    assert open_work(story, "review_conclusion") == 0
    story.verified()


def test_reopened_passing_over_takes_a_place_that_the_shortlist_has_left(story: Story) -> None:
    story.reviewed(6)
    story.do(disqualify(story, 2))
    story.do(reopen(story, 6))
    story.do(ConcludeReview(**story.who, document="复核纪要"))
    assert story.state(6) == "expert_reviewed"
    assert story.row(Nomination, number=number(6)).review_rank == 5
    story.verified()


def test_stage_waits_for_whoever_was_reopened_to_an_earlier_state(story: Story) -> None:
    story.reviewed(2)
    story.do(story.resolution(story.vote(1), story.vote(2, Vote.PASS_OVER)))
    assert (story.stage(), open_work(story, "resolution")) == ("notice", 0)
    story.do(reopen(story, 2))
    assert (story.state(2), open_work(story, "resolution")) == ("expert_reviewed", 1)
    story.do(PublishNotice(**story.who, first_day=date(2023, 7, 6)))
    story.tick(NOTICE_ENDS)
    assert (story.states(), story.stage()) == (["publicly_noticed", "expert_reviewed"], "notice")
    story.do(story.resolution(story.vote(2, Vote.PASS_OVER), document="纪要2"))
    assert (story.stage(), open_work(story, "resolution")) == ("certification", 0)
    story.verified()


def test_resolution_that_nobody_waits_for_any_more_is_dropped(story: Story) -> None:
    story.reviewed(2)
    story.do(story.resolution(story.vote(1), story.vote(2, Vote.PASS_OVER)))
    story.do(reopen(story, 2))
    story.do(Withdraw(**story.who, rows=rows(2)))
    assert [item.status for item in story.rows(WorkItem, kind="resolution")] == ["done", "dropped"]


def test_review_waits_for_whoever_was_reopened_to_its_qualification(story: Story) -> None:
    story.intake_over(2)
    story.do(story.verdict(1))
    story.do(story.verdict(2, "reject", reason="误判"))
    story.do(AssignExperts(**story.who, rows=(SeatRow(nomination=number(1), expert="E2"),)))
    story.do(RecordScores(**story.who, rows=(story.sheet(1),)))
    assert (story.stage(), open_work(story, "assignment")) == ("expert_review", 0)
    story.do(reopen(story, 2))
    (refusal,) = story.refused(ConcludeReview(**story.who))
    assert (refusal.code, number(2) in refusal.sentence) == ("qualification-running", True)
    story.do(story.verdict(2))
    assert (open_work(story, "assignment"), open_work(story, "score_sheet")) == (1, 0)
    story.do(AssignExperts(**story.who, rows=(SeatRow(nomination=number(2), expert="E2"),)))
    assert (open_work(story, "assignment"), open_work(story, "score_sheet")) == (0, 1)
    story.do(RecordScores(**story.who, rows=(story.sheet(2, 20),)))
    story.do(ConcludeReview(**story.who))
    assert (story.states(), story.stage()) == (["expert_reviewed"] * 2, "leadership")
    story.verified()


def test_nominee_reopened_after_their_notice_was_completed_gets_a_new_one(story: Story) -> None:
    story.on_notice(2)
    story.do(story.objection(1))
    story.do(ResolveObjection(**story.who, rows=(AnswerRow(objection="BJGJ-2023-Y001", upheld=True, report="调查报告1"),)))
    story.tick(NOTICE_ENDS)
    assert story.stage() == "certification"
    story.do(reopen(story, 1))
    row = story.row(Nomination, number=number(1))
    assert (row.state, row.batch, open_work(story, "publication")) == ("leadership_approved", None, 1)
    (refusal,) = story.refused(PublishNotice(**story.who, first_day=date(2023, 7, 12)))
    assert refusal.sentence == f"公示首日早于 {number(1)} 恢复申报之日（2023-07-13）"
    story.do(PublishNotice(**story.who, first_day=date(2023, 7, 13)))
    story.tick(local(7, 20, 0))
    assert story.states() == ["publicly_noticed", "publicly_noticed"]
    story.verified()


def test_reopened_reserve_goes_to_the_end_of_the_row(story: Story) -> None:
    story.approved(2, reserves=2)
    story.do(disqualify(story, 3))
    story.do(reopen(story, 3))
    row = story.row(Nomination, number=number(3))
    assert (row.state, row.reserve_rank) == ("reserved", 3)


def test_reopened_reserves_each_have_a_rank_of_their_own(story: Story) -> None:
    story.approved(2, reserves=2)
    story.do(disqualify(story, 3, 4))
    story.do(reopen(story, 3, 4))
    assert [row.reserve_rank for row in story.rows(Nomination)][2:] == [3, 4]


def test_reopened_nominee_keeps_the_place_that_is_still_free(story: Story) -> None:
    story.on_notice(2)
    story.do(disqualify(story, 1))
    story.do(reopen(story, 1))
    assert story.state(1) == "leadership_approved"
    story.tick(local(7, 13, 0))
    assert story.state(1) == "publicly_noticed"
    story.verified()


def test_reopened_nominee_finds_the_place_taken(story: Story) -> None:
    story.on_notice(2, reserves=1)
    story.do(disqualify(story, 1))
    story.do(story.resolution(story.vote(3), document="纪要2"))
    (refusal,) = story.refused(reopen(story, 1))
    assert refusal.sentence == f"{number(1)}：超过名额：本届计划认定 2 名（N3）"
    assert story.states() == ["rejected", "leadership_approved", "leadership_approved"]


def test_reopening_several_never_overshoots_the_quota(story: Story) -> None:
    story.on_notice(2, reserves=1)
    story.do(disqualify(story, 1, 2))
    story.do(story.resolution(story.vote(3), document="纪要2"))
    result = story.do(reopen(story, 1, 2))
    assert [skip.subject for skip in result.outcome.skipped] == [number(2)]
    assert story.states() == ["leadership_approved", "rejected", "leadership_approved"]


def test_upheld_objection_is_reopened_as_the_leading_groups_decision(story: Story) -> None:
    story.on_notice(2)
    story.do(story.objection(1))
    answer = AnswerRow(objection="BJGJ-2023-Y001", upheld=True, report="调查报告1")
    story.do(ResolveObjection(**story.who, rows=(answer,)))
    story.do(reopen(story, 1))
    assert story.state(1) == "leadership_approved"
    assert story.entries(event="nomination_reopened")[0].on_behalf_of == "leading_group"


def test_reopening_ends_when_the_next_stage_is_concluded(story: Story) -> None:
    story.scored([30, 29, 28, 27, 26, 25])
    story.do(disqualify(story, 5))
    story.do(ConcludeReview(**story.who))
    assert story.states() == ["expert_reviewed"] * 4 + ["rejected", "expert_reviewed"]
    story.house.preview(reopen(story, 5))
    votes = (story.vote(1), story.vote(2), story.vote(3, Vote.PASS_OVER), story.vote(4, Vote.PASS_OVER), story.vote(6, Vote.PASS_OVER))
    story.do(story.resolution(*votes))
    assert story.stage() == "notice"
    assert story.refused(reopen(story, 5))[0].sentence == f"{number(5)}：下一阶段已经办结，不能恢复"


def test_reopening_needs_a_reason_and_a_closed_nomination(story: Story) -> None:
    story.intake_over(2)
    assert story.refused(reopen(story, 1))[0].sentence == f"{number(1)}：现为“已申报”，此状态下不能办理"
    story.do(story.verdict(1, "reject", reason="误判"))
    assert story.refused(reopen(story, 1, reason=""))[0].sentence == f"{number(1)}：须写明理由"


def test_withdrawn_is_not_reopened(story: Story) -> None:
    story.submitted()
    story.do(Withdraw(**story.who, rows=rows(1)))
    assert "此状态下不能办理" in story.refused(reopen(story, 1))[0].sentence
