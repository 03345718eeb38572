"""Child processes: each in a session of its own, its output in a log file, stopped with everything it started."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from flows.service.plan import MARK
from flows.service.stopping import wait_patiently


class Child:
    """One child process. ``label`` is Chinese, for the operator.

    A session of its own keeps a terminal's Ctrl-C away from it: who started it stops it, in order.
    """

    def __init__(self, label: str, command: Sequence[str], *, environment: Mapping[str, str], folder: Path, log: Path) -> None:
        self.label = label
        self.log = log
        keep_previous(log)
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                env=environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def exit_status(self) -> int | None:
        """Its exit status, None while it runs; negative for the signal that ended it."""
        return self._process.poll()

    @property
    def ended(self) -> bool:
        """It runs no more."""
        return self.exit_status is not None

    def ask_to_stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send a signal to the process alone, not to what it started."""
        if not self.ended:
            self._process.send_signal(number)

    def wait(self, *, seconds: float, hurried: Callable[[], bool]) -> bool:
        """Wait for its end; False when it still runs after ``seconds``, or when somebody is in a hurry."""
        wait_patiently(lambda: self.ended or hurried(), seconds=seconds)
        return self.ended

    def offspring(self) -> list[psutil.Process]:
        """What it started and what those started, as far as it still runs."""
        try:
            return psutil.Process(self._process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def kill(self) -> None:
        """End the process group at once, and collect the child."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def keep_previous(log: Path) -> None:
    """Make room for a new log file; the one of the last start stays beside it as ``<name>.previous.log``."""
    if log.exists():
        log.replace(previous_log(log))


def previous_log(log: Path) -> Path:
    """Name the file to which a log goes when its process is started again."""
    return log.with_suffix(".previous.log")


def processes_of(home: Path) -> list[psutil.Process]:
    """Every process that a service with this home started, found by the mark in its environment.

    A run outlives a killed worker, and a server whoever started it, so no parent leads to them.
    """
    return [process for process in psutil.process_iter() if _marked(process, str(home))]


def end_processes(processes: Iterable[psutil.Process], *, seconds: float) -> int:
    """End them: asked first, killed after ``seconds``. Returns how many there were."""
    found = list(processes)
    for process in found:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(found, timeout=seconds)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=seconds)
    return len(found)


def _marked(process: psutil.Process, home: str) -> bool:
    try:
        return process.pid != os.getpid() and process.environ().get(MARK) == home
    except (psutil.Error, OSError):  # ended meanwhile, or another user's
        return False
