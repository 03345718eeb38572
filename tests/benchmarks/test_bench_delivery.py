# ruff: noqa: T201 - a benchmark prints what it measured
"""What the outbox costs: ten thousand messages through it, against a bare concurrent sender with the same library in the same run.

Each end runs in a process of its own. ``HALLMARK_TEST_MESSAGES`` asks for another number of messages.
"""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from notifiers.leases import BATCH, LEASE, recover
from notifiers.letters import Writer
from notifiers.sending import AT_ONCE
from states.clock import SeededChance
from states.house import House
from states.records import Records
from states.store import Store
from states.tables import Delivery
from tests.notifiers.arrivals import crowd
from tests.notifiers.deliverers import start
from tests.notifiers.rounds import MORNING, Post, Town, letter_of, opened

pytestmark = pytest.mark.bench
MESSAGES = int(os.environ.get("HALLMARK_TEST_MESSAGES", "10000"))
_ROOT = Path(__file__).parents[2]


@dataclass
class Receiver:
    """A receiver in another process; ``got`` is known once it has ended: messages, and different ones."""

    url: str
    got: tuple[int, int] = (0, 0)


def _command(*given: object) -> list[str]:
    return [sys.executable, "-m", "tests.benchmarks.one_sender", *map(str, given)]


def _measured(*given: object) -> list[float]:
    done = subprocess.run(_command(*given), capture_output=True, text=True, cwd=_ROOT, check=True)
    return [float(figure) for figure in done.stdout.split()]


@contextmanager
def receiving(kind: str) -> Iterator[Receiver]:
    """Start a receiver, and ask it in the end what it got."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(_command("receive", kind), cwd=_ROOT, text=True, **pipes) as process:  # type: ignore[call-overload]
        receiver = Receiver(process.stdout.readline().strip())
        yield receiver
        total, different = process.communicate()[0].split()
        receiver.got = int(total), int(different)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A round whose opening waits to be told to so many units."""
    town = opened(tmp_path_factory.mktemp("town"), crowd(MESSAGES - 3))
    assert town.tell() == MESSAGES + 1  # one has no address
    yield town
    town.house.store.dispose()


def copied(town: Town, folder: Path) -> str:
    """Copy the house's database, so that each measurement starts with a full outbox."""
    with (
        closing(sqlite3.connect(str(town.house.store.engine.url.database))) as source,
        closing(sqlite3.connect(folder / "house.db")) as target,
    ):
        source.backup(target)
    return f"sqlite:///{folder / 'house.db'}"


def written_down(town: Town, folder: Path) -> Path:
    """Write down what one of the messages says, for the bare sender."""
    row = town.rows(Delivery, recipient="TX00001")[0]
    with town.house.store.read() as connection:
        letter = letter_of(Writer(town.house, Records(connection), "", Post()), row)
    (folder / "letter.txt").write_text(f"{letter.text.subject}\n{letter.text.body}", encoding="utf-8")
    return folder / "letter.txt"


@pytest.mark.parametrize("kind", ["smtp", "http"])
def test_outbox_has_at_least_half_the_rate_of_a_bare_sender(town: Town, tmp_path: Path, kind: str) -> None:
    text = written_down(town, tmp_path)
    with receiving(kind) as plain:
        bare_seconds, bare_sent, bare_memory = _measured("bare", plain.url, MESSAGES, text)
    with receiving(kind) as receiver:
        seconds, sent, *memory = _measured("run", copied(town, tmp_path), receiver.url, MORNING.isoformat())
    bare, rate = bare_sent / bare_seconds, sent / seconds
    print(f"\n{kind}, {MESSAGES} messages, {AT_ONCE} at once: bare {bare:.0f}/s, with the outbox {rate:.0f}/s = {rate / bare:.2f} × bare")
    print(f"memory of the deliverer after each thousand: {', '.join(f'{each:.0f}' for each in memory)} MB (bare {bare_memory:.0f} MB)")
    assert (bare_sent, sent) == (MESSAGES, MESSAGES)
    assert receiver.got == (MESSAGES, MESSAGES)
    assert rate >= bare / 2
    assert memory[-1] <= memory[0] * 1.25


def test_deliverer_killed_in_the_middle_leaves_few_unknown(town: Town, tmp_path: Path) -> None:
    database = copied(town, tmp_path)
    with receiving("smtp") as receiver:
        victim = start(database, receiver.url, town.clock.now(), "victim", "after-data", MESSAGES // 3)
        victim.communicate("go\n")
    assert victim.returncode == -9
    town.clock.move_to(town.clock.now() + LEASE)
    house = House(Store(database), town.clock, SeededChance(1), town.house.vault, town.house.recipients)
    unknown = recover(house)
    house.store.dispose()
    print(
        f"\nkilled after {MESSAGES // 3} of {MESSAGES} messages: {unknown} unknown, at most {BATCH} may be; {receiver.got[0]} had arrived"
    )
    assert unknown <= BATCH
    assert receiver.got[0] == receiver.got[1]
