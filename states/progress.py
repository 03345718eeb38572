"""The round's stages: entering one, concluding it when nothing is left in it, and passing through one that is skipped."""

from dataclasses import replace

from config.vocabulary import (
    Body,
    NominationState,
    RoundState,
    RoundTrigger,
    Stage,
    Trigger,
    WorkKind,
    WorkStatus,
)
from states.clearances import ask_for_clearances
from states.command import CLOCK
from states.counted import columns
from states.errors import CommandRefused, Refusal
from states.firing import ask, fire
from states.gathering import concluded, gather, places, running
from states.machine import ROUND_RECORDERS, decide_round
from states.obligations import LEADING_GROUP, OFFICE, close_items, counted, drop_all, open_item, stage_clock
from states.panels import ask_for_review
from states.tables import Benefit, Nomination, Round, StageClock
from states.work import Work

S = NominationState
K = WorkKind
_ON_THE_WAY = (S.SUBMITTED, S.RETURNED, S.QUALIFIED, S.EXPERT_REVIEWED, S.LEADERSHIP_APPROVED, S.PUBLICLY_NOTICED)
LEFT_IN: dict[Stage, tuple[NominationState, ...]] = {
    Stage.QUALIFICATION: _ON_THE_WAY[:2],
    Stage.EXPERT_REVIEW: _ON_THE_WAY[:3],
    Stage.LEADERSHIP: _ON_THE_WAY[:4],
    Stage.NOTICE: _ON_THE_WAY[:5],
    Stage.CERTIFICATION: _ON_THE_WAY,
    Stage.FULFILMENT: _ON_THE_WAY,
}
"""Nominations in these states are what a stage still has to do; those of earlier stages too, for one may be reopened."""
OPENED_BY: dict[Stage, tuple[tuple[WorkKind, str], ...]] = {
    Stage.INTAKE: ((K.CLOSE_INTAKE, OFFICE),),
    Stage.EXPERT_REVIEW: ((K.ASSIGNMENT, OFFICE), (K.REVIEW_CONCLUSION, OFFICE)),
    Stage.LEADERSHIP: ((K.RESOLUTION, LEADING_GROUP),),
    Stage.CERTIFICATION: ((K.GOVERNMENT_DOCUMENT, OFFICE),),
}
"""Work that entering a stage opens, on the round as a whole, and who owes it."""
DONE_WITH_STAGE = (
    K.CLOSE_INTAKE,
    K.ASSIGNMENT,
    K.REVIEW_CONCLUSION,
    K.RESOLUTION,
    K.PUBLICATION,
    K.GOVERNMENT_DOCUMENT,
    K.STAGE_CONCLUSION,
)
"""Work that is done when its stage ends; what else is still open then became pointless."""
CONCLUDED_OTHERWISE = (Stage.INTAKE, Stage.EXPERT_REVIEW)
"""Stages whose end is work of its own kind from their beginning: closing intake, and the review's conclusion."""
OUTLASTS_STAGE = (K.FILL_VACANCY,)
"""Work that goes on while the next stages run."""
PASSED_THROUGH: dict[Stage, tuple[NominationState, Trigger, Body]] = {
    Stage.QUALIFICATION: (S.SUBMITTED, Trigger.QUALIFY, Body.OFFICE),
    Stage.EXPERT_REVIEW: (S.QUALIFIED, Trigger.CONCLUDE_REVIEW, Body.OFFICE),
    Stage.LEADERSHIP: (S.EXPERT_REVIEWED, Trigger.APPROVE, Body.LEADING_GROUP),
    Stage.NOTICE: (S.LEADERSHIP_APPROVED, Trigger.COMPLETE_NOTICE, Body.CLOCK),
}
"""The moves of a stage that the programme skips: recorded as passed through."""
_STAGES = {stage.value: stage for stage in Stage}


def move_round(work: Work, trigger: RoundTrigger) -> None:
    """Move the round by its table and enter the next stage. Raises ``CommandRefused``."""
    row = work.round
    source = RoundState(row.state)
    role = work.actor.role_for(ROUND_RECORDERS[trigger])
    target, refusals = decide_round(source, trigger, role, held=row.held)
    if refusals:
        raise CommandRefused("不能办理", refusals)
    leave_stage(work, source)
    behalf = Body.CLOCK.value if work.actor.operator == CLOCK else ""
    payload = {"trigger": trigger.value}
    recorder = work.record("round_moved", row.slug, source=source.value, target=target.value, on_behalf_of=behalf, payload=payload)
    values: dict[str, object] = {"state": target.value}
    if trigger == RoundTrigger.CLOSE_INTAKE:
        values["intake_closed_at"] = work.now
    if target in (RoundState.CLOSED, RoundState.CANCELLED):
        values["closed_at"] = work.now
    if trigger == RoundTrigger.OPEN:
        values["opened_at"] = work.now
    recorder.update(Round, row, **values)
    enter_stage(work, target)


def round_may(work: Work, trigger: RoundTrigger | None = None) -> list[Refusal]:
    """Say why the round may not take a trigger; without one, why nothing in it may be changed now."""
    row = work.round
    if trigger is None:
        return running(work)
    return decide_round(RoundState(row.state), trigger, work.actor.role_for(ROUND_RECORDERS[trigger]), held=row.held)[1]


def stage_of(state: str) -> Stage | None:
    """Give the timed stage that a round's state is; None before the first and after the last."""
    return _STAGES.get(state)


def leave_stage(work: Work, state: RoundState) -> None:
    """Stop the clock of the stage that ends, and close the work that belonged to the stage as a whole."""
    stage = stage_of(state)
    clock = stage_clock(work, stage) if stage else None
    if clock is None:
        return
    items = [item for item in work.open_items(work.round.slug) if item.stage == state.value and item.kind not in OUTLASTS_STAGE]
    close_items(work, [item for item in items if item.kind in DONE_WITH_STAGE], WorkStatus.DONE)
    close_items(work, [item for item in items if item.kind not in DONE_WITH_STAGE], WorkStatus.DROPPED)
    work.record("stage_concluded", work.round.slug, source=state.value).update(StageClock, clock, concluded_at=work.now)


def enter_stage(work: Work, state: RoundState) -> None:
    """Start a stage's clock and open its work; a skipped stage's nominations pass through it.

    Intake counts from the round's opening day, any other stage from the day on which it was decided that it begins.
    """
    stage = stage_of(state)
    if stage is None:
        drop_all(work)
        return
    rule = work.programme.stages[stage]
    due = work.calendar.after(work.round.opens_on, rule.working_days) if stage == Stage.INTAKE else counted(work, rule.working_days)
    recorder = work.record("stage_entered", work.round.slug, target=stage.value)
    recorder.insert(
        StageClock,
        round=work.round.slug,
        stage=stage.value,
        opened_at=work.now,
        **columns(work.calendar, due),
        passed_through=rule.skip,
    )
    if rule.skip:
        pass_through(work, stage)
        return
    for kind, owner in OPENED_BY.get(stage, ()):
        open_item(work, kind, stage, work.round.slug, owner)
    _open_for_nominations(work, stage)


def advance(work: Work) -> None:
    """Conclude every stage that has nothing left, where the programme lets it conclude by itself; elsewhere ask the office to."""
    while _may_conclude(work):
        move_round(work, RoundTrigger.CONCLUDE)
    _ask_to_conclude(work)


def nothing_left(work: Work, stage: Stage) -> bool:
    """Say whether a stage has nothing left to do; intake ends by its own trigger."""
    if stage == Stage.INTAKE:
        return False
    if work.records.exists(Nomination, round=work.round.slug, state=[state.value for state in LEFT_IN[stage]]):
        return False
    if stage == Stage.FULFILMENT:
        return not work.records.exists(Benefit, round=work.round.slug, status="due")
    return stage != Stage.CERTIFICATION or not _of_kind(work, K.FILL_VACANCY)


def pass_through(work: Work, stage: Stage) -> None:
    """Record the moves of a skipped stage: guards and bodies do not apply, quotas do.

    Whoever is beyond the quota, by rank in the review, is passed over: nobody sits who could choose.
    """
    if stage not in PASSED_THROUGH:
        return
    source, trigger, body = PASSED_THROUGH[stage]
    nominations = work.nominations(state=source.value)
    facts = gather(work, nominations)
    free = places(work, "approve")
    for nomination in sorted(nominations, key=lambda each: (each.review_rank or 0, each.number)):
        known = replace(facts[nomination.number], passed_through=True)
        fields = {"batch": "passed-through"} if trigger == Trigger.COMPLETE_NOTICE else {}
        beyond = ask(work, nomination, trigger, body, known, free)
        move, decided_by = (Trigger.PASS_OVER, Body.CLOCK) if beyond else (trigger, body)
        recorder = fire(work, nomination, move, decided_by, known, places=free, **fields)
        recorder.entry.payload["passed_through"] = stage.value


def _may_conclude(work: Work) -> bool:
    stage = stage_of(work.round.state)
    if stage is None or work.round.held:
        return False
    rule = work.programme.stages[stage]
    return (rule.skip or rule.conclude == "automatic") and nothing_left(work, stage)


def _ask_to_conclude(work: Work) -> None:
    """Open the office's work to conclude a stage that has nothing left; drop it when something came back."""
    stage = stage_of(work.round.state)
    if stage is None or stage in CONCLUDED_OTHERWISE or work.round.held or work.programme.stages[stage].conclude == "automatic":
        return
    asked = [item for item in work.open_items(work.round.slug) if item.kind == K.STAGE_CONCLUSION]
    left = not nothing_left(work, stage)
    if not left and not asked:
        open_item(work, K.STAGE_CONCLUSION, stage, work.round.slug, OFFICE)
    if left:
        close_items(work, asked, WorkStatus.DROPPED)


def _open_for_nominations(work: Work, stage: Stage) -> None:
    if stage == Stage.QUALIFICATION:
        for nomination in work.nominations(state=S.SUBMITTED.value):
            open_item(work, K.QUALIFICATION, stage, nomination.number, OFFICE)
        ask_for_clearances(work)
    if stage == Stage.NOTICE:
        ask_for_publication(work)
    if stage == Stage.FULFILMENT:
        _release_reserves(work)


def ask_again(work: Work) -> None:
    """Open again what whoever came back waits for, and drop what nobody waits for any more; nothing in a round that has ended."""
    if running(work):
        return
    ask_for_clearances(work)
    ask_for_review(work)
    ask_for_resolution(work)
    ask_for_publication(work)
    ask_to_fill(work)


def ask_for_resolution(work: Work) -> None:
    """Open the leading group's work when somebody came back to be resolved on; drop it when nobody is left for it."""
    waiting = work.nominations(state=S.EXPERT_REVIEWED.value)
    asked = [item for item in work.open_items(work.round.slug) if item.kind == K.RESOLUTION]
    if waiting and not asked and stage_clock(work, Stage.LEADERSHIP) is not None:
        open_item(work, K.RESOLUTION, Stage.LEADERSHIP, work.round.slug, LEADING_GROUP)
    if not waiting and concluded(work, Stage.LEADERSHIP):
        close_items(work, asked, WorkStatus.DROPPED)


def ask_for_publication(work: Work) -> None:
    """Open the office's work to publish a notice when somebody approved is in no batch yet; drop it when nobody is."""
    waiting = [each for each in work.nominations(state=S.LEADERSHIP_APPROVED.value) if each.batch is None]
    asked = [item for item in work.open_items(work.round.slug) if item.kind == K.PUBLICATION]
    if waiting and not asked:
        open_item(work, K.PUBLICATION, Stage.NOTICE, work.round.slug, OFFICE)
    if not waiting:
        close_items(work, asked, WorkStatus.DROPPED)


def ask_to_fill(work: Work) -> None:
    """Open the office's work to fill a vacancy while a place is free and a reserve of its tier waits; drop it when not."""
    free = places(work, "approve")
    waiting = {each.tier for each in work.nominations(state=S.RESERVED.value)}
    wanted = any(tier in waiting and free.taken.get(tier, 0) < quota for tier, quota in free.quota.items())
    asked = [item for item in work.open_items(work.round.slug) if item.kind == K.FILL_VACANCY]
    if wanted and not asked:
        open_item(work, K.FILL_VACANCY, Stage.LEADERSHIP, work.round.slug, OFFICE)
    if not wanted:
        close_items(work, asked, WorkStatus.DROPPED)


def _release_reserves(work: Work) -> None:
    """Pass over the reserves: the round has no use for them any more."""
    reserved = work.nominations(state=S.RESERVED.value)
    facts = gather(work, reserved)
    for nomination in reserved:
        fire(work, nomination, Trigger.PASS_OVER, Body.CLOCK, replace(facts[nomination.number], stage_concluded=True))


def _of_kind(work: Work, kind: WorkKind) -> bool:
    return any(item.kind == kind for item in work.open_items(work.round.slug))
