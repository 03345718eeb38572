"""``hallmark up`` as a process of its own: what an operator sees, and what is left when it ends."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from playwright.sync_api import Page, expect
from prefect.client.orchestration import get_client

from flows.service.plan import PROJECT, ServicePlan
from flows.service.prefect_setup import is_healthy
from flows.service.processes import end_processes, processes_of
from flows.service.stopping import wait_patiently
from tests.e2e.harness import STUB, ask, free_port, run_state, start_run

pytestmark = pytest.mark.e2e

_UP = """
import sys
from pathlib import Path
from flows.up import run_up
home, port, project = sys.argv[1:]
alarm = lambda why, address: print(f"告警：{why}")
sys.exit(run_up(home=Path(home), host="127.0.0.1", port=int(port), demo=lambda: "演示届已开", project=Path(project), fallen=alarm))
"""


class Up:
    """One ``up`` in a process of its own."""

    def __init__(self, home: Path, *, port: int | None = None, project: Path = STUB) -> None:
        self.plan = ServicePlan(home=home, host="127.0.0.1", port=port or free_port(), project=project)
        self._screen = home.parent / f"{home.name}-{self.plan.port}.txt"
        with self._screen.open("wb") as output:
            arguments = [sys.executable, "-c", _UP, str(home), str(self.plan.port), str(project)]
            self.process = subprocess.Popen(arguments, stdout=output, stderr=subprocess.STDOUT, cwd=PROJECT)

    @property
    def screen(self) -> str:
        return self._screen.read_text(encoding="utf-8")

    def shows(self, text: str) -> bool:
        """Whether the text comes to stand on its screen before it ends."""
        wait_patiently(lambda: text in self.screen or self.process.poll() is not None, seconds=90)
        return text in self.screen

    def ends(self) -> int:
        return self.process.wait(timeout=60)

    def left(self) -> list[str]:
        return [" ".join(process.cmdline()) for process in processes_of(self.plan.home)]


@contextmanager
def up(home: Path, *, port: int | None = None, project: Path = STUB) -> Iterator[Up]:
    started = Up(home, port=port, project=project)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.process.kill()
            started.process.wait()
            end_processes(processes_of(home), seconds=5)


def test_up_shows_dashboard_and_ctrl_c_leaves_nothing(tmp_path: Path, page: Page, shoot: Callable[[Page, str], Path]) -> None:
    with up(tmp_path / "家") as service:
        assert service.shows("演示届已开"), service.screen
        page.goto(service.plan.ui_url)
        page.get_by_role("link", name="Deployments").click()
        expect(page.get_by_text("greet", exact=True).first).to_be_visible()
        shoot(page, "up-deployments")
        expect(page.get_by_text("Can't connect")).to_have_count(0)

        service.process.send_signal(signal.SIGINT)
        assert service.ends() == 0
        assert service.left() == []
        assert service.screen.splitlines()[-3:] == [
            "正在停止 worker（等运行中的流程结束）……",
            "正在停止 Prefect 服务……",
            "已停止。[stopped]",
        ]
        with pytest.raises(httpx.ConnectError):
            httpx.get(service.plan.api_url, trust_env=False)


def test_up_hurried_by_second_ctrl_c_cuts_run_off_and_next_start_goes_on(tmp_path: Path) -> None:
    with up(tmp_path) as first:
        assert first.shows("Hallmark 已就绪"), first.screen
        run_id = ask(first.plan, start_run("linger/linger"))
        assert wait_patiently(lambda: ask(first.plan, run_state(run_id)).is_running(), seconds=60)
        first.process.send_signal(signal.SIGINT)
        assert first.shows("正在停止 worker")
        first.process.send_signal(signal.SIGINT)
        assert first.ends() == 0
        assert first.left() == []
    with up(tmp_path) as second:
        assert second.shows("Hallmark 已就绪"), second.screen
        assert ask(second.plan, run_state(run_id)).is_crashed()
        assert second.plan.log("server").with_suffix(".previous.log").is_file()
        assert ask(second.plan, _automations()) == 1


def test_up_killed_is_cleaned_up_by_next_start_which_replaces_a_dead_worker_and_ends_with_the_server(tmp_path: Path) -> None:
    with up(tmp_path) as first:
        assert first.shows("Hallmark 已就绪"), first.screen
        run_id = ask(first.plan, start_run("linger/linger"))
        assert wait_patiently(lambda: ask(first.plan, run_state(run_id)).is_running(), seconds=60)
        first.process.kill()
        first.ends()
        (worker,) = [process for process in processes_of(tmp_path) if "worker" in process.cmdline()]
        worker.kill()
        assert wait_patiently(lambda: not worker.is_running(), seconds=10)
        assert any("server" in command for command in first.left())
        with up(tmp_path, port=first.plan.port) as second:
            assert second.shows("Hallmark 已就绪"), second.screen
            # The server, and the run where it outlived its worker: it may end by itself as soon as nobody reads its output.
            assert re.search(r"已结束遗留的 [12] 个进程", second.screen), second.screen
            state = ask(second.plan, run_state(run_id))
            assert state.is_crashed()
            _the_worker(second).kill()
            assert second.shows("正在重新启动（第 1 次"), second.screen
            assert "worker 自行退出（退出码 -9）" in second.screen
            after = ask(second.plan, start_run("greet/greet"))
            assert wait_patiently(lambda: ask(second.plan, run_state(after)).is_completed(), seconds=60)
            _the("server", second).kill()
            assert second.ends() == 1
            assert "告警：Prefect 服务 自行退出（退出码 -9）" in second.screen
            assert second.left() == []


def test_up_on_running_home_refuses_and_says_where_it_runs(tmp_path: Path) -> None:
    with up(tmp_path / "家") as first:
        assert wait_patiently(lambda: len(first.left()) == 1, seconds=30)
        with up(tmp_path / "家") as second:
            assert second.ends() == 2
            assert second.screen == (
                f"{tmp_path / '家'} 的 Hallmark 已在运行（{first.plan.ui_url}），直接打开看板即可；"
                "要重新启动，先在原窗口按 Ctrl-C。[already running on this home]\n"
            )
            assert len(first.left()) == 1


def test_up_terminated_while_starting_leaves_nothing(tmp_path: Path) -> None:
    with up(tmp_path) as service:
        assert wait_patiently(lambda: len(service.left()) == 1, seconds=30)
        service.process.terminate()
        assert service.ends() == 0
        assert service.left() == []
        assert not is_healthy(service.plan)


def test_up_whose_terminal_is_closed_stops_in_order(tmp_path: Path) -> None:
    plan = ServicePlan(home=tmp_path, host="127.0.0.1", port=free_port(), project=STUB)
    arguments = [sys.executable, "-c", _UP, str(plan.home), str(plan.port), str(plan.project)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=PROJECT) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert wait_patiently(lambda: is_healthy(plan), seconds=60)
        process.send_signal(signal.SIGHUP)
        assert process.wait(timeout=60) == 0
        assert processes_of(plan.home) == []


def test_up_with_busy_port_refuses_before_it_starts_anything(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with up(tmp_path / "家", port=port) as service:
            assert service.ends() == 2
            assert service.screen == f"端口 {port} 已被别的程序占用，请换一个端口，如 make run PORT={port + 1}。[port {port} is in use]\n"
            assert list((tmp_path / "家" / "logs").iterdir()) == []


def test_up_with_broken_deployment_fails_and_names_log(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "prefect.yaml").write_text("deployments:\n  - {name: x, entrypoint: nowhere.flow, work_pool: {name: hallmark}}\n")
    with up(tmp_path / "home", project=project) as service:
        assert service.ends() == 1
        assert f"登记部署失败，详见 {service.plan.log('deploy')}" in service.screen
        assert service.left() == []


async def _automations() -> int:
    async with get_client() as client:
        return len(await client.read_automations())


def _the_worker(service: Up) -> psutil.Process:
    return _the("worker", service)


def _the(kind: str, service: Up) -> psutil.Process:
    (found,) = [process for process in processes_of(service.plan.home) if process.cmdline()[2:4] == [kind, "start"]]
    return found
