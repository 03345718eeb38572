"""The words of the house: stable ids in code and storage, with the Chinese and English that people read.

Every enum is a ``StrEnum`` whose value is what is stored and what stands in the ledger; a value never changes its
meaning. ``label(member)`` gives the Chinese an operator reads, ``english(member)`` the English beside it.
"""

from enum import StrEnum
from typing import TypeVar

Word = TypeVar("Word", bound=StrEnum)


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


class DeliveryStatus(StrEnum):
    """How far a physical message got (送达)."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    REFUSED_FOR_GOOD = "refused_for_good"
    REFUSED_FOR_NOW = "refused_for_now"
    UNKNOWN = "unknown"


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


_WORDS: tuple[tuple[StrEnum, str, str], ...] = (
    (NominationState.SUBMITTED, "已申报", "submitted"),
    (NominationState.RETURNED, "退回补正", "returned for correction"),
    (NominationState.LAPSED, "逾期失效", "lapsed"),
    (NominationState.QUALIFIED, "资格审核通过", "qualified"),
    (NominationState.EXPERT_REVIEWED, "专家评审通过", "expert-reviewed"),
    (NominationState.RESERVED, "递补候选", "reserved"),
    (NominationState.LEADERSHIP_APPROVED, "领导小组审定通过", "leadership-approved"),
    (NominationState.PUBLICLY_NOTICED, "社会公示完成", "publicly noticed"),
    (NominationState.GOVERNMENT_CERTIFIED, "区政府认定", "government-certified"),
    (NominationState.NOT_SELECTED, "未入选", "not selected"),
    (NominationState.REJECTED, "不予通过", "rejected"),
    (NominationState.WITHDRAWN, "已撤回", "withdrawn"),
    (NominationState.REVOKED, "已撤销认定", "revoked"),
    (Trigger.RETURN_FOR_CORRECTION, "退回补正", "return for correction"),
    (Trigger.RESUBMIT, "补正后重新申报", "resubmit"),
    (Trigger.LAPSE, "逾期失效", "lapse"),
    (Trigger.DECLINE, "不予推荐", "decline"),
    (Trigger.QUALIFY, "资格审核通过", "qualify"),
    (Trigger.REJECT, "资格审核不通过", "reject"),
    (Trigger.CONCLUDE_REVIEW, "专家评审通过", "conclude review"),
    (Trigger.PASS_OVER, "未入选", "pass over"),
    (Trigger.APPROVE, "审定通过", "approve"),
    (Trigger.RESERVE, "列为递补", "reserve"),
    (Trigger.COMPLETE_NOTICE, "公示完成", "complete notice"),
    (Trigger.UPHOLD_OBJECTION, "异议成立", "uphold objection"),
    (Trigger.DISQUALIFY, "取消资格", "disqualify"),
    (Trigger.CERTIFY, "认定", "certify"),
    (Trigger.REVOKE, "撤销认定", "revoke"),
    (Trigger.REOPEN, "恢复", "reopen"),
    (Trigger.WITHDRAW, "撤回申报", "withdraw"),
    (RoundState.PLANNED, "待启动", "planned"),
    (RoundState.INTAKE, "申报推荐", "intake"),
    (RoundState.QUALIFICATION, "资格审核", "qualification"),
    (RoundState.EXPERT_REVIEW, "专家评审", "expert review"),
    (RoundState.LEADERSHIP, "领导小组审定", "leadership"),
    (RoundState.NOTICE, "社会公示", "public notice"),
    (RoundState.CERTIFICATION, "政府认定", "certification"),
    (RoundState.FULFILMENT, "待遇落实", "fulfilment"),
    (RoundState.CLOSED, "已结束", "closed"),
    (RoundState.CANCELLED, "已取消", "cancelled"),
    (RoundTrigger.OPEN, "启动", "open"),
    (RoundTrigger.CLOSE_INTAKE, "截止申报", "close intake"),
    (RoundTrigger.CONCLUDE, "阶段办结", "conclude stage"),
    (RoundTrigger.HOLD, "暂停", "hold"),
    (RoundTrigger.RELEASE, "恢复计时", "release"),
    (RoundTrigger.CANCEL, "取消", "cancel"),
    (Stage.INTAKE, "申报推荐", "intake"),
    (Stage.QUALIFICATION, "资格审核", "qualification"),
    (Stage.EXPERT_REVIEW, "专家评审", "expert review"),
    (Stage.LEADERSHIP, "领导小组审定", "leadership"),
    (Stage.NOTICE, "社会公示", "public notice"),
    (Stage.CERTIFICATION, "政府认定", "certification"),
    (Stage.FULFILMENT, "待遇落实", "fulfilment"),
    (Body.UNIT, "推荐单位", "unit"),
    (Body.LAYER, "推荐层级", "layer"),
    (Body.OFFICE, "领导小组办公室", "office"),
    (Body.LEADING_GROUP, "领导小组", "leading group"),
    (Body.GOVERNMENT, "区政府", "government"),
    (Body.CLOCK, "系统时钟", "clock"),
    (Role.OFFICE, "办公室经办", "office"),
    (Role.SECRETARY, "会议秘书", "secretary"),
    (Role.FINANCE, "待遇经办", "finance"),
    (Role.AUDITOR, "监督查阅", "auditor"),
    (Role.CLOCK, "系统时钟", "clock"),
    (PartyKind.DISTRICT_OFFICE, "领导小组办公室", "district office"),
    (PartyKind.MEMBER_UNIT, "成员单位", "member unit"),
    (PartyKind.SUBDISTRICT_UNION, "街道总工会", "subdistrict union"),
    (PartyKind.UNION_FEDERATION, "工会联合会", "union federation"),
    (PartyKind.SYSTEM_UNION, "直属系统工会", "directly affiliated system union"),
    (PartyKind.EMPLOYER, "用人单位", "employer"),
    (PartyKind.EXPERT, "专家", "expert"),
    (PartyKind.LEADING_GROUP_MEMBER, "领导小组成员", "leading-group member"),
    (PartyKind.DEPARTMENT, "部门", "department"),
    (PartyKind.GOVERNMENT, "区政府", "government"),
    (PartyKind.OPERATOR, "经办人", "operator"),
    (PostKind.FRONT_LINE, "一线技能岗位", "front-line skilled post"),
    (PostKind.MANAGEMENT, "管理岗位", "management post"),
    (PostKind.PARTY_GOVERNMENT, "党政群机关", "party, government or mass organisation"),
    (PostKind.CIVIL_SERVICE_LIKE, "参公事业单位", "institution under the civil-service law"),
    (PostKind.INSTITUTION_LEADER, "事业单位领导", "leader of a public institution"),
    (PostKind.STATE_FIRM_LEADER, "国有企业领导", "leader of a state-owned firm"),
    (Strength.MUST, "必须", "must"),
    (Strength.GENERALLY, "一般", "generally"),
    (Strength.IN_PRINCIPLE, "原则上", "in principle"),
    (FindingResult.PASSED, "符合", "passed"),
    (FindingResult.FAILED, "不符合", "failed"),
    (FindingResult.WAIVABLE, "不符合（可说明理由后放宽）", "failed, waivable"),
    (FindingResult.NEEDS_PERSON, "待人工确认", "needs a person"),
    (FindingResult.WAIVED, "已放宽", "waived"),
    (FindingResult.CONFIRMED, "已确认", "confirmed"),
    (WorkKind.CLOSE_INTAKE, "截止申报", "close intake"),
    (WorkKind.ENDORSEMENT, "出具推荐意见", "endorsement"),
    (WorkKind.CORRECTION, "补正材料", "correction"),
    (WorkKind.QUALIFICATION, "资格审核", "qualification verdict"),
    (WorkKind.ASSIGNMENT, "组建评审组", "panel assignment"),
    (WorkKind.SCORE_SHEET, "提交评分表", "score sheet"),
    (WorkKind.REVIEW_CONCLUSION, "评审结论", "review conclusion"),
    (WorkKind.RESOLUTION, "召开审定会议", "resolution session"),
    (WorkKind.PUBLICATION, "发布公示", "publication"),
    (WorkKind.OBJECTION_ANSWER, "答复异议", "objection answer"),
    (WorkKind.NOTICE_COMPLETION, "公示期满办结", "notice completion"),
    (WorkKind.GOVERNMENT_DOCUMENT, "提请认定并取得文件", "request to and document of the government"),
    (WorkKind.FILL_VACANCY, "递补空缺", "fill a vacancy"),
    (WorkKind.BENEFIT, "落实待遇", "benefit"),
    (WorkStatus.OPEN, "待办", "open"),
    (WorkStatus.DONE, "已办", "done"),
    (WorkStatus.DROPPED, "无需办理", "dropped"),
    (Audience.OWNER, "责任人", "owner"),
    (Audience.SUPERIOR, "上级单位", "superior"),
    (Audience.DISTRICT_OFFICE, "领导小组办公室", "district office"),
    (Audience.LEADING_GROUP, "领导小组", "leading group"),
    (DeliveryStatus.QUEUED, "待发送", "queued"),
    (DeliveryStatus.CLAIMED, "已领取", "claimed"),
    (DeliveryStatus.SENDING, "发送中", "sending"),
    (DeliveryStatus.SENT, "已送达", "sent"),
    (DeliveryStatus.REFUSED_FOR_GOOD, "被拒收", "refused for good"),
    (DeliveryStatus.REFUSED_FOR_NOW, "暂未送达", "refused for now"),
    (DeliveryStatus.UNKNOWN, "结果不明", "unknown"),
    (Vote.APPROVE, "通过", "approve"),
    (Vote.RESERVE, "递补", "reserve"),
    (Vote.PASS_OVER, "未入选", "pass over"),
    (ObjectionStatus.OPEN, "办理中", "open"),
    (ObjectionStatus.UPHELD, "成立", "upheld"),
    (ObjectionStatus.DISMISSED, "不成立", "dismissed"),
    (ObjectionStatus.NOTED, "仅登记（未署名）", "noted only"),
    (BenefitKind.TITLE, "荣誉称号", "title"),
    (BenefitKind.CERTIFICATE, "证书", "certificate"),
    (BenefitKind.TROPHY, "奖杯", "trophy"),
    (BenefitKind.AWARD, "一次性奖励", "one-time award"),
    (BenefitKind.TALENT_LIST, "高新领军人才（Ⅱ类）", "talent list, class II"),
    (BenefitKind.HANGZHOU_CRAFTSMAN_PREFERENCE, "优先推荐“杭州工匠”", "preference for Hangzhou Craftsman"),
    (BenefitKind.MAY_DAY_MEDAL_PREFERENCE, "优先推荐“杭州市五一劳动奖章”", "preference for the May Day medal"),
    (BenefitKind.RECUPERATION, "劳模工匠疗休养", "recuperation"),
)
# Members of two enums with the same value are equal, so the enum itself is part of the key.
_LABELS = {(type(word), word.value): (chinese, english) for word, chinese, english in _WORDS}


def label(word: StrEnum) -> str:
    """Give the Chinese an operator reads. Raises ``KeyError`` for a word without a label."""
    return _LABELS[type(word), word.value][0]


def english(word: StrEnum) -> str:
    """Give the English beside it. Raises ``KeyError`` for a word without a label."""
    return _LABELS[type(word), word.value][1]


def from_label(words: type[Word], text: str) -> Word:
    """Find a word by its Chinese label or its id. Raises ``ValueError`` that lists the choices."""
    for word in words:
        if text.strip() in (label(word), word.value):
            return word
    raise ValueError(f"“{text}”不在可选项中：{'、'.join(label(word) for word in words)}")
