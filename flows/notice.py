"""Public notice and objections."""

from typing import Any

from prefect.client.schemas.objects import State

from flows import converting, desk
from flows import forms as f
from flows.operator import given, operator_flow
from flows.showing import today
from states.commands.expiry import CompleteNotices
from states.commands.notice import FileObjection, PublishNotice, ResolveObjection


@operator_flow("发布公示")
async def publish_notice(
    slug: f.Slug,
    operator: f.Operator,
    first_day: f.FirstDay = None,
    nominations: f.Numbers = [],  # noqa: B006 - Prefect reads the default into the form and never changes it
    document: f.Document = "",
    code: f.Code = "",
    plan_code: f.PlanCode = "",
    again: f.Again = False,
) -> State[Any]:
    """登记已发布的公示；公示期满且无未办结异议的，系统自动办结。[Record a published notice]"""
    who = given(slug, operator, code, plan_code, again)
    return await desk.give(
        lambda app: PublishNotice(**who, nominations=tuple(nominations), first_day=first_day or today(app, slug), document=document)
    )


@operator_flow("办结公示")
async def complete_notice(
    slug: f.Slug,
    operator: f.Operator,
    batches: f.Batches = [],  # noqa: B006 - Prefect reads the default into the form and never changes it
    code: f.Code = "",
    plan_code: f.PlanCode = "",
    again: f.Again = False,
) -> State[Any]:
    """办法规定由办公室办结公示的，期满后在此办结；有未办结异议的人选略过。[Complete notices that have run their days]"""
    who = given(slug, operator, code, plan_code, again)
    return await desk.give(lambda _: CompleteNotices(**who, batches=tuple(batches)))


@operator_flow("登记异议")
async def file_objection(
    slug: f.Slug, operator: f.Operator, file: f.InboxFile, code: f.Code = "", plan_code: f.PlanCode = "", again: f.Again = False
) -> State[Any]:
    """登记公示期内收到的异议：来信以邮戳为准，未署名的只登记不受理。[Register objections; letters count by postmark]"""
    who = given(slug, operator, code, plan_code, again)
    return await desk.give_from("objections", file, slug, lambda _, reading: FileObjection(**who, rows=converting.objections(reading)))


@operator_flow("办结异议")
async def resolve_objection(
    slug: f.Slug, operator: f.Operator, file: f.InboxFile, code: f.Code = "", plan_code: f.PlanCode = "", again: f.Again = False
) -> State[Any]:
    """登记领导小组对异议的处理结论；成立的，该申报不予通过。[Record how objections were decided]"""
    who = given(slug, operator, code, plan_code, again)
    return await desk.give_from(
        "objection-answers", file, slug, lambda _, reading: ResolveObjection(**who, rows=converting.answers(reading))
    )
