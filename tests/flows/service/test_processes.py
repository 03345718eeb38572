import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.service.plan import MARK
from flows.service.processes import Child, end_processes, keep_previous, processes_of
from flows.service.stopping import wait_patiently

LINGER = "import time; print('ready', flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {LINGER}"
# A grandchild in a session of its own, as a worker starts its runs.
BREEDER = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {LINGER!r}], start_new_session=True).wait()"


@pytest.fixture(autouse=True)
def nothing_left(tmp_path: Path) -> Iterator[None]:
    yield
    end_processes(processes_of(tmp_path), seconds=1)


def child(home: Path, code: str) -> Child:
    started = Child(
        "测试", [sys.executable, "-c", code], environment={**os.environ, MARK: str(home)}, folder=home, log=home / "logs" / "child.log"
    )
    assert wait_patiently(lambda: "ready" in started.log.read_text(), seconds=20)
    return started


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    return tmp_path


def test_child_has_session_of_its_own_and_writes_to_log(home: Path) -> None:
    started = child(home, LINGER)
    (process,) = processes_of(home)
    assert os.getsid(process.pid) == process.pid != os.getsid(0)
    assert started.log.read_text() == "ready\n"
    assert started.exit_status is None
    started.kill()


def test_child_asked_to_stop_ends_with_its_signal(home: Path) -> None:
    started = child(home, LINGER)
    started.ask_to_stop()
    assert started.wait(seconds=10, hurried=lambda: False)
    assert started.exit_status == -signal.SIGTERM
    started.kill()
    assert processes_of(home) == []


def test_stubborn_child_is_not_waited_for_in_hurry_and_is_killed(home: Path) -> None:
    started = child(home, STUBBORN)
    started.ask_to_stop()
    assert not started.wait(seconds=600, hurried=lambda: True)
    started.kill()
    assert started.exit_status == -signal.SIGKILL


def test_grandchild_in_other_session_is_found_after_child_is_killed(home: Path) -> None:
    started = child(home, BREEDER)
    assert len(started.offspring()) == 1
    started.kill()
    assert started.offspring() == []
    assert len(processes_of(home)) == 1
    assert end_processes(processes_of(home), seconds=5) == 1
    assert processes_of(home) == []


def test_stubborn_process_is_killed_after_its_time(home: Path) -> None:
    started = child(home, STUBBORN)
    assert end_processes(processes_of(home), seconds=0.05) == 1
    assert processes_of(home) == []
    started.kill()


def test_processes_of_other_home_are_left_alone(home: Path) -> None:
    started = child(home, LINGER)
    assert processes_of(home / "other") == []
    started.kill()


def test_log_of_last_start_stays_beside_new_one(home: Path) -> None:
    log = home / "logs" / "server.log"
    keep_previous(log)
    for text in ("one", "two", "three"):
        keep_previous(log)
        log.write_text(text)
    assert {path.name: path.read_text() for path in log.parent.iterdir()} == {"server.log": "three", "server.previous.log": "two"}
