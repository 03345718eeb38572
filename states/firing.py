"""The one door: every change of a nomination's state goes through ``fire`` (wall 3)."""

from typing import Any

from config.labels import label
from config.vocabulary import Body, NominationState, Trigger
from states.errors import Refusal, TransitionRefused
from states.facts import Facts, Places
from states.machine import BY_TRIGGER, Question, decide
from states.obligations import settle
from states.outcome import Touch
from states.tables import Nomination
from states.work import Recorder, Work

_CLOSED = (NominationState.REJECTED, NominationState.LAPSED, NominationState.NOT_SELECTED)
_TAKES_PLACE = (Trigger.APPROVE, Trigger.CERTIFY)


def ask(work: Work, nomination: Nomination, trigger: Trigger, body: Body, facts: Facts, places: Places | None = None) -> list[Refusal]:
    """Ask the machine without moving the nomination: every refusal, none where it may move."""
    before = nomination.state
    refusals = decide(nomination, trigger, _question(work, trigger, body, facts, places))
    nomination.state = before
    return refusals


def fire(
    work: Work,
    nomination: Nomination,
    trigger: Trigger,
    body: Body,
    facts: Facts,
    *,
    places: Places | None = None,
    **fields: Any,
) -> Recorder:
    """Move one nomination and record it; ``fields`` are columns that go with the move.

    Raises ``TransitionRefused`` with every refusal; the nomination then is as it was.
    """
    source = NominationState(nomination.state)
    refusals = decide(nomination, trigger, _question(work, trigger, body, facts, places))
    if refusals:
        raise TransitionRefused(nomination.number, trigger.value, label(trigger), refusals)
    target = NominationState(nomination.state)
    recorder = work.record(BY_TRIGGER[trigger].event, nomination.number, source=source.value, target=target.value)
    recorder.entry.on_behalf_of = body.value
    recorder.entry.document = facts.document
    recorder.update(Nomination, nomination, **(_columns(work, nomination, source, target, body) | fields))
    if places is not None and trigger in _TAKES_PLACE:
        places.taken[nomination.tier] = places.taken.get(nomination.tier, 0) + 1
    settle(work, nomination, trigger)
    return recorder


def touched(recorder: Recorder, note: str = "") -> Touch:
    """Say in an outcome what a move did."""
    entry = recorder.entry
    return Touch(subject=entry.subject, source=entry.source, target=entry.target, note=note)


def _question(work: Work, trigger: Trigger, body: Body, facts: Facts, places: Places | None) -> Question:
    return Question(body, work.actor.role_for(BY_TRIGGER[trigger].recorded_by), facts, places)


def _columns(work: Work, nomination: Nomination, source: NominationState, target: NominationState, body: Body) -> dict[str, Any]:
    """Give the columns that every move sets, and those that a state ties to itself."""
    columns: dict[str, Any] = {"state": target.value, "version": nomination.version + 1, "entered_at": work.now}
    if target in _CLOSED:
        columns |= {"came_from": source.value, "closed_by": body.value}
    elif source in _CLOSED:
        columns |= {"came_from": None, "closed_by": None}
    if source == NominationState.RETURNED:
        columns["correction_due_at"] = None
    if source == NominationState.RESERVED:
        columns["reserve_rank"] = None
    return columns
