"""A run whose process and worker were both killed tells nobody: the server must notice by itself."""

from pathlib import Path

import pytest

from flows.service.processes import processes_of
from flows.service.stopping import wait_patiently
from tests.e2e.harness import STUB, run_state, running, start_run

pytestmark = pytest.mark.drill


def test_run_killed_with_its_worker_is_crashed_after_its_silence(tmp_path: Path) -> None:
    with running(tmp_path, project=STUB) as service:
        run_id = service.ask(start_run("linger/linger"))
        quick = service.run("greet/greet")
        assert wait_patiently(lambda: service.ask(run_state(run_id)).is_running(), seconds=60)
        for process in processes_of(tmp_path):
            if "server" not in process.cmdline():
                process.kill()
        assert wait_patiently(lambda: service.ask(run_state(run_id)).is_crashed(), seconds=180)
        assert service.ask(run_state(run_id)).message == "进程不在了：90 秒没有心跳 [no heartbeat]"
        assert service.ask(run_state(quick.id)).is_completed()
