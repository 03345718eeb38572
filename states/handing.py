"""Giving one open work item to another owner, due as before, with the steps of its ladder that told nobody yet."""

from config.vocabulary import Audience
from states.obligations import about_work
from states.reminding import remind
from states.tables import WorkItem
from states.unsent import Unsent
from states.work import Work

_OTHERS = tuple(audience for audience in Audience if audience != Audience.OWNER)


def hand_item(work: Work, unsent: Unsent, item: WorkItem, owner: str, *, former: str = "") -> None:
    """Give an open work item to another owner. Its new version is told once; what still waits for the old owner is not.

    An escalation that waits comes at once anew, for whoever is to hear of the new owner's being late; on hold, after it.
    """
    payload = {**about_work(item.kind, owner, item.detail), "former": former or item.owner}
    recorder = work.record("work_item_reassigned", item.subject, payload=payload)
    anew = unsent.take_back(recorder, item, _OTHERS)
    recorder.update(WorkItem, item, owner=owner, due_version=item.due_version + 1)
    if anew and work.round.held:
        recorder.update(WorkItem, item, next_step_at=work.now)
    elif anew:
        remind(work, [item])
