"""Work items: what a party owes by when; opened, done and dropped here and nowhere else."""

from collections.abc import Collection, Iterable
from datetime import date

from config.calendar import DueDate
from config.vocabulary import NominationState, PartyKind, Stage, Trigger, WorkKind, WorkStatus
from states.counted import columns, due_of
from states.endorsing import said_by
from states.ladders import TimedStep, next_step_at, step_times, work_steps
from states.planned import Planned, planned_with
from states.tables import Endorsement, Nomination, Party, StageClock, WorkItem
from states.work import Work

OFFICE = "office"
LEADING_GROUP = "leading-group"
GOVERNMENT = "government"
_BODIES = {OFFICE: PartyKind.DISTRICT_OFFICE, LEADING_GROUP: PartyKind.LEADING_GROUP, GOVERNMENT: PartyKind.GOVERNMENT}

S = NominationState
K = WorkKind
USEFUL_IN: dict[WorkKind, tuple[NominationState, ...]] = {
    K.ENDORSEMENT: (S.SUBMITTED, S.RETURNED),
    K.CLEARANCE: (S.SUBMITTED, S.RETURNED),
    K.CORRECTION: (S.RETURNED,),
    K.OVERDUE_CORRECTION: (S.RETURNED,),
    K.QUALIFICATION: (S.SUBMITTED,),
    K.OBJECTION_ANSWER: (S.LEADERSHIP_APPROVED, S.PUBLICLY_NOTICED),
    K.BENEFIT: (S.GOVERNMENT_CERTIFIED,),
}
"""In which states of its nomination a work item is still worth doing; elsewhere it is dropped."""
FULFILLED_BY: dict[Trigger, tuple[WorkKind, ...]] = {
    Trigger.RETURN_FOR_CORRECTION: (K.QUALIFICATION,),
    Trigger.RESUBMIT: (K.CORRECTION,),
    Trigger.LAPSE: (K.OVERDUE_CORRECTION,),
    Trigger.QUALIFY: (K.QUALIFICATION,),
    Trigger.REJECT: (K.QUALIFICATION,),
    Trigger.DECLINE: (K.ENDORSEMENT,),
    Trigger.UPHOLD_OBJECTION: (K.OBJECTION_ANSWER,),
}
"""Which work a move fulfils; what it makes pointless is dropped instead."""
_DUE_BY_ITSELF = (K.BENEFIT, K.NOTICE_COMPLETION)
"""Work without working days in its rule that is not due with its stage: a benefit has its own, a notice its window."""


def stage_clock(work: Work, stage: Stage) -> StageClock | None:
    """Give the clock of a stage that was entered, or None."""
    return work.records.get(StageClock, work.round.slug, stage.value)


def open_item(
    work: Work,
    kind: WorkKind,
    stage: Stage,
    subject: str,
    owner: str,
    due: DueDate | None = None,
    detail: str = "",
    planned: Planned | None = None,
) -> WorkItem:
    """Open a work item: due after its rule's working days, else with its stage, never before the next working day.

    Closing intake alone is due with its stage to the last: that ends then, however late the round was opened.

    What was ``planned`` for it is that of its stage, where it is due with that.
    """
    due, owner = due or _due(work, kind, stage), body_party(work, owner)
    recorder = work.record("work_item_opened", subject, payload=about_work(kind.value, owner, detail))
    timed = timed_steps(work, kind, due.day)
    waiting = [step for step in timed if step.at > work.now]  # the opening itself speaks for the others
    return recorder.insert(
        WorkItem,
        id=f"{work.round.slug}-{work.seq:06d}",
        round=work.round.slug,
        stage=stage.value,
        kind=kind.value,
        subject=subject,
        detail=detail,
        owner=owner,
        opened_at=work.now,
        **columns(work.calendar, due),
        **(planned or planned_with(work, stage_clock(work, stage), due)),
        next_step_at=next_step_at(waiting, (), work.now),
    )


def body_party(work: Work, name: str) -> str:
    """Give the party id of a body by its plain name (``office``); any other id is given back as it is."""
    found = work.records.where(Party, kind=_BODIES[name].value) if name in _BODIES else []
    return found[0].id if found else name


def timed_steps(work: Work, kind: WorkKind, due_day: date) -> list[TimedStep]:
    """Give the instants of a work item's ladder, oldest first."""
    return step_times(due_day, work_steps(work.programme, kind), work.calendar, work.programme.messages.hour)


def due_with_stage(work: Work, item: WorkItem) -> bool:
    """Say whether work has no time of its own but its stage's; what was opened when that was over may be due later."""
    rule = work.programme.work.get(WorkKind(item.kind))
    return rule is not None and rule.working_days is None and item.kind not in _DUE_BY_ITSELF


def close_items(work: Work, items: Iterable[WorkItem], status: WorkStatus) -> None:
    """Mark work items as done or dropped; they never remind again, and the ledger names the steps that were not sent."""
    event = "work_item_done" if status == WorkStatus.DONE else "work_item_dropped"
    for item in items:
        about = about_work(item.kind, item.owner, item.detail) | _unsent(work, item)
        recorder = work.record(event, item.subject, payload=about)
        values = {"status": status.value, "done_at": work.now, "done_by": work.actor.operator, "next_step_at": None}
        recorder.update(WorkItem, item, **values)


def finish(work: Work, kind: WorkKind, subject: str, *, owner: str | None = None, detail: str | None = None) -> None:
    """Mark the open work of a kind on a subject as done, of one owner or detail where these are given."""
    of_kind = [item for item in work.open_items(subject) if item.kind == kind]
    items = [item for item in of_kind if owner in (None, item.owner) and detail in (None, item.detail)]
    close_items(work, items, WorkStatus.DONE)


def settle(work: Work, nomination: Nomination, trigger: Trigger) -> None:
    """Close what a move fulfilled, and drop what it made pointless."""
    state = NominationState(nomination.state)
    fulfilled = FULFILLED_BY.get(trigger, ())
    items = [item for item in work.open_items(nomination.number) if state not in USEFUL_IN.get(WorkKind(item.kind), (state,))]
    close_items(work, [item for item in items if item.kind in fulfilled], WorkStatus.DONE)
    close_items(work, [item for item in items if item.kind not in fulfilled], WorkStatus.DROPPED)


def layers(work: Work, nomination: Nomination) -> list[Party]:
    """Give the units that must endorse, bottom-up: from the recommending unit to the last below the office (N18)."""
    path: list[Party] = []
    party = work.party(nomination.unit)
    while party is not None and party.kind != PartyKind.DISTRICT_OFFICE and party.id not in {unit.id for unit in path}:
        path.append(party)
        party = work.party(party.parent) if party.parent else None
    return path


def ask_for_endorsement(work: Work, nomination: Nomination) -> None:
    """Keep one open item for the lowest layer that has not agreed yet, and none for any other (N18)."""
    work.records.where(Endorsement, nomination=nomination.number)
    keep_asking(work, nomination)


def keep_asking(work: Work, nomination: Nomination) -> None:
    """Do what ``ask_for_endorsement`` does, from memory: for use after ``gather``."""
    path = layers(work, nomination)
    said = said_by(work, path, work.records.known(Endorsement, nomination=nomination.number))
    waiting = next((unit.id for unit in path if not said.get(unit.id)), None)
    asked = [item for item in work.open_items(nomination.number) if item.kind == K.ENDORSEMENT]
    close_items(work, [item for item in asked if item.owner != waiting], WorkStatus.DROPPED)
    if waiting is not None and waiting not in {item.owner for item in asked}:
        open_item(work, K.ENDORSEMENT, Stage.INTAKE, nomination.number, waiting)


def drop_all(work: Work, kinds: Collection[WorkKind] = tuple(WorkKind)) -> None:
    """Drop every open work item of the round, or those of some kinds."""
    close_items(work, [item for item in work.open_items() if item.kind in kinds], WorkStatus.DROPPED)


def about_work(kind: str, owner: str, detail: str) -> dict[str, str]:
    """Give what the entries about a work item say of it."""
    return {"kind": kind, "owner": owner} | ({"detail": detail} if detail else {})


def _unsent(work: Work, item: WorkItem) -> dict[str, list[str]]:
    """Name the steps of a ladder that have become pointless: the item is closed, and they will never be sent."""
    keys = [step.key for step in work_steps(work.programme, WorkKind(item.kind)) if step.key not in item.steps_done]
    return {"unsent": keys} if keys else {}


def counted(work: Work, days: int) -> DueDate:
    """Count working days from the day of the decision, so that a late tick gives no more time; never before the next working day."""
    due = work.calendar.after(work.decided_on, days)
    if work.decided_on < work.today:
        return max(due, work.calendar.after(work.today, 1), key=lambda each: each.day)
    return due


def _due(work: Work, kind: WorkKind, stage: Stage) -> DueDate:
    rule = work.programme.work[kind]
    if rule.working_days is not None:
        return counted(work, rule.working_days)
    clock = stage_clock(work, stage)
    ends_with_stage = kind == K.CLOSE_INTAKE and clock is not None and clock.due_at > work.now
    if clock is not None and (clock.due_day > work.today or ends_with_stage):
        return due_of(clock)
    return work.calendar.after(work.today, 1)
