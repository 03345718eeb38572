"""``hallmark up``: the whole service on this machine, until somebody presses Ctrl-C."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Thread

from rich.console import Console

from flows.service.lifecycle import Service
from flows.service.plan import PROJECT, ServicePlan
from flows.service.preflight import note_failure, ready_to_start
from flows.service.stopping import POLL_SECONDS, StopAsked, StopSignals
from states.errors import HallmarkError

_TURNS_OF_WATCH = round(600 / POLL_SECONDS)
_TURNS_OF_NAMES = tuple(round(seconds / POLL_SECONDS) for seconds in (15, 90))
"""The server plans the runs of new deployments within seconds, others within a minute."""
STOPPED, FAILED, REFUSED = 0, 1, 2


def run_up(
    *,
    home: Path,
    host: str,
    port: int,
    demo: Callable[[], str] | None = None,
    prepare: Callable[[], None] | None = None,
    name: Callable[[], object] | None = None,
    watch: Callable[[str], object] | None = None,
    fallen: Callable[[str, str], object] | None = None,
    variables: Mapping[str, str] | None = None,
    project: Path = PROJECT,
) -> int:
    """Start server, deployments and worker and wait; Ctrl-C stops worker, then server. Main thread only.

    ``prepare`` runs before anything starts and may refuse by a ``HallmarkError``. ``demo`` runs when everything stands,
    with Prefect's clients talking to the new server, and returns lines for the operator. ``name`` runs
    twice soon after, ``watch`` gets the dashboard's address every ten minutes, each in a thread of its own and with Prefect's clients
    talking to the server too; they raise nothing. ``fallen`` gets the reason and that address where the service has failed and is
    stopped, and raises nothing either. ``variables`` go to the worker and its flows. Returns 0 when stopped, 1 when the server ended by
    itself, the worker did so time and again, or one of them did not come up, 2 when it cannot start here: then nothing was started.
    """
    plan = ServicePlan(home=home.absolute(), host=host, port=port, project=project.absolute(), variables=dict(variables or {}))
    screen = _Screen()
    signals = StopSignals()
    try:
        with signals.installed(), ready_to_start(plan) as leftovers:
            if prepare is not None:
                prepare()
            screen.tell_leftovers(leftovers)
            return _serve(plan, signals, screen, demo, _Asides(plan, name, watch, fallen))
    except HallmarkError as refusal:
        screen.error(str(refusal))
        return REFUSED


def _serve(plan: ServicePlan, signals: StopSignals, screen: "_Screen", demo: Callable[[], str] | None, asides: "_Asides") -> int:
    try:
        with _started(plan, signals, screen) as service:
            screen.welcome(plan, _open_demo(plan, signals, demo))
            turns = count(1)
            while True:
                service.check()
                asides.begin(next(turns))
                signals.sleep(POLL_SECONDS)
    except StopAsked:
        screen.tell("已停止。[stopped]")
        return STOPPED
    except HallmarkError as failure:
        note_failure(plan)
        screen.error(str(failure))
        if asides.fallen is not None:  # perhaps nobody looks at the screen
            asides.fallen(str(failure), plan.ui_url)
        return FAILED


@dataclass(frozen=True)
class _Asides:
    """What the service does beside waiting: a worker that stands still cannot, and one that has just begun has not yet.

    In threads: neither a dead mail server nor a slow one of Prefect's may keep Ctrl-C waiting.
    """

    plan: ServicePlan
    name: Callable[[], object] | None
    watch: Callable[[str], object] | None
    fallen: Callable[[str, str], object] | None = None

    def begin(self, turn: int) -> None:
        """Begin what is due at a turn of the loop."""
        if self.name is not None and turn in _TURNS_OF_NAMES:
            Thread(target=self._talking, args=(self.name,), daemon=True).start()
        if self.watch is not None and turn % _TURNS_OF_WATCH == 0:
            Thread(target=self._talking, args=(self.watch, self.plan.ui_url), daemon=True).start()

    def _talking(self, do: Callable[..., object], *arguments: object) -> None:
        from flows.service.prefect_setup import talking_to

        with talking_to(self.plan):
            do(*arguments)


@contextmanager
def _started(plan: ServicePlan, signals: StopSignals, screen: "_Screen") -> Iterator[Service]:
    service = Service(plan, signals, screen.tell)
    try:
        service.start()
        yield service
    finally:
        service.stop()


def _open_demo(plan: ServicePlan, signals: StopSignals, demo: Callable[[], str] | None) -> str:
    from flows.service.prefect_setup import talking_to

    if demo is None:
        return ""
    with talking_to(plan), signals.interrupting():
        return demo()


@contextmanager
def _even_unseen() -> Iterator[None]:
    """A terminal that was closed must not keep us from stopping in order (Rich turns a broken pipe into an exit)."""
    with suppress(OSError, SystemExit):
        yield


class _Screen:
    """What the operator sees in the terminal; a line is never cut, so that an address can be copied."""

    def __init__(self) -> None:
        self._console = Console(soft_wrap=True, markup=False, highlight=False)
        self._errors = Console(stderr=True, soft_wrap=True, markup=False, highlight=False, style="bold red")

    def tell(self, line: str) -> None:
        with _even_unseen():
            self._console.print(line)

    def error(self, sentence: str) -> None:
        with _even_unseen():
            self._errors.print(sentence)

    def tell_leftovers(self, count: int) -> None:
        if count:
            self.tell(f"上次没有正常停止，已结束遗留的 {count} 个进程。")

    def welcome(self, plan: ServicePlan, demo: str) -> None:
        for line in (*_first_clicks(plan), *_elsewhere(plan), *filter(None, (demo,))):
            self.tell(line)
        self.tell(f"日志在 {plan.home / 'logs'}；按 Ctrl-C 停止。")


def _first_clicks(plan: ServicePlan) -> list[str]:
    return [
        f"Hallmark 已就绪：{plan.ui_url}",
        "先看这里：",
        f"  1. 看板：{plan.ui_url}/v2/artifacts ，打开 board-…（V2 的左侧菜单里没有这一项，请收藏这个地址）",
        f"  2. 办理：{plan.ui_url}/v2/deployments ，选一项，右上角 Run → Custom run，填表提交",
        f"  3. 结果：{plan.ui_url}/v2/runs ，每次办理一行；被拒绝的写明原因",
    ]


def _elsewhere(plan: ServicePlan) -> list[str]:
    if plan.host in {"0.0.0.0", "::"}:  # noqa: S104 - the operator asked for it by name
        return [f"局域网内的其他电脑：http://<本机地址>:{plan.port}"]
    return []
