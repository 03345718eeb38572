"""Expert review: seats with recusals, sheets, the shortlist and its ties."""

from typing import Any

import pytest

from config.vocabulary import WorkKind
from states.commands.aftermath import ReasonRow, Withdraw
from states.commands.review import AssignExperts, ConcludeReview, RecordScores, SeatRow
from states.commands.rounds import CancelRound, ConcludeStage
from states.tables import Nomination, PanelSeat, ScoreSheet, VaultText, WorkItem
from tests.states.builders import Story
from tests.states.figures import local, number, rules


def seats(story: Story, *rows: tuple[int, str], **changes: Any) -> AssignExperts:
    return AssignExperts(**story.who, rows=tuple(SeatRow(nomination=number(each), expert=expert, **changes) for each, expert in rows))


def items(story: Story, kind: WorkKind) -> list[tuple[str, str]]:
    return [(item.owner, item.status) for item in story.rows(WorkItem, kind=kind.value)]


# --- seats


def test_seat_opens_the_experts_sheet_once_and_full_panels_close_the_assignment(story: Story) -> None:
    story.qualified(2)
    story.do(seats(story, (1, "E2")))
    assert items(story, WorkKind.ASSIGNMENT) == [("office", "open")]
    story.do(seats(story, (2, "E2")))
    assert items(story, WorkKind.ASSIGNMENT) == [("office", "done")]
    assert items(story, WorkKind.SCORE_SHEET) == [("E2", "open")]
    story.verified()


@pytest.mark.parametrize(
    ("ordinal", "expert", "reason"),
    [
        (99, "E2", f"本届没有这个待评审的申报编号；最接近的是“{number(1)}”"),
        (1, "E99", "名册中没有这个专家编号；现有：E1、E2"),
        (1, "op1", "名册中没有这个专家编号；现有：E1、E2"),
        (1, "E3", "该专家不在任期内"),
    ],
)
def test_seat_that_does_not_fit_is_refused(story: Story, ordinal: int, expert: str, reason: str) -> None:
    story.qualified()
    assert [each.sentence for each in story.refused(seats(story, (ordinal, expert)))] == [f"{number(ordinal)} {expert}：{reason}"]


def test_seat_is_given_once(story: Story) -> None:
    story.qualified()
    story.do(seats(story, (1, "E2")))
    result = story.do(seats(story, (1, "E2"), (1, "E1")))
    assert [(skip.subject, skip.reason) for skip in result.outcome.skipped] == [(f"{number(1)} E2", "该专家已有此申报的席位")]
    assert items(story, WorkKind.SCORE_SHEET) == [("E2", "open"), ("E1", "open")]


def test_colleague_of_the_candidate_sits_only_as_recused(story: Story) -> None:
    story.intake_over(1, employer=" 杭州甲公司 ")
    story.do(story.verdict(1))
    assert story.refused(seats(story, (1, "E1")))[0].sentence == f"{number(1)} E1：该专家与申报人同一工作单位，应当回避"
    result = story.do(seats(story, (1, "E1"), recused=True, reason="同单位"))
    assert result.outcome.touched[0].note == "E1（回避）"
    seat = story.row(PanelSeat)
    assert (seat.recused, items(story, WorkKind.SCORE_SHEET)) == (True, [])
    text = story.row(VaultText, id=seat.reason)
    assert story.vault.open(text.body, f"text {text.id}") == "同单位"
    assert items(story, WorkKind.ASSIGNMENT) == [("office", "open")]
    story.verified()


# --- sheets


def test_sheet_is_entered_and_finishes_the_experts_work(story: Story) -> None:
    story.qualified(2)
    story.do(seats(story, (1, "E2"), (2, "E2")))
    story.do(RecordScores(**story.who, rows=(story.sheet(1).model_copy(update={"remark": "扎实"}),)))
    assert items(story, WorkKind.SCORE_SHEET) == [("E2", "open")]
    story.do(RecordScores(**story.who, rows=(story.sheet(2, 25.5),)))
    assert items(story, WorkKind.SCORE_SHEET) == [("E2", "done")]
    one, two = story.rows(ScoreSheet)
    assert two.points == {"achievement": "30", "ethics": "10", "influence": "15", "mentoring": "15", "skill": "25.5"}
    assert one.remark is not None
    story.verified()


def test_sheets_that_do_not_fit_come_back_and_the_others_go_in(story: Story) -> None:
    story.qualified(2)
    story.do(seats(story, (1, "E2"), (2, "E2")))
    story.do(seats(story, (1, "E1"), recused=True))
    rows = (
        story.sheet(1),
        story.sheet(1, 29),
        story.sheet(99),
        story.sheet(2, expert="E1"),
        story.sheet(1, expert="E1"),
        story.sheet(2, 31),
    )
    result = story.do(RecordScores(**story.who, rows=rows))
    assert result.outcome.summary == "录入评分表 1 份，略过 5 份"
    assert [skip.reason for skip in result.outcome.skipped] == [
        "该专家对此申报的评分表已经录入",
        f"本届没有这个待评审的申报编号；最接近的是“{number(2)}”、“{number(1)}”",
        "该专家没有此申报的席位",
        "该专家已回避此申报",
        f"{number(2)} 专家E2 “技能水平”打了31分，超过满分30分",
    ]


def test_sheet_of_one_who_withdrew_is_no_longer_awaited(story: Story) -> None:
    story.qualified(2)
    story.do(seats(story, (1, "E2"), (2, "E2")))
    story.do(Withdraw(**story.who, rows=(ReasonRow(nomination=number(2), reason="离职"),)))
    story.do(RecordScores(**story.who, rows=(story.sheet(1),)))
    assert items(story, WorkKind.SCORE_SHEET) == [("E2", "done")]


def test_expert_recused_after_being_seated_owes_nothing_and_counts_no_more(story: Story) -> None:
    story.qualified()
    story.do(seats(story, (1, "E2"), (1, "E1")))
    story.do(RecordScores(**story.who, rows=(story.sheet(1),)))
    result = story.do(seats(story, (1, "E2"), (1, "E1"), recused=True, reason="师徒关系"))
    assert [touch.note for touch in result.outcome.touched] == ["E2（回避）", "E1（回避）"]
    assert [seat.recused for seat in story.rows(PanelSeat)] == [True, True]
    assert sorted(items(story, WorkKind.SCORE_SHEET)) == [("E1", "dropped"), ("E2", "done")]
    assert items(story, WorkKind.ASSIGNMENT) == [("office", "done"), ("office", "open")]
    assert story.codes(ConcludeReview(**story.who)) == ["too-few-sheets"]
    assert story.refused(seats(story, (1, "E1")))[0].sentence == f"{number(1)} E1：该专家已有此申报的席位"
    story.verified()


def test_seat_given_later_opens_no_sheet_for_experts_who_have_finished(story: Story) -> None:
    story.qualified(2)
    story.do(seats(story, (1, "E2")))
    story.do(RecordScores(**story.who, rows=(story.sheet(1),)))
    story.do(seats(story, (2, "E1")))
    assert sorted(items(story, WorkKind.SCORE_SHEET)) == [("E1", "open"), ("E2", "done")]


EXPERTS = "；现有：E1、E2"


@pytest.mark.parametrize(
    ("cell", "near"), [("张三丰", EXPERTS), ("E2 张三", "；最接近的是“E2”"), ("330108197001010012", EXPERTS), ("13800000000", EXPERTS)]
)
def test_cell_that_may_be_personal_is_not_repeated(story: Story, cell: str, near: str) -> None:
    story.qualified()
    seat = story.refused(seats(story, (1, cell)))[0].sentence
    assert seat == f"{number(1)} （第1条）：名册中没有这个专家编号{near}"
    result = story.do(RecordScores(**story.who, rows=(story.sheet(1, expert=cell).model_copy(update={"nomination": cell}),)))
    assert [skip.subject for skip in result.outcome.skipped] == ["（第1条）"]
    assert cell not in result.model_dump_json()


# --- the conclusion


def test_conclusion_waits_for_the_end_of_qualification(story: Story) -> None:
    """Two of three are qualified and scored, but the third may still compete for the same list (N19, N20)."""
    story.intake_over(3)
    story.do(story.verdict(1))
    story.do(story.verdict(2))
    story.score([30, 20])
    (refusal,) = story.refused(ConcludeReview(**story.who))
    assert refusal.sentence == f"资格审核尚未办结，还有 1 份申报没有结论（{number(3)}）"
    assert story.stage() == "qualification"
    story.do(story.verdict(3, "reject", reason="不符合"))
    story.do(ConcludeReview(**story.who))
    assert (story.states(), story.stage()) == (["expert_reviewed", "expert_reviewed", "rejected"], "leadership")
    story.verified()


def test_many_that_qualification_has_left_are_counted_not_all_named(story: Story) -> None:
    story.intake_over(7)
    (refusal,) = story.refused(ConcludeReview(**story.who))
    assert refusal.sentence.startswith("资格审核尚未办结，还有 7 份申报没有结论（")
    assert refusal.sentence.endswith(f"{number(5)} 等）")


def test_conclusion_waits_for_the_office_to_conclude_qualification(story: Story) -> None:
    before, mark, after = rules().partition("\n  qualification:  ")
    story.scored([30], before + mark + after.replace("conclude: automatic", "conclude: office", 1))
    assert [each.sentence for each in story.refused(ConcludeReview(**story.who))] == ["资格审核尚未办结"]
    story.do(ConcludeStage(**story.who))
    story.do(ConcludeReview(**story.who))
    assert story.stage() == "leadership"


def test_conclusion_in_a_round_that_has_ended_is_refused(story: Story) -> None:
    story.reviewed(1)
    story.do(CancelRound(**story.who, reason="停办"))
    story.clock.move_to(local(7, 7))
    assert story.codes(ConcludeReview(**story.who)) == ["round-ended"]


def test_shortlist_goes_on_and_the_others_are_passed_over(story: Story) -> None:
    story.scored([30, 20, 25, 15, 10, 5])
    result = story.do(ConcludeReview(**story.who, document="评审报告"))
    assert result.outcome.summary == "评审入围 5 人，未入围 1 人"
    found = [(row.state, row.score, row.review_rank) for row in story.rows(Nomination)]
    assert found[0] == ("expert_reviewed", "100.00", 1)
    assert found[1] == ("expert_reviewed", "90.00", 3)
    assert found[5] == ("not_selected", "75.00", 6)
    assert story.stage() == "leadership"
    assert items(story, WorkKind.REVIEW_CONCLUSION) == [("office", "done")]
    assert items(story, WorkKind.RESOLUTION) == [("leading-group", "open")]
    story.verified()


def test_conclusion_waits_for_sheets(story: Story) -> None:
    story.qualified(2)
    (first, second) = story.refused(ConcludeReview(**story.who))
    assert first.sentence == f"{number(1)} 有效评分表0份，少于1份，不参加排名"
    assert second.sentence == f"{number(2)} 有效评分表0份，少于1份，不参加排名"


def test_recused_experts_sheet_does_not_count(story: Story) -> None:
    story.qualified()
    story.do(seats(story, (1, "E2"), recused=True))
    assert story.codes(ConcludeReview(**story.who)) == ["too-few-sheets"]


def test_tie_at_the_cut_is_left_to_the_panel(story: Story) -> None:
    story.scored([30, 29, 28, 27, 20, 20, 20])
    (refusal,) = story.refused(ConcludeReview(**story.who))
    assert refusal.code == "tie-at-cut"
    assert "请评审组另行决定" in refusal.sentence
    assert story.codes(ConcludeReview(**story.who, admitted=(number(1),))) == ["not-tied"]
    assert story.codes(ConcludeReview(**story.who, admitted=(number(5), number(6)))) == ["too-many"]
    story.do(ConcludeReview(**story.who, admitted=(number(6),)))
    assert story.states() == ["expert_reviewed"] * 4 + ["not_selected", "expert_reviewed", "not_selected"]


def test_review_may_go_on_for_one_after_its_stage(story: Story) -> None:
    """A nomination that comes back when the stage is concluded is reviewed by itself, and the stage does not move again."""
    story.reviewed(2)
    assert story.stage() == "leadership"
    story.clock.move_to(local(7, 6, 9))
    result = story.do(ConcludeReview(**story.who))
    assert result.outcome.summary == "评审入围 0 人，未入围 0 人"
    assert (result.happened, story.stage()) == ((), "leadership")
