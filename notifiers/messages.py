"""The one table of who is told of what: every event of the ledger is either in it or among the silent ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from config.vocabulary import Audience, ObjectionStatus, RoundState, Stage, WorkKind
from notifiers import audiences as who
from notifiers.happenings import Happening
from notifiers.kinds import MessageKind
from notifiers.scene import Scene

K = MessageKind
_KEPT = (
    "undelivered",
    "nominations",
    "objection",
    "kind",
    "owner",
    "fields",
    "version",
    "failed",
    "due_day",
    "extended",
    "working_days",
    "put_off",
    "from",
    "stages",
    "batches",
    "opening",
)


def _always(scene: Scene, happening: Happening) -> bool:
    del scene, happening
    return True


@dataclass(frozen=True)
class Tell:
    """One line of the table: a kind of message and whom it goes to; ``when`` may ask more, ``extra`` goes into its context.

    ``steps_for`` is the audience whose steps of a ladder it tells of.
    """

    kind: MessageKind
    to: who.Who
    when: Callable[[Scene, Happening], bool] = _always
    extra: Mapping[str, str] = field(default_factory=dict)
    steps_for: Audience | None = None


class Told(NamedTuple):
    """What one recipient is to be told. ``context`` holds ids, words and figures, nothing personal.

    ``seq`` is the number of the entry that it tells of, 0 where that stands in no ledger yet.
    """

    kind: MessageKind
    recipient: str
    subject: str
    due_version: int
    context: dict[str, Any]
    seq: int = 0


def as_told(row: Any) -> Told:
    """Give a notification's row as it was told."""
    return Told(MessageKind(row.kind), row.recipient, row.subject, row.due_version, row.context, seq_of(row))


def seq_of(row: Any) -> int:
    """Give the number of the entry that a notification's row tells of."""
    return int(row.cause.rpartition(":")[2])


def told(scene: Scene, happening: Happening) -> list[Told]:
    """Give everybody who is to be told, each once; the first line of the table speaks, for the steps of the others too.

    Raises ``KeyError`` for an unknown event.
    """
    if happening.event in SILENT:
        return []
    found: dict[str, Told] = {}
    for line in TABLE[happening.event]:
        recipients = line.to(scene, happening) if line.when(scene, happening) else ()
        steps = _steps(happening, line)
        for recipient in recipients:
            context = {**_context(happening), **line.extra}
            first = found.setdefault(recipient, Told(line.kind, recipient, happening.subject, _version(happening), context))
            if steps:
                first.context["steps"] = [*first.context.get("steps", ()), *steps]
    return list(found.values())


def _steps(happening: Happening, line: Tell) -> list[str]:
    """Give the steps of a ladder that a line tells of."""
    return [step["key"] for step in happening.payload["fired"] if step["audience"] == line.steps_for] if line.steps_for else []


def _context(happening: Happening) -> dict[str, Any]:
    """Take from an entry what its message needs: ids that are looked up again when it is written."""
    context: dict[str, Any] = {name: happening.payload[name] for name in _KEPT if name in happening.payload}
    if happening.item:
        context["item"] = happening.item
    if happening.document:
        context["document"] = happening.document
    texts = [text["id"] for text in happening.payload.get("texts", ())]
    return context | ({"texts": texts} if texts else {})


def _version(happening: Happening) -> int:
    made = next((row.get("due_version", 0) for row in happening.changed("work_item")), 0)
    return int(happening.payload.get("due_version", made))


def _decided(scene: Scene, happening: Happening) -> bool:
    """Say whether a move was decided by somebody; a skipped stage is only passed through."""
    del scene
    return "passed_through" not in happening.payload


def _intake(scene: Scene, happening: Happening) -> bool:
    del scene
    return happening.target == Stage.INTAKE


def _closed(scene: Scene, happening: Happening) -> bool:
    del scene
    return happening.target == RoundState.CLOSED


def _not_cancelled(scene: Scene, happening: Happening) -> bool:
    """Say whether the round goes on: its cancellation tells everybody by itself, once."""
    del happening
    return scene.round is None or scene.round.state != RoundState.CANCELLED


def _not_a_sheet(scene: Scene, happening: Happening) -> bool:
    """Say whether work is about one nomination; an expert is told of each seat that was taken over."""
    del scene
    return bool(happening.payload["kind"] != WorkKind.SCORE_SHEET)


def _taken_up(scene: Scene, happening: Happening) -> bool:
    del scene
    return bool(happening.payload["status"] == ObjectionStatus.OPEN)


def _dismissed(scene: Scene, happening: Happening) -> bool:
    """Say whether an objection was dismissed; an upheld one is told by the rejection."""
    del scene
    return any(row.get("status") == ObjectionStatus.DISMISSED for row in happening.changed("objection"))


def _failures(scene: Scene, happening: Happening) -> bool:
    """Say whether messages could not be delivered for good; those that only said so are not among them."""
    del scene
    return "undelivered" in happening.payload


def _to_unit(kind: MessageKind) -> tuple[Tell, ...]:
    return (Tell(kind, who.unit, _decided),)


def _escalated(audience: Audience) -> Tell:
    return Tell(K.ESCALATION, who.fired_for(audience), extra={"audience": audience.value}, steps_for=audience)


TABLE: Mapping[str, tuple[Tell, ...]] = {
    "work_item_opened": (Tell(K.WORK_OPENED, who.owner),),
    "work_item_reminded": (
        Tell(K.REMINDER, who.fired_for(Audience.OWNER), steps_for=Audience.OWNER),
        _escalated(Audience.SUPERIOR),
        _escalated(Audience.DISTRICT_OFFICE),
        _escalated(Audience.LEADING_GROUP),
    ),
    "work_item_dropped": (Tell(K.WORK_DROPPED, who.dropped_owner, _not_cancelled),),
    "work_item_reassigned": (Tell(K.WORK_OPENED, who.owner), Tell(K.WORK_REASSIGNED, who.former_owner, _not_a_sheet)),
    "seat_handed_over": (Tell(K.WORK_REASSIGNED, who.former_owner),),
    "stage_entered": (Tell(K.INTAKE_OPENED, who.recommending_units, _intake),),
    "round_moved": (Tell(K.ROUND_CLOSED, who.bodies, _closed),),
    "round_amended": (Tell(K.ROUND_AMENDED, who.bodies_and_units),),
    "round_cancelled": (Tell(K.ROUND_CANCELLED, who.everybody_concerned),),
    "round_held": (Tell(K.ROUND_HELD, who.everybody_concerned),),
    "round_released": (Tell(K.ROUND_RELEASED, who.everybody_concerned),),
    "dates_replanned": (Tell(K.DATES_REPLANNED, who.whom_moved_dates_concern),),
    "work_item_replanned": (Tell(K.WORK_REPLANNED, who.owner),),
    "deadline_extended": (Tell(K.DEADLINE_EXTENDED, who.owners_of_moved_work),),
    "deadline_brought_back": (Tell(K.DEADLINE_EXTENDED, who.owners_of_moved_work, extra={"back": "yes"}),),
    "nomination_submitted": _to_unit(K.SUBMITTED),
    "nomination_returned": _to_unit(K.RETURNED),
    "nomination_resubmitted": _to_unit(K.RESUBMITTED),
    "nomination_lapsed": _to_unit(K.LAPSED),
    "nomination_declined": _to_unit(K.DECLINED),
    "nomination_qualified": _to_unit(K.QUALIFIED),
    "nomination_rejected": _to_unit(K.REJECTED),
    "nomination_expert_reviewed": _to_unit(K.EXPERT_REVIEWED),
    "nomination_passed_over": _to_unit(K.PASSED_OVER),
    "nomination_approved": _to_unit(K.APPROVED),
    "nomination_reserved": _to_unit(K.RESERVED),
    "nomination_publicly_noticed": _to_unit(K.PUBLICLY_NOTICED),
    "nomination_rejected_on_objection": _to_unit(K.REJECTED_ON_OBJECTION),
    "nomination_disqualified": _to_unit(K.DISQUALIFIED),
    "nomination_certified": _to_unit(K.CERTIFIED),
    "nomination_revoked": _to_unit(K.REVOKED),
    "nomination_reopened": _to_unit(K.REOPENED),
    "nomination_withdrawn": _to_unit(K.WITHDRAWN),
    "notice_published": (Tell(K.NOTICE_PUBLISHED, who.nominees_units),),
    "objection_filed": (Tell(K.OBJECTION_FILED, who.unit, _taken_up),),
    "objection_resolved": (Tell(K.OBJECTION_DISMISSED, who.unit, _dismissed),),
    "benefit_granted": _to_unit(K.BENEFIT_GRANTED),
    "deliveries_settled": (Tell(K.DELIVERY_FAILED, who.answerable_for_failures, _failures),),
}
"""Event → who is told what. Of several lines for one recipient the first speaks."""

SILENT: Mapping[str, str] = {
    "round_planned": "the opening of intake tells the units; until then there is nothing to do",
    "stage_concluded": "what comes next opens work items, and these tell their owners",
    "work_item_done": "whoever did it knows",
    "party_registered": "the roster is the office's own book",
    "party_changed": "the roster is the office's own book",
    "clearance_recorded": "the office waits for it, and its verdict tells the unit",
    "endorsement_recorded": "the next layer's work item, or the refusal, tells",
    "endorsement_taken_over": "it stands as it was said, and nobody has anything to do",
    "recommending_unit_changed": "the work that goes with it tells both units",
    "work_handed_over": "each piece of work tells its old owner and its new one",
    "seat_assigned": "the score sheet's work item tells the expert",
    "score_recorded": "whoever scored knows, and nobody else may",
    "session_held": "what it decided tells each nomination's unit",
    "notice_awaits_answers": "the answers' own work tells and reminds",
    "notice_completed": "each nomination's own move tells",
    "benefit_cancelled": "the round's cancellation tells",
    "benefit_due": "the benefit's work item tells its owner",
    "signer_enrolled": "whoever enrols a signer hands over the secret in person",
    "deliveries_resent": "the message itself is what follows",
    "deliveries_confirmed": "whoever asked knows",
}
"""Event → why nobody is told."""
