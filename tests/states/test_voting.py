from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from states.voting import Count, Judgement, Session, judge

TWO_THIRDS, HALF = Fraction(2, 3), Fraction(1, 2)
NUMBER = "BJGJ-2023-0007"


def one(session: Session, approve: int, against: int = 0, abstain: int = 0, *, threshold: Fraction = TWO_THIRDS) -> Judgement:
    (judgement,) = judge(session, [Count(NUMBER, approve, against, abstain)], TWO_THIRDS, threshold)
    return judgement


def codes(judgement: Judgement) -> list[str]:
    return [refusal.code for refusal in judgement.refusals]


@pytest.mark.parametrize(
    ("present", "approve", "passed"),
    [
        (9, 6, True),  # 2/3 of 9 is 6, and 6 suffices
        (9, 5, False),
        (8, 6, True),  # 5 1/3: five are too few
        (8, 5, False),
        (7, 5, True),  # 4 2/3
        (7, 4, False),
        (6, 4, True),
    ],
)
def test_threshold_is_met_at_exactly_two_thirds_of_those_present(present: int, approve: int, passed: bool) -> None:
    judgement = one(Session(members=9, present=present), approve, present - approve)
    assert judgement.passed is passed
    assert codes(judgement) == ([] if passed else ["threshold-not-reached"])
    assert judgement.valid


@pytest.mark.parametrize(("members", "present", "quorate"), [(9, 6, True), (9, 5, False), (10, 7, True), (10, 6, False), (1, 1, True)])
def test_quorum_is_met_at_exactly_two_thirds_of_the_members(members: int, present: int, quorate: bool) -> None:
    judgement = one(Session(members, present), present)
    assert judgement.passed is quorate
    assert judgement.valid is quorate
    assert codes(judgement) == ([] if quorate else ["no-quorum"])


def test_abstentions_count_as_present() -> None:
    assert not one(Session(9, 9), 5, 0, 4).passed


def test_ballots_left_out_count_as_present_and_are_named() -> None:
    judgement = one(Session(9, 9), 5)
    assert not judgement.passed
    assert "未投4" in judgement.explain


def test_half_is_enough_where_half_is_asked() -> None:
    assert one(Session(8, 8), 4, 4, threshold=HALF).passed
    assert not one(Session(8, 8), 3, 5, threshold=HALF).passed


def test_one_third_is_exact_where_a_float_would_fail() -> None:
    (judgement,) = judge(Session(49, 49), [Count(NUMBER, 1, 48, 0)], TWO_THIRDS, Fraction(1, 49))
    assert judgement.passed


def test_recused_member_counts_neither_as_present_nor_in_the_total() -> None:
    session = Session(members=9, present=6, recused={NUMBER: 1})
    judgements = judge(session, [Count(NUMBER, 5, 0, 0), Count("BJGJ-2023-0008", 4, 2, 0)], TWO_THIRDS, TWO_THIRDS)
    assert [(each.nomination, each.passed) for each in judgements] == [(NUMBER, False), ("BJGJ-2023-0008", True)]
    assert codes(judgements[0]) == ["no-quorum"]  # 5 of 8, where 6 are asked


def test_recusal_lowers_the_approvals_asked() -> None:
    assert one(Session(9, 9, recused={NUMBER: 3}), 4, 2).passed
    assert not one(Session(9, 9, recused={NUMBER: 2}), 4, 3).passed


def test_recused_member_who_stayed_away_is_not_taken_from_those_present() -> None:
    session = Session(members=9, present=6, recused={NUMBER: 1}, recused_absent={NUMBER: 1})
    assert one(session, 4, 2).passed  # 6 of 8 present


def test_session_where_everybody_is_recused_decides_nothing() -> None:
    judgement = one(Session(3, 3, recused={NUMBER: 3}), 0)
    assert not judgement.passed
    assert codes(judgement) == ["no-quorum"]


def test_vote_without_quorum_says_so_whatever_the_ballots() -> None:
    judgement = one(Session(9, 5), 1, 4)
    assert codes(judgement) == ["no-quorum", "threshold-not-reached"]
    assert judgement.explain.endswith("表决无效")
    assert not judgement.valid


@pytest.mark.parametrize(
    ("session", "count", "expected"),
    [
        (Session(9, 8), (6, 2, 1), ["counts-exceed-present"]),
        (Session(9, 9, {NUMBER: 1}), (9, 0, 0), ["counts-exceed-present"]),
        (Session(9, 9), (-1, 0, 0), ["negative-count"]),
        (Session(9, 9), (12, -3, 0), ["negative-count"]),
        (Session(9, 10), (9, 0, 0), ["present-exceeds-members"]),
        (Session(9, -1), (0, 0, 0), ["negative-count"]),
        (Session(9, 9, {NUMBER: -1}), (6, 0, 0), ["negative-count"]),
        (Session(9, 7, {NUMBER: 8}), (0, 0, 0), ["recused-impossible"]),
        (Session(9, 7, {NUMBER: 3}, {NUMBER: 3}), (5, 0, 0), ["recused-impossible"]),
        (Session(9, 9, {}, {NUMBER: 1}), (6, 0, 0), ["recused-impossible"]),
    ],
)
def test_figures_that_cannot_be_true_are_refused(session: Session, count: tuple[int, int, int], expected: list[str]) -> None:
    judgement = one(session, *count)
    assert codes(judgement) == expected
    assert not judgement.passed
    assert not judgement.valid
    assert all(NUMBER in refusal.sentence for refusal in judgement.refusals)


def test_nomination_counted_twice_is_refused_both_times() -> None:
    counts = [Count(NUMBER, 9, 0, 0), Count(NUMBER, 0, 9, 0), Count("BJGJ-2023-0008", 9, 0, 0)]
    judgements = judge(Session(9, 9), counts, TWO_THIRDS, TWO_THIRDS)
    assert [codes(judgement) for judgement in judgements] == [["counted-twice"], ["counted-twice"], []]


@pytest.mark.parametrize("share", [Fraction(0), Fraction(-1, 2), Fraction(4, 3)])
def test_share_outside_nought_to_one_is_refused(share: Fraction) -> None:
    with pytest.raises(ValueError, match="不超过1"):
        judge(Session(9, 9), [], share, TWO_THIRDS)
    with pytest.raises(ValueError, match="不超过1"):
        judge(Session(9, 9), [], TWO_THIRDS, share)


def test_explanation_shows_the_whole_calculation() -> None:
    assert one(Session(9, 8, recused={NUMBER: 1}), 5, 1, 1).explain == (
        "成员9人，回避1人，应到8人，实到7人（法定2/3，至少6人）；同意5、反对1、弃权1；须达实到7人的2/3，至少5票；通过"
    )
    assert (
        one(Session(9, 9), 5, 4).explain == "应到9人，实到9人（法定2/3，至少6人）；同意5、反对4、弃权0；须达实到9人的2/3，至少6票；未通过"
    )


shares = st.fractions(Fraction(1, 20), 1, max_denominator=20)
rooms = st.integers(1, 40).flatmap(lambda members: st.tuples(st.just(members), st.integers(0, members)))


@given(rooms, st.integers(0, 40), shares, shares)
def test_passing_is_exactly_both_inequalities(room: tuple[int, int], approve: int, quorum: Fraction, threshold: Fraction) -> None:
    members, present = room
    approve = min(approve, present)
    (judgement,) = judge(Session(members, present), [Count(NUMBER, approve, present - approve, 0)], quorum, threshold)
    quorate = present > 0 and present * quorum.denominator >= members * quorum.numerator
    enough = approve * threshold.denominator >= present * threshold.numerator
    assert judgement.valid is quorate
    assert judgement.passed is (quorate and enough)


@given(rooms, shares, shares)
def test_one_more_approval_never_hurts(room: tuple[int, int], quorum: Fraction, threshold: Fraction) -> None:
    members, present = room
    counts = [Count(str(approve), approve, present - approve, 0) for approve in range(present + 1)]
    outcome = [judgement.passed for judgement in judge(Session(members, present), counts, quorum, threshold)]
    assert outcome == sorted(outcome)
