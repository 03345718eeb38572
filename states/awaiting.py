"""What waits for others' work: completing a public notice that has run out, for the answers to the objections against its nominees."""

from config.calendar import DueDate
from config.vocabulary import ObjectionStatus, WorkKind
from states.counted import due_of
from states.due_times import move_item
from states.expiry import run_out
from states.tables import NoticeBatch, Objection
from states.unsent import Unsent
from states.work import Work


def await_answers(work: Work) -> None:
    """Let the completion of a notice that has run out be due with the last open answer, where that is later; nobody need be told.

    An answer that is given more time takes it along when the clock comes by next.
    """
    for batch in run_out(work):
        due = _last_answer(work, batch)
        for item in work.open_items(batch.id):
            if due is not None and item.kind == WorkKind.NOTICE_COMPLETION and due.day > item.due_day:
                payload = {"item": item.id, "from": item.due_day, "to": due.day}
                move_item(work, work.record("notice_awaits_answers", batch.id, payload=payload), item, due, Unsent(work))


def _last_answer(work: Work, batch: NoticeBatch) -> DueDate | None:
    objections = work.records.where(Objection, round=work.round.slug, batch=batch.id, status=ObjectionStatus.OPEN.value)
    against = sorted({each.nomination for each in objections})
    answers = [item for number in against for item in work.open_items(number) if item.kind == WorkKind.OBJECTION_ANSWER]
    return max(map(due_of, answers), key=lambda due: due.day, default=None)
