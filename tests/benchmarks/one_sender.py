# ruff: noqa: T201 - its parent reads what it prints
"""One end of the measurement in a process of its own: a receiver, a bare sender, or a deliverer with its outbox.

``receive smtp|http`` prints its address, and when its input ends how many messages and how many different ones it got.
``bare URL TEXT`` sends messages by the same library, as many at once, without any outbox; ``run DATABASE URL NOW`` empties an outbox.
Both send another thousand for each line of their input, and print how many they sent, in how many seconds, and the memory in MB.
"""

import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from time import perf_counter

import psutil

from notifiers.channels import Channels
from notifiers.delivery import deliver
from notifiers.outgoing import Outgoing, Sent
from notifiers.recipients import recipients
from notifiers.sending import AT_ONCE
from states.clock import SeededChance, VirtualClock
from states.house import House
from states.store import Store
from states.vault import Vault
from tests.notifiers.deliverers import config_of
from tests.receivers import HttpReceiver, ReceivedRequest, SmtpReceiver

A_THOUSAND = 1000


def _memory() -> int:
    return int(psutil.Process().memory_info().rss // 1_000_000)


def receive(kind: str) -> None:
    """Take messages until the input ends."""
    with SmtpReceiver() if kind == "smtp" else HttpReceiver() as receiver:
        print(receiver.url(), flush=True)
        sys.stdin.read()
        ids = Counter(
            str(each.json["id"] if isinstance(each, ReceivedRequest) else each.message["Message-ID"]) for each in receiver.received
        )
        print(ids.total(), len(ids), flush=True)


def bare(url: str, text: str) -> None:
    """Send without an outbox."""
    channels = Channels([config_of(url)], Path("unused"), VirtualClock(datetime(2023, 6, 6, 2, tzinfo=UTC)), timeout=30)
    subject, _, body = Path(text).read_text(encoding="utf-8").partition("\n")
    letters = (Outgoing(f"bare-{n}", f"u{n}@union.example", subject, body, "mail") for n in count())
    with ThreadPoolExecutor(AT_ONCE) as pool:
        _when_asked(lambda: sum(isinstance(outcome, Sent) for outcome in pool.map(channels.send, islice(letters, A_THOUSAND))))


def run(database: str, url: str, now: str) -> None:
    """Deliver what is due."""
    chance, clock = SeededChance(8), VirtualClock(datetime.fromisoformat(now))
    house = House(Store(database), clock, chance, Vault(b"k" * 32, chance), recipients)
    channels = Channels([config_of(url)], Path("unused"), clock, timeout=30)
    _when_asked(lambda: deliver(house, channels, "bench", limit=A_THOUSAND).sent)
    house.store.dispose()


def _when_asked(work: Callable[[], int]) -> None:
    for _ in sys.stdin:
        started = perf_counter()
        sent = work()
        print(sent, perf_counter() - started, _memory(), flush=True)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
