"""The clock's own command: what is due now and not done yet (wall 2). Twice at one instant is once."""

from typing import TYPE_CHECKING, ClassVar

from config.vocabulary import Role
from states.command import CLOCK, Command
from states.due_now import carry_out, stands_still
from states.outcome import Outcome
from states.reminding import remind
from states.replanning import days_moved
from states.tables import WorkItem

if TYPE_CHECKING:
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
        moved = f"，日期改定 {count} 项" if (count := days_moved(work)) else ""
        return Outcome(summary=f"自动办理 {len(done)} 项，催办 {fired} 条{moved}", touched=tuple(done), data={"reminded": fired})
