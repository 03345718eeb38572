"""The same promises where the database is PostgreSQL."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from notifiers.breaker import Health, note
from notifiers.delivery import Report, deliver
from notifiers.digest import queue
from notifiers.leases import LEASE
from notifiers.outbox import notify
from notifiers.outgoing import RefusedForNow, Sent
from notifiers.settling import settle_all
from states.replay import verify
from states.tables import ChannelHealth, Delivery, Notification
from tests.notifiers.refusing import DEAD, refuse
from tests.notifiers.rounds import ROSTER, Post, Town, claimed, opened
from tests.postgres import running_postgres

BUSY = RefusedForNow("对方拒绝连接")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_postgres() as running:
        yield str(running.get_uri())


@pytest.fixture(scope="module")
def many(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town on PostgreSQL with thirty more units to tell."""
    more = [
        ROSTER[1].model_copy(update={"id": f"JD{n}", "name": f"街道{n}总工会", "contacts": {"mail": f"{n}@u.example"}})
        for n in range(10, 40)
    ]
    town = opened(tmp_path_factory.mktemp("town"), [*ROSTER, *more], url=server)
    yield town
    town.house.store.dispose()


def test_postgresql_readers_and_deliverers_at_once_tell_everybody_once(many: Town) -> None:
    post, start = Post(), threading.Barrier(3)

    def work(number: int) -> tuple[int, int, Report]:
        start.wait()
        made = notify(many.house)
        start.wait()
        grouped = queue(many.house)
        start.wait()
        return made, grouped, deliver(many.house, post, f"postman-{number}")

    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(work, range(3)))
    assert sum(made for made, _, _ in results) == 34 == len(many.rows(Notification))
    assert sum(grouped for _, grouped, _ in results) == 34
    assert sum(report.sent for _, _, report in results) == 33
    assert len(post.times) == 33
    assert max(post.times.values()) == 1
    assert settle_all(many.house) == 34
    assert verify(many.house.store, many.house.vault).findings == []


def test_postgresql_claims_pass_over_what_another_holds(many: Town) -> None:
    many.post(Post())  # whatever is left of the opening
    many.submit("张建国", unit="街道10总工会")
    many.submit("李秀英", unit="街道11总工会")
    many.tell()
    with many.house.store.write() as connection:
        connection.exec_driver_sql("SELECT id FROM delivery WHERE status = 'queued' ORDER BY due_at, id LIMIT 1 FOR UPDATE")
        (mine,) = claimed(many.house, "second")
    assert mine.recipient in {"JD10", "JD11"}
    assert deliver(many.house, Post(), "third") == Report(sent=1)
    many.clock.move_to(many.clock.now() + LEASE)
    assert deliver(many.house, Post(), "third") == Report(sent=1)


def test_postgresql_deliverers_that_find_a_channel_mended_at_once_tell_everybody_once(many: Town) -> None:
    many.post(Post())
    for number in range(12, 40):
        many.submit(f"张{chr(0x4E00 + number)}", unit=f"街道{number}总工会")
    many.tell()
    deliver(many.house, Post(answers={"mail": [DEAD] * 100}), "postman")
    waiting = len(many.rows(Delivery, status=["queued", "refused_for_now"]))
    post, start = Post(definitions={"mail": "changed"}), threading.Barrier(3)

    def work(number: int) -> Report:
        start.wait()
        return deliver(many.house, post, f"postman-{number}")

    with ThreadPoolExecutor(3) as pool:
        sent = sum(report.sent for report in pool.map(work, range(3)))
    assert sent == waiting >= 28
    assert set(post.times.values()) == {1}
    assert many.rows(ChannelHealth) == []


@pytest.mark.parametrize("failing", [(), ("mail",)])
def test_postgresql_deliverers_lock_what_they_know_of_channels_in_one_order(many: Town, failing: tuple[str, ...]) -> None:
    for channel in ("mail", "hook"):
        refuse(many, channel)

    def settle() -> None:
        with many.house.store.write() as connection:
            health = Health(connection, ["mail", "hook"], many.clock.now(), failing)
            note(health, "mail", [BUSY if failing else Sent("250 OK")], many.clock.now())
            note(health, "hook", [Sent("200")], many.clock.now())

    with ThreadPoolExecutor(1) as pool:
        with many.house.store.write() as connection:
            Health(connection, ["hook"], many.clock.now())
            settled = pool.submit(settle)
            wait_for_a_lock(many)
            Health(connection, ["mail"], many.clock.now())
        settled.result()
    assert [row.channel for row in many.rows(ChannelHealth)] == list(failing)


def test_postgresql_channel_that_another_finds_well_meanwhile_may_fail_anew(many: Town) -> None:
    refuse(many, "mail")

    def fail() -> None:
        with many.house.store.write() as connection:
            note(Health(connection, ["mail"], many.clock.now(), ["mail"]), "mail", [BUSY], many.clock.now())

    with ThreadPoolExecutor(1) as pool:
        with many.house.store.write() as connection:
            health = Health(connection, ["mail"], many.clock.now())
            failed = pool.submit(fail)
            wait_for_a_lock(many)
            health.forget("mail")
        failed.result()
    assert [(row.channel, row.failures, row.refused_at) for row in many.rows(ChannelHealth, channel="mail")] == [("mail", 1, None)]


def wait_for_a_lock(town: Town) -> None:
    """Wait until somebody waits for what another has locked."""
    with town.house.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar_one():
            pass
