"""What the clockwork's runs are called on the dashboard."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext

from flows import clockwork
from flows.run_names import named, run_name

AT = datetime(2023, 7, 2, 16, 30, tzinfo=UTC)


@contextmanager
def running(parameters: dict[str, Any], name: str = "brave-otter", tags: tuple[str, ...] = ("系统时钟",)) -> Iterator[None]:
    run = FlowRun.model_validate(
        {"flow_id": uuid4(), "name": name, "tags": list(tags), "expected_start_time": AT, "parameters": parameters}
    )
    construct: Any = FlowRunContext.model_construct  # of all that a context holds, only what names a run
    with construct(flow_run=run, parameters=parameters):
        yield


def test_a_run_is_named_for_what_it_does_and_when_on_the_houses_clock() -> None:
    assert run_name("发送消息", AT) == "发送消息 07-03 00:30"
    assert run_name("发送消息", None) == "发送消息"
    assert run_name("到期处理", AT, " bjgj-2023 ") == "到期处理 bjgj-2023 07-03 00:30"


@pytest.mark.parametrize(
    ("parameters", "name"),
    [({}, "到期处理 07-03 00:30"), ({"slug": ""}, "到期处理 07-03 00:30"), ({"slug": "a"}, "到期处理 a 07-03 00:30")],
)
def test_a_run_of_the_clockwork_leaves_its_made_up_name_behind(parameters: dict[str, Any], name: str) -> None:
    with running(parameters):
        assert named("到期处理")() == name


def test_a_run_of_the_calendar_keeps_its_name() -> None:
    with running({"slug": "bjgj-2023"}, "07-03 09:00 催办“截止申报”余2个工作日", ("日历", "届次:bjgj-2023")):
        assert named("到期处理")() == "07-03 09:00 催办“截止申报”余2个工作日"


def test_every_flow_of_the_clockwork_is_named_so() -> None:
    with running({"slug": ""}):
        names = [
            flow.flow_run_name() for flow in (clockwork.tick, clockwork.deliver, clockwork.refresh_board) if callable(flow.flow_run_name)
        ]
    assert names == ["到期处理 07-03 00:30", "发送消息 07-03 00:30", "刷新看板 07-03 00:30"]
