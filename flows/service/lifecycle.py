"""One running service: server, deployments, worker; started in this order, stopped in the reverse one."""

import signal
from collections.abc import Callable
from pathlib import Path

from flows.service.plan import WORK_POOL, ServicePlan
from flows.service.processes import Child, end_processes, previous_log, processes_of
from flows.service.stopping import POLL_SECONDS, StopSignals, wait_patiently
from states.errors import HallmarkError

_SERVER_START_SECONDS = 180.0
_DEPLOY_SECONDS = 300.0
_WORKER_STOP_SECONDS = 20.0  # a flow takes seconds: most of them end by themselves
_RUN_STOP_SECONDS = 5.0  # a run that is cut off tells the server so
_SERVER_STOP_SECONDS = 10.0  # an open dashboard keeps its connection
_LAST_SECONDS = 3.0
_RESTARTS = 3
_CALM_LOOKS = round(3600 / POLL_SECONDS)
"""A worker that has lived for so many looks, an hour, may end as often again as a new one."""


class ServiceFailed(HallmarkError):
    """The service did not come up, or one of its processes ended by itself; names the log to read."""


class Service:
    """The processes of one plan. ``tell`` takes one Chinese line for each step.

    The caller holds ``preflight.ready_to_start`` as long as the service lives.
    """

    def __init__(self, plan: ServicePlan, signals: StopSignals, tell: Callable[[str], None]) -> None:
        self._plan = plan
        self._signals = signals
        self._tell = tell
        self._children: list[Child] = []
        self._server: Child | None = None
        self._worker: Child | None = None
        self._restarts = 0
        self._calm = 0

    def start(self) -> None:
        """Start server, deployments and worker. Raises ``ServiceFailed``, and ``StopAsked`` when told to stop meanwhile."""
        self._start_server()
        self.deploy(self._plan.project)
        self._tell("正在启动 worker……")
        self._start_worker()

    def deploy(self, project: Path) -> None:
        """Make or renew every deployment of a folder's ``prefect.yaml``. Raises ``ServiceFailed``, ``StopAsked``."""
        self._tell("正在登记全部部署……")
        deploy = self._child("prefect deploy", "deploy", "--no-prompt", "deploy", "--all", folder=project)
        if not self._signals.wait_until(lambda: deploy.ended, seconds=_DEPLOY_SECONDS):
            raise ServiceFailed(f"登记部署超过 {_DEPLOY_SECONDS:.0f} 秒没有完成，详见 {deploy.log}。[prefect deploy is too slow]")
        self._children.remove(deploy)
        if deploy.exit_status != 0:
            raise ServiceFailed(f"登记部署失败，详见 {deploy.log}。[prefect deploy failed]")

    def check(self) -> None:
        """Start the worker again when it ended by itself. Raises ``ServiceFailed`` when the server did, or the worker time and again."""
        self._calm += 1
        if self._calm > _CALM_LOOKS:
            self._restarts = 0
        ended = [child for child in self._children if child.ended]
        if ended == [self._worker] and self._restarts < _RESTARTS:
            self._start_worker_again(ended[0])
        elif ended:
            raise ServiceFailed(_ended(ended[0], ended[0].log))

    def stop(self) -> None:
        """Stop the worker, then the server, then kill whatever is left of this home; safe at any moment, also twice."""
        try:
            self._stop_in_order()
        finally:
            for child in self._children:
                child.kill()
            self._children, self._worker, self._server = [], None, None
            end_processes(processes_of(self._plan.home), seconds=_LAST_SECONDS)

    def _stop_in_order(self) -> None:
        if self._worker is not None:
            self._tell("正在停止 worker（等运行中的流程结束）……")
            self._stop_worker(self._worker)
        if self._server is not None:
            self._tell("正在停止 Prefect 服务……")
            self._stop_server(self._server)

    def _start_server(self) -> None:
        plan = self._plan
        self._tell("正在启动 Prefect 服务（第一次约需 15 秒）……")
        server = self._child("Prefect 服务", "server", "server", "start", "--host", plan.host, "--port", str(plan.port))
        self._server = server
        # Imported while the server starts: both take seconds.
        from flows.service.prefect_setup import is_healthy, prepare_server

        if not self._signals.wait_until(lambda: server.ended or is_healthy(plan), seconds=_SERVER_START_SECONDS):
            raise ServiceFailed(f"Prefect 服务 {_SERVER_START_SECONDS:.0f} 秒没有就绪，详见 {server.log}。[the server is too slow]")
        self.check()
        prepare_server(plan)

    def _start_worker(self) -> None:
        self._worker = self._child(
            "worker", "worker", "worker", "start", "--pool", WORK_POOL, "--type", "process", "--name", WORK_POOL, "--limit", "4"
        )

    def _start_worker_again(self, dead: Child) -> None:
        """Let another worker take its place: what it had begun goes on, what it had only taken must be asked for again."""
        from flows.service.prefect_setup import close_runs_not_begun

        self._restarts, self._calm = self._restarts + 1, 0
        self._children.remove(dead)
        self._tell(f"{_ended(dead, previous_log(dead.log))}正在重新启动（第 {self._restarts} 次，至多 {_RESTARTS} 次）……")
        close_runs_not_begun(self._plan)
        self._start_worker()

    def _child(self, label: str, log: str, *arguments: str, folder: Path | None = None) -> Child:
        plan = self._plan
        environment = plan.server_environment() if log == "server" else plan.worker_environment()
        child = Child(label, [str(plan.prefect), *arguments], environment=environment, folder=folder or plan.project, log=plan.log(log))
        self._children.append(child)
        return child

    def _stop_worker(self, worker: Child) -> None:
        from flows.service.prefect_setup import hold_work

        # A worker that is asked to stop kills its runs at once, and they would stay Running for ever.
        hold_work(self._plan)
        wait_patiently(lambda: not worker.offspring() or self._in_vain(), seconds=_WORKER_STOP_SECONDS)
        end_processes(worker.offspring(), seconds=_RUN_STOP_SECONDS)
        worker.ask_to_stop()
        worker.wait(seconds=_LAST_SECONDS, hurried=lambda: self._signals.hurried)
        worker.kill()

    def _in_vain(self) -> bool:
        """Waiting for runs makes no sense: somebody is in a hurry, or the server that they report to is gone."""
        return self._signals.hurried or self._server is None or self._server.ended

    def _stop_server(self, server: Child) -> None:
        server.ask_to_stop()
        if not server.wait(seconds=_SERVER_STOP_SECONDS, hurried=lambda: self._signals.hurried):
            # Asked again, uvicorn no longer waits for open connections and closes its database.
            server.ask_to_stop(signal.SIGINT)
            server.wait(seconds=_LAST_SECONDS, hurried=lambda: False)
        server.kill()


def _ended(child: Child, log: Path) -> str:
    return f"{child.label} 自行退出（退出码 {child.exit_status}），详见 {log}。[{child.label} ended by itself]"
