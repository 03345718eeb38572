"""doctor on Prefect's side: whether a service that should run does, and does what the house needs of it."""

import json
import os
import socket
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import pytest

from config.settings import Settings
from flows.health import Level, check_up
from flows.health.checks import Check
from flows.service.plan import ZOMBIE_WATCH
from states.clock import VirtualClock
from tests.flows.cli.conftest import Hallmark
from tests.flows.cli.prefect_stub import SCHEDULED, server

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
SEEN = ("prefect", "worker", "schedules", "automations")


def prefect(home: Path) -> dict[str, Check]:
    return {check.what: check for check in check_up(Settings(home=home), VirtualClock(NOW)) if check.what in SEEN}


def test_a_service_that_is_starting_is_not_to_be_started_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    home.mkdir()
    address = home / "up.json"
    with Popen([sys.executable, "-c", "input()", "up"], stdin=PIPE) as starting:
        address.write_text(json.dumps({"pid": starting.pid, "url": "http://127.0.0.1:9"}), encoding="utf-8")
        found = prefect(home)["prefect"]
        assert (found.level, found.found) == (Level.WARNING, "http://127.0.0.1:9/api 正在启动或停止")
        assert "不要再启动一次" in found.mend
        monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:10/api")
        assert prefect(home)["prefect"].level is Level.BROKEN  # another server, which is not there
        monkeypatch.delenv("PREFECT_API_URL")
        starting.communicate(b"\n")
    assert prefect(home)["prefect"].level is Level.BROKEN
    address.write_text(
        json.dumps({"pid": os.getpid(), "url": "http://127.0.0.1:9"}), encoding="utf-8"
    )  # another program has that number now
    assert prefect(home)["prefect"].level is Level.BROKEN


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits in a test."""
    monkeypatch.setattr("flows.service.asking._PAUSE_SECONDS", 0.0)
    monkeypatch.setattr("flows.service.asking.PATIENCE_SECONDS", 0.5)


def test_doctor_fails_where_the_service_was_stopped(hallmark: Hallmark, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    (home / "prefect").mkdir(parents=True)
    assert hallmark("doctor").status == 0
    (home / "prefect" / "prefect.db").touch()
    stopped = hallmark("doctor")
    assert stopped.status == 1
    assert "故障 Prefect 服务：已经停下。到期的事项不会自动办理，催办发不出：请运行 hallmark up" in stopped.out


def test_a_server_that_is_overloaded_for_a_moment_is_asked_again(home: Path, monkeypatch: pytest.MonkeyPatch, impatient: None) -> None:
    with server([{"last_heartbeat_time": NOW.isoformat()}], busy=3) as api:
        monkeypatch.setenv("PREFECT_API_URL", api)
        assert {check.level for check in prefect(home).values()} == {Level.GOOD}


def test_a_server_that_stays_slow_is_told_from_one_that_is_dead(home: Path, monkeypatch: pytest.MonkeyPatch, impatient: None) -> None:
    with server([], busy=10**9) as api:
        monkeypatch.setenv("PREFECT_API_URL", api)
        overloaded = prefect(home)
    monkeypatch.setattr("flows.service.asking._ANSWER_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as hung:
        monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{hung.getsockname()[1]}/api")
        silent = prefect(home)
    for found in (overloaded, silent):
        assert list(found) == ["prefect"]
        assert (found["prefect"].level, found["prefect"].found.endswith("应答慢")) == (Level.WARNING, True)
        assert "不要再启动一次" in found["prefect"].mend


@pytest.mark.parametrize(
    ("off", "missing", "said"),
    [
        ([], [], "5 项都开着"),
        (["有新通知时发送"], [], "“有新通知时发送”被关掉"),
        ([], [ZOMBIE_WATCH, "运行出错时告警"], f"“{ZOMBIE_WATCH}”没有登记、“运行出错时告警”没有登记"),
    ],
)
def test_what_the_server_starts_by_itself_must_be_on(
    home: Path, monkeypatch: pytest.MonkeyPatch, off: list[str], missing: list[str], said: str
) -> None:
    with server([], off=off, missing=missing) as api:
        monkeypatch.setenv("PREFECT_API_URL", api)
        found = prefect(home)["automations"]
    assert (found.level, found.found) == (Level.BROKEN if off or missing else Level.GOOD, said)
    assert bool(found.mend) == bool(off or missing)


def test_doctor_fails_where_a_service_should_run_and_does_not(hallmark: Hallmark, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    never = hallmark("doctor")
    assert never.status == 0
    assert "注意 Prefect 服务：没有运行" in never.out
    home.mkdir()
    with server([{"last_heartbeat_time": datetime.now(UTC).isoformat()}]) as api:
        (home / "up.json").write_text(json.dumps({"pid": 1, "url": api.removesuffix("/api")}))
        assert hallmark("doctor").status == 0
    dead = hallmark("doctor")
    assert dead.status == 1
    assert f"故障 Prefect 服务：{api} 没有应答。到期的事项不会自动办理" in dead.out
    assert "hallmark up" in dead.out


@pytest.mark.parametrize(
    ("workers", "level", "said"),
    [
        ([{"last_heartbeat_time": (NOW - timedelta(seconds=20)).isoformat()}], Level.GOOD, "正在领取任务"),
        ([{"last_heartbeat_time": (NOW - timedelta(minutes=7)).isoformat()}], Level.BROKEN, "7 分钟没有动静"),
        ([{"last_heartbeat_time": (NOW - timedelta(minutes=2)).isoformat()}], Level.GOOD, "正在领取任务"),
        ([{"last_heartbeat_time": (NOW - timedelta(seconds=121)).isoformat()}], Level.BROKEN, "2 分钟没有动静"),
        ([{"last_heartbeat_time": None}], Level.BROKEN, "没有任何 worker 登记"),
        ([], Level.BROKEN, "没有任何 worker 登记"),
        (None, Level.BROKEN, "查不到"),
    ],
)
def test_the_worker_is_seen_through_its_server(
    home: Path, monkeypatch: pytest.MonkeyPatch, workers: list[dict[str, Any]] | None, level: Level, said: str
) -> None:
    with server(workers) as api:
        monkeypatch.setenv("PREFECT_API_URL", api)
        found = prefect(home)
    assert found["prefect"].level is Level.GOOD
    assert found["worker"].level is level
    assert said in found["worker"].found


def test_a_running_service_is_found_by_what_it_wrote_down(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    home.mkdir()
    with server([]) as api:
        (home / "up.json").write_text(json.dumps({"pid": 1, "url": api.removesuffix("/api")}))
        assert set(prefect(home)) == set(SEEN)
    gone = prefect(home)
    assert list(gone) == ["prefect"]
    assert gone["prefect"].level is Level.BROKEN
    assert "没有应答" in gone["prefect"].found


@pytest.mark.parametrize(
    ("deployment", "level", "said"),
    [
        (SCHEDULED, Level.GOOD, "都在计划中"),
        (None, Level.BROKEN, "到期处理/tick、发送消息/deliver、刷新看板/refresh-board 没有部署，或被暂停"),
        ({"paused": True, "schedules": [{"active": True}]}, Level.BROKEN, "到期处理/tick"),
        ({"paused": False, "schedules": [{"active": False}]}, Level.BROKEN, "到期处理/tick"),
        ({"paused": False}, Level.BROKEN, "查不到（KeyError）"),
    ],
)
def test_the_clockwork_must_be_scheduled(
    home: Path, monkeypatch: pytest.MonkeyPatch, deployment: dict[str, Any] | None, level: Level, said: str
) -> None:
    with server([], deployment) as api:
        monkeypatch.setenv("PREFECT_API_URL", api)
        found = prefect(home)["schedules"]
    assert (found.level, bool(found.mend)) == (level, level is not Level.GOOD)
    assert said in found.found


@pytest.mark.parametrize(("paused", "said"), [("hallmark", "工作池 hallmark被暂停"), ("default", "队列 default被暂停")])
def test_a_worker_that_may_take_nothing_is_broken(home: Path, monkeypatch: pytest.MonkeyPatch, paused: str, said: str) -> None:
    with server([{"last_heartbeat_time": NOW.isoformat()}], paused=[paused]) as api:
        monkeypatch.setenv("PREFECT_API_URL", api)
        found = prefect(home)["worker"]
    assert (found.level, said in found.found, "Work Pools" in found.mend) == (Level.BROKEN, True, True)


def test_a_schedule_that_makes_no_runs_is_noticed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with server([], SCHEDULED, coming=0) as api:
        monkeypatch.setenv("PREFECT_API_URL", api)
        found = prefect(home)["schedules"]
    assert found.level is Level.BROKEN
    assert "到期处理/tick、发送消息/deliver、刷新看板/refresh-board 没有排出下一次运行" in found.found
