"""Deliverers in processes of their own, which can be told at which step to die by SIGKILL.

``python -m tests.notifiers.deliverers DATABASE CHANNEL-URL NOW HOLDER STEP COUNT``: STEP names where the process kills itself,
"" for nowhere; it does so at the COUNT-th time that it gets there. ``until_done`` starts some together and kills them at random moments.
"""

import http.client
import itertools
import os
import random
import signal
import smtplib
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from config.channels import ChannelConfig, ChannelKind
from notifiers import delivery
from notifiers.channels import Channels
from notifiers.delivery import deliver
from notifiers.leases import LEASE
from notifiers.outgoing import Outcome, Outgoing
from notifiers.recipients import recipients
from states.clock import SeededChance, VirtualClock
from states.house import House
from states.store import Store
from states.vault import Vault
from tests.notifiers.rounds import Town

STEPS = ("claimed", "begun", "mid-bytes", "after-data", "before-finish")
_ROOT = Path(__file__).parents[2]


class Fuse:
    """Kills this process, as nobody can prevent, at the count-th time that its step is reached."""

    def __init__(self, step: str, count: int) -> None:
        self._step, self._left, self._lock = step, count, threading.Lock()

    def at(self, step: str) -> None:
        """Say that a step is reached."""
        if step == self._step:
            with self._lock:
                self._left -= 1
                if self._left <= 0:
                    os.kill(os.getpid(), signal.SIGKILL)


class Fused(Channels):
    """The house's own channels, with a fuse before and behind each message."""

    fuse = Fuse("", 0)

    def send(self, message: Outgoing) -> Outcome:
        self.fuse.at("begun")
        outcome = super().send(message)
        self.fuse.at("after-data")
        return outcome


def _lay(fuse: Fuse) -> None:
    """Lay the fuse where a sender has no hand: behind the claim, in the middle of the content, before the outcome is kept."""
    room: Any = delivery
    write, finish = room.plans_of, room._finish

    def claimed(*given: Any) -> Any:
        fuse.at("claimed")
        return write(*given)

    def finished(*given: Any) -> Any:
        fuse.at("before-finish")
        return finish(*given)

    room.plans_of, room._finish = claimed, finished
    for connection in (smtplib.SMTP, http.client.HTTPConnection):
        _halve(fuse, connection)


def _halve(fuse: Fuse, connection: Any) -> None:
    send = connection.send

    def half(self: Any, content: Any) -> None:
        if len(content) > 1000:  # no command is as long
            send(self, content[:500])
            fuse.at("mid-bytes")
            content = content[500:]
        send(self, content)

    connection.send = half


def config_of(channel: str) -> ChannelConfig:
    """Give the one channel, "mail", that speaks to this URL."""
    kind = ChannelKind.MAIL if channel.startswith("hmail") else ChannelKind.WEB
    return ChannelConfig(name="mail", kind=kind, url=SecretStr(channel), file="channels.yaml", line=1)


def start(database: str, channel: str, now: datetime, holder: str, step: str = "", count: int = 1) -> "subprocess.Popen[str]":
    """Start a deliverer in another process; it says "ready", waits for a line, and prints its report."""
    given = (database, channel, now.isoformat(), holder, step, str(count))
    command = [sys.executable, "-m", "tests.notifiers.deliverers", *given]
    return subprocess.Popen(command, cwd=_ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def until_done(town: Town, url: str, together: int, dice: random.Random, longest: float, growth: float) -> int:
    """Let so many deliverers work together and kill them, until all end by themselves; gives the kills.

    Each lives at most ``longest`` seconds, and the next ones longer by the factor ``growth``, so that it ends on any machine.
    """
    database = str(town.house.store.engine.url.render_as_string(hide_password=False))
    killed = 0
    for turn in itertools.count():
        running = [start(database, url, town.clock.now(), f"deliverer-{turn}-{n}") for n in range(together)]
        assert [process.stdout.readline() for process in running if process.stdout] == ["ready\n"] * together
        killed += _live_and_die(running, sorted(dice.uniform(0.01, longest * growth**turn) for _ in running))
        if all(process.returncode == 0 for process in running):
            return killed
        town.clock.move_to(town.clock.now() + LEASE)
    raise AssertionError


def _live_and_die(running: Sequence["subprocess.Popen[str]"], lives: Sequence[float]) -> int:
    began = time.monotonic()
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process, life in zip(running, lives, strict=True):
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(began + life - time.monotonic(), 0))
        process.kill()
        error = process.communicate()[1]
        assert process.returncode in (0, -signal.SIGKILL), error
    return sum(process.returncode != 0 for process in running)


def main(database: str, channel: str, now: str, holder: str, step: str, count: str) -> None:
    """Deliver what is due at an instant, with the fuse laid."""
    chance, clock = SeededChance(8), VirtualClock(datetime.fromisoformat(now))
    house = House(Store(database), clock, chance, Vault(b"k" * 32, chance), recipients)
    channels = Fused([config_of(channel)], Path("unused"), clock, timeout=5)
    channels.fuse = Fuse(step, int(count))
    _lay(channels.fuse)
    print("ready", flush=True)  # noqa: T201 - its parent waits for it
    sys.stdin.readline()
    print(deliver(house, channels, holder, limit=1_000_000))  # noqa: T201 - what it is run for
    house.store.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
