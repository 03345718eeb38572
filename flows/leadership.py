"""The leading group's resolution."""

from typing import Any

from prefect.client.schemas.objects import State

from flows import converting, desk
from flows import forms as f
from flows.operator import given, operator_flow
from states.commands.leadership import RecordResolution


@operator_flow("登记审定会议决议")
async def record_resolution(
    *,
    slug: f.Slug,
    operator: f.Operator,
    file: f.InboxFile,
    held_on: f.HeldOn,
    members: f.Members,
    present: f.Present,
    document: f.Document,
    code: f.Code = "",
    plan_code: f.PlanCode = "",
    again: f.Again = False,
) -> State[Any]:
    """登记一次审定会议的表决（只填票数）：全部登记或全部不登记，不超名额。递补也在此登记。[One sitting, all or nothing]"""
    who = given(slug, operator, code, plan_code, again)
    sitting: dict[str, Any] = {"held_on": held_on, "members": members, "present": present, "document": document}
    return await desk.give_from(
        "resolution", file, slug, lambda _, reading: RecordResolution(**who, **sitting, rows=converting.votes(reading))
    )
