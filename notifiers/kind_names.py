"""What people call each kind of message, where they choose how promptly they want it."""

from config.nearest import nearest
from notifiers.departures import ANY_KIND
from notifiers.kinds import MessageKind
from notifiers.kinds import MessageKind as K

KIND_NAMES = {
    K.ESCALATION: "升级",
    K.DELIVERY_FAILED: "消息未送达",
    K.REMINDER: "催办",
    K.WORK_OPENED: "新待办",
    K.ROUND_CANCELLED: "本届取消",
    K.ROUND_HELD: "暂停计时",
    K.ROUND_RELEASED: "恢复计时",
    K.DEADLINE_EXTENDED: "期限延长",
    K.DATES_REPLANNED: "日期改定",
    K.WORK_REPLANNED: "期限改定",
    K.RETURNED: "退回补正",
    K.OBJECTION_FILED: "收到异议",
    K.INTAKE_OPENED: "启动通知",
    K.REVOKED: "撤销认定",
    K.DISQUALIFIED: "取消资格",
    K.REJECTED_ON_OBJECTION: "异议成立",
    K.REJECTED: "审核未通过",
    K.DECLINED: "未获推荐",
    K.LAPSED: "逾期失效",
    K.REOPENED: "申报恢复",
    K.CERTIFIED: "认定",
    K.NOTICE_PUBLISHED: "开始公示",
    K.PUBLICLY_NOTICED: "公示完成",
    K.APPROVED: "审定通过",
    K.RESERVED: "列为递补",
    K.EXPERT_REVIEWED: "评审入围",
    K.QUALIFIED: "审核通过",
    K.PASSED_OVER: "未入选",
    K.WITHDRAWN: "撤回申报",
    K.RESUBMITTED: "补正收到",
    K.SUBMITTED: "收到申报",
    K.OBJECTION_DISMISSED: "异议不成立",
    K.BENEFIT_GRANTED: "待遇落实",
    K.WORK_DROPPED: "无需再办",
    K.WORK_REASSIGNED: "待办移交",
    K.ROUND_AMENDED: "办法修订",
    K.ROUND_CLOSED: "本届办结",
}
"""Kind → its Chinese name; each is unique."""

_ALSO_CALLED = {"逾期升级": K.ESCALATION}

CHOICES = (("全部", ANY_KIND), *((name, kind.value) for kind, name in KIND_NAMES.items()))
"""What may stand in a roster: a name, and what it is kept as."""


def name_of(kind: str) -> str:
    """Give the Chinese name of a kind by its id. Raises ``ValueError`` for an id that no kind has."""
    return KIND_NAMES[MessageKind(kind)]


def kind_named(text: str) -> MessageKind | None:
    """Find a kind by its id or its Chinese name, or None."""
    wanted = text.strip()
    return _ALSO_CALLED.get(wanted) or next((kind for kind, name in KIND_NAMES.items() if wanted in (name, kind.value)), None)


def near_kinds(text: str) -> list[str]:
    """Give the Chinese names, with their ids, of the kinds that may have been meant; all of them where none is near."""
    known = {word: kind for kind, name in KIND_NAMES.items() for word in (name, kind.value)}
    near = nearest(text, known, likely=0.5)
    kinds = dict.fromkeys(known[word] for word in near) if near else KIND_NAMES
    return [f"{KIND_NAMES[kind]}（{kind.value}）" for kind in kinds]
