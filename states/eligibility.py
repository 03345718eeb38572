"""Conditions of a programme evaluated on one nomination: findings with clause and fact (notice, N4-N16).

Pure: facts in, findings out. Nothing personal comes out either: a finding may stand in the ledger and on the dashboard.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import assert_never

from config.conditions import (
    AnyAchievement,
    AtLeast,
    Attested,
    Condition,
    ConditionTest,
    FactEquals,
    HonourExcluded,
    PostExcluded,
)
from config.labels import label
from config.programme import Programme
from config.vocabulary import WAIVABLE, FindingResult, PostKind, Strength
from states.candidate import Candidate


@dataclass(frozen=True)
class Facts:
    """What eligibility is decided on: the part of a candidate that names nobody.

    ``years`` are years in the trade; ``earlier_craftsman`` says that an earlier round of this house has certified the
    same person (N4). ``honours`` are as the unit wrote them, and stay inside: only known names reach a finding.
    """

    nationality: str
    in_service: bool
    union_member: bool
    front_line: bool
    post_kind: PostKind
    years: Decimal
    honours: tuple[str, ...]
    achievements: tuple[str, ...]
    evidence_given: bool
    earlier_craftsman: bool = False


@dataclass(frozen=True)
class Finding:
    """One condition evaluated on one nomination; ``fact`` is short and never personal, ``quote`` the notice's own words."""

    condition: str
    clause: str
    strength: Strength
    result: FindingResult
    fact: str
    quote: str


Verdict = tuple[bool | None, str]
"""Met, not met, or ``None`` where a person must look; and the fact that says so."""


def facts_of(candidate: Candidate, earlier_craftsman: bool = False) -> Facts:
    """Take from a candidate what eligibility needs; ``earlier_craftsman`` comes from the house's own earlier rounds."""
    return Facts(
        nationality=candidate.nationality.strip(),
        in_service=candidate.in_service,
        union_member=candidate.union_member,
        front_line=candidate.front_line,
        post_kind=candidate.post_kind,
        years=candidate.years,
        honours=candidate.honours,
        achievements=candidate.achievements,
        evidence_given=candidate.evidence.strip() not in ("", "无"),
        earlier_craftsman=earlier_craftsman,
    )


def evaluate(programme: Programme, facts: Facts) -> tuple[Finding, ...]:
    """Evaluate every condition, in the programme's order; the one place that says who may be qualified, and on which clause."""
    return tuple(_finding(programme, condition, facts) for condition in programme.conditions)


def _finding(programme: Programme, condition: Condition, facts: Facts) -> Finding:
    met, fact = _verdict(programme, condition.test, facts)
    return Finding(condition.id, condition.clause, condition.strength, _result(met, condition.strength), fact, condition.quote)


def _result(met: bool | None, strength: Strength) -> FindingResult:
    if met is None:
        return FindingResult.NEEDS_PERSON
    if met:
        return FindingResult.PASSED
    return FindingResult.WAIVABLE if strength in WAIVABLE else FindingResult.FAILED


def _verdict(programme: Programme, test: ConditionTest, facts: Facts) -> Verdict:
    match test:
        case FactEquals():
            return _equals(test, facts)
        case AtLeast():
            return facts.years >= test.at_least, f"{plain(facts.years)}年"
        case HonourExcluded():
            return _no_honour(programme, test, facts)
        case AnyAchievement():
            return _any_achievement(programme, facts)
        case PostExcluded():
            return _post(test, facts)
        case Attested():
            return None, "由推荐意见证明"
        case _:  # pragma: no cover - the type checker proves that there is no other
            assert_never(test)


def _equals(test: FactEquals, facts: Facts) -> Verdict:
    value: object = getattr(facts, test.fact)
    if isinstance(test.equals, bool):
        return value is test.equals, "是" if value else "否"
    met = value in (test.equals, *test.also)
    return met, test.equals if met else f"不是{test.equals}"


def _no_honour(programme: Programme, test: HonourExcluded, facts: Facts) -> Verdict:
    """Refuse a craftsman's honour; one that is not known is left to a person, unless a known one decides already (N4, N5)."""
    found = [programme.honours.find(text) for text in facts.honours]
    known = [honour for honour in found if honour is not None]
    excluding = [honour.name for honour in known if honour.kind in test.kinds and programme.honours.reaches(honour, test.level_at_least)]
    if facts.earlier_craftsman:
        excluding.append("往届已认定")
    if excluding:
        return False, "、".join(excluding)
    if len(known) < len(found):
        return None, "未登记的荣誉"
    return True, "、".join(honour.name for honour in known) or "无"


def _any_achievement(programme: Programme, facts: Facts) -> Verdict:
    """Accept one of the programme's achievements with evidence; whether the evidence holds is for the reviewers (N15)."""
    chosen = [each.number for each in programme.achievements if each.number in facts.achievements]
    if not chosen:
        return False, "未选"
    listed = f"第{'、'.join(chosen)}条"
    return (True, listed) if facts.evidence_given else (None, f"{listed}，未附证明材料")


def _post(test: PostExcluded, facts: Facts) -> Verdict:
    """Refuse the excluded posts; a manager only where the skilled work is no longer done in person (N16)."""
    post = label(facts.post_kind)
    if facts.post_kind in test.unless_front_line:
        return facts.front_line, f"{post}，{'仍' if facts.front_line else '不再'}直接从事技能工作"
    return facts.post_kind not in test.posts, post


def plain(number: Decimal) -> str:
    """Write a number without needless zeros and never in powers of ten: ``5``, ``4.9``, ``10``."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
