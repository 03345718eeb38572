# ruff: noqa: T201 - a drill prints what it found
"""Thousands of messages, and deliverers killed at random moments over and over: none lost, none twice but by an operator."""

import os
import random
from contextlib import ExitStack
from pathlib import Path

import pytest

from notifiers.leases import BATCH
from notifiers.settling import settle_all
from states.replay import verify
from tests.notifiers.arrivals import arrivals, crowd
from tests.notifiers.deliverers import until_done
from tests.notifiers.rounds import opened
from tests.postgres import running_postgres
from tests.receivers import HttpReceiver, SmtpReceiver

pytestmark = pytest.mark.drill
MESSAGES = int(os.environ.get("HALLMARK_TEST_MESSAGES", "2000"))
LONGEST_LIFE = {"smtp": 3.0, "http": 1.0}


@pytest.mark.parametrize("together", [1, 2])
@pytest.mark.parametrize("kind", ["smtp", "http"])
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_deliverers_killed_at_random_moments_lose_nothing_and_repeat_nothing(
    tmp_path: Path, database: str, kind: str, together: int
) -> None:
    with ExitStack() as stack:
        url = str(stack.enter_context(running_postgres()).get_uri()) if database == "postgresql" else ""
        town = opened(tmp_path, crowd(MESSAGES - 3), url=url)
        stack.callback(town.house.store.dispose)
        town.tell()
        receiver: SmtpReceiver | HttpReceiver = SmtpReceiver() if kind == "smtp" else HttpReceiver()
        stack.enter_context(receiver)
        kills = until_done(town, receiver.url(), together, random.Random(20230606), LONGEST_LIFE[kind], 1.1)
        found = arrivals(town, receiver)
        settle_all(town.house)
        unknown = found.counts["unknown"]
        print(f"\n{MESSAGES} messages by {kind} on {database}, {together} at once, killed {kills} times:")
        print(f"{found.counts['sent']} sent, {unknown} unknown, of which {found.unknown_that_arrived} had arrived;")
        print(f"lost {len(found.lost)}, twice {len(found.twice)}")
        assert kills > 0
        assert (found.lost, found.twice, found.unaccounted) == ([], [], [])
        assert found.counts["sent"] + unknown == MESSAGES
        assert unknown <= kills * BATCH
        assert list(verify(town.house.store, town.house.vault).findings) == []
