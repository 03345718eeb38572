# ruff: noqa: T201 - whoever starts this process reads what it prints
"""One process that ticks, and nothing else: what each tick costs there, and the process's greatest memory."""

import json
import sys
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, ClassVar

from config.vocabulary import Role
from notifiers.recipients import recipients
from states.clock import SeededChance, VirtualClock
from states.command import CLOCK, Command
from states.commands.tick import Tick
from states.house import Envelope, House
from states.outcome import Outcome
from states.reminding import remind
from states.store import Store
from states.tables import WorkItem
from states.vault import Vault
from tests.states.figures import SLUG

if TYPE_CHECKING:
    from states.work import Work


class RemindOne(Command):
    """What the tick does, for one work item alone: the measure of handling them row by row."""

    title: ClassVar[str] = "催办一项"
    roles: ClassVar[tuple[Role, ...]] = (Role.CLOCK,)

    operator: str = CLOCK
    item: str

    def plan(self, work: "Work") -> Outcome:
        """Fire what is due of the item."""
        item = work.records.get(WorkItem, self.item)
        return Outcome(summary="", data={"reminded": remind(work, [item] if item else [])})


def give(house: House, command: Command, run: str) -> tuple[float, int]:
    """Give the seconds that a command took, and how many steps it fired."""
    started = perf_counter()
    result = house.execute(command, Envelope(run, house.clock.now(), clock=True))
    return perf_counter() - started, int(result.outcome.data["reminded"])


def peak() -> float:
    """Give the greatest memory that this process ever held, in megabytes; whoever started it does not count."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main(url: str, at: str, times: str, first: str, last: str) -> None:
    """Tick so many times; before that handle some items one by one, where ``last`` says so."""
    chance = SeededChance(9)
    house = House(Store(url), VirtualClock(datetime.fromisoformat(at)), chance, Vault(b"k" * 32, chance), recipients)
    singles = [give(house, RemindOne(round=SLUG, item=f"{SLUG}-i{each}"), f"one-{each}") for each in range(int(first), int(last) + 1)]
    before = peak()
    ticks = [give(house, Tick(round=SLUG), f"tick-{first}-{each}") for each in range(int(times))]
    print(json.dumps({"singles": singles, "ticks": ticks, "before": before, "after": peak()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
