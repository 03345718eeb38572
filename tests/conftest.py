"""What every test stands on: a house of its own, no network but loopback, a browser when it asks for one.

Prefect and Hallmark read their settings when they are imported, so the environment is made before anything of theirs is.
"""

import ipaddress
import os
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Pool, event
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # xdist ships no types

from tests.browser import find_browser

HOME = tempfile.TemporaryDirectory(prefix="hallmark-tests-", ignore_cleanup_errors=True)

# What the tests start is compiled once and not by each of its processes, whatever this machine's own rule.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
for variable in [name for name in os.environ if name.startswith(("HALLMARK_", "PREFECT_")) and not name.startswith("HALLMARK_TEST_")]:
    del os.environ[variable]
os.environ.setdefault("XDG_RUNTIME_DIR", HOME.name)  # the PostgreSQL wheel warns where there is none
os.environ |= {
    "DO_NOT_TRACK": "1",
    "HALLMARK_HOME": str(Path(HOME.name) / "house"),
    "PREFECT_HOME": str(Path(HOME.name) / "prefect"),
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
}

# Two shared cores make single examples slow at random; CI takes the same examples every time, a developer new ones.
settings.register_profile("hallmark", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("ci", settings.get_profile("hallmark"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "hallmark")

SHARED = {"up": "tests/e2e/test_up.py", "prefect": "tests/e2e/", "simulate": "tests/flows/test_simulate"}
"""What is costly to set up, and which files share it: the first that fits. Each test of ``up`` starts a service of its own."""
LONGEST = (
    "prefect",
    "simulate",
    "up",
    "tests/flows/test_rehearsal.py",
    "tests/notifiers/test_delivery_killed.py",
    "tests/states/test_schedules.py",
    "tests/flows/cli/test_simulating.py",
    "tests/states/test_replay.py",
    "tests/flows/test_demo.py",
    "tests/states/test_late_clock.py",
    "tests/flows/test_unreached_foretold.py",
    "tests/notifiers/test_channel_refused.py",
    "tests/flows/cli/test_usage.py",
    "tests/flows/cli/test_programmes.py",
    "tests/states/test_holds_announced_later.py",
    "tests/flows/test_failed_runs.py",
    "tests/notifiers/test_any_weather.py",
)
"""Subjects and files that begin first, so that no worker is left with one when the other has nothing more to do."""
_strangers: list[str] = []


class NetworkForbiddenError(RuntimeError):
    """A test tried to leave this machine."""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host in {"localhost", "ip6-localhost"}


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    """Refuses a connection that leaves the machine, and remembers it: the code under test may swallow the refusal."""
    if event != "socket.connect" or not isinstance(arguments[1], tuple) or _is_loopback(str(arguments[1][0])):
        return
    _strangers.append(str(arguments[1]))
    raise NetworkForbiddenError(f"tests reach loopback only, not {arguments[1]}")


sys.addaudithook(_watch)


@event.listens_for(Pool, "checkout")
def _without_waiting_for_the_disk(connection: Any, record: Any, proxy: object) -> None:
    """Tests ask what a transaction leaves, not what a power cut does; what they start as a process of its own waits for the disk."""
    if isinstance(connection, sqlite3.Connection) and record.info.setdefault("waits", True):
        record.info["waits"] = False
        connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture(autouse=True)
def _no_network_but_loopback() -> Iterator[None]:
    _strangers.clear()
    yield
    assert _strangers == [], f"left this machine: {_strangers}"


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser that ``make test`` found, or else one that is here; with none the test fails with the sentence that says what to install."""
    return find_browser()


class BySubject(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types for its schedulers
    """Gives a whole file to one worker, and all files that share something costly to the same one.

    xdist's own groups are lost with this pytest, which no longer takes a test's id from where xdist writes the group.
    """

    def _split_scope(self, nodeid: str) -> str:
        return subject_of(nodeid)


def subject_of(nodeid: str) -> str:
    """What a test shares something costly with: a subject, or its file alone."""
    file = nodeid.partition("::")[0]
    return next((subject for subject, mark in SHARED.items() if mark in file), file)


def longest_first(nodeids: list[str]) -> list[int]:
    """Give the places of the tests in the order in which they begin: the longest subjects, then the fullest files."""
    subjects = [subject_of(nodeid) for nodeid in nodeids]
    sizes = Counter(subjects)
    ranks = {subject: place for place, subject in enumerate(LONGEST)}
    keys = [(ranks.get(subject, len(ranks)), -sizes[subject]) for subject in subjects]
    return sorted(range(len(nodeids)), key=keys.__getitem__)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BySubject:
    """Run one Prefect server a session: everything that needs it goes to one worker."""
    config.option.loadscopereorder = False  # the workers bring their tests in order; xdist would put the fullest first
    return BySubject(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Everything in tests/benchmarks measures, and so has its mark; where workers share the tests, the longest come first."""
    for item in items:
        if "benchmarks" in item.path.parts:
            item.add_marker(pytest.mark.bench)
    if hasattr(config, "workerinput"):
        items[:] = [items[place] for place in longest_first([item.nodeid for item in items])]


@pytest.fixture(params=["UTC", "America/New_York", "Pacific/Auckland"])
def machine_zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """The zone of the machine itself, which must make no difference to anything."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()
