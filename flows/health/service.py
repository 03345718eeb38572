"""The Prefect server and its worker, as seen from outside: nothing of the house depends on them for being true."""

import json
import os
from datetime import datetime, timedelta

import httpx

from config.settings import Settings
from flows.health.checks import Check, good, warning
from flows.service.plan import WORK_POOL

_SILENT = timedelta(minutes=2)
_TIMEOUT = 3.0
_START = "需要看板和定时催办时，运行 hallmark up（或 make run）"


def service(settings: Settings, now: datetime) -> list[Check]:
    """Look whether the server answers and, if so, whether a worker asked it for work lately. ``now`` is aware."""
    api = _api(settings)
    try:
        healthy = api is not None and httpx.get(f"{api}/health", timeout=_TIMEOUT, trust_env=False).is_success
    except (httpx.HTTPError, httpx.InvalidURL):
        healthy = False
    if api is None or not healthy:
        return [warning("prefect", "Prefect 服务", "没有运行" if api is None else f"{api} 没有应答", _START)]
    return [good("prefect", "Prefect 服务", f"{api} 正常"), _worker(api, now)]


def _api(settings: Settings) -> str | None:
    """Give where the server should be: where this environment says, else where the running service wrote it down."""
    if api := os.environ.get("PREFECT_API_URL"):
        return api.rstrip("/")
    try:
        return f"{json.loads((settings.folder / 'up.json').read_text(encoding='utf-8'))['url']}/api"
    except (OSError, ValueError, KeyError):
        return None


def _worker(api: str, now: datetime) -> Check:
    mend = "请看数据目录 logs/worker.log；重新运行 hallmark up"
    try:
        answer = httpx.post(f"{api}/work_pools/{WORK_POOL}/workers/filter", json={}, timeout=_TIMEOUT, trust_env=False)
        answer.raise_for_status()
        beats = [datetime.fromisoformat(worker["last_heartbeat_time"]) for worker in answer.json() if worker["last_heartbeat_time"]]
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        return warning("worker", "worker", f"查不到（{type(error).__name__}）", mend)
    if not beats:
        return warning("worker", "worker", "没有任何 worker 登记", mend)
    silent = now - max(beats)
    if silent > _SILENT:
        return warning("worker", "worker", f"{int(silent.total_seconds() // 60)} 分钟没有动静", mend)
    return good("worker", "worker", "正在领取任务")
