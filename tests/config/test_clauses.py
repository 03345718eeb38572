"""The programme says the whole notice: every clause verbatim, with its strength, and used by some rule."""

import re
import unicodedata
from pathlib import Path

import pytest

from config.checks import cited
from config.loader import find_programme, load_programme
from config.vocabulary import BenefitKind, PartyKind, Strength

NOTICE = Path(__file__).parents[2] / "docs" / "notice"
STRENGTHS = {"must": Strength.MUST, "一般": Strength.GENERALLY, "原则上": Strength.IN_PRINCIPLE}
PROGRAMME = load_programme(find_programme("binjiang-craftsman-2023"))


def clause_table() -> dict[str, tuple[str, Strength | None]]:
    """Rows of docs/notice/clauses.md: number, the notice's words, strength."""
    rows = [line.strip("|").split("|") for line in (NOTICE / "clauses.md").read_text("utf-8").splitlines() if line.startswith("| N")]
    return {row[0].strip(): (row[1].strip(), STRENGTHS.get(row[2].strip())) for row in rows}


TABLE = clause_table()


def test_table_holds_every_clause_of_the_notice() -> None:
    numbers = [f"N{each}" for each in range(1, 26)] + [f"N15.{each}" for each in (1, 3, 4, 5, 6)]
    assert sorted(TABLE) == sorted(numbers)


def test_programme_has_these_clauses_and_no_other() -> None:
    assert [clause.id for clause in PROGRAMME.clauses] == list(TABLE)


@pytest.mark.parametrize("number", TABLE)
def test_clause_stands_verbatim_with_its_strength(number: str) -> None:
    clause = PROGRAMME.clause(number)
    assert (clause.text, clause.strength) == TABLE[number]


@pytest.mark.parametrize("number", TABLE)
def test_clause_is_used_by_a_rule(number: str) -> None:
    assert cited(PROGRAMME).get(number)


@pytest.mark.parametrize("number", TABLE)
def test_clause_is_in_the_printed_notice(number: str) -> None:
    printed = bare((NOTICE / PROGRAMME.source.file).read_text("utf-8")).replace("最2、高水平", "最高水平")
    rest = printed
    for part in map(bare, PROGRAMME.clause(number).text.split("…")):
        assert part in rest
        rest = rest.partition(part)[2]


def bare(text: str) -> str:
    """Without spaces and with half-width punctuation, as the notice's page mixes both."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def test_the_misprint_is_repaired_and_noted() -> None:
    clause = PROGRAMME.clause("N15.1")
    assert "最高水平" in clause.text
    assert "误印" in clause.note
    assert [each.number for each in PROGRAMME.achievements] == ["1", "3", "4", "5", "6"]
    assert "误印" in (PROGRAMME.slip("2") or "")
    assert PROGRAMME.slip("7") is None


def test_which_rule_uses_which_clause() -> None:
    uses = cited(PROGRAMME)
    conditions = {condition.clause: condition.id for condition in PROGRAMME.conditions}
    assert uses["N3"] == ["tiers[0].clause"]
    assert conditions["N4"] == "no_craftsman_honour"
    assert [honour.name for honour in PROGRAMME.honours.known if honour.clause == "N5"] == ["杭州工匠提名奖"]
    assert {each for each in uses if any(place.startswith("benefits") for place in uses[each])} == {"N22", "N23", "N24", "N25"}
    assert {each for each in uses if any(place.startswith("conditions") for place in uses[each])} == {
        *(f"N{each}" for each in (4, *range(6, 17)))
    }


def test_scope_is_an_open_list_of_the_fields_named() -> None:
    scope = PROGRAMME.scope
    assert scope.open_list is True
    assert scope.focus_fields == ("视觉智能", "网络通讯", "集成电路", "网络安全", "生物医药", "高端装备", "节能环保", "亚运攻坚")
    assert scope.focus_industries == ("数字产业", "先进制造业", "现代服务业")


def test_four_kinds_of_body_recommend_and_nobody_else() -> None:
    assert set(PROGRAMME.recommending_kinds) == {
        PartyKind.MEMBER_UNIT,
        PartyKind.SUBDISTRICT_UNION,
        PartyKind.UNION_FEDERATION,
        PartyKind.SYSTEM_UNION,
    }


def test_benefits_are_the_notices() -> None:
    benefits = {benefit.kind: benefit for benefit in PROGRAMME.benefits}
    assert set(benefits) == set(BenefitKind)
    award = benefits[BenefitKind.AWARD]
    assert award.amount == 30000
    assert award.tax is not None
    assert (award.tax.withheld, award.tax.ours) == (True, True)


def test_what_the_notice_does_not_say_is_marked_ours() -> None:
    ours = [
        *PROGRAMME.stages.values(),
        *PROGRAMME.work.values(),
        *(benefit.due for benefit in PROGRAMME.benefits),
        PROGRAMME.corrections,
        PROGRAMME.review,
        PROGRAMME.votes,
        PROGRAMME.notice,
        PROGRAMME.messages,
    ]
    assert all(rule.ours for rule in ours)
    assert not any(rule.ours for rule in (*PROGRAMME.tiers, *PROGRAMME.conditions))
