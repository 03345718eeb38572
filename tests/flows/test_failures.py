"""Runs that fail while an alarm is quiet, or in the same minute as another, are told all the same: once, and not by themselves."""

import uuid
from datetime import datetime, timedelta

import pytest
from ruamel.yaml import YAML

from config.settings import Settings
from config.vocabulary import AlarmCause
from flows.alarming import Sounded
from flows.alarms import look_again
from flows.bootstrap import App
from flows.failures import CLOCKWORK, DIED, NOT_DONE, OWN, sound_for_runs, told_before, words, worth_an_alarm
from flows.prefect_api import FailedRun
from flows.service.plan import PROJECT
from notifiers.alarms import Reached
from states.clock import VirtualClock
from tests.flows.conftest import OPENING

Run = AlarmCause.RUN_FAILED
HOUR = timedelta(hours=1)


def failed(seconds: float, flow: str = "开始新的一届", state: str = "Crashed", said: str = "") -> FailedRun:
    """A run that ended so many seconds after the opening."""
    return FailedRun(uuid.uuid5(uuid.NAMESPACE_OID, f"{flow} {seconds}"), flow, state, OPENING + timedelta(seconds=seconds), said)


def alarms(settings: Settings) -> list[str]:
    """The alarms that were written, the latest last."""
    paths = sorted((settings.outbox / "mail").glob("alarm-*.eml"), key=lambda path: path.stat().st_mtime_ns)
    return [path.read_text(encoding="utf-8") for path in paths]


class Server:
    """What the server knows of failed runs, and the alarm's own runs as it starts them."""

    def __init__(self, app: App, clock: VirtualClock) -> None:
        self.runs: list[FailedRun] = []
        self._app, self._clock = app, clock

    def alarm(self, at: datetime, detail: str = "") -> Sounded:
        """Start the alarm's flow at an instant."""
        self._clock.move_to(at)
        known = [run for run in self.runs if run.at > told_before(self._app.settings, self._clock)]
        return sound_for_runs(self._app.settings, self._clock, known, detail)


@pytest.fixture
def server(opened: App, clock: VirtualClock) -> Server:
    return Server(opened, clock)


def test_second_failure_of_the_same_minute_is_told_once_the_hour_is_over(server: Server, opened: App) -> None:
    first, second = failed(1), failed(2)
    server.runs = [first]
    sounded = server.alarm(OPENING + timedelta(seconds=2), f"{first.flow} {first.id}")
    assert sounded.reached is Reached.OPERATORS
    server.runs = [first, second]  # no run of the alarm's starts for it
    again = look_again(Run, sounded, "the first")
    assert again is not None
    assert (again.at, again.detail) == (OPENING + timedelta(seconds=2) + HOUR, "")
    before = len(alarms(opened.settings))
    sounded = server.alarm(again.at)
    assert sounded.reached is Reached.OPERATORS
    told = alarms(opened.settings)[before:]
    assert all(str(second.id) in text and str(first.id) not in text for text in told)
    assert told
    again = look_again(Run, sounded, "")
    assert again is not None
    assert server.alarm(again.at) == Sounded()
    assert look_again(Run, Sounded(), "") is None


def test_failures_within_the_hour_are_one_look_at_its_end(server: Server, opened: App) -> None:
    server.runs = [failed(0.5)]
    server.alarm(OPENING + timedelta(seconds=1), "x")
    looks = set()
    for minute in (10, 20, 30, 40, 50):
        server.runs.append(failed(60 * minute))
        sounded = server.alarm(OPENING + timedelta(minutes=minute, seconds=1), f"开始新的一届 {server.runs[-1].id}")
        assert sounded.silent_until == OPENING + timedelta(seconds=1) + HOUR
        look = look_again(Run, sounded, "x")
        assert look is not None
        looks.add((look.at, look.key))
    ((at, _),) = looks
    server.alarm(at)
    assert "5 次：" in alarms(opened.settings)[-1]


def test_run_that_the_server_does_not_list_is_told_too(server: Server, opened: App) -> None:
    assert server.alarm(OPENING + timedelta(seconds=5), "开始新的一届 0a1b").reached is Reached.OPERATORS
    assert "没有做完（开始新的一届 0a1b）" in alarms(opened.settings)[-1]


def test_run_for_which_a_trigger_asks_is_named_first_and_once() -> None:
    runs = [failed(n) for n in range(5)]
    assert words(runs[3:4], f"开始新的一届 {runs[3].id}") == f"开始新的一届 {runs[3].id}"
    said = words(runs, f"开始新的一届 {runs[3].id}")
    assert said.startswith(f"5 次：开始新的一届 {runs[3].id}；开始新的一届 {runs[0].id}；")
    assert said.endswith("等")
    assert len(said) < 200


def test_refusal_of_the_clockwork_is_told_by_its_reason_once_and_nothing_has_to_be_submitted(server: Server, opened: App) -> None:
    server.runs = [failed(60 * n, "发送消息", "已拒绝", "channels.yaml 第 3 行：没有“mial”这一种渠道。") for n in range(1, 4)]
    server.alarm(OPENING + timedelta(minutes=4), f"发送消息 {server.runs[-1].id}")
    told = alarms(opened.settings)[-1]
    assert "没有做完（3 次：发送消息 已拒绝：channels.yaml 第 3 行：没有“mial”这一种渠道）。" in told
    assert "怎么办：照写明的原因改正；改好以后系统自己再办，不必重新提交" in told
    assert str(server.runs[-1].id) not in told


def test_what_a_run_died_of_is_not_repeated_and_asks_to_be_looked_into(server: Server, opened: App) -> None:
    server.runs = [failed(1, "发送消息", "已拒绝", "渠道文件不能用"), failed(2, said="ValueError: 张三")]
    server.alarm(OPENING + timedelta(minutes=1))
    told = alarms(opened.settings)[-1]
    assert f"没有做完（2 次：发送消息 已拒绝：渠道文件不能用；开始新的一届 {server.runs[1].id}）" in told
    assert "张三" not in told
    assert "打开标红的运行看日志" in told


def test_long_reason_is_cut() -> None:
    assert words([failed(1, "发送消息", "已办理一部分", "长" * 500)], "") == f"发送消息 已办理一部分：{'长' * 160}……"


@pytest.mark.parametrize(
    ("flow", "state", "told"),
    [
        ("开始新的一届", "Failed", True),
        ("开始新的一届", "已拒绝", False),
        ("发送消息", "已拒绝", True),
        ("到期处理", "已办理一部分", True),
        (OWN, "Crashed", False),
    ],
)
def test_what_a_person_reads_anyway_and_the_alarm_itself_set_off_nothing(flow: str, state: str, *, told: bool) -> None:
    assert worth_an_alarm(failed(1, flow, state)) is told


def test_what_is_looked_back_for_is_what_the_triggers_ask_for() -> None:
    (alarm,) = [each for each in YAML(typ="safe").load(PROJECT / "prefect.yaml")["deployments"] if each["name"] == "alert-operators"]
    died, clockwork = [each for each in alarm["triggers"] if each["parameters"]["cause"] == Run]
    assert died["expect"] == [f"prefect.flow-run.{state}" for state in DIED]
    assert died["match_related"]["prefect.resource.name"] == f"!{OWN}"
    assert clockwork["expect"] == [f"prefect.flow-run.{state}" for state in NOT_DONE]
    assert clockwork["match_related"]["prefect.resource.name"] == list(CLOCKWORK)
