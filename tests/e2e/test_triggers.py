"""The product's own triggers of the alarm on the real server, with short windows: what sets it off, and what does not."""

from collections.abc import Iterator
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowFilter, FlowFilterName
from prefect.client.schemas.objects import FlowRun
from ruamel.yaml import YAML

from flows.service.plan import PROJECT
from flows.service.stopping import wait_patiently
from tests.e2e.harness import STUB, Hallmark

pytestmark = [pytest.mark.e2e, pytest.mark.drill]

_HURRIED = "（短窗口）"
_SHORTEST = {"Reactive": 0, "Proactive": 10}


@pytest.fixture(scope="module")
def server(hallmark: Hallmark, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hallmark]:
    """The shared server with a second deployment of the alarm, whose triggers differ from the product's in their windows alone."""
    folder = tmp_path_factory.mktemp("triggers")
    yaml = YAML(typ="safe")
    (alarm,) = [each for each in yaml.load(PROJECT / "prefect.yaml")["deployments"] if each["name"] == "alert-operators"]
    triggers = [_hurried(trigger) for trigger in alarm["triggers"]]
    yaml.dump({"deployments": [alarm | {"name": "alert-at-once", "triggers": triggers}]}, folder / "prefect.yaml")
    hallmark.deploy(STUB)
    hallmark.deploy(folder)
    yield hallmark
    hallmark.ask(_remove([trigger["name"] for trigger in triggers]))


def test_run_that_died_sets_the_alarm_off_and_a_refused_one_does_not(server: Hallmark) -> None:
    refused = server.run("截止申报/close-intake", {"slug": "bjgj-none", "operator": "JB02"})
    died = server.run("vanish/vanish")
    assert [run.state.name if run.state else None for run in (refused, died)] == ["已拒绝", "Crashed"]
    assert wait_patiently(lambda: f"vanish {died.id}" in _told(server), seconds=60)
    # Events are taken in their order: what the refusal sets off would stand there by now.
    assert not any(str(refused.id) in detail for detail in _told(server))


def test_clock_that_does_not_come_by_sets_the_alarm_off(server: Hallmark) -> None:
    assert wait_patiently(lambda: any(run.state_name == "已办理" for run in _alarms(server, "clock_stopped")), seconds=90)


def _hurried(trigger: dict[str, Any]) -> dict[str, Any]:
    return trigger | {"name": trigger["name"] + _HURRIED, "within": _SHORTEST[trigger["posture"]], "schedule_after": 0}


def _told(server: Hallmark) -> list[str]:
    return [str(run.parameters["detail"]) for run in _alarms(server, "run_failed")]


def _alarms(server: Hallmark, cause: str) -> list[FlowRun]:
    return [run for run in server.ask(_alarm_runs()) if run.parameters["cause"] == cause]


async def _alarm_runs() -> list[FlowRun]:
    async with get_client() as client:
        return await client.read_flow_runs(flow_filter=FlowFilter(name=FlowFilterName(any_=["系统告警"])))


async def _remove(names: list[str]) -> None:
    async with get_client() as client:
        for name in names:
            for automation in await client.read_automations_by_name(name):
                await client.delete_automation(automation.id)
