"""The round's machine: every stage, trigger and role, on hold and not, against a table written here by hand."""

from itertools import product

from config.vocabulary import Role, RoundState, RoundTrigger
from states.machine import ROUND_RECORDERS, decide_round

ANYBODY = {"office", "secretary", "finance", "clock"}
TABLE = {
    ("planned", "open"): ("intake", {"office", "clock"}),
    ("intake", "close_intake"): ("qualification", {"office", "clock"}),
    ("qualification", "conclude"): ("expert_review", ANYBODY),
    ("expert_review", "conclude"): ("leadership", ANYBODY),
    ("leadership", "conclude"): ("notice", ANYBODY),
    ("notice", "conclude"): ("certification", ANYBODY),
    ("certification", "conclude"): ("fulfilment", ANYBODY),
    ("fulfilment", "conclude"): ("closed", ANYBODY),
}
RUNNING = ("planned", "intake", "qualification", "expert_review", "leadership", "notice", "certification", "fulfilment")
for _stage in RUNNING:
    TABLE[_stage, "hold"] = (_stage, {"office"})
    TABLE[_stage, "release"] = (_stage, {"office"})
    TABLE[_stage, "cancel"] = ("cancelled", {"office"})


def test_round_moves_exactly_as_written_here() -> None:
    for state, trigger, role, held in product(RoundState, RoundTrigger, Role, (False, True)):
        target, refusals = decide_round(state, trigger, role, held=held)
        row = TABLE.get((state.value, trigger.value))
        if row is None:
            assert (target, [refusal.code for refusal in refusals]) == (state, ["wrong-stage"])
            continue
        expected = [] if role in row[1] else ["wrong-role"]
        expected += ["round-held"] if held and trigger.value not in ("release", "cancel") else []
        expected += ["not-held"] if not held and trigger.value == "release" else []
        assert (target.value, [refusal.code for refusal in refusals]) == (row[0], expected)


def test_round_refusals_read_well() -> None:
    _, refusals = decide_round(RoundState.INTAKE, RoundTrigger.OPEN, Role.OFFICE, held=False)
    assert [refusal.sentence for refusal in refusals] == ["本届现处“申报推荐”阶段，不能“启动”"]
    _, refusals = decide_round(RoundState.INTAKE, RoundTrigger.CLOSE_INTAKE, Role.FINANCE, held=True)
    assert [refusal.sentence for refusal in refusals] == ["“待遇经办”角色不能登记此项", "本届已暂停，请先恢复计时"]
    _, refusals = decide_round(RoundState.INTAKE, RoundTrigger.RELEASE, Role.OFFICE, held=False)
    assert [refusal.sentence for refusal in refusals] == ["本届没有暂停"]


def test_round_recorders_are_those_of_the_table() -> None:
    for trigger, roles in ROUND_RECORDERS.items():
        assert {role.value for role in roles} == set().union(*(row[1] for (_, name), row in TABLE.items() if name == trigger.value))
