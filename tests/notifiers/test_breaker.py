"""A channel that keeps failing rests: its messages wait, other channels go on, and two dead days lose nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from config.channels import ChannelKind
from notifiers.breaker import FAILURES, FIRST_REST, LONGEST_REST, Gate, Health, rest_after
from notifiers.channels import Channels
from notifiers.delivery import Report, deliver
from notifiers.digest import next_departure
from notifiers.leases import BATCH, LOT
from notifiers.outgoing import ChannelRefused, NoChannel, Outcome, RefusedForGood, RefusedForNow, Sent, Unknown
from notifiers.verdicts import wait_before
from states.tables import ChannelHealth, Delivery
from tests.notifiers.arrivals import arrivals, crowd
from tests.notifiers.deliverers import config_of
from tests.notifiers.refusing import note
from tests.notifiers.rounds import ROSTER, Post, Town, found, opened
from tests.receivers import SmtpReceiver, unused_port

BUSY = RefusedForNow("对方拒绝连接")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = found(tmp_path)
    yield town
    town.house.store.dispose()


def noted(town: Town, *outcomes: Outcome, probe: bool = False) -> ChannelHealth | None:
    with town.house.store.write() as connection:
        note(connection, "mail", outcomes, town.clock.now(), probe=probe)
    rows: list[ChannelHealth] = town.rows(ChannelHealth)
    return rows[0] if rows else None


def asked(town: Town, times: int = 1) -> list[datetime | None]:
    """Ask for one batch whether messages may go by mail."""
    with town.house.store.write() as connection:
        gate = Gate(Health(connection, ["mail"], town.clock.now()), town.clock.now())
        return [gate.closed_until("mail") for _ in range(times)]


def test_rests_double_up_to_half_an_hour() -> None:
    assert [rest_after(n) for n in range(6)] == [*(timedelta(minutes=m) for m in (2, 4, 8, 16)), LONGEST_REST, LONGEST_REST]


def test_channel_rests_after_so_many_failures_in_a_row_and_not_before(town: Town) -> None:
    before = noted(town, *[BUSY] * (FAILURES - 1))
    assert before is not None
    assert before.rests_until is None
    assert asked(town) == [None]
    after = noted(town, BUSY)
    assert after is not None
    assert (after.failures, after.rests, after.reason) == (FAILURES, 1, BUSY.reason)
    assert asked(town, 2) == [town.clock.now() + FIRST_REST] * 2


def test_channel_that_is_refused_itself_rests_at_once_until_something_goes_through(town: Town) -> None:
    row = noted(town, Sent("250 OK"), ChannelRefused("HTTP 401"))
    assert row is not None
    assert (row.failures, row.rests_until, row.refused_at) == (1, town.clock.now() + FIRST_REST, town.clock.now())
    assert noted(town, Sent("250 OK")) is None


def test_answer_in_between_starts_the_count_anew(town: Town) -> None:
    noted(town, *[BUSY] * (FAILURES - 1))
    row = noted(town, Sent("250 OK"), BUSY)
    assert row is not None
    assert (row.failures, row.rests_until) == (1, None)
    assert noted(town, RefusedForGood("550 no such user")) is None


def test_silence_after_the_content_counts_as_a_failure_too(town: Town) -> None:
    row = noted(town, *[Unknown("没有答复")] * FAILURES)
    assert row is not None
    assert row.rests_until is not None


def test_channel_that_is_not_there_says_nothing_of_its_health(town: Town) -> None:
    assert noted(town, *[NoChannel("没有这个渠道")] * 9) is None


def test_after_the_rest_one_message_is_the_probe_for_all_deliverers(town: Town) -> None:
    noted(town, *[BUSY] * FAILURES)
    now = town.clock.now() + FIRST_REST
    town.clock.move_to(now)
    assert asked(town, 3) == [None, now, now]
    assert asked(town) == [now + rest_after(1)]


def test_probe_that_fails_makes_the_next_rest_longer_and_one_that_is_answered_ends_it(town: Town) -> None:
    noted(town, *[BUSY] * FAILURES)
    town.clock.move_to(town.clock.now() + FIRST_REST)
    asked(town)
    row = noted(town, BUSY, probe=True)
    assert row is not None
    assert row.rests_until == town.clock.now() + rest_after(1)
    assert noted(town, Sent("250 OK")) is None
    assert asked(town) == [None]


def test_failures_that_left_before_the_rest_make_it_no_longer(town: Town) -> None:
    first = noted(town, *[BUSY] * FAILURES)
    later = noted(town, *[BUSY] * FAILURES)
    assert first is not None
    assert later is not None
    assert (later.failures, later.rests, later.rests_until) == (2 * FAILURES, 1, first.rests_until)


def test_two_lots_that_fail_together_make_one_rest(tmp_path: Path) -> None:
    town, post = opened(tmp_path, crowd(40)), Post(answers={"mail": [BUSY] * 1000})
    town.tell()
    deliver(town.house, post, "postman")
    assert len(post.messages) == BATCH
    assert [(row.failures, row.rests) for row in town.rows(ChannelHealth)] == [(BATCH, 1)]
    town.clock.move_to(town.clock.now() + FIRST_REST)
    deliver(town.house, post, "postman")
    assert len(post.messages) == BATCH + 1
    assert [row.rests for row in town.rows(ChannelHealth)] == [2]
    town.house.store.dispose()


def test_what_waits_behind_a_probe_follows_at_once_when_it_is_answered(tmp_path: Path) -> None:
    town, post = opened(tmp_path, crowd(40)), Post()
    noted(town, *[BUSY] * FAILURES)
    town.clock.move_to(town.clock.now() + FIRST_REST)
    town.tell()
    assert deliver(town.house, post, "postman") == Report(sent=43, failed=1)
    town.house.store.dispose()


def test_resting_channels_messages_wait_and_use_up_no_attempt_while_others_go_on(tmp_path: Path) -> None:
    town = opened(tmp_path, crowd(40))
    kinds = {"mail": ChannelKind.MAIL, "hook": ChannelKind.WEB}
    post = Post(kinds=kinds, answers={"mail": [BUSY] * 1000})
    town.tell()
    deliver(town.house, post, "postman", at_once=1)
    tried = [row for row in town.rows(Delivery) if row.attempts]
    assert len(tried) == LOT
    untried = town.rows(Delivery, status="queued")
    assert len(untried) == 43 - LOT
    assert {row.due_at for row in untried} == {town.clock.now() + FIRST_REST}
    assert next_departure(town.house) == town.clock.now() + FIRST_REST
    town.house.store.dispose()


def test_rest_that_ends_in_the_quiet_hours_lasts_until_the_morning(tmp_path: Path) -> None:
    town = opened(tmp_path)
    town.tell()
    town.at("2023-06-06T19:59")
    noted(town, *[BUSY] * FAILURES)
    deliver(town.house, Post(), "postman")
    due = {row.due_at for row in town.rows(Delivery, status="queued")}
    town.at("2023-06-07T09:00")
    assert due == {town.clock.now()}
    town.house.store.dispose()


def test_messages_that_fail_together_do_not_come_again_together(tmp_path: Path) -> None:
    town = opened(tmp_path)
    town.tell()
    deliver(town.house, Post(answers={"mail": [BUSY] * 3}), "postman")
    waits = {row.due_at - town.clock.now() for row in town.rows(Delivery, status="refused_for_now")}
    assert len(waits) == 3
    assert all(wait_before(1, 1) <= wait <= wait_before(1) for wait in waits)
    town.house.store.dispose()


def test_other_channels_go_on_while_one_rests(tmp_path: Path) -> None:
    by_web = ROSTER[1].model_copy(update={"id": "TX00", "name": "网上工会", "contacts": {"web": "room-7"}})
    town = opened(tmp_path, [*ROSTER, by_web])
    noted(town, *[BUSY] * FAILURES)
    town.tell()
    post = Post(kinds={"mail": ChannelKind.MAIL, "hook": ChannelKind.WEB})
    assert deliver(town.house, post, "postman", limit=2) == Report(sent=1, failed=1, queued=3)
    assert [message.recipient_address for message in post.messages] == ["room-7"]
    town.house.store.dispose()


def test_mail_server_that_is_dead_for_two_days_delays_and_loses_nothing(tmp_path: Path) -> None:
    town = opened(tmp_path, crowd(7))
    town.tell()
    dead = Channels([config_of(f"hmail://127.0.0.1:{unused_port()}/?from=office@binjiang.example")], tmp_path, town.clock, timeout=1)
    revived = town.clock.now() + timedelta(days=2)
    while (instant := next_departure(town.house)) is not None and instant < revived:
        town.clock.move_to(max(instant, town.clock.now()))
        assert deliver(town.house, dead, "postman").sent == 0
    assert {row.status for row in town.rows(Delivery)} <= {"queued", "refused_for_now", "refused_for_good"}
    assert len(town.rows(Delivery, status="refused_for_good")) == 1  # the unit without any address
    with SmtpReceiver() as receiver:
        living = Channels([config_of(receiver.url())], tmp_path, town.clock, timeout=5)
        while (instant := next_departure(town.house)) is not None:
            town.clock.move_to(max(instant, town.clock.now()))
            deliver(town.house, living, "postman")
        seen = arrivals(town, receiver)
    assert seen.counts == {"sent": 10, "refused_for_good": 1}
    assert (seen.lost, seen.twice, len(seen.times)) == ([], [], 10)
    assert town.clock.now() < revived + timedelta(days=1)
    assert town.rows(ChannelHealth) == []
    town.house.store.dispose()


def test_report_of_a_run_that_only_waits_says_what_waits(tmp_path: Path) -> None:
    town = opened(tmp_path)
    noted(town, *[BUSY] * FAILURES)
    assert town.post(Post()) == Report(failed=1, queued=3)
    town.house.store.dispose()
