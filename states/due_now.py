"""What time alone has decided by now, carried out: by the tick, or first thing in a command that comes before a late one.

By-clock work must end alike however late the clock is (wall 2). So whatever stops, moves or rewrites the clock, or takes
away what it would have acted on, first does what a tick at this instant would have done, in the same transaction.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, time
from functools import partial

from config.labels import label
from config.vocabulary import NominationState, Role, RoundState, RoundTrigger, Stage
from states.awaiting import await_answers
from states.command import CLOCK
from states.errors import Refusal
from states.expiry import ask_to_lapse, complete, lapse, overdue_corrections, run_out
from states.obligations import stage_clock
from states.outcome import Touch
from states.progress import advance, ask_to_fill, move_round
from states.replanning import replan
from states.tables import LedgerEntry, Nomination, NoticeBatch
from states.work import Actor, Work

Deed = Callable[[], list[Touch]]
_Due = tuple[datetime, Deed]
LETS_TIME_GO_ON = ("round_released", "round_amended", "objection_resolved", "nomination_reopened", "notice_published")
"""The events after which time may decide what it could not decide before; every other command concludes what it may by itself."""


def stands_still(work: Work) -> bool:
    """Say whether nothing falls due in the round: it is on hold or has ended."""
    return work.round.held or work.round.state in (RoundState.CLOSED, RoundState.CANCELLED)


def carry_out(work: Work) -> list[Touch]:
    """Do what time alone decides and has decided: open the round, close intake, lapse, complete notices, conclude stages.

    In the order in which it fell due, and each counted from its own instant: a late tick gives the due times of one in time.
    """
    replan(work)
    done = _open(work)
    for at, deeds in _in_order(work, [*_intake_end(work), *_corrections(work), *_notices(work)]):
        work.decided_at = at
        moved = [touch for deed in deeds for touch in deed()]
        if moved:
            ask_to_fill(work)
        advance(work)
        done += moved
    work.decided_at = work.now
    await_answers(work)
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


def on_its_behalf(work: Work, *instants: datetime | None) -> None:
    """Let what the office does in the clock's stead count from when time decided it, the last of these instants."""
    come = [at for at in (*instants, _freed_at(work)) if at is not None and at <= work.now]
    work.decided_at = max(come, default=work.now)


def time_was_over(done: Sequence[Touch]) -> Refusal:
    """Say what time had decided before a command that is refused now, and how it can be mended."""
    if all(_is_opening(each) for each in done):
        return Refusal("time-over", "启动日已到，系统届时先行启动本届；改正以上各条后即可办理")
    moves = "、".join(f"{each.subject} {_named(each.source)}→{_named(each.target)}" for each in done)
    lapsed = any(each.target == NominationState.LAPSED for each in done)
    mend = "；申报确需恢复的，请到期处理之后办理“恢复申报”（reopen），补正期限随之重新计算" if lapsed else ""
    return Refusal("time-over", f"期限已过的，系统按办法到期处理（{moves}），不能再延长或撤回{mend}")


def done_first(done: Sequence[Touch]) -> str:
    """Say what time had decided before a command that is carried out now."""
    over = sum(not _is_opening(each) for each in done)
    opened = ["启动日已到，先行启动本届"] if over < len(done) else []
    return "；".join([*opened, *([f"此前期限已过的 {over} 项，先行到期处理"] if over else [])])


def _is_opening(touch: Touch) -> bool:
    return touch.source == RoundState.PLANNED


def _named(state: str) -> str:
    return label(NominationState(state)) if state in tuple(NominationState) else label(RoundState(state))


def _in_order(work: Work, due: list[_Due]) -> list[tuple[datetime, list[Deed]]]:
    """Group what has fallen due by the instant that decided it, oldest first; the first of all is when an operator last let time go on.

    Whatever that made possible was not due before it: a notice that had run out waited for its objection, or for the release.
    """
    freed = _freed_at(work)
    groups: dict[datetime, list[Deed]] = {freed or work.now: []}
    for at, deed in due:
        groups.setdefault(max(at, freed or at), []).append(deed)
    return sorted(groups.items())


def _freed_at(work: Work) -> datetime | None:
    entries = work.records.where(LedgerEntry, round=work.round.slug, event=LETS_TIME_GO_ON)
    return min(max(datetime.fromisoformat(entry.at) for entry in entries), work.now) if entries else None


def _open(work: Work) -> list[Touch]:
    if work.round.state != RoundState.PLANNED or work.round.opens_on > work.today:
        return []
    work.decided_at = work.calendar.at_hour(work.round.opens_on, time())
    move_round(work, RoundTrigger.OPEN)
    return [Touch(subject=work.round.slug, source=RoundState.PLANNED.value, target=work.round.state)]


def _intake_end(work: Work) -> list[_Due]:
    clock = stage_clock(work, Stage.INTAKE)
    if work.round.state != RoundState.INTAKE or clock is None or work.now < clock.due_at:
        return []
    if work.programme.stages[Stage.INTAKE].conclude != "automatic":
        return []
    return [(clock.due_at, partial(_close_intake, work))]


def _close_intake(work: Work) -> list[Touch]:
    move_round(work, RoundTrigger.CLOSE_INTAKE)
    return [Touch(subject=work.round.slug, source=RoundState.INTAKE.value, target=work.round.state)]


def _corrections(work: Work) -> list[_Due]:
    """Give the overdue corrections, those of one instant together."""
    overdue = defaultdict(list)
    for each in overdue_corrections(work):
        overdue[each.correction_due_at or work.now].append(each)
    return [(at, partial(_lapse, work, those)) for at, those in overdue.items()]


def _lapse(work: Work, overdue: list[Nomination]) -> list[Touch]:
    if work.programme.corrections.lapse == "automatic":
        return lapse(work, overdue)
    ask_to_lapse(work, overdue)
    return []


def _notices(work: Work) -> list[_Due]:
    if work.programme.notice.complete == "office":
        return []
    return [(batch.ends_at, partial(_complete, work, batch)) for batch in run_out(work)]


def _complete(work: Work, batch: NoticeBatch) -> list[Touch]:
    return complete(work, batch)[0]
