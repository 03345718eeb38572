"""Opening, amending, concluding and cancelling a round."""

from pathlib import Path
from typing import Any

from prefect.client.schemas.objects import State

from config.checks import check_text
from config.errors import ProgrammeInvalid
from config.loader import find_programme, known_programmes, read_text
from config.nearest import instead
from flows import desk
from flows import forms as f
from flows.bootstrap import App
from flows.inbox import inbox_file
from flows.operator import given, operator_flow
from states.commands.rounds import AmendRound, CancelRound, ConcludeStage, OpenRound
from states.errors import CommandRefused, Refusal


@operator_flow("启动本届")
async def open_round(
    slug: f.Slug,
    operator: f.Operator,
    programme: f.ProgrammeName = "binjiang-craftsman-2023",
    opens_on: f.OpensOn = None,
    code: f.Code = "",
    again: f.Again = False,
) -> State[Any]:
    """启动一届认定：冻结认定办法；到了启动日期，开始申报推荐。[Open a round and freeze its rules]"""

    def command(app: App) -> OpenRound:
        rules = rules_text(app, programme)
        return OpenRound(**given(slug, operator, code, again=again), rules=rules, opens_on=opens_on)

    return await desk.give(command)


@operator_flow("修订本届办法")
async def amend_round(
    *,
    slug: f.Slug,
    operator: f.Operator,
    programme: f.ProgrammeName,
    reason_file: f.ReasonFile,
    opens_on: f.AmendedOpensOn = None,
    code: f.Code = "",
    plan_code: f.PlanCode = "",
    again: f.Again = False,
) -> State[Any]:
    """修订一届的认定办法，须说明理由；已经给出的期限不变，还没有启动的可以改启动日期。[Amend a round's rules, or its opening day]"""

    def command(app: App) -> AmendRound:
        reason = desk.inbox_text(app, reason_file)
        who = given(slug, operator, code, plan_code, again)
        return AmendRound(**who, rules=rules_text(app, programme), reason=reason, opens_on=opens_on)

    return await desk.give(command)


@operator_flow("办结本阶段")
async def conclude_stage(slug: f.Slug, operator: f.Operator, code: f.Code = "", again: f.Again = False) -> State[Any]:
    """办法规定由办公室办结的阶段，全部办完后在此办结。[Conclude the present stage]"""
    return await desk.give(lambda _: ConcludeStage(**given(slug, operator, code, again=again)))


@operator_flow("取消本届")
async def cancel_round(
    slug: f.Slug,
    operator: f.Operator,
    reason_file: f.ReasonFile,
    document: f.Document = "",
    code: f.Code = "",
    plan_code: f.PlanCode = "",
    again: f.Again = False,
) -> State[Any]:
    """取消一届认定：全部待办作废，并通知各方一次。不能恢复。[Cancel a round; cannot be undone]"""

    def command(app: App) -> CancelRound:
        reason = desk.inbox_text(app, reason_file)
        return CancelRound(**given(slug, operator, code, plan_code, again), reason=reason, document=document)

    return await desk.give(command)


def rules_text(app: App, programme: str) -> str:
    """Give the text of a programme by its id, or of a file in the inbox; checked before a round may freeze it.

    Raises ``ProgrammeInvalid`` with every problem, ``CommandRefused`` for an unknown id, or ``InboxRefused``.
    """
    path = _path(app, programme.strip())
    text = read_text(path)
    problems = [problem for problem in check_text(text, path.name) if not problem.warning]
    if problems:
        raise ProgrammeInvalid(path.name, problems)
    return text


def _path(app: App, programme: str) -> Path:
    known = known_programmes()
    if programme in known:
        return find_programme(programme)
    if programme.endswith((".yaml", ".yml")):
        return inbox_file(app.settings.inbox, programme)
    what = f"没有编号为“{programme}”的认定办法{instead(programme, known)}" if programme else "没有填写“认定办法”"
    raise CommandRefused("不能办理", [Refusal("no-programme", f"{what}；要用收件夹（inbox）里的办法，请填文件名，连同 .yaml")])
