"""up: what it refuses before anything starts, and what it hands to the service."""

import socket
import sqlite3
from pathlib import Path
from typing import Any

import pytest

import flows.up
from config.channels import SHIPPED_CHANNELS
from config.loader import find_programme, read_text
from config.settings import Settings
from flows import run_names
from flows.bootstrap import build
from flows.converting import roster_entries
from flows.workbooks.synthetic_roster import synthetic_roster
from states.commands.roster import ImportRoster
from states.commands.rounds import OpenRound
from states.errors import HallmarkError
from states.house import Envelope
from tests.flows.cli.conftest import Hallmark


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What ``up`` hands to the service, which is tested by itself and does not start here."""
    given: dict[str, Any] = {}

    def run_up(**arguments: Any) -> int:
        given.update(arguments)
        return 0

    monkeypatch.setattr(flows.up, "run_up", run_up)
    return given


def open_real_round(home: Path) -> None:
    from random import Random

    app = build(Settings(home=home))
    now = app.house.clock.now()
    app.house.execute(ImportRoster(operator="JB01", entries=roster_entries(synthetic_roster(Random(1)))), Envelope("a", now))
    rules = read_text(find_programme("binjiang-craftsman-2023"))
    opens = app.house.calendar("Asia/Shanghai").local(now).date()
    app.house.execute(OpenRound(round="bjgj-2023", operator="JB01", rules=rules, opens_on=opens), Envelope("b", now))
    app.house.store.dispose()


def test_up_makes_the_house_before_anything_starts(hallmark: Hallmark, home: Path, handed: dict[str, Any]) -> None:
    assert hallmark("up", "--port", "4300", "--host", "127.0.0.2").status == 0
    assert (handed["home"], handed["host"], handed["port"]) == (home, "127.0.0.2", 4300)
    assert handed["variables"] == {}
    assert handed["demo"]().startswith("消息：没有配置渠道，写成文件放在")
    handed["prepare"]()
    assert (home / "hallmark.db").is_file()


def test_the_demo_has_a_database_of_its_own_and_no_channel(hallmark: Hallmark, home: Path, handed: dict[str, Any]) -> None:
    assert hallmark("up", "--demo").status == 0
    assert handed["variables"] == {"HALLMARK_DATABASE_URL": f"sqlite:///{home / 'demo.db'}", "HALLMARK_CHANNELS": str(SHIPPED_CHANNELS)}
    handed["prepare"]()
    assert (home / "demo.db").is_file()
    assert not (home / "hallmark.db").exists()
    text = handed["demo"]()
    assert "import-nominations" in text
    assert "JB01" in text
    assert f"消息：演示不向任何人发送（HALLMARK_CHANNELS 也不用），都写成文件放在 {home / 'outbox' / 'mail'}" in text


def test_the_command_is_shown_as_it_can_be_typed(
    hallmark: Hallmark, handed: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "my venv" / "bin" / "hallmark"
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    assert hallmark("up", "--demo").status == 0
    handed["prepare"]()
    monkeypatch.setenv("PATH", str(tmp_path))
    below = str(tmp_path / ".venv" / "bin" / "hallmark")  # where this folder is what one works in
    shows = {
        "./.venv/bin/hallmark": ".venv/bin/hallmark",
        below: ".venv/bin/hallmark",
        "/a b/hallmark": "'/a b/hallmark'",
        "/x/cli.py": "hallmark",
    }
    for called, shown in shows.items():
        monkeypatch.setattr("sys.argv", [called])
        text = handed["demo"]()
        assert f"：{shown} board demo-" in text
        assert f"见 {shown} --help" in text
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.setattr("sys.argv", ["my venv/bin/hallmark"])
    assert "：hallmark board demo-" in handed["demo"]()


def test_a_relative_database_is_the_same_one_for_the_flows(
    hallmark: Hallmark, tmp_path: Path, handed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALLMARK_DATABASE_URL", "sqlite:///mine.db")
    hallmark("up")
    assert handed["variables"] == {"HALLMARK_DATABASE_URL": f"sqlite:///{tmp_path / 'mine.db'}"}


def test_a_server_database_keeps_its_password_for_the_flows(
    hallmark: Hallmark, handed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALLMARK_DATABASE_URL", "postgresql://u:p@127.0.0.1/h")
    hallmark("up")
    assert handed["variables"] == {"HALLMARK_DATABASE_URL": "postgresql://u:p@127.0.0.1/h"}


def test_the_demo_is_refused_beside_a_real_round(hallmark: Hallmark, home: Path) -> None:
    open_real_round(home)
    answer = hallmark("up", "--demo", "--port", str(free_port()))
    assert answer.status == 2
    assert "bjgj-2023" in answer.err
    assert not (home / "demo.db").exists()


def test_a_busy_port_is_refused_with_2(hallmark: Hallmark, home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        answer = hallmark("up", "--demo", "--port", str(taken.getsockname()[1]))
    assert answer.status == 2
    assert "已被别的程序占用" in answer.err


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_up_alarms_by_itself_when_the_clock_stands_still(hallmark: Hallmark, home: Path, handed: dict[str, Any]) -> None:
    open_real_round(home)
    assert hallmark("up").status == 0
    handed["watch"]("http://127.0.0.1:4301")
    assert list((home / "outbox" / "mail").glob("alarm-*")) == []
    with sqlite3.connect(home / "hallmark.db") as connection:
        connection.execute("UPDATE command SET at = datetime('now', '-3 hours')")
    handed["watch"]("http://127.0.0.1:4301")
    alarms = [path.read_text(encoding="utf-8") for path in (home / "outbox" / "mail").glob("alarm-*")]
    assert alarms
    assert all("bjgj-2023" in alarm and "http://127.0.0.1:4301" in alarm for alarm in alarms)


def test_up_alarms_of_a_service_that_has_failed_with_its_own_address(hallmark: Hallmark, home: Path, handed: dict[str, Any]) -> None:
    open_real_round(home)
    assert hallmark("up").status == 0
    handed["fallen"]("worker 自行退出", "http://127.0.0.1:4301")
    alarms = [path.read_text(encoding="utf-8") for path in (home / "outbox" / "mail").glob("alarm-*")]
    assert alarms
    for words in ("服务出错", "worker 自行退出", "看板在 http://127.0.0.1:4301 "):
        assert all(words in alarm for alarm in alarms)


def test_up_names_the_runs_that_stand_ahead_and_a_server_that_does_not_answer_costs_nothing(
    hallmark: Hallmark, handed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    named: list[str] = []

    async def name_scheduled() -> None:
        named.append("all")
        raise ConnectionError("no server")

    monkeypatch.setattr(run_names, "name_scheduled", name_scheduled)
    assert hallmark("up").status == 0
    handed["name"]()
    assert named == ["all"]


def test_up_refuses_a_place_for_alarms_that_reaches_nobody(
    hallmark: Hallmark, handed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALLMARK_ALERTS", "mail:")
    assert hallmark("up").status == 0
    with pytest.raises(HallmarkError, match="HALLMARK_ALERTS 里的“mail:”冒号后面没有地址"):
        handed["prepare"]()
    assert hallmark("up", "--demo").status == 0
    handed["prepare"]()
