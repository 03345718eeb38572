"""What a server is given before flows run on it, as the worker reads it."""

import asyncio
import sys
from typing import cast
from unittest.mock import sentinel
from uuid import UUID

from prefect.client.schemas.objects import FlowRun
from prefect.utilities.processutils import command_from_string
from prefect.workers.process import ProcessJobConfiguration

from flows.service.prefect_setup import template_of_runs


def _configured(values: dict[str, str]) -> ProcessJobConfiguration:
    making = ProcessJobConfiguration.from_template_and_values(template_of_runs(), values, client=sentinel.nobody_is_asked)
    made = cast("ProcessJobConfiguration", asyncio.run(making))
    made.prepare_for_flow_run(FlowRun(id=UUID(int=1), flow_id=UUID(int=2), name="x"))
    return made


def test_run_is_started_by_one_process_and_not_by_another_that_finds_out_how() -> None:
    made = _configured({})
    assert made._command_configured
    assert command_from_string(str(made.command)) == [sys.executable, "-m", "prefect.engine"]


def test_command_of_a_deployment_goes_before_it() -> None:
    assert _configured({"command": "python -m prefect.engine"}).command == "python -m prefect.engine"


def test_standing_template_keeps_what_was_changed_by_hand() -> None:
    standing = template_of_runs()
    standing["variables"]["properties"]["env"]["default"] = {"HTTPS_PROXY": "http://proxy.example"}
    standing["variables"]["properties"]["command"]["default"] = "/moved/away/python -m prefect.engine"
    renewed = template_of_runs(standing)
    assert renewed["variables"]["properties"]["env"]["default"] == {"HTTPS_PROXY": "http://proxy.example"}
    assert renewed["variables"]["properties"]["command"] == template_of_runs()["variables"]["properties"]["command"]


def test_standing_template_that_knows_no_command_is_given_one() -> None:
    older = template_of_runs()
    del older["variables"]["properties"]["command"], older["job_configuration"]["command"]
    assert template_of_runs(older) == template_of_runs()
    assert template_of_runs({"variables": {"type": "object"}})["variables"]["properties"].keys() == {"command"}
