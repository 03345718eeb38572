"""Which way a message takes past channels that are refused for their own sake, and how each of them is found mended."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.channels import ChannelKind
from notifiers.delivery import deliver
from notifiers.outgoing import Outcome, Outgoing, RefusedForGood, RefusedForNow
from notifiers.ways import Refusals, Way
from states.commands.roster import RosterEntry
from states.tables import ChannelHealth, Delivery
from tests.notifiers.arrivals import crowd
from tests.notifiers.refusing import BOTH, DEAD, DEPUTY, Answering, for_hours, refuse, statuses, with_hook
from tests.notifiers.rounds import ROSTER, Post, opened

NOW = datetime(2023, 6, 6, 2, 0, tzinfo=UTC)
MAIL, HOOK = Way("JD01:mail/mail", "mail"), Way("JD01:web/hook", "hook")


def looked(**minutes: int) -> Refusals:
    """A look at channels that rest for so many more minutes."""
    return Refusals({channel: NOW + timedelta(minutes=n) for channel, n in minutes.items()}, NOW)


def test_channel_whose_rest_is_over_is_asked_by_one_and_passed_by_others() -> None:
    look = looked(mail=0)
    assert look.way([MAIL, HOOK]) is MAIL
    look.ask(MAIL)
    assert look.way([MAIL, HOOK]) is HOOK
    assert look.way([MAIL]) is MAIL  # waits behind the one that asks


def test_second_channel_whose_rest_is_over_is_asked_while_the_first_rests() -> None:
    assert looked(mail=5, hook=0).way([MAIL, HOOK]) is HOOK
    assert looked(mail=5, hook=2).way([MAIL, HOOK]) is HOOK  # it opens first
    assert looked(mail=2, hook=5).way([MAIL, HOOK]) is MAIL


def test_channel_that_has_just_refused_this_very_message_is_no_way_for_it() -> None:
    assert looked().way([MAIL, HOOK], {"mail"}) is HOOK
    assert looked().way([MAIL], {"mail"}) is None
    assert looked(hook=5).way([MAIL, HOOK], {"mail"}) is HOOK


def test_only_what_nobody_refused_passes_a_channel_by() -> None:
    assert looked().passable([MAIL, HOOK], {"mail"})
    assert not looked(hook=0).passable([MAIL, HOOK], {"mail"})
    assert not looked().passable([MAIL], {"mail"})


def test_message_of_a_party_with_a_deputy_on_the_same_channel_does_not_keep_the_others(tmp_path: Path) -> None:
    plain = opened(tmp_path, crowd(9))
    plain.tell()
    low = min((row for row in plain.rows(Delivery) if row.recipient != "CY01"), key=lambda row: row.id)
    plain.house.store.dispose()
    roster = [DEPUTY, *(each.model_copy(update={"deputy": DEPUTY.id}) if each.id == low.recipient else each for each in crowd(9))]
    town = opened(tmp_path, roster)
    town.tell()
    refuse(town, "mail")
    for_hours(town, Answering(lambda message: DEAD if message.message_id == low.id else None), 5)
    assert statuses(town) == {"sent": 11, "refused_for_now": 1}
    town.house.store.dispose()


def test_second_channel_that_was_refused_days_ago_is_asked_again_and_takes_all(tmp_path: Path) -> None:
    town = opened(tmp_path, [with_hook(each) for each in ROSTER])
    refuse(town, "hook")
    town.clock.move_to(town.clock.now() + timedelta(days=3))
    town.tell()
    for_hours(town, Post(kinds=BOTH, answers={"mail": [DEAD] * 1000}), 2)
    assert statuses(town).keys() == {"sent"}
    assert [row.channel for row in town.rows(ChannelHealth)] == ["mail"]
    town.house.store.dispose()


def test_both_channels_that_stay_refused_are_asked_by_one_message_after_each_rest(tmp_path: Path) -> None:
    town = opened(tmp_path, [with_hook(each) for each in crowd(30)])
    for channel in BOTH:
        refuse(town, channel)
    town.tell()
    asked = for_hours(town, Post(kinds=BOTH, answers={channel: [DEAD] * 1000 for channel in BOTH}), 3)
    assert statuses(town).keys() <= {"queued", "refused_for_now"}
    assert 4 <= asked["mail"] <= 9  # after 2, 4, 8, 16, and then every 30 minutes
    assert 4 <= asked["hook"] <= 9
    for_hours(town, Post(kinds=BOTH), 2)
    assert statuses(town).keys() == {"sent"}
    town.house.store.dispose()


def test_channel_of_a_deputy_alone_is_used_again_once_it_is_mended(tmp_path: Path) -> None:
    def hooked(entry: RosterEntry) -> RosterEntry:
        return entry.model_copy(update={"contacts": {"web": entry.id}, "deputy": DEPUTY.id if entry.id == "JD01" else None})

    town = opened(tmp_path, [DEPUTY, *map(hooked, ROSTER)])
    town.tell()
    for_hours(town, Post(kinds=BOTH, answers={"mail": [DEAD] * 1000}), 3)
    assert statuses(town).keys() == {"sent"}
    mended = Post(kinds=BOTH)
    for name in ("张建国", "李援朝"):
        town.clock.move_to(town.clock.now() + timedelta(days=1))
        town.submit(name)
        town.tell()
        for_hours(town, mended, 8)
    assert [message.channel for message in mended.messages if message.recipient_address in ("JD01", "deputy@union.example")] == ["mail"] * 2
    assert town.rows(ChannelHealth) == []
    town.house.store.dispose()


def test_file_swallows_nothing_while_a_channel_is_refused(tmp_path: Path) -> None:
    town = opened(tmp_path, [each for each in ROSTER if each.contacts])
    town.tell()
    kinds = {"smtp": ChannelKind.MAIL, "archive": ChannelKind.FILE}
    asked = for_hours(town, Post(kinds=kinds, answers={"smtp": [DEAD] * 1000}), 3)
    assert asked.keys() == {"smtp"}
    assert for_hours(town, Post(kinds=kinds), 2).keys() == {"smtp"}
    assert statuses(town).keys() == {"sent"}
    town.house.store.dispose()


@pytest.mark.parametrize("hook", [None, RefusedForGood("没有这个地址")])
def test_message_that_a_channel_alone_refuses_is_not_asked_again_by_it_at_once(tmp_path: Path, hook: Outcome | None) -> None:
    town = opened(tmp_path, [with_hook(each) if each.id == "TX00000" else each for each in crowd(120)])
    town.tell()

    def answer(message: Outgoing) -> Outcome | None:
        if message.recipient_address == "https://x.example":
            return hook
        return DEAD if message.recipient_address == "u0@union.example" else None

    post = Answering(answer)
    for begun in range(3):
        deliver(town.house, post, f"postman-{begun}")
        (row,) = town.rows(Delivery, recipient="TX00000")
        assert row.status == ("sent" if hook is None else "queued")
        assert Counter(message.channel for message in post.messages if message.message_id == row.id) == {"mail": 1, "hook": 1}
        town.clock.move_to(town.clock.now() + timedelta(minutes=5))
    town.house.store.dispose()


def test_attempts_on_a_channel_are_not_charged_to_the_one_that_passes_it_by(tmp_path: Path) -> None:
    town = opened(tmp_path, [with_hook(each) for each in ROSTER if each.contacts])
    town.tell()
    asked: Counter[str] = Counter()

    def answer(message: Outgoing) -> Outcome | None:
        if message.message_id != mine:
            return None
        asked[message.channel] += 1
        return RefusedForNow("451") if message.channel == "hook" or asked["mail"] <= 18 else DEAD

    mine = town.rows(Delivery, recipient="JD01")[0].id
    for _ in range(200):
        for_hours(town, Answering(answer), 12)
        if asked["hook"] >= 6:
            break
        town.clock.move_to(town.clock.now() + timedelta(hours=1))
    (row,) = town.rows(Delivery, id=mine)
    assert (row.status, row.tried, row.channel) == ("refused_for_now", [], "hook")
    assert row.attempts == asked["hook"] >= 6  # none was used up, and none forgotten, by asking mail in between
    assert asked["mail"] > 19
    town.house.store.dispose()
