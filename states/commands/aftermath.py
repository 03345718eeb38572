"""What may happen at any time: a withdrawal, a fact found wrong, a decision taken by mistake."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict

from config.vocabulary import Body, NominationState, Role, Stage, Trigger, WorkKind
from states.bulk import each_or_skip
from states.command import Command
from states.commands.qualification import open_correction
from states.facts import Facts
from states.firing import fire, touched
from states.gathering import places
from states.obligations import OFFICE, ask_for_endorsement, open_item
from states.outcome import Outcome, Touch
from states.tables import Nomination, NoticeBatch

if TYPE_CHECKING:
    from states.work import Work


class ReasonRow(BaseModel):
    """A nomination, the reason (kept in the vault), and the document that proves it."""

    model_config = ConfigDict(frozen=True)

    nomination: str
    reason: str
    document: str = ""


class Withdraw(Command):
    """Take nominations back at their units' request."""

    title: ClassVar[str] = "撤回申报"
    bulk: ClassVar[bool] = True
    after_clock: ClassVar[bool] = True

    rows: tuple[ReasonRow, ...]

    def plan(self, work: "Work") -> Outcome:
        """Skip what is closed already or comes without a reason."""
        return each_or_skip(work, self.title, _by_number(self.rows), _withdraw)


class Disqualify(Command):
    """Reject nominations for fraud or a wrong fact found later, with the investigation's report."""

    title: ClassVar[str] = "取消资格"
    roles: ClassVar[tuple[Role, ...]] = (Role.OFFICE, Role.SECRETARY)
    bulk: ClassVar[bool] = True
    after_clock: ClassVar[bool] = True

    rows: tuple[ReasonRow, ...]
    decided_by: Body = Body.OFFICE

    def plan(self, work: "Work") -> Outcome:
        """Skip what is not in the running, or comes without reason and report."""
        return each_or_skip(work, self.title, _by_number(self.rows), self._disqualify)

    def _disqualify(self, work: "Work", nomination: Nomination, row: ReasonRow, facts: Facts) -> Touch:
        return _close(work, nomination, row, Trigger.DISQUALIFY, self.decided_by, replace(facts, report=bool(row.document.strip())))


class Reopen(Command):
    """Take back a decision taken by mistake: the nomination returns to the state it came from."""

    title: ClassVar[str] = "恢复申报"
    roles: ClassVar[tuple[Role, ...]] = (Role.OFFICE, Role.SECRETARY)
    bulk: ClassVar[bool] = True
    after_clock: ClassVar[bool] = True

    rows: tuple[ReasonRow, ...]

    def plan(self, work: "Work") -> Outcome:
        """Skip what is not closed, or whose next stage is concluded."""
        return each_or_skip(work, self.title, _by_number(self.rows), _reopen)


def _by_number(rows: tuple[ReasonRow, ...]) -> list[tuple[str, ReasonRow]]:
    return [(row.nomination.strip(), row) for row in rows]


def _withdraw(work: "Work", nomination: Nomination, row: ReasonRow, facts: Facts) -> Touch:
    return _close(work, nomination, row, Trigger.WITHDRAW, Body.UNIT, facts)


def _close(work: "Work", nomination: Nomination, row: ReasonRow, trigger: Trigger, body: Body, facts: Facts) -> Touch:
    facts = replace(facts, reason=bool(row.reason.strip()), document=row.document)
    recorder = fire(work, nomination, trigger, body, facts)
    work.keep_text(recorder, "reason", row.reason)
    return touched(recorder)


def _reopen(work: "Work", nomination: Nomination, row: ReasonRow, facts: Facts) -> Touch:
    """Reopen one nomination and open again what it is waiting for."""
    body = Body(nomination.closed_by) if nomination.closed_by else Body.OFFICE
    facts = replace(facts, reason=bool(row.reason.strip()), document=row.document)
    due = work.calendar.after(work.today, work.programme.corrections.working_days)
    fields: dict[str, Any] = {}
    if nomination.came_from == NominationState.RETURNED:
        fields["correction_due_at"] = work.calendar.due_at(due.day)
    if nomination.came_from == NominationState.RESERVED:
        fields["reserve_rank"] = _last_rank(work) + 1
    if nomination.came_from == NominationState.LEADERSHIP_APPROVED and _notice_over(work, nomination):
        fields["batch"] = None
    recorder = fire(work, nomination, Trigger.REOPEN, body, facts, places=places(work, "approve"), **fields)
    work.keep_text(recorder, "reason", row.reason)
    if nomination.state == NominationState.RETURNED:
        open_correction(work, nomination, due)
    if nomination.state == NominationState.SUBMITTED:
        _await_again(work, nomination, facts)
    return touched(recorder)


def _notice_over(work: "Work", nomination: Nomination) -> bool:
    """Say whether a nominee's notice was completed without them: they need a new one, the tick looks at a batch no more."""
    batch = work.records.get(NoticeBatch, nomination.batch) if nomination.batch else None
    return batch is not None and batch.completed_at is not None


def _last_rank(work: "Work") -> int:
    """Give the rank behind which a reserve comes back: the ranks that a sitting gave are never taken by it."""
    ranks = [each.reserve_rank or 0 for each in work.nominations(state=NominationState.RESERVED.value)]
    return max([work.programme.votes.reserves, *ranks])


def _await_again(work: "Work", nomination: Nomination, facts: Facts) -> None:
    """Open the next layer's work, and the office's verdict where intake has closed."""
    ask_for_endorsement(work, nomination)
    if facts.intake_closed:
        open_item(work, WorkKind.QUALIFICATION, Stage.QUALIFICATION, nomination.number, OFFICE)
