"""The ONE transition table, as data, and the ONE machine; the only importer of ``transitions``.

The machine decides and never does: it has no callbacks with effects. ``decide`` asks it about one record and gives every
refusal at once; the caller (``states.firing``) does the work.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

from transitions import EventData, Machine, Transition

from config.labels import label
from config.vocabulary import OPEN_STATES, Body, NominationState, Role, RoundState, RoundTrigger, Trigger
from states import guards as g
from states.errors import Refusal
from states.facts import Facts, Places
from states.tables import Nomination

RowGuard = Callable[[Nomination, Facts], list[Refusal]]
BatchGuard = Callable[[Nomination, Facts, Places], list[Refusal]]

S = NominationState
T = Trigger
RECORDERS = (Role.OFFICE,)
SITTING = (Role.OFFICE, Role.SECRETARY)
ON_BEHALF = (Role.CLOCK, Role.OFFICE)
"""Time alone decides; where the programme says so, the office records it on the clock's behalf."""
WHERE_IT_CAME_FROM = None


@dataclass(frozen=True)
class Move:
    """One row of the table. ``target`` None is the state the nomination came from; ``places`` says the move takes one."""

    trigger: Trigger
    sources: tuple[NominationState, ...]
    target: NominationState | None
    decided_by: tuple[Body, ...]
    recorded_by: tuple[Role, ...]
    event: str
    guards: tuple[RowGuard, ...] = ()
    batch_guards: tuple[BatchGuard, ...] = ()


_FOUND_LATER = (S.QUALIFIED, S.EXPERT_REVIEWED, S.RESERVED, S.LEADERSHIP_APPROVED, S.PUBLICLY_NOTICED)
_PASSED_OVER = (S.QUALIFIED, S.EXPERT_REVIEWED, S.RESERVED)
_NOTICED = (S.LEADERSHIP_APPROVED, S.PUBLICLY_NOTICED)
_UNDONE = (S.REJECTED, S.LAPSED, S.NOT_SELECTED)

MOVES: tuple[Move, ...] = (
    Move(
        T.RETURN_FOR_CORRECTION,
        (S.SUBMITTED,),
        S.RETURNED,
        (Body.OFFICE,),
        RECORDERS,
        "nomination_returned",
        (g.has_reason, g.correction_named),
    ),
    Move(T.RESUBMIT, (S.RETURNED,), S.SUBMITTED, (Body.UNIT,), RECORDERS, "nomination_resubmitted", (g.correction_in_time,)),
    Move(T.LAPSE, (S.RETURNED,), S.LAPSED, (Body.CLOCK,), ON_BEHALF, "nomination_lapsed", (g.correction_overdue,)),
    Move(T.DECLINE, (S.SUBMITTED,), S.REJECTED, (Body.LAYER,), RECORDERS, "nomination_declined", (g.has_reason, g.layer_refused)),
    Move(
        T.QUALIFY,
        (S.SUBMITTED,),
        S.QUALIFIED,
        (Body.OFFICE,),
        RECORDERS,
        "nomination_qualified",
        (g.intake_closed, g.every_layer_endorsed, g.findings_settled, g.clearances_in),
    ),
    Move(T.REJECT, (S.SUBMITTED,), S.REJECTED, (Body.OFFICE,), RECORDERS, "nomination_rejected", (g.has_reason, g.some_finding_fails)),
    Move(
        T.CONCLUDE_REVIEW,
        (S.QUALIFIED,),
        S.EXPERT_REVIEWED,
        (Body.OFFICE,),
        RECORDERS,
        "nomination_expert_reviewed",
        (g.enough_sheets, g.inside_shortlist),
    ),
    Move(
        T.PASS_OVER,
        _PASSED_OVER,
        S.NOT_SELECTED,
        (Body.OFFICE, Body.CLOCK),
        (Role.OFFICE, Role.SECRETARY, Role.CLOCK),
        "nomination_passed_over",
        (g.stage_concluded,),
    ),
    Move(
        T.APPROVE,
        (S.EXPERT_REVIEWED, S.RESERVED),
        S.LEADERSHIP_APPROVED,
        (Body.LEADING_GROUP,),
        SITTING,
        "nomination_approved",
        (g.judged_by_session,),
        (g.within_quota,),
    ),
    Move(T.RESERVE, (S.EXPERT_REVIEWED,), S.RESERVED, (Body.LEADING_GROUP,), SITTING, "nomination_reserved", (g.has_reserve_rank,)),
    Move(
        T.COMPLETE_NOTICE,
        (S.LEADERSHIP_APPROVED,),
        S.PUBLICLY_NOTICED,
        (Body.CLOCK,),
        ON_BEHALF,
        "nomination_publicly_noticed",
        (g.notice_complete, g.no_open_objection),
    ),
    Move(
        T.UPHOLD_OBJECTION,
        _NOTICED,
        S.REJECTED,
        (Body.LEADING_GROUP,),
        SITTING,
        "nomination_rejected_on_objection",
        (g.objection_upheld, g.has_report),
    ),
    Move(
        T.DISQUALIFY,
        _FOUND_LATER,
        S.REJECTED,
        (Body.OFFICE, Body.LEADING_GROUP),
        SITTING,
        "nomination_disqualified",
        (g.has_reason, g.has_report),
    ),
    Move(
        T.CERTIFY,
        (S.PUBLICLY_NOTICED,),
        S.GOVERNMENT_CERTIFIED,
        (Body.GOVERNMENT,),
        RECORDERS,
        "nomination_certified",
        (g.has_document, g.no_open_objection),
        (g.within_quota,),
    ),
    Move(
        T.REVOKE,
        (S.GOVERNMENT_CERTIFIED,),
        S.REVOKED,
        (Body.GOVERNMENT,),
        RECORDERS,
        "nomination_revoked",
        (g.has_document, g.has_reason, g.certificate_recalled),
    ),
    Move(
        T.REOPEN,
        _UNDONE,
        WHERE_IT_CAME_FROM,
        (Body.LAYER, Body.OFFICE, Body.LEADING_GROUP, Body.CLOCK),
        SITTING,
        "nomination_reopened",
        (g.has_reason, g.next_stage_open),
        (g.place_to_return_to,),
    ),
    Move(T.WITHDRAW, OPEN_STATES, S.WITHDRAWN, (Body.UNIT,), RECORDERS, "nomination_withdrawn", (g.has_reason,)),
)
BY_TRIGGER = {move.trigger: move for move in MOVES}


def origins(closed: NominationState) -> tuple[NominationState, ...]:
    """Give the states from which a closed state can have been entered: where ``reopen`` may lead."""
    return tuple(dict.fromkeys(source for move in MOVES if move.target == closed for source in move.sources))


@dataclass(frozen=True)
class Question:
    """What is asked of the machine: may this body, recorded by this role, do this, given these facts?

    ``places`` is the running total of the batch; without it there is no place to give.
    """

    decided_by: Body
    recorded_by: Role
    facts: Facts
    places: Places | None = None


def decide(record: Nomination, trigger: Trigger, question: Question) -> list[Refusal]:
    """Fire the machine on one record: its ``state`` moves when nothing refuses, and every refusal comes back otherwise."""
    refusals: list[Refusal] = []
    if not _MACHINE.get_triggers(record.state) or trigger.value not in _MACHINE.get_triggers(record.state):
        state = label(NominationState(record.state))
        return [Refusal("wrong-state", f"现为“{state}”，此状态下不能办理")]
    moved = _MACHINE.events[trigger.value].trigger(record, question=question, refusals=refusals)
    if not moved and not refusals:
        refusals.append(Refusal("not-its-origin", "来源状态不明，不能恢复"))
    return refusals


def _allowed(event: EventData) -> bool:
    """Run all guards of the move and collect every refusal: ``transitions`` itself stops at the first False."""
    record = cast("Nomination", event.model)
    move = BY_TRIGGER[Trigger(event.event.name)]
    if move.target is None and cast("Transition", event.transition).dest != record.came_from:
        return False
    question: Question = event.kwargs["question"]
    found = g.round_running(record, question.facts)
    if not question.facts.passed_through:
        found += _who(move, record, question)
        for guard in move.guards:
            found += guard(record, question.facts)
    places = question.places or Places(quota={})
    for batch_guard in move.batch_guards:
        found += batch_guard(record, question.facts, places)
    event.kwargs["refusals"].extend(found)
    return not found


def _who(move: Move, record: Nomination, question: Question) -> list[Refusal]:
    bodies = move.decided_by
    if move.target is None and record.closed_by is not None:
        bodies = (Body(record.closed_by),)
    refusals = []
    if question.decided_by not in bodies:
        names = "、".join(label(body) for body in bodies)
        refusals.append(Refusal("wrong-body", f"应由{names}决定，不能由{label(question.decided_by)}决定"))
    if question.recorded_by not in move.recorded_by:
        refusals.append(Refusal("wrong-role", f"“{label(question.recorded_by)}”角色不能登记此项"))
    return refusals


def _build() -> Machine:
    machine = Machine(model=None, states=[state.value for state in S], initial=None, auto_transitions=False, send_event=True)
    for move in MOVES:
        for source in move.sources:
            for target in (move.target,) if move.target else origins(source):
                machine.add_transition(move.trigger.value, source.value, target.value, conditions=_allowed)
    return machine


_MACHINE: Any = _build()


R = RoundState
ROUND_STAGES = (R.INTAKE, R.QUALIFICATION, R.EXPERT_REVIEW, R.LEADERSHIP, R.NOTICE, R.CERTIFICATION, R.FULFILMENT, R.CLOSED)


@dataclass(frozen=True)
class RoundMove:
    """One row of the round's smaller table; ``target`` None leaves the stage as it is (hold and release set a flag)."""

    trigger: RoundTrigger
    source: RoundState
    target: RoundState | None
    recorded_by: tuple[Role, ...]


_BY_CLOCK_TOO = (Role.OFFICE, Role.CLOCK)
_RUNNING = (R.PLANNED, *ROUND_STAGES[:-1])
ROUND_MOVES: tuple[RoundMove, ...] = (
    RoundMove(RoundTrigger.OPEN, R.PLANNED, R.INTAKE, _BY_CLOCK_TOO),
    RoundMove(RoundTrigger.CLOSE_INTAKE, R.INTAKE, R.QUALIFICATION, _BY_CLOCK_TOO),
    *(
        RoundMove(RoundTrigger.CONCLUDE, source, target, (Role.OFFICE, Role.SECRETARY, Role.FINANCE, Role.CLOCK))
        for source, target in pairwise(ROUND_STAGES[1:])
    ),
    *(RoundMove(RoundTrigger.HOLD, source, None, RECORDERS) for source in _RUNNING),
    *(RoundMove(RoundTrigger.RELEASE, source, None, RECORDERS) for source in _RUNNING),
    *(RoundMove(RoundTrigger.CANCEL, source, R.CANCELLED, RECORDERS) for source in _RUNNING),
)
ROUND_RECORDERS = {
    trigger: tuple({role for move in ROUND_MOVES if move.trigger == trigger for role in move.recorded_by}) for trigger in RoundTrigger
}
_ROUND_TABLE = {(move.trigger, move.source): move for move in ROUND_MOVES}


def decide_round(state: RoundState, trigger: RoundTrigger, role: Role, *, held: bool) -> tuple[RoundState, list[Refusal]]:
    """Say where a round goes, or every reason why it may not; on hold only ``release`` and ``cancel`` are left."""
    move = _ROUND_TABLE.get((trigger, state))
    if move is None:
        return state, [Refusal("wrong-stage", f"本届现处“{label(state)}”阶段，不能“{label(trigger)}”")]
    refusals = []
    if role not in move.recorded_by:
        refusals.append(Refusal("wrong-role", f"“{label(role)}”角色不能登记此项"))
    if held and trigger not in (RoundTrigger.RELEASE, RoundTrigger.CANCEL):
        refusals.append(Refusal("round-held", "本届已暂停，请先恢复计时"))
    if not held and trigger == RoundTrigger.RELEASE:
        refusals.append(Refusal("not-held", "本届没有暂停"))
    return move.target or state, refusals
