"""Which runs Prefect's own interface gives as failed since an instant; it answers in this process, and no server is started."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from prefect import flow
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import State
from prefect.server.api.server import create_app
from prefect.states import Completed, Crashed, Failed

from flows.prefect_api import FailedRun, read_failed_runs


@flow(name="甲")
def first_flow() -> None: ...


@flow(name="乙")
def second_flow() -> None: ...


@pytest.fixture
async def client() -> AsyncIterator[PrefectClient]:
    async with PrefectClient(create_app(ephemeral=True)) as client:
        yield client


async def ended(client: PrefectClient, state: State[None], *, second: bool = False) -> None:
    run = await client.create_flow_run(second_flow if second else first_flow)
    await client.set_flow_run_state(run.id, state, force=True)


def said(found: list[FailedRun]) -> list[tuple[str, str, str]]:
    return [(run.flow, run.state, run.said) for run in found]


async def test_runs_that_failed_since_an_instant_are_given_in_their_order(client: PrefectClient) -> None:
    before = datetime.now(UTC)
    await ended(client, Crashed())
    await ended(client, Completed(), second=True)
    await ended(client, Failed(name="已拒绝", message="渠道文件不能用"), second=True)
    found = await read_failed_runs(client, before)
    assert said(found) == [("甲", "Crashed", ""), ("乙", "已拒绝", "渠道文件不能用")]
    assert said(await read_failed_runs(client, found[0].at)) == [("乙", "已拒绝", "渠道文件不能用")]
    assert await read_failed_runs(client, found[1].at) == []
