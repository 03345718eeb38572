"""The desk: how every flow of an operator runs. Parse, give one command, show what came of it.

The flow run's id is the command's id, so a run that is retried, or killed after its commit, changes nothing twice. A
refusal ends as 已拒绝 with its sentence; the dashboard's events and artifacts follow the commit and may be lost.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect import get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from config.channel_problems import ChannelConfigError
from config.errors import ConfigError
from config.os_errors import place, why
from config.settings import Settings
from flows import showing
from flows.bootstrap import App, build
from flows.importing import ImportKind, no_marked_copy, of_another_round, remarks, sent_back, with_what_is_at_odds
from flows.inbox import inbox_file
from flows.prefect_api import ROUND_TAG, has_server, run_created, tag_run
from flows.workbooks import CellProblem, Reading, WorkbookRefused, annotate, read, returned_name
from flows.workbooks.around import FILE
from flows.workbooks.headers import NOT_OURS
from flows.workbooks.unread import said_name
from states.command import Command
from states.errors import CommandRefused, HallmarkError, Refusal
from states.house import Envelope
from states.ledger import HOUSE
from states.outcome import Result

_ID_BYTES = 16
_MOST_REMARKS = 10
Job = Callable[[App], Awaitable[State[Any]]]


async def at_desk(job: Job) -> State[Any]:
    """Open the house, do the job, and turn a refusal into 已拒绝 with its sentence.

    What the database or a form's value gets wrong becomes a sentence too: their own texts may hold what was entered.
    """
    try:
        app = build()
        try:
            return await job(app)
        finally:
            app.house.store.dispose()
    except WorkbookRefused as error:
        return refused(error.discreet)
    except (HallmarkError, ConfigError, ChannelConfigError) as error:
        return refused(str(error))
    except ValidationError as error:
        fields = "、".join(dict.fromkeys(".".join(map(str, each["loc"])) for each in error.errors(include_input=False)))
        return refused(f"填写的内容不符合要求，未作任何改动；请核对：{fields}")
    except SQLAlchemyError as error:
        return refused(f"数据库出错（{type(error).__name__}），请稍后用同样的内容重试；一再出现请运行 hallmark doctor")
    except OSError as error:
        return refused(_unusable(error))


def _unusable(error: OSError) -> str:
    """Say which file or folder could not be used; whether the command stood by then cannot be known here."""
    where = place(error, Settings().folder)
    what = f"“{where}”用不了（{why(error)}），请检查它的权限和磁盘空间" if where else f"系统出错（{why(error)}），请运行 hallmark doctor"
    return f"{what}；这一次办成没有，请先看看板或台账，没有办成的再运行一次"


def refused(sentence: str) -> State[Any]:
    """End a run as refused, without a traceback."""
    get_run_logger().warning("已拒绝：%s", sentence)
    return Failed(name="已拒绝", message=sentence)


async def give(make: Callable[[App], Command], previewed: Callable[[App, str, Result], Result] | None = None) -> State[Any]:
    """Give one command and show its preview, in the way of ``previewed`` where that is given, or its result."""

    async def job(app: App) -> State[Any]:
        command = make(app)
        result = app.house.execute(command, await envelope(app, command))
        if previewed and not result.applied:
            result = previewed(app, command.round, result)
        return await show(app, command, result)

    return await at_desk(job)


async def give_from(kind: str, file: str, slug: str, make: Callable[[App, Reading], Command], *, whole: bool = True) -> State[Any]:
    """Give one command whose rows come from a workbook in the inbox.

    With ``whole`` a single bad row refuses the whole file, since a decision is not taken by halves; otherwise good rows
    go in. Either way the bad ones come back in a marked copy in the outbox.
    """

    async def job(app: App) -> State[Any]:
        path = inbox_file(app.settings.inbox, file)
        reading = read_workbook(app, kind, path, slug)
        if reading.problems and (whole or not reading.rows):
            raise _sent_back_whole(app, path, reading.problems)
        command = make(app, reading)
        result = app.house.execute(command, await envelope(app, command))
        returned = [*reading.problems, *sent_back(result.outcome, reading)]
        unread = [f"不能读取 {len(reading.bad_rows)} 行"] if reading.bad_rows else []
        notes = [*unread, *marked_copy(app, path, returned), *_remarks(app, reading, result, command.round)]
        return await show(app, command, result, notes=notes)

    return await at_desk(job)


def _sent_back_whole(app: App, path: Path, problems: Sequence[CellProblem]) -> CommandRefused:
    """Make the refusal of a whole workbook: how many cells are wrong, where they are marked, and each of them."""
    copy = "；".join(marked_copy(app, path, problems))
    said = [Refusal("bad-cell", discreetly(each)) for each in problems]
    return CommandRefused(f"“{path.name}”有 {len(said)} 处错误，未作任何改动；{copy}", said)


def _remarks(app: App, reading: Reading, result: Result, slug: str) -> list[str]:
    """Give what must be seen about a workbook that was taken: what was not read, signs of another round, what a command remarks."""
    strange = [] if slug == HOUSE else of_another_round(app, reading, slug)
    found = [*map(discreetly, (*reading.warnings, *strange)), *remarks(result.outcome)]
    more = [f"提醒还有 {len(found) - _MOST_REMARKS} 处"] if len(found) > _MOST_REMARKS else []
    return [*(f"提醒 {each}" for each in found[:_MOST_REMARKS]), *more]


async def envelope(app: App, command: Command) -> Envelope:
    """Give the command the flow run's id and the time at which the server made the run; tag the run with its round."""
    run = flow_run.id
    if not run or not has_server():
        return Envelope(run or f"desk-{app.house.chance.token(_ID_BYTES).hex()}", app.house.clock.now())
    await tag_run(UUID(run), [ROUND_TAG.format(command.round)])
    return Envelope(run, await run_created(UUID(run)))


async def show(app: App, command: Command, result: Result, notes: list[str] | None = None) -> State[Any]:
    """Show a preview with its plan code, or a result with its events and the refreshed board."""
    await showing.show_result(app, command, result)
    message = "；".join([result.outcome.summary, *(notes or [])])
    if not result.applied:
        return Completed(name="待核对", message=f"{message}。核对无误后，填入计划码 {result.plan_code} 再运行一次")
    if result.again:
        return Completed(name="已办理过", message=f"{message}（同一次运行已办理，未重复）")
    return Completed(name="已办理", message=message)


def read_workbook(app: App, kind: str, path: Path, slug: str) -> Reading:
    """Read a workbook of a kind; score sheets take their columns from the round's rubric, a roster is looked at as a whole."""
    rubric = showing.programme_of(app, slug).review.rubric if kind == "scores" else ()
    reading = read(kind, path, today=showing.today(app, slug), rubric=rubric)
    return with_what_is_at_odds(app, reading) if kind == ImportKind.ROSTER else reading


def marked_copy(app: App, path: Path, problems: Sequence[CellProblem]) -> list[str]:
    """Write the marked copy into the outbox and name it; nothing for no problems. It never raises: the command stands."""
    if not problems:
        return []
    target = app.settings.outbox / returned_name(path)
    try:
        annotate(path, target, problems)
    except OSError as error:
        return [no_marked_copy(error)]
    return [f"标注了错误的副本：outbox/{target.name}"]


def discreetly(problem: CellProblem) -> str:
    """Say what is wrong and where. Names of sheets and columns that are not ours are the sender's own, and stay out of Prefect."""
    sheet = problem.sheet if problem.sheet == FILE else said_name(problem.sheet)
    return str(replace(problem, sheet=sheet, header="" if problem.reason == NOT_OURS else problem.header))


def inbox_text(app: App, name: str) -> str:
    """Read a reason out of a text file in the inbox, UTF-8 or GB 18030. Raises ``CommandRefused``."""
    raw = inbox_file(app.settings.inbox, name).read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding).strip()
        except UnicodeDecodeError:
            continue
    raise CommandRefused("不能读取", [Refusal("not-text", f"“{name}”不是文本文件，请另存为 .txt（UTF-8）")])
