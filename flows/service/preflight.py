"""What must hold before a service starts; every refusal is one sentence that names the mend."""

import errno
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from flows.service.plan import ServicePlan
from flows.service.processes import end_processes, processes_of
from states.errors import HallmarkError

_LEFTOVER_SECONDS = 5.0


class StartRefused(HallmarkError):
    """The service cannot start here; nothing was started. The Chinese sentence is followed by English in brackets."""


@contextmanager
def ready_to_start(plan: ServicePlan) -> Iterator[int]:
    """Check everything and hold the home's lock inside; gives how many processes of a killed service were ended.

    Raises ``StartRefused``.
    """
    _check_installation(plan)
    _make_folders(plan)
    with _only_service(plan):
        leftovers = end_processes(processes_of(plan.home), seconds=_LEFTOVER_SECONDS)
        _check_address(plan)
        yield leftovers


def _check_installation(plan: ServicePlan) -> None:
    if not os.access(plan.prefect, os.X_OK):
        raise StartRefused(f"环境不完整：找不到 {plan.prefect}，请运行 make setup 重新安装。[incomplete environment: no prefect command]")
    if not plan.deployments.is_file():
        raise StartRefused(f"找不到 {plan.deployments}，请在完整的 Hallmark 文件夹里运行。[prefect.yaml is missing]")


def _make_folders(plan: ServicePlan) -> None:
    try:
        for folder in plan.folders:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _try_to_write(folder)
    except OSError as error:
        place = error.filename or plan.home
        raise StartRefused(
            f"无法写入 {place}（{_reason(error)}），请用环境变量 HALLMARK_HOME 指定一个可写的文件夹。[cannot write to HALLMARK_HOME]"
        ) from error


def _try_to_write(folder: Path) -> None:
    probe = folder / ".writable"
    probe.write_bytes(b"1")
    probe.unlink(missing_ok=True)


@contextmanager
def _only_service(plan: ServicePlan) -> Iterator[None]:
    lock = FileLock(plan.home / "up.lock")
    address = plan.home / "up.json"
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        where = _running_address(address)
        raise StartRefused(
            f"{plan.home} 的 Hallmark 已在运行{where}，直接打开看板即可；要重新启动，先在原窗口按 Ctrl-C。[already running on this home]"
        ) from error
    try:
        address.write_text(json.dumps({"pid": os.getpid(), "url": plan.ui_url}), encoding="utf-8")
        yield
    finally:
        if not _failed(address):
            address.unlink(missing_ok=True)
        lock.release()


def note_failure(plan: ServicePlan) -> None:
    """Leave the address behind when the lock is given up: a service that ended by itself should run, and ``doctor`` says so."""
    with suppress(OSError):
        (plan.home / "up.json").write_text(json.dumps({"pid": os.getpid(), "url": plan.ui_url, "failed": True}), encoding="utf-8")


def _failed(address: Path) -> bool:
    with suppress(OSError, ValueError, AttributeError):
        return bool(json.loads(address.read_text(encoding="utf-8")).get("failed"))
    return False


def _running_address(address: Path) -> str:
    """Where the other instance says that it listens; "" when it has not said so yet."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return f"（{json.loads(address.read_text(encoding='utf-8'))['url']}）"
    return ""


def is_up(home: Path, api: str) -> bool:
    """Say whether the process lives that holds this home for a service of this API, be its server still starting or stopping already."""
    with suppress(OSError, ValueError, KeyError, TypeError, psutil.Error):
        noted = json.loads((home / "up.json").read_text(encoding="utf-8"))
        return f"{noted['url']}/api" == api and "up" in psutil.Process(noted["pid"]).cmdline()
    return False


def _check_address(plan: ServicePlan) -> None:
    if not 1 <= plan.port <= 65535:
        raise StartRefused(f"端口 {plan.port} 不存在，请用 1 到 65535 之间的端口，如 make run PORT=4200。[no such port]")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(plan.host, plan.port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise StartRefused(f"地址 {plan.host} 无法识别，请用 127.0.0.1 或 0.0.0.0。[unknown host]") from error
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise StartRefused(_address_refusal(plan, error)) from error


def _address_refusal(plan: ServicePlan, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"端口 {plan.port} 已被别的程序占用，请换一个端口，如 make run PORT={_another(plan.port)}。[port {plan.port} is in use]"
    if error.errno == errno.EACCES:
        return f"没有权限使用端口 {plan.port}，请用 1024 以上的端口，如 make run PORT=4200。[no permission for port {plan.port}]"
    return f"本机不能在 {plan.host}:{plan.port} 上监听（{_reason(error)}），请用 127.0.0.1 或 0.0.0.0。[cannot listen there]"


def _another(port: int) -> int:
    return port + 1 if port < 65535 else 4200


def _reason(error: OSError) -> str:
    return os.strerror(error.errno or errno.EIO)
