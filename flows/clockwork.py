"""The clockwork: the tick that does what is due, the deliverer, and the board's refreshing. No operator starts them."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from flows import dashboard, desk, showing
from flows.alarming import sound_for_messages, untold
from flows.bootstrap import App
from flows.failures import find_failed, look_is_due, sound_for_runs
from flows.forms import field
from flows.prefect_api import has_server
from flows.reading import rounds
from flows.reading.post_moved import moved_since, news_read
from flows.returning import come_back
from flows.run_names import name_scheduled, named
from notifiers.carrying import carry
from notifiers.digest import next_departure
from states.commands.tick import Tick
from states.faults import Faults
from states.heartbeat import beat
from states.house import Envelope
from states.records import Records
from states.tables import Round

OneRound = Annotated[str, field("届次代号", "留空表示全部在办的届次。[round; empty: all]")]
_LATELY = timedelta(days=7)


@flow(name="到期处理", flow_run_name=named("到期处理"), persist_result=False)
async def tick(slug: OneRound = "") -> State[Any]:
    """办理到期事项：截止、失效、公示办结、催办、升级。漏一次不丢，多一次不重。[Do what is due; twice is once]"""

    async def job(app: App) -> State[Any]:
        ended = await each_round(app, slug, _tick_round)
        await _name_runs()
        return ended

    return await desk.at_desk(job)


@flow(name="发送消息", flow_run_name=named("发送消息"), persist_result=False)
async def deliver() -> State[Any]:
    """把台账产生的通知整理成消息并送出；结果不明的不会自动重发。[Send what is due; unknown is never sent again]"""

    async def job(app: App) -> State[Any]:
        faults, before = Faults(), _news_read(app)
        report = carry(app.house, app.channels, str(flow_run.id), dashboard=app.settings.public_url, faults=faults)
        _alarm(app)
        await _look_for_failures(app)
        where = "（未配置渠道，写入 outbox/mail）" if app.channels.only_files else ""
        await _come_back(app)
        await _show_post(app, before)
        await _name_runs()
        counts = f"送达 {report.sent}，被拒 {report.failed}，结果不明 {report.unknown}，待发 {report.queued}"
        return _ended(faults, f"{counts}{where}")

    return await desk.at_desk(job)


@flow(name="刷新看板", flow_run_name=named("刷新看板"), persist_result=False)
async def refresh_board(slug: OneRound = "") -> State[Any]:
    """重写看板，并核对日历中的计划运行。[Write the boards anew and reconcile the calendar]"""

    async def job(app: App) -> State[Any]:
        return await each_round(app, slug, _refresh_round)

    return await desk.at_desk(job)


async def each_round(app: App, slug: str, do: Callable[[App, str], Awaitable[str]]) -> State[Any]:
    """Do something for every running round, or the one named; a round that fails does not keep the others waiting.

    Where none is named, the boards and calendars of those that ended lately are brought up to date too.
    """
    done: list[str] = []
    faults = Faults()
    for each in running_rounds(app, slug):
        with faults.of(each):
            done.append(await do(app, each))
    if not slug.strip():
        await _show_ended(app)
    return _ended(faults, "；".join(done) or "没有在办的届次")


def _ended(faults: Faults, done: str) -> State[Any]:
    """End a run as done, or as done in part: then the operators are alarmed."""
    if not faults.by_round:
        return Completed(name="已办理", message=done)
    get_run_logger().warning("%s", "；".join(faults.lines()))
    return Failed(name="已办理一部分", message="；".join([*faults.lines(), done]))


def running_rounds(app: App, slug: str = "") -> list[str]:
    """Give the slugs of rounds that have not ended, or the one that is named."""
    if slug.strip():
        return [dashboard.round_row(app, slug).slug]
    with app.house.store.read() as connection:
        return rounds.running_rounds(connection)


def lately_ended(app: App) -> list[str]:
    """Give the slugs of rounds that ended within a week: what the dashboard shows of them may have missed their end."""
    since = app.house.clock.now() - _LATELY
    with app.house.store.read() as connection:
        return [row.slug for row in Records(connection).since(Round, "closed_at", since)]


def _alarm(app: App) -> None:
    try:
        sound_for_messages(app)
    except Exception as error:  # noqa: BLE001 - the messages have left; the next run tells what this one could not
        get_run_logger().warning("未能告警（%s），将由下一次发送告警", type(error).__name__)


async def _look_for_failures(app: App) -> None:
    """Tell of runs that failed where no run of the alarm's could: it did not start, or the server did not answer it."""
    if not has_server() or not look_is_due(app):
        return
    try:
        sound_for_runs(app.settings, app.house.clock, await find_failed(app.settings, app.house.clock))
    except Exception as error:  # noqa: BLE001 - the messages have left; the next run looks again
        get_run_logger().warning("未能查看有没有运行出错（%s），将由下一次发送查看", type(error).__name__)


async def _show_ended(app: App) -> None:
    for each in lately_ended(app) if has_server() else ():
        try:
            await dashboard.refresh(app, each)
        except Exception as error:  # noqa: BLE001 - nothing falls due in it any more; the next run shows it
            get_run_logger().warning("%s 的看板暂未刷新（%s），将由下一次运行刷新", each, type(error).__name__)


def _news_read(app: App) -> dict[str, int]:
    with app.house.store.read() as connection:
        return news_read(connection)


async def _show_post(app: App, before: dict[str, int]) -> None:
    """Let the boards show what has become of their messages: a command writes its board before these have left."""
    if not has_server():
        return
    with app.house.store.read() as connection:
        moved = moved_since(connection, before)
    for each in moved:
        try:
            await dashboard.write_board(app, each)
        except Exception as error:  # noqa: BLE001 - the messages have left; the next tick writes the board
            get_run_logger().warning("%s 的看板暂未刷新（%s），将由下一次到期处理刷新", each, type(error).__name__)


def due_again(app: App) -> datetime | None:
    """Give when the next message may leave, or operators may be alarmed of one that has just reached nobody."""
    return min(filter(None, (next_departure(app.house, Faults()), untold(app))), default=None)


async def _come_back(app: App) -> None:
    if not has_server():
        return
    try:
        await come_back(due_again(app), app.house.clock.now())
    except Exception as error:  # noqa: BLE001 - the messages have left; the regular run finds what is still due
        get_run_logger().warning("未能预约下一次发送（%s），将由定时运行发送", type(error).__name__)


async def _name_runs() -> None:
    if not has_server():
        return
    try:
        await name_scheduled()
    except Exception as error:  # noqa: BLE001 - a name is for people to read; the runs come all the same
        get_run_logger().warning("未能给计划运行起名（%s），将由下一次发送起名", type(error).__name__)


async def _tick_round(app: App, slug: str) -> str:
    command = Tick(round=slug)
    result = app.house.execute(command, Envelope(f"{flow_run.id}:{slug}", app.house.clock.now(), clock=True))
    beat(app.house.store, slug, app.house.clock.now())
    await showing.show_result(app, command, result)
    return f"{slug} {result.outcome.summary}"


async def _refresh_round(app: App, slug: str) -> str:
    await dashboard.refresh(app, slug)
    return slug
