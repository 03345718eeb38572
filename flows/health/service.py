"""The Prefect server and its worker, as seen from outside: nothing of the house depends on them for being true.

Where the service was ever started, or this environment names a server, it should run: while it does not, deadlines stay undone
and nothing is sent, whether it died or somebody stopped it. Where nobody started any yet, that is worth knowing and no more.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx

from config.settings import Settings
from flows.health.automations import automations
from flows.health.checks import Check, broken, good, warning
from flows.service.asking import Slow, answer_to, api_of, ask
from flows.service.plan import WORK_POOL
from flows.service.preflight import is_up
from flows.service.refreshing import REFRESH_BOARD

_SILENT = timedelta(minutes=2)
_CLOCKWORK = ("到期处理/tick", "发送消息/deliver", REFRESH_BOARD)
_TITLE = "Prefect 服务"
_UNDONE = "到期的事项不会自动办理，催办发不出"
_START = "需要看板和定时催办时，运行 hallmark up（或 make run）"
_START_STOPPED = f"{_UNDONE}：请运行 hallmark up（或 make run）"
_UNPAUSE = f"{_UNDONE}：请在看板 Work Pools 页打开它的开关，或停下后重新运行 hallmark up；正在停止服务的，不必理会"
_START_AGAIN = f"{_UNDONE}：请看数据目录 logs/server.log，再运行 hallmark up（或 make run）；不该连这个地址的，取消环境变量 PREFECT_API_URL"
_WAIT_STARTING = "hallmark up 的窗口还开着，不要再启动一次：等一两分钟再看；仍是这样，请看那个窗口和数据目录 logs/server.log"
_WAIT = (
    "服务在运行，只是忙，不要再启动一次：等几分钟再看，其余各项到时再查；"
    "半小时后仍是这样，请看数据目录 logs/server.log，按 Ctrl-C 停下后重新运行 hallmark up"
)


def service(settings: Settings, now: datetime) -> list[Check]:
    """Look whether the server answers and, if so, whether a worker asked it for work lately and the clockwork is scheduled.

    ``now`` is aware. A server that is slow is asked again for a while.
    """
    api = api_of(settings)
    if api is None:
        return [_not_running(settings)]
    seen: list[Check] = []
    try:
        for check in _looked_at(api, now):
            seen.append(check)  # noqa: PERF402 - what was seen before the server fell silent is kept
    except Slow:
        return [warning("prefect", _TITLE, f"{api} 应答慢", _WAIT), *seen[1:]]
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError):  # an address that cannot be one
        if is_up(settings.folder, api):
            return [warning("prefect", _TITLE, f"{api} 正在启动或停止", _WAIT_STARTING)]
        return [broken("prefect", _TITLE, f"{api} 没有应答", _START_AGAIN)]
    return seen


def _looked_at(api: str, now: datetime) -> Iterator[Check]:
    """Look at one thing after another; raises where the server does not answer, or not in time."""
    ask(api, "/health").raise_for_status()
    yield good("prefect", _TITLE, f"{api} 正常")
    yield _worker(api, now)
    yield _schedules(api)
    yield automations(api)


def _not_running(settings: Settings) -> Check:
    """Tell a service that was stopped from one that nobody started yet: its server leaves a database in the home."""
    if (settings.folder / "prefect" / "prefect.db").exists():
        return broken("prefect", _TITLE, "已经停下", _START_STOPPED)
    return warning("prefect", _TITLE, "没有运行", _START)


def _worker(api: str, now: datetime) -> Check:
    mend = (
        "没有 worker，什么都不会办理。刚启动的，等一分钟再看；仍是这样，请看数据目录 logs/worker.log，按 Ctrl-C 停下后重新运行 hallmark up"
    )
    try:
        workers = answer_to(api, f"/work_pools/{WORK_POOL}/workers/filter", {})
        beats = [datetime.fromisoformat(worker["last_heartbeat_time"]) for worker in workers if worker["last_heartbeat_time"]]
        paused = _paused(api)
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        return broken("worker", "worker", f"查不到（{type(error).__name__}）", mend)
    if not beats:
        return broken("worker", "worker", "没有任何 worker 登记", mend)
    silent = now - max(beats)
    if silent > _SILENT:
        return broken("worker", "worker", f"{int(silent.total_seconds() // 60)} 分钟没有动静", mend)
    if paused:
        return broken("worker", "worker", f"{'、'.join(paused)}被暂停，什么都不领取", _UNPAUSE)
    return good("worker", "worker", "正在领取任务")


def _paused(api: str) -> list[str]:
    """Name what of the work pool is paused: a worker that lives takes nothing from it."""
    pool = answer_to(api, f"/work_pools/{WORK_POOL}")
    queues = answer_to(api, f"/work_pools/{WORK_POOL}/queues/filter", {})
    named = [f"队列 {queue['name']}" for queue in queues if queue["is_paused"]]
    return [*([f"工作池 {WORK_POOL}"] if pool["is_paused"] else []), *named]


def _schedules(api: str) -> Check:
    """Look whether the clockwork's deployments are there, unpaused, each with a schedule that is active."""
    title, mend = "定时计划", "请重新运行 hallmark up（它会重新部署）；被暂停的，在看板 Deployments 页打开它的开关"
    try:
        found = {name: _deployment(api, name) for name in _CLOCKWORK}
        idle = [name for name, deployment in found.items() if not _is_scheduled(deployment)]
        unplanned = [name for name, deployment in found.items() if deployment and not idle and not _has_next(api, deployment)]
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        return broken("schedules", title, f"查不到（{type(error).__name__}）", mend)
    if idle:
        return broken("schedules", title, f"{'、'.join(idle)} 没有部署，或被暂停：到期的事项不会自动办理", mend)
    if unplanned:
        wait = "刚启动的，等一两分钟再看；仍是这样，请看数据目录 logs/server.log，重新运行 hallmark up"
        return broken("schedules", title, f"{'、'.join(unplanned)} 没有排出下一次运行", wait)
    return good("schedules", title, "到期处理、发送消息、刷新看板都在计划中")


def _deployment(api: str, name: str) -> dict[str, Any] | None:
    answer = ask(api, f"/deployments/name/{quote(name)}")
    return None if answer.status_code == httpx.codes.NOT_FOUND else answer.raise_for_status().json()


def _is_scheduled(deployment: dict[str, Any] | None) -> bool:
    return deployment is not None and not deployment["paused"] and any(schedule["active"] for schedule in deployment["schedules"])


def _has_next(api: str, deployment: dict[str, Any]) -> bool:
    """Say whether the server has made the schedule's next runs: an active schedule alone makes nothing run."""
    waiting = {"state": {"type": {"any_": ["SCHEDULED"]}}}
    wanted = {"deployments": {"id": {"any_": [deployment["id"]]}}, "flow_runs": waiting}
    return bool(answer_to(api, "/flow_runs/count", wanted))
