"""Every state, trigger, body and role against a table written here by hand; whatever it does not allow is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any, cast

import pytest

from config.vocabulary import OPEN_STATES, Body, NominationState, Role, Trigger
from states.errors import Refusal, TransitionRefused, numbered
from states.facts import ClearanceFact, Facts, FindingFact, Places
from states.machine import BY_TRIGGER, MOVES, Question, decide, origins
from states.records import Light
from states.tables import Nomination

NOW = datetime(2023, 7, 20, 1, 0, tzinfo=UTC)
OFFICE, SITTING, ON_BEHALF = "office", "office secretary", "office clock"

# state, trigger, to, decided by, recorded by
TABLE = (
    ("submitted", "return_for_correction", "returned", "office", OFFICE),
    ("returned", "resubmit", "submitted", "unit", OFFICE),
    ("returned", "lapse", "lapsed", "clock", ON_BEHALF),
    ("submitted", "decline", "rejected", "layer", OFFICE),
    ("submitted", "qualify", "qualified", "office", OFFICE),
    ("submitted", "reject", "rejected", "office", OFFICE),
    ("qualified", "conclude_review", "expert_reviewed", "office", OFFICE),
    ("qualified", "pass_over", "not_selected", "office clock", "office secretary clock"),
    ("expert_reviewed", "pass_over", "not_selected", "office clock", "office secretary clock"),
    ("reserved", "pass_over", "not_selected", "office clock", "office secretary clock"),
    ("expert_reviewed", "approve", "leadership_approved", "leading_group", SITTING),
    ("reserved", "approve", "leadership_approved", "leading_group", SITTING),
    ("expert_reviewed", "reserve", "reserved", "leading_group", SITTING),
    ("leadership_approved", "complete_notice", "publicly_noticed", "clock", ON_BEHALF),
    ("leadership_approved", "uphold_objection", "rejected", "leading_group", SITTING),
    ("publicly_noticed", "uphold_objection", "rejected", "leading_group", SITTING),
    ("qualified", "disqualify", "rejected", "office leading_group", SITTING),
    ("expert_reviewed", "disqualify", "rejected", "office leading_group", SITTING),
    ("reserved", "disqualify", "rejected", "office leading_group", SITTING),
    ("leadership_approved", "disqualify", "rejected", "office leading_group", SITTING),
    ("publicly_noticed", "disqualify", "rejected", "office leading_group", SITTING),
    ("publicly_noticed", "certify", "government_certified", "government", OFFICE),
    ("government_certified", "revoke", "revoked", "government", OFFICE),
    ("submitted", "withdraw", "withdrawn", "unit", OFFICE),
    ("returned", "withdraw", "withdrawn", "unit", OFFICE),
    ("qualified", "withdraw", "withdrawn", "unit", OFFICE),
    ("expert_reviewed", "withdraw", "withdrawn", "unit", OFFICE),
    ("reserved", "withdraw", "withdrawn", "unit", OFFICE),
    ("leadership_approved", "withdraw", "withdrawn", "unit", OFFICE),
    ("publicly_noticed", "withdraw", "withdrawn", "unit", OFFICE),
    ("rejected", "reopen", "qualified", "office", SITTING),  # as CLOSED says below: disqualified by the office
    ("lapsed", "reopen", "returned", "clock", SITTING),
    ("not_selected", "reopen", "expert_reviewed", "office", SITTING),
)
CLOSED = {"rejected": ("qualified", "office"), "lapsed": ("returned", "clock"), "not_selected": ("expert_reviewed", "office")}
# Which states a closed nomination may have come from, and so go back to.
ORIGINS = {
    "rejected": {"submitted", "qualified", "expert_reviewed", "reserved", "leadership_approved", "publicly_noticed"},
    "lapsed": {"returned"},
    "not_selected": {"qualified", "expert_reviewed", "reserved"},
}

SETTLED = FindingFact("skill", "N10", "高超的技能水平", "confirmed")
FAILING = FindingFact("front_line", "N12", "目前仍在一线岗位上工作", "failed")
EASY = Facts(
    now=NOW,
    reason=True,
    fields_to_mend=("证明材料",),
    corrections_left=1,
    intake_closed=True,
    findings=(SETTLED,),
    sheets=3,
    sheets_needed=3,
    shortlisted=True,
    stage_concluded=True,
    judged=True,
    reserve_rank=1,
    notice_ends_at=NOW,
    last_day=date(2023, 7, 19),
    upheld_objections=("Y1",),
    report=True,
    document="滨政发〔2023〕9号",
    document_date=date(2023, 7, 20),
    certificate_recalled=True,
)
"""Facts that refuse nothing, but for what two triggers ask in opposite ways."""
OPPOSITE: dict[Trigger, dict[str, Any]] = {
    Trigger.DECLINE: {"layers_refused": ("长河街道总工会",)},
    Trigger.REJECT: {"findings": (FAILING,)},
}


def record(state: str, **changes: Any) -> Nomination:
    came_from, closed_by = CLOSED.get(state, (None, None))
    values: dict[str, Any] = {
        "number": "BJGJ-2023-0001",
        "tier": "craftsman",
        "state": state,
        "came_from": came_from,
        "closed_by": closed_by,
    }
    values |= {"corrections": 1, "correction_due_at": None, "batch": "n1"}
    return cast("Nomination", Light(**(values | changes)))


def facts(trigger: Trigger) -> Facts:
    return replace(EASY, **OPPOSITE.get(trigger, {}))


def asked(state: str, trigger: Trigger, body: Body, role: Role, **changes: Any) -> tuple[str, list[str]]:
    """Fire on a record for which everything is in order but, perhaps, who asks: the new state and the refusals' codes."""
    due = NOW if trigger is Trigger.LAPSE else NOW + timedelta(seconds=1)
    one = record(state, **({"correction_due_at": due} | changes))
    refusals = decide(one, trigger, Question(body, role, facts(trigger), Places({"craftsman": 1})))
    return one.state, [refusal.code for refusal in refusals]


def test_table_allows_exactly_what_is_written_here() -> None:
    written = {
        (state, trigger, target, body, role)
        for state, trigger, target, bodies, roles in TABLE
        for body, role in product(bodies.split(), roles.split())
    }
    allowed = set()
    for state, trigger, body, role in product(NominationState, Trigger, Body, Role):
        after, codes = asked(state.value, trigger, body, role)
        assert (after == state.value) == bool(codes)
        if not codes:
            allowed.add((state.value, trigger.value, after, body.value, role.value))
    assert allowed == written


def test_refusal_names_the_state_the_body_and_the_role_all_at_once() -> None:
    rows = {(state, trigger): (bodies.split(), roles.split()) for state, trigger, _, bodies, roles in TABLE}
    for state, trigger, body, role in product(NominationState, Trigger, Body, Role):
        _, codes = asked(state.value, trigger, body, role)
        bodies, roles = rows.get((state.value, trigger.value), ([], []))
        expected = [code for code, right in (("wrong-body", body in bodies), ("wrong-role", role in roles)) if not right]
        assert codes == (expected if bodies else ["wrong-state"])


def test_refusal_of_body_and_role_reads_well() -> None:
    one = record("submitted")
    refusals = decide(one, Trigger.QUALIFY, Question(Body.UNIT, Role.FINANCE, EASY))
    assert numbered(refusals) == "① 应由领导小组办公室决定，不能由推荐单位决定；② “待遇经办”角色不能登记此项"
    assert decide(one, Trigger.CERTIFY, Question(Body.GOVERNMENT, Role.OFFICE, EASY)) == [
        Refusal("wrong-state", "现为“已申报”，此状态下不能办理")
    ]


@pytest.mark.parametrize("closed", sorted(ORIGINS))
def test_reopen_leads_to_where_it_came_from_and_nowhere_else(closed: str) -> None:
    assert {state.value for state in origins(NominationState(closed))} == ORIGINS[closed]
    for came_from in NominationState:
        after, codes = asked(closed, Trigger.REOPEN, Body.OFFICE, Role.OFFICE, came_from=came_from.value, closed_by="office")
        possible = came_from.value in ORIGINS[closed]
        assert (after, codes) == ((came_from.value, []) if possible else (closed, ["not-its-origin"]))


def test_reopen_is_decided_by_whoever_closed_it() -> None:
    for closed_by, body in product(Body, Body):
        _, codes = asked("rejected", Trigger.REOPEN, body, Role.OFFICE, closed_by=closed_by.value)
        assert codes == ([] if body is closed_by else ["wrong-body"])
    _, codes = asked("rejected", Trigger.REOPEN, Body.GOVERNMENT, Role.OFFICE, closed_by=None)
    assert codes == ["wrong-body"]


def test_withdrawn_and_revoked_are_left_by_nothing() -> None:
    for state, trigger in product(("withdrawn", "revoked"), Trigger):
        assert asked(state, trigger, Body.OFFICE, Role.OFFICE) == (state, ["wrong-state"])


def test_every_open_state_may_be_withdrawn_and_no_other() -> None:
    left = {state for state in NominationState if not asked(state.value, Trigger.WITHDRAW, Body.UNIT, Role.OFFICE)[1]}
    assert left == set(OPEN_STATES)


def test_every_trigger_has_one_move_and_every_event_one_name() -> None:
    assert list(BY_TRIGGER) == list(Trigger)
    assert len({move.event for move in MOVES}) == len(MOVES)


def test_refusals_of_all_guards_come_at_once() -> None:
    vetoed = (ClearanceFact("tax", "依法纳税（区税务部门）", "", clear=False),)
    bad = replace(EASY, held=True, intake_closed=False, layers_missing=("浦沿街道总工会",), findings=(FAILING, SETTLED), clearances=vetoed)
    refusals = decide(record("submitted"), Trigger.QUALIFY, Question(Body.GOVERNMENT, Role.AUDITOR, bad))
    codes = ["round-held", "wrong-body", "wrong-role", "intake-open", "endorsement-missing", "finding-front_line", "clearance-vetoed"]
    assert [refusal.code for refusal in refusals] == codes
    error = TransitionRefused("BJGJ-2023-0007", "qualify", "资格审核通过", refusals[-3:-1])
    expected = "① 缺少 浦沿街道总工会 的推荐意见（N18 自下而上、层层推荐）；② 不符合（N12 目前仍在一线岗位上工作）"
    assert str(error) == f"BJGJ-2023-0007 不能“资格审核通过”：{expected}"
    assert (error.nomination, error.trigger) == ("BJGJ-2023-0007", "qualify")


def test_more_than_twenty_refusals_are_counted() -> None:
    text = numbered([Refusal("x", f"理由{each}") for each in range(1, 22)])
    assert text.startswith("① 理由1；② 理由2")
    assert text.endswith("⑳ 理由20；……共 21 条")
    assert "理由21" not in text


def test_passed_through_asks_for_nothing_but_the_round_and_the_quota() -> None:
    nothing = Facts(now=NOW, passed_through=True)
    one = record("expert_reviewed")
    assert decide(one, Trigger.APPROVE, Question(Body.CLOCK, Role.CLOCK, nothing, Places({"craftsman": 1}))) == []
    assert one.state == "leadership_approved"
    one = record("expert_reviewed")
    full = Question(Body.CLOCK, Role.CLOCK, replace(nothing, held=True), Places({"craftsman": 1}, {"craftsman": 1}))
    assert [refusal.code for refusal in decide(one, Trigger.APPROVE, full)] == ["round-held", "quota-full"]


def test_places_not_given_are_no_places() -> None:
    refusals = decide(record("expert_reviewed"), Trigger.APPROVE, Question(Body.LEADING_GROUP, Role.SECRETARY, EASY))
    assert [str(refusal) for refusal in refusals] == ["超过名额：本届计划认定 0 名（N3）"]
