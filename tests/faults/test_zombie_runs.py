"""A run whose process and worker were both killed tells nobody: the server must notice by itself."""

from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from prefect.states import Pending, Running

from flows.service.processes import processes_of
from flows.service.stopping import wait_patiently
from tests.e2e.harness import STUB, Hallmark, run_state, running, start_run

pytestmark = pytest.mark.drill


def test_run_killed_with_its_worker_is_crashed_after_its_silence(tmp_path: Path) -> None:
    with running(tmp_path, project=STUB) as service:
        run_id = service.ask(start_run("linger/linger"))
        silent = service.ask(_begun_without_a_heartbeat())
        quick = service.run("greet/greet")
        assert wait_patiently(lambda: service.ask(run_state(run_id)).is_running(), seconds=60)
        for process in processes_of(tmp_path):
            if "server" not in process.cmdline():
                process.kill()
        for dead in (run_id, silent):
            assert wait_patiently(partial(_is_crashed, service, dead), seconds=180)
            assert service.ask(run_state(dead)).message == "进程不在了：90 秒没有心跳 [no heartbeat]"
        assert service.ask(run_state(quick.id)).is_completed()


def _is_crashed(service: Hallmark, run_id: UUID) -> bool:
    return service.ask(run_state(run_id)).is_crashed()


async def _begun_without_a_heartbeat() -> UUID:
    """Make a run of which the server knows that it began and nothing more: it died before its first heartbeat left."""
    async with get_client() as client:
        deployment = await client.read_deployment_by_name("linger/linger")
        run = await client.create_flow_run_from_deployment(deployment.id, state=Pending())
        await client.set_flow_run_state(run.id, Running(), force=True)
    return run.id
