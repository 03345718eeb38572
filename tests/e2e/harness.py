"""The real service for tests: started, deployed and stopped by the same code as ``hallmark up``."""

import asyncio
import socket
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactCollectionFilter, ArtifactCollectionFilterKey, LogFilter, LogFilterFlowRunId
from prefect.client.schemas.objects import ArtifactCollection, FlowRun, State

from flows.service.lifecycle import Service
from flows.service.plan import PROJECT, ServicePlan
from flows.service.prefect_setup import talking_to
from flows.service.preflight import ready_to_start
from flows.service.stopping import StopSignals

STUB = Path(__file__).with_name("stub")
RUN_SECONDS = 120.0
_POLL_SECONDS = 0.3
_Answer = TypeVar("_Answer")


class Hallmark:
    """A running service. ``run`` and ``artifact`` go through Prefect's own client, as an operator's browser would."""

    def __init__(self, plan: ServicePlan, service: Service) -> None:
        self.plan = plan
        self.home = plan.home
        self.api_url = plan.api_url
        self.ui_url = plan.ui_url
        self._service = service

    def deploy(self, folder: Path) -> None:
        """Add the deployments of another folder's ``prefect.yaml``."""
        self._service.deploy(folder)

    def ask(self, question: Coroutine[Any, Any, _Answer]) -> _Answer:
        """Await something that talks to this server; also while a browser's event loop runs in this thread."""
        return ask(self.plan, question)

    def run(self, deployment: str, parameters: dict[str, Any] | None = None, *, seconds: float = RUN_SECONDS) -> FlowRun:
        """Run ``flow/deployment`` and wait for its final state; fails when it has none after ``seconds``."""
        run = self.ask(_run(deployment, parameters, seconds))
        assert run.state is not None
        assert run.state.is_final(), f"{deployment} is {run.state!r} after {seconds} s:\n" + "\n".join(self.logs(run.id))
        return run

    def logs(self, run_id: UUID) -> list[str]:
        """What a run logged, in order."""
        return self.ask(_logs(run_id))

    def tags(self, run_id: UUID) -> list[str]:
        """The tags of a run."""
        return self.ask(_tags(run_id))

    def artifact(self, key: str) -> str | None:
        """The newest content of an artifact, None when there is none."""
        found = self.ask(_latest(key))
        return None if found is None else str(found.data)

    def artifact_page(self, key: str) -> str:
        """The address of the newest artifact of a key in the dashboard."""
        found = self.ask(_latest(key))
        assert found is not None, f"no artifact {key}"
        return f"{self.ui_url}/v2/artifacts/artifact/{found.latest_id}"


@contextmanager
def running(home: Path, *, project: Path = PROJECT, variables: dict[str, str] | None = None) -> Iterator[Hallmark]:
    """Run the whole service on a free port and stop it in order."""
    plan = ServicePlan(home=home, host="127.0.0.1", port=free_port(), project=project, variables=variables or {})
    service = Service(plan, StopSignals(), tell=print)
    with ready_to_start(plan):
        try:
            service.start()
            yield Hallmark(plan, service)
        finally:
            service.stop()


def ask(plan: ServicePlan, question: Coroutine[Any, Any, _Answer]) -> _Answer:
    """Await something that talks to the plan's server, in a thread of its own: Playwright keeps this one's loop."""

    def answer() -> _Answer:
        with talking_to(plan):
            return asyncio.run(question)

    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(answer).result()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def start_run(deployment: str, parameters: dict[str, Any] | None = None) -> UUID:
    """Submit ``flow/deployment`` as an operator's form does; gives the run's id."""
    async with get_client() as client:
        found = await client.read_deployment_by_name(deployment)
        run = await client.create_flow_run_from_deployment(found.id, parameters=parameters)
    return run.id


async def run_state(run_id: UUID) -> State:
    """The state of a run as it stands."""
    async with get_client() as client:
        run = await client.read_flow_run(run_id)
    assert run.state is not None
    return run.state


async def _run(deployment: str, parameters: dict[str, Any] | None, seconds: float) -> FlowRun:
    run_id = await start_run(deployment, parameters)
    async with get_client() as client:
        for _ in range(round(seconds / _POLL_SECONDS)):
            run = await client.read_flow_run(run_id)
            if run.state is not None and run.state.is_final():
                break
            await asyncio.sleep(_POLL_SECONDS)
    return run


async def _tags(run_id: UUID) -> list[str]:
    async with get_client() as client:
        return list((await client.read_flow_run(run_id)).tags)


async def _logs(run_id: UUID) -> list[str]:
    async with get_client() as client:
        lines = await client.read_logs(LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run_id])))
    return [line.message for line in lines]


async def _latest(key: str) -> ArtifactCollection | None:
    wanted = ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(any_=[key]))
    async with get_client() as client:
        found = await client.read_latest_artifacts(artifact_filter=wanted)
    return found[0] if found else None
