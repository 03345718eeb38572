"""The ledger's events as people read them: a nomination's moves by their triggers, everything else here."""

from collections.abc import Collection

from config.labels import label
from config.vocabulary import Audience
from states.machine import MOVES

_OTHERS = {
    "benefit_cancelled": "待遇不再落实",
    "benefit_due": "应落实待遇",
    "benefit_granted": "待遇落实",
    "clearance_recorded": "登记部门联审意见",
    "dates_replanned": "重排日期",
    "deliveries_settled": "登记送达结果",
    "deliveries_resent": "再发一次",
    "deliveries_confirmed": "确认已送达",
    "endorsement_recorded": "登记推荐意见",
    "nomination_submitted": "申报",
    "notice_awaits_answers": "公示待异议答复",
    "notice_completed": "公示期满",
    "notice_published": "发布公示",
    "objection_filed": "登记异议",
    "objection_resolved": "办结异议",
    "endorsement_taken_over": "推荐意见由接替单位承继",
    "party_changed": "名册变更",
    "party_registered": "名册新增",
    "recommending_unit_changed": "推荐单位改变",
    "round_amended": "修订办法",
    "round_cancelled": "取消本届",
    "round_held": "暂停本届",
    "round_released": "恢复计时",
    "deadline_brought_back": "收回延长",
    "deadline_extended": "延长期限",
    "round_moved": "进入下一阶段",
    "round_planned": "建立本届",
    "score_recorded": "录入评分表",
    "seat_assigned": "分配评审专家",
    "seat_handed_over": "评审席位移交",
    "session_held": "召开审定会议",
    "signer_enrolled": "登记动态码",
    "stage_concluded": "阶段办结",
    "stage_entered": "阶段开始",
    "work_handed_over": "移交待办",
    "work_item_done": "待办办结",
    "work_item_dropped": "待办作废",
    "work_item_opened": "产生待办",
    "work_item_reassigned": "待办换人",
    "work_item_reminded": "催办",
    "work_item_replanned": "期限改定",
}
EVENT_LABELS = {move.event: label(move.trigger) for move in MOVES} | _OTHERS


def event_label(event: str) -> str:
    """Give the Chinese of an event; one that has none is given back as it is."""
    return EVENT_LABELS.get(event, event)


def reminded(audiences: Collection[str]) -> str:
    """Say what steps of a ladder did: 催办 to the owner of work, 升级 to whoever is above."""
    to_owner, above = Audience.OWNER in audiences, any(each != Audience.OWNER for each in audiences)
    return "、".join(name for name, on in ((event_label("work_item_reminded"), to_owner), ("升级", above)) if on)
