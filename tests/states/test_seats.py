"""Seats handed over and back: an illness ends, a recusal (回避) does not."""

from states.commands.review import AssignExperts, RecordScores, SeatRow
from states.tables import PanelSeat, VaultText, WorkItem
from tests.states.builders import Story
from tests.states.figures import number
from tests.states.test_reassigning import enlist, handover, items, party, seated, seats


def seat(story: Story, expert: str, ordinal: int = 1, reason: str = "") -> AssignExperts:
    """Seat an expert, or with a reason recuse them; meant even when it was done before."""
    row = SeatRow(nomination=number(ordinal), expert=expert, recused=bool(reason), reason=reason)
    return AssignExperts(**story.who, rows=(row,), again=True)


def test_seats_go_to_another_and_back_as_often_as_it_takes(story: Story) -> None:
    seated(story, (1, "E1"), (2, "E1"))
    story.do(handover(story, "E1", "E2"))
    result = story.do(handover(story, "E2", "E1", "康复"))
    assert result.outcome.summary == "E2 移交 E1：2 项，略过 0 项"
    story.do(RecordScores(**story.who, rows=(story.sheet(1, expert="E1"),)))
    story.do(handover(story, "E1", "E2", "又病"))
    story.do(handover(story, "E2", "E1", "又康复"))
    assert seats(story) == [("1", "E1", False, None), ("1", "E2", True, "E1"), ("2", "E1", False, None), ("2", "E2", True, "E1")]
    story.do(RecordScores(**story.who, rows=(story.sheet(2, expert="E1"),)))
    assert items(story, "score_sheet") == [("bjgj-2023", "E1", "done", "2023-07-18")]
    story.verified()


def test_expert_recused_after_handing_over_does_not_get_the_seat_back(story: Story) -> None:
    seated(story, (1, "E1"), (2, "E1"))
    story.do(handover(story, "E1", "E2"))
    story.do(seat(story, "E1", reason="师徒"))
    assert story.row(VaultText, kind="recusal").subject == number(1)
    result = story.do(handover(story, "E2", "E1", "康复"))
    assert [(skip.subject, skip.reason) for skip in result.outcome.skipped] == [(number(1), "接手的专家已回避此申报")]
    assert seats(story) == [("1", "E1", True, None), ("1", "E2", False, None), ("2", "E1", False, None), ("2", "E2", True, "E1")]
    assert "该专家已有此申报的席位" in story.refused(seat(story, "E1"))[0].sentence
    assert [(item.owner, item.status) for item in story.rows(WorkItem, kind="score_sheet")] == [("E2", "open"), ("E1", "open")]
    story.verified()


def test_expert_is_seated_again_where_the_other_had_to_recuse_himself(story: Story) -> None:
    seated(story, (1, "E1"))
    story.do(handover(story, "E1", "E2"))
    story.do(seat(story, "E2", reason="师徒"))
    story.do(seat(story, "E1"))
    assert seats(story) == [("1", "E1", False, None), ("1", "E2", True, None)]
    assert story.row(WorkItem, kind="score_sheet", status="open").owner == "E1"
    story.do(RecordScores(**story.who, rows=(story.sheet(1, expert="E1"),)))
    story.verified()


def test_colleague_of_the_candidate_is_not_seated_again(story: Story) -> None:
    """The employer that the roster gives now counts, not that of the first seat."""
    seated(story, (1, "E1"))
    story.do(handover(story, "E1", "E2"))
    enlist(story, party("E1").model_copy(update={"employer": "杭州乙公司"}))
    assert "同一工作单位，应当回避" in story.refused(seat(story, "E1"))[0].sentence
    assert "同一工作单位，应当回避" in story.refused(handover(story, "E2", "E1", "康复"))[0].sentence
    assert story.row(PanelSeat, expert="E2").recused is False
