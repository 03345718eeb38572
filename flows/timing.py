"""Changing time and owners: a later deadline, work handed over, a round on hold, a round released."""

from typing import Any

from prefect.client.schemas.objects import State

from config.labels import from_label, label
from config.vocabulary import Stage, WorkKind
from flows import desk
from flows import forms as f
from flows.bootstrap import App
from flows.operator import given, operator_flow
from states.commands.reassigning import ReassignWork
from states.commands.timing import ExtendDeadline, HoldRound, ReleaseRound


@operator_flow("延长期限")
async def extend_deadline(
    *,
    slug: f.Slug,
    operator: f.Operator,
    due_day: f.DueDay,
    reason_file: f.ReasonFile,
    work: f.WorkName = f.WHOLE_STAGE,
    subject: f.Subject = "",
    code: f.Code = "",
    plan_code: f.PlanCode = "",
    again: f.Again = False,
) -> State[Any]:
    """延长整届、进行中的阶段或某类待办的期限：未发的催办随之改期，有关各方通知一次。延长过头的，再办一次即可收回。[Give more time, or take it back]"""
    scope = scope_of(work)

    def command(app: App) -> ExtendDeadline:
        reason = desk.inbox_text(app, reason_file)
        return ExtendDeadline(**given(slug, operator, code, plan_code, again), due_day=due_day, reason=reason, subject=subject, **scope)

    return await desk.give(command)


@operator_flow("移交待办")
async def reassign_work(
    *,
    slug: f.Slug,
    operator: f.Operator,
    source: f.FormerOwner,
    target: f.NewOwner,
    reason_file: f.ReasonFile,
    work: f.HandedWork = f.ALL_WORK,
    subject: f.HandedSubject = "",
    code: f.Code = "",
    plan_code: f.PlanCode = "",
    again: f.Again = False,
) -> State[Any]:
    """把一方未办的待办移交给另一方（专家生病、单位合并）：期限不变，双方各通知一次。[Hand open work over]"""
    kinds = () if work == f.ALL_WORK else (from_label(WorkKind, work),)

    def command(app: App) -> ReassignWork:
        reason, who = desk.inbox_text(app, reason_file), given(slug, operator, code, plan_code, again)
        return ReassignWork(**who, source=source, target=target, reason=reason, kinds=kinds, subject=subject)

    return await desk.give(command)


@operator_flow("暂停本届")
async def hold_round(
    slug: f.Slug, operator: f.Operator, reason_file: f.ReasonFile, document: f.Document = "", code: f.Code = "", again: f.Again = False
) -> State[Any]:
    """暂停本届计时：恢复前不催办、不到期，也不办理申报。[Put a round on hold]"""

    def command(app: App) -> HoldRound:
        return HoldRound(**given(slug, operator, code, again=again), reason=desk.inbox_text(app, reason_file), document=document)

    return await desk.give(command)


@operator_flow("恢复计时")
async def release_round(
    slug: f.Slug, operator: f.Operator, code: f.Code = "", plan_code: f.PlanCode = "", again: f.Again = False
) -> State[Any]:
    """恢复本届计时：未办结事项的期限按暂停的工作日数顺延；公示期不受影响。[Release a round]"""
    return await desk.give(lambda _: ReleaseRound(**given(slug, operator, code, plan_code, again)))


def scope_of(name: str) -> dict[str, Any]:
    """Give what a choice of the form stands for, as the command's fields. Raises ``ValueError`` for a name that it does not offer."""
    if name in (f.WHOLE_ROUND, f.WHOLE_STAGE):
        return {"whole_round": name == f.WHOLE_ROUND}
    if name.endswith("阶段") and name != label(WorkKind.STAGE_CONCLUSION):
        return {"stage": from_label(Stage, name.removesuffix("阶段"))}
    return {"kind": from_label(WorkKind, name)}
