# ruff: noqa: T201 - a benchmark prints what it measured
"""What the outbox costs: ten thousand messages through it, against a bare concurrent sender with the same library in the same run.

Each end runs in a process of its own. The two senders take turns, a thousand messages each, so that a machine that is
busy with something else for a while slows both down. ``HALLMARK_TEST_MESSAGES`` asks for another number of messages.
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


def _process(*given: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.benchmarks.one_sender", *map(str, given)]
    return subprocess.Popen(command, cwd=_ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


class Sender:
    """A sender in another process, which sends another thousand when it is asked."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.sent = 0
        self.seconds = 0.0
        self.memory: list[float] = []

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.sent / self.seconds

    def send(self) -> int:
        """Let it send, and give how many it still had."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        sent, seconds, memory = map(float, self._process.stdout.readline().split())
        if sent:
            self.sent, self.seconds, self.memory = self.sent + int(sent), self.seconds + seconds, [*self.memory, memory]
        return int(sent)


@contextmanager
def sending(*given: object) -> Iterator[Sender]:
    """Start a sender, and end it."""
    with _process(*given) as process:
        yield Sender(process)
        process.communicate()


@contextmanager
def receiving(kind: str) -> Iterator[Receiver]:
    """Start a receiver, and ask it in the end what it got."""
    with _process("receive", kind) as process:
        assert process.stdout is not None
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
    outbox = copied(town, tmp_path)
    with (
        receiving(kind) as first,
        receiving(kind) as second,
        sending("bare", first.url, written_down(town, tmp_path)) as bare,
        sending("run", outbox, second.url, MORNING.isoformat()) as ours,
    ):
        while ours.send():
            bare.send()
    print(f"\n{kind}, {MESSAGES} messages, {AT_ONCE} at once: ", end="")
    print(f"bare {bare.rate:.0f}/s, with the outbox {ours.rate:.0f}/s = {ours.rate / bare.rate:.2f} × bare")
    print(
        f"memory of the deliverer after each thousand: {', '.join(f'{each:.0f}' for each in ours.memory)} MB (bare {bare.memory[-1]:.0f} MB)"
    )
    assert ours.sent == MESSAGES
    assert second.got == (MESSAGES, MESSAGES)
    assert first.got == (bare.sent, bare.sent)
    assert ours.rate >= bare.rate / 2
    assert ours.memory[-1] <= ours.memory[0] * 1.25


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
