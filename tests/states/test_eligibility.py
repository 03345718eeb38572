"""The notice's conditions on made-up candidates: every condition both ways, and at its edge."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.loader import find_programme, load_programme
from config.vocabulary import FindingResult, PartyKind, PostKind, Strength
from states.candidate import Candidate
from states.eligibility import Facts, Finding, evaluate, facts_of, plain

PROGRAMME = load_programme(find_programme("binjiang-craftsman-2023"))
PASSED, FAILED, WAIVABLE, PERSON = FindingResult.PASSED, FindingResult.FAILED, FindingResult.WAIVABLE, FindingResult.NEEDS_PERSON
ATTESTED = {"conduct", "ethics", "skill", "mentoring", "leading_role"}

GOOD = Facts(
    nationality="中国",
    in_service=True,
    union_member=True,
    front_line=True,
    post_kind=PostKind.FRONT_LINE,
    years=Decimal(12),
    honours=(),
    achievements=("4",),
    evidence_given=True,
)


def findings(facts: Facts) -> dict[str, Finding]:
    return {finding.condition: finding for finding in evaluate(PROGRAMME, facts)}


def not_passed(facts: Facts) -> dict[str, tuple[FindingResult, str]]:
    """Result and fact of every condition that is not met, without those that are always attested."""
    return {
        name: (finding.result, finding.fact)
        for name, finding in findings(facts).items()
        if finding.result is not PASSED and name not in ATTESTED
    }


def test_good_candidate_waits_for_nothing_but_what_is_attested() -> None:
    assert {name for name, finding in findings(GOOD).items() if finding.result is PERSON} == ATTESTED
    assert not_passed(GOOD) == {}


def test_findings_come_in_the_programmes_order_with_clause_strength_and_quote() -> None:
    found = evaluate(PROGRAMME, GOOD)
    assert [(each.condition, each.clause, each.strength, each.quote) for each in found] == [
        (each.id, each.clause, each.strength, each.quote) for each in PROGRAMME.conditions
    ]


@pytest.mark.parametrize("condition", sorted(ATTESTED))
def test_attested_condition_is_never_decided_by_a_column(condition: str) -> None:
    for facts in (GOOD, replace(GOOD, evidence_given=False, years=Decimal(0))):
        assert (findings(facts)[condition].result, findings(facts)[condition].fact) == (PERSON, "由推荐意见证明")


@pytest.mark.parametrize(
    ("facts", "condition", "clause", "fact"),
    [
        (replace(GOOD, in_service=False), "in_service", "N7", "否"),
        (replace(GOOD, union_member=False), "union_member", "N8", "否"),
        (replace(GOOD, front_line=False), "front_line", "N12", "否"),
        (replace(GOOD, nationality="法国"), "nationality", "N6", "不是中国"),
        (replace(GOOD, nationality=""), "nationality", "N6", "不是中国"),
        (replace(GOOD, achievements=()), "achievement", "N15", "未选"),
        (replace(GOOD, honours=("杭州工匠",)), "no_craftsman_honour", "N4", "杭州工匠"),
        (replace(GOOD, earlier_craftsman=True), "no_craftsman_honour", "N4", "往届已认定"),
    ],
)
def test_condition_that_must_hold_fails(facts: Facts, condition: str, clause: str, fact: str) -> None:
    assert not_passed(facts) == {condition: (FAILED, fact)}
    assert (findings(facts)[condition].clause, findings(facts)[condition].strength) == (clause, Strength.MUST)


@pytest.mark.parametrize("condition", ["in_service", "union_member", "front_line"])
def test_fact_that_holds_reads_yes(condition: str) -> None:
    assert findings(GOOD)[condition].fact == "是"


@pytest.mark.parametrize("written", ["中国", "中国籍", "中国国籍", "中华人民共和国"])
def test_nationality_is_chinese_however_it_is_written(written: str) -> None:
    finding = findings(replace(GOOD, nationality=written))["nationality"]
    assert (finding.result, finding.fact) == (PASSED, "中国")


@pytest.mark.parametrize(
    ("years", "result", "fact"),
    [
        ("5", PASSED, "5年"),
        ("5.0", PASSED, "5年"),
        ("4.99", WAIVABLE, "4.99年"),
        ("4.9", WAIVABLE, "4.9年"),
        ("0", WAIVABLE, "0年"),
        ("10", PASSED, "10年"),
        ("1E+1", PASSED, "10年"),
    ],
)
def test_five_years_are_included_and_less_may_be_waived(years: str, result: FindingResult, fact: str) -> None:
    finding = findings(replace(GOOD, years=Decimal(years)))["years"]
    assert (finding.result, finding.fact, finding.strength) == (result, fact, Strength.GENERALLY)


@pytest.mark.parametrize(
    ("honour", "result", "fact"),
    [
        ("滨江工匠", FAILED, "滨江工匠"),
        ("第二届“滨江工匠”", FAILED, "滨江工匠"),
        ("2021年度杭州工匠称号", FAILED, "杭州工匠"),
        ("浙江工匠", FAILED, "浙江工匠"),
        ("大国工匠", FAILED, "大国工匠"),
        ("杭州工匠提名奖", PASSED, "杭州工匠提名奖"),
        ("“杭州工匠”提名奖", PASSED, "杭州工匠提名奖"),
        ("全国劳动模范", PASSED, "全国劳动模范"),
        ("杭州市五一劳动奖章", PASSED, "杭州市五一劳动奖章"),
        ("浙江省技术能手", PASSED, "浙江省技术能手"),
        ("某某街道优秀工匠", PERSON, "未登记的荣誉"),
    ],
)
def test_craftsmans_honour_excludes_a_nomination_does_not(honour: str, result: FindingResult, fact: str) -> None:
    finding = findings(replace(GOOD, honours=(honour,)))["no_craftsman_honour"]
    assert (finding.result, finding.fact) == (result, fact)


def test_honour_that_excludes_counts_more_than_one_that_is_not_known() -> None:
    finding = findings(replace(GOOD, honours=("没听过的荣誉", "杭州工匠提名奖", "滨江工匠"), earlier_craftsman=True))["no_craftsman_honour"]
    assert (finding.result, finding.fact) == (FAILED, "滨江工匠、往届已认定")


def test_known_honours_do_not_answer_for_one_that_is_not_known() -> None:
    finding = findings(replace(GOOD, honours=("全国技术能手", "没听过的荣誉")))["no_craftsman_honour"]
    assert (finding.result, finding.fact) == (PERSON, "未登记的荣誉")


def test_craftsmans_honour_below_the_level_asked_does_not_exclude() -> None:
    condition = PROGRAMME.condition("no_craftsman_honour")
    test = condition.test.model_copy(update={"level_at_least": "province"})
    programme = PROGRAMME.model_copy(update={"conditions": (condition.model_copy(update={"test": test}),)})
    assert [finding.result for finding in evaluate(programme, replace(GOOD, honours=("杭州工匠",)))] == [PASSED]
    assert [finding.result for finding in evaluate(programme, replace(GOOD, honours=("浙江工匠",)))] == [FAILED]


@pytest.mark.parametrize(
    ("post", "fact"),
    [
        (PostKind.PARTY_GOVERNMENT, "党政群机关"),
        (PostKind.CIVIL_SERVICE_LIKE, "参公事业单位"),
        (PostKind.INSTITUTION_LEADER, "事业单位领导"),
        (PostKind.STATE_FIRM_LEADER, "国有企业领导"),
    ],
)
def test_posts_of_the_first_three_groups_are_excluded_in_principle_even_on_the_front_line(post: PostKind, fact: str) -> None:
    facts = replace(GOOD, post_kind=post)
    assert not_passed(facts) == {"post": (WAIVABLE, fact)}
    assert (findings(facts)["post"].clause, findings(facts)["post"].strength) == ("N16", Strength.IN_PRINCIPLE)


def test_manager_who_still_does_skilled_work_is_not_excluded() -> None:
    finding = findings(replace(GOOD, post_kind=PostKind.MANAGEMENT))["post"]
    assert (finding.result, finding.fact) == (PASSED, "管理岗位，仍直接从事技能工作")


def test_manager_who_no_longer_does_skilled_work_is_excluded_in_principle() -> None:
    assert not_passed(replace(GOOD, post_kind=PostKind.MANAGEMENT, front_line=False)) == {
        "front_line": (FAILED, "否"),
        "post": (WAIVABLE, "管理岗位，不再直接从事技能工作"),
    }


def test_worker_off_the_front_line_is_not_excluded_for_the_post() -> None:
    assert findings(replace(GOOD, front_line=False))["post"].result is PASSED


@pytest.mark.parametrize("number", ["1", "3", "4", "5", "6"])
def test_one_achievement_with_evidence_is_enough(number: str) -> None:
    finding = findings(replace(GOOD, achievements=(number,)))["achievement"]
    assert (finding.result, finding.fact) == (PASSED, f"第{number}条")


@pytest.mark.parametrize("number", ["1", "3", "4", "5", "6"])
def test_achievement_without_evidence_needs_a_person(number: str) -> None:
    finding = findings(replace(GOOD, achievements=(number,), evidence_given=False))["achievement"]
    assert (finding.result, finding.fact) == (PERSON, f"第{number}条，未附证明材料")


@pytest.mark.parametrize("numbers", [(), ("2",), ("7",), ("",)])
def test_number_that_the_notice_does_not_have_is_no_achievement(numbers: tuple[str, ...]) -> None:
    for evidence in (True, False):
        finding = findings(replace(GOOD, achievements=numbers, evidence_given=evidence))["achievement"]
        assert (finding.result, finding.fact) == (FAILED, "未选")


def test_achievements_are_listed_in_the_notices_order() -> None:
    assert findings(replace(GOOD, achievements=("5", "2", "1")))["achievement"].fact == "第1、5条"


def test_everything_that_is_wrong_is_found_at_once() -> None:
    bad = Facts("法国", False, False, False, PostKind.STATE_FIRM_LEADER, Decimal(1), ("滨江工匠",), (), False)
    assert {name: result for name, (result, _) in not_passed(bad).items()} == {
        "no_craftsman_honour": FAILED,
        "nationality": FAILED,
        "in_service": FAILED,
        "union_member": FAILED,
        "years": WAIVABLE,
        "front_line": FAILED,
        "achievement": FAILED,
        "post": WAIVABLE,
    }


CANDIDATE = Candidate(
    name="张三丰",
    gender="男",
    id_card="330108198001011234",
    nationality=" 中国 ",
    employer="某某科技有限公司",
    in_service=True,
    union_member=True,
    post="班组长",
    post_kind=PostKind.FRONT_LINE,
    front_line=True,
    trade="焊工",
    years=Decimal("12.5"),
    field="高端装备",
    honours=("张三丰创新工作室",),
    achievements=("1", "4"),
    deeds="主要事迹……",
    evidence="专利证书",
    unit="某某街道总工会",
    unit_kind=PartyKind.SUBDISTRICT_UNION,
)


def test_facts_of_a_candidate() -> None:
    assert facts_of(CANDIDATE) == replace(
        GOOD, years=Decimal("12.5"), honours=("张三丰创新工作室",), achievements=("1", "4"), earlier_craftsman=False
    )
    assert facts_of(CANDIDATE, earlier_craftsman=True).earlier_craftsman is True


@pytest.mark.parametrize(("evidence", "given"), [("专利证书", True), ("", False), ("  ", False), ("无", False), (" 无 ", False)])
def test_evidence_is_given_or_not(evidence: str, given: bool) -> None:
    assert facts_of(CANDIDATE.model_copy(update={"evidence": evidence})).evidence_given is given


@given(st.text(alphabet="甲乙丙丁戊己庚辛", min_size=2, max_size=12), st.text(alphabet="甲乙丙丁戊己庚辛", min_size=2, max_size=12))
def test_nothing_that_somebody_wrote_freely_reaches_a_finding(honour: str, nationality: str) -> None:
    for finding in evaluate(PROGRAMME, replace(GOOD, honours=(honour,), nationality=nationality, achievements=(honour,))):
        assert honour not in finding.fact
        assert nationality not in finding.fact


@given(st.decimals(min_value=0, max_value=80, places=2))
def test_more_years_never_make_it_worse(years: Decimal) -> None:
    assert (findings(replace(GOOD, years=years))["years"].result is PASSED) == (years >= 5)


@pytest.mark.parametrize(("number", "text"), [("5.50", "5.5"), ("100", "100"), ("0.10", "0.1"), ("5E+1", "50")])
def test_number_is_written_plainly(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text
