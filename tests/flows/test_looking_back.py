"""Failed runs that no run of the alarm's told of: found by the next look at a real server, however long that could not be asked."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import uvicorn
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.logging import disable_run_logger
from prefect.server.api.server import create_app
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Crashed

from config.vocabulary import AlarmCause
from flows import clockwork
from flows.alarms import look_again
from flows.bootstrap import App
from flows.failures import find_failed, look_is_due, sound_for_runs, told_before
from notifiers.alarms import Reached
from states.alarms import QUIET, claim, tell_until, told_until
from states.clock import VirtualClock
from tests.flows.test_failures import alarms

RUN = AlarmCause.RUN_FAILED
MINUTE = timedelta(minutes=1)


@flow(name="开始新的一届")
def failing() -> None: ...


@pytest.fixture
def dead() -> Iterator[None]:
    """The settings name a server, and nobody listens there."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
    with temporary_settings({PREFECT_API_URL: f"http://127.0.0.1:{port}/api"}):
        yield


class Server(uvicorn.Server):
    """One that says when it is up: until then it migrates its database, and Alembic can do one at a time."""

    def __init__(self) -> None:
        super().__init__(uvicorn.Config(create_app(ephemeral=True), log_level="error"))
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Prefect's own interface on loopback, in a thread of this process."""
    server = Server()
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        assert server.up.wait(120)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api"
        server.should_exit = True
        thread.join()


async def crash() -> str:
    """Let a run crash on the server; gives its id."""
    async with get_client() as client:
        run = await client.create_flow_run(failing)
        crashed: State[None] = Crashed()
        await client.set_flow_run_state(run.id, crashed, force=True)
    return str(run.id)


def known(app: App) -> datetime | None:
    with app.house.store.read() as connection:
        return told_until(connection, RUN)


@pytest.mark.usefixtures("dead")
def test_look_at_a_server_that_does_not_answer_knows_nothing_and_looks_again(opened: App, clock: VirtualClock) -> None:
    tell_until(opened.house.store, RUN, clock.now() - 5 * QUIET)
    with disable_run_logger():
        found = asyncio.run(find_failed(opened.settings, clock))
    assert found is None
    sounded = sound_for_runs(opened.settings, clock, found)
    again = look_again(RUN, sounded, "")
    assert (sounded.reached, alarms(opened.settings)) == (Reached.NOBODY, [])
    assert again is not None
    assert (again.at, again.detail) == (clock.now() + QUIET, "")
    assert known(opened) == clock.now() - 5 * QUIET


@pytest.mark.usefixtures("dead")
def test_alarm_of_one_run_while_the_server_does_not_answer_counts_nothing_else_as_told(opened: App, clock: VirtualClock) -> None:
    tell_until(opened.house.store, RUN, clock.now() - 5 * QUIET)
    with disable_run_logger():
        found = asyncio.run(find_failed(opened.settings, clock))
    assert sound_for_runs(opened.settings, clock, found, "开始新的一届 0a1b").reached is Reached.OPERATORS
    assert "开始新的一届 0a1b" in alarms(opened.settings)[-1]
    assert known(opened) == told_before(opened.settings, clock) == clock.now() - 5 * QUIET


def test_first_look_after_a_first_alarm_that_could_not_ask_reaches_back_before_that(opened: App, clock: VirtualClock) -> None:
    first = clock.now()
    sound_for_runs(opened.settings, clock, None, "开始新的一届 0a1b")
    clock.move_to(first + 3 * QUIET)
    assert told_before(opened.settings, clock) == first - QUIET


def test_first_look_reaches_back_before_the_first_of_several_alarms_that_could_not_ask(opened: App, clock: VirtualClock) -> None:
    first = clock.now()
    for hours in (0, 2):
        clock.move_to(first + hours * QUIET)
        sound_for_runs(opened.settings, clock, None, f"开始新的一届 {hours}")
    assert len(alarms(opened.settings)) >= 2
    assert look_is_due(opened)
    assert told_before(opened.settings, clock) == first - QUIET


def test_look_that_finds_nothing_is_noted_and_is_due_again_an_hour_later(opened: App, clock: VirtualClock) -> None:
    assert look_is_due(opened)
    sound_for_runs(opened.settings, clock, [])
    noted = known(opened)
    assert noted == clock.now() - 5 * MINUTE
    assert not look_is_due(opened)
    assert claim(opened.house.store, RUN, clock.now())  # to look is not to alarm: whatever fails now is told at once
    clock.move_to(noted + QUIET)
    assert look_is_due(opened)


def test_clock_that_was_set_back_hides_no_failure(opened: App, clock: VirtualClock) -> None:
    tell_until(opened.house.store, RUN, clock.now() + 5 * QUIET)
    assert look_is_due(opened)
    assert told_before(opened.settings, clock) == clock.now() - QUIET


@pytest.mark.usefixtures("at_desk")
async def test_deliverer_tells_once_of_a_run_that_failed_hours_ago_while_nobody_could_ask(
    opened: App, clock: VirtualClock, url: str
) -> None:
    before = datetime.now(UTC)
    tell_until(opened.house.store, RUN, before)
    with temporary_settings({PREFECT_API_URL: url}):
        crashed = await crash()
        clock.move_to(before + 5 * QUIET)
        await clockwork.deliver.fn()
        told = alarms(opened.settings)
        assert told
        assert all(crashed in text for text in told)
        assert known(opened) == clock.now() - 5 * MINUTE
        clock.move_to(clock.now() + 2 * QUIET)
        await clockwork.deliver.fn()
    assert alarms(opened.settings) == told


@pytest.mark.usefixtures("at_desk", "dead")
async def test_deliverer_that_cannot_ask_the_server_delivers_and_notes_no_look(opened: App, clock: VirtualClock) -> None:
    tell_until(opened.house.store, RUN, clock.now() - 5 * QUIET)
    state = await clockwork.deliver.fn()
    assert state.name == "已办理"
    assert alarms(opened.settings) == []
    assert known(opened) == clock.now() - 5 * QUIET
