"""Guards: pure functions that say why a nomination may not move. Row guards first, batch guards last."""

from config.vocabulary import NominationState
from states.errors import Refusal
from states.facts import Facts, Places
from states.tables import Nomination

_HOLD_A_PLACE = (NominationState.LEADERSHIP_APPROVED, NominationState.PUBLICLY_NOTICED)
_NOT_SETTLED = {
    "failed": "不符合",
    "waivable": "不符合，如属特殊情况须书面说明理由后放宽",
    "needs_person": "尚待人工确认",
}


def round_running(record: Nomination, facts: Facts) -> list[Refusal]:
    """Refuse while the round is on hold, and after it was closed or cancelled."""
    return not_running(held=facts.held, ended=facts.ended)


def not_running(*, held: bool, ended: bool) -> list[Refusal]:
    """Say why nothing may be recorded in a round: it is on hold, or was closed or cancelled."""
    refusals = []
    if held:
        refusals.append(Refusal("round-held", "本届已暂停，请先恢复计时"))
    if ended:
        refusals.append(Refusal("round-ended", "本届已结束或已取消"))
    return refusals


def has_reason(record: Nomination, facts: Facts) -> list[Refusal]:
    """Refuse a decision without its written reason."""
    return [] if facts.reason else [Refusal("reason-missing", "须写明理由")]


def correction_named(record: Nomination, facts: Facts) -> list[Refusal]:
    """Refuse to return a nomination without the fields to mend, or more often than the programme allows."""
    refusals = []
    if not facts.fields_to_mend:
        refusals.append(Refusal("fields-missing", "须写明需要补正的栏目"))
    if facts.corrections_left <= 0:
        refusals.append(Refusal("corrections-used-up", f"已退回补正 {record.corrections} 次，达到办法规定的上限"))
    return refusals


def correction_in_time(record: Nomination, facts: Facts) -> list[Refusal]:
    """Refuse a correction at or after its due time (half-open)."""
    if record.correction_due_at is not None and facts.now >= record.correction_due_at:
        return [Refusal("correction-late", "补正期限已过")]
    return []


def correction_overdue(record: Nomination, facts: Facts) -> list[Refusal]:
    """Refuse to let a nomination lapse before its correction is overdue."""
    if record.correction_due_at is None or facts.now < record.correction_due_at:
        return [Refusal("correction-running", "补正期限未到")]
    return []


def layer_refused(record: Nomination, facts: Facts) -> list[Refusal]:
    """Refuse to decline unless a layer said no (notice, N18)."""
    return [] if facts.layers_refused else [Refusal("no-layer-refused", "没有任何一级推荐单位不同意推荐", "N18 自下而上、层层推荐")]


def intake_closed(record: Nomination, facts: Facts) -> list[Refusal]:
    """Refuse qualification before intake has ended (notice, N20)."""
    return (
        [] if facts.intake_closed else [Refusal("intake-open", "申报推荐尚未结束", "N20 申报推荐结束后，将按照资格审核…等环节依次进行认定")]
    )


def every_layer_endorsed(record: Nomination, facts: Facts) -> list[Refusal]:
    """Refuse while a layer has not endorsed, or has refused to (notice, N18)."""
    clause = "N18 自下而上、层层推荐"
    missing = [Refusal("endorsement-missing", f"缺少 {unit} 的推荐意见", clause) for unit in facts.layers_missing]
    return missing + [Refusal("endorsement-refused", f"{unit} 不同意推荐", clause) for unit in facts.layers_refused]


def clearances_in(record: Nomination, facts: Facts) -> list[Refusal]:
    """Refuse while a department has not given its clearance, and after one has vetoed (联审，一票否决)."""
    missing = [
        Refusal("clearance-missing", f"缺少部门联审意见：{each.name}", each.clause) for each in facts.clearances if each.clear is None
    ]
    vetoes = [
        Refusal("clearance-vetoed", f"部门联审一票否决：{each.name}", each.clause) for each in facts.clearances if each.clear is False
    ]
    return missing + vetoes


def findings_settled(record: Nomination, facts: Facts) -> list[Refusal]:
    """Refuse while a finding fails, could be waived but is not, or needs a person (notice, N4-N16)."""
    return [
        Refusal(f"finding-{finding.condition}", _NOT_SETTLED[finding.result], f"{finding.clause} {finding.quote}")
        for finding in facts.findings
        if finding.result in _NOT_SETTLED
    ]


def some_finding_fails(record: Nomination, facts: Facts) -> list[Refusal]:
    """Refuse a rejection that rests on nothing: some finding must not be settled, or a department have vetoed."""
    if any(finding.result in _NOT_SETTLED for finding in facts.findings) or any(each.clear is False for each in facts.clearances):
        return []
    return [Refusal("nothing-fails", "全部审核意见均为符合，没有不予通过的依据")]


def enough_sheets(record: Nomination, facts: Facts) -> list[Refusal]:
    """Refuse to conclude the review with too few valid score sheets."""
    if facts.sheets >= facts.sheets_needed:
        return []
    return [Refusal("sheets-missing", f"有效评分表 {facts.sheets} 份，至少需要 {facts.sheets_needed} 份")]


def inside_shortlist(record: Nomination, facts: Facts) -> list[Refusal]:
    """Refuse a nomination that is outside the shortlist (notice, N19 竞争择优)."""
    return [] if facts.shortlisted else [Refusal("outside-shortlist", "不在入围名单内", "N19 竞争择优")]


def stage_concluded(record: Nomination, facts: Facts) -> list[Refusal]:
    """Refuse to pass over a nomination before its stage is concluded."""
    return [] if facts.stage_concluded else [Refusal("stage-running", "本阶段尚未办结")]


def judged_by_session(record: Nomination, facts: Facts) -> list[Refusal]:
    """Refuse without a session, without quorum, or below the threshold."""
    if not facts.judged:
        return [Refusal("no-session", "没有审定会议的表决记录")]
    return list(facts.judgement)


def has_reserve_rank(record: Nomination, facts: Facts) -> list[Refusal]:
    """Refuse a reserve without its rank."""
    return [] if facts.reserve_rank else [Refusal("rank-missing", "须写明递补顺序")]


def notice_complete(record: Nomination, facts: Facts) -> list[Refusal]:
    """Refuse until the notice batch has run its full working days (notice, N20 社会公示)."""
    if record.batch is None or facts.notice_ends_at is None:
        return [Refusal("notice-missing", "尚未发布公示", "N20 社会公示")]
    if facts.now < facts.notice_ends_at:
        return [Refusal("notice-running", f"公示至 {facts.last_day:%m月%d日} 止", "N20 社会公示")]
    return []


def no_open_objection(record: Nomination, facts: Facts) -> list[Refusal]:
    """Refuse while an objection is open."""
    return [Refusal("objection-open", f"异议 {number} 未办结") for number in facts.open_objections]


def objection_upheld(record: Nomination, facts: Facts) -> list[Refusal]:
    """Refuse to reject for an objection that was not upheld."""
    return [] if facts.upheld_objections else [Refusal("no-upheld-objection", "没有成立的异议")]


def has_report(record: Nomination, facts: Facts) -> list[Refusal]:
    """Refuse without the investigation's report."""
    return [] if facts.report else [Refusal("report-missing", "须附调查报告的文号")]


def has_document(record: Nomination, facts: Facts) -> list[Refusal]:
    """Refuse without the government document's number and date, and one dated before the notice's last day (notice, N20-N21)."""
    refusals = []
    if not facts.document:
        refusals.append(Refusal("document-missing", "缺少区政府文件的文号", "N21 予以发文认定"))
    if facts.document_date is None:
        refusals.append(Refusal("document-date-missing", "缺少区政府文件的日期", "N21 予以发文认定"))
    elif facts.last_day is not None and facts.document_date < facts.last_day:
        sentence = f"区政府文件的日期早于公示结束之日（{facts.last_day:%Y-%m-%d}）"
        refusals.append(Refusal("document-before-notice", sentence, "N21 最后提请区政府认定"))
    return refusals


def certificate_recalled(record: Nomination, facts: Facts) -> list[Refusal]:
    """Refuse to revoke before the certificate was recalled."""
    return [] if facts.certificate_recalled else [Refusal("certificate-out", "证书尚未收回")]


def next_stage_open(record: Nomination, facts: Facts) -> list[Refusal]:
    """Refuse to reopen once the following stage is concluded."""
    return [Refusal("next-stage-concluded", "下一阶段已经办结，不能恢复")] if facts.next_stage_concluded else []


def place_to_return_to(record: Nomination, facts: Facts, places: Places) -> list[Refusal]:
    """Refuse to reopen a nomination to a state that holds a place when its place was given to another (notice, N3)."""
    return within_quota(record, facts, places) if record.came_from in _HOLD_A_PLACE else []


def within_quota(record: Nomination, facts: Facts, places: Places) -> list[Refusal]:
    """Refuse what would exceed the tier's quota, counting the moves before it in the same batch (notice, N3)."""
    quota = places.quota.get(record.tier, 0)
    if places.taken.get(record.tier, 0) >= quota:
        return [Refusal("quota-full", f"超过名额：本届计划认定 {quota} 名", "N3")]
    return []
