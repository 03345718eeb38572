"""The same promises where processes are killed and where the database is PostgreSQL."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from notifiers.delivery import Report, deliver
from notifiers.digest import queue
from notifiers.leases import DIED_SENDING, LEASE, claim
from notifiers.outbox import notify
from notifiers.settling import settle_all
from states.replay import verify
from states.tables import Delivery, Notification
from tests.notifiers.rounds import ROSTER, Post, Town, opened
from tests.postgres import running_postgres

ROOT = Path(__file__).parents[2]
KILLED = """
import os, signal, sys
from notifiers.delivery import deliver
from tests.notifiers.rounds import Post, reader

class Killed(Post):
    def send(self, message):
        print(message.message_id, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

deliver(reader(sys.argv[1]), Killed(), "victim")
"""


def test_process_killed_while_sending_leaves_one_unknown_and_the_rest_is_sent(tmp_path: Path) -> None:
    town = opened(tmp_path)
    town.tell()
    victim = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )
    assert victim.returncode == -9
    half_sent = victim.stdout.strip()
    post = Post()
    assert deliver(town.house, post, "survivor") == Report(sent=2 if half_sent != _unreachable(town) else 3, failed=1)
    town.clock.move_to(town.clock.now() + LEASE)
    assert deliver(town.house, post, "survivor") == Report(unknown=1)
    assert half_sent not in post.times
    assert town.rows(Delivery, id=half_sent)[0].answer == DIED_SENDING
    town.house.store.dispose()


def _unreachable(town: Town) -> str:
    return str(town.rows(Delivery, recipient="CY01")[0].id)


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
        taken = claim(many.house, "second")
    assert taken is not None
    assert {taken.recipient} <= {"JD10", "JD11"}
    assert deliver(many.house, Post(), "third") == Report(sent=1)
    many.clock.move_to(many.clock.now() + LEASE)
    assert deliver(many.house, Post(), "third") == Report(sent=1)
