"""What flows ask of the Prefect server: events, artifacts and scheduled runs. None of it is a business fact.

Every function talks to the server that this process is configured for, and raises ``NoServer`` where there is none:
Prefect would quietly start a server of its own otherwise. Nothing personal may pass through here: numbers and masked
names only.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate
from prefect.client.schemas.filters import (
    ArtifactCollectionFilter,
    ArtifactCollectionFilterKey,
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterEndTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.events import emit_event as emit
from prefect.exceptions import ObjectNotFound
from prefect.runtime import flow_run as this_run
from prefect.settings import get_current_settings
from prefect.states import Scheduled

from states.errors import HallmarkError

# More than these on one event, and Prefect logs an error and loses it.
MAX_RELATED = 100
_PAGE = 200
ROUND_TAG = "届次:{}"
"""The tag by which everything of a round is found."""


class NoServer(HallmarkError):
    """This process is not configured for any Prefect server."""


@dataclass(frozen=True)
class FailedRun:
    """One run that did not end well: its flow's name, its last state's name and message, and when it ended (aware, UTC)."""

    id: UUID
    flow: str
    state: str
    at: datetime
    said: str = ""


@dataclass(frozen=True)
class ScheduledRun:
    """One future run of a deployment. ``at`` is aware, in UTC; ``key`` its idempotency key.

    ``waiting`` is false for a run that a key gave back and that was cancelled or has run before.
    """

    id: UUID
    name: str
    at: datetime
    tags: frozenset[str]
    key: str | None
    waiting: bool = True


def has_server() -> bool:
    """Whether this process is configured for a Prefect server; it need not answer."""
    return get_current_settings().api.url is not None


async def emit_event(
    name: str, resource: Mapping[str, str], related: Sequence[Mapping[str, str]] = (), payload: Mapping[str, Any] | None = None
) -> None:
    """Emit an event about ``resource`` (with ``prefect.resource.id``); it leaves in the background, before the process ends.

    Each of ``related`` has ``prefect.resource.id`` and ``prefect.resource.role``. An event is a wake-up and never a fact:
    one that meets no running server is lost. Raises ``ValueError`` for more than 100 related resources.
    """
    if len(related) > MAX_RELATED:
        raise ValueError(f"an event takes {MAX_RELATED} related resources, not {len(related)}")
    _require_server()
    emit(name, dict(resource), related=[dict(other) for other in related], payload=dict(payload or {}))


async def write_markdown_artifact(key: str, markdown: str, description: str = "") -> UUID:
    """Write a new Markdown artifact; inside a run it stands on that run's page, and is deleted with the run.

    ``key`` has lowercase letters, digits and dashes.
    """
    return await _write(key, "markdown", markdown, description, run_id=_this_run())


async def keep_markdown_artifact(key: str, markdown: str, description: str = "") -> UUID:
    """Write a Markdown artifact in place: its page keeps its address, so that it can be bookmarked, and outlives every run."""
    async with _client() as client:
        wanted = ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(any_=[key]))
        found = await client.read_latest_artifacts(artifact_filter=wanted)
        if found:
            await client.update_artifact(found[0].latest_id, ArtifactUpdate(data=markdown, description=description))
            return found[0].latest_id
    return await _write(key, "markdown", markdown, description, run_id=None)


async def schedule_run(
    deployment_name: str,
    at: datetime,
    name: str,
    tags: Iterable[str] = (),
    parameters: Mapping[str, Any] | None = None,
    idempotency_key: str | None = None,
) -> ScheduledRun:
    """Schedule a run of ``flow/deployment`` at an aware instant, under a name for the deployment's calendar.

    The same key gives the run that already has it, also one that was cancelled: put the plan's version into the key.
    Raises ``ValueError`` for a naive instant and ``ObjectNotFound`` for an unknown deployment.
    """
    if at.tzinfo is None:
        raise ValueError("an instant must be aware")
    async with _client() as client:
        deployment = await client.read_deployment_by_name(deployment_name)
        run = await client.create_flow_run_from_deployment(
            deployment.id,
            parameters=dict(parameters or {}),
            state=Scheduled(scheduled_time=at.astimezone(UTC)),
            name=name,
            tags=list(tags),
            idempotency_key=idempotency_key,
        )
    return _scheduled(run)


async def list_scheduled(deployment_name: str, tags: Iterable[str] = ()) -> list[ScheduledRun]:
    """Every run of ``flow/deployment`` that has not begun and carries all the tags, the earliest first.

    Without tags the runs of the deployment's own schedule are among them. Raises ``ObjectNotFound``.
    """
    wanted = list(tags)
    async with _client() as client:
        deployment = await client.read_deployment_by_name(deployment_name)
        condition = FlowRunFilter(
            deployment_id=FlowRunFilterDeploymentId(any_=[deployment.id]),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
            tags=FlowRunFilterTags(all_=wanted) if wanted else None,
        )
        return [_scheduled(run) for run in await _all_runs(client, condition)]


async def failed_runs(since: datetime) -> list[FailedRun]:
    """Give the runs that failed or crashed after an aware instant, the earliest first; of very many the latest."""
    async with _client() as client:
        return await read_failed_runs(client, since)


async def read_failed_runs(client: PrefectClient, since: datetime) -> list[FailedRun]:
    """Do what ``failed_runs`` does, through an open client."""
    condition = FlowRunFilter(
        end_time=FlowRunFilterEndTime.model_validate({"after_": since}),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.FAILED, StateType.CRASHED])),
    )
    runs = await client.read_flow_runs(flow_run_filter=condition, sort=FlowRunSort.END_TIME_DESC, limit=_PAGE)
    flows = {flow_id: (await client.read_flow(flow_id)).name for flow_id in {run.flow_id for run in runs}}
    found = [FailedRun(run.id, flows[run.flow_id], run.state_name or "", _plain(run.end_time), _said(run)) for run in runs]
    return sorted((run for run in found if run.at > since), key=lambda run: (run.at, str(run.id)))


async def delete_run(run_id: UUID) -> None:
    """Delete a run, with its logs and artifacts; one that is gone already is no error."""
    async with _client() as client:
        try:
            await client.delete_flow_run(run_id)
        except ObjectNotFound:
            return


async def tag_run(run_id: UUID, tags: Iterable[str]) -> None:
    """Add tags to a run, beside those of its deployment. Raises ``ObjectNotFound``."""
    async with _client() as client:
        run = await client.read_flow_run(run_id)
        await client.update_flow_run(run_id, tags=sorted({*run.tags, *tags}))


async def rename_run(run_id: UUID, name: str) -> None:
    """Give a run another name; one that is gone is no error."""
    async with _client() as client:
        try:
            await client.update_flow_run(run_id, name=name)
        except ObjectNotFound:
            return


async def run_created(run_id: UUID) -> datetime:
    """When the server made a run, aware, in UTC; a retried run keeps it. Raises ``ObjectNotFound``."""
    async with _client() as client:
        run = await client.read_flow_run(run_id)
    return _plain(run.created)


async def _write(key: str, kind: str, data: str, description: str, *, run_id: UUID | None) -> UUID:
    async with _client() as client:
        written = await client.create_artifact(ArtifactCreate(key=key, type=kind, data=data, description=description, flow_run_id=run_id))
    return written.id


def _this_run() -> UUID | None:
    """The run that this process works for, None outside of one."""
    return UUID(this_run.id) if this_run.id else None


async def _all_runs(client: PrefectClient, condition: FlowRunFilter) -> list[FlowRun]:
    runs: list[FlowRun] = []
    while True:
        page = await client.read_flow_runs(
            flow_run_filter=condition, sort=FlowRunSort.NEXT_SCHEDULED_START_TIME_ASC, limit=_PAGE, offset=len(runs)
        )
        runs += page
        if len(page) < _PAGE:
            return runs


def _scheduled(run: FlowRun) -> ScheduledRun:
    at = run.next_scheduled_start_time or run.expected_start_time
    waiting = run.state is not None and run.state.is_scheduled()
    return ScheduledRun(id=run.id, name=run.name, at=_plain(at), tags=frozenset(run.tags), key=run.idempotency_key, waiting=waiting)


def _said(run: FlowRun) -> str:
    return (run.state and run.state.message) or ""


def _plain(instant: datetime | None) -> datetime:
    """Prefect's own kind of instant as Python's."""
    if instant is None:
        raise ValueError("the server gave a run without its time")
    return datetime.fromtimestamp(instant.timestamp(), UTC)


@asynccontextmanager
async def _client() -> AsyncIterator[PrefectClient]:
    _require_server()
    async with get_client() as client:
        yield client


def _require_server() -> None:
    if not has_server():
        raise NoServer("没有连接 Prefect 服务：请先用 make run 启动，或设置 PREFECT_API_URL。[no Prefect server]")
