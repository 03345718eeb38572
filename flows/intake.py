"""Roster, nominations, endorsements, corrections and withdrawals: what units send in."""

from typing import Any

from prefect.client.schemas.objects import State

from flows import converting, desk
from flows import forms as f
from flows.operator import given, operator_flow
from states.commands.aftermath import Withdraw
from states.commands.corrections import Resubmit
from states.commands.endorsements import RecordEndorsements
from states.commands.intake import CloseIntake, SubmitNominations
from states.commands.roster import ImportRoster
from states.ledger import HOUSE


@operator_flow("导入名册")
async def import_roster(slug: f.Slug, operator: f.Operator, file: f.InboxFile, code: f.Code = "", again: f.Again = False) -> State[Any]:
    """导入单位、专家、领导小组、部门和经办人名册；名册各届共用。[Import the roster, shared by all rounds]"""
    who = given(HOUSE, operator, code, again=again)
    return await desk.give_from("roster", file, slug, lambda _, reading: ImportRoster(**who, entries=converting.roster(reading)))


@operator_flow("导入推荐汇总表")
async def import_nominations(
    slug: f.Slug,
    operator: f.Operator,
    file: f.InboxFile,
    tier: f.Tier = "",
    received_on: f.ReceivedOn = None,
    code: f.Code = "",
    again: f.Again = False,
) -> State[Any]:
    """导入推荐汇总表：合格的行录入，有误的行标注后退回 outbox。[Good rows go in, bad ones come back marked]"""
    who = given(slug, operator, code, again=again) | {"tier": tier, "received_on": received_on}
    return await desk.give_from(
        "nominations", file, slug, lambda _, reading: SubmitNominations(**who, rows=converting.submitted(reading)), whole=False
    )


@operator_flow("截止申报")
async def close_intake(
    slug: f.Slug, operator: f.Operator, code: f.Code = "", plan_code: f.PlanCode = "", again: f.Again = False
) -> State[Any]:
    """到期后截止申报，进入资格审核；未到期不能提前截止。[Close intake when it is due]"""
    return await desk.give(lambda _: CloseIntake(**given(slug, operator, code, plan_code, again)))


@operator_flow("登记推荐意见")
async def record_endorsements(
    slug: f.Slug, operator: f.Operator, file: f.InboxFile, code: f.Code = "", plan_code: f.PlanCode = "", again: f.Again = False
) -> State[Any]:
    """登记各层推荐单位的意见，自下而上。[Record what the layers said, bottom-up]"""
    who = given(slug, operator, code, plan_code, again)
    return await desk.give_from(
        "endorsements", file, slug, lambda _, reading: RecordEndorsements(**who, rows=converting.endorsements(reading))
    )


@operator_flow("补正后重新申报")
async def resubmit(
    slug: f.Slug, operator: f.Operator, file: f.InboxFile, code: f.Code = "", plan_code: f.PlanCode = "", again: f.Again = False
) -> State[Any]:
    """录入推荐单位补正后的材料，须在补正期限之内。[Take corrections back before they are due]"""
    who = given(slug, operator, code, plan_code, again)
    return await desk.give_from("corrections", file, slug, lambda _, reading: Resubmit(**who, rows=converting.corrections(reading)))


@operator_flow("撤回申报")
async def withdraw(
    slug: f.Slug, operator: f.Operator, file: f.InboxFile, code: f.Code = "", plan_code: f.PlanCode = "", again: f.Again = False
) -> State[Any]:
    """按推荐单位的申请撤回申报，不能恢复。[Withdraw at the unit's request; cannot be undone]"""
    who = given(slug, operator, code, plan_code, again)
    return await desk.give_from("reasons", file, slug, lambda _, reading: Withdraw(**who, rows=converting.reasons(reading)))
