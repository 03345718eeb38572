"""Kinds of message: each has a template of its own name, and a place in a digest."""

from enum import StrEnum

from config.vocabulary import Stage


class MessageKind(StrEnum):
    """What a message is about; the value is its template's name and, for a decision, the ledger's event."""

    ESCALATION = "escalation"
    REMINDER = "reminder"
    WORK_OPENED = "work_opened"
    ROUND_CANCELLED = "round_cancelled"
    ROUND_HELD = "round_held"
    ROUND_RELEASED = "round_released"
    DEADLINE_EXTENDED = "deadline_extended"
    DELIVERY_FAILED = "delivery_failed"
    DATES_REPLANNED = "dates_replanned"
    WORK_REPLANNED = "work_replanned"
    RETURNED = "nomination_returned"
    OBJECTION_FILED = "objection_filed"
    INTAKE_OPENED = "intake_opened"
    REVOKED = "nomination_revoked"
    DISQUALIFIED = "nomination_disqualified"
    REJECTED_ON_OBJECTION = "nomination_rejected_on_objection"
    REJECTED = "nomination_rejected"
    DECLINED = "nomination_declined"
    LAPSED = "nomination_lapsed"
    REOPENED = "nomination_reopened"
    CERTIFIED = "nomination_certified"
    NOTICE_PUBLISHED = "notice_published"
    PUBLICLY_NOTICED = "nomination_publicly_noticed"
    APPROVED = "nomination_approved"
    RESERVED = "nomination_reserved"
    EXPERT_REVIEWED = "nomination_expert_reviewed"
    QUALIFIED = "nomination_qualified"
    PASSED_OVER = "nomination_passed_over"
    WITHDRAWN = "nomination_withdrawn"
    RESUBMITTED = "nomination_resubmitted"
    SUBMITTED = "nomination_submitted"
    OBJECTION_DISMISSED = "objection_dismissed"
    BENEFIT_GRANTED = "benefit_granted"
    WORK_REASSIGNED = "work_reassigned"
    WORK_DROPPED = "work_dropped"
    ROUND_AMENDED = "round_amended"
    ROUND_CLOSED = "round_closed"


URGENCY = {kind: position for position, kind in enumerate(MessageKind)}
"""The enum's own order is the order of a digest, the most urgent first; within a kind the earlier due day goes first."""

ABOUT_WORK = frozenset({MessageKind.WORK_OPENED, MessageKind.REMINDER, MessageKind.ESCALATION, MessageKind.WORK_REPLANNED})
"""Messages that are pointless once their work item is done or dropped."""

ABOUT_ROUND = frozenset(
    {MessageKind.ROUND_AMENDED, MessageKind.ROUND_CANCELLED, MessageKind.ROUND_CLOSED}
    | {MessageKind.ROUND_HELD, MessageKind.ROUND_RELEASED, MessageKind.DEADLINE_EXTENDED, MessageKind.DATES_REPLANNED}
)
"""Messages about the round as a whole, whatever work they touch."""

STAGE_OF = {
    MessageKind.INTAKE_OPENED: Stage.INTAKE,
    MessageKind.SUBMITTED: Stage.INTAKE,
    MessageKind.DECLINED: Stage.INTAKE,  # as the endorsement that was asked for
    MessageKind.RETURNED: Stage.QUALIFICATION,
    MessageKind.RESUBMITTED: Stage.QUALIFICATION,
    MessageKind.LAPSED: Stage.QUALIFICATION,
    MessageKind.QUALIFIED: Stage.QUALIFICATION,
    MessageKind.REJECTED: Stage.QUALIFICATION,
    MessageKind.EXPERT_REVIEWED: Stage.EXPERT_REVIEW,
    MessageKind.APPROVED: Stage.LEADERSHIP,
    MessageKind.RESERVED: Stage.LEADERSHIP,
    MessageKind.NOTICE_PUBLISHED: Stage.NOTICE,
    MessageKind.PUBLICLY_NOTICED: Stage.NOTICE,
    MessageKind.OBJECTION_FILED: Stage.NOTICE,
    MessageKind.OBJECTION_DISMISSED: Stage.NOTICE,
    MessageKind.REJECTED_ON_OBJECTION: Stage.NOTICE,
    MessageKind.CERTIFIED: Stage.CERTIFICATION,
    MessageKind.REVOKED: Stage.CERTIFICATION,
    MessageKind.BENEFIT_GRANTED: Stage.FULFILMENT,
}
"""The stage under which a digest lists a decision; work items know their own, the rest is about the round as a whole."""
