"""What a fresh Prefect server needs before flows can run on it: a work pool, and a watch over runs that died silently."""

import asyncio
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import deepcopy
from datetime import timedelta
from typing import Any

import httpx
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType, WorkPoolFilter, WorkPoolFilterName
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.events.worker import EventsWorker
from prefect.exceptions import ObjectNotFound, PrefectException
from prefect.settings import PREFECT_API_URL, PREFECT_HOME, temporary_settings
from prefect.states import Crashed
from prefect.utilities.processutils import command_to_string
from prefect.workers.process import ProcessWorker

from flows.service.plan import WORK_POOL, ZOMBIE_WATCH, ServicePlan, no_proxy_to_ourselves

_HEARTBEAT = "prefect.flow-run.heartbeat"
# Whoever is killed before the first heartbeat left never sends one.
_BEGUN = "prefect.flow-run.Running"
# A state with a name of its own emits an event of that name: 已办理, 已拒绝, 待核对.
_FINAL = ("Completed", "Failed", "Crashed", "Cancelled", "已*", "待*")
# Three heartbeats of 30 s, Prefect's shortest.
_SILENCE = timedelta(seconds=90)
_DRAIN_SECONDS = 10.0
_HOLD_SECONDS = 5.0
_UNDER_WAY = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)
_CUT_OFF = "服务停止时没有做完；请重新提交，做过的不会做第二次。[cut off when the service stopped; submit it again]"


@contextmanager
def talking_to(plan: ServicePlan) -> Iterator[None]:
    """Inside, Prefect's clients of this process talk to the plan's server, whatever else this user has configured."""
    names = no_proxy_to_ourselves(os.environ)
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    try:
        with temporary_settings({PREFECT_API_URL: plan.api_url, PREFECT_HOME: plan.prefect_home}):
            yield
            # Events leave in the background, over a connection that would outlive the server.
            EventsWorker.drain_all(timeout=_DRAIN_SECONDS, at_exit=False)
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def is_healthy(plan: ServicePlan) -> bool:
    """Whether the server answers that it is well; False while it starts."""
    try:
        return httpx.get(f"{plan.api_url}/health", timeout=2, trust_env=False).is_success
    except httpx.TransportError:
        return False


def prepare_server(plan: ServicePlan) -> None:
    """Make the work pool and the zombie watch unless they stand, and close the runs of a service that was killed.

    To be called before the worker starts; doing it again changes nothing.
    """
    with talking_to(plan):
        asyncio.run(_prepare())


def close_runs_not_begun(plan: ServicePlan) -> None:
    """Close the runs that a worker took and died before it began them; those that run go on without it and say how they end.

    Where the server does not answer now, they stay as they are.
    """
    with talking_to(plan), suppress(httpx.HTTPError, PrefectException, TimeoutError):
        asyncio.run(_close_not_begun())


def hold_work(plan: ServicePlan) -> None:
    """Let the worker take no further run; ``prepare_server`` lifts it. A server that does not answer has no run to give."""
    with talking_to(plan), suppress(httpx.HTTPError, PrefectException, TimeoutError):
        asyncio.run(_hold())


async def _prepare() -> None:
    async with get_client() as client:
        await _make_work_pool(client)
        await _watch_zombies(client)
        # Only our worker serves this pool, and it does not run now: what is under way on the books is dead.
        await _close_runs(client, _UNDER_WAY)


async def _close_not_begun() -> None:
    async with asyncio.timeout(_HOLD_SECONDS), get_client() as client:
        await _close_runs(client, [StateType.PENDING])


async def _hold() -> None:
    async with asyncio.timeout(_HOLD_SECONDS), get_client() as client:
        await client.update_work_pool(WORK_POOL, WorkPoolUpdate(is_paused=True))


async def _make_work_pool(client: PrefectClient) -> None:
    try:
        standing = await client.read_work_pool(WORK_POOL)
    except ObjectNotFound:
        await client.create_work_pool(WorkPoolCreate(name=WORK_POOL, type="process", base_job_template=template_of_runs()))
    else:
        template = template_of_runs(standing.base_job_template)
        await client.update_work_pool(WORK_POOL, WorkPoolUpdate(is_paused=False, base_job_template=template))


def template_of_runs(standing: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Give the pool's template of runs, a standing one with what was changed in it by hand, and name the command of a run in it.

    Without a command the worker first starts another process that finds out how to run the flow, and each run takes longer to begin.
    A standing one of another release may not know the command at all.
    """
    shipped = ProcessWorker.get_default_base_job_template()
    template = deepcopy(dict(standing or shipped))
    known = template.setdefault("variables", {}).setdefault("properties", {})
    command = known.get("command") or deepcopy(shipped["variables"]["properties"]["command"])
    known["command"] = command | {"default": command_to_string([sys.executable, "-m", "prefect.engine"])}
    template.setdefault("job_configuration", {}).setdefault("command", shipped["job_configuration"]["command"])
    return template


async def _close_runs(client: PrefectClient, states: Iterable[StateType]) -> None:
    begun = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(states))))
    pool = WorkPoolFilter(name=WorkPoolFilterName(any_=[WORK_POOL]))
    while runs := await client.read_flow_runs(flow_run_filter=begun, work_pool_filter=pool):
        for run in runs:
            await client.set_flow_run_state(run.id, Crashed(message=_CUT_OFF), force=True)


async def _watch_zombies(client: PrefectClient) -> None:
    """Without it a run whose process and worker were both killed stays Running for ever."""
    standing = await client.read_automations_by_name(ZOMBIE_WATCH)
    if standing:
        await client.update_automation(standing[0].id, _zombie_watch())
    else:
        await client.create_automation(_zombie_watch())


def _zombie_watch() -> AutomationCore:
    return AutomationCore(
        name=ZOMBIE_WATCH,
        description="运行每 30 秒报一次心跳；90 秒没有心跳也没有结果的，判为崩溃。[marks zombie runs as Crashed]",
        trigger=EventTrigger(
            after={_BEGUN, _HEARTBEAT},
            expect={_HEARTBEAT, *(f"prefect.flow-run.{name}" for name in _FINAL)},
            match=ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"}),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=_SILENCE,
        ),
        actions=[ChangeFlowRunState(state=StateType.CRASHED, message="进程不在了：90 秒没有心跳 [no heartbeat]")],
    )
