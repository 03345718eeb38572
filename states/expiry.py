"""What has run out: corrections and public notices, carried out by the clock or by the office on its behalf.

A programme says for each whether it is automatic or work for the office. Either way it is time that decides: the machine
knows both moves as the clock's own.
"""

from collections.abc import Sequence

from config.vocabulary import Body, NominationState, Stage, Trigger, WorkKind
from states.errors import numbered
from states.firing import ask, fire, touched
from states.gathering import gather
from states.obligations import OFFICE, finish, open_item
from states.outcome import Skip, Touch
from states.tables import Nomination, NoticeBatch
from states.work import Work


def overdue_corrections(work: Work) -> list[Nomination]:
    """Give the nominations whose correction is overdue now."""
    returned = {"round": work.round.slug, "state": NominationState.RETURNED.value}
    return work.records.before(Nomination, "correction_due_at", work.now, **returned)


def lapse(work: Work, overdue: Sequence[Nomination]) -> list[Touch]:
    """Let nominations lapse whose correction is overdue."""
    facts = gather(work, overdue)
    return [touched(fire(work, each, Trigger.LAPSE, Body.CLOCK, facts[each.number])) for each in overdue]


def ask_to_lapse(work: Work, overdue: Sequence[Nomination]) -> None:
    """Open the office's work on every overdue correction that has none yet."""
    work.read_items([each.number for each in overdue])
    for each in overdue:
        if not any(item.kind == WorkKind.OVERDUE_CORRECTION for item in work.open_items(each.number)):
            open_item(work, WorkKind.OVERDUE_CORRECTION, Stage.QUALIFICATION, each.number, OFFICE)


def run_out(work: Work) -> list[NoticeBatch]:
    """Give the notices that have run their full days and are not completed."""
    return work.records.before(NoticeBatch, "ends_at", work.now, round=work.round.slug, completed_at=None)


def complete(work: Work, batch: NoticeBatch) -> tuple[list[Touch], list[Skip]]:
    """Complete the nominees of a notice that has run out, but for those with an objection open; with none left, the notice."""
    done, skipped = [], []
    nominees = work.nominations(batch=batch.id, state=NominationState.LEADERSHIP_APPROVED.value)
    facts = gather(work, nominees)
    for each in nominees:
        refusals = ask(work, each, Trigger.COMPLETE_NOTICE, Body.CLOCK, facts[each.number])
        if refusals:
            skipped.append(Skip(subject=each.number, reason=numbered(refusals)))
        else:
            done.append(touched(fire(work, each, Trigger.COMPLETE_NOTICE, Body.CLOCK, facts[each.number])))
    if not skipped:
        work.record("notice_completed", batch.id).update(NoticeBatch, batch, completed_at=work.now)
        finish(work, WorkKind.NOTICE_COMPLETION, batch.id)
    return done, skipped
