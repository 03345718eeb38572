# ruff: noqa: T201 - a drill prints what it found
"""Thousands of messages, and the deliverer killed at random moments over and over: none lost, none twice but by an operator."""

import os
import random
from contextlib import suppress
from pathlib import Path
from subprocess import TimeoutExpired

import pytest

from notifiers.leases import BATCH, LEASE
from notifiers.settling import settle_all
from states.replay import verify
from tests.notifiers.arrivals import arrivals, crowd
from tests.notifiers.deliverers import start
from tests.notifiers.rounds import Town, opened
from tests.receivers import SmtpReceiver

pytestmark = pytest.mark.drill
MESSAGES = int(os.environ.get("HALLMARK_TEST_MESSAGES", "2000"))
LONGEST_LIFE = 3.0


def _live_and_die(town: Town, receiver: SmtpReceiver, holder: str, seconds: float) -> bool:
    """Let a deliverer work for so long and kill it; says whether it was done before."""
    database = str(town.house.store.engine.url)
    process = start(database, receiver.url(), town.clock.now(), holder)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    with suppress(TimeoutExpired):
        process.communicate("go\n", timeout=seconds)
        assert process.returncode == 0
        return True
    process.kill()
    process.communicate()
    return False


def test_deliverer_killed_at_random_moments_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    town, dice = opened(tmp_path, crowd(MESSAGES - 3)), random.Random(20230606)
    town.tell()
    kills = 0
    with SmtpReceiver() as receiver:
        while not _live_and_die(town, receiver, f"deliverer-{kills}", dice.uniform(0.01, LONGEST_LIFE)):
            kills += 1
            town.clock.move_to(town.clock.now() + LEASE)
        found = arrivals(town, receiver)
    settle_all(town.house)
    unknown = found.counts["unknown"]
    print(f"\n{MESSAGES} messages, deliverer killed {kills} times: {found.counts['sent']} sent, {unknown} unknown")
    print(f"of the unknown ones {found.unknown_that_arrived} had arrived; lost {len(found.lost)}, twice {len(found.twice)}")
    assert kills > 0
    assert (found.lost, found.twice, found.unaccounted) == ([], [], [])
    assert found.counts["sent"] + unknown == MESSAGES
    assert unknown <= kills * BATCH
    assert list(verify(town.house.store, town.house.vault).findings) == []
    town.house.store.dispose()
