"""The clock's own command: what is due now and not done yet (wall 2). Twice at one instant is once."""

from collections.abc import Iterable
from functools import cache, partial
from typing import TYPE_CHECKING, ClassVar

from config.vocabulary import Role, WorkKind
from states.command import CLOCK, Command
from states.due_now import carry_out, stands_still
from states.ladders import due_steps, next_step_at
from states.obligations import timed_steps
from states.outcome import Outcome
from states.replanning import move_steps
from states.tables import WorkItem

if TYPE_CHECKING:
    from states.ladders import Due
    from states.work import Work


class Tick(Command):
    """Do what time alone decides in one round: open it, close intake, lapse, complete notices, remind and escalate."""

    title: ClassVar[str] = "到期处理"
    roles: ClassVar[tuple[Role, ...]] = (Role.CLOCK,)

    operator: str = CLOCK

    def plan(self, work: "Work") -> Outcome:
        """Touch nothing in a round that is on hold or has ended."""
        if stands_still(work):
            return Outcome(summary="本届已暂停或已结束，没有到期事项")
        done = carry_out(work)
        fired = remind(work, work.records.before(WorkItem, "next_step_at", work.now, round=work.round.slug, status="open"))
        return Outcome(summary=f"自动办理 {len(done)} 项，催办 {fired} 条", touched=tuple(done), data={"reminded": fired})


def remind(work: "Work", items: Iterable[WorkItem]) -> int:
    """Fire the steps that are due of open work items, the newest for each audience; gives how many fired."""
    fired = 0
    ladder = cache(partial(timed_steps, work))  # laid out once for all items of one kind and due day
    for item in items:
        timed = ladder(WorkKind(item.kind), item.due_day)
        due = due_steps(timed, item.steps_done, work.now, item.opened_at)
        if not due.keys:
            move_steps(work, item, timed)
            continue
        recorder = work.record("work_item_reminded", item.subject, payload=_steps(item, due))
        done = sorted({*item.steps_done, *due.keys})
        recorder.update(WorkItem, item, steps_done=done, next_step_at=next_step_at(timed, done, work.now))
        fired += len(due.fire)
    return fired


def _steps(item: WorkItem, due: "Due") -> dict[str, object]:
    fired = [{"key": each.step.key, "offset": each.step.offset, "audience": each.step.audience.value} for each in due.fire]
    covered = [{"key": each.timed.step.key, "by": each.by.step.key if each.by else ""} for each in due.covered]
    about = {"item": item.id, "kind": item.kind, "owner": item.owner, "due_version": item.due_version}
    return {**about, "fired": fired, "covered": covered}
