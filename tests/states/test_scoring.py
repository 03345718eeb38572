from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.programme import Criterion
from states.scoring import Ranking, Row, Sheet, rank, shortlist, validate_sheet

RUBRIC = (Criterion(id="skill", title="技能水平", maximum=60), Criterion(id="lead", title="领军作用", maximum=40))
ONE, TWO, THREE = "BJGJ-2023-0001", "BJGJ-2023-0002", "BJGJ-2023-0003"


def sheet(nomination: str, skill: str, lead: str, expert: str = "E1") -> Sheet:
    return Sheet(expert, nomination, {"skill": Decimal(skill), "lead": Decimal(lead)})


def sheets(nomination: str, *scores: tuple[str, str]) -> list[Sheet]:
    return [sheet(nomination, skill, lead, f"E{i}") for i, (skill, lead) in enumerate(scores, 1)]


def totals(nomination: str, *scores: str) -> list[Sheet]:
    """Sheets of these totals, all of it skill."""
    return sheets(nomination, *((score, "0") for score in scores))


def ranked(given: list[Sheet], *nominations: str, needed: int = 1, trimmed: bool = False) -> Ranking:
    return rank(given, rubric=RUBRIC, sheets_needed=needed, trimmed=trimmed, nominations=nominations or {each.nomination for each in given})


def places(ranking: Ranking) -> list[tuple[str, int | None, str | None]]:
    return [(row.nomination, row.rank, None if row.total is None else str(row.total)) for row in ranking.rows]


def codes(ranking: Ranking) -> list[str]:
    return [refusal.code for refusal in ranking.refusals]


def test_full_sheet_is_valid() -> None:
    assert validate_sheet(sheet(ONE, "60", "0"), RUBRIC) == []
    assert validate_sheet(sheet(ONE, "59.50", "0.1"), RUBRIC) == []


@pytest.mark.parametrize(
    ("score", "code"),
    [
        ("60.1", "score-over-maximum"),
        ("-0.1", "score-negative"),
        ("50.05", "score-too-fine"),
        ("NaN", "score-not-a-number"),
        ("sNaN", "score-not-a-number"),
        ("Infinity", "score-not-a-number"),
        ("1E+30", "score-over-maximum"),
        ("1E-40", "score-too-fine"),
    ],
)
def test_score_out_of_bounds_is_refused(score: str, code: str) -> None:
    (refusal,) = validate_sheet(sheet(ONE, score, "30"), RUBRIC)
    assert refusal.code == code
    assert refusal.sentence.startswith(f"{ONE} 专家E1 “技能水平”")


def test_missing_and_unknown_criteria_are_all_named() -> None:
    found = validate_sheet(Sheet("E1", ONE, {"skil": Decimal(50)}), RUBRIC)
    assert [refusal.code for refusal in found] == ["criterion-unknown", "criterion-missing", "criterion-missing"]
    assert [refusal.sentence for refusal in found] == [
        f"{ONE} 专家E1 “skil”不是评分项目，请删去",
        f"{ONE} 专家E1 “技能水平”没有打分，请补上",
        f"{ONE} 专家E1 “领军作用”没有打分，请补上",
    ]


def test_mean_is_in_hundredths() -> None:
    ranking = ranked([*totals(ONE, "50", "50", "51"), *totals(TWO, "50", "51", "51")])
    assert places(ranking) == [(TWO, 1, "50.67"), (ONE, 2, "50.33")]


def test_half_of_a_hundredth_rounds_up() -> None:
    ranking = ranked([*totals(ONE, *["50.0"] * 19, "50.1"), *totals(TWO, *["50.0"] * 17, *["50.1"] * 3)])
    assert places(ranking) == [(TWO, 1, "50.02"), (ONE, 2, "50.01")]  # 50.015 and 50.005: neither goes to the even digit


def test_five_sheets_lose_their_highest_and_lowest() -> None:
    (row,) = ranked(totals(ONE, "50", "40", "60", "41", "42"), needed=3, trimmed=True).rows
    assert row == Row(
        ONE,
        5,
        Decimal("44.33"),
        1,
        (Decimal(60), Decimal(40)),
        "有效评分表5份：60.0、50.0、42.0、41.0、40.0；去掉最高60.0、最低40.0；(50.0+42.0+41.0)÷3=44.33",
    )


@pytest.mark.parametrize(
    ("count", "needed", "trimmed", "dropped"), [(4, 1, True, 0), (5, 3, True, 2), (5, 4, True, 0), (6, 4, True, 2), (5, 3, False, 0)]
)
def test_trimming_needs_five_sheets_and_leaves_enough(count: int, needed: int, trimmed: bool, dropped: int) -> None:
    (row,) = ranked(totals(ONE, *map(str, range(count))), needed=needed, trimmed=trimmed).rows
    assert len(row.dropped) == dropped


def test_trimming_drops_one_sheet_of_several_equal_ones() -> None:
    (row,) = ranked(totals(ONE, "50", "50", "50", "20", "20"), needed=3, trimmed=True).rows
    assert row.total == Decimal("40.00")


def test_nomination_short_of_sheets_has_no_rank_and_comes_last() -> None:
    ranking = ranked([*totals(ONE, "60", "60"), *totals(TWO, "1", "1", "1")], ONE, TWO, THREE, needed=3)
    assert places(ranking) == [(TWO, 1, "1.00"), (ONE, None, None), (THREE, None, None)]
    assert [row.explain for row in ranking.rows[1:]] == [
        "有效评分表2份，少于3份，不参加排名",
        "有效评分表0份，少于3份，不参加排名",
    ]


def test_equal_totals_are_told_apart_by_the_first_criterion_that_differs() -> None:
    ranking = ranked([sheet(ONE, "50", "40"), sheet(TWO, "51", "39")])
    assert places(ranking) == [(TWO, 1, "90.00"), (ONE, 2, "90.00")]
    assert ranking.rows[0].explain == (
        "有效评分表1份：90.0；(90.0)÷1=90.00；总分相同，依次比较各项均分（技能水平51、领军作用39）和总分中位数（90），列第1名"
    )


def test_equal_criteria_are_told_apart_by_the_untrimmed_median() -> None:
    one = totals(ONE, "10", "20", "30")
    two = totals(TWO, "10", "21", "29")
    assert places(ranked([*one, *two])) == [(TWO, 1, "20.00"), (ONE, 2, "20.00")]


def test_criteria_of_a_tie_look_at_the_trimmed_sheets_too() -> None:
    one = sheets(ONE, ("50", "10"), ("30", "20"), ("30", "20"), ("30", "20"), ("10", "10"))
    two = sheets(TWO, ("51", "10"), ("30", "20"), ("30", "20"), ("30", "20"), ("10", "10"))
    assert places(ranked([*one, *two], needed=3, trimmed=True)) == [(TWO, 1, "50.00"), (ONE, 2, "50.00")]


def test_means_that_differ_beyond_hundredths_still_break_a_tie() -> None:
    one = totals(ONE, *["50"] * 100)
    two = totals(TWO, *["50"] * 99, "50.1")
    ranking = ranked([*one, *two])
    assert places(ranking) == [(TWO, 1, "50.00"), (ONE, 2, "50.00")]
    assert "技能水平50.001、" in ranking.rows[0].explain
    assert "技能水平50、" in ranking.rows[1].explain


def test_what_is_still_equal_shares_its_rank_and_the_next_is_skipped() -> None:
    four = "BJGJ-2023-0004"
    ranking = ranked([*totals(THREE, "30"), *totals(ONE, "30"), *totals(TWO, "40"), *totals(four, "20")])
    assert [(row.nomination, row.rank) for row in ranking.rows] == [(TWO, 1), (ONE, 2), (THREE, 2), (four, 4)]
    assert ranking.rows[1].explain.endswith("仍相同，并列第2名")
    assert ranking.rows[0].explain == "有效评分表1份：40.0；(40.0)÷1=40.00"


def test_bad_sheet_is_left_out_and_named() -> None:
    ranking = ranked([*totals(ONE, "40", "50"), sheet(ONE, "61", "40", "E9")])
    assert places(ranking) == [(ONE, 1, "45.00")]
    assert [str(refusal) for refusal in ranking.refusals] == [f"{ONE} 专家E9 “技能水平”打了61分，超过满分60分"]


def test_two_sheets_of_one_expert_both_stay_out_and_are_named_once() -> None:
    ranking = ranked([*totals(ONE, "40", "50"), sheet(ONE, "60", "40", "E1")])
    assert places(ranking) == [(ONE, 1, "50.00")]
    assert codes(ranking) == ["sheet-twice"]


def test_one_expert_may_score_many_nominations() -> None:
    assert codes(ranked([sheet(ONE, "40", "10"), sheet(TWO, "40", "10")])) == []


def test_sheet_of_a_nomination_that_is_not_under_review_is_named() -> None:
    ranking = ranked([sheet(ONE, "40", "10"), sheet(TWO, "40", "10")], ONE)
    assert places(ranking) == [(ONE, 1, "50.00")]
    assert codes(ranking) == ["nomination-unknown"]


def test_need_of_no_sheets_is_refused() -> None:
    with pytest.raises(ValueError, match="至少需要1份"):
        ranked([], ONE, needed=0)


def test_shortlist_takes_the_best() -> None:
    found = shortlist(ranked([*totals(ONE, "30"), *totals(TWO, "40"), *totals(THREE, "20")]), 2)
    assert (found.inside, found.outside, found.undecided, found.refusals) == ((TWO, ONE), (THREE,), (), ())


def test_tie_inside_the_shortlist_needs_no_decision() -> None:
    found = shortlist(ranked([*totals(ONE, "30"), *totals(TWO, "30"), *totals(THREE, "20")]), 2)
    assert (found.inside, found.outside, found.refusals) == ((ONE, TWO), (THREE,), ())


def test_tie_across_the_cut_is_reported_and_not_broken() -> None:
    four = "BJGJ-2023-0004"
    found = shortlist(ranked([*totals(ONE, "30"), *totals(TWO, "40"), *totals(THREE, "30"), *totals(four, "20")]), 2)
    assert (found.inside, found.outside, found.undecided) == ((TWO,), (four,), (ONE, THREE))
    (refusal,) = found.refusals
    assert refusal.code == "tie-at-cut"
    assert refusal.sentence == f"第2名2人并列（{ONE}、{THREE}，均30.00分），入围名额2个只余1个，请评审组另行决定"


def test_tie_of_all_for_one_place_leaves_everybody_undecided() -> None:
    found = shortlist(ranked([*totals(ONE, "30"), *totals(TWO, "30")]), 1)
    assert (found.inside, found.outside, found.undecided) == ((), (), (ONE, TWO))


def test_shortlist_leaves_those_short_of_sheets_undecided() -> None:
    found = shortlist(ranked(totals(TWO, "40"), ONE, TWO), 5)
    assert (found.inside, found.outside, found.undecided) == ((TWO,), (), (ONE,))
    assert [str(refusal) for refusal in found.refusals] == [f"{ONE} 有效评分表0份，少于1份，不参加排名"]


def test_empty_and_negative_shortlists() -> None:
    ranking = ranked([*totals(ONE, "30"), *totals(TWO, "30")])
    assert shortlist(ranking, 0).outside == (ONE, TWO)
    with pytest.raises(ValueError, match="负数"):
        shortlist(ranking, -1)


points = st.integers(0, 400).map(lambda tenths: Decimal(tenths) / 10)
tables = st.dictionaries(st.sampled_from([ONE, TWO, THREE, "BJGJ-2023-0004"]), st.lists(st.tuples(points, points), min_size=1, max_size=7))


def laid(table: dict[str, list[tuple[Decimal, Decimal]]]) -> list[Sheet]:
    return [sheet(nomination, str(a), str(b), f"E{i}") for nomination, scores in table.items() for i, (a, b) in enumerate(scores)]


@given(tables, st.booleans(), st.randoms(use_true_random=False))
def test_order_of_the_sheets_changes_nothing(table: dict[str, list[tuple[Decimal, Decimal]]], trimmed: bool, dice: object) -> None:
    given_sheets = laid(table)
    mixed = list(given_sheets)
    dice.shuffle(mixed)  # type: ignore[attr-defined]  # Hypothesis hands in a random.Random
    assert ranked(given_sheets, *table, trimmed=trimmed) == ranked(mixed, *table, trimmed=trimmed)


@given(tables, st.booleans())
def test_ranks_follow_totals_and_skip_after_ties(table: dict[str, list[tuple[Decimal, Decimal]]], trimmed: bool) -> None:
    rows = ranked(laid(table), *table, trimmed=trimmed).rows
    scores = [row.total for row in rows if row.total is not None]
    assert scores == sorted(scores, reverse=True)
    for place, row in enumerate(rows, 1):
        assert row.rank in (place, rows[place - 2].rank if place > 1 else None)


@given(tables)
def test_total_is_the_exact_mean_rounded_half_up(table: dict[str, list[tuple[Decimal, Decimal]]]) -> None:
    for row in ranked(laid(table), *table).rows:
        exact = Fraction(sum(a + b for a, b in table[row.nomination])) / len(table[row.nomination])
        assert row.total is not None
        assert Fraction(-1, 200) <= exact - Fraction(row.total) < Fraction(1, 200)
        assert row.total.as_tuple().exponent == -2


@given(tables, st.integers(0, 5))
def test_every_nomination_stands_in_one_list(table: dict[str, list[tuple[Decimal, Decimal]]], size: int) -> None:
    found = shortlist(ranked(laid(table), *table), size)
    assert sorted((*found.inside, *found.outside, *found.undecided)) == sorted(table)
    assert len(found.inside) <= size
    assert bool(found.undecided) == bool(found.refusals)
