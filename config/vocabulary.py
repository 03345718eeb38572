"""The words of the house: stable ids in code, storage and ledger.

Every enum is a ``StrEnum`` whose value is what is stored and what stands in the ledger; a value never changes its
meaning. The Chinese and English that people read are in ``config.labels``.
"""

from enum import StrEnum


class NominationState(StrEnum):
    """Milestones of a nomination (申报), named for what has been completed (notice, N20-N21)."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    LAPSED = "lapsed"
    QUALIFIED = "qualified"
    EXPERT_REVIEWED = "expert_reviewed"
    RESERVED = "reserved"
    LEADERSHIP_APPROVED = "leadership_approved"
    PUBLICLY_NOTICED = "publicly_noticed"
    GOVERNMENT_CERTIFIED = "government_certified"
    NOT_SELECTED = "not_selected"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


OPEN_STATES = (
    NominationState.SUBMITTED,
    NominationState.RETURNED,
    NominationState.QUALIFIED,
    NominationState.EXPERT_REVIEWED,
    NominationState.RESERVED,
    NominationState.LEADERSHIP_APPROVED,
    NominationState.PUBLICLY_NOTICED,
)


class Trigger(StrEnum):
    """What can be done to a nomination."""

    RETURN_FOR_CORRECTION = "return_for_correction"
    RESUBMIT = "resubmit"
    LAPSE = "lapse"
    DECLINE = "decline"
    QUALIFY = "qualify"
    REJECT = "reject"
    CONCLUDE_REVIEW = "conclude_review"
    PASS_OVER = "pass_over"
    APPROVE = "approve"
    RESERVE = "reserve"
    COMPLETE_NOTICE = "complete_notice"
    UPHOLD_OBJECTION = "uphold_objection"
    DISQUALIFY = "disqualify"
    CERTIFY = "certify"
    REVOKE = "revoke"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"


class RoundState(StrEnum):
    """Stages of a round (届)."""

    PLANNED = "planned"
    INTAKE = "intake"
    QUALIFICATION = "qualification"
    EXPERT_REVIEW = "expert_review"
    LEADERSHIP = "leadership"
    NOTICE = "notice"
    CERTIFICATION = "certification"
    FULFILMENT = "fulfilment"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class RoundTrigger(StrEnum):
    """What can be done to a round; hold and release set a flag and leave the stage."""

    OPEN = "open"
    CLOSE_INTAKE = "close_intake"
    CONCLUDE = "conclude"
    HOLD = "hold"
    RELEASE = "release"
    CANCEL = "cancel"


class Stage(StrEnum):
    """The timed stages of a programme: the round states between planned and closed."""

    INTAKE = "intake"
    QUALIFICATION = "qualification"
    EXPERT_REVIEW = "expert_review"
    LEADERSHIP = "leadership"
    NOTICE = "notice"
    CERTIFICATION = "certification"
    FULFILMENT = "fulfilment"


class Body(StrEnum):
    """Who decides: a body of the notice, or the clock."""

    UNIT = "unit"
    LAYER = "layer"
    OFFICE = "office"
    LEADING_GROUP = "leading_group"
    GOVERNMENT = "government"
    CLOCK = "clock"


class Role(StrEnum):
    """What an operator may record; the clock is the role of a run that no person started."""

    OFFICE = "office"
    SECRETARY = "secretary"
    FINANCE = "finance"
    AUDITOR = "auditor"
    CLOCK = "clock"


class PartyKind(StrEnum):
    """Kinds of party (单位与人员)."""

    DISTRICT_OFFICE = "district_office"
    MEMBER_UNIT = "member_unit"
    SUBDISTRICT_UNION = "subdistrict_union"
    UNION_FEDERATION = "union_federation"
    SYSTEM_UNION = "system_union"
    EMPLOYER = "employer"
    EXPERT = "expert"
    LEADING_GROUP = "leading_group"
    LEADING_GROUP_MEMBER = "leading_group_member"
    DEPARTMENT = "department"
    GOVERNMENT = "government"
    OPERATOR = "operator"


RECOMMENDING_KINDS = (
    PartyKind.MEMBER_UNIT,
    PartyKind.SUBDISTRICT_UNION,
    PartyKind.UNION_FEDERATION,
    PartyKind.SYSTEM_UNION,
)


class PostKind(StrEnum):
    """岗位类别: the candidate's post, as the 推荐汇总表 gives it (notice, N16)."""

    FRONT_LINE = "front_line"
    MANAGEMENT = "management"
    PARTY_GOVERNMENT = "party_government"
    CIVIL_SERVICE_LIKE = "civil_service_like"
    INSTITUTION_LEADER = "institution_leader"
    STATE_FIRM_LEADER = "state_firm_leader"


class Strength(StrEnum):
    """How binding a condition is: 必须, 一般 or 原则上; the last two may be waived with a written reason."""

    MUST = "must"
    GENERALLY = "generally"
    IN_PRINCIPLE = "in_principle"


WAIVABLE = (Strength.GENERALLY, Strength.IN_PRINCIPLE)


class FindingResult(StrEnum):
    """What one condition came to for one nomination."""

    PASSED = "passed"
    FAILED = "failed"
    WAIVABLE = "waivable"
    NEEDS_PERSON = "needs_person"
    WAIVED = "waived"
    CONFIRMED = "confirmed"


class WorkKind(StrEnum):
    """Kinds of work item (待办)."""

    CLOSE_INTAKE = "close_intake"
    ENDORSEMENT = "endorsement"
    CORRECTION = "correction"
    CLEARANCE = "clearance"
    OVERDUE_CORRECTION = "overdue_correction"
    QUALIFICATION = "qualification"
    ASSIGNMENT = "assignment"
    SCORE_SHEET = "score_sheet"
    REVIEW_CONCLUSION = "review_conclusion"
    RESOLUTION = "resolution"
    PUBLICATION = "publication"
    OBJECTION_ANSWER = "objection_answer"
    NOTICE_COMPLETION = "notice_completion"
    GOVERNMENT_DOCUMENT = "government_document"
    FILL_VACANCY = "fill_vacancy"
    BENEFIT = "benefit"
    STAGE_CONCLUSION = "stage_conclusion"


class WorkStatus(StrEnum):
    """A work item is open, done, or dropped because it became pointless."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class Audience(StrEnum):
    """To whom a step of a ladder speaks."""

    OWNER = "owner"
    SUPERIOR = "superior"
    DISTRICT_OFFICE = "district_office"
    LEADING_GROUP = "leading_group"


class Urgency(StrEnum):
    """How pressing a message is, for the choice of its channel: by the most pressing thing that it says."""

    OVERDUE = "overdue"
    DUE = "due"
    ORDINARY = "ordinary"


class Promptness(StrEnum):
    """When a party wants a kind of message: at once and by itself, or with the others in the morning."""

    IMMEDIATE = "immediate"
    DIGEST = "digest"


class DeliveryStatus(StrEnum):
    """How far a physical message got (送达)."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    REFUSED_FOR_GOOD = "refused_for_good"
    REFUSED_FOR_NOW = "refused_for_now"
    UNKNOWN = "unknown"


class AlarmCause(StrEnum):
    """What operators are alarmed by, whatever the round: each cause at most once an hour."""

    RUN_FAILED = "run_failed"
    CLOCK_STOPPED = "clock_stopped"
    SERVICE_FAILED = "service_failed"
    MESSAGE_FAILED = "message_failed"
    MESSAGE_UNKNOWN = "message_unknown"
    CHANNEL_REFUSED = "channel_refused"


class Vote(StrEnum):
    """What a resolution says of one nomination; a secret ballot is recorded as counts only."""

    APPROVE = "approve"
    RESERVE = "reserve"
    PASS_OVER = "pass_over"


class ObjectionStatus(StrEnum):
    """An objection (异议) is open until the leading group decides; an unsigned one is noted only."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    NOTED = "noted"


class BenefitKind(StrEnum):
    """What a certified craftsman gets (notice, N22-N25)."""

    TITLE = "title"
    CERTIFICATE = "certificate"
    TROPHY = "trophy"
    AWARD = "award"
    TALENT_LIST = "talent_list"
    HANGZHOU_CRAFTSMAN_PREFERENCE = "hangzhou_craftsman_preference"
    MAY_DAY_MEDAL_PREFERENCE = "may_day_medal_preference"
    RECUPERATION = "recuperation"
