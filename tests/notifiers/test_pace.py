"""Rates of channels: one for all processes, asked before anything leaves."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.channels import ChannelConfig, ChannelKind
from config.rates import parse_rate
from notifiers.breaker import FAILURES, FIRST_REST
from notifiers.channels import Channels
from notifiers.delivery import Report, deliver
from notifiers.outgoing import NotYet, RefusedForNow, Sent
from notifiers.pace import Pace
from states.clock import VirtualClock
from states.store import Store
from states.tables import ChannelHealth, Delivery
from tests.notifiers.arrivals import crowd
from tests.notifiers.conftest import LetterMaker
from tests.notifiers.refusing import note
from tests.notifiers.rounds import MORNING, Town, opened
from tests.postgres import running_postgres
from tests.receivers import HttpManners, HttpReceiver
from tests.robots import WeComService

MINUTE = timedelta(minutes=1)
N = 4


@pytest.fixture
def town(tmp_path: Path, receivers: ExitStack) -> Town:
    town = opened(tmp_path)
    receivers.callback(town.house.store.dispose)
    return town


def hook(town: Town, http: HttpReceiver, rate: str, name: str = "it", limit: int | None = 100) -> Channels:
    config = ChannelConfig(name=name, kind=ChannelKind.WEB, url=SecretStr(http.url()), limit=limit, rate=parse_rate(rate))
    return Channels([config], Path("unused"), town.clock, pace=Pace(town.house.store, town.clock))


def test_channel_over_its_rate_sends_nothing_and_says_when(town: Town, http: HttpReceiver, letter: LetterMaker) -> None:
    channels = hook(town, http, "2/minute")
    answers = [channels.send(letter(subject="催办", body="短")) for _ in range(3)]
    assert answers == [Sent("HTTP 200"), Sent("HTTP 200"), NotYet(MORNING + MINUTE)]
    assert len(http.received) == 2
    town.clock.move_to(MORNING + MINUTE)
    assert channels.send(letter(subject="催办", body="短")) == Sent("HTTP 200")


def test_channels_of_two_processes_share_one_rate(town: Town, http: HttpReceiver, letter: LetterMaker) -> None:
    short = letter(subject="催办", body="短")
    assert hook(town, http, "1/minute").send(short) == Sent("HTTP 200")
    assert hook(town, http, "1/minute").send(short) == NotYet(MORNING + MINUTE)


def test_parts_of_a_message_count_each(town: Town, http: HttpReceiver, letter: LetterMaker) -> None:
    channels = hook(town, http, "3/minute")
    assert channels.send(letter(subject="催办", body="长" * 50)) == Sent("HTTP 200（共2部分）")
    assert isinstance(channels.send(letter(subject="催办", body="长" * 50)), NotYet)
    assert channels.send(letter(subject="催办", body="短")) == Sent("HTTP 200")


def test_message_has_no_more_parts_than_its_rate_allows_at_once(town: Town, http: HttpReceiver, letter: LetterMaker) -> None:
    assert hook(town, http, "2/minute").send(letter(subject="催办", body="长" * 500)) == Sent("HTTP 200（共2部分）")
    assert http.received[-1].json["body"].endswith("（余下从略，请向办公室索取全文）")


def test_message_does_not_leave_where_nobody_knows_what_left_before(town: Town, http: HttpReceiver, letter: LetterMaker) -> None:
    config = ChannelConfig(name="it", kind=ChannelKind.WEB, url=SecretStr(http.url()), rate=parse_rate("2/minute"))
    nowhere = Store("sqlite:////nosuch/folder/house.db")
    answer = Channels([config], Path("unused"), town.clock, pace=Pace(nowhere, town.clock)).send(letter())
    assert answer == RefusedForNow("查不到渠道的限额，没有发送（StoreUnavailable）")
    assert http.received == []


def test_robot_keeps_its_services_own_rate(town: Town, receivers: ExitStack, letter: LetterMaker) -> None:
    service = WeComService("0123456789", now=MORNING)
    receiver = receivers.enter_context(HttpReceiver(HttpManners(service=service)))
    url = f"hwecom://0123456789?via=http://127.0.0.1:{receiver.port}"
    config = ChannelConfig(name="wecom", kind=ChannelKind.WECOM, url=SecretStr(url))
    channels = Channels([config], Path("unused"), town.clock, pace=Pace(town.house.store, town.clock))
    answers = [channels.send(letter(channel="wecom")) for _ in range(21)]
    assert [type(answer) for answer in answers] == [Sent] * 20 + [NotYet]
    assert len(service.texts) == 20


@pytest.fixture(params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, tmp_path: Path, receivers: ExitStack) -> Store:
    """A database that several use at once."""
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    if request.param == "postgresql":
        url = str(receivers.enter_context(running_postgres()).get_uri())
    store = Store(url)
    store.migrate()
    receivers.callback(store.dispose)
    return store


def test_rate_holds_between_threads(shared: Store) -> None:
    pace, rate = Pace(shared, VirtualClock(MORNING)), parse_rate("5/minute")
    answers: list[object] = []
    threads = [threading.Thread(target=lambda: answers.append(pace.take("it", rate, 1))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(None) == 5
    assert answers.count(MORNING + MINUTE) == 7


def watch(town: Town) -> Callable[[], Counter[str]]:
    """Count how often a delivery comes into each status; asking starts the count anew."""
    with town.house.store.write() as connection:
        connection.exec_driver_sql("CREATE TABLE moves (status TEXT)")
        connection.exec_driver_sql(
            "CREATE TRIGGER moved AFTER UPDATE OF status ON delivery WHEN OLD.status <> NEW.status"
            " BEGIN INSERT INTO moves VALUES (NEW.status); END"
        )

    def moved() -> Counter[str]:
        with town.house.store.write() as connection:
            found = Counter(row.status for row in connection.exec_driver_sql("SELECT status FROM moves"))
            connection.exec_driver_sql("DELETE FROM moves")
        return found

    return moved


def test_backlog_behind_a_rate_comes_forward_only_where_it_may_leave(tmp_path: Path, http: HttpReceiver, receivers: ExitStack) -> None:
    town = opened(tmp_path, crowd(10 * N - 3))
    receivers.callback(town.house.store.dispose)
    town.tell()
    moved = watch(town)
    channels = hook(town, http, f"{N}/minute", name="mail", limit=None)
    assert deliver(town.house, channels, "postman") == Report(sent=N, failed=1, queued=9 * N)
    assert moved() == {"claimed": 10 * N + 1, "sending": N, "sent": N, "queued": 9 * N, "refused_for_good": 1}
    waiting = Counter(row.due_at for row in town.rows(Delivery, status="queued"))
    assert waiting == {MORNING + minute * MINUTE: N for minute in range(1, 10)}
    for minute in range(1, 10):
        town.clock.move_to(MORNING + minute * MINUTE)
        assert deliver(town.house, channels, "postman").sent == N
        assert moved() == {"claimed": N, "sending": N, "sent": N}
    assert len(http.received) == 10 * N == len({request.json["id"] for request in http.received})


def test_turn_that_was_taken_before_it_left_is_not_taken_again(town: Town, http: HttpReceiver, letter: LetterMaker) -> None:
    channels, long = hook(town, http, "3/minute"), letter(subject="催办", body="长" * 50, channel="it")
    load = channels.load(long)
    assert load is not None
    assert load.parts == 2
    assert Pace(town.house.store, town.clock).take("it", load.rate, load.parts) is None
    assert channels.send(replace(long, room=2)) == Sent("HTTP 200（共2部分）")
    assert isinstance(channels.send(replace(long, room=0)), NotYet)
    assert channels.send(replace(long, room=1)) == Sent("HTTP 200（共2部分）")  # the third turn was free
    assert isinstance(channels.send(replace(long, room=1)), NotYet)


def test_probe_that_has_to_wait_for_its_turn_is_no_probe_yet(town: Town, http: HttpReceiver) -> None:
    town.tell()
    channels = hook(town, http, "1/hour", name="mail", limit=None)
    with town.house.store.write() as connection:
        note(connection, "mail", [RefusedForNow("对方拒绝连接")] * FAILURES, town.clock.now())
    assert Pace(town.house.store, town.clock).take("mail", parse_rate("1/hour"), 1) is None
    town.clock.move_to(MORNING + FIRST_REST)
    assert deliver(town.house, channels, "postman").sent == 0
    (health,) = town.rows(ChannelHealth)
    assert (health.rests, health.rests_until) == (1, MORNING + FIRST_REST)
    town.clock.move_to(MORNING + timedelta(hours=1))
    assert deliver(town.house, channels, "postman").sent == 1
    assert town.rows(ChannelHealth) == []


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_rate_holds_between_deliverers(tmp_path: Path, http: HttpReceiver, receivers: ExitStack, database: str) -> None:
    url = str(receivers.enter_context(running_postgres()).get_uri()) if database == "postgresql" else ""
    town = opened(tmp_path, crowd(50), url=url)
    receivers.callback(town.house.store.dispose)
    town.tell()
    channels = hook(town, http, f"{N}/minute", name="mail", limit=None)
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda n: deliver(town.house, channels, f"postman-{n}"), range(2)))
    assert sum(report.sent for report in reports) == N == len(http.received)
    assert {row.attempts for row in town.rows(Delivery, status="queued")} == {0}
    assert min(row.due_at for row in town.rows(Delivery, status="queued")) == MORNING + MINUTE


def test_delivery_over_the_rate_waits_without_using_up_an_attempt(town: Town, http: HttpReceiver) -> None:
    town.tell()
    mail = ChannelConfig(name="mail", kind=ChannelKind.WEB, url=SecretStr(http.url()), rate=parse_rate("1/minute"))
    channels = Channels([mail], Path("unused"), town.clock, pace=Pace(town.house.store, town.clock))
    assert deliver(town.house, channels, "postman") == Report(sent=1, failed=1, queued=2)  # one unit has no contact
    assert {(row.attempts, row.due_at) for row in town.rows(Delivery, status="queued")} == {
        (0, MORNING + MINUTE),
        (0, MORNING + 2 * MINUTE),
    }
    town.clock.move_to(MORNING + MINUTE)
    assert deliver(town.house, channels, "postman") == Report(sent=1, queued=1)
    town.clock.move_to(MORNING + 2 * MINUTE)
    assert deliver(town.house, channels, "postman") == Report(sent=1)
    assert len({request.json["id"] for request in http.received}) == 3 == len(http.received)
