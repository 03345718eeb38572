"""Checks of a programme's times: stages in order, deadlines inside them, ladders, quiet hours, years with a calendar."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise

from config.calendar import FIRST_DAY, LAST_DAY
from config.editions import editions_in
from config.errors import Problem, unplaced
from config.programme import Ladder, Messages, Programme
from config.vocabulary import Audience, Stage, WorkKind

STAGE_OF_WORK = {
    WorkKind.CLOSE_INTAKE: Stage.INTAKE,
    WorkKind.ENDORSEMENT: Stage.QUALIFICATION,
    WorkKind.CORRECTION: Stage.QUALIFICATION,
    WorkKind.CLEARANCE: Stage.QUALIFICATION,
    WorkKind.OVERDUE_CORRECTION: Stage.QUALIFICATION,
    WorkKind.QUALIFICATION: Stage.QUALIFICATION,
    WorkKind.ASSIGNMENT: Stage.EXPERT_REVIEW,
    WorkKind.SCORE_SHEET: Stage.EXPERT_REVIEW,
    WorkKind.REVIEW_CONCLUSION: Stage.EXPERT_REVIEW,
    WorkKind.RESOLUTION: Stage.LEADERSHIP,
    WorkKind.PUBLICATION: Stage.NOTICE,
    WorkKind.OBJECTION_ANSWER: Stage.NOTICE,
    WorkKind.NOTICE_COMPLETION: Stage.NOTICE,
    WorkKind.GOVERNMENT_DOCUMENT: Stage.CERTIFICATION,
    WorkKind.FILL_VACANCY: Stage.NOTICE,
    WorkKind.BENEFIT: Stage.FULFILMENT,
    WorkKind.STAGE_CONCLUSION: Stage.FULFILMENT,
}
"""The stage whose due time bounds each kind of work item; an endorsement may come until its nomination is qualified."""

Found = Iterator[Problem]
SKIPPABLE = (Stage.QUALIFICATION, Stage.EXPERT_REVIEW, Stage.LEADERSHIP, Stage.NOTICE)
"""Stages that a programme may pass through; without the others nobody is nominated, certified or rewarded."""


def stages(programme: Programme) -> Found:
    """Every stage stands in the notice's order (N20) with at least one working day, or is skipped."""
    for stage in Stage:
        if stage not in programme.stages:
            yield unplaced("stages", f"缺少环节 {stage}", "请补上；不设这一环节的写 skip: true")
    if [*programme.stages] != sorted(programme.stages, key=[*Stage].index):
        yield unplaced("stages", "环节次序不对", f"请按 {'、'.join(Stage)} 的次序写")
    for stage, rule in programme.stages.items():
        if rule.skip and stage not in SKIPPABLE:
            can = "、".join(SKIPPABLE)
            yield unplaced(f"stages.{stage}.skip", "这一环节不能跳过：没有它就没有申报、认定或待遇", f"请删去 skip；可以跳过的是 {can}")
        if not rule.skip and rule.working_days < 1:
            yield unplaced(f"stages.{stage}.working_days", "至少应有1个工作日", "请写1以上的整数；不设这一环节的写 skip: true")


def ladders(programme: Programme) -> Found:
    """Every kind of work item has a ladder whose steps come in order, after the item opens and on the right side of its due."""
    for kind in WorkKind:
        if kind not in programme.work and (kind != WorkKind.CLEARANCE or programme.clearances):
            yield unplaced("work", f"缺少待办 {kind}", "请补上它的期限与催办")
    for kind, rule in programme.work.items():
        days = rule.working_days or _stage_days(programme, STAGE_OF_WORK[kind])
        yield from _ladder(f"work.{kind}.ladder", rule.ladder, days)


def _ladder(field: str, ladder: Ladder, days: int) -> Found:
    if any(offset > 0 for offset in ladder.reminders):
        yield unplaced(f"{field}.reminders", "催办不能在截止之后", "请写 0d 或负数；截止之后的写在 escalations 里")
    if any(later <= earlier for earlier, later in pairwise(ladder.reminders)):
        yield unplaced(f"{field}.reminders", "没有按先后排列，或有重复", "请从早到晚写，如 [-5d, -2d, 0d]")
    if days and any(-offset >= days for offset in ladder.reminders):
        yield unplaced(f"{field}.reminders", f"早于待办产生之时（期限只有{days}个工作日）", "请改晚催办，或放宽期限")
    if any(step.after < 1 for step in ladder.escalations):
        yield unplaced(f"{field}.escalations", "升级只能在截止之后", "请写 +1d 或更晚")
    steps = [(step.after, step.audience) for step in ladder.escalations]
    if [after for after, _ in steps] != sorted(after for after, _ in steps) or len(set(steps)) < len(steps):
        yield unplaced(f"{field}.escalations", "没有按先后排列，或有重复", '请从早到晚写，如 ["+1d: superior", "+3d: district_office"]')
    if any(audience is Audience.OWNER for _, audience in steps):
        yield unplaced(f"{field}.escalations", "升级不能只告知责任人", "请写 superior、district_office 或 leading_group")


def _stage_days(programme: Programme, stage: Stage) -> int:
    """Working days of a stage, 0 where the programme skips it or lacks it: nothing can be measured against that."""
    rule = programme.stages.get(stage)
    return rule.working_days if rule and not rule.skip else 0


def deadlines(programme: Programme) -> Found:
    """What a work item, a correction or a benefit may take is no longer than its stage."""
    for kind, rule in programme.work.items():
        stage = STAGE_OF_WORK[kind]
        days = _stage_days(programme, stage)
        if days and rule.working_days and rule.working_days > days:
            yield unplaced(f"work.{kind}.working_days", f"比所在环节 {stage} 的{days}个工作日还长", "请缩短期限，或放宽环节")
    correction = programme.work.get(WorkKind.CORRECTION)
    if correction and correction.working_days != programme.corrections.working_days:
        yield unplaced("work.correction.working_days", f"与 corrections 的{programme.corrections.working_days}个工作日不一致", "请改成一致")
    fulfilment = _stage_days(programme, Stage.FULFILMENT)
    for index, benefit in enumerate(programme.benefits):
        if fulfilment and benefit.working_days > fulfilment:
            yield unplaced(f"benefits[{index}].due", f"比待遇落实环节的{fulfilment}个工作日还长", "请缩短期限，或放宽环节")


def windows(programme: Programme) -> Found:
    """What must happen one after the other inside one stage has to fit into it together."""
    chains = (
        (Stage.EXPERT_REVIEW, "组建评审组、评分", (WorkKind.ASSIGNMENT, WorkKind.SCORE_SHEET), 0),
        (Stage.NOTICE, "发布、公示期、异议答复", (WorkKind.PUBLICATION, WorkKind.OBJECTION_ANSWER), programme.notice.working_days),
    )
    for stage, what, kinds, days in chains:
        needed = days + sum(programme.work[kind].working_days or 0 for kind in kinds if kind in programme.work)
        if 0 < _stage_days(programme, stage) < needed:
            yield unplaced(f"stages.{stage}.working_days", f"放不下{what}（共需{needed}个工作日）", "请放宽环节，或缩短其中的期限")


def messages(programme: Programme) -> Found:
    """The sending hour is not a quiet one, and no class of address stands twice in an order of channels."""
    if _quiet(programme.messages):
        messages = programme.messages
        window = f"{messages.quiet_from:%H:%M}至{messages.quiet_to:%H:%M}"
        yield unplaced("messages.hour", f"{messages.hour:%H:%M} 在不打扰时段（{window}）里", "请改发信时刻，或改不打扰时段")
    for urgency, classes in programme.messages.channels.items():
        if len(set(classes)) < len(classes):
            yield unplaced(f"messages.channels.{urgency}", "同一类地址写了两次", "请每类只写一次，先用的写在前面")


def _quiet(messages: Messages) -> bool:
    if messages.quiet_from <= messages.quiet_to:
        return messages.quiet_from <= messages.hour < messages.quiet_to
    return messages.hour >= messages.quiet_from or messages.hour < messages.quiet_to


def dates(programme: Programme) -> Found:
    """The round opens after its notice; the year stands in its number and slug."""
    if programme.opens < programme.source.date:
        yield unplaced("opens", "早于公告日期", "请改为公告之日或之后")
    if not FIRST_DAY <= programme.opens <= LAST_DAY:
        yield unplaced("opens", f"超出了可以推算的 {FIRST_DAY} 至 {LAST_DAY}", "请核对年份")
    if programme.opens.year != programme.year:
        yield unplaced("opens", f"不在{programme.year}年", "请核对 opens 与 year", warning=True)
    for field, text in (("number_prefix", programme.number_prefix), ("slug", programme.slug)):
        if str(programme.year) not in text:
            yield unplaced(field, f"里没有年份{programme.year}", "请写上年份，免得与别的届混淆", warning=True)


def previous_edition(programme: Programme) -> Found:
    """Warn of what a copied programme still says of the edition before: every message quotes the notice's title."""
    for field, text in (("title", programme.title), ("source.title", programme.source.title)):
        for edition in editions_in(text):
            if edition != programme.edition:
                yield unplaced(field, f"写着第{edition}届，edition 却是{programme.edition}", "请核对是不是沿用了上一届的写法", warning=True)
    if programme.source.date.year != programme.year:
        yield unplaced("source.date", f"不在{programme.year}年", "请核对是不是沿用了上一届的公告", warning=True)


def calendar(programme: Programme, announced: Callable[[int], bool]) -> Found:
    """Warn of years without holidays; 7 days to every 5 working days, and 30 more for the long holidays."""
    total = sum(rule.working_days for rule in programme.stages.values() if not rule.skip)
    if not FIRST_DAY <= programme.opens <= LAST_DAY:
        return  # said above
    needed = total * 7 // 5 + 30
    if needed > (LAST_DAY - programme.opens).days:
        yield unplaced("stages", f"各阶段共{total}个工作日，超出了可以推算的 {LAST_DAY}", "请核对各阶段的 working_days")
        return
    last = programme.opens + timedelta(days=needed)
    for year in range(programme.opens.year, last.year + 1):
        if not announced(year):
            yield unplaced("opens", f"要用到{year}年，节假日安排尚未公布", "有关日期为暂定，公布后重新排定", warning=True)
