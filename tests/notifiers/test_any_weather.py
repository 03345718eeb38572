"""Three deliverers, three channels, deputies and people who leave, in whatever weather: each message arrives once at most, none is lost."""

import random
import re
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from config.channels import ChannelKind
from config.vocabulary import DeliveryStatus as Status
from config.vocabulary import PartyKind
from notifiers.carrying import carry
from notifiers.outgoing import ChannelRefused, NotYet, Outcome, Outgoing, RefusedForGood, RefusedForNow, Sent, Unknown
from notifiers.verdicts import MOST_ATTEMPTS
from states.clock import VirtualClock
from states.commands.roster import RosterEntry
from states.replay import verify
from states.store import Store
from states.tables import Delivery, Notification
from tests.notifiers.rounds import ROSTER, Post, Town, opened

UNITS, STEPS = 12, 40
FINAL = (Sent, Unknown)


class Died(BaseException):
    """The process is gone: nothing catches this."""


class Mortal(Store):
    """A database whose user dies now and then, just before a commit or just behind it; whoever is dead commits nothing more."""

    dice = random.Random(0)
    alive = True

    @contextmanager
    def write(self) -> Iterator[Connection]:
        if not self.alive:
            raise Died
        moment = self.dice.random()
        with super().write() as connection:
            yield connection
            self._die_if(moment < 0.15)
        self._die_if(moment > 0.9)

    def _die_if(self, now: bool) -> None:
        self.alive = not now
        if now:
            raise Died


@dataclass(kw_only=True)
class Weather(Post):
    """The world outside: what it answers to each attempt is drawn, and all attempts are kept by message."""

    dice: random.Random
    clock: VirtualClock
    kinds: dict[str, ChannelKind] = field(
        default_factory=lambda: {"mail": ChannelKind.MAIL, "web": ChannelKind.WEB, "sms": ChannelKind.APPRISE}
    )
    attempts: defaultdict[str, list[tuple[str, str, Outcome]]] = field(default_factory=lambda: defaultdict(list))
    refused: set[str] = field(default_factory=set)
    """Channels that were refused for their own sake: past these a message may leave by another."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._mail_lives_from = self.clock.now() + timedelta(days=2)

    def send(self, message: Outgoing) -> Outcome:
        with self._lock:
            outcome = self._drawn(message.channel)
            self.attempts[message.message_id].append((message.channel, message.recipient_address, outcome))
            if isinstance(outcome, ChannelRefused):
                self.refused.add(message.channel)
            return outcome

    def _drawn(self, channel: str) -> Outcome:
        later = NotYet(self.clock.now() + timedelta(minutes=7))
        answers = (Sent("250"), RefusedForNow("忙"), RefusedForGood("查无此人"), Unknown("没有答复"), ChannelRefused("密钥不对"), later)
        if channel == "mail" and self.clock.now() < self._mail_lives_from:
            return RefusedForNow("没有接通")
        return self.dice.choices(answers, (65, 15, 10, 5, 3, 2))[0]


def unit(dice: random.Random, number: int) -> RosterEntry:
    """Give a unit with some ways to it, perhaps a deputy for some days, perhaps a last day."""
    ways = {"mail": f"{number}@u.example", "mail-2": f"{number}-b@u.example", "web": f"{number}-hook", "phone": f"{number}-138"}
    away = {"deputy": f"TX{number - 1}", "deputy_from": date(2023, 6, 7), "deputy_to": date(2023, 6, 10)} if number % 3 == 1 else {}
    left = {"valid_to": date(2023, 6, 8)} if number % 5 == 4 else {}
    entry = {"id": f"TX{number}", "kind": PartyKind.SUBDISTRICT_UNION, "name": f"街道{number}总工会", "parent": "QB01", **away, **left}
    return RosterEntry.model_validate({**entry, "contacts": {name: address for name, address in ways.items() if dice.random() < 0.6}})


@pytest.fixture(params=[20230606, 20230607])
def dice(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.param)


@pytest.fixture
def town(tmp_path: Path, dice: random.Random) -> Iterator[Town]:
    town = opened(tmp_path, [*ROSTER, *(unit(dice, number) for number in range(UNITS))])
    yield town
    town.house.store.dispose()


def weeks(town: Town, weather: Weather, dice: random.Random) -> int:
    """Let three deliverers work at once for some weeks, who die now and then; then one in peace. Gives how often one died."""
    url, died = town.house.store.engine.url.render_as_string(), 0
    for step in range(STEPS):
        town.clock.move_to(town.clock.now() + timedelta(minutes=dice.choice((5, 10, 30, 60, 300, 600))))
        if step % 3 == 0:
            town.submit(f"张{step}", unit=f"街道{dice.choice((0, 2, 3))}总工会")
        town.tick()
        mortal = [replace(town.house, store=Mortal(url)) for _ in range(3)]
        with ThreadPoolExecutor(3) as pool:
            runs = [pool.submit(carry, house, weather, f"{step}-{n}", at_once=3) for n, house in enumerate(mortal)]
        died += sum(isinstance(run.exception(), Died) for run in runs)
        for run in runs:
            with suppress(Died):
                run.result()
        for house in mortal:
            house.store.dispose()
    for _ in range(60):
        town.clock.move_to(town.clock.now() + timedelta(hours=6))
        carry(town.house, weather, "last")
    return died


def told_of(town: Town) -> set[str]:
    """Give the messages of which it was told that nobody got them."""
    return {key for row in town.rows(Notification, kind="delivery_failed") for key in row.context["undelivered"]}


def test_each_message_arrives_once_at_most_and_what_arrives_nowhere_is_told_of(town: Town, dice: random.Random) -> None:
    weather = Weather(dice=dice, clock=town.clock)
    assert weeks(town, weather, dice) > 0
    rows = {row.id: row for row in town.rows(Delivery)}
    assert {row.status for row in rows.values()} <= {Status.SENT, Status.UNKNOWN, Status.REFUSED_FOR_GOOD}
    assert set(weather.attempts) <= set(rows)
    for key, attempts in weather.attempts.items():
        outcomes = [outcome for _, _, outcome in attempts]
        assert not any(isinstance(outcome, FINAL) for outcome in outcomes[:-1]), attempts
        assert (rows[key].status == Status.REFUSED_FOR_GOOD) <= (not isinstance(outcomes[-1], FINAL)), attempts
        assert (rows[key].status == Status.SENT) <= isinstance(outcomes[-1], Sent), attempts
        assert_ways_follow(attempts, weather.refused)
    failed = {row.id for row in rows.values() if row.status == Status.REFUSED_FOR_GOOD and "不再发送" not in row.answer}
    of_failures = {row.delivery for row in town.rows(Notification, kind="delivery_failed")}
    assert failed - of_failures <= told_of(town)
    assert list(verify(town.house.store, town.house.vault).findings) == []


def assert_ways_follow(attempts: list[tuple[str, str, Outcome]], refused: set[str]) -> None:
    """Hold that a way which refused for good is asked no more, and that its reader is written to by another one only then.

    Or past a channel that was refused for its own sake, and back to it; or after the last attempt of many.
    """
    gone: set[tuple[str, str]] = set()
    for (channel, address, outcome), following in zip(attempts, [*attempts[1:], attempts[-1]], strict=True):
        assert (channel, address) not in gone, attempts
        if isinstance(outcome, RefusedForGood):
            gone.add((channel, address))
        elif following[:2] != (channel, address) and reader(following[1]) == reader(address):
            waited = sum(each[:2] == (channel, address) and isinstance(each[2], RefusedForNow) for each in attempts)
            assert refused & {channel, following[0]} or waited >= MOST_ATTEMPTS, attempts


def reader(address: str) -> str:
    """Name whose address it is: a deputy may read for some days."""
    return re.split("[@-]", address)[0]
