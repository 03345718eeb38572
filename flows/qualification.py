"""Qualification: the departments' clearances, the office's verdicts, and corrections that came to nothing."""

from typing import Any

from prefect.client.schemas.objects import State

from config.vocabulary import NominationState
from flows import converting, desk
from flows import forms as f
from flows.bootstrap import App
from flows.operator import given, operator_flow
from flows.showing import numbers_in
from states.commands.clearances import RecordClearances
from states.commands.expiry import LapseCorrections
from states.commands.qualification import ALL, RecordQualification, Verdict, VerdictRow


@operator_flow("登记部门联审意见")
async def record_clearances(
    slug: f.Slug, operator: f.Operator, file: f.InboxFile, code: f.Code = "", plan_code: f.PlanCode = "", again: f.Again = False
) -> State[Any]:
    """登记有关部门的联审意见：同意，或一票否决（须写明理由）。[Record the departments' clearances; a no is a veto]"""
    who = given(slug, operator, code, plan_code, again)
    return await desk.give_from("clearances", file, slug, lambda _, reading: RecordClearances(**who, rows=converting.clearances(reading)))


@operator_flow("登记资格审核")
async def record_qualification(
    slug: f.Slug,
    operator: f.Operator,
    file: f.InboxFile = "",
    nominations: f.Numbers = [],  # noqa: B006 - Prefect reads the default into the form and never changes it
    code: f.Code = "",
    plan_code: f.PlanCode = "",
    again: f.Again = False,
) -> State[Any]:
    """登记资格审核结论：通过（可放宽）、退回补正、不予通过。

    有理由要写的用审核意见工作簿（文件名）；不填文件名，则把所列申报（留空为全部待审）按“通过、须人工确认的事项均已确认”办理。
    [Verdicts from a workbook, or qualify the listed ones with everything confirmed]
    """
    who = given(slug, operator, code, plan_code, again)
    if file:
        return await desk.give_from(
            "verdicts", file, slug, lambda _, reading: RecordQualification(**who, rows=converting.verdicts(reading))
        )

    def command(app: App) -> RecordQualification:
        numbers = nominations or numbers_in(app, slug, NominationState.SUBMITTED)
        rows = tuple(VerdictRow(nomination=number, verdict=Verdict.QUALIFY, confirmed=(ALL,)) for number in numbers)
        return RecordQualification(**who, rows=rows)

    return await desk.give(command)


@operator_flow("办理逾期失效")
async def lapse_corrections(
    slug: f.Slug,
    operator: f.Operator,
    nominations: f.Numbers = [],  # noqa: B006 - Prefect reads the default into the form and never changes it
    code: f.Code = "",
    plan_code: f.PlanCode = "",
    again: f.Again = False,
) -> State[Any]:
    """办法规定由办公室办理的，逾期未补正的申报在此失效；未到期的略过。[Let overdue corrections lapse]"""
    who = given(slug, operator, code, plan_code, again)
    return await desk.give(lambda _: LapseCorrections(**who, nominations=tuple(nominations)))
