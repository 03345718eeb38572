"""Expert review: seats, score sheets, conclusion."""

from typing import Any

from prefect.client.schemas.objects import State

from flows import converting, desk
from flows import forms as f
from flows.operator import given, operator_flow
from states.commands.review import AssignExperts, ConcludeReview, RecordScores


@operator_flow("分配评审专家")
async def assign_experts(
    slug: f.Slug, operator: f.Operator, file: f.InboxFile, code: f.Code = "", plan_code: f.PlanCode = "", again: f.Again = False
) -> State[Any]:
    """按评审分组工作簿分配专家席位，登记回避。[Seat experts and record recusals]"""
    who = given(slug, operator, code, plan_code, again)
    return await desk.give_from("assignments", file, slug, lambda _, reading: AssignExperts(**who, rows=converting.seats(reading)))


@operator_flow("登记评分表")
async def record_scores(slug: f.Slug, operator: f.Operator, file: f.InboxFile, code: f.Code = "", again: f.Again = False) -> State[Any]:
    """录入专家评分表：合格的录入，有误的标注后退回 outbox。[Good sheets go in, bad ones come back marked]"""
    who = given(slug, operator, code, again=again)
    return await desk.give_from("scores", file, slug, lambda _, reading: RecordScores(**who, rows=converting.sheets(reading)), whole=False)


@operator_flow("评审结论")
async def conclude_review(
    slug: f.Slug,
    operator: f.Operator,
    admitted: f.Numbers = [],  # noqa: B006 - Prefect reads the default into the form and never changes it
    document: f.Document = "",
    code: f.Code = "",
    plan_code: f.PlanCode = "",
    again: f.Again = False,
) -> State[Any]:
    """按评分排名确定入围名单；末位并列时，由评审组决定的入围者填在“申报编号”里。[Conclude the review; ties by the panel]"""
    who = given(slug, operator, code, plan_code, again)
    return await desk.give(lambda _: ConcludeReview(**who, admitted=tuple(admitted), document=document))
