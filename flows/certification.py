"""The government's document, the benefits, and what may have to be taken back."""

from typing import Any

from prefect.client.schemas.objects import State

from config.labels import from_label
from config.vocabulary import Body
from flows import converting, desk
from flows import forms as f
from flows.operator import given, operator_flow
from states.commands.aftermath import Disqualify, Reopen
from states.commands.certification import Certify, RecordBenefits, Revoke


@operator_flow("登记区政府认定")
async def certify(
    slug: f.Slug,
    operator: f.Operator,
    document: f.Document,
    document_date: f.DocumentDate,
    nominations: f.Numbers = [],  # noqa: B006 - Prefect reads the default into the form and never changes it
    code: f.Code = "",
    plan_code: f.PlanCode = "",
    again: f.Again = False,
) -> State[Any]:
    """登记区政府认定文件，给每人一个证书编号，并产生待遇待办。[Record the government's document]"""
    who = given(slug, operator, code, plan_code, again)
    return await desk.give(lambda _: Certify(**who, nominations=tuple(nominations), document=document, document_date=document_date))


@operator_flow("登记待遇落实")
async def record_benefits(
    slug: f.Slug, operator: f.Operator, file: f.InboxFile, code: f.Code = "", plan_code: f.PlanCode = "", again: f.Again = False
) -> State[Any]:
    """登记已落实的待遇；全部落实后本届自动结束。[Record benefits as given]"""
    who = given(slug, operator, code, plan_code, again)
    return await desk.give_from("benefits", file, slug, lambda _, reading: RecordBenefits(**who, rows=converting.benefits(reading)))


@operator_flow("取消资格")
async def disqualify(
    slug: f.Slug,
    operator: f.Operator,
    file: f.InboxFile,
    decided_by: f.DecidedBy = "领导小组办公室",
    code: f.Code = "",
    plan_code: f.PlanCode = "",
    again: f.Again = False,
) -> State[Any]:
    """因弄虚作假或事实有误取消资格，须附调查报告文号。[Disqualify for fraud or a wrong fact]"""
    who = given(slug, operator, code, plan_code, again)
    body = from_label(Body, decided_by)
    return await desk.give_from(
        "reasons", file, slug, lambda _, reading: Disqualify(**who, rows=converting.reasons(reading), decided_by=body)
    )


@operator_flow("撤销认定")
async def revoke(
    *,
    slug: f.Slug,
    operator: f.Operator,
    file: f.InboxFile,
    document: f.Document,
    document_date: f.DocumentDate,
    certificate_recalled: f.Recalled = False,
    code: f.Code = "",
    plan_code: f.PlanCode = "",
    again: f.Again = False,
) -> State[Any]:
    """按区政府文件撤销认定，证书须先收回。不能恢复。[Revoke by a document of the government]"""
    who = given(slug, operator, code, plan_code, again)
    proof: dict[str, Any] = {"document": document, "document_date": document_date, "certificate_recalled": certificate_recalled}
    return await desk.give_from("reasons", file, slug, lambda _, reading: Revoke(**who, **proof, rows=converting.revocations(reading)))


@operator_flow("恢复申报")
async def reopen(
    slug: f.Slug, operator: f.Operator, file: f.InboxFile, code: f.Code = "", plan_code: f.PlanCode = "", again: f.Again = False
) -> State[Any]:
    """撤回误作的决定，申报回到原来的状态；下一阶段办结后不能恢复。[Take back a decision made by mistake]"""
    who = given(slug, operator, code, plan_code, again)
    return await desk.give_from("reasons", file, slug, lambda _, reading: Reopen(**who, rows=converting.reasons(reading)))
