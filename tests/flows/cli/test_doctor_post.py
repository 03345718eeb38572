"""doctor on the outbox: what should have left long ago and did not."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from states.records import table_of
from states.store import Store
from states.tables import Delivery
from tests.flows.cli.conftest import Hallmark


def _delivery(home: Path, slug: str, key: str, status: str, **minutes: int) -> None:
    """Put a message into the outbox; its instants are so many minutes from now."""
    now = datetime.now(UTC)
    instants = {name: now + timedelta(minutes=shift) for name, shift in ({"due_at": -31} | minutes).items()}
    values = {"id": key, "round": slug, "recipient": "JD01", "channel": "mail", "tried": [], "status": status, "attempts": 1}
    store = Store(f"sqlite:///{home / 'demo.db'}")
    with store.write() as connection:
        connection.execute(insert(table_of(Delivery)).values(**values, **instants, holder="", answer="", in_ledger=False))
    store.dispose()


def _post(hallmark: Hallmark) -> dict[str, Any]:
    return next(check for check in hallmark("doctor", "--json").json if check["what"] == "post")


def test_messages_that_should_have_left_long_ago_are_noticed(hallmark: Hallmark, demo: str, home: Path) -> None:
    for status in ("queued", "refused_for_now"):
        _delivery(home, demo, status, status)
    _delivery(home, demo, "resting", "refused_for_now", due_at=-20)  # its channel rests: a deliverer moved it on
    _delivery(home, demo, "left", "sending", lease_until=-31)
    _delivery(home, demo, "leaving", "claimed", lease_until=14)
    found = _post(hallmark)
    assert (found["level"], found["found"]) == ("broken", "3 条消息到了该发的时候已超过 30 分钟，其间一条也没有发出")
    assert "“发送消息”（deliver）" in found["mend"]
    _delivery(home, demo, "sent", "sent", settled_at=-29)  # what is many is no standstill
    assert _post(hallmark)["found"].startswith("1 条正在发送，")


def test_messages_whose_deliverer_shows_no_sign_of_life_are_noticed(hallmark: Hallmark, demo: str, home: Path) -> None:
    _delivery(home, demo, "alive", "sending", due_at=-2, lease_until=10)
    assert _post(hallmark)["level"] == "good"
    _delivery(home, demo, "silent", "sending", due_at=-8, lease_until=8)
    found = _post(hallmark)
    assert found["level"] == "warning"
    assert found["found"].startswith("1 条正在发送，发送它们的运行没有动静了；它若已中断，")
    assert found["found"].endswith(" 以后的下一次“发送消息”（deliver）把它们记为结果不明")


def test_news_that_no_deliverer_has_read_is_noticed(hallmark: Hallmark, demo: str, home: Path) -> None:
    assert _post(hallmark)["level"] == "good"  # what a demo begins with was written on a clock of the past
    with closing(sqlite3.connect(home / "demo.db")) as house, house:
        house.execute("UPDATE round SET demo = 0")
    found = _post(hallmark)
    assert (found["level"], found["found"]) == ("broken", f"{demo} 的变动超过 30 分钟没有整理成消息")
    with closing(sqlite3.connect(home / "demo.db")) as house, house:
        house.execute("INSERT INTO cursor (consumer, chain, seq) SELECT 'notifications', name, seq FROM chain")
    assert _post(hallmark)["level"] == "good"
