"""What time alone has decided by now, carried out: by the tick, or first thing in a command that comes before a late one.

By-clock work must end alike however late the clock is (wall 2). So whatever stops, moves or rewrites the clock, or takes
away what it would have acted on, first does what a tick at this instant would have done, in the same transaction.
"""

from collections.abc import Sequence

from config.labels import label
from config.vocabulary import NominationState, Role, RoundState, RoundTrigger, Stage
from states.command import CLOCK
from states.errors import Refusal
from states.expiry import ask_to_lapse, complete, lapse, overdue_corrections, run_out
from states.obligations import stage_clock
from states.outcome import Touch
from states.progress import advance, ask_to_fill, move_round
from states.replanning import replan
from states.work import Actor, Work


def stands_still(work: Work) -> bool:
    """Say whether nothing falls due in the round: it is on hold or has ended."""
    return work.round.held or work.round.state in (RoundState.CLOSED, RoundState.CANCELLED)


def carry_out(work: Work) -> list[Touch]:
    """Do what time alone decides and has decided: open the round, close intake, lapse, complete notices, conclude stages."""
    replan(work)
    done = [*_open(work), *_close_intake(work), *_lapse(work), *_complete_notices(work)]
    if done:
        ask_to_fill(work)
    advance(work)
    return done


def before_a_command(work: Work) -> list[Touch]:
    """Do what a tick at this instant would have done, reminders aside; in the clock's name, on whose behalf it is recorded."""
    if stands_still(work):
        return []
    actor, work.actor = work.actor, Actor(CLOCK, (Role.CLOCK,))
    try:
        return carry_out(work)
    finally:
        work.actor = actor


def time_was_over(done: Sequence[Touch]) -> Refusal:
    """Say what time had decided before a command that is refused now, and how it can be mended."""
    moves = "、".join(f"{each.subject} {_named(each.source)}→{_named(each.target)}" for each in done)
    lapsed = any(each.target == NominationState.LAPSED for each in done)
    mend = "；申报确需恢复的，请到期处理之后办理“恢复申报”（reopen），补正期限随之重新计算" if lapsed else ""
    return Refusal("time-over", f"期限已过的，系统按办法到期处理（{moves}），不能再延长或撤回{mend}")


def _named(state: str) -> str:
    return label(NominationState(state)) if state in tuple(NominationState) else label(RoundState(state))


def _open(work: Work) -> list[Touch]:
    if work.round.state != RoundState.PLANNED or work.round.opens_on > work.today:
        return []
    move_round(work, RoundTrigger.OPEN)
    return [Touch(subject=work.round.slug, source=RoundState.PLANNED.value, target=work.round.state)]


def _close_intake(work: Work) -> list[Touch]:
    clock = stage_clock(work, Stage.INTAKE)
    if work.round.state != RoundState.INTAKE or clock is None or work.now < clock.due_at:
        return []
    if work.programme.stages[Stage.INTAKE].conclude != "automatic":
        return []
    move_round(work, RoundTrigger.CLOSE_INTAKE)
    return [Touch(subject=work.round.slug, source=RoundState.INTAKE.value, target=work.round.state)]


def _lapse(work: Work) -> list[Touch]:
    overdue = overdue_corrections(work)
    if work.programme.corrections.lapse == "automatic":
        return lapse(work, overdue)
    ask_to_lapse(work, overdue)
    return []


def _complete_notices(work: Work) -> list[Touch]:
    if work.programme.notice.complete == "office":
        return []
    return [touch for batch in run_out(work) for touch in complete(work, batch)[0]]
