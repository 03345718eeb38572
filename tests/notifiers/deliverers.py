"""Deliverers in processes of their own, which can be told at which step to die by SIGKILL.

``python -m tests.notifiers.deliverers DATABASE CHANNEL-URL NOW HOLDER STEP COUNT``: STEP names where the process kills itself,
"" for nowhere; it does so at the COUNT-th time that it gets there.
"""

import os
import signal
import smtplib
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from config.channels import ChannelConfig, ChannelKind
from notifiers import delivery
from notifiers.channels import Channels
from notifiers.delivery import deliver
from notifiers.outgoing import Outcome, Outgoing
from notifiers.recipients import recipients
from states.clock import SeededChance, VirtualClock
from states.house import House
from states.store import Store
from states.vault import Vault

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
    write, finish, send = room.plans_of, room._finish, smtplib.SMTP.send

    def claimed(*given: Any) -> Any:
        fuse.at("claimed")
        return write(*given)

    def finished(*given: Any) -> Any:
        fuse.at("before-finish")
        return finish(*given)

    def half(self: smtplib.SMTP, content: Any) -> None:
        if len(content) > 1000:  # no command is as long
            send(self, content[:500])
            fuse.at("mid-bytes")
            content = content[500:]
        send(self, content)

    room.plans_of, room._finish = claimed, finished
    smtplib.SMTP.send = half  # type: ignore[method-assign,assignment]


def config_of(channel: str) -> ChannelConfig:
    """Give the one channel, "mail", that speaks to this URL."""
    kind = ChannelKind.MAIL if channel.startswith("hmail") else ChannelKind.WEB
    return ChannelConfig(name="mail", kind=kind, url=SecretStr(channel), file="channels.yaml", line=1)


def start(database: str, channel: str, now: datetime, holder: str, step: str = "", count: int = 1) -> "subprocess.Popen[str]":
    """Start a deliverer in another process; it says "ready", waits for a line, and prints its report."""
    given = (database, channel, now.isoformat(), holder, step, str(count))
    command = [sys.executable, "-m", "tests.notifiers.deliverers", *given]
    return subprocess.Popen(command, cwd=_ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


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
