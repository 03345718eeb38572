"""The leading group's sitting: all of its resolution or nothing, and never beyond the quota (N3)."""

from datetime import date
from typing import Any

import pytest

from config.labels import label
from config.vocabulary import NominationState, Vote
from states.commands.aftermath import Disqualify, ReasonRow, Withdraw
from states.tables import Ballot, Nomination, ResolutionSession, WorkItem
from tests.states.builders import NOTICE_ENDS, Story
from tests.states.figures import local, number

APPROVE, RESERVE, PASS = Vote.APPROVE, Vote.RESERVE, Vote.PASS_OVER


def test_resolution_moves_everybody_and_keeps_counts_only(story: Story) -> None:
    story.reviewed(4)
    votes = (story.vote(1), story.vote(2, approve=6, against=2, abstain=1), story.vote(3, RESERVE, 1), story.vote(4, PASS))
    result = story.do(story.resolution(*votes).model_copy(update={"operator": "sec"}))
    assert result.outcome.summary == "审定通过 2 人，递补 1 人，未入选 1 人"
    assert story.states() == ["leadership_approved", "leadership_approved", "reserved", "not_selected"]
    session = story.row(ResolutionSession)
    assert (session.held_on, session.members, session.present, session.document) == (date(2023, 7, 6), 9, 9, "纪要〔2023〕1号")
    ballots = [(each.vote, each.approve, each.against, each.abstain, each.reserve_rank) for each in story.rows(Ballot)]
    assert ballots == [("approve", 9, 0, 0, None), ("approve", 6, 2, 1, None), ("reserve", 0, 9, 0, 1), ("pass_over", 0, 9, 0, None)]
    entry = story.entries(event="nomination_approved")[0]
    assert (entry.operator, entry.on_behalf_of, entry.document) == ("sec", "leading_group", "纪要〔2023〕1号")
    assert story.stage() == "notice"
    assert story.row(WorkItem, kind="publication").status == "open"
    story.verified()


def test_batch_never_overshoots_the_quota(story: Story) -> None:
    story.reviewed(4)
    refusals = story.refused(story.resolution(*(story.vote(each) for each in (1, 2, 3, 4))))
    assert [str(each) for each in refusals] == [f"{number(each)} 超过名额：本届计划认定 2 名（N3）" for each in (3, 4)]
    assert story.states() == ["expert_reviewed"] * 4
    assert story.rows(ResolutionSession) == []


def test_second_sitting_counts_the_places_of_the_first(story: Story) -> None:
    story.reviewed(3)
    story.do(story.resolution(story.vote(1)))
    story.do(story.resolution(story.vote(2), document="纪要〔2023〕2号"))
    assert story.codes(story.resolution(story.vote(3), document="纪要〔2023〕3号")) == ["quota-full"]


def test_places_may_stay_empty(story: Story) -> None:
    story.reviewed(2)
    story.do(story.resolution(story.vote(1), story.vote(2, PASS)))
    assert (story.states(), story.stage()) == (["leadership_approved", "not_selected"], "notice")


@pytest.mark.parametrize(
    ("changes", "votes", "said"),
    [
        ({"present": 5}, {"approve": 5}, f"{number(1)} {number(1)} 到会5人，不足应到9人的2/3（至少6人），表决无效"),
        ({}, {"approve": 5, "against": 4}, f"{number(1)} {number(1)} 同意5票，不足到会9人的2/3（至少6票）"),
        ({"present": 6}, {"approve": 4, "recused": 1}, None),
        ({"present": 10}, {"approve": 9}, f"{number(1)} {number(1)} 到会10人，多于成员总数9人"),
        ({}, {"approve": 9, "against": 1}, f"{number(1)} {number(1)} 共10票，多于到会可投票的9人"),
    ],
)
def test_sitting_must_be_quorate_and_the_threshold_reached(
    story: Story, changes: dict[str, Any], votes: dict[str, int], said: str | None
) -> None:
    story.reviewed(1)
    command = story.resolution(story.vote(1, APPROVE, None, **votes), **changes)
    if said is None:
        assert story.codes(command) == ["no-quorum"]
    else:
        assert [str(each) for each in story.refused(command)] == [said]


@pytest.mark.parametrize("vote", [RESERVE, PASS])
def test_reserve_and_passing_over_need_a_valid_vote_but_no_threshold(story: Story, vote: Vote) -> None:
    story.reviewed(1)
    rank = 1 if vote == RESERVE else None
    assert story.codes(story.resolution(story.vote(1, vote, rank), present=5)) == ["counts-exceed-present"]
    assert story.codes(story.resolution(story.vote(1, vote, rank, against=5), present=5)) == ["no-quorum"]
    story.do(story.resolution(story.vote(1, vote, rank)))
    assert story.state(1) == {RESERVE: "reserved", PASS: "not_selected"}[vote]


def test_reserve_needs_its_rank(story: Story) -> None:
    story.reviewed(1)
    assert [str(each) for each in story.refused(story.resolution(story.vote(1, RESERVE)))] == [f"{number(1)} 须写明递补顺序"]


def test_resolution_with_faults_is_refused_with_all_of_them(story: Story) -> None:
    story.reviewed(4)
    votes = (story.vote(99), story.vote(1, RESERVE, 1), story.vote(2, RESERVE, 1), story.vote(3, RESERVE, 2), story.vote(1))
    command = story.resolution(*votes, held_on=date(2023, 7, 7), document=" ")
    assert [str(each) for each in story.refused(command)] == [
        f"{number(99)} 不是本届的申报编号；最接近的是“{number(4)}”、“{number(3)}”、“{number(2)}”",
        f"{number(1)} 出现两次",
        "递补顺序 1 重复",
        "递补人选最多 2 名",
        "会议日期 2023-07-07 还没有到",
        "须填写会议纪要文号",
    ]
    assert story.codes(story.resolution()) == ["nothing-given"]


def test_reserve_rank_of_an_earlier_sitting_is_taken(story: Story) -> None:
    story.reviewed(4)
    story.do(story.resolution(story.vote(3, RESERVE, 1)))
    assert story.codes(story.resolution(story.vote(4, RESERVE, 1), document="纪要2")) == ["rank-twice"]
    story.do(story.resolution(story.vote(4, RESERVE, 2), document="纪要2"))
    story.verified()


def test_reserve_moves_up_when_a_place_becomes_free(story: Story) -> None:
    story.on_notice(2, reserves=2)
    assert story.rows(WorkItem, kind="fill_vacancy") == []
    row = ReasonRow(nomination=number(1), reason="造假", document="调查报告1")
    story.do(Disqualify(**story.who, rows=(row,)))
    assert story.row(WorkItem, kind="fill_vacancy").status == "open"
    story.clock.move_to(local(7, 7))
    story.do(story.resolution(story.vote(3), document="纪要2"))
    row_3 = story.row(Nomination, number=number(3))
    assert (row_3.state, row_3.reserve_rank, row_3.batch) == ("leadership_approved", None, None)
    assert story.row(WorkItem, kind="fill_vacancy").status == "done"
    assert [item.status for item in story.rows(WorkItem, kind="publication")] == ["done", "open"]
    assert story.codes(story.resolution(story.vote(4), document="纪要3")) == ["quota-full"]
    story.verified()


def test_reserves_move_up_in_the_order_of_their_ranks(story: Story) -> None:
    story.on_notice(2, reserves=2)
    story.do(Disqualify(**story.who, rows=(ReasonRow(nomination=number(1), reason="造假", document="调查报告1"),)))
    (refusal,) = story.refused(story.resolution(story.vote(4), document="纪要2"))
    assert refusal.sentence == f"{number(4)} 递补顺序在 {number(3)}（第 1 位）之后，本次会议须先对其作出决定"
    story.do(story.resolution(story.vote(4), story.vote(3, PASS), document="纪要2"))
    assert story.states() == ["rejected", "leadership_approved", "not_selected", "leadership_approved"]
    story.verified()


@pytest.mark.parametrize("vote", [APPROVE, RESERVE, PASS])
def test_sitting_has_no_say_before_the_review_is_concluded(story: Story, vote: Vote) -> None:
    story.scored([30])
    assert story.stage() == "expert_review"
    rank = 1 if vote == RESERVE else None
    assert [str(each) for each in story.refused(story.resolution(story.vote(1, vote, rank)))] == [
        f"{number(1)} 现为“{label(NominationState.QUALIFIED)}”，此状态下不能办理"
    ]


def test_number_that_may_be_personal_is_not_repeated(story: Story) -> None:
    story.reviewed(1)
    row = story.vote(1).model_copy(update={"nomination": "张三丰"})
    assert [str(each) for each in story.refused(story.resolution(row))] == [f"（第1条） 不是本届的申报编号；现有：{number(1)}"]


def test_vacancy_outlasts_the_stage_and_keeps_the_round_from_ending_without_its_reserves(story: Story) -> None:
    story.reviewed(1)
    story.do(story.resolution(story.vote(1, RESERVE, 1)))
    assert (story.state(1), story.stage()) == ("reserved", "certification")
    assert story.row(WorkItem, kind="fill_vacancy").status == "open"


def test_vacancy_is_dropped_when_no_reserve_is_left_for_it(story: Story) -> None:
    story.on_notice(2, reserves=1)
    story.do(Disqualify(**story.who, rows=(ReasonRow(nomination=number(1), reason="造假", document="报告1"),)))
    story.do(Withdraw(**story.who, rows=(ReasonRow(nomination=number(3), reason="离职"),)))
    assert story.row(WorkItem, kind="fill_vacancy").status == "dropped"
    story.tick(NOTICE_ENDS)
    story.do(story.certify())
    assert story.stage() == "fulfilment"
    story.verified()


def test_vacancy_stays_open_while_reserves_wait_and_ends_without_them(story: Story) -> None:
    story.on_notice(2, reserves=2)
    row = ReasonRow(nomination=number(1), reason="造假", document="调查报告1")
    story.do(Disqualify(**story.who, rows=(row,)))
    story.do(story.resolution(story.vote(3, PASS), document="纪要2"))
    assert [item.status for item in story.rows(WorkItem, kind="fill_vacancy")] == ["done", "open"]
    story.do(story.resolution(story.vote(4, PASS), document="纪要3"))
    assert [item.status for item in story.rows(WorkItem, kind="fill_vacancy")] == ["done", "done"]
