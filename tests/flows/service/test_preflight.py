import socket
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.settings import Settings
from flows.health import Level
from flows.health.service import service
from flows.service.lifecycle import Service, ServiceFailed
from flows.service.plan import ServicePlan
from flows.service.preflight import StartRefused, ready_to_start
from flows.up import run_up
from tests.e2e.harness import STUB, free_port

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
ANYWHERE = "0.0.0.0"  # noqa: S104


@pytest.fixture
def plan(tmp_path: Path) -> ServicePlan:
    return ServicePlan(home=tmp_path / "家 目录", host="127.0.0.1", port=free_port(), project=STUB)


def refusal(plan: ServicePlan) -> str:
    with pytest.raises(StartRefused) as refused, ready_to_start(plan):
        pass
    return str(refused.value)


def test_ready_home_has_every_folder_for_its_owner_alone(plan: ServicePlan) -> None:
    with ready_to_start(plan) as leftovers:
        assert leftovers == 0
    folders = sorted(str(path.relative_to(plan.home)) for path in plan.home.rglob("*") if path.is_dir())
    assert folders == ["inbox", "logs", "outbox", "outbox/mail", "prefect"]
    assert plan.home.stat().st_mode & 0o777 == 0o700
    assert not list(plan.home.rglob(".writable"))


def test_ready_again_after_first_has_ended(plan: ServicePlan) -> None:
    for _ in range(2):
        with ready_to_start(plan):
            assert (plan.home / "up.json").is_file()
        assert not (plan.home / "up.json").exists()


def test_a_service_that_ended_by_itself_leaves_its_address_for_doctor(
    plan: ServicePlan, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Dying(Service):
        def start(self) -> None:
            raise ServiceFailed("worker 自行退出")

    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setattr("flows.up.Service", Dying)
    assert service(Settings(home=plan.home), NOW)[0].level is Level.WARNING
    told: list[tuple[str, str]] = []
    fallen = lambda *said: told.append(said)  # noqa: E731 - two words of this test
    assert run_up(home=plan.home, host=plan.host, port=plan.port, project=STUB, fallen=fallen) == 1
    assert "自行退出" in capsys.readouterr().err
    assert told == [("worker 自行退出", plan.ui_url)]
    [found] = service(Settings(home=plan.home), NOW)
    assert (found.level, found.found) == (Level.BROKEN, f"{plan.api_url} 没有应答")
    with ready_to_start(plan):
        pass
    assert service(Settings(home=plan.home), NOW)[0].level is Level.WARNING


def test_home_below_file_is_refused_with_its_path(plan: ServicePlan, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    home = tmp_path / "file" / "home"
    assert refusal(replace(plan, home=home)) == (
        f"无法写入 {home}（Not a directory），请用环境变量 HALLMARK_HOME 指定一个可写的文件夹。[cannot write to HALLMARK_HOME]"
    )


def test_folder_of_home_that_is_file_is_refused_with_its_path(plan: ServicePlan) -> None:
    plan.home.mkdir()
    (plan.home / "inbox").write_text("x")
    assert refusal(plan).startswith(f"无法写入 {plan.home / 'inbox'}（File exists）")


def test_second_service_on_same_home_is_told_where_first_runs(plan: ServicePlan) -> None:
    with ready_to_start(plan):
        assert f"已在运行（{plan.ui_url}）" in refusal(replace(plan, port=free_port()))


def test_second_service_does_not_end_processes_of_first(plan: ServicePlan) -> None:
    with ready_to_start(plan):
        refusal(plan)
        assert (plan.home / "up.json").is_file()


@pytest.mark.parametrize("host", ["127.0.0.1", ANYWHERE, "localhost"])
def test_busy_port_is_refused_with_another_one(plan: ServicePlan, host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert f"端口 {port} 已被别的程序占用，请换一个端口，如 make run PORT={port + 1}。" in refusal(replace(plan, host=host, port=port))


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_port_that_does_not_exist_is_refused(plan: ServicePlan, port: int) -> None:
    assert f"端口 {port} 不存在" in refusal(replace(plan, port=port))


def test_host_of_another_machine_is_refused(plan: ServicePlan) -> None:
    assert "本机不能在 192.0.2.1:" in refusal(replace(plan, host="192.0.2.1"))


def test_half_made_environment_is_refused(plan: ServicePlan, tmp_path: Path) -> None:
    assert refusal(replace(plan, prefect=tmp_path / "prefect")).startswith(f"环境不完整：找不到 {tmp_path / 'prefect'}，请运行 make setup")


def test_folder_without_deployments_is_refused(plan: ServicePlan, tmp_path: Path) -> None:
    assert refusal(replace(plan, project=tmp_path)).startswith(f"找不到 {tmp_path / 'prefect.yaml'}")


def test_refused_start_exits_2_with_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("x")
    assert run_up(home=tmp_path / "file", host="127.0.0.1", port=free_port(), project=STUB) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert (
        shown.err
        == f"无法写入 {tmp_path / 'file'}（File exists），请用环境变量 HALLMARK_HOME 指定一个可写的文件夹。[cannot write to HALLMARK_HOME]\n"
    )


def test_refused_preparation_exits_2_and_starts_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def prepare() -> None:
        raise StartRefused("这里已有真实的届，不开演示。")

    assert run_up(home=tmp_path, host="127.0.0.1", port=free_port(), project=STUB, prepare=prepare) == 2
    assert capsys.readouterr().err == "这里已有真实的届，不开演示。\n"
    assert list((tmp_path / "logs").iterdir()) == []
