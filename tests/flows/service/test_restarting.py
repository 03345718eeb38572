"""A worker that ends by itself is replaced, until it does so time and again."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.service import lifecycle
from flows.service.lifecycle import Service, ServiceFailed
from flows.service.plan import ServicePlan
from flows.service.processes import Child
from flows.service.stopping import StopSignals, wait_patiently
from tests.e2e.harness import free_port


class Fragile(Service):
    """A service whose worker ends as soon as it starts; there is no server to ask."""

    def _start_worker(self) -> None:
        log = self._plan.home / "worker.log"
        command = [sys.executable, "-S", "-c", "raise SystemExit(3)"]
        self._worker = Child("worker", command, environment={}, folder=self._plan.home, log=log)
        self._children.append(self._worker)

    def begin(self) -> None:
        """Start the worker alone."""
        self._start_worker()

    def look(self) -> None:
        """Look once the worker has ended."""
        worker = self._worker
        assert worker is not None
        assert wait_patiently(lambda: worker.ended, seconds=10)
        self.check()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def fragile(tmp_path: Path, told: list[str]) -> Iterator[Fragile]:
    service = Fragile(ServicePlan(home=tmp_path, host="127.0.0.1", port=free_port()), StopSignals(), told.append)
    service.begin()
    yield service
    service.stop()


def test_worker_that_ends_by_itself_is_started_again_three_times_and_then_ends_the_service(fragile: Fragile, told: list[str]) -> None:
    for _ in range(3):
        fragile.look()
    assert [line.partition("]")[2] for line in told] == [f"正在重新启动（第 {n} 次，至多 3 次）……" for n in (1, 2, 3)]
    assert "worker 自行退出（退出码 3）" in told[0]
    assert "worker.previous.log" in told[0]
    with pytest.raises(ServiceFailed, match="worker 自行退出（退出码 3）"):
        fragile.look()


def test_worker_that_lived_long_enough_may_end_as_often_again(fragile: Fragile, told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        fragile.look()
    monkeypatch.setattr(lifecycle, "_CALM_LOOKS", 0)
    fragile.look()
    assert told[-1].endswith("正在重新启动（第 1 次，至多 3 次）……")
